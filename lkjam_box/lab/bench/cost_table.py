"""The figures of ``bench cost`` as tables, and compared with those that were committed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from .cost_boards import BOARDS, DEADLINES_MS, MISSES, SLOWEST, Board
from .cost_figures import INSTRUCTIONS, Figure, Found

MORE = 1.10  # so much of the least that was committed, and no more,
NOISE = {"second": 0.5e6, "wake-ups": 2.0, "start": 10e6}  # and this, by the first word of a name,
NOISE_OF_EVENT = 2000.0  # or this
TOO_FEW = 3  # fewer are no figure to hold anybody to
UNSTEADY = (
    "the machine",
    "stage: longest work",
    "the answer's first",
)  # endings of names that are shown only
STATES = ("idle", "clock alone", "trading")
Rows = list[list[str]]


class Committed(msgspec.Struct, frozen=True):
    """What may be spent. ``least`` is the least of every figure that was ever committed; one that
    is more has its line in ``raised``: page of the decisions, colon, words that stand there."""

    found: Found
    least: dict[str, float]
    raised: dict[str, str] = {}

    def renewed(self, found: Found) -> Committed:
        """With the figures of another run."""
        least = {
            name: min(figure.value, self.least.get(name, figure.value))
            for name, figure in found.figures.items()
        }
        return Committed(found, least, {n: line for n, line in self.raised.items() if n in least})

    def limit(self, name: str) -> float:
        """What figure ``name`` may be."""
        base = self.least[name]
        if name in self.raised:
            base = max(base, self.found.figures[name].value)
        return MORE * base + NOISE.get(name.partition(",")[0].partition(":")[0], NOISE_OF_EVENT)

    def dearer(self, found: Found) -> list[str]:
        """A line for each figure of ``found`` that is more than it may be, or was not counted."""
        lines = []
        for name, figure in self.found.figures.items():
            if name.endswith(UNSTEADY) or 1 < figure.n < TOO_FEW:
                continue
            now = found.figures.get(name)
            if now is None:
                lines.append(f"{name}: not counted any more")
            elif now.value > self.limit(name):
                lines.append(f"{name}: {_k(now.value)}, at most {_k(self.limit(name))} allowed")
        return lines

    def unfounded(self, pages: Mapping[str, str]) -> list[str]:
        """Figures that were raised without a line in ``pages``, the decisions by file name."""
        lines = []
        for name, figure in self.found.figures.items():
            page, _, words = self.raised.get(name, "").partition(": ")
            told = bool(words) and words in pages.get(page, "")
            if name in self.raised and not told:
                lines.append(f"{name}: {self.raised[name]!r} stands nowhere in the decisions")
            elif not told and not name.endswith(UNSTEADY) and figure.value > self.limit(name):
                lines.append(f"{name}: raised without a line in the decisions")
        return lines


def estimate(instructions: float, board: Board) -> str:
    """As a range of time, in the unit that reads best."""
    return span(*board.seconds(instructions))


def span(least_s: float, most_s: float) -> str:
    """Two times in one unit, with two figures each."""
    unit, size = ("s", 1.0) if most_s >= 1 else ("ms", 1e-3) if most_s >= 1e-3 else ("us", 1e-6)
    return f"{_two(least_s / size)}-{_two(most_s / size)} {unit}"


def verdict(name: str, figure: Figure) -> str:
    """How often what is worst fits its deadline on the slowest board; '' without one."""
    if name not in DEADLINES_MS:
        return ""
    limit_ms, why = DEADLINES_MS[name]
    worst_ms = 1e3 * SLOWEST.seconds(figure.p99 or figure.value)[1]
    word = "holds" if worst_ms <= limit_ms else "MISSED"
    return f"{limit_ms:g} ms, {why}: {word}, x {_two(limit_ms / worst_ms)}"


def events(found: Found) -> Rows:
    """Head and rows: everything that happens once, with estimates where instructions are known."""
    named = {
        name: figure
        for name, figure in found.figures.items()
        if not name.startswith(("second, ", "wake-ups, "))
    }
    if found.counts != INSTRUCTIONS:
        head = ["event", "us, median", "p99", "n"]
        return [head, *([n, _us(f.value), _us(f.p99), str(f.n)] for n, f in named.items())]
    head = ["event", "instructions, median", "p99", "n", *(board.name for board in BOARDS)]
    rows = [[*head, "deadline; the p99 on the slowest"]]
    for name, figure in named.items():
        times = [estimate(figure.value, board) for board in BOARDS]
        p99 = _k(figure.p99) if figure.p99 else ""
        rows.append([name, _k(figure.value), p99, str(figure.n), *times, verdict(name, figure)])
    return rows


def seconds(found: Found) -> Rows:
    """Head and rows: what a second costs each process, and how often it wakes."""
    figures = found.figures
    first = f"second, {STATES[0]}: "
    processes = [name.removeprefix(first) for name in figures if name.startswith(first)]
    counted = found.counts == INSTRUCTIONS
    unit = "M instructions" if counted else "ms"
    head = ["a second of", *(f"{state}, {unit}" for state in STATES), "wake-ups when idle"]
    rows = [head]
    for process in processes:
        costs = [figures.get(f"second, {state}: {process}") for state in STATES]
        woken = figures.get(f"wake-ups, {STATES[0]}: {process}")
        cells = [f"{cost.value / 1e6:.1f}" if cost else "" for cost in costs]
        rows.append([process, *cells, f"{woken.value:.0f}" if woken else ""])
    if counted and processes:
        boxes = [figures[f"second, {state}: the box"].value for state in STATES]
        share = [f"{100 * SLOWEST.seconds(value)[1]:.0f} %" for value in boxes]
        rows.append([f"the box, of a {SLOWEST.name}'s core", *share, ""])
    return rows


def assumptions() -> Rows:
    """Head and rows: what the estimates rest on."""
    head = ["computer", "core", "G instructions/s, hot", "with this box's misses", "basis"]
    return [head, *([b.name, b.core, f"{b.hot:g}", f"{b.cold:g}", b.basis] for b in BOARDS)]


def parts(found: Found) -> Iterable[tuple[str, Rows]]:
    """Every table with the line before it."""
    if found.counts == INSTRUCTIONS:
        yield f"From instructions to time; estimates. {MISSES}", assumptions()
    yield f"Counted on {found.machine}.", events(found)
    if len(table := seconds(found)) > 1:
        yield "A second, by process.", table


def text(found: Found) -> str:
    """For a terminal."""
    blocks = []
    for line, rows in parts(found):
        widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
        lines = [
            "  ".join(
                cell.ljust(width) if not column or column == len(row) - 1 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            ).rstrip()
            for row in rows
        ]
        blocks.append("\n".join([line, *lines]))
    return "\n\n".join(blocks) + "\n"


def markdown(found: Found) -> str:
    """For the docs."""
    blocks = []
    for line, (head, *rows) in parts(found):
        rule = ["---", *["---:"] * (len(head) - 2), "---"]
        lines = [f"| {' | '.join(row)} |" for row in (head, rule, *rows)]
        blocks.append("\n".join([line, "", *lines]))
    return "\n\n".join(blocks) + "\n"


def _k(value: float) -> str:
    """1.2 M, 335 K, 42."""
    for unit, size in ((" G", 1e9), (" M", 1e6), (" K", 1e3)):
        if value >= size:
            return f"{_two(value / size)}{unit}"
    return f"{value:.0f}"


def _us(value: float) -> str:
    return f"{value / 1000:.1f}" if value else ""


def _two(value: float) -> str:
    """With three figures at most, and no more than two behind the point."""
    return f"{value:.0f}" if value >= 99.5 else f"{value:.1f}" if value >= 9.95 else f"{value:.2f}"
