"""Capture: the human's turn as one melody, told to the brain note by note. Pure.

Which keys are melody is for :mod:`.voice` to say, and it may think better of the last ones: then
they are told anew from the first that changed, or withdrawn. A later note ends the one before.
"""

from __future__ import annotations

from math import inf

from ..config.options import Listen
from ..music.note import Note
from ..protocol.records import Heard, Released, Turn, Withdrawn
from .hands import SURE
from .keys import CHORD_S, Key
from .voice import Voice

Telling = Heard | Released | Withdrawn


class Capture:
    """``begin`` a human turn, ``press`` and ``release`` keys, ``end`` it: the records to send.

    ``listen`` may be set anew at any time. Keys are followed between turns, too.
    """

    def __init__(self, early_beats: float, listen: Listen | None = None) -> None:
        self.count = 0  # how many records of this turn told of a note, or took one back
        self.listen = listen or Listen()
        self.takes_last = False  # the key pressed last seems to be melody
        self._early_beats = early_beats
        self._voice = Voice()
        self._turn: Turn | None = None
        self._serial, self._start_beats = -1, 0.0  # of this turn, or of the last one
        self._line: list[Key] = []  # settled notes of the turn's melody
        self._rest: list[Key] = []  # and what is settled to be none
        self._told: list[tuple[Key, float]] = []  # the notes as they were told, with their ends
        self._settled = 0  # how many of them stay as they are
        self._sure = False  # a settled note is melody without a doubt
        self._aside: list[Key] = []  # keys that are down beyond the range listened to
        self._now_s = 0.0  # when a key last moved

    def begin(self, turn: Turn) -> list[Telling]:
        """Begin a turn. The melody's note that was struck up to ``early_beats`` before its line,
        and is down, is in it."""
        self._turn, self.count = turn, 0
        self._serial, self._start_beats = turn.serial, turn.start_beats
        self._line, self._rest, self._told = [], [], []
        self._settled, self._sure = 0, False
        first = turn.start_beats - self._early_beats
        early = [key for key in self._voice.down() if first <= key.onset_beats < turn.end_beats]
        for key in early:
            key.turn = turn.serial
        return self._take([key for key in early if key not in self._voice.young])

    def press(
        self, time_s: float, beat: float, pitch: int, velocity: int, channel: int = 0
    ) -> list[Telling]:
        self._now_s, self.takes_last = time_s, False
        if self.listen.channel not in (0, channel + 1) or velocity < self.listen.least_velocity:
            return []
        turn = self._turn.serial if self._turn else -1
        key = Key(time_s, beat, pitch, velocity, channel=channel, turn=turn)
        if not self.listen.low <= pitch <= self.listen.high:
            key.melody = key.in_range = False
            self._aside.append(key)
            return self._take([key])
        for other in self._voice.down():
            if other.pitch == pitch and key.doubles(other):
                return []
        settled = self._voice.press(key)
        self.takes_last = key.melody
        return self._take(settled)

    def release(self, time_s: float, beat: float, pitch: int, channel: int = 0) -> list[Telling]:
        self._now_s = time_s
        if self.listen.channel not in (0, channel + 1):
            return []
        if self._aside:
            for key in [key for key in self._aside if key.pitch == pitch]:
                key.off_s, key.end_beats = time_s, beat
                self._aside.remove(key)
        return self._take(self._voice.release(time_s, beat, pitch, self.listen.least_ms / 1000))

    def lift(self, beat: float) -> list[Telling]:
        """End every key: the keyboard is gone, so its keys count as up."""
        told: list[Telling] = []
        for key in [*self._voice.down(), *self._aside]:
            told += self.release(self._now_s, beat, key.pitch, self.listen.channel - 1)
        return told

    def end(self, line_beats: float) -> list[Telling]:
        """End the turn; a note that is still held ends at ``line_beats``. Nothing else is told: an
        answer made from the whole call may be on its way."""
        if self._turn is None:
            return []
        told = self._tell(line_beats)
        self._turn = None
        return told

    def again(self) -> list[Telling]:
        """The turn so far, for somebody who has not heard of it."""
        self._told, self._settled, self.count = [], 0, 0
        return self._tell()

    def comping(self) -> list[Note]:
        """What was played beside the melody in this turn, or the last one. The length of a note
        whose key is down is infinite."""
        melody = {id(key) for key, _ in self._told}
        return [
            Note(key.onset_beats, key.pitch, key.velocity, key.end_beats - key.onset_beats)
            for key in self._others()
            if id(key) not in melody
        ]

    # --- inside

    def _take(self, settled: list[Key]) -> list[Telling]:
        for key in settled:
            if key.turn != self._serial:
                continue
            if key.melody:
                self._add(self._line, key)
                self._sure = self._sure or key.score >= SURE
            else:
                self._rest.append(key)
        return self._tell() if self._turn else []

    def _add(self, line: list[Key], key: Key) -> None:
        """Go on with ``key``, in place of a last note that had no time to sound in this turn."""
        if line and self._onset(line[-1]) >= self._onset(key):
            line.pop()
        line.append(key)

    def _onset(self, key: Key) -> float:
        return max(key.onset_beats, self._start_beats)

    def _others(self) -> list[Key]:
        """The keys of the turn that were taken for none of the melody's, in order of onset."""
        young = (key for key in self._voice.young if not key.melody)
        keys = [*self._rest, *self._voice.alone, *young]
        mine = [key for key in keys if key.turn == self._serial and key.ghost_of is None]
        return sorted(mine, key=lambda key: key.on_s)

    def _reading(self, first: int) -> list[Key]:
        """The melody from note ``first`` on, as it seems now; as long as none surely came, the top
        of what was played."""
        line = self._line[first:]
        for key in self._voice.young:
            if key.melody and key.turn == self._serial:
                self._add(line, key)
        if self._sure or any(key.score >= SURE for key in line):
            return line
        keys, line = sorted([*line, *self._others()], key=lambda key: key.on_s), []
        for key in keys:
            if key.in_range and not (line and key.on_s - line[-1].on_s < CHORD_S):
                self._add(line, key)
            elif key.in_range and key.pitch > line[-1].pitch:
                line[-1] = key
        return line

    def _tell(self, until_beats: float = inf) -> list[Telling]:
        """Tell what has changed in the reading: all from the first note that did."""
        serial, first = self._serial, self._settled
        line, now, end = self._reading(first), [], until_beats
        start = self._start_beats
        for key in reversed(line):
            now.append((key, key.end_beats if key.end_beats < end else end))
            end = key.onset_beats if key.onset_beats > start else start
        now.reverse()
        before, self._told[first:] = self._told[first:], now
        self._settled = settled = max(len(self._line) - 1, 0) if self._sure else 0
        if now == before:
            return []
        same, most = 0, min(len(before), len(now))
        while same < most and before[same] == now[same]:
            same += 1
        told: list[Telling] = []
        if same == len(before) - 1 and same < len(now):
            (key, end), (again, ends_now) = before[same], now[same]
            if key is again and end == inf:
                told.append(Released(serial, first + same + 1, ends_now))
                same += 1
        if same < len(before) and same == len(now):
            told.append(Withdrawn(serial, first + same + 1))
            self.count += 1
        for number, (key, end) in enumerate(now[same:], first + same + 1):
            onset, still = self._onset(key), max(number - settled, 1)
            told.append(Heard(serial, number, key.pitch, key.velocity, onset, still))
            self.count += 1
            if end < inf:
                told.append(Released(serial, number, end))
        return told
