"""Keys that went down, and what two of them are to each other: chord, slur, cover. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf

import msgspec

YOUNG_S = 0.2  # what a key belongs to shows within this
MOMENT_S = 0.085  # two hands that mean one moment strike within this
CHORD_S = 0.025  # from one key of a chord or strum to the next; a 32nd at 300 BPM lasts 25 ms
MATES_S, MATES_STEPS = 0.014, 12  # the same where it is surely one hand
REACH = 17  # semitones from the highest to the lowest key of one hand, at most
TOUCH_S, SLUR_S, LONG_SLUR_S = 0.008, 0.045, 0.1  # overlaps: none, the usual one, the longest
BOUNCE_S = 0.012  # one key's strokes on two channels, or an end that is the stroke's before
GHOST_S, GHOST_STEPS = 0.1, (12, 19, 24)  # a string's ghost is shorter, and so far above it
_HAIR_S = 0.001  # no hand is so fast; rounding may add it to an overlap


class Key(msgspec.Struct, eq=False):
    """A key that went down; ``melody`` says what it is taken for."""

    on_s: float
    onset_beats: float
    pitch: int
    velocity: int
    channel: int = 0
    turn: int = -1  # serial of the turn it belongs to
    in_range: bool = True  # of what is listened to
    off_s: float = inf
    end_beats: float = inf
    melody: bool = True
    score: float = inf  # above 0 is melody
    aged: bool = False  # not young, and judged since
    weighed: bool = False  # its doubt was settled
    restruck: bool = False  # before its last stroke was ended
    ghost_of: Key | None = None

    def doubles(self, other: Key) -> bool:
        """Whether it was played once with ``other`` but sent twice, as by two layers."""
        within_s = _HAIR_S if self.channel == other.channel else BOUNCE_S
        return self.pitch == other.pitch and self.on_s - other.on_s < within_s

    def is_ghost(self, now_s: float) -> bool:
        """Whether it is the soft, short overtone of a string: so far, as long as it is down."""
        string = self.ghost_of
        return (
            string is not None
            and min(self.off_s, now_s) - self.on_s < GHOST_S
            and overlap_s(self, string) > _HAIR_S
        )


def overlap_s(a: Key, b: Key, now_s: float = inf) -> float:
    return min(a.off_s, b.off_s, now_s) - max(a.on_s, b.on_s)


def together(a: Key, b: Key, now_s: float) -> bool:
    """Whether two keys are meant to sound together; as long as both are down they may be."""
    if a.off_s == b.off_s == inf:
        return True
    shared_s = overlap_s(a, b)
    if shared_s >= SLUR_S or shared_s <= TOUCH_S:
        return shared_s >= SLUR_S
    return shared_s >= 0.6 * max(min(a.off_s, now_s) - a.on_s, min(b.off_s, now_s) - b.on_s)


def sounds_with(a: Key, b: Key) -> bool:
    """Whether two keys are one chord's, or sound together beyond any slur."""
    return overlap_s(a, b) > (TOUCH_S if abs(a.on_s - b.on_s) < CHORD_S else LONG_SLUR_S)


def is_under(key: Key, with_it: Iterable[Key], now_s: float) -> bool:
    """Whether a key lies under another of its chord or strum, or of the other hand."""
    for other in with_it:
        if other.pitch > key.pitch and (
            abs(other.on_s - key.on_s) < CHORD_S or overlap_s(key, other, now_s) >= LONG_SLUR_S
        ):
            return True
    return False


def is_beneath(key: Key, cover: Key, now_s: float) -> bool:
    """Whether a key came and went under one that is held, or is down with it beyond any slur."""
    return cover.off_s > key.off_s + TOUCH_S or overlap_s(key, cover, now_s) >= YOUNG_S


def hand_of(key: Key, moment: Sequence[Key]) -> list[Key]:
    """The key and those of its moment that the same hand struck with it, one after the other."""
    hand = [key]
    if not moment:
        return hand
    for other in sorted(moment, key=lambda other: abs(other.on_s - key.on_s)):
        if any(_is_mate(other, mate) for mate in hand):
            hand.append(other)
    return hand


def _is_mate(a: Key, b: Key) -> bool:
    return abs(a.on_s - b.on_s) < MATES_S and abs(a.pitch - b.pitch) <= MATES_STEPS
