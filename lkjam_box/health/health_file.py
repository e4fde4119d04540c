"""What the supervisor knows of the machine and the processes, for all to read.

A small file beside the shared state, replaced as a whole whenever the supervisor looks; the stage
has no part in it.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from ..protocol.folder_guard import open_plain, read_plain
from ..protocol.runtime_folder import HEALTH
from ..protocol.shared_state import Snapshot

OLD_S = 3.0  # an older file is ignored; the supervisor writes twice a second


class ProcessHealth(msgspec.Struct, frozen=True, kw_only=True):
    """A process of the box."""

    pid: int = 0  # 0 = it does not run
    rss_mb: float | None = None
    pss_mb: float | None = None  # known at the end of a run only
    grew_mb: float = 0.0  # of rss, since it had settled
    files: int | None = None
    starts: int = 0
    ends: dict[str, int] = {}  # how it was lost -> how often


class Health(msgspec.Struct, frozen=True, kw_only=True):
    """Machine and processes at ``time_s``; both times are monotonic, None is not known."""

    time_s: float = 0.0
    began_s: float = 0.0
    warning: int = 0
    words: str = ""  # what the warning's own words do not tell
    throttled: int | None = None
    celsius: float | None = None
    hottest: float | None = None
    free_mb: float | None = None  # where recordings and state go
    low_times: int = 0
    slow_times: int = 0
    full_times: int = 0
    watchdog_s: float = 0.0  # 0: nobody restarts the box when it hangs
    processes: dict[str, ProcessHealth] = {}
    before: dict[str, int] = {}  # sums of the counters of the stages that were lost
    lost_pid: int = 0  # process id of the last stage that was lost


_DECODER = msgspec.json.Decoder(Health)


def write(folder: Path, health: Health) -> None:
    put(folder / HEALTH, msgspec.json.encode(health))


def read(folder: Path) -> Health | None:
    """The health file of ``folder``; None when there is none, or one of another version."""
    try:
        return _DECODER.decode(read_plain(folder / HEALTH))
    except (OSError, msgspec.MsgspecError):
        return None


def put(path: Path, data: bytes) -> None:
    """Replace the file ``path``: readers see it old or new, never in part. Raises OSError."""
    new = path.with_name(path.name + ".new")
    with os.fdopen(open_plain(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), "wb") as file:
        file.write(data)
    os.replace(new, path)


def overlay(snapshot: Snapshot, health: Health | None, time_s: float) -> Snapshot:
    """``snapshot`` with the warning of the machine where that is the more urgent."""
    if health is None or time_s - health.time_s > OLD_S or health.warning <= snapshot.warning:
        return snapshot
    return msgspec.structs.replace(snapshot, warning=health.warning, message=health.words)
