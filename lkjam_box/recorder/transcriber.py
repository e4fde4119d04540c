"""From what the stage tells to entries of a journal. Pure."""

from __future__ import annotations

from math import ceil

from ..midi.messages import ALL_NOTES_OFF_CC, CONTROL_CHANGE
from ..music.harmony import Harmony
from ..music.library import Libraries, Library
from ..protocol.records import Paced, Part, Record, SetBegan, SetEnded, Sounded, Turn, TurnBegan
from .journal import Began, Ended, Entry, Message, Tempo, Turned

LOST_BEATS = 64.0  # a set that goes on within this after its stage died is the same set
_STEP_BEATS = 1 / 960  # chords are at least so long, whatever rounding says
_DIGITS = 5  # of a beat: finer than a tick of the file


class Transcriber:
    """``hear`` gives the entries that a record makes: :class:`Began` first, :class:`Ended` last.

    Nothing is given before the first turn: only that tells the bars. ``running``: the recorder was
    started again in the middle of a set, and goes on with its journal.
    """

    def __init__(self, libraries: Libraries, running: bool = False) -> None:
        self._libraries = libraries
        self._running = running
        self._last = 0.0  # beat of what was heard last
        self._began: float | None = None
        self._early: list[Entry] = []  # what came before the first turn

    def set_library(self, library: Library) -> None:
        self._libraries.add(library)

    def hear(self, record: Record) -> list[Entry]:
        match record:
            case SetBegan(beats) if self._running and 0 <= beats - self._last < LOST_BEATS:
                # A new stage goes on where one died; what that one had struck was ended.
                return [Message(_rounded(beats), Part.BOX, CONTROL_CHANGE, ALL_NOTES_OFF_CC, 0)]
            case SetBegan(beats):
                was, self._running = self._running, False
                self._began, self._early = beats, []
                return [Ended(0.0)] if was else []  # the set before ends with its last entry
            case SetEnded(beats):
                was, self._running, self._began = self._running, False, None
                self._early = []
                return [Ended(_rounded(beats))] if was else []
            case TurnBegan(turn):
                self._last = turn.start_beats
                return self._turned(turn)
            case Paced(beats, bpm):
                return self._take(Tempo(_rounded(beats), round(bpm, 3)))
            case Sounded(beats, part, status, data1, data2):
                self._last = beats
                return self._take(Message(_rounded(beats), part, status, data1, data2))
        return []

    def _take(self, entry: Entry) -> list[Entry]:
        if self._running:
            return [entry]
        self._early.append(entry)
        return []

    def _turned(self, turn: Turn) -> list[Entry]:
        progression = self._libraries.of(turn.library).get(turn.progression, turn.transpose)
        metre = progression.metre
        chords = []
        harmony, beat = Harmony(progression, turn.origin_beats), turn.start_beats
        while beat < turn.end_beats:
            chords.append((_rounded(beat), harmony.chord_at(beat).symbol))
            beat += max(harmony.next_chord(beat)[1], _STEP_BEATS)
        start, title = _rounded(turn.start_beats), f"{progression.name} in {progression.key}"
        turned = Turned(start, turn.loop, turn.seat, title, metre.count, metre.unit, tuple(chords))
        if self._running:
            return [turned]
        began = self._began
        if began is None:
            began = self._early[0].beats if self._early else turn.start_beats
        early, self._early, self._began, self._running = self._early, [], None, True
        bars = ceil((turn.origin_beats - began) / metre.bar_beats - 1e-6)
        zero = turn.origin_beats - bars * metre.bar_beats
        return [Began(_rounded(began), zero), *early, turned]


def _rounded(beats: float) -> float:
    return round(beats, _DIGITS)
