"""An SSD1306 as its data sheet has it, as far as a picture needs: bytes in, dots out. Pure."""

from __future__ import annotations

WIDTH, PAGES = 128, 8
_ARGUMENTS = {
    **dict.fromkeys((0x20, 0x81, 0xA8, 0xD3, 0xD5, 0xD9, 0xDA, 0xDB, 0x8D, 0xAD), 1),
    **dict.fromkeys((0x21, 0x22), 2),
}


class Ssd1306:
    """``ram`` holds the dots: a byte is eight of a column, the topmost in bit 0."""

    def __init__(self) -> None:
        self.ram = bytearray(WIDTH * PAGES)
        self.on = False
        self._mode = 2  # page by page, as after a reset
        self._columns, self._pages = (0, WIDTH - 1), (0, PAGES - 1)
        self._column = self._page = 0
        self._pending: list[int] = []

    def write(self, data: bytes) -> bool:
        """One I2C transfer after the address; True when it held dots."""
        if not data:
            return False
        if data[0] & 0x40:
            for byte in data[1:]:
                self._dots(byte)
            return True
        for byte in data[1:]:
            self._command(byte)
        return False

    def _command(self, byte: int) -> None:
        self._pending.append(byte)
        command, *values = self._pending
        if len(values) < _ARGUMENTS.get(command, 0):
            return
        self._pending = []
        if command == 0x20:
            self._mode = values[0]
        elif command == 0x21:
            self._columns, self._column = (values[0], values[1]), values[0]
        elif command == 0x22:
            self._pages, self._page = (values[0], values[1]), values[0]
        elif command in (0xAE, 0xAF):
            self.on = command == 0xAF
        elif command & 0xF8 == 0xB0:
            self._page = command & 7
        elif command < 0x10:
            self._column = self._column & 0xF0 | command
        elif command < 0x20:
            self._column = self._column & 0x0F | (command & 0x0F) << 4

    def _dots(self, byte: int) -> None:
        if self._column < WIDTH and self._page < PAGES:
            self.ram[self._page * WIDTH + self._column] = byte
        self._column += 1
        if self._mode == 0 and self._column > self._columns[1]:
            self._column = self._columns[0]
            self._page += 1
            if self._page > self._pages[1]:
                self._page = self._pages[0]
