"""A thread's processor time, and whether its clock counts instructions: a loop of a known number of
them, in machine code."""

from __future__ import annotations

import ctypes
import mmap
import platform
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

NAME, INSTRUCTIONS = "a loop of 2 M instructions", 2_000_000
_CODE = (  # of a 64-bit ARM
    0xD2884801,  # mov  x1, #0x4240
    0xF2A001E1,  # movk x1, #0xf, lsl #16    a million
    0xF1000421,  # subs x1, x1, #1
    0x54FFFFE1,  # b.ne to the line above
    0xD65F03C0,  # ret
)


class Stopwatch:
    """Processor time of this thread, less what reading it takes."""

    def __init__(self) -> None:
        read = time.thread_time_ns
        times = [read() for _ in range(400)]
        self.reading_ns = sorted(b - a for a, b in pairwise(times))[200]
        self._read, self._left_out = read, 0

    def count(self, do: Callable[[], Any]) -> tuple[int, Any]:
        """Nanoseconds that ``do`` took, and what it returned."""
        self._left_out, began = 0, self._read()
        found = do()
        return self._read() - began - self.reading_ns - self._left_out, found

    @contextmanager
    def left_out(self) -> Iterator[None]:
        """What happens in the block does not count."""
        began = self._read()
        yield
        self._left_out += self._read() - began + self.reading_ns


def known_loop() -> Callable[[], object] | None:
    """Runs :data:`INSTRUCTIONS` of them; None on another processor."""
    if platform.machine() != "aarch64":
        return None
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(struct.pack(f"<{len(_CODE)}I", *_CODE))
    start = ctypes.addressof(ctypes.c_char.from_buffer(page))
    loop = ctypes.CFUNCTYPE(None)(start)
    return lambda: (loop(), page)
