"""The controls of the answer in words that fit the screen. Pure."""

from __future__ import annotations

from ..protocol.engine import DENSITIES, Strategy, Style
from ..protocol.records import ControlId
from ..protocol.shared_state import Snapshot

NAMES = {
    ControlId.STRATEGY: "strategy",
    ControlId.STYLE: "style",
    ControlId.DENSITY: "density",
    ControlId.REGISTER: "register",
    ControlId.HEAT: "heat",
}
STRATEGY_WORDS = {
    Strategy.FREE: "FREE",
    Strategy.CONTINUATION: "CONTINUE",
    Strategy.IMITATION: "IMITATE",
    Strategy.INVERSION: "INVERT",
    Strategy.CONTRAST: "CONTRAST",
}
SHORT_STRATEGY_WORDS: dict[int, str] = {
    Strategy.FREE: "FREE",
    Strategy.CONTINUATION: "CONTIN",
    Strategy.IMITATION: "IMIT",
    Strategy.INVERSION: "INVERT",
    Strategy.CONTRAST: "CONTRA",
}
_STYLE_WORDS = {Style.EXPERIMENTAL: "EXPERIMENT"}  # the others' names fit
_DENSITY_WORDS = {0: "AS IT COMES", 1: "1 SPARSE", DENSITIES: f"{DENSITIES} BUSY"}


def value_words(control: ControlId, value: float) -> str:
    """The value of a control in words, for the big line."""
    match control:
        case ControlId.STRATEGY:
            return STRATEGY_WORDS[Strategy(int(value))]
        case ControlId.STYLE:
            style = Style(int(value))
            return _STYLE_WORDS.get(style, style.name)
        case ControlId.DENSITY:
            return _DENSITY_WORDS.get(int(value), f"{int(value)}")
        case ControlId.REGISTER:
            return f"{int(value):+d}" if value else "0"
        case _:
            return f"{value:+.1f}" if round(value, 1) else "0"


def asked(snapshot: Snapshot, control: ControlId) -> float:
    """The pending value of a control, in force from the next line on."""
    return float(getattr(snapshot, f"next_{NAMES[control]}"))


def waits(snapshot: Snapshot, control: ControlId) -> bool:
    """Whether the pending value of a control differs from the one in force."""
    return asked(snapshot, control) != float(getattr(snapshot, NAMES[control]))


def big_lines(snapshot: Snapshot, control: ControlId) -> tuple[str, str]:
    """Name and value of a control; the name is ``next: strategy`` while the value is pending."""
    seat = f" {chr(ord('A') + snapshot.controls_seat - 1)}" if snapshot.controls_seat > 1 else ""
    name = NAMES[control] + seat
    return (f"next: {name}" if waits(snapshot, control) else name), value_words(
        control, asked(snapshot, control)
    )


def short_strategy(snapshot: Snapshot) -> str:
    """The strategy in a short word, with an arrow before it while it is pending; '' when no box
    seat plays."""
    if not snapshot.controls_seat:
        return ""
    word = SHORT_STRATEGY_WORDS[snapshot.next_strategy]
    return f"→{word}" if snapshot.next_strategy != snapshot.strategy else word
