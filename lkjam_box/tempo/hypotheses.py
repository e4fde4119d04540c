"""What may have happened to a clock that does not come when foretold. Pure.

When an alarm says that ticks have been off for a while, rival hypotheses are followed through
them from just before: nothing happened; the tempo changed, a little or much; the grid moved;
both; ticks were lost, or sent twice. The likeliest is believed, if it beats "nothing happened" by
a margin, and by a larger one where ticks came late, for most late ticks are just late. A lost tick
is believed only when three ticks since then fit it: a stalled sender catches up, and then nothing
was lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import inf

from ..midi.messages import TICKS_PER_BEAT
from .tick_filter import FilterState, Heard, coast, gate_s, tell, told

CONFIRM_TICKS = 3  # that must fit a hypothesis
PATIENCE_TICKS = 5  # how many a hypothesis of lost ticks that nearly fits is given
LOST_AT_MOST = 2 * TICKS_PER_BEAT
# Noise beyond which no tick is called lost. A sender that stumbles for about a tick's length and
# goes on looks just the same; sound cards and laptops (over .4 ms) stumble often, DIN and USB (.2
# and .3 ms) lose ticks rather. Over JACK one stumble in five was taken for a lost tick.
SURE_S = 0.00039  # of the wire at its calmest
SURE = 0.12  # of the wire now, as part of a period

_CHANGE_COST, _MOVE_COST, _LATE_COST = 10.0, 14.0, 20.0
_TEMPO_VARIANCES = (0.002, 0.25, 25.0)  # of the period, in periods squared
_GRID_VARIANCE = 0.25
_BACK_TICKS = 2  # an alarm may date the change too late by so many
_STARTS = 5
_SPARE = 20.0  # a hypothesis of lost ticks may be likelier by so much than the one it came from


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state from now on, how many ticks were lost (less than 0: came twice), whether the
    grid moved, and by how much all this is likelier than "nothing happened"."""

    state: FilterState
    lost: int
    moved: bool
    margin: float


class NoVerdict(Enum):
    """Why the state stays."""

    NOTHING = "nothing happened"
    TOO_EARLY = "the next ticks will tell"


def judge(
    past: Sequence[Heard], ticks: int, late: bool, noise_s: float, calm_s: float
) -> Verdict | NoVerdict:
    """What happened about ``ticks`` ticks ago? ``calm_s`` is the noise at its calmest."""
    count = len(past)
    first = max(0, count - max(ticks, CONFIRM_TICKS) - _BACK_TICKS)
    nothing = told(past[first:], noise_s)
    best: Verdict | None = None
    for start in range(first, min(first + _STARTS, count - CONFIRM_TICKS + 1)):
        base = told(past[first:start], noise_s) + (_LATE_COST if late else 0.0)
        limit = nothing - base - (best.margin if best else 0.0) + _SPARE
        found = _hypotheses(past, start, noise_s, calm_s, limit)
        if found is None:
            return NoVerdict.TOO_EARLY
        for cost, state, lost, moved in found:
            margin = nothing - base - cost
            if margin > (best.margin if best else 0.0):
                best = Verdict(state, lost, moved, margin)
    return best or NoVerdict.NOTHING


def _hypotheses(
    past: Sequence[Heard], start: int, noise_s: float, calm_s: float, limit: float
) -> list[tuple[float, FilterState, int, bool]] | None:
    """Cost, state now, ticks lost and whether the grid moved, of hypotheses from ``start``.

    None when one tick is missing to believe a hypothesis of lost ticks: wait for it.
    """
    next_s, period_s, a, b, c = past[start][1]
    unit = (period_s / noise_s) ** 2
    tempo, grid = _TEMPO_VARIANCES[1] * unit, _GRID_VARIANCE * unit
    openings = [((next_s, period_s, a, 0.0, c + v * unit), _CHANGE_COST) for v in _TEMPO_VARIANCES]
    openings.append(((next_s, period_s, grid, 0.0, c), _MOVE_COST))
    openings.append(((next_s, period_s, grid, 0.0, c + tempo), _CHANGE_COST + _MOVE_COST))
    sure = calm_s < SURE_S and noise_s < SURE * period_s
    hypotheses = []
    maybe_lost = {round((past[start][0] - next_s) / period_s)}
    here_s = coast(past[start][1], len(past) - start)[0]
    for opening, price in openings:
        cost, state = tell(past, start, opening, noise_s, limit)
        if cost == inf:
            continue
        lost = _whole_periods(state, here_s, period_s, noise_s)
        if lost and sure:
            maybe_lost.add(lost)
        else:
            hypotheses.append((price + cost, state, 0, opening[2] == grid))
    if not sure:
        return hypotheses
    for lost in sorted(maybe_lost):
        if 0 < abs(lost) <= LOST_AT_MOST:
            opening = (next_s + lost * period_s, period_s, a, b, c)
            fitting = _fitting(past, start, opening, noise_s)
            if fitting >= CONFIRM_TICKS:
                cost, state = tell(past, start, opening, noise_s)
                hypotheses.append((_CHANGE_COST + cost, state, lost, True))
            elif fitting == CONFIRM_TICKS - 1 and len(past) - start <= PATIENCE_TICKS:
                return None
    return hypotheses


def _whole_periods(state: FilterState, here_s: float, period_s: float, noise_s: float) -> int:
    """By how many whole periods ``state`` is off ``here_s``; 0 if not whole or not its tempo."""
    moved = (state[0] - here_s) / period_s
    same_tempo = abs(state[1] - period_s) * TICKS_PER_BEAT < 0.5 * period_s
    near_s = min(max(0.001, 4 * noise_s), 0.25 * period_s)
    lost = round(moved)
    whole = same_tempo and abs(moved - lost) * period_s < near_s and abs(lost) <= LOST_AT_MOST
    return lost if whole else 0


def _fitting(past: Sequence[Heard], start: int, state: FilterState, noise_s: float) -> int:
    """How many ticks fit the state; 0 unless the last one does."""
    fitting, fits = 0, False
    for time_s, _ in past[start:]:
        fits = abs(time_s - state[0]) <= gate_s(state, noise_s)
        fitting += fits
        state = coast(state)
    return fitting if fits else 0
