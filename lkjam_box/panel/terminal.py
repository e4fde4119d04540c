"""The panel in a terminal: its picture as characters, its buttons as keys."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import sys
import termios
import textwrap
import tty
from typing import TextIO

from PIL import Image

from ..closing import Closing
from .actions import ACTIONS
from .contacts import Button, Gesture
from .screens import Screen

_BRAILLE = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # dot -> bit, by row
_HALVES = " ▀▄█"
_HOME, _CLEAR = "\x1b[H", "\x1b[2J"
_HIDE, _SHOW, _TO_END = "\x1b[?25l", "\x1b[?25h", "\x1b[K"
_COLOUR, _PLAIN = "\x1b[38;5;159m", "\x1b[0m"


def braille(image: Image.Image) -> list[str]:
    """64 x 16 characters, 2 x 4 dots each: fits any terminal."""
    dots, (width, height) = image.load(), image.size
    assert dots is not None
    rows = []
    for top in range(0, height, 4):
        row = ""
        for left in range(0, width, 2):
            code = 0x2800
            for y in range(4):
                for x in range(2):
                    if dots[left + x, top + y]:
                        code |= _BRAILLE[y][x]
            row += chr(code)
        rows.append(row)
    return rows


def halves(image: Image.Image) -> list[str]:
    """128 x 32 characters, two dots each: larger, for a large terminal."""
    dots, (width, height) = image.load(), image.size
    assert dots is not None
    return [
        "".join(_HALVES[bool(dots[x, y]) + 2 * bool(dots[x, y + 1])] for x in range(width))
        for y in range(0, height, 2)
    ]


def framed(rows: list[str]) -> list[str]:
    edge = "─" * len(rows[0])
    return [f"┌{edge}┐", *(f"│{row}│" for row in rows), f"└{edge}┘"]


class TerminalScreen(Screen):
    """Draws in place, at the top. ``below`` are the lines under the picture, for words and keys."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self.below: list[str] = [keys_help()]
        self._out = out
        self._begun = False

    def show(self, image: Image.Image) -> None:
        size = shutil.get_terminal_size()
        large = size.columns >= image.width + 2 and size.lines >= image.height // 2 + 5
        rows = framed(halves(image) if large else braille(image))
        text = [f"{_COLOUR}{row}{_PLAIN}{_TO_END}" for row in rows]
        wrapped = [part for line in self.below for part in textwrap.wrap(line, size.columns)]
        text += [line + _TO_END for line in wrapped]
        start = _HOME if self._begun else _CLEAR + _HOME + _HIDE
        self._begun = True
        self._out.write(start + "\r\n".join(text) + "\r\n")
        self._out.flush()

    def _close(self) -> None:
        if self._begun:
            self._out.write(_SHOW + _PLAIN)
            self._out.flush()
            self._begun = False


def keys_help() -> str:
    """Help on the keys: each key's button, the capitals' long presses, controls and menu."""
    names = {" ": "space"}
    parts = [f"{names.get(b.value, b.value)} {ACTIONS[b].words}" for b in Button]
    held = [
        f"{'0' if b is Button.START else b.value.upper()} {ACTIONS[b].long_words}"
        for b in Button
        if ACTIONS[b].long
    ]
    open_page = [f"{b.value} {ACTIONS[b].page_words}" for b in Button if ACTIONS[b].page_words]
    menu = [f"{b.value} {ACTIONS[b].menu_words}" for b in Button if ACTIONS[b].menu_words]
    return (
        "  ".join(parts + held)
        + "  Controls open: "
        + "  ".join(open_page)
        + "  Menu: "
        + "  ".join(menu)
    )


class Keys(Closing):
    """Keys of a terminal as buttons: a letter clicks its button, a capital holds it long.

    ``0`` is a long START: panic. Restores the terminal on ``close``.
    """

    def __init__(self, source: TextIO = sys.stdin) -> None:
        self._fd = source.fileno()
        self._before = termios.tcgetattr(self._fd)
        tty.setcbreak(self._fd)

    def presses(self) -> list[tuple[Button, Gesture]]:
        """What was typed since the last call; never waits."""
        found: list[tuple[Button, Gesture]] = []
        while select.select([self._fd], [], [], 0)[0]:
            data = os.read(self._fd, 64).decode(errors="ignore")
            if not data:
                break
            found += [press for char in data if (press := press_of(char))]
        return found

    def _close(self) -> None:
        with contextlib.suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._before)


def press_of(char: str) -> tuple[Button, Gesture] | None:
    """The button and gesture of one key, if it is one of ours."""
    if char == "0":
        return Button.START, Gesture.LONG
    for button in Button:
        if char == button.value:
            return button, Gesture.DOWN if ACTIONS[button].at_once else Gesture.SHORT
        if char == button.value.upper():
            return button, Gesture.LONG
    return None
