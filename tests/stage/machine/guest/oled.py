"""An I2C bus with an OLED on it: an MCP2221 USB bridge, played to the kernel through uhid.

The kernel's own driver (hid-mcp2221) makes a real /dev/i2c-N of it; whatever it sends to the
display's address goes to a model of the controller, whose dots lie in /run/stage/oled for all
to see. Reports as in Microchip's data sheet of the MCP2221 (DS20005565), section 3.1.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from ssd1306 import Ssd1306

DOTS = Path("/run/stage/oled")
ADDRESS = 0x3C
_VENDOR, _PRODUCT, _USB = 0x04D8, 0x00DD, 3
# 64 bytes in, 64 bytes out, of no known use.
_DESCRIPTION = bytes.fromhex(
    "0600ff0901a101 09011500 26ff00 7508 9540 8102 09011500 26ff00 7508 9540 9102 c0"
)
_CREATE, _OUTPUT, _INPUT = 11, 6, 12  # UHID_CREATE2, UHID_OUTPUT, UHID_INPUT2
_STATUS, _WRITE, _WRITE_ON, _READ, _READ_ON, _GET, _PINS = 0x10, 0x90, 0x94, 0x91, 0x93, 0x40, 0x51


class Bridge:
    """Reports from the driver to transfers of the display, and what it wants to hear back."""

    def __init__(self, display: Ssd1306) -> None:
        self._display = display
        self._transfer = bytearray()
        self._refused = False
        self._wanted = 0  # bytes to read

    def report(self, data: bytes) -> tuple[bytes, bool]:
        """The answer to one report, and whether the picture changed."""
        command, changed = data[0], False
        if command in (_WRITE, _WRITE_ON):
            size, address = data[1] | data[2] << 8, data[3] >> 1
            self._transfer += data[4 : 4 + size - len(self._transfer)]
            self._refused = address != ADDRESS
            if len(self._transfer) >= size:
                whole, self._transfer = bytes(self._transfer), bytearray()
                changed = not self._refused and self._display.write(whole)
            answer = bytes((command, 0))
        elif command == _STATUS:
            answer = self._status(data)
        elif command in (_READ, _READ_ON):
            self._wanted, self._refused = data[1], data[3] >> 1 != ADDRESS
            answer = bytes((command, 0))
        elif command == _GET:
            size = 0 if self._refused else min(self._wanted, 60)
            answer = bytes((command, 0, 0x25 if self._refused else 0x55, size))
        elif command in (0x50, _PINS):
            answer = bytes((command, 0, 1, 1, 1, 1, 1, 1, 1, 1))
        else:
            answer = bytes((command, 1))
        return answer.ljust(64, b"\0"), changed

    def _status(self, data: bytes) -> bytes:
        answer = bytearray(64)
        answer[0] = _STATUS
        if data[3] == 0x20:  # a new bus speed: taken
            answer[3] = 0x20
        if data[2] == 0x10:  # cancel
            self._transfer.clear()
            self._refused = False
        if self._refused:
            answer[20] = 0x40
        return bytes(answer)


def main() -> None:
    os.system("modprobe -a uhid hid-mcp2221 i2c-dev")
    wire = os.open("/dev/uhid", os.O_RDWR)
    names = (b"stage I2C bridge", b"uhid", b"stage")
    head = (len(_DESCRIPTION), _USB, _VENDOR, _PRODUCT, 0x100, 0)
    form = "<I128s64s64sHHIIII4096s"
    os.write(wire, struct.pack(form, _CREATE, *names, *head, _DESCRIPTION))
    display = Ssd1306()
    bridge = Bridge(display)
    dots = os.open(DOTS, os.O_RDWR | os.O_CREAT, 0o644)
    os.pwrite(dots, display.ram, 0)
    while True:
        event = os.read(wire, 4380)
        if struct.unpack_from("<I", event)[0] != _OUTPUT:
            continue
        (size,) = struct.unpack_from("<H", event, 4 + 4096)
        answer, changed = bridge.report(event[4 : 4 + size].ljust(64, b"\0"))
        os.write(wire, struct.pack("<IH4096s", _INPUT, 64, answer))
        if changed:
            os.pwrite(dots, display.ram, 0)


if __name__ == "__main__":
    main()
