"""Plots of a report as inline SVG: no library, no outside resource. Pure.

Every function returns one ``<svg>`` element whose words are escaped; ``<title>`` elements
say the numbers when a pointer rests on them. Colours are those of the demo's piano rolls.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from ...music.note import Note
from ...play.pianoroll import BOXES, GRID, HUMAN, INK
from ..training.exchange import Exchange

PLAYER = HUMAN
MODEL, MARKOV, OTHER = BOXES
GREY = "#8b8d93"
_SHADE = "#fdeee4"
_Scale = Callable[[float], float]
_Height = Callable[[int], float]
_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Look:
    """How a player's curve looks."""

    colour: str
    filled: bool = False
    dashes: str = ""


LOOKS = {
    "human": Look(PLAYER, filled=True),
    "model": Look(MODEL),
    "markov": Look(MARKOV, dashes="5 3"),
}


def number(value: float | None, digits: int = 3) -> str:
    """A figure as people read it: at most ``digits`` significant ones, a dash for none."""
    if value is None or not math.isfinite(value):
        return "–"
    if abs(value - round(value)) < 1e-9:
        return f"{round(value):,}"
    decimals = digits - 1 - math.floor(math.log10(abs(value)))
    return f"{value:.{max(0, min(3, decimals))}f}"


def distribution(
    title: str, unit: str, bins: Sequence[float], shares: Mapping[str, Sequence[float]]
) -> str:
    """Step curves over the same bins; ``shares[player]`` has a share for each bin, sum 1.

    All bins are drawn equally wide, whatever their edges.
    """
    width, height, left, top, bottom = 340.0, 190.0, 34.0, 26.0, 38.0
    count = len(bins) - 1
    most = max((share for curve in shares.values() for share in curve), default=0.0) or 1.0
    step, across = (width - left - 8) / count, height - top - bottom
    ticks = _ticks(most)
    most = max(most, ticks[-1])

    def y(share: float) -> float:
        return top + across * (1 - share / most)

    parts = [_text(4, 15, title, weight="600", size=12.5)]
    for tick in ticks:
        parts.append(_line(left, y(tick), width - 8, y(tick), GRID))
        parts.append(_text(left - 4, y(tick) + 3.5, f"{100 * tick:g}%", "end", GREY, 9.5))
    for place, words in _bin_labels(bins):
        x = left + place * step
        parts.append(_line(x, y(0), x, y(0) + 3, GREY))
        parts.append(_text(x, y(0) + 14, words, "middle", GREY, 9.5))
    parts.append(_text(width - 8, height - 6, unit, "end", GREY, 10))
    for player, curve in shares.items():
        look = LOOKS.get(player, Look(OTHER))
        points = [(left, y(0.0))]
        for i, share in enumerate(curve):
            points += [(left + i * step, y(share)), (left + (i + 1) * step, y(share))]
        points.append((left + count * step, y(0.0)))
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        fill = f'fill="{look.colour}" fill-opacity=".22"' if look.filled else 'fill="none"'
        dash = f' stroke-dasharray="{look.dashes}"' if look.dashes else ""
        parts.append(
            f'<polyline points="{path}" {fill} stroke="{look.colour}" stroke-width="1.7"{dash}>'
            f"<title>{escape(player)}</title></polyline>"
        )
    return _svg(width, height, parts, title)


