"""The supervisor's count of its processes: how often each began and how each was lost. Pure.

Python's numbers do not run over, so that it may count for years.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..protocol.lives import Life, Lives
from ..protocol.shared_state import Snapshot
from .box_run import SUMMED


@dataclass(slots=True)
class _Seen:
    pid: int = 0
    starts: int = 0
    hung: bool = False
    ends: Counter[str] = field(default_factory=Counter)


class Losses:
    """Tell it what happens; ``lives`` is what is known then."""

    def __init__(self, began_s: float, watchdog_s: float = 0.0) -> None:
        self._began_s, self._watchdog_s = began_s, watchdog_s
        self._seen: dict[str, _Seen] = {}
        self._before: Counter[str] = Counter()
        self._lost_pid = 0

    def lives(
        self, pids: Mapping[str, int], failing: tuple[str, ...] = (), fault: str = ""
    ) -> Lives:
        """``pids`` by name, 0 for a process that was lost; ``failing`` those that keep failing;
        ``fault`` says why recordings or choices cannot be written."""
        for name, pid in pids.items():
            seen = self._of(name)
            seen.starts += bool(pid) and pid != seen.pid
            seen.pid = pid
        return Lives(
            began_s=self._began_s,
            watchdog_s=self._watchdog_s,
            processes={
                name: Life(pid=pids.get(name, 0), starts=seen.starts, ends=dict(seen.ends))
                for name, seen in self._seen.items()
            },
            failing=failing,
            before=dict(self._before),
            lost_pid=self._lost_pid,
            fault=fault,
        )

    def hangs(self, name: str) -> None:
        """The process hangs and will be killed: count its end as "hung"."""
        self._of(name).hung = True

    def lost(self, name: str, how: str, snapshot: Snapshot | None = None) -> None:
        """A process ended. ``snapshot`` is the last of a stage; its counters are added up."""
        seen = self._of(name)
        seen.ends["hung" if seen.hung else how] += 1
        seen.hung = False
        if name == "stage" and snapshot is not None:
            self._before.update({counter: getattr(snapshot, counter) for counter in SUMMED})
            self._lost_pid = snapshot.pid

    def _of(self, name: str) -> _Seen:
        return self._seen.setdefault(name, _Seen())
