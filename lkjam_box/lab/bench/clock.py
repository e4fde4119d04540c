"""``lkjam-box bench clock``: how well our clock follower predicts, beside other filters.

Every filter gets the same draws of the same three model clocks (:mod:`...play.clock_jitter`).
The error is that of the time predicted for the tick 24 later, one beat, minus the clock's mean
lateness. Re-locked is when that error stays under 5 ms after a step of tempo.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from math import inf
from random import Random
from statistics import fmean, median, pstdev

from ...midi.messages import TICKS_PER_BEAT
from ...play.clock_jitter import MODELS, arrive, ramp, stall, steady, ticks_at
from ...tempo.follower import Follower
from .rival_followers import AdaptiveDll, Dll, Ema, Filter, LeastSquares, Mean

EXAMPLES = {
    "lkjam-box bench clock": "everybody, five draws of each clock",
    "lkjam-box bench clock --ours --seeds 1": "ours alone, one draw: soon done",
}

FILTERS: dict[str, Callable[[], Filter]] = {
    "ours": Follower,
    "EMA 0.2": lambda: Ema(0.2),
    "EMA 0.05": lambda: Ema(0.05),
    "mean 24": lambda: Mean(24),
    "least squares 48": lambda: LeastSquares(48),
    "DLL 0.0314": Dll,
    "adaptive DLL": lambda: AdaptiveDll(0.05),
}
P99_GOALS_MS = {"DIN": 0.15, "USB": 0.2, "laptop": 1.5}
RELOCK_GOAL_BEATS = 1.0
STEPS = ((120.0, 126.0), (120.0, 90.0), (90.0, 180.0))

_BPM, _TICKS, _SETTLE_TICKS = 120.0, 6000, 480
_STEP_TICKS, _RAMP_TICKS = 960, 768  # 40 beats a side; 8 bars
_RELOCKED_S = 0.005
_STALLS, _STALL_S, _BURST_S = 16, (0.02, 0.07), 0.00032


@dataclass(frozen=True, slots=True)
class Row:
    """One filter's figures: medians over the seeds; ``None`` = never within the run."""

    name: str
    p99_ms: dict[str, float]
    relock_beats: dict[str, dict[str, float | None]]  # by step, by model
    relock_worst_beats: dict[str, dict[str, float | None]]  # of all seeds
    ramp_ms: dict[str, dict[str, float]]  # p50 and max, by model
    stall_ms: dict[str, dict[str, float]]  # p99 and max, by model
    bpm_sd: dict[str, float]
    us_per_tick: float


@dataclass(frozen=True, slots=True)
class Goal:
    what: str
    goal: float
    got: float | None
    met: bool


@dataclass(frozen=True, slots=True)
class _Trace:
    due_s: list[float]
    arrived_s: list[float]
    late_s: float  # mean lateness, which no filter can know


def _trace(bpms: Sequence[float], model: str, rng: Random) -> _Trace:
    due_s = ticks_at(bpms, rng.random())
    arrived_s = arrive(due_s, MODELS[model], rng)
    return _Trace(due_s, arrived_s, fmean(a - d for a, d in zip(arrived_s, due_s, strict=True)))


def beat_errors_s(make: Callable[[], Filter], trace: _Trace) -> list[float]:
    """Error of the time predicted at each tick for the tick 24 later, minus mean lateness."""
    follower, errors_s = make(), []
    due_s = trace.due_s
    for now, due in zip(trace.arrived_s, due_s[TICKS_PER_BEAT:], strict=False):
        follower.tick(now)
        errors_s.append(follower.predict(TICKS_PER_BEAT) - due - trace.late_s)
    return errors_s


def _percentile(values: Sequence[float], part: float) -> float:
    return sorted(values)[min(int(part * len(values)), len(values) - 1)]


