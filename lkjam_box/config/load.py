"""Reads options from file and command line into a checked Config, encodes it for processes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..errors import OptionError
from ..pinmap import movable
from . import nodes
from .nodes import Node
from .options import Config
from .table import OPTIONS, SECTIONS, Option, find

_CONTROLLERS = ("strategy", "style", "density", "register", "heat")  # of section controls
_LOW_AND_HIGH = (("brain", 1, "more than", "less than"), ("listen", 0, "at least", "at most"))
_TRUE, _FALSE = ("true", "yes", "on"), ("false", "no", "off")


def load_config(path: Path | None) -> Config:
    """The options of a file, or the defaults without one. Raises OptionError."""
    if path is None:
        return Config()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as bad:
        raise OptionError(f"cannot read: {bad.strerror}", file=path) from None
    except UnicodeDecodeError:
        raise OptionError("cannot read", file=path, allowed="text in UTF-8") from None
    return parse_config(text, path)


def parse_config(text: str, file: str | Path = "") -> Config:
    """Options written as YAML. Raises OptionError naming file and line."""
    file = str(file)
    trees = nodes.documents(text, file, OptionError)
    if len(trees) > 1:
        raise OptionError("a second document", file=file, line=nodes.line(trees[1]), allowed="one")
    if not trees or _empty(trees[0]):
        return Config()
    values: dict[str, dict[str, Any]] = {}
    lines: dict[str, int] = {}
    for section, (line, node) in nodes.pairs(trees[0], "options", file, OptionError).items():
        if section not in OPTIONS:
            raise _unknown("section", section, OPTIONS, file, line)
        values[section] = {}
        if _empty(node):  # a section whose every line is commented out
            continue
        for name, (at, value) in nodes.pairs(node, section, file, OptionError).items():
            option = OPTIONS[section].get(name)
            if option is None:
                raise _unknown(f"option of {section}", name, OPTIONS[section], file, at)
            values[section][name] = option.check(_value(option, value), file, nodes.line(value))
            lines[option.dotted] = at
    sections = {name: SECTIONS[name](**given) for name, given in values.items()}
    config = msgspec.structs.replace(Config(), **sections)
    return _cross_checked(config, file, lines)


def override(config: Config, values: Mapping[str, object]) -> Config:
    """The config with some options changed: ``{"clock.bpm": 140}``. Raises OptionError.

    Text is parsed as in the file, so values of the command line can be passed unchanged.
    """
    changed: dict[str, dict[str, Any]] = {}
    for dotted, value in values.items():
        option = find(dotted)
        if option is None:
            section = dotted.partition(".")[0]
            if section not in OPTIONS:
                raise _unknown("section", section, OPTIONS, "", 0)
            raise _unknown("option", dotted, [f"{section}.{n}" for n in OPTIONS[section]], "", 0)
        if isinstance(value, str):
            value = _from_text(option, value)
        elif isinstance(value, list):
            value = tuple(value)
        changed.setdefault(option.section, {})[option.name] = option.check(value)
    sections = {
        name: msgspec.structs.replace(getattr(config, name), **given)
        for name, given in changed.items()
    }
    return _cross_checked(msgspec.structs.replace(config, **sections), "", {})


def encode(config: Config) -> bytes:
    """JSON, for another process."""
    return msgspec.json.encode(config)


def decode(data: bytes) -> Config:
    return msgspec.json.decode(data, type=Config)


def _unknown(what: str, name: str, known: Any, file: str, line: int) -> OptionError:
    return OptionError(
        f"unknown {what}", file=file, line=line, found=name, allowed=nodes.nearest(name, known)
    )


def _empty(node: Node) -> bool:
    return node.id == "scalar" and node.value in ("", "~", "null")


def _value(option: Option, node: Node) -> object:
    """A node's value as the option's type; text where that fails, for ``Option.check``."""
    if option.is_list:
        if node.id == "sequence":
            return tuple(_scalar(option.item, item) for item in node.value)
        return (_scalar(option.item, node),) if node.value else nodes.shown(node)
    return _scalar(option.kind, node)


def _scalar(kind: Any, node: Node) -> object:
    return _from_word(kind, node.value) if node.id == "scalar" else nodes.shown(node)


def _from_word(kind: Any, word: str) -> object:
    if kind is bool:
        lowered = word.lower()
        return lowered in _TRUE if lowered in (*_TRUE, *_FALSE) else word
    numeric = kind in (int, float) or word.lstrip("-").isdigit()
    if kind is str or not numeric or (kind not in (int, float) and _is_text_choice(kind)):
        return word
    try:
        return int(word, 0 if word.lower().startswith("0x") else 10)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        return word


def _is_text_choice(kind: Any) -> bool:
    return all(isinstance(value, str) for value in getattr(kind, "__args__", ()))


def _from_text(option: Option, text: str) -> object:
    if not option.is_list:
        return _from_word(option.kind, text)
    words = [word.strip() for word in text.strip("[] ").split(",")]
    return tuple(_from_word(option.item, word) for word in words if word)


def _cross_checked(config: Config, file: str, lines: Mapping[str, int]) -> Config:
    """``config``, once no two options contradict each other. Raises OptionError."""
    for section, apart, more, less in _LOW_AND_HIGH:
        low, high = getattr(config, section).low, getattr(config, section).high
        if high - low < apart:
            lowest, name = f"{section}.low", f"{section}.high"
            found, allowed = high, f"{more} {lowest} ({low})"
            if name not in lines and lowest in lines:
                found, allowed = low, f"{less} {name} ({high})"
                name = lowest
            line = lines.get(name, 0)
            raise OptionError(name, file=file, line=line, found=found, allowed=allowed)
    owners: dict[int, str] = {}
    for wire in movable():
        name, pin = wire.option, config.panel.pin(wire.name)
        if pin in owners:
            one, other = f"panel.{name}", f"panel.{owners[pin]}"
            if one not in lines and other in lines:
                one, other = other, one
            allowed = f"a pin of its own ({other} has {pin})"
            raise OptionError(one, file=file, line=lines.get(one, 0), found=pin, allowed=allowed)
        owners[pin] = name
    _check_controllers(config, file, lines)
    return config


def _check_controllers(config: Config, file: str, lines: Mapping[str, int]) -> None:
    """Raise OptionError where two options use one MIDI controller: it would change both."""
    numbers = {f"controls.{name}": getattr(config.controls, name) for name in _CONTROLLERS}
    if config.turns.hand_over.startswith("cc:"):
        numbers["turns.hand_over"] = config.turns.hand_over.removeprefix("cc:")
    owners: dict[str, str] = {}
    for name, number in numbers.items():
        if number in owners and number != "off":
            one, other = name, owners[number]
            if one not in lines and other in lines:
                one, other = other, one
            allowed = f"a controller of its own ({other} has {number})"
            raise OptionError(one, file=file, line=lines.get(one, 0), found=number, allowed=allowed)
        owners[number] = name
