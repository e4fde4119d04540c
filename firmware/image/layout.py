"""How the card is divided, and how such an image is put together: no mounts, no loop devices."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tools.machine.steps import Failed, run

SECTOR = 512
MIB = 1024 * 1024
FIRST_MIB = 4  # cards like their partitions on blocks of this size


@dataclass(frozen=True)
class Partition:
    """``kind`` is the MBR's. ``size_mib`` 0 is as large as its contents."""

    number: int
    name: str
    label: str
    kind: str
    size_mib: int


BOOT = Partition(1, "boot", "LKJAM-BOOT", "c", 256)  # what the Pi's own firmware reads
ROOT = Partition(2, "root", "lkjam-root", "83", 0)  # the system; never written
DRIVE = Partition(3, "drive", "LKJAM", "c", 64)  # the player's: options and progressions
STATE = Partition(4, "state", "lkjam-state", "83", 192)  # the box's: choices and recordings
PARTITIONS = (BOOT, ROOT, DRIVE, STATE)


@dataclass(frozen=True)
class Place:
    """Where a partition lies in the image, in bytes."""

    offset: int
    size: int


def compose(parts: dict[str, Path], image: Path) -> None:
    """One file for the card, of the file system of each partition. Holes stay holes."""
    image.unlink(missing_ok=True)
    table, at_mib = ["label: dos"], FIRST_MIB
    starts = {}
    for part in PARTITIONS:
        size_mib = -(-parts[part.name].stat().st_size // MIB)
        starts[part.name] = at_mib
        active = ", bootable" if part is BOOT else ""
        sectors = MIB // SECTOR
        table.append(
            f"start={at_mib * sectors}, size={size_mib * sectors}, type={part.kind}{active}"
        )
        at_mib += size_mib
    with open(image, "wb") as file:
        os.truncate(file.fileno(), at_mib * MIB)
    script = image.with_suffix(".parts")
    script.write_text("\n".join(table) + "\n")
    run("sh", "-c", f"sfdisk -q '{image}' < '{script}'")
    script.unlink()
    for name, start_mib in starts.items():
        run(
            *("dd", f"if={parts[name]}", f"of={image}", "bs=1M", f"seek={start_mib}"),
            *("conv=notrunc,sparse", "status=none"),
        )


def places(image: Path) -> dict[str, Place]:
    """Where each partition of such an image lies, as its MBR says. Raises Failed."""
    with open(image, "rb") as file:
        head = file.read(SECTOR)
    if head[510:] != b"\x55\xaa":
        raise Failed(f"{image.name}: found no partition table in its first sector")
    found = {}
    for part in PARTITIONS:
        entry = head[446 + 16 * (part.number - 1) :][:16]
        start, count = (int.from_bytes(entry[at : at + 4], "little") for at in (8, 12))
        if not count:
            raise Failed(f"{image.name}: partition {part.number} ({part.name}) is missing")
        found[part.name] = Place(start * SECTOR, count * SECTOR)
    return found
