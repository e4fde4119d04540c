"""What the supervisor knows of its processes, as it tells whoever writes the health file."""

from __future__ import annotations

import msgspec


class Life(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A process of the box."""

    pid: int = 0  # 0 = it does not run
    starts: int = 0
    ends: dict[str, int] = {}  # how it was lost -> how often


class Lives(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All processes; ``began_s`` is monotonic."""

    began_s: float = 0.0
    watchdog_s: float = 0.0  # 0: nobody restarts the box when it hangs
    processes: dict[str, Life] = {}
    failing: tuple[str, ...] = ()  # those that keep failing
    before: dict[str, int] = {}  # sums of the counters of the stages that were lost
    lost_pid: int = 0  # process id of the last stage that was lost
    fault: str = ""  # why recordings or choices cannot be written; "" if they can
