"""The filter: when ticks fall. Pure, a few microseconds a tick, no numpy.

A linear fit through the ticks since the tempo last changed (:mod:`.tick_filter`). Ticks far off
the fit are late, and nothing is learned from them. A two-sided CUSUM of the errors (Page 1954)
notices when they stay on one side, and since when; then :mod:`.hypotheses` tells what happened.
For a while the state that was left is followed too, and taken up again if it foretells better
after all. A slow ramp of the errors shortens the memory.

The constants were chosen by the figures of ``bench clock``.
"""

from __future__ import annotations

from collections import deque
from math import inf, sqrt

from ..midi.messages import TICKS_PER_BEAT
from .hypotheses import CONFIRM_TICKS, NoVerdict, Verdict, judge
from .tick_filter import (
    LONGEST_S,
    SHORTEST_S,
    UNKNOWN,
    FilterState,
    Heard,
    coast,
    cost_of,
    follow,
    gate_s,
    learn,
)
from .tick_noise import TickNoise

_GUESS_S = 60.0 / TICKS_PER_BEAT / 120.0  # MIDI's own default, until two ticks have come
_PAST_TICKS = 24  # how far back a hypothesis can begin
_SLACK_SD, _ALARM_SD, _CLIP_SD = 0.75, 6.5, 3.0
_DOUBT_SD = 2.0  # the sums of the CUSUM after an alarm when nothing had happened
_RAMP_GAIN, _RAMP_FROM_SD, _RAMP_DRIFT = 0.06, 0.5, 1e-3
_CATCHES_UP = 0.8  # a tick less late than this part of the latest: the sender catches up, wait
_GIVE_UP_TICKS = 8  # that fit no hypothesis: begin again from them
_REGRET_TICKS = 36
_WARM = 0.01  # part of the period by which the tempo may have changed in a silence
_SETTLED_S = 0.005
_GAP_S, _GAP_TICKS = 0.1, 4.0  # a longer one is no late tick: time tells how many it swallowed
_BURST_TICKS = 0.25


def _two_points(time_s: float, step_s: float) -> FilterState:
    return (time_s + step_s, step_s, 5.0, 3.0, 2.0)  # exact