def p99_ms(make: Callable[[], Filter], model: str, seed: int) -> float:
    """99th percentile of next-beat errors at 120 BPM, once settled, minus their mean."""
    trace = _trace(steady(_BPM, _TICKS), model, Random(seed))
    errors_s = beat_errors_s(make, trace)[_SETTLE_TICKS:]
    middle_s = fmean(errors_s)
    return _percentile([abs(e - middle_s) for e in errors_s], 0.99) * 1000.0


def relock_beats(
    make: Callable[[], Filter], model: str, seed: int, first_bpm: float, last_bpm: float
) -> float:
    """Beats from a step of tempo until the error stays under 5 ms; infinity: never."""
    bpms = steady(first_bpm, _STEP_TICKS) + steady(last_bpm, _STEP_TICKS)
    errors_s = beat_errors_s(make, _trace(bpms, model, Random(seed)))[_STEP_TICKS:]
    off = max((n + 1 for n, e in enumerate(errors_s) if abs(e) > _RELOCKED_S), default=0)
    return inf if off > len(errors_s) - 4 * TICKS_PER_BEAT else off / TICKS_PER_BEAT


def ramp_ms(make: Callable[[], Filter], model: str, seed: int) -> tuple[float, float]:
    """Median and largest error within a ramp 120 -> 132 BPM over 8 bars."""
    bpms = steady(120.0, _STEP_TICKS) + ramp(120.0, 132.0, _RAMP_TICKS) + steady(132.0, 96)
    errors_s = beat_errors_s(make, _trace(bpms, model, Random(seed)))
    inside = errors_s[_STEP_TICKS + TICKS_PER_BEAT : _STEP_TICKS + _RAMP_TICKS - TICKS_PER_BEAT]
    sizes_ms = [abs(e) * 1000.0 for e in inside]
    return median(sizes_ms), max(sizes_ms)


def stall_ms(make: Callable[[], Filter], model: str, seed: int) -> tuple[float, float]:
    """p99 and largest error when a sender hangs 20 to 70 ms now and then, and catches up."""
    rng = Random(seed)
    ticks = 3000
    trace = _trace(steady(_BPM, ticks), model, rng)
    arrived_s = trace.arrived_s
    for number in range(_STALLS):
        at = _SETTLE_TICKS + number * 150 + rng.randrange(100)
        arrived_s = stall(arrived_s, at, rng.uniform(*_STALL_S), _BURST_S)
    hung = _Trace(trace.due_s, arrived_s, trace.late_s)
    sizes_ms = [abs(e) * 1000.0 for e in beat_errors_s(make, hung)[_SETTLE_TICKS:]]
    return _percentile(sizes_ms, 0.99), max(sizes_ms)


def _bpm_sd(make: Callable[[], Filter], trace: _Trace) -> float:
    follower, bpms = make(), []
    for number, now in enumerate(trace.arrived_s):
        follower.tick(now)
        if number >= _SETTLE_TICKS:
            bpms.append(60.0 / (follower.predict(TICKS_PER_BEAT) - follower.predict(0)))
    return pstdev(bpms)


def _us_per_tick(make: Callable[[], Filter], trace: _Trace) -> float:
    follower = make()
    begun = time.perf_counter()
    for now in trace.arrived_s:
        follower.tick(now)
        follower.predict(TICKS_PER_BEAT)
    return (time.perf_counter() - begun) / len(trace.arrived_s) * 1e6


def _or_never(beats: float) -> float | None:
    return None if beats == inf else round(beats, 3)


