"""One run of the box: its last snapshot, its measures, the health of its machine.

Read from a box that plays, or from ``last.json`` in the runtime folder (memory, not disk), which
the supervisor writes at a stop, or at a start from the shared state that a killed box left behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec.structs import asdict, replace

from ..protocol.folder_guard import read_plain
from ..protocol.histogram import Figures
from ..protocol.measures import COUNTERS, HISTOGRAMS, counts
from ..protocol.runtime_folder import HEALTH, LAST_RUN
from ..protocol.shared_state import STALE_S, SharedState, Snapshot, Sync, WarningId
from . import health_file
from .health_file import Health

SHARES = {"p50_us": 0.5, "p95_us": 0.95, "p99_us": 0.99, "p999_us": 0.999}
SUMMED = (
    "turns",
    "answers",
    "answers_on_time",
    "fallbacks",
    "completed",
    "cut_short",
    "never_arrived",
    "notes_asked",
    "dropped_late",
    "dropped",
    "notes_out",
    "notes_in",
)
"""Counters of the snapshot that are 0 again in a stage that was started again."""


class BoxRun(msgspec.Struct, frozen=True, kw_only=True):
    """``how`` it ended, "" while it plays; ``snapshot`` includes the counters of lost stages."""

    how: str = ""
    snapshot: dict[str, object] = {}
    measures: dict[str, list[int]] = {}
    health: Health | None = None

    def figures(self, name: str) -> Figures:
        """The histogram ``name``, one of ``HISTOGRAMS``."""
        return Figures(self.measures[name])

    def count(self, name: str) -> int:
        """The counter ``name`` of the snapshot; 0 where it has none."""
        value = self.snapshot.get(name, 0)
        return value if isinstance(value, int) else 0

    @property
    def seconds(self) -> float:
        """How long the run lasted; 0 when unknown, as there is no health file."""
        if self.health is None:
            return 0.0
        return max(float(str(self.snapshot["time_s"])) - self.health.began_s, 0.0)

    @property
    def sync_s(self) -> dict[str, float]:
        """How long the clock was in each state, in seconds."""
        return {sync.name: self.measures["sync_ms"][sync] / 1000 for sync in Sync}

    @property
    def sync_times(self) -> dict[str, int]:
        return {sync.name: self.measures["sync_times"][sync] for sync in Sync}

    @property
    def warnings(self) -> dict[str, int]:
        """How often each warning came; without those that never did, most urgent first."""
        times = {warning: self.measures["warning_times"][warning] for warning in WarningId}
        if self.health is not None:
            times[WarningId.LOW_VOLTAGE] += self.health.low_times
            times[WarningId.THROTTLED] += self.health.slow_times
            times[WarningId.DISK_FULL] += self.health.full_times
        return {warning.name: count for warning, count in sorted(times.items())[::-1] if count}


def whole(snapshot: Snapshot, health: Health | None) -> Snapshot:
    """``snapshot`` with the counters of the stages that were lost before added to its own."""
    if health is None or snapshot.pid == health.lost_pid:  # still the lost stage's snapshot
        before = {} if health is None else health.before
        return replace(snapshot, **before)
    sums = {name: count + getattr(snapshot, name) for name, count in health.before.items()}
    return replace(snapshot, **sums)


def of(snapshot: Snapshot, health: Health | None, how: str = "") -> BoxRun:
    """The run that ``snapshot`` and ``health`` belong to."""
    shown = asdict(whole(snapshot, health))
    del shown["measures"]
    names = (*HISTOGRAMS, *COUNTERS)
    measured = {name: list(counts(snapshot.measures, name)) for name in names}
    return BoxRun(how=how, snapshot=shown, measures=measured, health=health)


def weighed(run: BoxRun, pss_mb: Mapping[str, float | None]) -> BoxRun:
    """``run`` with the memory of its processes, by name: PSS in MB."""
    if run.health is None:
        return run
    processes = {
        name: replace(process, pss_mb=pss_mb.get(name))
        for name, process in run.health.processes.items()
    }
    return replace(run, health=replace(run.health, processes=processes))


def left(folder: Path, shared_state: Path, how: str) -> BoxRun | None:
    """The run whose shared state and health file are there; None without a shared state."""
    snapshot = SharedState.look(shared_state)
    return of(snapshot, health_file.read(folder), how) if snapshot is not None else None


def latest(folder: Path, shared_state: Path, now_s: float) -> BoxRun | None:
    """The run that plays, or else the last one; a stale shared state was left by a killed box."""
    found = left(folder, shared_state, "")
    if found is None:
        return last(folder)
    fresh = now_s - float(str(found.snapshot["time_s"])) <= STALE_S
    return found if fresh else replace(found, how="killed")


def keep(folder: Path, run: BoxRun) -> None:
    """Write ``run`` to :data:`LAST_RUN`, as the last run. Raises OSError."""
    health_file.put(folder / LAST_RUN, msgspec.json.encode(run))


def put_away(
    folder: Path, shared_state: Path, how: str, pss_mb: Mapping[str, float | None] | None = None
) -> None:
    """Keep what a box that ended left in ``folder`` as the last run, and remove it. Nothing is
    raised: it hinders no start and no stop."""
    found = left(folder, shared_state, how)
    try:
        if found is not None:
            keep(folder, weighed(found, pss_mb or {}))
        shared_state.unlink(missing_ok=True)
        (folder / HEALTH).unlink(missing_ok=True)
    except OSError:
        pass


def last(folder: Path) -> BoxRun | None:
    """The last run, from :data:`LAST_RUN`; None when there is none, or one of another version."""
    try:
        run = msgspec.json.decode(read_plain(folder / LAST_RUN), type=BoxRun)
    except (OSError, msgspec.MsgspecError):
        return None
    fits = all(
        len(run.measures.get(name, ())) == len(counts(b"", name))
        for name in (*HISTOGRAMS, *COUNTERS)
    )
    return run if fits and "time_s" in run.snapshot else None


def summary(run: BoxRun) -> dict[str, object]:
    """Everything, for a program to read: the snapshot's fields, then figures made of the run."""
    histograms = {}
    for name in HISTOGRAMS:
        figures = run.figures(name)
        row = {key: figures.quantile_us(share) for key, share in SHARES.items()}
        histograms[name] = {"count": figures.total, **row, "max_us": figures.max_us}
    return {
        **run.snapshot,
        "ended": run.how,
        "ran_s": round(run.seconds, 3),
        "histograms": histograms,
        "sync_s": run.sync_s,
        "sync_times": run.sync_times,
        "warnings": run.warnings,
        "health": msgspec.to_builtins(run.health),
    }
