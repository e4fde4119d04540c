"""From a written line to a played one: swing, lag, accents. Pure.

Written notes lie on the grid: beats, halves, thirds and quarters of them. Figures of the
placing are medians of humans by tempo: shared data README, section 6, "Swing".
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence

from msgspec.structs import replace

from ...music.note import Note
from ...protocol.engine import Feel

_TEMPO_EDGES_BPM = (100.0, 140.0, 180.0, 220.0)
_OFF_BEAT_BEATS = (0.51, 0.54, 0.58, 0.59, 0.55)  # place of the off-beat eighth, by tempo
_LAG_MS = (26.0, 27.0, 23.0, 17.0, 6.0)  # of notes on the beat
_SPREAD_MS = 12.0
_EVEN_SPREAD_MS = 3.0
_SHORTEST_BEATS = 1 / 16
_MOST_AIR_BEATS = 0.2


def off_beat_beats(bpm: float) -> float:
    """Where in the beat humans put the off-beat eighth when they swing."""
    return _OFF_BEAT_BEATS[bisect_right(_TEMPO_EDGES_BPM, bpm)]


def lag_beats(bpm: float) -> float:
    """How late humans play the notes on a beat, in beats."""
    return _LAG_MS[bisect_right(_TEMPO_EDGES_BPM, bpm)] * bpm / 60_000


def played(written: Sequence[Note], bpm: float, feel: Feel, rng: random.Random) -> tuple[Note, ...]:
    """``written`` as a player places it; EVEN is straight and on the grid within a few ms.

    Halves and quarters of a beat swing, thirds stay. Notes keep their order, never overlap
    and leave a short gap to the next.
    """
    even = feel == Feel.EVEN
    place = 0.5 if even else off_beat_beats(bpm)
    lag = 0.0 if even else lag_beats(bpm)
    spread = (_EVEN_SPREAD_MS if even else _SPREAD_MS) * bpm / 60_000
    out: list[Note] = []
    for note in written:
        drift = max(-2 * spread, min(2 * spread, rng.gauss(0.0, spread)))
        onset = swung(note.onset_beats, place) + lag + drift
        end = swung(note.end_beats, place) + lag
        if out:
            onset = max(onset, out[-1].onset_beats + _SHORTEST_BEATS)
            if out[-1].end_beats > onset:
                out[-1] = replace(out[-1], duration_beats=onset - out[-1].onset_beats)
        air = min(_MOST_AIR_BEATS, (end - onset) * rng.uniform(0.03, 0.22))
        duration = max(_SHORTEST_BEATS, end - onset - air)
        velocity = max(24, min(120, round(note.velocity + rng.gauss(0.0, 7.0))))
        out.append(Note(max(0.0, onset), note.pitch, velocity, duration))
    return tuple(out)


def swung(beats: float, place: float) -> float:
    """Straight ``beats`` swung: the off-beat eighth of a beat moves to ``place``; thirds stay."""
    whole, part = divmod(beats, 1.0)
    if part * 4 % 1:
        return beats
    return whole + (2 * part * place if part <= 0.5 else place + (2 * part - 1) * (1 - place))
