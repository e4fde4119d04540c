"""A few bars of every layer of the training data, for :mod:`.preview` to draw.

Without the shared data the human solos and pairs are left out, and the call that the
strategies answer is generated.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ...music.harmony import Harmony, Progression
from ...music.library import SHIPPED
from ...music.note import Note
from ...music.progression import load_progressions, yaml_files
from ...protocol.engine import Feel, Role, Strategy, Style
from .basics import generate
from .calls import between
from .corpus import Solo, load
from .leadsheets import load_leadsheets
from .motifs import developed, new_motif
from .pairs import load_pairs
from .placing import played
from .replies import reply
from .similarity import contour_correlation, interval_similarity
from .vocabulary import changes, vocabulary_solos

BAR_BEATS = 4.0
BARS = 8  # of a panel
_HALF_BEATS = BAR_BEATS * BARS / 2
_MADE = (Strategy.CONTINUATION, Strategy.IMITATION, Strategy.INVERSION, Strategy.CONTRAST)
_CLEAN_CALLS = 400  # windows tried in search of a call that ends with a rest


@dataclass(frozen=True, slots=True)
class Part:
    """Notes of one player, or one development of a motif."""

    name: str
    notes: tuple[Note, ...]
    role: Role
    strategy: Strategy = Strategy.FREE


@dataclass(frozen=True, slots=True)
class Panel:
    """``BARS`` bars from ``start_beats``; at ``lines`` turns begin."""

    layer: str
    title: str
    bpm: float
    harmony: Harmony
    start_beats: float
    parts: tuple[Part, ...]
    lines: tuple[float, ...] = ()


def panels(data: Path, seed: int) -> list[Panel]:
    """A panel for each layer and strategy; ``data`` is the shared data's folder, which may be
    missing. The same seed gives the same panels. Raises FileError."""
    rng = random.Random(seed)
    solos = load(data) if data.is_dir() else []
    forms = _progressions(data)
    found = [_basic(Style.SWING, seed), _basic(Style.POP, seed)]
    if solos:
        found.append(_human(rng.choice([s for s in solos if s.feel == Feel.SWING]), rng))
    made = vocabulary_solos(forms, 20, seed)
    found += [_vocabulary(made[0]), _motif(forms, rng)]
    if solos:
        found.append(_pair(solos, data, rng))
    return found + _exchange(solos or made, bool(solos), rng)


def _progressions(data: Path) -> Sequence[Progression]:
    if data.is_dir():
        return load_leadsheets(data).progressions
    return [form for file in yaml_files(SHIPPED) for form in load_progressions(file)]


def _basic(style: Style, seed: int) -> Panel:
    solo = next(solo for solo in generate(40, seed) if solo.style == style)
    name = solo.harmony.progression.name
    how = "pop, even and on the grid" if style == Style.POP else "swung as humans do"
    return _one_player("Basic", f"by rule, {how}: {name}", solo, 0.0, Role.BOX)


def _vocabulary(solo: Solo) -> Panel:
    name = solo.harmony.progression.name
    what = "generated vocabulary (approach notes, enclosures, bebop runs, triplets)"
    return _one_player("Advanced", f"{what}: {name}", solo, 0.0, Role.BOX)


def _human(solo: Solo, rng: random.Random) -> Panel:
    bars = int((solo.notes[-1].onset_beats - solo.harmony.origin_beats) // BAR_BEATS)
    start = solo.harmony.origin_beats + BAR_BEATS * rng.randrange(2, max(3, bars - BARS))
    return _one_player("Advanced", f"human solo: {solo.title}", solo, start, Role.HUMAN)


def _one_player(layer: str, title: str, solo: Solo, start: float, role: Role) -> Panel:
    notes = between(solo.notes, start, start + 2 * _HALF_BEATS)
    parts = (Part("player" if role == Role.HUMAN else "by rule", notes, role),)
    return Panel(layer, title, solo.bpm, solo.harmony, start, parts)


def _motif(forms: Sequence[Progression], rng: random.Random) -> Panel:
    """Two turns of four bars on one motif."""
    harmony, _ = changes(forms, rng)
    bpm = rng.uniform(100.0, 200.0)
    parts: list[Part] = []
    motif = new_motif(harmony, 0.0, bpm, rng)
    for line in (0.0, _HALF_BEATS):
        for name, written in developed(motif, line, line + _HALF_BEATS, harmony, rng):
            parts.append(Part(name, played(written, bpm, Feel.SWING, rng), Role.BOX))
    title = f"motif development within a turn: {harmony.progression.name}"
    return Panel("Advanced", title, bpm, harmony, 0.0, tuple(parts), (0.0, _HALF_BEATS))


def _pair(solos: Sequence[Solo], data: Path, rng: random.Random) -> Panel:
    """A unit of six notes or more, and the player's variation right after it, about as long."""
    by_id = {solo.id: solo for solo in solos}
    pairs = [pair for pair in load_pairs(data) if pair.solo in by_id and pair.back == 1]
    rng.shuffle(pairs)
    for pair in pairs:
        solo = by_id[pair.solo]
        call = solo.notes[pair.call[0] : pair.call[1] + 1]
        response = solo.notes[pair.response[0] : pair.response[1] + 1]
        start = _bar_before(solo.harmony, call[0].onset_beats)
        alike = 6 <= len(call) <= 2 * len(response) <= 4 * len(call)
        if alike and start + 10 < response[-1].end_beats < start + 28:
            break
    parts = (
        Part("call", call, Role.HUMAN),
        Part(f"answer: {pair.kind}", response, Role.BOX),
    )
    title = f"human call and answer, annotated: {solo.title}"
    lines = (call[0].onset_beats, response[0].onset_beats)
    return Panel("Expert", title, solo.bpm, solo.harmony, start, parts, lines)


