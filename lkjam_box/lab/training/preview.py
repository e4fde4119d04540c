"""``lkjam-box train preview``: a picture of what every layer of the training data yields.

Piano rolls over the chords, a panel for each layer and each strategy. Needs matplotlib.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from ...brain.phrases import positions
from ...errors import FileError, MissingLibrary
from ...play.pianoroll import GRID, HUMAN, INK, PAPER
from ...protocol.engine import Role, Strategy
from .corpus import data_folder
from .layers import BAR_BEATS, BARS, Panel, Part, panels
from .pitches import sounding

FILE = "preview.png"
_PALE, _STRONG = 0.28, 0.95  # fill of other notes and of chord tones
_COLOURS = {
    Strategy.FREE: "#1f6f8b",
    Strategy.CONTINUATION: "#2b6cb0",
    Strategy.IMITATION: "#3f7d4e",
    Strategy.INVERSION: "#7b4bab",
    Strategy.CONTRAST: "#b02a4c",
}
_NAMES = {Strategy.FREE: "made by rule, or a human's answer"}
_INCHES, _PANEL_INCHES, _HEAD_INCHES, _DPI = 16.0, 2.35, 1.25, 100
_CHORD_LANE, _NAME_LANE, _PHRASE_LANE = 0.15, 0.12, 0.07  # of a panel's height
_LEAST_RANGE = 17  # semitones
_LETTER = 0.0056  # width of a letter of the legend, as a share of the picture's
_LETTERS_A_BEAT = 4.6  # of chord symbols at full size
_CLOSED = ("7", "6", "5", "alt")  # a quality with such an end needs no 7 before its tensions
_SYMBOL = re.compile(r"^([A-G][b#]?)(.*?)((?:(?:9|11|13)[b#]?)*)(/.*)?$")


def run(args: argparse.Namespace) -> int:
    """Draw the picture into the folder ``args.out``, of data from ``args.data``, chosen by
    ``args.seed``. Raises FileError, MissingLibrary."""
    print(picture(panels(data_folder(args.data), args.seed), Path(args.out) / FILE))
    return 0


def picture(drawn: Sequence[Panel], path: Path) -> Path:
    """Draw the panels one under the other as a PNG. Raises FileError, MissingLibrary."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise MissingLibrary("no matplotlib: pip install 'lkjam-box[train]'") from None
    height = _HEAD_INCHES + _PANEL_INCHES * len(drawn)
    figure = Figure(figsize=(_INCHES, height), dpi=_DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(drawn), 1, squeeze=False)[:, 0]
    for axis, panel in zip(axes, drawn, strict=True):
        _draw(axis, panel)
    _head(figure, height)
    figure.subplots_adjust(
        left=0.03, right=0.99, top=1 - _HEAD_INCHES / height, bottom=0.25 / height, hspace=0.3
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        figure.savefig(path, facecolor=PAPER)
    except OSError as error:
        raise FileError(f"cannot write: {error.strerror}", file=path) from error
    return path


def _head(figure: Any, height: float) -> None:
    """Title and legend."""
    top, under = 1 - 0.28 / height, 1 - 0.62 / height
    title = "What the model learns from"
    figure.text(0.03, top, title, fontsize=17, weight="bold", color=INK, va="center")
    note = "full: chord tone    pale: any other    stroke below: phrase    thick line: of a turn"
    figure.text(0.99, top, note, fontsize=10.5, color=INK, va="center", ha="right")
    legend = [("call, or a human's solo", HUMAN)]
    legend += [(_NAMES.get(s, f"answer: {s.name.lower()}"), c) for s, c in _COLOURS.items()]
    x = 0.03
    for text, colour in legend:
        figure.text(x, under, f"■ {text}", fontsize=10.5, color=colour, va="center")
        x += _LETTER * (len(text) + 6)


def _draw(axis: Any, panel: Panel) -> None:
    start, end = panel.start_beats, panel.start_beats + BAR_BEATS * BARS
    pitches = [note.pitch for part in panel.parts for note in part.notes] or [60]
    spare = max(0, _LEAST_RANGE - (max(pitches) - min(pitches)))
    low, top = min(pitches) - 2 - spare // 2, max(pitches) + 2 + spare - spare // 2
    span = top - low
    high = top + _NAME_LANE * span * (len(panel.parts) > 1)
    floor, roof = low - _PHRASE_LANE * span, high + _CHORD_LANE * span
    axis.set(xlim=(start - 0.15, end + 0.05), ylim=(floor, roof), facecolor=PAPER)
    _grid(axis, start, end, (low, top), high, roof)
    _chords(axis, panel, start, end, high, roof)
    for line in panel.lines:
        axis.plot([line] * 2, [floor, high], color=INK, lw=1.6, zorder=2)
    for part in panel.parts:
        _notes(axis, panel, part)
        _phrases(axis, panel, part, floor, low)
        if len(panel.parts) > 1 and part.notes:
            axis.text(
                part.notes[0].onset_beats + 0.1, high - 0.02 * span, part.name, fontsize=8.5,
                color=_colour(part), weight="bold", va="top", zorder=5,
            )  # fmt: skip
    _edges(axis, panel, start, low, top)


def _grid(
    axis: Any, start: float, end: float, pitches: tuple[int, int], high: float, roof: float
) -> None:
    low, top = pitches
    for pitch in range(low, top + 1):
        if pitch % 12 in (1, 3, 6, 8, 10):
            axis.fill_between(
                [start, end], pitch - 0.5, pitch + 0.5, color="#000000", alpha=0.025, lw=0
            )
    for beat in range(int(end - start) + 1):
        bar = beat % BAR_BEATS == 0
        axis.plot(
            [start + beat] * 2, [low, roof if bar else high], color="#a9a396" if bar else GRID,
            lw=1.1 if bar else 0.6, zorder=1,
        )  # fmt: skip


def _chords(axis: Any, panel: Panel, start: float, end: float, high: float, roof: float) -> None:
    """The symbols over the bars, at the beats where they change and at every second line."""
    axis.fill_between([start, end], high, roof, color="#efece4", lw=0, zorder=0.5)
    beats = range(int(end - start))
    chords = [panel.harmony.chord_at(start + beat) for beat in beats]
    half = BAR_BEATS * BARS / 2
    told = [b for b in beats if not b or chords[b] != chords[b - 1] or b % half == 0]
    for beat, until in pairwise((*told, len(chords))):
        symbol = shown(chords[beat].symbol)
        size = min(10.5, 10.5 * _LETTERS_A_BEAT * (until - beat) / len(symbol))
        axis.text(
            start + beat + 0.08, (high + roof) / 2, symbol, fontsize=size, color=INK,
            weight="bold", va="center",
        )  # fmt: skip


def shown(symbol: str) -> str:
    """A corpus symbol as players write it: ``Bj79`` is Bmaj7(9), ``D-79b`` Dm7(b9)."""
    match = _SYMBOL.match(symbol)
    if match is None:
        return symbol
    root, quality, written, bass = match.groups()
    for old, new in (("maj", "j"), ("min", "-"), ("-", "m"), ("j7", "maj7")):
        quality = quality.replace(old, new)
    tensions = [mark + number for number, mark in re.findall(r"(9|11|13)([b#]?)", written)]
    text = ",".join(tensions)
    if len(tensions) == 1 and text.isdecimal() and not quality.endswith(_CLOSED):
        return root + quality + text + (bass or "")  # a ninth chord
    if text:
        text = f"({text})" if quality.endswith(_CLOSED) else f"7({text})"
    return root + quality + text + (bass or "")


def _notes(axis: Any, panel: Panel, part: Part) -> None:
    colour = _colour(part)
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    fills = []
    for note in part.notes:
        chord = sounding(panel.harmony, note.onset_beats)
        fills.append((red, green, blue, _STRONG if chord.core_has(note.pitch) else _PALE))
    axis.bar(
        [note.onset_beats for note in part.notes],
        [0.9] * len(part.notes),
        [max(note.duration_beats, 0.06) for note in part.notes],
        [note.pitch - 0.45 for note in part.notes],
        align="edge", color=fills, edgecolor=colour, linewidth=0.9, zorder=3,
    )  # fmt: skip


def _phrases(axis: Any, panel: Panel, part: Part, floor: float, low: float) -> None:
    """A stroke under every phrase, by the rule of :mod:`...brain.phrases`."""
    first = 0
    y = (floor + low) / 2
    for i, place in enumerate(positions(part.notes, panel.bpm)):
        if place == place.END:
            begin, end = part.notes[first].onset_beats, part.notes[i].end_beats
            axis.plot([begin, end], [y, y], color=_colour(part), lw=2.2, zorder=3)
            first = i + 1


def _edges(axis: Any, panel: Panel, start: float, low: int, high: int) -> None:
    octaves = [pitch for pitch in range(low, high + 1) if pitch % 12 == 0]
    axis.set_yticks(octaves, [f"C{pitch // 12 - 1}" for pitch in octaves])
    bars = [start + BAR_BEATS * number for number in range(BARS)]
    axis.set_xticks(bars, [str(number + 1) for number in range(BARS)])
    axis.tick_params(length=0, labelsize=8.5, colors="#77736a", pad=2)
    for side in axis.spines.values():
        side.set_visible(False)
    key = f"in {panel.harmony.progression.key}, " if panel.layer == "Basic" else ""
    title = f"{panel.layer}: {panel.title}   ({key}{panel.bpm:.0f} BPM)"
    axis.set_title(title, fontsize=11, color=INK, loc="left", pad=4)


def _colour(part: Part) -> str:
    return HUMAN if part.role == Role.HUMAN else _COLOURS[part.strategy]