def measure(name: str, seeds: int) -> Row:
    """All figures of one filter."""
    make, numbers = FILTERS[name], range(1, seeds + 1)

    def pairs(
        figure: Callable[[Callable[[], Filter], str, int], tuple[float, float]], names: str
    ) -> dict[str, dict[str, float]]:
        columns = {
            m: list(zip(*(figure(make, m, s) for s in numbers), strict=True)) for m in MODELS
        }
        return {
            m: {n: round(median(c), 4) for n, c in zip(names.split(), column, strict=True)}
            for m, column in columns.items()
        }

    beats = {
        f"{first:.0f}->{last:.0f}": {
            m: [relock_beats(make, m, s, first, last) for s in numbers] for m in MODELS
        }
        for first, last in STEPS
    }

    def relocks(
        pick: Callable[[list[float]], float],
    ) -> dict[str, dict[str, float | None]]:
        return {
            step: {m: _or_never(pick(values)) for m, values in by_model.items()}
            for step, by_model in beats.items()
        }

    calm = {m: [_trace(steady(_BPM, _TICKS), m, Random(s)) for s in numbers] for m in MODELS}
    return Row(
        name=name,
        p99_ms={m: round(median(p99_ms(make, m, s) for s in numbers), 4) for m in MODELS},
        relock_beats=relocks(median),
        relock_worst_beats=relocks(max),
        ramp_ms=pairs(ramp_ms, "p50 max"),
        stall_ms=pairs(stall_ms, "p99 max"),
        bpm_sd={m: round(median(_bpm_sd(make, t) for t in calm[m]), 5) for m in MODELS},
        us_per_tick=round(min(_us_per_tick(make, t) for t in calm["USB"]), 2),
    )


def goals(row: Row) -> list[Goal]:
    """Every goal, and whether ``row`` meets it."""
    found = [
        Goal(f"next-beat error p99, {m} (ms)", goal, row.p99_ms[m], row.p99_ms[m] <= goal)
        for m, goal in P99_GOALS_MS.items()
    ]
    for step, by_model in row.relock_beats.items():
        for model, beats in by_model.items():
            met = beats is not None and beats <= RELOCK_GOAL_BEATS
            found.append(Goal(f"re-lock {step}, {model} (beats)", RELOCK_GOAL_BEATS, beats, met))
    return found


def table(rows: Sequence[Row]) -> list[str]:
    """The figures for people; one line a filter."""
    names = list(MODELS)
    head = ["", "next beat p99, ms", *(f"re-lock {s}, beats" for s in rows[0].relock_beats)]
    head += ["ramp p50/max, ms", "stalls p99/max, ms", "BPM sd", "us/tick"]
    below = [
        "filter",
        *[" ".join(f"{n:>6}" for n in names)] * (1 + len(rows[0].relock_beats)),
        "USB",
        "USB",
        "USB",
        "",
    ]
    body = [
        [
            row.name,
            " ".join(f"{row.p99_ms[n]:6.2f}" for n in names),
            *(
                " ".join(" never" if b[n] is None else f"{b[n]:6.2f}" for n in names)
                for b in row.relock_beats.values()
            ),
            f"{row.ramp_ms['USB']['p50']:.1f}/{row.ramp_ms['USB']['max']:.1f}",
            f"{row.stall_ms['USB']['p99']:.1f}/{row.stall_ms['USB']['max']:.1f}",
            f"{row.bpm_sd['USB']:.3f}",
            f"{row.us_per_tick:.1f}",
        ]
        for row in rows
    ]
    lines = [head, below, *body]
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    return ["  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in lines]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    parser.add_argument("--seeds", type=int, default=5, metavar="N", help="draws (default 5)")
    parser.add_argument("--ours", action="store_true", help="leave the others out")


def run(args: argparse.Namespace) -> int:
    """0 when every goal is met, else 1."""
    names = ["ours"] if args.ours else list(FILTERS)
    rows = [measure(name, max(args.seeds, 1)) for name in names]
    wanted = goals(rows[0])
    met = all(goal.met for goal in wanted)
    if args.json:
        found = {
            "seeds": args.seeds,
            "filters": [asdict(row) for row in rows],
            "goals": [asdict(goal) for goal in wanted],
            "met": met,
        }
        print(json.dumps(found))
        return 0 if met else 1
    print("\n".join(table(rows)))
    print()
    for goal in wanted:
        got = "never" if goal.got is None else f"{goal.got:.2f}"
        print(f"{'met   ' if goal.met else 'MISSED'} {goal.what}: {got}, goal {goal.goal}")
    return 0 if met else 1
