"""Held-out human calls and what the human played next: windows of whole bars."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import replace

from ..brain.engine import Scene
from ..music.note import Note
from ..training.corpus import Solo
from .exchange import Exchange

EARLY_BEATS = 0.125  # a note this little before a line belongs behind it


def windows(solo: Solo, bars: int = 4, least: int = 6) -> list[Exchange]:
    """Every two neighbouring windows of ``bars`` bars with ``least`` notes each.

    The first window begins at the bar line before the first note. The call is one window, the
    answer the next, which is the call of the exchange after: exchanges overlap. A note less
    than ``EARLY_BEATS`` before a line belongs behind it; what sounds over a line is cut there.
    Ids are ``<solo>:<bar of the call, from the start of the form>``.
    """
    bar_beats = solo.harmony.progression.metre.bar_beats
    origin = solo.harmony.origin_beats
    # Where the notes are looked for: strictly less than EARLY_BEATS early is behind the line.
    late = [note.onset_beats + EARLY_BEATS for note in solo.notes]
    first_bar = math.floor((late[0] - origin) / bar_beats)
    line = origin + first_bar * bar_beats
    scenes: list[Scene] = []
    turns: list[tuple[Note, ...]] = []
    while line < late[-1]:
        end = line + bars * bar_beats
        scenes.append(Scene(line, end, solo.harmony, solo.bpm, style=solo.style, feel=solo.feel))
        inside = solo.notes[bisect_right(late, line) : bisect_right(late, end)]
        turns.append(tuple(_cut(note, end) for note in inside))
        line = end
    return [
        Exchange(
            id=f"{solo.id}:{first_bar + i * bars}",
            call=turns[i],
            call_scene=scenes[i],
            answer=turns[i + 1],
            scene=scenes[i + 1],
        )
        for i in range(len(turns) - 1)
        if len(turns[i]) >= least and len(turns[i + 1]) >= least
    ]


def _cut(note: Note, end: float) -> Note:
    if note.end_beats <= end:
        return note
    return replace(note, duration_beats=end - note.onset_beats)
