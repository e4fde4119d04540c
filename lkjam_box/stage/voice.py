"""The melody among the keys of two hands, a guitar or one voice: followed key by key. Pure.

A key is judged when it goes down, at once, and again while it is young: what it belongs to may
show later, when the right hand comes 40 ms after the left, or a slur ends. Then it is settled. Who
plays one key at a time is believed, whatever he leaps; only keys that sound together are parted. Of
a chord or strum the top is the melody. Once a left hand is known, :mod:`.hands` tells them apart.
"""

from __future__ import annotations

from math import inf
from statistics import fmean

from .hands import SURE, Hands
from .keys import (
    BOUNCE_S,
    GHOST_STEPS,
    MOMENT_S,
    SLUR_S,
    YOUNG_S,
    Key,
    hand_of,
    is_beneath,
    is_under,
    overlap_s,
    sounds_with,
    together,
)

FIRST_KEYS = 12  # of a player are open until a left hand shows, or they are all of one voice
NAKED_STEPS = 7  # a chord so far below the melody on either side is the left hand's
LONE_KEYS, LONE_S = 16, 8.0  # of the left hand in a turn, one by one, for so long: a melody
DOUBT, DOUBT_S = 3.0, 4.0  # a score so near 0 waits, so long at most, for the melody's next note
_MOST_WAIT = 16  # keys