def dots(
    title: str,
    rows: Sequence[tuple[str, float, str]],
    low: float,
    high: float,
    bands: Mapping[str, tuple[float, float]] | None = None,
) -> str:
    """One dot a row (name, value, colour) on a common scale; a goal's band behind its row."""
    width, left, top, pitch = 520.0, 150.0, 30.0, 22.0
    height = top + pitch * len(rows) + 26

    def x(value: float) -> float:
        inside = min(max(value, low), high)
        return left + (width - left - 54) * (inside - low) / (high - low)

    parts = [_text(4, 15, title, weight="600", size=12.5)]
    base = top + pitch * len(rows)
    for i in range(5):
        value = low + (high - low) * i / 4
        parts.append(_line(x(value), top - 6, x(value), base, GRID))
        parts.append(_text(x(value), base + 14, number(value, 2), "middle", GREY, 9.5))
    if low < 0 < high:
        parts.append(_line(x(0), top - 6, x(0), base, GREY))
    for i, (name, value, colour) in enumerate(rows):
        middle = top + pitch * (i + 0.5)
        band = (bands or {}).get(name)
        if band:
            parts.append(
                _box(x(band[0]), middle - 8, x(band[1]) - x(band[0]), 16, OTHER, opacity=0.18)
            )
        parts.append(_text(left - 10, middle + 4, name, "end", INK, 11.5))
        if math.isfinite(value):
            zero = x(min(max(0.0, low), high))
            parts.append(_line(zero, middle, x(value), middle, colour, 2.0))
            parts.append(f'<circle cx="{x(value):.1f}" cy="{middle:.1f}" r="5" fill="{colour}"/>')
        parts.append(_text(width - 4, middle + 4, number(value), "end", INK, 11.5))
    return _svg(width, height, parts, title)


def lines(
    title: str, ticks: Sequence[str], curves: Mapping[str, tuple[Sequence[float], str]], unit: str
) -> str:
    """A point per tick and curve, joined: ``curves[name]`` is (values, colour)."""
    width, height, left, top, bottom = 560.0, 230.0, 44.0, 30.0, 26.0
    every = [value for values, _ in curves.values() for value in values]
    low, high = min(every), max(every)
    room = (high - low) * 0.08 or 1.0
    low, high = low - room, high + room
    right = width - 150

    def x(index: float) -> float:
        return left + (right - left) * (index + 0.5) / len(ticks)

    def y(value: float) -> float:
        return top + (height - top - bottom) * (high - value) / (high - low)

    parts = [_text(4, 15, f"{title} ({unit})", weight="600", size=12.5)]
    for i in range(5):
        value = low + room + (high - low - 2 * room) * i / 4
        parts.append(_line(left, y(value), right, y(value), GRID))
        parts.append(_text(left - 5, y(value) + 3.5, number(value), "end", GREY, 9.5))
    for i, tick in enumerate(ticks):
        parts.append(_text(x(i), height - 8, tick, "middle", GREY, 10.5))
    taken: list[float] = []
    for name, (values, colour) in sorted(curves.items(), key=lambda one: -one[1][0][-1]):
        path = " ".join(f"{x(i):.1f},{y(value):.1f}" for i, value in enumerate(values))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(i):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}">'
            f"<title>{escape(name)} {escape(ticks[i])}: {number(value)}</title></circle>"
            for i, value in enumerate(values)
        ]
        beside = max([y(values[-1]) + 4, *(place + 13 for place in taken)])
        taken.append(beside)
        parts.append(_text(right + 6, beside, f"{name} {number(values[-1])}", "start", colour, 11))
    return _svg(width, height, parts, title)


def piano_roll(exchange: Exchange, name: str, low: int, high: int, colour: str) -> str:
    """Call (the human's, orange) and answer over their chords, a line at each bar.

    ``low`` and ``high`` are the lowest and highest pitch of all rolls shown together.
    """
    width, left, top, step = 1080.0, 92.0, 20.0, 3.4
    first, last = exchange.call_scene.start_beats, exchange.scene.end_beats
    height = top + step * (high - low + 3) + 6

    def x(beat: float) -> float:
        return left + (width - left - 6) * (beat - first) / (last - first)

    def y(pitch: int) -> float:
        return top + step * (high - pitch + 1)

    middle = exchange.scene.start_beats
    parts = [_box(x(first), top, x(middle) - x(first), height - top, _SHADE)]
    parts.append(_text(4, (top + height) / 2, name, "start", colour, 12, "600"))
    parts += [
        _line(left, y(pitch) + step / 2, width - 6, y(pitch) + step / 2, GRID, 0.7)
        for pitch in range(math.ceil(low / 12) * 12, high + 1, 12)
    ]
    bar_beats = exchange.scene.harmony.progression.metre.bar_beats
    for i in range(round((last - first) / bar_beats) + 1):
        beat = first + i * bar_beats
        heavy = abs(beat - middle) < 1e-6
        parts.append(
            _line(x(beat), top, x(beat), height, INK if heavy else GREY, 1.6 if heavy else 0.6)
        )
    parts += _chords(exchange, first, last, x)
    parts += [_note(note, x, y, step, PLAYER) for note in exchange.call]
    parts += [_note(note, x, y, step, colour) for note in exchange.answer]
    return _svg(width, height, parts, f"{name}: call and answer")


