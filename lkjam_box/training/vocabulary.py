"""The words of the idiom, on any changes: approach notes, enclosures, bebop runs, arpeggios.

Lines aim at chord tones on the beat and fill the way there. Pure.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from ..music.harmony import Chord, Harmony
from .basics import nearest, scale, sounding

ON_BEAT_BEATS = 0.17  # an onset this near to a beat is meant on it


def bebop(chord: Chord) -> int:
    """:func:`..basics.scale` with the half step that keeps chord tones on the beat.

    The major seventh over chords with a minor seventh, the flat sixth over the others.
    """
    if chord.silent:
        return 0xFFF
    added = 11 if chord.core >> (chord.root + 10) % 12 & 1 else 8
    return scale(chord) | 1 << (chord.root + added) % 12


def step(pitch: int, mask: int, steps: int) -> int:
    """``pitch`` moved by ``steps`` notes of ``mask``; between its notes it goes to the next one."""
    heading = 1 if steps > 0 else -1
    for _ in range(abs(steps)):
        pitch += heading
        for _ in range(12):
            if mask >> (pitch % 12) & 1:
                break
            pitch += heading
    return pitch


def lead_in(target: int, chord: Chord, count: int, rng: random.Random) -> tuple[int, ...]:
    """At most ``count`` notes that lead to ``target``, in order, over ``chord``.

    One: a half step from below or above, or a step of the scale. Two: an enclosure, one
    from each side. Three or four: a double enclosure, each side twice or once.
    """
    above = step(target, scale(chord), 1)
    below = step(target, scale(chord), -1)
    words: list[tuple[int, ...]] = [(target - 1,), (target - 1,), (target + 1,), (above,), (below,)]
    if count >= 2:
        words += 2 * [(above, target - 1), (target - 1, above), (target + 1, target - 1)]
    if count >= 3:
        words += [(above, target + 1, target - 1), (target - 2, target - 1, above)]
    if count >= 4:
        words += [(above, target + 1, target - 2, target - 1)]
    return rng.choice(words)


def fill(pitch: int, target: int, count: int, chord: Chord, rng: random.Random) -> tuple[int, ...]:
    """``count`` notes over ``chord`` between ``pitch`` and ``target``: run or arpeggio, and
    mostly a lead-in at the end."""
    end = lead_in(target, chord, count, rng) if count and rng.random() < 0.6 else ()
    goal = end[0] if end else target
    way: list[int] = []
    arpeggio = rng.random() < 0.35
    for left in range(count - len(end), 0, -1):
        heading = 1 if goal > pitch else -1
        mask = chord.core if arpeggio and not chord.silent else bebop(chord)
        if abs(goal - pitch) < 2 * left and not arpeggio:  # no hurry: turn away first
            heading = -heading if left > 1 else heading
        pitch = step(pitch, mask, heading)
        way.append(pitch)
    return (*way, *end)


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

    Where an onset is on a beat it aims at a note of the scale, in ``bound`` of the cases at a
    chord tone for sure; the way there is filled.
    """
    if not onsets:
        return ()
    chord = sounding(harmony, onsets[0])
    out = [nearest(pitch, chord.core or 0xFFF, low, high)]
    heading = rng.choice((-1, 1))
    last = 0
    for at in range(1, len(onsets)):
        if not on_beat(onsets[at]) and at + 1 < len(onsets):
            continue
        count = at - last - 1
        if rng.random() < 0.3:
            heading = -heading
        heading = 1 if out[-1] < low + 5 else -1 if out[-1] > high - 5 else heading
        chord = sounding(harmony, onsets[at])
        tones = chord.core if rng.random() < bound else scale(chord)
        reach = rng.choice((1, 2, 2, 3)) + round(1.3 * count)
        target = nearest(out[-1] + heading * reach, tones, low, high)
        before = sounding(harmony, onsets[at - 1])
        way = fill(out[-1], target, count, before, rng)
        out += [max(low, min(high, note)) for note in way] + [target]
        last = at
    return tuple(out)


def on_beat(onset_beats: float) -> bool:
    return abs(onset_beats - round(onset_beats)) < ON_BEAT_BEATS
