"""The drive LKJAM and the USB cable to a computer.

    python /usr/lib/lkjam-box/drive read [DEVICE]     take over what the player wrote
    python /usr/lib/lkjam-box/drive offer [DEVICE]    be a USB device for as long as this runs

DEVICE is the drive's partition, or a file that is made where it is not there; without it, the
third partition of the card that the system is on.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

import lkjam_drive
import lkjam_gadget
import lkjam_sample

MODULES = ("libcomposite", "usb_f_midi", "usb_f_mass_storage")
DRIVE_KIB = 65536
PORT_S = 8.0  # a controller is there so long after the start, or not at all


def main(words: list[str]) -> int:
    if not words or words[0] not in ("read", "offer") or len(words) > 2:
        print(f"drive: found {' '.join(words) or 'nothing'}, allowed: read, offer", file=sys.stderr)
        return 2
    device = Path(words[1]) if len(words) == 2 else card_drive()
    if len(words) == 2 and device is not None and not device.exists():
        make(device)
    if device is None or not device.exists():
        print(f"drive: no drive LKJAM on this machine ({device or 'no card'})", flush=True)
        return 0
    return read(device) if words[0] == "read" else offer(device)


def make(device: Path) -> None:
    """A drive in a file, where the card has no partition for it."""
    subprocess.run(["mkfs.vfat", "-C", "-n", "LKJAM", str(device), str(DRIVE_KIB)], check=True)
    command = [lkjam_drive.COMMAND, "options", "--sample"]
    sample = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    with lkjam_drive.mounted(device, write=True) as drive:
        lkjam_sample.fill(drive, sample)


def card_drive(mounts: Path = Path("/proc/mounts")) -> Path | None:
    """The third partition of the card whose second one is the system."""
    for line in mounts.read_text().splitlines():
        source, where = line.split()[:2]
        if where == "/" and source.startswith("/dev/") and source.endswith("2"):
            return Path(f"{source[:-1]}3")
    return None


def read(device: Path, restart: bool = False) -> int:
    """1 where the drive could not be read; the box plays with what it has."""
    try:
        taken = lkjam_drive.refresh(device, version=version())
    except OSError as error:
        print(f"drive: {error}", file=sys.stderr, flush=True)
        lkjam_drive.begin(lkjam_drive.PLAYER)
        return 1
    for name in taken.new:
        print(f"drive: {name} taken", flush=True)
    for name in taken.gone:
        print(f"drive: {name} is gone", flush=True)
    for name, wrong in taken.wrong.items():
        print(f"drive: {name}: {wrong}", file=sys.stderr, flush=True)
    if restart and taken.options_changed:
        subprocess.run(["systemctl", "try-restart", "--no-block", "lkjam-box.service"])
    return 0


def offer(device: Path) -> int:
    """Until it is told to end. 0 at once where no USB port of this machine can be a device."""
    none = "gadget: no USB port here can be a device (Pi 4, 5 and Zero 2 W have one)"
    gadget = lkjam_gadget.Gadget(device, serial=serial())
    if not gadget.may_have_port():
        print(none)
        return 0
    for module in MODULES:
        subprocess.run(["modprobe", module])
    config = Path("/sys/kernel/config")
    if not (config / "usb_gadget").exists():
        subprocess.run(["mount", "-t", "configfs", "none", str(config)])
    until_s = time.monotonic() + PORT_S
    while not gadget.ports():
        if time.monotonic() > until_s:
            print(none)
            return 0
        time.sleep(0.2)
    port = gadget.ports()[0]
    gadget.make()
    gadget.plug(port)
    print(f"gadget: {lkjam_gadget.NAME} on {port}", flush=True)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    try:
        lkjam_gadget.Watch(gadget, port, lambda: read(device, restart=True)).forever()
    finally:
        gadget.unplug()
    return 0


def serial(tree: Path = Path("/proc/device-tree/serial-number")) -> str:
    try:
        return tree.read_text().strip("\0\n ") or "1"
    except OSError:
        return "1"


def version() -> str:
    try:
        return metadata.version("lkjam-box")
    except metadata.PackageNotFoundError:
        return "of unknown version"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
