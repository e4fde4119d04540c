"""The box as a USB device: a MIDI instrument and the drive LKJAM, on one cable to a computer.

The kernel's gadget functions are put together below configfs (Linux: usb/gadget_configfs). A
computer that ejects the drive gives it back: then the box reads it. While a computer holds it,
the box never touches it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

VENDOR, PRODUCT = "0x1d6b", "0x0104"  # Linux Foundation, composite gadget: for makers, not for sale
NAME = "lkjam_box"
FAR_END = "f_midi"  # what the wire to the computer is called inside the box
LOOK_S = 1.0  # the drive is looked at so often


@dataclass(frozen=True)
class Gadget:
    """``root`` is "/" but in tests."""

    device: Path  # partition or file of the drive
    root: Path = Path("/")
    serial: str = "1"

    @property
    def home(self) -> Path:
        return self.root / "sys/kernel/config/usb_gadget/lkjam"

    @property
    def _medium(self) -> Path:
        return self.home / "functions/mass_storage.usb0/lun.0/file"

    def make(self) -> None:
        """Everything but the cable. What is there from an earlier run is used again: the kernel
        lets nothing be changed in it."""
        midi, storage = (f"functions/{name}.usb0" for name in ("midi", "mass_storage"))
        links = [self.home / "configs/c.1" / Path(one).name for one in (midi, storage)]
        if all(link.is_symlink() for link in links):
            self.insert()
            return
        for folder in ("strings/0x409", "configs/c.1/strings/0x409", midi, storage):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        for path, value in {
            "idVendor": VENDOR,
            "idProduct": PRODUCT,
            "bcdUSB": "0x0200",
            "strings/0x409/manufacturer": "lkjam",
            "strings/0x409/product": NAME,
            "strings/0x409/serialnumber": self.serial,
            "configs/c.1/strings/0x409/configuration": "MIDI and drive",
            "configs/c.1/MaxPower": "500",
            f"{midi}/id": FAR_END,
            f"{midi}/in_ports": "1",
            f"{midi}/out_ports": "1",
            f"{storage}/lun.0/removable": "1",
            f"{storage}/lun.0/inquiry_string": "lkjam   LKJAM           ",
        }.items():
            (self.home / path).parent.mkdir(parents=True, exist_ok=True)
            (self.home / path).write_text(value)
        self.insert()
        for link, function in zip(links, (midi, storage), strict=True):
            if not link.is_symlink():
                link.symlink_to(self.home / function)

    def ports(self) -> list[str]:
        """USB controllers that can be a device."""
        folder = self.root / "sys/class/udc"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def may_have_port(self) -> bool:
        """Is a USB controller there that can be a device, or one to come? By the board's device
        tree, where the roles of each are written down (Devicetree: usb-drd, dr_mode)."""
        if self.ports():
            return True
        roles = (self.root / "proc/device-tree").glob("**/usb@*/dr_mode")
        return any(path.read_bytes().rstrip(b"\0") in (b"otg", b"peripheral") for path in roles)

    def plug(self, port: str) -> None:
        with contextlib.suppress(OSError):  # an earlier run that was killed left it plugged in
            self.unplug()
        (self.home / "UDC").write_text(port)

    def unplug(self) -> None:
        (self.home / "UDC").write_text("\n")

    def insert(self) -> None:
        """The drive for the computer."""
        self._medium.write_text(str(self.device))

    def withdraw(self) -> None:
        self._medium.write_text("\n")

    def ejected(self) -> bool:
        """Has the computer given the drive back?"""
        return not self._medium.read_text().strip()

    def connected(self, port: str) -> bool:
        path = self.root / "sys/class/udc" / port / "state"
        return path.exists() and path.read_text().strip() not in ("not attached", "")


@dataclass
class Watch:
    """When to read the drive, and when to hand it out again: a look at a time."""

    gadget: Gadget
    port: str
    read: Callable[[], object]
    _was_connected: bool = False
    _is_out: bool = True  # the computer may have it

    def look(self) -> None:
        connected = self.gadget.connected(self.port)
        if self._is_out and connected and self.gadget.ejected():
            self._is_out = False
            self.read()
        elif not connected and self._was_connected:  # the cable is out
            if self._is_out:
                self.gadget.withdraw()
                self.read()
            self.gadget.insert()  # ready for the next time
            self._is_out = True
        self._was_connected = connected

    def forever(self) -> None:
        while True:
            self.look()
            time.sleep(LOOK_S)
