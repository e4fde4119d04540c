"""The entries of the menu: what each shows, its choices, and what it asks of the stage. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ..protocol.choices import Role
from ..protocol.controls import BUTTON_STEPS, CHOICES, ROUND
from ..protocol.records import (
    HUMAN,
    STEERED,
    Command,
    CommandId,
    ControlId,
    ControlSetting,
    Request,
    RoleSetting,
    Setting,
    SettingId,
)
from ..protocol.settings import CONTROLLER, OFF, RANGES
from ..protocol.shared_state import Snapshot
from ..turns.grid import line_up_number
from .control_words import NAMES, asked, value_words, waits
from .field import ARROWS, pitch_words

LINE_UPS = ((0, 1), (1, 0), (0, 1, 2), (0, 1, 0, 2), (0, 1, 1), (0, 0, 1), (1,))
_LEARNT = -1  # in place of roles: the box finds them out by itself
_ROLES = (
    _LEARNT,
    Role.PLAYER,
    Role.CLOCK,
    Role.SYNTH,
    Role.PLAYER | Role.SYNTH,
    Role.PLAYER | Role.CLOCK,
    Role.CLOCK | Role.SYNTH,
    Role.PLAYER | Role.CLOCK | Role.SYNTH,
    Role.NONE,
)
_OFFSET_MS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """``key`` tells entries apart while devices come and go, ``group`` those that belong together.

    ``value`` is what was asked for last, one of ``choices`` or near one; ``ask`` gives the records
    that ask for a value. ``begin`` is sent while the entry is turned, ``end`` after that.
    """

    key: str
    name: str
    group: int
    choices: tuple[float, ...]
    value: Callable[[Snapshot], float]
    words: Callable[[Snapshot, float], str]
    ask: Callable[[float], tuple[Request, ...]]
    default: float
    presses: int = 1  # choices that a press goes on
    wraps: bool = False
    waits: Callable[[Snapshot], bool] = lambda _: False
    mark: Callable[[Snapshot], str] = lambda _: ARROWS
    hint: str = ""
    played: Callable[[Snapshot], float] | None = None  # the value that a played key asks for
    begin: tuple[Request, ...] = ()
    end: tuple[Request, ...] = ()
    forget: tuple[Request, ...] = ()  # what a held TURN asks for; none: the default
    forget_words: str = "reset"

    def stepped(self, value: float, presses: int) -> float:
        """The choice so many presses on from ``value``, or from the one next to it."""
        last = len(self.choices) - 1
        here = min(range(last + 1), key=lambda index: abs(self.choices[index] - value))
        there = here + presses * self.presses
        there = there % (last + 1) if self.wraps else min(max(there, 0), last)
        return self.choices[there]


def entries(snapshot: Snapshot) -> tuple[Entry, ...]:
    """All entries, those of the devices that are plugged in among them."""
    devices = (_device(number, name) for number, name, *_ in snapshot.devices)
    return (*_CONTROLS, *_SET, *_EARS, *devices, *_WIRES, *_BOX)


def _control(control: ControlId) -> Entry:
    controller = CONTROLLER[control]

    def mark(snapshot: Snapshot) -> str:
        number = _number(snapshot, controller)
        if snapshot.learning == control:
            return "turn a knob" if number == OFF else f"CC {number}, or another"
        return "no knob" if number == OFF else f"CC {number}"

    return Entry(
        key=NAMES[control],
        name=NAMES[control],
        group=0,
        choices=CHOICES[control],
        value=lambda snapshot: asked(snapshot, control),
        words=lambda _, value: value_words(control, value),
        ask=lambda value: (ControlSetting(STEERED, control, value),),
        default=0.0,
        presses=BUTTON_STEPS.get(control, 1),
        wraps=control in ROUND,
        waits=lambda snapshot: waits(snapshot, control),
        mark=mark,
        hint="or turn a knob: learnt",
        begin=(Command(CommandId.LEARN, control),),
        end=(Command(CommandId.LEARN, 0),),
        forget=(Setting(controller, OFF),),
        forget_words="no knob",
    )


def _setting(
    which: SettingId,
    name: str,
    group: int,
    words: Callable[[float], str],
    *,
    presses: int = 1,
    played: Callable[[Snapshot], float] | None = None,
    hint: str = "",
) -> Entry:
    kind = RANGES[which]
    return Entry(
        key=kind.option.dotted,
        name=name,
        group=group,
        choices=tuple(map(float, kind.numbers)),
        value=partial(_number, which=which),
        words=lambda _, value: words(value),
        ask=lambda value: (Setting(which, value),),
        default=kind.default,
        presses=presses,
        waits=lambda snapshot: bool(snapshot.settings_wait >> which & 1),
        played=played,
        hint=hint,
    )


def _number(snapshot: Snapshot, which: SettingId) -> int:
    return snapshot.settings[which] if which < len(snapshot.settings) else RANGES[which].default


def _device(number: int, name: str) -> Entry:
    def told(snapshot: Snapshot) -> tuple[int, bool]:
        found = (row[2:] for row in snapshot.devices if row[0] == number)
        return next(found, (Role.NONE, False))

    def value(snapshot: Snapshot) -> float:
        roles, is_told = told(snapshot)
        return roles if is_told else _LEARNT

    def words(snapshot: Snapshot, value: float) -> str:
        if value != _LEARNT:
            return _role_words(int(value))
        roles, is_told = told(snapshot)
        return "AUTO" if is_told else f"AUTO: {_role_words(roles)}"

    return Entry(
        key=f"device {number}",
        name=name,
        group=3,
        choices=tuple(map(float, _ROLES)),
        value=value,
        words=words,
        ask=lambda value: (RoleSetting(number, int(value)),),
        default=_LEARNT,
        wraps=True,
        hint="what it is for",
    )


def _role_words(roles: int) -> str:
    if roles == Role.PLAYER | Role.CLOCK | Role.SYNTH:
        return "ALL THREE"
    return "+".join(role.name or "" for role in Role if role and role & roles) or "NOTHING"


def _line_up_words(_: Snapshot, value: float) -> str:
    known = {float(line_up_number(seats)): seats for seats in LINE_UPS}
    seats = known.get(value, ())
    if HUMAN not in seats:
        return "BOX ALONE" if seats else "AS TOLD"
    return " ".join("YOU" if seat == HUMAN else chr(ord("A") + seat - 1) for seat in seats)


def _channel(none: str) -> Callable[[float], str]:
    return lambda value: f"{int(value)}" if value else none


def _offset_words(_: Snapshot, value: float) -> str:
    return f"{value:+g} ms" if value else "0 ms"


_CONTROLS = tuple(map(_control, CHOICES))
_SET = (
    Entry(
        key="line-up",
        name="who plays",
        group=1,
        choices=tuple(float(line_up_number(seats)) for seats in LINE_UPS),
        value=lambda snapshot: float(line_up_number(snapshot.line_up)),
        words=_line_up_words,
        ask=lambda value: (Command(CommandId.LINE_UP, value),),
        default=float(line_up_number(LINE_UPS[0])),
        wraps=True,
    ),
    _setting(
        SettingId.COUNT_IN,
        "count-in",
        1,
        lambda value: "NONE" if not value else "1 BAR" if value == 1 else f"{int(value)} BARS",
    ),
    _setting(SettingId.CLICK, "click", 1, lambda value: ("OFF", "COUNT-IN", "ALWAYS")[int(value)]),
    Entry(
        key="offset",
        name="sounds later",
        group=1,
        choices=tuple(map(float, range(-_OFFSET_MS, _OFFSET_MS + 1))),
        value=lambda snapshot: snapshot.offset_ms,
        words=_offset_words,
        ask=lambda value: (Command(CommandId.OUTPUT_OFFSET, value),),
        default=0.0,
        hint="STOP, drums on: it clicks",
        begin=(Command(CommandId.TEST_CLICK, 1),),
        end=(Command(CommandId.TEST_CLICK, 0),),
    ),
    _setting(SettingId.JUMP, "DAW jumps", 1, lambda value: ("TRADE ON", "FOLLOW")[int(value)]),
)
_EARS = (
    _setting(
        SettingId.LISTEN_LOW,
        "hears from",
        2,
        pitch_words,
        played=lambda snapshot: snapshot.key_pitch,
        hint="or play the lowest key",
    ),
    _setting(
        SettingId.LISTEN_HIGH,
        "hears up to",
        2,
        pitch_words,
        played=lambda snapshot: snapshot.key_pitch,
        hint="or play the highest key",
    ),
    _setting(SettingId.LISTEN_CHANNEL, "hears channel", 2, _channel("ALL")),
    _setting(
        SettingId.LEAST_VELOCITY,
        "softest heard",
        2,
        lambda value: f"{int(value)}" if value > 1 else "ANY",
        presses=5,
        played=lambda snapshot: snapshot.key_velocity,
        hint="or play it",
    ),
)
_WIRES = (
    _setting(SettingId.BOX_CHANNEL, "box: channel", 4, _channel("")),
    _setting(SettingId.THRU_CHANNEL, "thru: channel", 4, _channel("AS PLAYED")),
    _setting(
        SettingId.THRU_BACK,
        "thru: back",
        4,
        lambda value: ("NO", "YES")[int(value)],
        hint="if its local is off",
    ),
)
_BOX = (_setting(SettingId.BRIGHTNESS, "brightness", 5, lambda value: f"{int(value)}"),)
