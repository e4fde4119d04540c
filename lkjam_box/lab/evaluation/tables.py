"""The result's main figures as rows, for the terminal and for the report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .ngram import best

Result = Mapping[str, Any]
Rows = list[list[str]]
HEADS = ("pitch", "time_shift", "duration", "position", "velocity")


def number(value: Any, form: str = ".3f") -> str:
    """A figure as it is printed, a dash where there is none."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else format(value, form)


def heads(result: Result) -> tuple[list[str], Rows]:
    """Teacher-forced: who, then perplexity and accuracy of each head."""
    titles = ["who", *(f"{head} {what}" for head in HEADS for what in ("ppl", "acc"))]
    rows = []
    for name, layouts in result["teacher"].items():
        for layout, scores in layouts.items():
            rows.append([f"{name}, {layout}", *_scores(scores)])
    for stage, layouts in _at(result, ("card", "stages"), {}).items():
        rows.append([f"after {stage} (card), whole", *_scores(layouts["whole"])])
    if result.get("ngram"):
        rows.append(["best n-gram", *_scores(best(result["ngram"]["scores"]))])
    for name, row in _at(result, ("markov", "pitch"), {}).items():
        rows.append([f"markov, {name}", *_scores({"pitch": row})])
    return titles, rows


def _scores(scores: Mapping[str, Mapping[str, float]]) -> list[str]:
    rows = [scores.get(head, {}) for head in HEADS]
    return [number(row.get(what)) for row in rows for what in ("ppl", "acc")]


MAIN = (  # column, and where it lies in a player's figures
    ("interval", ("motif", "interval", "mean")),
    ("contour", ("motif", "contour", "mean")),
    ("rhythm", ("motif", "rhythm", "mean")),
    ("correlation", ("motif", "correlation", "mean")),
    ("closes", ("closing", "own")),
    ("unasked", ("closing", "unasked")),
    ("chord 1+3", ("tables", "chord_tones", "beats 1 and 3", "share")),
    ("all", ("tables", "chord_tones", "all", "share")),
    ("last", ("tables", "chord_tones", "last of phrase", "share")),
    ("notes a bar", ("rhythm", "density", "mean")),
)


def free(result: Result) -> tuple[list[str], Rows]:
    """Free-running: who, likeness to the call, phrasing and harmony, copied notes."""
    titles = ["who", "n", *(title for title, _ in MAIN), "copied p95"]
    rows = []
    for name, player in (result.get("free") or {}).items():
        copied = _at(result, ("copying", name, "intervals", "p95"))
        figures = [number(_at(player, path)) for _, path in MAIN]
        rows.append([name, str(player["closing"]["n"]), *figures, number(copied, "d")])
    return titles, rows


def _at(found: Any, path: Iterable[str], default: Any = None) -> Any:
    for key in path:
        found = (found or {}).get(key)
    return default if found is None else found


def goals(result: Result) -> tuple[list[str], Rows]:
    said = {True: "met", False: "not met", None: "not measured"}
    rows = [
        [goal["name"], goal["goal"], number(goal["seen"], ".4g"), said[goal["met"]]]
        for goal in result["goals"]
    ]
    return ["measure", "goal", "seen", ""], rows


def overlaps(result: Result) -> tuple[list[str], Rows]:
    """Overlapping area with the human's distribution, mean over each dimension's measures."""
    rows = []
    titles: list[str] = []
    for name, dimensions in (result.get("overlap") or {}).items():
        titles = list(dimensions)
        rows.append([name, *(number(_mean(dimensions[d].values())) for d in titles)])
    return ["who", *titles], rows


def _mean(measures: Iterable[Mapping[str, Any]]) -> float | None:
    known = [row["overlap"] for row in measures if row["overlap"] is not None]
    return sum(known) / len(known) if known else None


def diversity(result: Result) -> tuple[list[str], Rows]:
    titles = ["who", "repeated within", "across", *(f"distinct {n}" for n in range(1, 6))]
    keys = ["repeated_within", "repeated_across", *(f"distinct_{n}" for n in range(1, 6))]
    rows = [
        [name, *(number(row[key]) for key in keys)]
        for name, row in _at(result, ("diversity", "players"), {}).items()
    ]
    return titles, rows


def seeds(result: Result) -> tuple[list[str], Rows]:
    """The same call answered with several seeds."""
    rows = [
        [name, str(row["pairs"]), number(row["shared"]), number(row["identical"])]
        for name, row in _at(result, ("diversity", "seeds"), {}).items()
    ]
    return ["who", "pairs", "shared", "identical"], rows


def copying(result: Result) -> tuple[list[str], Rows]:
    titles = ["who", "n", *(f"{what} {p}" for what in ("intervals", "with rhythm") for p in _RUNS)]
    rows = []
    for name, row in (result.get("copying") or {}).items():
        runs = [number(row[what][p], "d") for what in _KINDS for p in _RUNS]
        rows.append([name, str(row["intervals"]["n"]), *runs])
    return titles, rows


_RUNS = ("p50", "p95", "max")
_KINDS = ("intervals", "intervals_rhythm")


def plain(title: str, table: tuple[Sequence[str], Rows]) -> str:
    """A table for the terminal: first column to the left, figures to the right."""
    titles, rows = table
    if not rows:
        return ""
    widths = [max(len(row[i]) for row in [list(titles), *rows]) for i in range(len(titles))]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in [list(titles), *rows]
    ]
    return "\n".join([title, *(f"  {line}" for line in lines), ""])
