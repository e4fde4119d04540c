"""The option table as a list: one entry per option, read from the types of options.py."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import msgspec

from ..errors import OptionError
from .options import Config, Section

_UNITS = {
    "_ms": "ms", "_beats": "beats", "_bars": "bars", "bpm": "BPM", "_note": "MIDI note",
    "low": "MIDI note", "high": "MIDI note", "transpose": "semitones", "rotate": "degrees",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """One option: ``section.name``, its type and what the table says of it."""

    section: str
    name: str
    default: Any
    kind: Any  # bool, int, float, str, Literal[...] or tuple[..., ...]
    meta: msgspec.Meta

    @property
    def dotted(self) -> str:
        return f"{self.section}.{self.name}"

    @property
    def description(self) -> str:
        return self.meta.description or ""

    @property
    def unit(self) -> str:
        return next((u for end, u in _UNITS.items() if self.name.endswith(end)), "")

    @property
    def is_list(self) -> bool:
        return get_origin(self.kind) is tuple

    @property
    def item(self) -> Any:
        """Type of one value: the option's own, or that of a list's items."""
        return get_args(self.kind)[0] if self.is_list else self.kind

    @property
    def allowed(self) -> str:
        """The allowed values in words, for errors and the reference."""
        words = (self.meta.extra or {}).get("allowed") or _allowed(self.item, self.meta)
        if not self.is_list:
            return str(words)
        low, high = self.meta.min_length, self.meta.max_length
        count = f"{low} to {high} of " if high else ""
        return f"a list of {count}{words}"

    def check(self, value: object, file: str = "", line: int = 0) -> Any:
        """``value`` as this option's type. Raises OptionError."""
        wrong = isinstance(value, float) and not math.isfinite(value)
        try:
            if not wrong:
                return msgspec.convert(value, Annotated[self.kind, self.meta])
        except msgspec.ValidationError:
            pass
        raise OptionError(
            self.dotted, file=file, line=line, found=value, allowed=self.allowed
        ) from None


def _allowed(kind: Any, meta: msgspec.Meta) -> str:
    if get_origin(kind) is Literal:
        return ", ".join(str(value) for value in get_args(kind))
    if kind is bool:
        return "true, false"
    if kind is str:
        return "text"
    whole = "a whole number" if kind is int else "a number"
    if meta.ge is None or meta.le is None:
        return whole
    return f"{whole} from {meta.ge} to {meta.le}"


def _read(section: str, kind: type[Section]) -> list[Option]:
    found = []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        base, meta = get_args(hint)
        found.append(Option(section, name, getattr(kind(), name), base, meta))
    return found


SECTIONS: dict[str, type[Section]] = get_type_hints(Config)
OPTIONS: dict[str, dict[str, Option]] = {
    section: {option.name: option for option in _read(section, kind)}
    for section, kind in SECTIONS.items()
}


def find(dotted: str) -> Option | None:
    section, _, name = dotted.partition(".")
    return OPTIONS.get(section, {}).get(name)
