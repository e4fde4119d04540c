"""Pitches over chords: scales, bebop scales, nearest notes and steps along a scale. Pure.

A mask is 12 bits, bit *n* is pitch class *n*.
"""

from __future__ import annotations

from functools import lru_cache

from ...music.harmony import Chord, Harmony

EVERY = 0xFFF
_ALL_PITCHES = 127


@lru_cache(maxsize=2048)
def scale(chord: Chord) -> int:
    """Mask of the scale that players use over ``chord``; without a chord all twelve notes.

    Core and tensions, filled up by second, fourth, sixth and seventh where they have none:
    the natural ones, but a flat sixth over half-diminished chords, a minor seventh over minor
    and sus triads, and whole and half steps in turn over diminished sevenths.
    """
    if chord.silent:
        return EVERY
    here = {(pc - chord.root) % 12 for pc in range(12) if (chord.core | chord.tensions) >> pc & 1}
    flat_five = {3, 6} <= here and 4 not in here
    if flat_five and 9 in here:
        here |= {2, 5, 8, 11}
    if not here & {1, 2} and not {3, 4} <= here:
        here.add(2)
    if not here & {5, 6} or flat_five:
        here.add(5)
    if not here & {8, 9}:
        here.add(8 if flat_five else 9)
    if not here & {10, 11}:
        here.add(11 if 4 in here or chord.core_has(chord.root + 9) else 10)
    return sum(1 << (chord.root + interval) % 12 for interval in here)


@lru_cache(maxsize=2048)
def bebop(chord: Chord) -> int:
    """:func:`scale` with the half step that keeps chord tones on the beat: the major seventh
    over chords with a minor seventh, the flat sixth over the others."""
    if chord.silent:
        return EVERY
    added = 11 if chord.core >> (chord.root + 10) % 12 & 1 else 8
    return scale(chord) | 1 << (chord.root + added) % 12


def sounding(harmony: Harmony, onset_beats: float) -> Chord:
    """The chord a note is heard over: that of the nearest sixteenth, as players push and lag
    by up to a tenth of a beat (shared data README, section 4)."""
    return harmony.chord_at(round(onset_beats * 4) / 4)


def nearest(pitch: int, mask: int, low: int = 0, high: int = _ALL_PITCHES) -> int:
    """The pitch of ``mask`` nearest to ``pitch`` within ``low`` .. ``high``, the lower of two
    equally near; ``pitch`` itself, clipped to the range, where the mask has none."""
    pitch = max(low, min(high, pitch))
    for distance in (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5, 6, -6):
        if low <= pitch + distance <= high and mask >> ((pitch + distance) % 12) & 1:
            return pitch + distance
    return pitch


def step(pitch: int, mask: int, steps: int) -> int:
    """``pitch`` moved by ``steps`` notes of ``mask``; from between two, a step goes to the next."""
    if not mask:
        return pitch + steps
    heading = 1 if steps > 0 else -1
    for _ in range(abs(steps)):
        pitch += heading
        while not mask >> (pitch % 12) & 1:
            pitch += heading
    return pitch


def steps_between(pitch: int, goal: int, mask: int) -> int:
    """Steps along ``mask`` from ``pitch`` to ``goal`` or just past it; downwards negative."""
    heading = 1 if goal > pitch else -1
    steps = 0
    while heading * (goal - step(pitch, mask, heading * steps)) > 0:
        steps += 1
    return heading * steps
