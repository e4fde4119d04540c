"""The model card as a page, made from the card's figures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ...brain import features as f
from .mix import LAYOUTS, STAGES

_HEADS = ("pitch", "time_shift", "duration", "position", "velocity")
NOTICE = (
    "Contains information from the Weimar Jazz Database, (c) 2012-2017 The Jazzomat "
    "Research Project, made available under the ODbL 1.0 and DbCL 1.0."
)
_CITE = (
    "Pfleiderer, Frieler, Abesser, Zaddach, Burkhart (eds.), *Inside the Jazzomat: New "
    "Perspectives for Jazz Research*, Schott Campus 2017."
)


def features() -> dict[str, Any]:
    """What a card says of what goes into the network and comes out."""
    return {
        "version": f.FEATURE_VERSION,
        "ids": f.IDS,
        "floats": f.FLOATS,
        "outputs": f.OUTPUTS,
        "time_shift_bins": f.TIME_BINS,
        "duration_bins": f.DURATION_BINS,
        "velocity_bins": f.VELOCITY_BINS,
        "chord": "core and tensions over the root, the same over the last pitch",
    }


def page(card: dict[str, Any]) -> str:
    """The text of MODEL_CARD.md. Every figure comes from ``card``, the content of card.json."""
    data, trained, valid = card["data"], card["trained"], card["valid"]
    features, settings = card["features"], card["settings"]
    size = settings["size"]
    lines = [
        f"# {card['model']}",
        "",
        "Written by `lkjam-box train`; do not edit. The same figures are in `card.json`.",
        "",
        "One call of the network a note: given the note before it, the onset of this one and "
        "the harmony there, it says position in the phrase, pitch, duration and velocity, "
        "and the time-shift to the next note.",
        "",
        f"- {card['parameters']:,} parameters: table {size['row']} wide, input layer "
        f"{size['input']}, GRU {size['hidden']}, {size['under']} under the heads",
        f"- {card['bytes']:,} bytes, dynamic-range int8 per tensor; sha256 `{card['sha256']}`",
        f"- features version {features['version']}: {features['ids']} table rows and "
        f"{features['floats']} numbers in, {features['outputs']} logits out "
        f"({features['time_shift_bins']} time-shifts, {features['duration_bins']} durations, "
        f"{features['velocity_bins']} velocities)",
        *_carried_over(card),
        "",
        "## Made by",
        "",
        f"    {trained['command']}",
        "",
        f"{trained['epochs']} passes in {trained['seconds']} s, seed {settings['seed']}; "
        + ", ".join(f"{name} {number}" for name, number in card["versions"].items())
        + ".",
        "",
        "## Data",
        "",
        f"{data['corpus']}: {data['train']['solos']} solos with {data['train']['notes']:,} notes "
        f"to train, {data['valid']['solos']} with {data['valid']['notes']:,} to validate (other "
        "tunes, known players). Beside them melodies, vocabulary and motifs made by rule, and "
        "answers made from real calls (docs/training.md). All transposed to 12 keys, left whole, "
        "cut into turns of 1 to 8 bars with alternating roles, or laid out as exchanges.",
        "",
        "The valid part chose when training stopped and guided the widths: it is not unseen.",
        "",
        "## Licence of the data",
        "",
        card["notice"],
        "",
        f"Cite: {_CITE}",
        "",
        "The licence covers the makers' database rights, not any right of performers or "
        "composers. Whether weights are a Produced Work of the database is open, so the notice "
        "stays beside them. The code is MIT.",
        "",
        "## Figures on the valid part",
        "",
        f"Teacher-forced, every note after the first; int8 played by {valid['runtime']}. "
        "Again with `lkjam-box evaluate --corpus wjazzd.jsonl.gz --split valid --json`.",
        "",
        "| head | notes | int8 nll | perplexity | accuracy | float nll | accuracy |",
        "|---|---|---|---|---|---|---|",
    ]
    for head, row in valid["int8"].items():
        original = valid["float32"][head]
        lines.append(
            f"| {head} | {row['n']:.0f} | {row['nll']:.4f} | {row['ppl']:.3f} | "
            f"{row['acc']:.4f} | {original['nll']:.4f} | {original['acc']:.4f} |"
        )
    lines += [
        "",
        "Agreement with the float original, state fed back:",
        "",
        "| runtime | steps | largest logit difference | mean | same top pitch |",
        "|---|---|---|---|---|",
    ]
    for name, row in card["agreement"].items():
        lines.append(
            f"| {name} | {row['steps']} | {row['max_logit_difference']} | "
            f"{row['mean_logit_difference']} | {row['same_likeliest_pitch']} |"
        )
    lines += ["", "## Training", "", *_training(card)]
    return "\n".join(lines) + "\n"


def _carried_over(card: dict[str, Any]) -> list[str]:
    if "carried_over" not in card:
        return []
    return [
        f"- written anew from the file of this training (sha256 `{card['carried_over']}`) by "
        "`python -m lkjam_box.lab.training.carry_over`: the same int8 weights; the agreement with "
        "the float original below is that of the first file",
    ]


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage's scores at its best check, on one layout of the valid part."""

    stage: str
    layout: str
    passes: int
    best_pass: int  # of the stage
    notes: int  # trained on in all its passes
    seconds: float
    own_share: float  # in its last pass
    ppl: dict[str, float]  # perplexity by head
    accuracy: float  # of pitch


