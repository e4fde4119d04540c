"""The sample file and the reference page, printed from the option table."""

from __future__ import annotations

import textwrap
from typing import Any

from .table import OPTIONS, SECTIONS, Option

_HEADER = """\
# Options of lkjam-box. Every line shows its default; take the # away to change one.
# Printed by `lkjam-box options --sample`.
"""
_REFERENCE_HEADER = """\
# Options

Written in a YAML file (`lkjam-box run --config FILE`), a section a block; a file needs
only what differs from the defaults. `lkjam-box options --sample` prints a file to start
from. This page is printed by `lkjam-box options --reference`.

```yaml
clock:
  bpm: 140
turns:
  line_up: [human, A, B]
```
"""


def written(value: Any) -> str:
    """A value as YAML."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_quoted(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return _quoted(value) if isinstance(value, str) else f"{value}"


def _quoted(text: str) -> str:
    return text if text.replace("-", "").isalnum() else f'"{text}"'


def _range(option: Option) -> str:
    return option.allowed + (f", {option.unit}" if option.unit else "")


def sample() -> str:
    """A YAML file with every option at its default, commented out."""
    lines = [_HEADER]
    for section, options in OPTIONS.items():
        lines += [f"# {SECTIONS[section].__doc__}", f"{section}:"]
        for option in options.values():
            lines += textwrap.wrap(
                option.description, 96, initial_indent="  # ", subsequent_indent="  # "
            )
            lines += [f"  # ({_range(option)})", f"  #{option.name}: {written(option.default)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def reference() -> str:
    """A Markdown page with a table for each section."""
    parts = [_REFERENCE_HEADER]
    for section, options in OPTIONS.items():
        parts.append(f"## {section}\n\n{SECTIONS[section].__doc__}\n")
        parts.append("| option | default | allowed | what |\n|---|---|---|---|")
        parts += [
            f"| `{o.name}` | `{written(o.default)}` | {_range(o)} | {o.description} |"
            for o in options.values()
        ]
        parts.append("")
    return "\n".join(parts).rstrip() + "\n"
