"""Held-out human calls and what the human played next: windows of whole bars."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence

from msgspec.structs import replace

from ...music.note import Note
from ...protocol.engine import Scene
from .corpus import Solo
from .exchange import Exchange

EARLY_BEATS = 0.125  # a note less than this before a line counts as after it


def windows(solo: Solo, bars: int = 4, least: int = 6) -> list[Exchange]:
    """An exchange for every two neighbouring windows of ``bars`` bars and ``least`` notes or more.

    The first window begins at the bar line before the first note. The call is one window, the
    answer the next, which is also the call of the next exchange: exchanges overlap. A note less
    than ``EARLY_BEATS`` before a line counts as after it; one that sounds over a line is cut.
    Ids are ``<solo>:<bar of the call, from the start of the form>``.
    """
    bar_beats = solo.harmony.progression.metre.bar_beats
    origin = solo.harmony.origin_beats
    first_bar = math.floor((solo.notes[0].onset_beats + EARLY_BEATS - origin) / bar_beats)
    line = origin + first_bar * bar_beats
    scenes: list[Scene] = []
    turns: list[tuple[Note, ...]] = []
    while line < solo.notes[-1].onset_beats + EARLY_BEATS:
        end = line + bars * bar_beats
        scenes.append(Scene(line, end, solo.harmony, solo.bpm, style=solo.style, feel=solo.feel))
        turns.append(between(solo.notes, line, end))
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


def between(notes: Sequence[Note], start_beats: float, end_beats: float) -> tuple[Note, ...]:
    """The notes of a turn, from line to line. A note less than ``EARLY_BEATS`` before a line
    counts as after it; one that sounds over the second line is cut there."""
    late = [note.onset_beats + EARLY_BEATS for note in notes]
    inside = notes[bisect_right(late, start_beats) : bisect_right(late, end_beats)]
    return tuple(
        replace(note, duration_beats=min(note.duration_beats, end_beats - note.onset_beats))
        for note in inside
    )
