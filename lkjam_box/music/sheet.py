"""A progression as a lead sheet in text. Pure."""

from __future__ import annotations

import json

from .harmony import Progression


def bar_texts(progression: Progression) -> list[str]:
    """Each bar as it is written in a file: ``Dm7 G7``, ``C7 / / F7``, ``%``."""
    metre = progression.metre
    texts: list[str] = []
    before: list[str] = []
    for bar in range(progression.form_bars):
        pulses = [
            progression.chord_at(bar * metre.bar_beats + pulse * metre.pulse_beats).symbol
            for pulse in range(metre.count)
        ]
        if pulses == before:
            texts.append("%")
            continue
        before = pulses
        texts.append(_fewest(pulses))
    return texts


def _fewest(pulses: list[str]) -> str:
    count = len(pulses)
    for parts in (n for n in range(1, count + 1) if count % n == 0):
        size = count // parts
        groups = [pulses[i : i + size] for i in range(0, count, size)]
        if all(len(set(group)) == 1 for group in groups):
            heads = [group[0] for group in groups]
            break
    return " ".join(h if i == 0 or h != heads[i - 1] else "/" for i, h in enumerate(heads))


def as_yaml(progression: Progression, bars_a_line: int = 4) -> str:
    """A file that reads back as the same progression, to start one's own from."""
    p, texts = progression, bar_texts(progression)
    lines = [
        f"name: {json.dumps(p.name, ensure_ascii=False)}",
        f"key: {p.key}",
        f"metre: {p.metre}",
    ]
    lines += [f"turn_bars: {p.turn_bars}", f"loops: {p.loops}", "bars:"]
    for first in range(0, len(texts), bars_a_line):
        lines.append(f'  - "{" | ".join(texts[first : first + bars_a_line])}"')
    return "\n".join(lines) + "\n"


def lead_sheet(progression: Progression, bars_a_line: int = 4) -> str:
    """A grid of bars under a heading, for a terminal."""
    p = progression
    loops = f", {p.loops} loops" if p.loops else ""
    lines = [p.name, f"{p.key}  {p.metre}  {p.form_bars} bars, turns of {p.turn_bars}{loops}", ""]
    texts = bar_texts(p)
    columns = min(bars_a_line, len(texts))
    widths = [max(len(t) for t in texts[c::columns]) for c in range(columns)]
    for first in range(0, len(texts), columns):
        row = texts[first : first + columns]
        cells = [f"{text:<{width}}" for text, width in zip(row, widths, strict=False)]
        lines.append(f"{first + 1:>3} | " + " | ".join(cells) + " |")
    return "\n".join(lines)
