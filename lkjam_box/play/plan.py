"""The plan of a virtual set: options, one progression in its key, loops and calls."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from pathlib import Path

from ..config.load import load_config, override
from ..config.options import Config
from ..music.harmony import Progression
from ..music.library import Library, load_library
from ..music.note import Note
from ..music.progression import in_key
from ..protocol.records import HUMAN
from ..turns.grid import seats_of
from .player import calls_for, human_spans, within
from .take_files import read_player

DEFAULT_PROGRESSION = "Jazz blues"
DEFAULT_BPM = 140.0
DEFAULT_LOOPS = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """``calls`` begin at the first line, as ``tempo`` does: (beat, BPM)."""

    config: Config
    library: Library
    progression: Progression
    calls: tuple[Note, ...]
    tempo: tuple[tuple[float, float], ...]
    loops: int
    seed: int


def make_plan(
    *,
    call: Path | None = None,
    progression: str = "",
    key: str = "",
    bpm: float = 0.0,
    loops: int = 0,
    seed: int = 1,
    changes: dict[str, object] | None = None,
    options: Path | None = None,
) -> Plan:
    """A plan from what the command line says; 0 and '' leave a choice to us.

    With ``call`` the loops are as many as the file needs, up to the box's last answer, and the
    tempo is its own; what it plays outside the human's loops is left out. Raises FileError,
    OptionError and ProgressionError.
    """
    ours: dict[str, object] = {"turns.loops": 0}
    if options is None:
        ours["metronome.when"] = "always"  # so that a listener hears the beat
    config = override(load_config(options), {**ours, **(changes or {})})
    library, errors = load_library(config.music)
    if errors and config.music.folder:
        raise errors[0]
    name = progression or config.music.progression or DEFAULT_PROGRESSION
    tune = library.get(library.find(name))
    if key:
        tune = in_key(tune, key)
    tempo: tuple[tuple[float, float], ...] = ((0.0, bpm or DEFAULT_BPM),)
    notes: tuple[Note, ...] = ()
    if call is not None:
        played = read_player(call)
        notes = played.notes
        tempo = tempo if bpm else played.tempo
        loops = loops or _loops_for(config, tune, max(note.onset_beats for note in notes))
    loops = loops or tune.loops or DEFAULT_LOOPS
    spans = human_spans(config, tune, loops)
    if call is None:
        notes = calls_for(tune, spans, seed=seed, bpm=tempo[0][1])
    else:
        notes = within(notes, spans, config.turns.early_beats)
    changed = {"turns.loops": loops, "music.progression": tune.name, "brain.seed": seed}
    config = override(config, changed)
    return Plan(config, Library(0, (tune,)), tune, notes, tempo, loops, seed)


def _loops_for(config: Config, tune: Progression, last_onset: float) -> int:
    """Loops until the box has answered the last note."""
    seats = seats_of(config.turns.line_up)
    turn = (config.turns.turn_bars or tune.turn_bars) * tune.metre.bar_beats
    loops = max(ceil((last_onset + 1e-6) / turn), 1)
    while HUMAN in seats and seats[(loops - 1) % len(seats)] == HUMAN and len(seats) > 1:
        loops += 1
    return loops