class Follower:
    """Feed it every tick; ask when later ones fall.

    ``count`` ticks have been sent, those lost included; ``error_s`` is how much later than
    foretold the last one came.
    """

    def __init__(self) -> None:
        self.count = 0
        self.error_s = 0.0
        self._noise = TickNoise()
        self.state: FilterState = (0.0, _GUESS_S, UNKNOWN, 0.0, UNKNOWN)
        self._known = 0  # ticks the state has learned from
        self._past: deque[Heard] = deque(maxlen=_PAST_TICKS)
        self._up = self._down = self._bias = 0.0
        self._up_ticks = self._down_ticks = self._off_ticks = 0
        self._left: FilterState | None = None  # the state we left, while we may regret it
        self._left_ticks = self._left_fits = self._left_lost = 0
        self._regret = 0.0
        self._fresh_s = -inf  # the last tick, where it was fresh
        self._last_s = -inf  # the last tick
        self._unheard = self._late = 0  # ticks skipped, and those of them that came late

    @property
    def known(self) -> int:
        """Ticks the state has learned from."""
        return self._known

    def resume(self, state: FilterState, known: int, noise_s: float) -> None:
        """Follow the state that another follower had."""
        self.state, self._known, self.count = state, known, known
        self._noise = TickNoise(noise_s)

    @property
    def noise_s(self) -> float:
        """Standard deviation of arrivals."""
        return self._noise.noise_s

    @property
    def next_s(self) -> float:
        """When the next tick falls."""
        return self.state[0]

    @property
    def period_s(self) -> float:
        return self.state[1]

    @property
    def period_sd_s(self) -> float:
        """Standard deviation of the period."""
        return self._noise.noise_s * sqrt(self.state[4])

    @property
    def settled(self) -> bool:
        """The next beat is known to 5 ms."""
        return self._known > CONFIRM_TICKS and TICKS_PER_BEAT * self.period_sd_s < _SETTLED_S

    def predict(self, ahead: int) -> float:
        """Time of the tick ``ahead`` of the last one."""
        return self.state[0] + (ahead - 1) * self.state[1]

    def tick(self, time_s: float, *, fresh: bool = False) -> int:
        """Take a tick. ``fresh``: the grid may have moved (Start, or after a silence).

        Returns how many ticks it finds were lost before (less than 0: came twice, or late).
        """
        gap_s, self._last_s, period_s = time_s - self._last_s, time_s, self.state[1]
        if self._unheard and gap_s < _BURST_TICKS * period_s:
            self._unheard -= 1
            self._late += 1
            return -1
        lost = 0
        if not fresh:
            if self._late >= self._unheard:
                lost = -self._unheard  # it held ticks back, and lost none
            self._unheard = self._late = 0
            if self._known >= 2 and gap_s > max(_GAP_S, _GAP_TICKS * period_s):
                self.skip(max(round((time_s - self.state[0]) / period_s), 0))
                fresh, lost = True, lost + self._unheard
        self.count += lost + 1
        return lost + self._hear(time_s, fresh)

    def _hear(self, time_s: float, fresh: bool) -> int:
        if self._known < 2:
            self._begin(time_s)
            return 0
        state, noise_s = self.state, self._noise.noise_s
        error_s = self.error_s = time_s - state[0]
        gate = gate_s(state, noise_s)
        fresh_s, self._fresh_s = self._fresh_s, time_s if fresh else -inf
        if fresh:
            self.forget()
            if abs(error_s) > gate:
                self._restart(time_s)
                return 0
        elif abs(error_s) > gate and SHORTEST_S <= time_s - fresh_s <= LONGEST_S:
            self._another(time_s, time_s - fresh_s)
            return 0
        self._past.append((time_s, state))
        if self._left is not None and self._regrets(self._left, time_s):
            return self._go_back(self._left)
        spread = sqrt(state[2] + 1.0)
        if abs(error_s) > gate:
            self.state = coast(state)
            self._off_ticks += 1
        else:
            self.state = learn(state, error_s)
            self._off_ticks = 0
            self._known += 1
            self._noise.hear(error_s, spread, self._known)
        error_sd = error_s / (noise_s * spread)
        if not -_CLIP_SD <= error_sd <= _CLIP_SD:
            error_sd = _CLIP_SD if error_sd > 0.0 else -_CLIP_SD
        return self._watch(error_sd)

    def skip(self, ticks: int) -> None:
        """Ticks have passed unheard, the next one is due; the tempo is taken to be what it was.
        Should they come after all, in a burst, they are told from others."""
        if self._known < 2:
            return
        self._unheard, self._late = ticks, 0
        next_s, period_s, a, b, c = coast(self.state, ticks)
        self.state = (next_s, period_s, a + ticks * (2.0 * b + ticks * c), b + ticks * c, c)

    def forget(self) -> None:
        """Keep the state, but from now on find no tick lost before now."""
        self._take(self.state)

    def _begin(self, time_s: float) -> None:
        """Take the first or the second tick."""
        step_s = time_s - self.state[0] + _GUESS_S
        if self._known == 1 and SHORTEST_S <= step_s <= LONGEST_S:
            self.state = _two_points(time_s, step_s)
            self._known = 2
        else:
            self.state = (time_s + _GUESS_S, _GUESS_S, UNKNOWN, 0.0, UNKNOWN)
            self._known = 1

    def _restart(self, time_s: float) -> None:
        """Begin the grid anew at this tick; the tempo is kept, its variance made larger."""
        period_s = self.state[1]
        doubt = (_WARM * period_s / self._noise.noise_s) ** 2
        self._take((time_s, period_s, UNKNOWN, 0.0, self.state[4] + doubt))
        self.state = learn(self.state, 0.0)

    def _another(self, time_s: float, step_s: float) -> None:
        """The tempo is another than it was, by the first two ticks after a silence or a Start; it
        is taken up again if it foretells better after all."""
        left = coast(self.state)
        self._take(_two_points(time_s, step_s))
        self._leave(left, 0, 0.0)

    def _leave(self, left: FilterState, lost: int, regret: float) -> None:
        self._left, self._left_lost, self._regret = left, lost, regret
        self._left_ticks = self._left_fits = 0

    def _take(self, state: FilterState) -> None:
        """Follow another state, with empty past and no alarm."""
        self.state, self._left = state, None
        self._past.clear()
        self._up = self._down = self._bias = 0.0
        self._up_ticks = self._down_ticks = self._off_ticks = 0

    # --- did something happen?

    def _watch(self, error_sd: float) -> int:
        self._noise.forgive()
        self._bias += _RAMP_GAIN * (error_sd - self._bias)
        ramp = abs(self._bias) - _RAMP_FROM_SD
        if ramp > 0.0:
            next_s, period_s, a, b, c = self.state
            self.state = (next_s, period_s, a, b, c + _RAMP_DRIFT * ramp)
        self._up += error_sd - _SLACK_SD
        self._down -= error_sd + _SLACK_SD
        self._up_ticks += 1
        self._down_ticks += 1
        if self._up <= 0.0:
            self._up, self._up_ticks = 0.0, 0
        if self._down <= 0.0:
            self._down, self._down_ticks = 0.0, 0
        quiet = self._up < _ALARM_SD and self._down < _ALARM_SD
        if quiet or 0 < self._off_ticks < CONFIRM_TICKS:
            return 0
        return self._alarm()

    def _alarm(self) -> int:
        past, late = list(self._past), self._up > self._down
        if late:
            errors_s = [time_s - state[0] for time_s, state in past[-CONFIRM_TICKS:]]
            if errors_s[-1] < _CATCHES_UP * max(errors_s):
                return 0
        ticks = self._up_ticks if late else self._down_ticks
        verdict = judge(past, ticks, late, self._noise.noise_s, self._noise.calm_s)
        if verdict is NoVerdict.TOO_EARLY:
            return 0
        if isinstance(verdict, Verdict):
            left = self.state
            moved_s = abs(verdict.state[0] - left[0]) if verdict.moved else 0.0
            if verdict.moved and not self._noise.believes(moved_s, verdict.lost):
                lost = self._noise.distrust(moved_s)
                self.count -= lost
                self._begin_again([time_s for time_s, _ in past])
                return -lost
            self._take(verdict.state)
            self.count += verdict.lost
            self._leave(left, verdict.lost, -verdict.margin)
            return verdict.lost
        if self._off_ticks >= _GIVE_UP_TICKS:
            self._begin_again([time_s for time_s, _ in past[-_GIVE_UP_TICKS:]])
        else:
            if self._off_ticks >= CONFIRM_TICKS:
                self._noise.worse()
            self._up = self._down = _DOUBT_SD
            self._up_ticks = self._down_ticks = 0
        return 0

    def _begin_again(self, times_s: list[float]) -> None:
        state: FilterState = (times_s[0], self.state[1], UNKNOWN, 0.0, UNKNOWN)
        for time_s in times_s:
            state = learn(state, time_s - state[0])
        self._take(state)

    # --- was it right?

    def _regrets(self, left: FilterState, time_s: float) -> bool:
        """Does the state we left foretell better, and fit three ticks in a row?"""
        state, noise_s = self.state, self._noise.noise_s
        error_s = time_s - left[0]
        self._regret += cost_of(state, time_s - state[0], noise_s) - cost_of(left, error_s, noise_s)
        self._left_fits = self._left_fits + 1 if abs(error_s) <= gate_s(left, noise_s) else 0
        self._left_ticks += 1
        self._left = follow(left, error_s, noise_s)
        if self._regret > 0.0 and self._left_fits >= CONFIRM_TICKS:
            return True
        if self._left_ticks >= _REGRET_TICKS:
            self._left = None
        return False

    def _go_back(self, left: FilterState) -> int:
        self._take(left)
        self.count -= self._left_lost
        self._noise.take_back(self._left_lost)
        return -self._left_lost
