"""Diversity: how often a player repeats itself, in an answer and across answers. Pure.

N-grams are of intervals, so a run counts as the same in every key; an n-gram of n
intervals lies within one answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from statistics import fmean

from ...music.note import Note
from ..training.similarity import intervals

Notes = Sequence[Note]
REPEATED = 4  # intervals in a run that counts as repeated
LONGEST = 5


def ngrams(notes: Notes, n: int) -> list[tuple[int, ...]]:
    """All runs of ``n`` intervals, in order."""
    found = intervals(notes)
    return [tuple(found[i : i + n]) for i in range(len(found) - n + 1)]


def repeated_within(notes: Notes, n: int = REPEATED) -> float | None:
    """Share of an answer's n-grams that occur earlier in it; None when it is too short."""
    found = ngrams(notes, n)
    return 1 - len(set(found)) / len(found) if found else None


def repeated_across(answers: Sequence[Notes], n: int = REPEATED) -> float:
    """Share of all n-grams that occur in another answer, too."""
    holders = Counter(gram for notes in answers for gram in set(ngrams(notes, n)))
    found = [gram for notes in answers for gram in ngrams(notes, n)]
    return sum(holders[gram] > 1 for gram in found) / len(found) if found else 0.0


def distinct(answers: Sequence[Notes], n: int, limit: int = 0) -> float:
    """Different n-grams over all n-grams; of the first ``limit`` of them unless that is 0.

    The share falls with their number: compare players at the same ``limit`` only.
    """
    found = [gram for notes in answers for gram in ngrams(notes, n)]
    found = found[: limit or len(found)]
    return len(set(found)) / len(found) if found else 0.0


def figures(answers: Sequence[Notes], limits: Sequence[int] = (0,) * LONGEST) -> dict[str, float]:
    """``repeated_within`` (mean), ``repeated_across``, ``distinct_1`` … ``distinct_5``."""
    within = [share for notes in answers if (share := repeated_within(notes)) is not None]
    return {
        "repeated_within": fmean(within) if within else 0.0,
        "repeated_across": repeated_across(answers),
        **{f"distinct_{n}": distinct(answers, n, limits[n - 1]) for n in range(1, LONGEST + 1)},
        "answers": len(answers),
        "notes": sum(map(len, answers)),
    }


def counts(answers: Sequence[Notes]) -> list[int]:
    """How many n-grams there are, n = 1 … 5."""
    return [sum(max(0, len(notes) - n) for notes in answers) for n in range(1, LONGEST + 1)]


def across_seeds(takes: Sequence[Sequence[Notes]]) -> dict[str, float]:
    """Answers to the same call with different seeds; ``takes`` has one row per call.

    ``shared``: mean share of an answer's 4-grams that another answer to the same call has,
    over all pairs. ``identical``: share of pairs with the same pitches throughout.
    """
    shared, same = [], []
    for answers in takes:
        for one, other in combinations(answers, 2):
            mine, theirs = ngrams(one, REPEATED), set(ngrams(other, REPEATED))
            if mine:
                shared.append(sum(gram in theirs for gram in mine) / len(mine))
            same.append([x.pitch for x in one] == [x.pitch for x in other])
    return {
        "shared": fmean(shared) if shared else 0.0,
        "identical": fmean(same) if same else 0.0,
        "pairs": len(same),
    }
