"""Jazz vocabulary over any chords: approach notes, enclosures, bebop runs, arpeggios.

Lines aim at chord tones on the beat and fill the notes before them. Pure.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Sequence

from ...music.harmony import Chord, Harmony, Metre, Progression
from ...music.note import Note
from ...music.progression import in_key
from ...protocol.engine import Feel, Style
from .corpus import Solo
from .pitches import EVERY, bebop, nearest, scale, sounding, step
from .placing import played

ON_BEAT_BEATS = 0.17  # an onset nearer to a beat than this counts as on it
LOW, HIGH = 50, 82
LEAST_BARS, MOST_BARS = 16, 40  # of a solo
_TEMPOS_BPM = (80.0, 280.0)
_BOUND = 0.85  # share of beats on which the lines must aim at a chord tone
# Rhythmic cells: beats, onsets in them, weight; the last, sixteenths, only below _SIXTEENTHS_BPM.
_CELLS = (
    (1, (0.0, 0.5), 24),
    (1, (0.0,), 2),
    (1, (0.5,), 2),  # off the beat alone
    (2, (0.0, 1.5), 1),  # dotted
    (1, (0.0, 0.75), 1),
    (1, (0.0, 1 / 3, 2 / 3), 3),
    (1, (0.0, 0.25, 0.5, 0.75), 2),
)
_SIXTEENTHS_BPM = 150.0


def lead_in(target: int, chord: Chord, count: int, rng: random.Random) -> tuple[int, ...]:
    """At most ``count`` (from 1) notes that lead to ``target``, in order, over ``chord``.

    One: a half step from below or above, or a step of the scale. Two: an enclosure, one
    from each side. Three or four: a double enclosure, one side twice or both.
    """
    above = step(target, scale(chord), 1)
    below = step(target, scale(chord), -1)
    words: list[tuple[int, ...]] = [(target - 1,), (target - 1,), (target + 1,), (above,), (below,)]
    if count >= 2:
        words += 2 * [(above, target - 1), (target - 1, above), (target + 1, target - 1)]
    if count >= 3:
        double = (target + 2, target + 1, target - 1), (target - 2, target - 1, target + 1)
        words += 3 * list(double)
    if count >= 4:
        words += 2 * [(target + 2, target + 1, target - 2, target - 1)]
    return rng.choice(words)


def run(pitch: int, chord: Chord, count: int, heading: int) -> tuple[int, ...]:
    """``count`` notes of the bebop scale on from ``pitch``, up (1) or down (-1)."""
    mask = bebop(chord)
    return tuple(step(pitch, mask, heading * number) for number in range(1, count + 1))


def arpeggio(pitch: int, chord: Chord, count: int, heading: int) -> tuple[int, ...]:
    """``count`` chord tones on from ``pitch``; upwards the ninth follows the seventh."""
    way: list[int] = []
    for _ in range(count):
        after = step(pitch, chord.core, heading)
        if heading > 0 and after % 12 == chord.root and 1 <= after - pitch <= 2:
            after = step(after, scale(chord), 1)
        way.append(after)
        pitch = after
    return tuple(way)


def walk(
    onsets: Sequence[float],
    harmony: Harmony,
    pitch: int,
    rng: random.Random,
    low: int,
    high: int,
    bound: float = 0.1,
) -> tuple[int, ...]:
    """A line for ``onsets`` (rising, beats) from about ``pitch``, turning at ``low`` and ``high``.

    It aims at the next onset on a beat or the one after: at a note of the scale, in the share
    ``bound`` of cases at a chord tone. A run, an arpeggio or steps and a lead-in go there.
    """
    if not onsets:
        return ()
    beats = [i for i, onset in enumerate(onsets) if i and on_beat(onset)]
    beats = beats if beats and beats[-1] == len(onsets) - 1 else [*beats, len(onsets) - 1]
    chord = sounding(harmony, onsets[0])
    out = [nearest(pitch, chord.core or EVERY, low, high)]
    heading = rng.choice((-1, 1))
    while len(out) < len(onsets):
        ahead = [(i, sounding(harmony, onsets[i])) for i in beats[bisect_left(beats, len(out)) :]]
        at, following = ahead[0]
        if len(ahead) > 1 and following == chord and rng.random() < 0.5:
            at, following = ahead[1]
        if rng.random() < 0.3:
            heading = -heading
        heading = 1 if out[-1] < low + 7 else -1 if out[-1] > high - 7 else heading
        tones = following.core if rng.random() < bound else scale(following)
        count = at - len(out)
        way = _way(out[-1], chord, tones, count, heading, rng)
        out += [max(low, min(high, note)) for note in way[:-1]]
        out.append(nearest(way[-1], tones, low, high))
        chord = following
    return tuple(out)


def _way(
    pitch: int, chord: Chord, tones: int, count: int, heading: int, rng: random.Random
) -> tuple[int, ...]:
    """A run, an arpeggio, or steps and a lead-in: ``count`` notes and the target after them."""
    word = rng.random()
    if count and word < 0.3:
        return run(pitch, chord, count + 1, heading)
    if count and word < 0.5 and not chord.silent:
        return arpeggio(pitch, chord, count + 1, heading)
    reach = rng.choice((1, 2, 2, 3)) + round(1.3 * count)
    target = nearest(pitch + heading * reach, tones)
    end = lead_in(target, chord, count, rng) if count else ()
    goal = end[0] if end else target
    way: list[int] = []
    for _ in range(count - len(end)):
        pitch = step(pitch, scale(chord), 1 if goal > pitch else -1)
        way.append(pitch)
    return (*way, *end, target)


def on_beat(onset_beats: float) -> bool:
    return abs(onset_beats - round(onset_beats)) < ON_BEAT_BEATS


def phrase(
    at_beats: float, end_beats: float, harmony: Harmony, pitch: int, bpm: float, rng: random.Random
) -> tuple[Note, ...]:
    """A written phrase on the grid from ``at_beats``, its last note before ``end_beats``."""
    cells = _CELLS if bpm < _SIXTEENTHS_BPM else _CELLS[:-1]
    places: list[float] = []
    at = at_beats - at_beats % 1
    while at < end_beats:
        beats, inside, _ = rng.choices(cells, [weight for _, _, weight in cells])[0]
        places += [at + place for place in inside if at_beats <= at + place < end_beats]
        at += beats
    places = places or [at_beats]
    pitches = list(walk(places, harmony, pitch, rng, LOW, HIGH, _BOUND))
    _turn_triplets(places, pitches, harmony)
    _anticipate(places, pitches, rng)
    ends = [*places[1:], places[-1] + rng.choice((0.5, 0.5, 1.0, 1.5))]
    return tuple(
        Note(place, p, _velocity(i, places, pitches), min(1.5, end - place))
        for i, (place, p, end) in enumerate(zip(places, pitches, ends, strict=True))
    )


def _turn_triplets(places: Sequence[float], pitches: list[int], harmony: Harmony) -> None:
    """The three notes of a triplet as a turn: the first, the one above it, the first again."""
    for i in range(len(places) - 2):
        if places[i] % 1 == 0 and 0 < places[i + 2] - places[i] < 0.7:
            mask = scale(sounding(harmony, places[i]))
            pitches[i + 1] = min(HIGH, step(pitches[i], mask, 1))
            pitches[i + 2] = pitches[i]


def _anticipate(places: list[float], pitches: list[int], rng: random.Random) -> None:
    """Move some notes on the beat an eighth earlier, in place; they keep their pitch."""
    for i in range(len(places) - 1, 0, -1):
        closing = i == len(places) - 1
        if places[i] % 1 or rng.random() > (0.35 if closing else 0.25):
            continue
        if places[i] - places[i - 1] >= 1:
            places[i] -= 0.5
        elif closing and i > 1 and places[i] - places[i - 1] == 0.5:
            del places[i - 1], pitches[i - 1]
            places[i - 1] -= 0.5


def _velocity(i: int, places: Sequence[float], pitches: Sequence[int]) -> int:
    """Accents on peaks, more so off the beat; notes between eighths are lighter."""
    around = pitches[max(0, i - 1) : i + 2]
    peak = pitches[i] == max(around) and len(set(around)) > 1
    off_beat = places[i] % 1 == 0.5
    return 76 + (12 if off_beat else 6) * peak - (8 if places[i] * 2 % 1 else 0)


def changes(progressions: Sequence[Progression], rng: random.Random) -> tuple[Harmony, float]:
    """One of the 4/4 ``progressions`` in any key, and how many beats of it to play.

    Raises ValueError when none is in 4/4.
    """
    usable = [form for form in progressions if form.metre == Metre()]
    if not usable:
        raise ValueError("no progression in 4/4")
    form = in_key(rng.choice(usable), rng.randrange(12))
    return Harmony(form), 4.0 * min(MOST_BARS, max(LEAST_BARS, form.form_bars))


def vocabulary_solos(progressions: Sequence[Progression], count: int, seed: int) -> list[Solo]:
    """``count`` solos of vocabulary over ``progressions``, in phrases of one to four bars
    with rests; the same seed gives the same ones."""
    rng = random.Random(seed)
    return [_solo(number, progressions, rng) for number in range(count)]


def _solo(number: int, progressions: Sequence[Progression], rng: random.Random) -> Solo:
    harmony, end = changes(progressions, rng)
    bpm = rng.uniform(*_TEMPOS_BPM)
    written: list[Note] = []
    at, pitch = rng.choice((0.0, 0.5, 1.0, 1.5)), rng.randrange(58, 74)
    while at < end - 2:
        until = min(end - 1, at + rng.choice((3, 4, 6, 8, 8, 12, 16)))
        written += phrase(at, until, harmony, pitch, bpm, rng)
        pitch = nearest(written[-1].pitch + rng.randrange(-7, 8), EVERY, LOW + 4, HIGH - 4)
        at = round(2 * written[-1].end_beats) / 2 + rng.choice((1, 1.5, 2, 2.5, 3))
    notes = played(written, bpm, Feel.SWING, rng)
    return Solo(
        f"vocabulary-{number}", "train", bpm, harmony, notes, style=Style.BEBOP, feel=Feel.SWING
    )
