"""How much an answer is made of its call: intervals, contour, rhythm. Pure.

Defined as the shared data's README does (end of section 6): 1 - edit distance / longer
length, of the sequences of intervals, of their signs, and of the inter-onset times rounded to
the nearest power of two (in the logarithm). ``tests/lab/training/test_similarity.py`` recomputes
its figures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ...music.note import Note

F64 = npt.NDArray[np.float64]
CONTOUR_POINTS = 32
_SHORTEST_BEATS = 1 / 64  # two onsets at once have no logarithm


def intervals(notes: Sequence[Note]) -> list[int]:
    """Semitones from each note to the next: one fewer than notes."""
    return [b.pitch - a.pitch for a, b in pairwise(notes)]


def contour(notes: Sequence[Note]) -> list[int]:
    """Signs of the intervals: -1 down, 0 repeated, 1 up."""
    return [(step > 0) - (step < 0) for step in intervals(notes)]


def rhythm(notes: Sequence[Note]) -> list[int]:
    """Inter-onset times as powers of two of a beat: 0 a quarter note, -1 an eighth."""
    return [
        round(math.log2(max(b.onset_beats - a.onset_beats, _SHORTEST_BEATS)))
        for a, b in pairwise(notes)
    ]


def edit_distance(a: Sequence[int], b: Sequence[int]) -> int:
    """Levenshtein: fewest insertions, deletions and exchanges that make ``b`` of ``a``."""
    before = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        left = i
        row = [left]
        for y, diagonal, above in zip(b, before, before[1:], strict=False):
            if x == y:
                left = diagonal
            else:  # comparisons are faster than min(), and training calls this often
                if above < left:
                    left = above
                if diagonal < left:
                    left = diagonal
                left += 1
            row.append(left)
        before = row
    return before[-1]


def edit_similarity(a: Sequence[int], b: Sequence[int]) -> float:
    """1 - edit distance / longer length: 1 the same, 0 nothing in common; nan if both are empty."""
    longer = max(len(a), len(b))
    return 1.0 - edit_distance(a, b) / longer if longer else math.nan


def interval_similarity(call: Sequence[Note], answer: Sequence[Note]) -> float:
    """:func:`edit_similarity` of the intervals; nan if neither has two notes."""
    return edit_similarity(intervals(call), intervals(answer))


def contour_similarity(call: Sequence[Note], answer: Sequence[Note]) -> float:
    """:func:`edit_similarity` of the signs of the intervals."""
    return edit_similarity(contour(call), contour(answer))


def rhythm_similarity(call: Sequence[Note], answer: Sequence[Note]) -> float:
    """:func:`edit_similarity` of the inter-onset times."""
    return edit_similarity(rhythm(call), rhythm(answer))


def contour_correlation(call: Sequence[Note], answer: Sequence[Note]) -> float:
    """Pearson's r of the two pitch curves by note index; nan if one is flat or under two notes.

    Each curve is drawn linearly through its notes, evenly spaced, and read at
    ``CONTOUR_POINTS`` points from its first to its last note.
    """
    if len(call) < 2 or len(answer) < 2:
        return math.nan
    a, b = _curve(call), _curve(answer)
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 1e-9 else math.nan


def _curve(notes: Sequence[Note]) -> F64:
    """Pitch at ``CONTOUR_POINTS`` evenly spaced indices, around 0."""
    index = np.linspace(0.0, len(notes) - 1.0, CONTOUR_POINTS)
    curve = np.interp(index, np.arange(len(notes)), [note.pitch for note in notes])
    centred: F64 = curve - curve.mean()
    return centred
