"""How a set went: the closing table, and the same as data."""

from __future__ import annotations

from typing import Any

from ..protocol.histogram import Figures
from ..protocol.shared_state import Snapshot
from .take import Take


def lateness_ms(late: Figures) -> dict[str, float]:
    """Figures of a take: median, 99 % and maximum of how late notes were, in ms."""
    shares = {"p50": 0.5, "p99": 0.99, "max": 1.0}
    return {f"late_{name}_ms": late.quantile_us(share) / 1000 for name, share in shares.items()}


LOSSES = ("fallbacks", "completed", "cut_short", "never_arrived", "dropped_late", "notes_asked")


def losses(snapshot: Snapshot) -> dict[str, float]:
    """Figures of a take: what was not played as it was to be, and out of how many notes."""
    return {name: float(getattr(snapshot, name)) for name in LOSSES}


def summary(take: Take) -> dict[str, Any]:
    """Turns, answers, lateness, losses. Times in ms, rounded to a microsecond."""
    answers = [loop for loop in take.loops if loop.on_time is not None]
    engines = sorted({loop.engine for loop in answers if loop.engine})
    figures = {name: round(value, 3) for name, value in take.figures.items()}
    return {
        "title": take.title,
        "bpm": round(take.tempo[0][1], 3),
        "turns": len(take.loops),
        "answers": len(answers),
        "answers_on_time": sum(bool(loop.on_time) for loop in answers),
        "engines": engines,
        "notes_player": sum(p.part == "player" for p in take.played),
        "notes_box": sum(p.part == "box" for p in take.played),
        **figures,
        "dropped_records": take.dropped,
        "left_sounding": take.left_sounding,
    }


def went_well(take: Take) -> bool:
    """Every answer on time and there, nothing left out or lost, nothing left sounding."""
    found = summary(take)
    return (
        found["answers"] > 0
        and found["answers"] == found["answers_on_time"]
        and not take.figures.get("never_arrived")
        and not take.figures.get("dropped_late")
        and not take.dropped
        and not take.left_sounding
    )


_ROWS = (  # words, figure, its unit or the figure that says out of how many
    ("turns", "turns", ""),
    ("answers", "answers", ""),
    ("answers on time", "answers_on_time", ""),
    ("answered by", "engines", ""),
    ("by the fallback", "fallbacks", "answers"),
    ("begun by the network, completed by the fallback", "completed", "answers"),
    ("cut short by a stop", "cut_short", "answers"),
    ("never came", "never_arrived", "answers"),
    ("notes left out as too late", "dropped_late", "notes_asked"),
    ("notes of the player", "notes_player", ""),
    ("notes of the box", "notes_box", ""),
    ("note lateness, p50 at most", "late_p50_ms", " ms"),
    ("note lateness, p99 at most", "late_p99_ms", " ms"),
    ("note lateness, max", "late_max_ms", " ms"),
    ("click off the true beat, p50", "click_p50_ms", " ms"),
    ("click off the true beat, max", "click_max_ms", " ms"),
    ("dropped records", "dropped_records", ""),
    ("notes left sounding", "left_sounding", ""),
)


def table(take: Take) -> str:
    """Lines of the closing table; rows without a figure are left out."""
    found = summary(take)
    rows = []
    for words, name, unit in _ROWS:
        if name in found:
            value = found[name]
            text = ", ".join(value) if isinstance(value, list) else f"{value:g}"
            rows.append((words, f"{text} of {found[unit]:g}" if unit in found else text + unit))
    width = max(len(words) for words, _ in rows)
    right = max(len(text) for _, text in rows)
    head = f"{take.title}, {take.metre}, {take.tempo[0][1]:g} BPM"
    return "\n".join([head, *(f"  {words:<{width}}  {text:>{right}}" for words, text in rows)])
