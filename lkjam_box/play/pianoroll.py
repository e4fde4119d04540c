"""A take as a picture: calls and answers over the chords. Needs the ``demo`` extra."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from ..errors import FileError, MissingLibrary
from .take import Loop, Take
from .take_files import loop_name

PAPER, INK, GRID = "#fbfaf7", "#22252b", "#d9d6ce"
HUMAN, BOXES = "#d9622b", ("#1f6f8b", "#5b4b8a", "#3f7d4e")
_SHADES = ("#fdeee4", "#e6f1f4", "#edeaf5", "#e8f2ea")
BARS_A_ROW = 16
_LETTERS_A_ROW = 160  # of chord symbols at 10.5 points
_DPI = 120


def write_pianoroll(take: Take, path: Path) -> None:
    """Draw ``take`` as a PNG, a row for every sixteen bars. Raises MissingLibrary, FileError."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingLibrary("no matplotlib: pip install 'lkjam-box[demo]'") from error
    rows = _rows(take)
    low, high = _range(take)
    height = 0.9 + len(rows) * (0.9 + (high - low) * 0.075)
    figure = Figure(figsize=(16, height), dpi=_DPI, facecolor=PAPER)
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(rows), 1, squeeze=False)[:, 0]
    width = max(end - start for start, end in rows)
    for axis, (start, end) in zip(axes, rows, strict=True):
        axis.set(xlim=(start, start + width))
        _draw_row(axis, take, start, end, low, high)
    _title(figure, take, height)
    top, bottom, side = 1 - 0.72 / height, 0.3 / height, 0.035
    figure.subplots_adjust(left=side, right=1 - side / 2, top=top, bottom=bottom, hspace=0.2)
    try:
        figure.savefig(path, facecolor=PAPER)
    except OSError as error:
        raise FileError(f"cannot write: {error.strerror}", file=path) from error


def _rows(take: Take) -> list[tuple[float, float]]:
    """Stretches of at most sixteen bars that begin on lines."""
    longest = BARS_A_ROW * take.metre.bar_beats
    lines = sorted({0.0, *(x.start_beats for x in take.loops), take.end_beats})
    rows: list[tuple[float, float]] = []
    for start, end in pairwise(lines):
        if rows and end - rows[-1][0] <= longest + take.metre.bar_beats:
            rows[-1] = (rows[-1][0], end)
        else:
            rows.append((start, end))
    return rows


def _range(take: Take) -> tuple[int, int]:
    pitches = [p.note.pitch for p in take.played if p.part != "click"] or [60, 72]
    return min(pitches) - 2, max(pitches) + 3


def _title(figure: Any, take: Take, height: float) -> None:
    bpm = f"{take.tempo[0][1]:g} BPM" if len(take.tempo) == 1 else "changing tempo"
    y = 1 - 0.3 / height
    figure.text(0.035, y, take.title, fontsize=17, weight="bold", color=INK, va="center")
    figure.text(0.4, y, f"{take.metre}   {bpm}", fontsize=12, color=INK, va="center")
    seats = sorted({loop.seat for loop in take.loops if loop.seat})
    several = len(seats) > 1
    names = [("you", HUMAN)]
    names += [(f"box {chr(64 + s)}" if several else "box", _colour(s)) for s in seats]
    for place, (name, colour) in enumerate(reversed(names)):
        figure.text(
            0.98 - place * 0.06, y, f"■ {name}", fontsize=13, color=colour, va="center", ha="right"
        )


