"""What the player chose and what is plugged in, as processes tell each other of it. Pure."""

from __future__ import annotations

from enum import IntFlag

import msgspec


class Role(IntFlag):
    """What a device is for; a groovebox may be all three."""

    NONE = 0
    PLAYER = 1
    CLOCK = 2
    SYNTH = 4


_WORDS = {"player": Role.PLAYER, "clock": Role.CLOCK, "synth": Role.SYNTH}
_OLD_WORDS = {"keyboard": Role.PLAYER}  # in the memory of older boxes


def role_words(roles: int) -> str:
    """ "player+synth"; "none" for nothing."""
    return "+".join(word for word, role in _WORDS.items() if roles & role) or "none"


def roles_of(words: str) -> Role:
    """What :func:`role_words` wrote; words that are none count for nothing."""
    known = {**_WORDS, **_OLD_WORDS}
    roles = Role.NONE
    for word in words.split("+"):
        roles |= known.get(word, Role.NONE)
    return roles


class Device(msgspec.Struct, frozen=True, omit_defaults=True):
    """A plugged-in thing and what it was for, so that it is known when it comes back."""

    role: str  # as `role_words` writes it
    name: str  # as `ports.names.client` gives it
    path: str = ""  # where it is plugged in: USB path such as 1-1.2, '' where none is known
    told: bool = False  # the player said so; else it was learnt from what it sent


class Choices(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"controls": "dials"}
):
    """What the player chose; None where the options say it.

    ``controls`` are those of each box seat, in the order of ``controls.CHOICES``; in JSON they are
    ``dials``, as in the memory of older boxes.
    """

    progression: str | None = None  # by name: a library changes
    transpose: int = 0  # semitones, with ``progression``
    turn_bars: int | None = None  # 1..16; 0 is the progression's own
    line_up: tuple[str, ...] | None = None
    offset_ms: float | None = None
    controls: dict[str, tuple[float, ...]] = {}  # by letter of the seat
    settings: dict[str, bool | int | str] = {}  # what the menu set, by the option's dotted name

    def encode(self) -> bytes:
        """The choices in JSON."""
        return msgspec.json.encode(self)


def read_choices(data: bytes | str) -> Choices:
    """What :meth:`Choices.encode` wrote; of other data, choices with nothing chosen."""
    try:
        return msgspec.json.decode(data, type=Choices)
    except msgspec.DecodeError:
        return Choices()
