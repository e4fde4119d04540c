"""An analysis for people: a table for the terminal, a page with a plot. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from ...play.pianoroll import GRID, INK, PAPER
from ..evaluation.plots import LOOKS, number
from .analysis import COLUMNS
from .trials import SYSTEMS

_STYLE = f"""body {{ margin: 2rem auto; max-width: 62rem; padding: 0 1rem; background: {PAPER};
  color: {INK}; font: 16px/1.5 system-ui, sans-serif; }}
table {{ border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }}
th, td {{ text-align: left; padding: .25rem .9rem .25rem 0; border-bottom: 1px solid {GRID}; }}
svg {{ max-width: 100%; height: auto; }} svg text {{ font-family: inherit; }}"""
_LEFT, _WIDTH, _ROW, _TOP, _GAP = 140.0, 720.0, 15.0, 34.0, 12.0

Table = tuple[str, Sequence[str], Sequence[Sequence[str]]]  # title, head, rows


def tables(found: Mapping[str, Any]) -> list[Table]:
    """The figures as words, for both forms of the report."""
    ratings = [
        (name, *(_estimate(found["ratings"][s][name]) for s in SYSTEMS), _agreement(found, name))
        for name in COLUMNS
    ]
    differences = [
        (name, *(_estimate(row[name], sign=True) for row in found["differences"].values()))
        for name in COLUMNS
    ]
    preferences = [
        (name, _share(row), str(row["count"]), str(row["undecided"]))
        for name, row in found["preferences"].items()
    ]
    detection = found["detection"]
    human = [
        ("the human's clip found", _share(detection), str(detection["count"])),
        ("by chance", f"{100 * detection['chance']:.0f} %", ""),
        *(
            (f"{name} taken for human", _share(row), str(row["count"]))
            for name, row in found["taken_for_human"].items()
        ),
        ("sureness when right, wrong", _pair(detection, "sure_right", "sure_wrong"), ""),
    ]
    doubtful = set(found["attention"]["doubtful"])
    attention = [
        (name, number(distance), "doubtful" if name in doubtful else "")
        for name, distance in found["attention"]["distance"].items()
    ]
    return [
        ("Ratings, 1 to 7", ("", *SYSTEMS, "agreement"), ratings),
        ("Differences", ("", *found["differences"]), differences),
        ("Preferred", ("", "share", "decided", "undecided"), preferences),
        ("Which one is a human's?", ("", "share", "of"), human),
        ("Attention: the same clip rated apart by", ("listener", "steps", ""), attention),
    ]


def text(found: Mapping[str, Any]) -> str:
    """The report as plain text, for the terminal."""
    lines = [_summary(found)]
    for title, head, rows in tables(found):
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        lines += ["", title]
        for row in (head, *rows):
            cells = (f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True))
            lines.append(("  " + "  ".join(cells)).rstrip())
    return "\n".join(lines)


def page(found: Mapping[str, Any]) -> str:
    """The report as one self-contained HTML page."""
    parts = [f"<h1>Listening test {escape(found['kit'])}</h1><p>{escape(_summary(found))}</p>"]
    parts.append(plot(found["ratings"]))
    for title, head, rows in tables(found):
        body = "".join(f"<tr>{_cells('td', row)}</tr>" for row in rows)
        parts.append(f"<h2>{escape(title)}</h2><table><tr>{_cells('th', head)}</tr>{body}</table>")
    parts.append(
        "<p>Brackets are 95 % intervals: of ratings by drawing listeners and trials anew, of "
        "shares by Wilson. Agreement is Krippendorff's alpha: 1 full, 0 as by chance.</p>"
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>Listening test</title><style>{_STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def plot(ratings: Mapping[str, Mapping[str, Mapping[str, float]]]) -> str:
    """Means with their intervals, a group a dimension, as one ``<svg>``."""
    group = _ROW * len(SYSTEMS) + _GAP
    bottom = _TOP + group * len(COLUMNS)

    def x(mark: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - 20) * (min(max(mark, 1.0), 7.0) - 1) / 6

    parts = [
        f'<line x1="{x(mark)}" y1="{_TOP - 6}" x2="{x(mark)}" y2="{bottom}" stroke="{GRID}"/>'
        f'<text x="{x(mark)}" y="{bottom + 16}" text-anchor="middle" font-size="12">{mark}</text>'
        for mark in range(1, 8)
    ]
    for i, system in enumerate(SYSTEMS):
        colour, place = LOOKS[system].colour, _LEFT + 110 * i
        parts.append(f'<circle cx="{place}" cy="12" r="5" fill="{colour}"/>')
        parts.append(f'<text x="{place + 10}" y="16" font-size="13">{system}</text>')
        for j, name in enumerate(COLUMNS):
            y = _TOP + group * j + _ROW * (i + 0.5)
            if i == 1:
                parts.append(f'<text x="0" y="{y + 4}" font-size="13">{name}</text>')
            found = ratings[system][name]
            if not math.isfinite(found["value"]):
                continue
            if math.isfinite(found["low"]):
                parts.append(
                    f'<line x1="{x(found["low"]):.1f}" x2="{x(found["high"]):.1f}" y1="{y}" '
                    f'y2="{y}" stroke="{colour}" stroke-width="3"/>'
                )
            parts.append(
                f'<circle cx="{x(found["value"]):.1f}" cy="{y}" r="5" fill="{colour}">'
                f"<title>{system}, {name}: {_estimate(found)}</title></circle>"
            )
    return (
        f'<svg viewBox="0 0 {_WIDTH:.0f} {bottom + 24:.0f}" width="{_WIDTH:.0f}" role="img" '
        f'aria-label="mean ratings with their intervals" fill="{INK}">{"".join(parts)}</svg>'
    )


def _summary(found: Mapping[str, Any]) -> str:
    attention = found["attention"]
    left = " left out" if attention["left_out"] else ""
    return (
        f"{found['listeners']} listeners, {found['judgements']} trials judged, "
        f"{found['clips_a_trial']} clips each; {len(attention['doubtful'])} doubtful "
        f"listeners{left}"
    )


def _estimate(row: Mapping[str, float], sign: bool = False) -> str:
    if not math.isfinite(row["value"]):
        return "–"
    form = "+.2f" if sign else ".2f"
    if not math.isfinite(row["low"]):
        return format(row["value"], form)
    return f"{row['value']:{form}} [{row['low']:{form}}, {row['high']:{form}}]"


def _share(row: Mapping[str, float]) -> str:
    if not row["count"]:
        return "–"
    return f"{100 * row['value']:.0f} % [{100 * row['low']:.0f}, {100 * row['high']:.0f}]"


def _pair(row: Mapping[str, float], one: str, other: str) -> str:
    return f"{number(row[one])}, {number(row[other])}"


def _agreement(found: Mapping[str, Any], name: str) -> str:
    return number(found["agreement"][name], 2) if name in found["agreement"] else ""


def _cells(tag: str, row: Iterable[str]) -> str:
    return "".join(f"<{tag}>{escape(cell)}</{tag}>" for cell in row)
