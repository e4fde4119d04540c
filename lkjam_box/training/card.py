"""The model card as a page, made from the card's figures."""

from __future__ import annotations

from typing import Any

NOTICE = (
    "Contains information from the Weimar Jazz Database, (c) 2012-2017 The Jazzomat "
    "Research Project, made available under the ODbL 1.0 and DbCL 1.0."
)
_CITE = (
    "Pfleiderer, Frieler, Abesser, Zaddach, Burkhart (eds.), *Inside the Jazzomat: New "
    "Perspectives for Jazz Research*, Schott Campus 2017."
)


def page(card: dict[str, Any]) -> str:
    """MODEL_CARD.md. Every figure comes from ``card``."""
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
        "",
        "## Made by",
        "",
        f"    {trained['command']}",
        "",
        f"{trained['epochs']} epochs in {trained['seconds']} s, seed {settings['seed']}; "
        + ", ".join(f"{name} {number}" for name, number in card["versions"].items())
        + ".",
        "",
        "## Data",
        "",
        f"{data['corpus']}: {data['train']['solos']} solos with {data['train']['notes']:,} notes "
        f"to train, {data['valid']['solos']} with {data['valid']['notes']:,} to validate (other "
        f"tunes, known players); {settings['basics']} solos made by rule before them. "
        "All transposed to 12 keys, cut into turns of 1 to 8 bars with alternating roles or "
        "left whole.",
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
    lines += [
        "",
        "Training:",
        "",
        "| epoch | train pitch nll | valid pitch perplexity | accuracy |",
    ]
    lines.append("|---|---|---|---|")
    for row in trained["history"]:
        lines.append(
            f"| {row['epoch']:.0f} | {row['train_pitch_nll']:.3f} | {row['ppl']:.3f} | "
            f"{row['acc']:.3f} |"
        )
    return "\n".join(lines) + "\n"
