"""Reading the machine: firmware, heat, memory, open files, disk.

Everything is a file under ``root``. What is missing, or may not be read by us, is None: a
laptop has no such firmware.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

_FIRMWARE = (  # Pi 3 and 4; other kernels
    "sys/devices/platform/soc/soc:firmware/get_throttled",
    "sys/devices/platform/soc:firmware/get_throttled",
)
_HWMON = "sys/class/hwmon"
_PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024


def machine_root(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder LKJAM_MACHINE, whose files stand in for another machine's; else "/"."""
    return Path(environ.get("LKJAM_MACHINE") or "/")


@dataclass(frozen=True, slots=True)
class Machine:
    root: Path = field(default_factory=machine_root)

    def throttled(self) -> int | None:
        """The bits that :mod:`..health.firmware` reads; a kernel that only has the alarm of the
        ``rpi_volt`` sensor (Pi 5) gives bit 0 alone."""
        for name in _FIRMWARE:
            text = self._text(name)
            if text:
                return _number(text, 16)
        for sensor in self._list(_HWMON):
            if self._text(f"{_HWMON}/{sensor}/name") == "rpi_volt":
                return _number(self._text(f"{_HWMON}/{sensor}/in0_lcrit_alarm"), 10)
        return None

    def celsius(self) -> float | None:
        """Temperature of the hottest thermal zone."""
        zones = "sys/class/thermal"
        found = [
            _number(self._text(f"{zones}/{zone}/temp"), 10)
            for zone in self._list(zones)
            if zone.startswith("thermal_zone")
        ]
        heats = [millis / 1000 for millis in found if millis is not None]
        return max(heats, default=None)

    def rss_mb(self, pid: int) -> float | None:
        """Resident memory, shared or not. The kernel keeps count, so reading it delays nobody."""
        pages = self._text(f"proc/{pid}/statm").split()
        return int(pages[1]) * _PAGE_KB / 1024 if len(pages) > 1 else None

    def pss_mb(self, pid: int) -> float | None:
        """Resident memory, with shared pages divided among the processes that share them. Walks
        the process's memory, which may delay that process: not while it plays."""
        for line in self._text(f"proc/{pid}/smaps_rollup").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
        return None

    def open_files(self, pid: int) -> int | None:
        names = self._list(f"proc/{pid}/fd")
        return len(names) or None

    def free_mb(self, folder: Path) -> float | None:
        """What we may still write on the disk where ``folder``, an absolute path, is or will be."""
        for place in (folder, *folder.parents):
            try:
                disk = os.statvfs(self.root / place.relative_to("/"))
            except FileNotFoundError:
                continue
            except (OSError, ValueError):
                return None
            return disk.f_bavail * disk.f_frsize / 2**20
        return None

    def realtime_priorities(self, thread: str) -> list[int]:
        """Realtime priorities of the threads whose name begins with ``thread``, 0 for none."""
        return list(self.realtime_threads(thread).values())

    def realtime_threads(self, thread: str) -> dict[int, int]:
        """The same priorities, by process id."""
        found = {}
        for pid in self._list("proc"):
            if pid.isdigit() and self._text(f"proc/{pid}/comm").startswith(thread):
                fields = self._text(f"proc/{pid}/stat").rpartition(")")[2].split()
                priority = int(fields[37]) if len(fields) > 37 else 0  # proc(5), field 40
                found[int(pid)] = priority
        return found

    def _text(self, name: str) -> str:
        try:
            return (self.root / name).read_text().strip()
        except (OSError, UnicodeDecodeError):
            return ""

    def _list(self, name: str) -> list[str]:
        try:
            return sorted(os.listdir(self.root / name))
        except OSError:
            return []


def _number(text: str, base: int) -> int | None:
    try:
        return int(text, base)
    except ValueError:
        return None
