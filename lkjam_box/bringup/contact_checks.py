"""Checks buttons, footswitches and knob: asks for each in turn, names the contacts that close."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from ..config.options import Panel
from ..pinmap import Pin, pins
from .guide import Guide, place, placed

WAIT_S = 20.0
LOOK_S = 0.02
_KINDS = {"buttons": "button", "feet": "foot", "knob": "encoder"}


class Levels(Protocol):
    """Contacts by the name of their wire."""

    def closed(self) -> set[str]:
        """Names of the contacts that are closed now."""


def wanted(kind: str, panel: Panel) -> list[Pin]:
    """Wires of ``buttons``, ``feet`` or ``knob``, in the order of the pin map."""
    return [placed(pin, panel) for pin in pins().values() if pin.use == _KINDS[kind]]


def check(kind: str, levels: Levels, guide: Guide, wires: Sequence[Pin]) -> int:
    """Check each wire; say what was found and where to look. Returns how many are wrong."""
    by_name = {pin.name: pin for pin in wires}
    stuck = levels.closed()
    for name in sorted(stuck & by_name.keys()):
        guide.say(f"NO  {place(by_name[name])} is closed and nobody touches it: {_shorted(kind)}")
    wrong = len(stuck & by_name.keys())
    for pin in wires:
        if pin.name not in stuck:
            guide.say(f"    {_do(kind, pin)} {place(pin)}")
            line = _verdict(pin, by_name, _answers(levels, guide, stuck))
            guide.say(line)
            wrong += not line.startswith("ok")
    return wrong


def _answers(levels: Levels, guide: Guide, stuck: set[str]) -> Iterator[set[str]]:
    """The closed contacts, whenever there are some, until all have opened or WAIT_S is over."""
    until_s, seen = guide.now() + WAIT_S, False
    while guide.now() < until_s:
        closed = levels.closed() - stuck
        if closed:
            seen = True
            yield closed
        elif seen:
            return
        guide.rest(LOOK_S)


def _verdict(pin: Pin, by_name: dict[str, Pin], answers: Iterable[set[str]]) -> str:
    heard: set[str] = set()
    for closed in answers:
        heard |= closed
    others = ", ".join(place(by_name[name]) for name in sorted(heard - {pin.name}))
    if pin.name not in heard and not others:
        return (
            f"NO  nothing in {WAIT_S:.0f} s: is header pin {pin.header} joined to one side of the "
            "contact, ground to the other?"
        )
    if pin.name not in heard:
        return f"NO  {others} answered instead: two wires are swapped"
    if others and pin.use != "encoder":
        return f"NO  {others} answered too: two wires touch"
    return f"ok  {pin.label}"


def _do(kind: str, pin: Pin) -> str:
    if kind == "knob":
        return "press" if pin.name.endswith("push") else "turn it slowly past a click:"
    return "step on (both halves of a double pedal, one by one)" if kind == "feet" else "press"


def _shorted(kind: str) -> str:
    if kind == "feet":
        return "a mono plug, a pedal that rests closed, or a wire that touches ground"
    return "it touches ground, or the switch is turned by a quarter"