def _draw_row(axis: Any, take: Take, start: float, end: float, low: int, high: int) -> None:
    lane = (high - low) * 0.12  # height of the chord lane under the notes
    floor = low - lane
    axis.set(ylim=(floor, high), facecolor=PAPER)
    _draw_grid(axis, take, start, end, low, high)
    several = len({loop.seat for loop in take.loops if loop.seat}) > 1
    for loop in take.loops:
        if start <= loop.start_beats < end:
            _draw_loop(axis, loop, loop_name(loop, several), low, high)
    axis.fill_between([start, end], floor, low, color="#efece4", lw=0, zorder=0.5)
    for (beat, symbol), (until, _) in pairwise((*take.chords, (take.end_beats, ""))):
        if beat < end and until > start:
            shown = max(beat, start)
            axis.plot([shown] * 2, [floor, low], color="#b9b4a6", lw=0.8, zorder=1)
            room = (min(until, end) - shown) / (axis.get_xlim()[1] - start) * _LETTERS_A_ROW
            axis.text(
                shown + 0.1, (floor + low) / 2, symbol, color=INK, va="center", clip_on=True,
                fontsize=min(10.5, 10.5 * room / (len(symbol) + 0.6)),
            )  # fmt: skip
    for part in ("player", "box"):
        played = [p for p in take.played if p.part == part]
        played = [p for p in played if start <= p.note.onset_beats < end]
        colour = [HUMAN if part == "player" else _colour(p.seat) for p in played]
        axis.bar(
            [p.note.onset_beats for p in played],
            [0.86] * len(played),
            [max(p.note.duration_beats, 0.06) for p in played],
            [p.note.pitch - 0.43 for p in played],
            align="edge", color=_touched(colour, [p.note.velocity for p in played]),
            edgecolor=colour, linewidth=0.7, zorder=3,
        )  # fmt: skip
    _axes(axis, take, start, end, low, high)


def _draw_grid(axis: Any, take: Take, start: float, end: float, low: int, high: int) -> None:
    for pitch in range(low, high + 1):
        if pitch % 12 in (1, 3, 6, 8, 10):
            low_edge, high_edge = pitch - 0.5, pitch + 0.5
            axis.fill_between(
                [start, end], low_edge, high_edge, color="#000000", alpha=0.022, lw=0, zorder=0.6
            )
        elif pitch % 12 == 0:
            axis.plot([start, end], [pitch - 0.5] * 2, color=GRID, lw=0.8, zorder=1)
    origin = take.loops[0].start_beats if take.loops else 0.0
    pulse = take.metre.pulse_beats
    for number in range(round((end - start) / pulse) + 1):
        beat = start + number * pulse
        line = abs((beat - origin + 1e-6) % take.metre.bar_beats) < 1e-3
        axis.plot([beat] * 2, [low, high], color=GRID, lw=1.1 if line else 0.5, zorder=1)


def _draw_loop(axis: Any, loop: Loop, name: str, low: int, high: int) -> None:
    colour = HUMAN if loop.seat == 0 else _colour(loop.seat)
    axis.fill_between(
        [loop.start_beats, loop.end_beats], low, high, color=_SHADES[loop.seat], lw=0, zorder=0.3
    )
    axis.plot([loop.start_beats] * 2, [low, high], color=colour, lw=1.8, zorder=2)
    engine = f"  {loop.engine}" if loop.engine else ""
    late = "  late" if loop.on_time is False else ""
    axis.text(
        loop.start_beats + 0.15, high - 0.35, name + engine + late, fontsize=9.5, color=colour,
        weight="bold", va="top", zorder=4,
    )  # fmt: skip


def _axes(axis: Any, take: Take, start: float, end: float, low: int, high: int) -> None:
    octaves = [pitch for pitch in range(low, high + 1) if pitch % 12 == 0]
    axis.set_yticks(octaves, [f"C{pitch // 12 - 1}" for pitch in octaves])
    bar = take.metre.bar_beats
    origin = take.loops[0].start_beats if take.loops else 0.0
    lines = [start + n * bar for n in range(int((end - start + 1e-6) // bar))]
    axis.set_xticks(lines, [str(_bar_number(line - origin, bar)) for line in lines])
    axis.tick_params(length=0, labelsize=8.5, colors="#77736a")
    for side in axis.spines.values():
        side.set_visible(False)


def _bar_number(beats: float, bar: float) -> int:
    """Bars count from 1 at the first line; those of the count-in are -1, -2 ..."""
    number = round(beats / bar)
    return number + 1 if number >= 0 else number


def _colour(seat: int) -> str:
    return BOXES[(seat - 1) % len(BOXES)]


def _touched(colours: list[str], velocities: list[int]) -> list[tuple[float, float, float, float]]:
    """The colour of a note, paler where it was played softly."""
    found = []
    for colour, velocity in zip(colours, velocities, strict=True):
        red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
        found.append((red, green, blue, 0.35 + 0.65 * min(velocity, 110) / 110))
    return found
