"""A run in words: what was good, what was not and what to do about it. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ..protocol.histogram import Figures
from ..protocol.shared_state import WarningId
from .box_run import BoxRun
from .finding import Finding, Level
from .firmware import HOT_C, now, since_boot, words
from .warning_texts import WARNINGS

LATE_P99_MS, LATE_MAX_MS = 2.0, 5.0  # one displaced note is heard from 6 ms
THRU_P99_MS = 3.0
JITTER_P99_MS = 3.0  # what a drum machine on a DIN cable stays below
LAG_P999_MS = 2.0
LOCKED_SHARE = 0.95
PSS_MB = 150.0
GREW_MB = 5.0
FREE_MB = 200.0

_PLUGS = (WarningId.NO_KEYBOARD, WarningId.NO_SYNTH, WarningId.NO_CLOCK)
_RUNNING = ("LOCKING", "LOCKED", "FREEWHEEL", "NO_CLOCK")


def findings(run: BoxRun) -> list[Finding]:
    """The findings on a run, most important first. What never happened is not judged."""
    parts = (_run, _notes, _clock, _answers, _processes, _memory, _warnings, _power)
    return [finding for part in parts for finding in part(run)]


def lasted(seconds: float) -> str:
    """A duration as a player says it: 12 s, 5 min, 3 h 20 min."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return f"{seconds:.0f} s"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def ms(time_us: float) -> str:
    """Microseconds in milliseconds: two decimals below 10 ms, none from there on."""
    time_ms = time_us / 1000
    return f"{time_ms:.2f}" if time_ms < 10 else f"{time_ms:.0f}"


