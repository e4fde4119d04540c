"""Which ports to open: by name pattern and socket, never by number or place in a list. Pure.

ALSA puts numbers behind names that change with every plug ("KEYSTEP:KEYSTEP MIDI 1 20:0"),
bridges put them in between ("a2j:KEYSTEP [20] (capture): KEYSTEP MIDI 1"). Patterns see
names without them (thestk/rtmidi#281, #348; mido#610).

Where the socket is known, a name ends in it and in a number that no other plug has:
"KEYSTEP:KEYSTEP MIDI 1 20:0@1-1.2#5271" (:mod:`.places`). So a device that was out and in
again between two looks has another name, though ALSA calls it the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

OWN = "lkjam_box"
OWN_IN, OWN_CLOCK, OWN_OUT = f"{OWN} in", f"{OWN} clock", f"{OWN} out"

_NUMBERS = re.compile(r"(?:\s+\d+:\d+|\s*\[\d+\](?:\s*\((?:capture|playback)\))?)(?=\s*(?::|$))")
_PLACE = re.compile(r"@([0-9.-]*)#\d+$")
_FIRST_PORT = re.compile(r" (?:MIDI 1|Port-0)$")
_CLIENT_NUMBER = re.compile(r"\s(\d+):\d+$|\[(\d+)\]")
_BESIDE_THE_KEYS = re.compile(  # BespokeSynth PR#1617; endpoints: alsa-lib#447
    r"\b(?:DAW|Mackie|MCU|HUI|CTRL|InControl|Announce\w*|MIDI 2\.0|UMP|Endpoint)\b", re.IGNORECASE
)
_CUT_AT = 31  # characters of a name that the kernel keeps: a last word may be cut
_CUT_WORDS = ("DAW", "Mackie", "HUI", "CTRL", "InControl")
_NAMED = re.compile(r"\w")


def placed(name: str, path: str, plug: int) -> str:
    """A driver's ``name`` with its USB ``path`` ('' for none) and the number of its plug."""
    return f"{name}@{path}#{plug}"


def driver_name(name: str) -> str:
    """``name`` as the driver spells it, without USB path and plug."""
    return _PLACE.sub("", name)


def path_of(name: str) -> str:
    """USB path of the socket, such as 1-1.2; '' where none is known."""
    found = _PLACE.search(name)
    return found[1] if found else ""


def plain(name: str) -> str:
    """``name`` without the numbers a driver adds; "KEYSTEP:KEYSTEP MIDI 1 20:0" loses "20:0"."""
    return _NUMBERS.sub("", driver_name(name)).strip()


def label(name: str) -> str:
    """The part of ``name`` that every plug leaves the same: "KEYSTEP:KEYSTEP MIDI 1@1-1.2"."""
    path = path_of(name)
    return f"{plain(name)}@{path}" if path else plain(name)


def short(name: str) -> str:
    """The device's name for a small screen: the half after ':' when it repeats the first."""
    device, _, port = plain(name).partition(":")
    return port.strip() if port and port.strip().startswith(device.strip()) else plain(name)


def brief(name: str) -> str:
    """:func:`short` without the "MIDI 1" of a device's first port."""
    return _FIRST_PORT.sub("", short(name)) or short(name)


def client(name: str) -> str:
    """The device's own name: "KEYSTEP" of "KEYSTEP:KEYSTEP MIDI 1 20:0" and of a bridge's name."""
    parts = [part.strip() for part in plain(name).split(":")]
    return parts[1] if parts[0] == "a2j" and len(parts) > 1 and parts[1] else parts[0]


def device_key(name: str) -> str:
    """The same for all ports of one device, in and out: its socket, else the client's number and
    name, else the name alone, as with ports that no driver numbers."""
    path = path_of(name)
    if path:
        return f"@{path}"
    number = _CLIENT_NUMBER.search(driver_name(name))
    return f"{client(name)}#{number[1] or number[2]}" if number else client(name)


def beside_the_keys(name: str) -> bool:
    """Whether a port is for a DAW or for a MIDI 2.0 program, not for what is played: a control
    port, or the endpoint that repeats what the ports of its groups deliver."""
    _, colon, port = plain(name).rpartition(":")
    device = client(name)
    if not colon:  # one name for both: "KeyLab DAW" is a port, "DAW" a device
        device, _, port = port.strip().partition(" ")
    port, was_cut = port.strip(), len(port.strip()) == _CUT_AT
    if port.lower().startswith(device.lower()):
        port = port[len(device) :]
    last = port.split()[-1] if port.split() else ""
    if was_cut and len(last) > 1 and any(word.startswith(last) for word in _CUT_WORDS):
        return True
    return bool(_BESIDE_THE_KEYS.search(port))


def matches(name: str, pattern: str) -> bool:
    """Whether ``pattern`` (* and ?, case does not matter) fits the name, plain or as it is.

    "NAME@PATH" also asks for the socket. Square brackets are plain letters here: port names
    have them.
    """
    wanted = pattern.lower().replace("[", "[[]")
    spelled = {plain(name), label(name), driver_name(name)}
    return any(fnmatchcase(n.lower(), wanted) for n in spelled)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a port is opened or not: ``pattern`` is what decided, "" when none fits. ``beside``: it
    is passed over as one :func:`beside_the_keys`, which no pattern names."""

    name: str
    open: bool
    pattern: str
    beside: bool = False

    def __str__(self) -> str:
        if self.beside:
            return "passed over: a control port or endpoint; a pattern with its name opens it"
        if self.open:
            return f"opened: matches {self.pattern!r}"
        return f"ignored: matches {self.pattern!r}" if self.pattern else "no pattern matches"


def judge(name: str, patterns: Sequence[str], ignore: Sequence[str]) -> Verdict:
    """An ignored name is never opened, and the box's own ports are always ignored. What lies
    :func:`beside_the_keys` is opened only by a pattern with a letter in it."""
    for pattern in (f"*{OWN}*", *ignore):
        if matches(name, pattern):
            return Verdict(name, False, pattern)
    fits = [pattern for pattern in patterns if matches(name, pattern)]
    beside = beside_the_keys(name)
    for pattern in fits:
        if not beside or _NAMED.search(pattern):
            return Verdict(name, True, pattern)
    return Verdict(name, False, "", beside=bool(fits))


def is_named(name: str, patterns: Sequence[str]) -> bool:
    """Whether a pattern with a letter in it fits: the player means this port."""
    return any(_NAMED.search(pattern) and matches(name, pattern) for pattern in patterns)


def choose(present: Iterable[str], patterns: Sequence[str], ignore: Sequence[str]) -> list[str]:
    """Ports to open, those of the first pattern first, then in the system's order.

    Names are kept whole, numbers too, so that of two devices of one model the one that is open
    keeps its name while the other comes and goes.
    """
    found = [v for name in dict.fromkeys(present) if (v := judge(name, patterns, ignore)).open]
    return [v.name for v in sorted(found, key=lambda v: list(patterns).index(v.pattern))]
