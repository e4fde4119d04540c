"""Copying: how long a run of notes an answer shares with the training set. Pure.

A suffix automaton (Blumer et al. 1985) of all training solos knows every run they hold,
of any length, so that a match is followed note by note. Two alphabets: intervals alone,
which finds a run in any key and rhythm, and intervals with the time between onsets to the
nearest power of two.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence

import numpy as np

from ...music.note import Note
from ..training.similarity import intervals, rhythm

Notes = Sequence[Note]
PERCENTILES = (50, 95, 100)


class Automaton:
    """Every run of symbols that occurs in ``sequences``. Built in time linear in them."""

    def __init__(self, sequences: Iterable[Sequence[Hashable]]) -> None:
        self._next: list[dict[Hashable, int]] = [{}]
        self._link, self._length = [-1], [0]
        for sequence in sequences:
            last = 0  # no run goes from one sequence into the next
            for symbol in sequence:
                last = self._add(last, symbol)

    def _add(self, last: int, symbol: Hashable) -> int:
        """The state of the sequence so far with ``symbol`` after state ``last``."""
        onward, link, length = self._next, self._link, self._length
        there = onward[last].get(symbol)
        if there is not None:  # known from an earlier sequence
            return there if length[there] == length[last] + 1 else self._split(last, symbol, there)
        new = self._state({}, 0, length[last] + 1)
        state = last
        while state >= 0 and symbol not in onward[state]:
            onward[state][symbol] = new
            state = link[state]
        if state >= 0:
            there = onward[state][symbol]
            close = length[there] == length[state] + 1
            link[new] = there if close else self._split(state, symbol, there)
        return new

    def _split(self, state: int, symbol: Hashable, there: int) -> int:
        """Split state ``there``: its shorter runs go to a copy, which is returned."""
        onward, link, length = self._next, self._link, self._length
        twin = self._state(onward[there].copy(), link[there], length[state] + 1)
        link[there] = twin
        while state >= 0 and onward[state].get(symbol) == there:
            onward[state][symbol] = twin
            state = link[state]
        return twin

    def _state(self, onward: dict[Hashable, int], link: int, length: int) -> int:
        self._next.append(onward)
        self._link.append(link)
        self._length.append(length)
        return len(self._next) - 1

    def longest(self, symbols: Iterable[Hashable]) -> int:
        """Length of the longest run of ``symbols`` that occurs in a sequence."""
        state = run = best = 0
        for symbol in symbols:
            while state and symbol not in self._next[state]:
                state = self._link[state]
                run = self._length[state]
            there = self._next[state].get(symbol)
            if there is None:
                run = 0
            else:
                state, run = there, run + 1
            best = max(best, run)
        return best


class Copying:
    """The longest run that notes share with the training solos."""

    def __init__(self, train: Iterable[Notes]) -> None:
        train = list(train)
        self._intervals = Automaton(map(intervals, train))
        self._steps = Automaton(map(steps, train))

    def longest_runs(self, notes: Notes) -> tuple[int, int]:
        """(by intervals, by intervals and rhythm), in notes; 0 without a shared interval."""
        found = self._intervals.longest(intervals(notes)), self._steps.longest(steps(notes))
        by_interval, by_step = (run + 1 if run else 0 for run in found)
        return by_interval, by_step

    def figures(self, answers: Iterable[Notes]) -> dict[str, dict[str, float]]:
        """``{"intervals": {"p50", "p95", "max", "n"}, "intervals_rhythm": {…}}``, in notes.

        A percentile is the shortest length that so many per cent of the runs do not exceed.
        """
        runs = [self.longest_runs(notes) for notes in answers]
        out: dict[str, dict[str, float]] = {}
        for name, column in (("intervals", 0), ("intervals_rhythm", 1)):
            found = [run[column] for run in runs] or [0]
            middle, high, longest = np.percentile(found, PERCENTILES, method="inverted_cdf")
            out[name] = {"p50": int(middle), "p95": int(high), "max": int(longest), "n": len(runs)}
        return out


def steps(notes: Notes) -> list[tuple[int, int]]:
    """Intervals with the time to the next onset as the nearest power of two."""
    return list(zip(intervals(notes), rhythm(notes), strict=True))
