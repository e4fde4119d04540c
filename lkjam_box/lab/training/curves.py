"""Learning curves: a picture of the perplexity over the passes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .mix import STAGES

# Heads of interest and their colours, dark enough on white.
_HEADS = {
    "pitch": "#1f5fa8",
    "time_shift": "#b5460f",
    "duration": "#2a7f3f",
    "position": "#7a3fa0",
    "velocity": "#666666",
}
_LINES = {"whole": "-", "turns": "--", "pairs": ":", "exchanges": "-."}


def draw(history: Sequence[dict[str, float]], path: Path) -> None:
    """A panel for each head: training thin, valid layouts thick; grey lines between stages."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 13))
    FigureCanvasAgg(figure)
    panels = figure.subplots(len(_HEADS), 1, sharex=True)
    passes = range(1, len(history) + 1)
    for panel, (head, colour) in zip(panels, _HEADS.items(), strict=True):
        said = [math.exp(row[f"train {head}"]) for row in history]
        panel.plot(passes, said, color=colour, alpha=0.45, linewidth=1, label="train")
        for layout, line in _LINES.items():
            name = f"{layout} {head}"
            checked = [
                (i, math.exp(r[name])) for i, r in zip(passes, history, strict=True) if name in r
            ]
            if checked:
                panel.plot(
                    *zip(*checked, strict=True), line, color=colour, linewidth=1.8, marker=".",
                    label=f"valid, {layout}",
                )  # fmt: skip
        _frame(panel, history, head)
        _stages(panel, history, named=head == "pitch")
        panel.set_ylabel(head.replace("_", "-"))
        panel.grid(alpha=0.25)
        panel.spines[["top", "right"]].set_visible(False)
    panels[0].set_title("Perplexity of every head", loc="left", pad=22)
    panels[0].legend(frameon=False, fontsize=8)
    panels[-1].set_xlabel("pass")
    panels[-1].xaxis.get_major_locator().set_params(integer=True)
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _frame(panel: Any, history: Sequence[dict[str, float]], head: str) -> None:
    """Scale the y axis to the checks after the first stage: its steep start would flatten them."""
    checked = [row for row in history if "loss" in row and row["stage"] > history[0]["stage"]]
    seen = [math.exp(row[key]) for row in checked for key in row if key.endswith(f" {head}")]
    if len(checked) > 1:
        edge = 0.06 * (max(seen) - min(seen))
        panel.set_ylim(min(seen) - edge, max(seen) + edge)


def _stages(panel: Any, history: Sequence[dict[str, float]], named: bool) -> None:
    """Draw the borders between stages and, if ``named``, the stages' names above."""
    stages = [int(row["stage"]) for row in history]
    for i, stage in enumerate(stages):
        if i == 0 or stage != stages[i - 1]:
            panel.axvline(i + 0.5, color="#999999", linewidth=0.8)
            if named:
                panel.annotate(
                    STAGES[stage - 1],
                    (i + 0.5, 1.0),
                    xytext=(3, 3),
                    xycoords=("data", "axes fraction"),
                    textcoords="offset points",
                    fontsize=8,
                    color="#555555",
                )