def _exchange(solos: Sequence[Solo], human: bool, rng: random.Random) -> list[Panel]:
    """A panel for each strategy's answer to one and the same call; turns of four bars."""
    solo, start, call = _call(solos, rng)
    line, end = start + _HALF_BEATS, start + 2 * _HALF_BEATS
    found = []
    for strategy in _MADE:
        notes = reply(call, start, strategy, solo.harmony, line, end, rng, 50, 82)
        likeness, bend = interval_similarity(call, notes), contour_correlation(call, notes)
        title = (
            f"{strategy.name.lower()} of {solo.title if human else 'a generated call'}: "
            f"intervals kept {likeness:.2f}, contour r {bend:+.2f}"
        )
        parts = (
            Part("call", call, Role.HUMAN),
            Part(f"answer: {strategy.name.lower()}", notes, Role.BOX, strategy),
        )
        found.append(
            Panel("Expert", title, solo.bpm, solo.harmony, start, parts, (start, line, end))
        )
    return found


def _call(solos: Sequence[Solo], rng: random.Random) -> tuple[Solo, float, tuple[Note, ...]]:
    """(solo, first beat, notes) of a four-bar call over chords, ended by a rest of about a beat."""
    best: tuple[float, Solo, float, tuple[Note, ...]] | None = None
    for _ in range(_CLEAN_CALLS):
        solo = rng.choice(solos)
        first = _bar_before(solo.harmony, solo.notes[0].onset_beats)
        room = int((solo.notes[-1].onset_beats - first) // BAR_BEATS) - BARS
        if room < 1:
            continue
        start = first + BAR_BEATS * rng.randrange(room)
        notes = between(solo.notes, start, start + _HALF_BEATS)
        if not 10 <= len(notes) <= 26:
            continue
        rest = start + _HALF_BEATS - notes[-1].end_beats
        silent = any(
            solo.harmony.chord_at(start + beat).silent for beat in range(int(2 * _HALF_BEATS))
        )
        cost = abs(rest - 1.0) + 10 * silent
        if best is None or cost < best[0]:
            best = cost, solo, start, notes
    if best is None:
        raise ValueError("no solo with a call of four bars")
    return best[1:]


def _bar_before(harmony: Harmony, beat: float) -> float:
    origin = harmony.origin_beats
    return origin + BAR_BEATS * math.floor((beat - origin) / BAR_BEATS)
