"""The caretaker's watch on the machine, once a second, and on the processes, now and then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..machine.readings import Machine
from ..protocol.lives import Lives
from ..protocol.shared_state import WarningId
from . import health_file
from .firmware import Power
from .health_file import Health, ProcessHealth

LOOK_S = 1.0
SELDOM_S = 5.0  # between two looks at disk and processes
SETTLED_S = 60.0  # a process this old has loaded all it needs: its growth is measured from here
FULL_MB = 20.0  # with less free space the disk counts as full


@dataclass(slots=True)
class _Seen:
    """What is remembered of a process from one look to the next."""

    pid: int = 0
    since_s: float = 0.0
    settled_mb: float | None = None
    rss_mb: float | None = None
    files: int | None = None


class Watch:
    """``folder`` is the runtime folder, ``state`` the folder on disk. Nothing here raises OSError:
    what plays does not end for a look at health."""

    def __init__(self, folder: Path, state: Path, machine: Machine) -> None:
        self._folder, self._state, self._machine = folder, state, machine
        before = health_file.read(folder) or Health()  # of a caretaker that was lost
        self._power = Power(before.low_times, before.slow_times)
        self._hottest = before.hottest
        self._full_times = before.full_times
        self._full = False  # the disk is full, or there is a fault
        self._free_mb: float | None = None
        self._seen: dict[str, _Seen] = {}
        self._seldom_s: float | None = None

    def look(self, now_s: float, lives: Lives) -> None:
        """Call it every LOOK_S: reads the machine and writes the health file."""
        if self._seldom_s is None or now_s - self._seldom_s >= SELDOM_S:
            self._seldom_s = now_s
            self._free_mb = self._machine.free_mb(self._state)
            self._weigh(now_s, lives, anew=True)
        else:
            self._weigh(now_s, lives, anew=False)
        power, bits, celsius = self._power, self._machine.throttled(), self._machine.celsius()
        if bits is not None:
            power.see(now_s, bits, celsius or 0.0)
        if celsius is not None:
            self._hottest = max(celsius, self._hottest or celsius)
        full = (self._free_mb is not None and self._free_mb < FULL_MB) or bool(lives.fault)
        self._full_times += full and not self._full
        self._full = full
        warning, words = self._warning(now_s, lives)
        health = Health(
            time_s=now_s,
            began_s=lives.began_s,
            warning=int(warning),
            words=words,
            throttled=bits,
            celsius=celsius,
            hottest=self._hottest,
            free_mb=self._free_mb,
            low_times=power.low_times,
            slow_times=power.slow_times,
            full_times=self._full_times,
            watchdog_s=lives.watchdog_s,
            processes=self._processes(lives),
            before=lives.before,
            lost_pid=lives.lost_pid,
        )
        try:
            health_file.write(self._folder, health)
        except OSError:
            pass

    def _warning(self, now_s: float, lives: Lives) -> tuple[WarningId, str]:
        """The most urgent warning, and words for the screen where its own do not tell it all."""
        failing = ", ".join(lives.failing).upper()
        found = (
            self._power.warning(now_s),
            (WarningId.FAILING, f"{failing} KEEPS FAILING") if failing else (WarningId.NONE, ""),
            (WarningId.DISK_FULL, lives.fault) if self._full else (WarningId.NONE, ""),
        )
        return max(found, key=lambda one: one[0])

    def _weigh(self, now_s: float, lives: Lives, anew: bool) -> None:
        """Look at processes that are new, and at all of them if ``anew``."""
        for name, life in lives.processes.items():
            seen = self._seen.setdefault(name, _Seen())
            if life.pid == seen.pid and not anew:
                continue
            if life.pid != seen.pid and life.pid:
                seen.since_s, seen.settled_mb = now_s, None
            seen.pid = life.pid
            seen.rss_mb = self._machine.rss_mb(life.pid) if life.pid else None
            seen.files = self._machine.open_files(life.pid) if life.pid else None
            if seen.settled_mb is None and now_s - seen.since_s >= SETTLED_S:
                seen.settled_mb = seen.rss_mb

    def _processes(self, lives: Lives) -> dict[str, ProcessHealth]:
        found = {}
        for name, life in lives.processes.items():
            known = self._seen[name]
            grew = known.rss_mb is not None and known.settled_mb is not None
            found[name] = ProcessHealth(
                pid=life.pid,
                rss_mb=known.rss_mb,
                grew_mb=known.rss_mb - known.settled_mb if grew else 0.0,  # type: ignore[operator]
                files=known.files,
                starts=life.starts,
                ends=life.ends,
            )
        return found