def legend(players: Iterable[str]) -> str:
    """The players' colours, for above a set of distributions."""
    out = []
    for player in players:
        look = LOOKS.get(player, Look(OTHER))
        style = "dashed" if look.dashes else "solid"
        fill = f"background:{look.colour}38;" if look.filled else ""
        out.append(
            f'<span class="key"><i style="{fill}border-top:3px {style} {look.colour}"></i>'
            f"{escape(player)}</span>"
        )
    return f'<p class="legend">{"".join(out)}</p>'


# --- inside ----------------------------------------------------------------------------


def _chords(exchange: Exchange, first: float, last: float, x: _Scale) -> list[str]:
    """Chord symbols where they change, and at each turn's line."""
    parts = []
    for scene, start, end in (
        (exchange.call_scene, first, exchange.scene.start_beats),
        (exchange.scene, exchange.scene.start_beats, last),
    ):
        beat, shown = start, -math.inf
        while beat < end - 1e-6:
            chord = scene.harmony.chord_at(beat + 1e-6)
            if x(beat) - shown > 9 * max(3, len(chord.symbol)) * 0.75:
                parts.append(_text(x(beat) + 3, 14, chord.symbol, "start", INK, 10.5))
                shown = x(beat)
            wait = scene.harmony.next_chord(beat + 1e-6)[1]
            beat += max(wait, 0.25)
    return parts


def _note(note: Note, x: _Scale, y: _Height, step: float, colour: str) -> str:
    begin, end = x(note.onset_beats), x(note.end_beats)
    return _box(
        begin, y(note.pitch), max(1.5, end - begin - 0.5), step, colour, opacity=_loud(note)
    )


def _loud(note: Note) -> float:
    return 0.55 + 0.45 * min(1.0, note.velocity / 100)


def _bin_labels(bins: Sequence[float]) -> list[tuple[float, str]]:
    """(place in bins, label) of every few edges; bins centred on whole numbers are labelled in
    the middle; of just two bins, centred on 0 and 1, the labels are no and yes."""
    count = len(bins) - 1
    every = max(1, math.ceil(count / 7))
    if tuple(bins) == (-0.5, 0.5, 1.5):
        return [(0.5, "no"), (1.5, "yes")]
    if all(edge % 1 == 0.5 for edge in bins) and bins[1] - bins[0] == 1:
        return [(i + 0.5, number(bins[i] + 0.5)) for i in range(0, count, every)]
    return [(i, number(bins[i], 2)) for i in range(0, count + 1, every)]


def _ticks(most: float) -> list[float]:
    """Three or so round shares from 0 up to at least ``most``."""
    rough = most / 3
    size = 10.0 ** math.floor(math.log10(rough))
    step = size * next(nice for nice in _NICE if size * nice >= rough - 1e-12)
    return [i * step for i in range(math.ceil(most / step - 1e-9) + 1)]


def _svg(width: float, height: float, parts: Sequence[str], label: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _text(
    x: float,
    y: float,
    words: str,
    anchor: str = "start",
    colour: str = INK,
    size: float = 11.0,
    weight: str = "400",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" '
        f'font-size="{size:g}" font-weight="{weight}">{escape(words)}</text>'
    )


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1.0) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}"/>'
    )


def _box(x: float, y: float, width: float, height: float, colour: str, opacity: float = 1.0) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="1" '
        f'fill="{colour}" fill-opacity="{opacity:.2f}"/>'
    )