def spread(figures: Figures) -> str:
    quantiles = " ".join(
        f"{name} {ms(figures.quantile_us(share))}"
        for name, share in (("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999))
    )
    return f"{quantiles} max {ms(figures.max_us)} ms"


def _judged(what: str, found: str, fine: bool, bad: str, mend: str) -> Finding:
    if fine:
        return Finding(what, "ok", f"{found}: fine")
    return Finding(what, "worse", f"{found}: {bad}", mend)


def _run(run: BoxRun) -> Iterator[Finding]:
    how = {"": "it plays", "stopped": "stopped as it should"}.get(run.how, f"the box was {run.how}")
    found = f"{lasted(run.seconds)}, {how}; {run.count('turns')} turns"
    mend = "" if run.how in ("", "stopped") else "the log says by whom: journalctl -u lkjam-box"
    yield Finding("run", "worse" if mend else "ok", found, mend)


def _notes(run: BoxRun) -> Iterator[Finding]:
    late = run.figures("lateness")
    busy = "realtime and cores above; close what else runs here"
    if late.total:
        p99_ms, max_ms = late.quantile_us(0.99) / 1000, late.max_us / 1000
        fine = p99_ms <= LATE_P99_MS and max_ms <= LATE_MAX_MS
        yield _judged("late notes", spread(late), fine, "later than they should be", busy)
    thru = run.figures("thru")
    if thru.total:
        fine = thru.quantile_us(0.99) / 1000 <= THRU_P99_MS
        yield _judged("thru", spread(thru), fine, "keys may feel slow", busy)
    lag = run.figures("lag")
    if lag.total:
        fine = lag.quantile_us(0.999) / 1000 <= LAG_P999_MS
        yield _judged("wake-ups", spread(lag), fine, "the machine wakes us late", busy)
    dropped = run.count("dropped")
    found = f"{dropped} of {run.count('notes_in')} notes in, {run.count('notes_out')} out"
    yield _judged("drops", found, not dropped, "the brain missed some", "brain below")


def _clock(run: BoxRun) -> Iterator[Finding]:
    jitter, spent_s, times = run.figures("jitter"), run.sync_s, run.sync_times
    cable = "another cable or USB port, no hub"
    if jitter.total:
        fine = jitter.quantile_us(0.99) / 1000 <= JITTER_P99_MS
        yield _judged("clock jitter", spread(jitter), fine, "the tempo will wander", cable)
    ran_s = sum(spent_s[name] for name in _RUNNING)
    if ran_s >= 1.0:
        share, lost, missed = spent_s["LOCKED"] / ran_s, times["NO_CLOCK"], times["FREEWHEEL"]
        found = f"locked {share:.0%} of {lasted(ran_s)}, lost {lost}x, ticks missing {missed}x"
        fine = share >= LOCKED_SHARE and not lost
        yield _judged("clock lock", found, fine, "it came and went", cable)


def answers(run: BoxRun) -> str:
    """How the answers came, every figure out of how many."""
    return (
        f"{run.count('answers_on_time')} of {run.count('answers')} on time; "
        f"{run.count('fallbacks')} by the fallback, {run.count('completed')} completed by it, "
        f"{run.count('cut_short')} cut short, {run.count('never_arrived')} never came"
    )


def left_out(run: BoxRun) -> str:
    """How many notes of answers were too late to be played."""
    return f"{run.count('dropped_late')} of {run.count('notes_asked')} left out as too late"


def _answers(run: BoxRun) -> Iterator[Finding]:
    wrong = ("fallbacks", "completed", "never_arrived")
    if run.count("answers") or run.count("never_arrived"):
        fine = run.count("answers_on_time") == run.count("answers")
        fine = fine and not any(run.count(name) for name in wrong)
        mend = "processes and late notes here; brain.prepare_ms gives the brain more time"
        yield _judged("answers", answers(run), fine, "the brain was late or lost", mend)
    if run.count("notes_asked"):
        fine = not run.count("dropped_late")
        mend = "realtime and cores above; close what else runs here"
        yield _judged("notes", left_out(run), fine, "notes are missing", mend)
    for name, what in (("brain_first", "first note"), ("brain_whole", "whole answer")):
        figures = run.figures(name)
        if figures.total:
            yield Finding("brain", "ok", f"{what} {spread(figures)}")


def _processes(run: BoxRun) -> Iterator[Finding]:
    processes = run.health.processes if run.health else {}
    lost = [
        f"{name} {how} {count}x"
        for name, process in processes.items()
        for how, count in process.ends.items()
    ]
    if processes:
        found = ", ".join(lost) or "none was lost"
        mend = "journalctl -u lkjam-box says more; tell the makers"
        yield Finding("processes", "worse" if lost else "ok", found, mend if lost else "")


def _memory(run: BoxRun) -> Iterator[Finding]:
    processes = run.health.processes if run.health else {}
    weights = [process.pss_mb for process in processes.values() if process.pss_mb is not None]
    if weights:
        each = ", ".join(
            f"{n} {process.pss_mb:.0f}" for n, process in processes.items() if process.pss_mb
        )
        found = f"{sum(weights):.0f} MB ({each})"
        yield _judged("memory", found, sum(weights) < PSS_MB, "more than 150", "tell the makers")
    grew = {
        name: process.grew_mb for name, process in processes.items() if process.grew_mb > GREW_MB
    }
    if grew:
        found = ", ".join(f"{name} grew by {size:.0f} MB" for name, size in grew.items())
        yield Finding("growth", "worse", found, "tell the makers; a restart mends it till then")


def _warnings(run: BoxRun) -> Iterator[Finding]:
    """The warnings. Nothing plugged in, or the clock off, is no fault: ``ok``."""
    seen = {WarningId[name]: count for name, count in run.warnings.items()}
    found = "; ".join(f"{WARNINGS[one][0]} {count}x" for one, count in seen.items())
    faults = [warning for warning in seen if warning not in _PLUGS]
    first = f"{WARNINGS[faults[0]][0]}: " if len(faults) > 1 else ""
    mend = first + WARNINGS[faults[0]][1] if faults else ""
    yield Finding("warnings", "worse" if faults else "ok", found or "none", mend)


def _power(run: BoxRun) -> Iterator[Finding]:
    health = run.health
    if health is not None:
        yield from power(health.throttled, health.hottest or health.celsius)


def power(throttled: int | None, celsius: float | None) -> Iterator[Finding]:
    """Findings on the firmware's bits and on the heat; none for what is None."""
    if throttled is not None:
        trouble = bool(now(throttled) | since_boot(throttled))
        mend = "a supply for this Pi and a short cable; air to breathe if it was hot"
        level: Level = "worse" if trouble else "ok"
        yield Finding("power", level, words(throttled), mend if trouble else "")
    if celsius is not None:
        hot = celsius >= HOT_C
        mend = "a heat sink, a fan, a place in the shade" if hot else ""
        yield Finding("heat", "worse" if hot else "ok", f"{celsius:.0f}°C", mend)


def free(free_mb: float) -> Finding:
    """The finding on free space for recordings and state."""
    mend = "take old recordings off the card" if free_mb < FREE_MB else ""
    return Finding("disk", "worse" if mend else "ok", f"{free_mb:.0f} MB free", mend)
