"""How a check talks to the builder, and how it names a wire."""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from ..config.options import Panel
from ..pinmap import Pin


class Guide(Protocol):
    """Talks to the builder. ``now`` and ``rest`` are the check's clock and sleep, in seconds."""

    def say(self, line: str) -> None: ...

    def ask(self, question: str) -> bool:
        """True for yes."""

    def now(self) -> float: ...

    def rest(self, seconds: float) -> None: ...


class Terminal:
    """A builder at a terminal. Without one (a pipe), every question is answered no."""

    def say(self, line: str) -> None:
        print(line, flush=True)

    def ask(self, question: str) -> bool:
        print(f"{question} [y/n] ", end="", flush=True)
        answer = sys.stdin.readline().strip().lower()
        return answer in ("y", "yes", "j", "ja")

    def now(self) -> float:
        return time.monotonic()

    def rest(self, seconds: float) -> None:
        select.select((), (), (), seconds)


@dataclass(slots=True)
class FakeGuide:
    """Gives ``answers`` in turn; time passes only in ``rest``, which then calls ``meanwhile``."""

    answers: list[bool] = field(default_factory=list)
    meanwhile: Callable[[float], None] = lambda now: None
    said: list[str] = field(default_factory=list)
    time_s: float = 0.0

    def say(self, line: str) -> None:
        self.said.append(line)

    def ask(self, question: str) -> bool:
        self.said.append(question)
        return self.answers.pop(0) if self.answers else False

    def now(self) -> float:
        return self.time_s

    def rest(self, seconds: float) -> None:
        self.time_s += seconds
        self.meanwhile(self.time_s)


def placed(pin: Pin, panel: Panel) -> Pin:
    """``pin`` with the GPIO line that the options give it."""
    return replace(pin, bcm=panel.pin(pin.name))


def place(pin: Pin) -> str:
    """Where a builder finds a wire: "START/STOP (header pin 11, GPIO 17)"."""
    return f"{pin.label} (header pin {pin.header}, GPIO {pin.bcm})"
