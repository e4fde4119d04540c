"""The supervisor's watch on machine and processes: twice a second; keeps the last run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..machine.readings import Machine
from ..protocol.shared_state import Snapshot, WarningId
from . import box_run, health_file
from .box_run import SUMMED
from .firmware import Power
from .health_file import Health, ProcessHealth

LOOK_S = 0.5
SETTLED_S = 60.0  # a process this old has loaded all it needs: its growth is measured from here
FULL_MB = 20.0  # with less free space the disk counts as full


@dataclass(slots=True)
class _Seen:
    """What is remembered of a process from one look to the next."""

    pid: int = 0
    since_s: float = 0.0
    settled_mb: float | None = None
    pss_mb: float | None = None
    hung: bool = False
    ends: Counter[str] = field(default_factory=Counter)
    starts: int = 0


class Watch:
    """``folder`` is the runtime folder, ``shared_state`` the stage's file there, ``state`` the
    folder on disk. Nothing here raises OSError: no note shall be lost for a look at health."""

    def __init__(
        self,
        folder: Path,
        shared_state: Path,
        state: Path,
        machine: Machine,
        watchdog_s: float = 0.0,
    ) -> None:
        self._folder, self._shared_state, self._state = folder, shared_state, state
        self._machine, self._watchdog_s = machine, watchdog_s
        self._power = Power()
        self._processes: dict[str, _Seen] = {}
        self._before: Counter[str] = Counter()
        self._lost_pid = 0
        self._began_s = self._looked_s = 0.0
        self._hottest: float | None = None
        self._fault = ""  # why recordings or choices cannot be written; "" if they can
        self._full = False  # the disk is full, or there is a fault
        self._full_times = 0

    def begin(self, now_s: float) -> None:
        """Keep what a killed box left in the runtime folder as the last run, and remove it."""
        self._began_s = now_s
        self._keep("killed")

    def look(self, now_s: float, pids: Mapping[str, int]) -> None:
        """Every LOOK_S: read the machine, write the health file. ``pids``: 0 for a lost process."""
        if now_s - self._looked_s < LOOK_S and self._looked_s:
            return
        self._looked_s = now_s
        machine, power = self._machine, self._power
        bits, celsius = machine.throttled(), machine.celsius()
        if bits is not None:
            power.see(now_s, bits, celsius or 0.0)
        if celsius is not None:
            self._hottest = max(celsius, self._hottest or celsius)
        free_mb = machine.free_mb(self._state)
        full = (free_mb is not None and free_mb < FULL_MB) or bool(self._fault)
        self._full_times += full and not self._full
        self._full = full
        warning, words = power.warning(now_s)
        if full and warning < WarningId.DISK_FULL:
            warning, words = WarningId.DISK_FULL, self._fault
        health = Health(
            time_s=now_s,
            began_s=self._began_s,
            warning=int(warning),
            words=words,
            throttled=bits,
            celsius=celsius,
            hottest=self._hottest,
            free_mb=free_mb,
            low_times=power.low_times,
            slow_times=power.slow_times,
            full_times=self._full_times,
            watchdog_s=self._watchdog_s,
            processes={name: self._process_health(now_s, name, pid) for name, pid in pids.items()},
            before=dict(self._before),
            lost_pid=self._lost_pid,
        )
        try:
            health_file.write(self._folder, health)
        except OSError:
            pass

    def not_kept(self, fault: str) -> None:
        """Recordings or choices cannot be written, one line why; "" when they can again."""
        self._fault = fault

    def hangs(self, name: str) -> None:
        """The process hangs and will be killed: count its end as "hung"."""
        self._seen(name).hung = True

    def lost(self, name: str, how: str, snapshot: Snapshot | None) -> None:
        """A process ended. ``snapshot`` is the last of a stage; its counters are added up."""
        seen = self._seen(name)
        seen.ends["hung" if seen.hung else how] += 1
        seen.hung = False
        if name == "stage" and snapshot is not None:
            self._before.update({counter: getattr(snapshot, counter) for counter in SUMMED})
            self._lost_pid = snapshot.pid

    def weigh(self, pids: Mapping[str, int]) -> None:
        """Before the end: measure PSS, which is too costly while the box plays."""
        for name, pid in pids.items():
            self._seen(name).pss_mb = self._machine.pss_mb(pid) if pid else None
        self._looked_s = 0.0

    def end(self) -> None:
        """All processes have ended: keep the run as the last one."""
        self._keep("stopped")

    def _keep(self, how: str) -> None:
        found = box_run.left(self._folder, self._shared_state, how)
        try:
            if found is not None:
                box_run.keep(self._folder, found)
            self._shared_state.unlink(missing_ok=True)
            (self._folder / health_file.FILE).unlink(missing_ok=True)
        except OSError:
            pass

    def _seen(self, name: str) -> _Seen:
        return self._processes.setdefault(name, _Seen())

    def _process_health(self, now_s: float, name: str, pid: int) -> ProcessHealth:
        seen = self._seen(name)
        if pid != seen.pid and pid:
            seen.since_s, seen.settled_mb, seen.starts = now_s, None, seen.starts + 1
        seen.pid = pid
        rss_mb = self._machine.rss_mb(pid) if pid else None
        if rss_mb is not None and seen.settled_mb is None and now_s - seen.since_s >= SETTLED_S:
            seen.settled_mb = rss_mb
        grew = rss_mb is not None and seen.settled_mb is not None
        return ProcessHealth(
            pid=pid,
            rss_mb=rss_mb,
            pss_mb=seen.pss_mb,
            grew_mb=rss_mb - seen.settled_mb if grew else 0.0,  # type: ignore[operator]
            files=self._machine.open_files(pid) if pid else None,
            starts=seen.starts,
            ends=dict(seen.ends),
        )