def stage_rows(history: Sequence[Mapping[str, float]]) -> list[StageRow]:
    """A row for each stage and each layout that was scored, stages in order, "whole" first."""
    out = []
    for number, stage in enumerate(STAGES, 1):
        rows = [row for row in history if row["stage"] == number]
        checked = [row for row in rows if "loss" in row]
        if not checked:
            continue
        best = min(checked, key=lambda row: row["loss"])
        out += [
            StageRow(
                stage=stage,
                layout=layout,
                passes=len(rows),
                best_pass=int(best["epoch"]),
                notes=int(sum(row["notes"] for row in rows)),
                seconds=sum(row["seconds"] for row in rows),
                own_share=rows[-1]["own_share"],
                ppl={head: math.exp(best[f"{layout} {head}"]) for head in _HEADS},
                accuracy=best[f"{layout} accuracy"],
            )
            for layout in LAYOUTS
            if f"{layout} pitch" in best
        ]
    return out


def _training(card: dict[str, Any]) -> list[str]:
    """Lines of the section on training: the schedule, a table of stages, one of perplexities."""
    settings, rows = card["settings"], stage_rows(card["trained"]["history"])
    stages = list({row.stage: row for row in rows}.values())
    lines = [
        f"Stages {', '.join(settings['stages'])}, one after the other under one schedule: a "
        f"warm-up to {settings['rate']:g}, then a cosine. From the second third of advanced on "
        "a growing share of the notes fed back are the model's own (scheduled sampling), up to "
        f"{settings['own_share']:.0%}.",
        "",
        "| stage | passes | best | notes | seconds | own events at its end |",
        "|---|---|---|---|---|---|",
        *(
            f"| {row.stage} | {row.passes} | {row.best_pass} | {row.notes:,} | "
            f"{row.seconds:.0f} | {row.own_share:.3f} |"
            for row in stages
        ),
        "",
        "Perplexity on the valid part at each stage's best pass, float weights, scored as above:",
        "whole solos, cut into turns, and annotated pairs as call and answer.",
        "",
        "| stage | layout | " + " | ".join(_HEADS) + " | pitch accuracy |",
        "|---|---|" + "---|" * (len(_HEADS) + 1),
    ]
    for row in rows:
        said = " | ".join(f"{row.ppl[head]:.3f}" for head in _HEADS)
        lines.append(f"| {row.stage} | {row.layout} | {said} | {row.accuracy:.3f} |")
    return [*lines, "", "![perplexity over the passes](curves.png)"]