class Voice:
    """``press`` and ``release`` keys; ``young`` are those that may still be judged anew.

    What has settled since is returned, in order of onset: its ``melody`` stays. But ``alone``
    waits: the left hand's last keys, if it struck one at a time and no other key came.
    """

    def __init__(self, hands: Hands | None = None) -> None:
        self.young: list[Key] = []
        self.alone: list[Key] = []
        self._hands = hands or Hands()
        self._past: list[Key] = []  # settled, but down or near enough to count
        self._down: list[Key] = []  # of these and the young
        self._cover: Key | None = None  # the melody's note that what comes may lie under
        self._unknown = True  # the player has only begun

    def press(self, key: Key) -> list[Key]:
        settled = self._settle(key.on_s)
        for old in [old for old in self._down if old.pitch == key.pitch]:
            old.off_s, old.end_beats = key.on_s, key.onset_beats
            self._down.remove(old)
            key.restruck = True
        for other in self._moment(key):
            low, high = (other, key) if key.pitch > other.pitch else (key, other)
            if high.pitch - low.pitch in GHOST_STEPS and high.velocity * 2 < low.velocity:
                high.ghost_of = low
        self.young.append(key)
        self._down.append(key)
        self._judge(key.on_s, key.on_s - MOMENT_S)
        return settled

    def release(self, time_s: float, beat: float, pitch: int, least_s: float = 0.0) -> list[Key]:
        """End the key of ``pitch`` that is down; one shorter than ``least_s`` never was."""
        settled = self._settle(time_s)
        for key in [key for key in self._down if key.pitch == pitch]:
            if key.restruck and time_s - key.on_s < BOUNCE_S:
                key.restruck = False  # this ends the stroke before
                continue
            key.off_s, key.end_beats = time_s, beat
            self._down.remove(key)
            if time_s - key.on_s < least_s and key in self.young:
                self.young.remove(key)
            self._judge(time_s, key.on_s - MOMENT_S)
        return settled

    def down(self) -> list[Key]:
        """The keys that are down."""
        return self._down.copy()

    # --- inside

    def _judge(self, now_s: float, since_s: float) -> None:
        """Say anew of what was struck after ``since_s`` whether it is melody, and the last time of
        what is no longer young: by the melody's note before it and, where that leaves a doubt, by
        the one after it, once there is one."""
        line, cover, old_s = self._hands.line, self._cover, now_s - YOUNG_S
        for key in self.young:
            if not key.aged and not old_s <= key.on_s <= since_s:
                self._judge_key(key, line, cover, now_s)
                key.aged = key.on_s < old_s
            if key.melody:
                line = key if key.score >= SURE else line
                if cover is None or cover.pitch <= key.pitch or cover.off_s < inf:
                    cover = key
        after: Key | None = None
        for key in reversed(self.young):
            if key.aged and _doubtful(key) and after and after.on_s - key.on_s > MOMENT_S:
                score = key.score
                self._judge_key(key, after, None, now_s)
                key.score = (key.score + score) / 2
                key.melody, key.weighed = key.score > 0, True
            if key.melody and key.score >= SURE:
                after = key

    def _judge_key(self, key: Key, line: Key | None, cover: Key | None, now_s: float) -> None:
        ghost = key.ghost_of is not None and key.is_ghost(now_s)
        with_it = self._moment(key)
        if with_it:
            with_it = [
                other
                for other in with_it
                if together(key, other, now_s)
                and (other.ghost_of is None or not other.is_ghost(now_s))
            ]
        if cover is not None and (
            cover.pitch <= key.pitch
            or key.on_s - cover.on_s < MOMENT_S
            or not together(key, cover, now_s)
        ):
            cover = None
        key.score = inf
        if ghost or (with_it and is_under(key, with_it, now_s)):
            key.score = -inf
        elif line is not None and self._hands.know_left(key.on_s):
            key.score = self._hands.score(key, line, cover, with_it)
        elif cover is not None and is_beneath(key, cover, now_s):
            key.score = -inf
        key.melody = key.score > 0

    def _moment(self, key: Key) -> list[Key]:
        """The other keys that were struck about when ``key`` was."""
        since_s, until_s = key.on_s - MOMENT_S, key.on_s + MOMENT_S
        return [
            other
            for keys in (self._past, self.young)
            for other in keys
            if since_s < other.on_s < until_s and other is not key
        ]

    def _hand(self, key: Key) -> list[Key]:
        return hand_of(key, self._moment(key))

    def _settle(self, now_s: float) -> list[Key]:
        settled: list[Key] = []
        old_s = now_s - YOUNG_S
        if not self.young or self.young[0].on_s >= old_s:
            return settled
        self._judge(now_s, now_s)
        if self._unknown and self._meet(now_s):
            for key in self.young:
                key.aged = False
            self._judge(now_s, -inf)
        while self.young and self.young[0].on_s < old_s and not self._unknown:
            key = self.young[0]
            if _doubtful(key) and key.on_s > now_s - DOUBT_S and len(self.young) < _MOST_WAIT:
                break
            settled += self._learn(key)
            near_s = key.on_s - YOUNG_S
            past = [old for old in self._past if old.off_s == inf or old.on_s > near_s]
            self._past = [*past, self.young.pop(0)]
        return settled

    def _meet(self, now_s: float) -> bool:
        """Look among a player's first keys for a left hand, to measure the others by: a key under
        the melody's, or a chord well below the single keys around it."""
        old = [key for key in self.young if key.on_s < now_s - YOUNG_S]
        line = [key for key in self.young if key.melody]
        single = [key for key in old if key.melody and len(self._hand(key)) == 1]
        for key in old:
            if key.melody:
                before = [o for o in single if o.on_s < key.on_s][-1:]
                over = [o for o in single if o.on_s > key.on_s][:1]
                around = [o.pitch - key.pitch for o in (*before, *over)]
                left = key not in single and min(around, default=0) >= NAKED_STEPS
            else:
                over = [o for o in line if o.pitch > key.pitch]
                over = [o for o in over if overlap_s(key, o, now_s) > SLUR_S]
                left = not key.ghost_of and not self._is_mate(key)
            if left and over:
                middle = (key.pitch + over[0].pitch) / 2
                upper = [o for o in line if o.pitch > middle]
                self._hands.line, self._hands.line_pitch = upper[0], fmean(o.pitch for o in upper)
                self._hands.learn_left(key)
                self._unknown = False
                return True
        few = FIRST_KEYS if len(single) == len(old) else 2 * FIRST_KEYS
        self._unknown = sum(key.melody for key in old) < few and len(old) < 3 * FIRST_KEYS
        return False

    def _learn(self, key: Key) -> list[Key]:
        """Learn from a key that is settled now; returns all that are settled with it."""
        if key.melody:
            self._hands.learn_line(key, len(self._hand(key)) > 1)
            cover = self._cover
            if cover is None or cover.pitch <= key.pitch or cover.off_s < inf:
                self._cover = key
        elif key.ghost_of is None and not self._is_mate(key):
            self._hands.learn_left(key)
            others = (other for other in (*self._past, *self.young) if other is not key)
            if not any(sounds_with(key, other) for other in others):
                return self._lone(key)
        alone, self.alone = self.alone, []
        return [*alone, key]

    def _lone(self, key: Key) -> list[Key]:
        """A key of the left hand with no other: of many, with no right hand, comes a melody."""
        if self.alone and self.alone[-1].turn != key.turn:
            before, self.alone = self.alone, [key]
            return before
        self.alone.append(key)
        if len(self.alone) < LONE_KEYS or key.on_s - self.alone[0].on_s < LONE_S or key.turn < 0:
            return []
        alone, self.alone = self.alone, []
        for lone in alone:
            lone.melody, lone.score = True, inf
            self._hands.learn_line(lone, False)
        self._hands.forget_left()
        self._unknown = True
        return alone

    def _is_mate(self, key: Key) -> bool:
        """Whether the melody's hand struck the key, under its note."""
        return any(other.melody and other.pitch > key.pitch for other in self._hand(key))


def _doubtful(key: Key) -> bool:
    return -DOUBT < key.score < DOUBT and not key.weighed
