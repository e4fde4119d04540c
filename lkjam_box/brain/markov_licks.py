"""The steps the Markov engine knows before it has heard anyone: common jazz licks.

Written for this box from the idiom's building blocks (scale runs, arpeggios, enclosures,
chromatic approaches, bebop descents, pentatonics), not taken from anyone's solo.
"""

from __future__ import annotations

from .suffixes import START, Step, Suffixes, symbol

# twelfths of a beat for each step (repeated as needed), then intervals in semitones
_LICKS: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((6,), (2, 2, 1, 2, -2, -1, -2, -2)),  # up the scale and back
    ((6,), (-2, -1, -2, -2, -2, -1, 3, 2)),  # down the scale, turning
    ((6,), (-1, -2, -2, -1, -2, 5, -2, -1)),
    ((6,), (4, 3, 4, -2, -2, -1, -2, -2)),  # arpeggio up, scale down
    ((6,), (3, 4, 3, 4, -2, -1, -2, -2)),
    ((6,), (3, 4, 3, -1, -2, -2, -1, -2)),
    ((6,), (-3, -4, -3, 2, 1, 2, 2, -3)),  # arpeggio down, scale up
    ((6,), (-4, -3, -3, 2, 2, 1, 2, 2)),
    ((6,), (-1, -1, -1, -2, -1, -2, -2, 3)),  # bebop descents
    ((6,), (-2, -1, -1, -2, -2, -1, 4, 3)),
    ((6,), (-3, 1, 1, 2, -2, -1, -2, 5)),  # enclosures
    ((6,), (2, -3, 1, 4, 3, -2, -1, -2)),
    ((6,), (-1, 3, -1, -1, 4, 3, -2, -2)),
    ((6,), (1, -2, 1, 3, 4, -1, -2, -2)),
    ((6,), (1, 1, 1, 2, 2, -2, -1, -2)),  # chromatic approach from below
    ((6,), (3, 2, 2, 3, -3, -2, -2, -3)),  # pentatonic
    ((6,), (2, 3, 2, 2, -2, -2, -3, 2)),
    ((6,), (5, -1, -2, -2, 5, -2, -1, -2)),
    ((4, 4, 4, 6, 6), (2, 1, 2, 2, -2, -1, -2)),  # triplet pick-ups
    ((4, 4, 4, 6, 6), (3, 4, 3, -1, -2, -2, -2)),
    ((4, 4, 4), (-2, -1, 3, -2, -1, 3, 2)),
    ((6, 12, 6, 12), (2, 3, -2, -3, 5, -2)),  # with rests between notes
    ((12, 6, 6, 18), (-2, 2, 3, -1, -2, 4)),
    ((6, 6, 12), (2, 1, 2, -3, -2, 5, -2)),
    ((18, 6, 12, 12), (-2, -1, 3, 4, -2, -3)),
    ((3, 3, 6), (1, -1, -2, 2, 1, 2, -3)),  # turns (the ornament)
    ((6, 6, 6, 18), (-2, -2, -3, 5, 2, -2, -3)),
)

# Intervals inside phrases of the Weimar corpus (shared data, section 6), rounded to shares.
STEP_SHARES = (
    (0, 1), (1, 5), (-1, 5), (2, 5), (-2, 5), (3, 3), (-3, 3), (4, 2), (-4, 2), (5, 1), (-5, 1),
)  # fmt: skip
STEPS: list[Step] = [(0, twelfths, 0.85) for twelfths in (6, 6, 6, 6, 6, 12)]  # rhythm only


def _vocabulary() -> Suffixes:
    words = Suffixes()
    for rhythm, intervals in _LICKS:
        context = [START]
        for index, interval in enumerate(intervals):
            twelfths = rhythm[index % len(rhythm)]
            words.learn(context, (interval, twelfths, 0.9 if twelfths < 9 else 0.75))
            context.append(symbol(interval, twelfths))
    return words


VOCABULARY = _vocabulary()
