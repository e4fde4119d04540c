"""The result of ``lkjam-box evaluate`` as one self-contained HTML page.

Tables and inline SVG only: no script, no font, no picture from anywhere else. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from ...protocol.engine import Strategy
from ..training.exchange import Exchange
from . import dimensions, plots, tables
from .compare import HUMAN, MARKOV, MODEL, Players, named
from .free import chosen
from .motif import LIKENESSES
from .overlap import histogram

Result = Mapping[str, Any]
EXAMPLES = 3
SHOWN = {"human": HUMAN, "model": MODEL, "markov": MARKOV}  # curves of the distributions
_BANDS = {
    "interval": {"free": (0.25, 0.45), "imitation": (0.5, 1.0), "contrast": (0.0, 0.2)},
    "correlation": {"inversion": (-1.0, -0.4)},
}
_WORDS = {
    "motif": "How much an answer is made of its call: 1 is the same intervals, contour or "
    "rhythm, 0 nothing in common; random pairs show what two solos share anyway.",
    "phrase": "Where phrases open and close, how long they are, how long the player breathes.",
    "harmony": "What the notes are to the chord under them. More chord tones are not better: "
    "the human's share is the mark.",
    "ornament": "Approach notes, enclosures, passing and neighbour tones, per 100 notes.",
    "rhythm": "How dense, how syncopated, how swung, how far behind the beat.",
    "contour": "Range, register, steps and leaps.",
}
_STYLE = """
:root{--paper:#fbfaf7;--ink:#22252b;--grid:#d9d6ce;--soft:#6b6e75}
body{background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;margin:0}
main{max-width:1120px;margin:0 auto;padding:24px 20px 80px}
h1{font-size:28px;margin:.2em 0}h2{font-size:21px;margin:2.2em 0 .3em;border-top:1px solid
var(--grid);padding-top:1em}h3{font-size:16px;margin:1.4em 0 .3em}p{max-width:72ch;margin:.4em 0}
.soft,caption{color:var(--soft)}caption{text-align:left;padding:.3em 0}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;
font-size:13.5px;margin:.6em 0}th,td{padding:3px 9px;border-bottom:1px solid var(--grid);
text-align:right;white-space:nowrap}th:first-child,td:first-child,.words th,.words td{
text-align:left}.words td{white-space:normal;vertical-align:top}
th{font-weight:600;vertical-align:bottom;white-space:normal}tr.model td{font-weight:600}
.met{color:#2f7d46}.missed{color:#b3261e}td span{white-space:nowrap}
.plots{display:flex;flex-wrap:wrap;gap:10px 14px}
svg{max-width:100%;height:auto;font-family:system-ui,sans-serif;display:block}
.legend{display:flex;gap:18px}.key i{display:inline-block;width:26px;height:9px;
margin-right:6px;vertical-align:-1px}nav a{margin-right:14px;color:inherit}
@media print{.plots svg{break-inside:avoid}}
"""


def page(result: Result, players: Players, seed: int = 0) -> str:
    """The whole page. ``players`` may be empty: then only what needs no answers is shown."""
    model = result["model"]
    sections = [("goals", "What it must show", _goals(result))]
    sections.append(("next", "Reading the next note", _next_note(result)))
    if players:
        sections.append(("answers", "Answers side by side", _answers(result)))
        sections.append(("strategies", "Strategies", _strategies(result)))
        sections += _dimensions(result, players)
        sections.append(("examples", "Examples", _examples(players, seed)))
        sections.append(("diversity", "Diversity and copying", _diversity(result)))
    sections.append(("how", "How it was measured", _how(result)))
    links = "".join(f'<a href="#{key}">{escape(title)}</a>' for key, title, _ in sections)
    body = "".join(
        f'<section id="{key}"><h2>{escape(title)}</h2>{text}</section>'
        for key, title, text in sections
    )
    title = escape(f"{model['name']}: how well it plays")
    notes = result["pitch"]["n"]
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>'
        f'<body><main><h1>{title}</h1><p class="soft">{result["solos"]} solos, '
        f"{notes:,} notes read; runtime {escape(model['runtime'])}, seed {result['seed']}, "
        f"{result['train']} training solos beside; sha256 {escape(model['sha256'][:16])}…</p>"
        f"<nav>{links}</nav>{body}</main></body></html>\n"
    )


def _table(table: tuple[Sequence[str], tables.Rows], caption: str = "", words: bool = False) -> str:
    """``words``: cells hold sentences, not figures."""
    titles, rows = table
    if not rows:
        return '<p class="soft">Not measured.</p>'
    head = "".join(f"<th>{escape(title)}</th>" for title in titles)
    body = "".join(
        f"<tr{_row_class(row[0])}>{''.join(f'<td>{_cell(cell)}</td>' for cell in row)}</tr>"
        for row in rows
    )
    top = f"<caption>{escape(caption)}</caption>" if caption else ""
    kind = ' class="words"' if words else ""
    return f'<div class="wide"><table{kind}>{top}<tr>{head}</tr>{body}</table></div>'


def _row_class(name: str) -> str:
    return ' class="model"' if name in ("model, whole", MODEL) else ""


def _cell(cell: str) -> str:
    kind = {"met": "met", "not met": "missed", "not measured": "soft"}.get(cell)
    return f'<span class="{kind}">{escape(cell)}</span>' if kind else escape(cell)


def _goals(result: Result) -> str:
    met = [goal["met"] for goal in result["goals"]]
    known = [one for one in met if one is not None]
    return (
        f"<p>{sum(known)} of {len(known)} goals met"
        + (f", {len(met) - len(known)} not measured in this run" if len(met) > len(known) else "")
        + f".</p>{_table(tables.goals(result), words=True)}"
    )


def _next_note(result: Result) -> str:
    """Per-head table, and the n-grams' pitch perplexity by order."""
    text = (
        "<p>Given everything the player has played so far, how well is the next note guessed? "
        "Perplexity: among how many equally likely choices it feels like a guess (less is "
        "better). Whole: the solo as it is; turns: cut into turns with alternating "
        "roles; exchanges: calls, answered by the player or by rule.</p>"
        + _table(tables.heads(result))
    )
    if result.get("ngram"):
        scores = result["ngram"]["scores"]["pitch"]
        orders = [str(order) for order in range(1, 6)]
        curves = {
            f"n-gram, {kind}": ([scores[f"{kind} {n}"]["ppl"] for n in orders], colour)
            for kind, colour in (
                ("pitch", plots.GREY),
                ("interval", plots.OTHER),
                ("mixed", plots.MARKOV),
            )
        }
        # Order 1 on pitch knows no context at all and would flatten everything else.
        curves = {name: (values[1:], colour) for name, (values, colour) in curves.items()}
        curves["model"] = ([result["pitch"]["ppl"]] * 4, plots.MODEL)
        ticks = [f"order {n}" for n in orders[1:]]
        text += plots.lines("Next pitch: n-grams by order", ticks, curves, "perplexity")
    return text


def _answers(result: Result) -> str:
    return (
        "<p>Everybody answers the same held-out calls over the same bars. Likeness to the call, "
        "share of answers that close by themselves inside the loop (unasked: without the engine "
        "looking at the line), chord tones by place.</p>"
        + _table(tables.free(result))
        + _table(
            tables.overlaps(result),
            "Overlapping area with the human's distributions, mean of each dimension's measures "
            "(1 is the same). Human halves: what chance leaves between two halves of the "
            "human's own answers.",
        )
    )


def _strategies(result: Result) -> str:
    """Likeness to the call per strategy, beside human, random and Markov."""
    words = {
        "interval": "Interval similarity to the call",
        "contour": "Contour similarity to the call",
        "rhythm": "Rhythm similarity to the call",
        "correlation": "Correlation of the pitch curves",
    }
    rows = {
        "human": (HUMAN, plots.PLAYER),
        **{s.name.lower(): (named("model", s), plots.MODEL) for s in Strategy},
        "markov": (MARKOV, plots.MARKOV),
        "random pairing": ("random pairing", plots.GREY),
    }
    out = ["<p>The model answers the same calls by each strategy. Shaded: the goal.</p>"]
    out.append('<div class="plots">')
    for key, title in words.items():
        found = []
        for name, (player, colour) in rows.items():
            mean = result["free"][player]["motif"][key]["mean"]
            found.append((name, float("nan") if mean is None else mean, colour))
        low = -1.0 if key == "correlation" else 0.0
        out.append(plots.dots(title, found, low, 1.0, _BANDS.get(key)))
    return "".join([*out, "</div>"])


def _dimensions(result: Result, players: Players) -> list[tuple[str, str, str]]:
    """(anchor, title, text) of the six dimensions."""
    shown = {name: dimensions.values(players[player]) for name, player in SHOWN.items()}
    out = []
    for key, found in dimensions.DIMENSIONS.items():
        drawn = []
        for measure in found:
            shares = {}
            for name, values in shown.items():
                counts = histogram(values[key][measure.key], measure.bins)
                if counts.sum():
                    shares[name] = [float(x) for x in counts / counts.sum()]
            drawn.append(plots.distribution(measure.words, measure.unit, measure.bins, shares))
        rows = _measure_rows(result, key)
        text = (
            f"<p>{escape(_WORDS.get(key, ''))}</p>{plots.legend(SHOWN)}"
            f'<div class="plots">{"".join(drawn)}</div>{_table(rows)}'
        )
        if key in _EXTRA_TABLES:
            text += _table(_EXTRA_TABLES[key](result), _CAPTIONS[key])
        out.append((key, dimensions.TITLES[key], text))
    return out


def _measure_rows(result: Result, dimension: str) -> tuple[list[str], tables.Rows]:
    """Means of a dimension's measures, and the model's and Markov's distance."""
    titles = ["measure", "unit", *SHOWN, "model overlap", "KL", "markov overlap", "KL"]
    rows = []
    for measure in dimensions.DIMENSIONS[dimension]:
        means = [result["free"][p][dimension][measure.key]["mean"] for p in SHOWN.values()]
        distances = [
            result["overlap"][player][dimension][measure.key][what]
            for player in (MODEL, MARKOV)
            for what in ("overlap", "kl")
        ]
        row = [plots.number(x) for x in (*means, *distances)]
        rows.append([measure.words, measure.unit, *row])
    return titles, rows


def _against_random(result: Result) -> tuple[list[str], tables.Rows]:
    titles = ["who", *(f"{key} {to}" for key in LIKENESSES for to in ("call", "random"))]
    rows = []
    for player, found in result["free"].items():
        for row in found["tables"]["similarity"].values():
            figures = [row[key][to] for key in LIKENESSES for to in ("call", "random")]
            rows.append([player, *map(plots.number, figures)])
    return titles, rows


def _chord_tones(result: Result) -> tuple[list[str], tables.Rows]:
    shown = [result["free"][player]["tables"]["chord_tones"] for player in SHOWN.values()]
    places = list(dict.fromkeys(place for table in shown for place in table))
    rows = [
        [place, *(plots.number(table.get(place, {}).get("share")) for table in shown)]
        for place in places
    ]
    return ["place", *SHOWN], rows


def _swing(result: Result) -> tuple[list[str], tables.Rows]:
    rows = []
    for name, player in SHOWN.items():
        for row in result["free"][player]["tables"]["swing"]:
            top = f" to {row['to_bpm']:.0f}" if row["to_bpm"] else " and more"
            figures = [row[key] for key in ("place", "ratio", "n", "lag_ms", "n_lag")]
            tempo = f"{row['from_bpm']:.0f}{top} BPM"
            rows.append([name, tempo, *map(plots.number, figures)])
    return ["who", "tempo", "off-beat eighth, place", "ratio", "n", "lag, ms", "n"], rows


_EXTRA_TABLES = {"motif": _against_random, "harmony": _chord_tones, "rhythm": _swing}
_CAPTIONS = {
    "motif": "Likeness to the own call, and to a random call of another solo.",
    "harmony": "Chord tones by place in the bar, over the notes of all answers.",
    "rhythm": "Swing and lay-back by tempo, medians; answers in swinging feels.",
}


def _examples(players: Players, seed: int) -> str:
    """A few calls with everybody's answer, as piano rolls."""
    order = {
        "human": (HUMAN, plots.PLAYER),
        **{s.name.lower(): (named("model", s), plots.MODEL) for s in Strategy},
        "markov": (MARKOV, plots.MARKOV),
    }
    by_id = {
        name: {exchange.id: exchange for exchange in reversed(players[player])}
        for name, (player, _) in order.items()
    }
    out = [
        "<p>The human's call on the left (orange), answers to it on the right; the thick line "
        "is where the turn changes.</p>"
    ]
    human = players[HUMAN]
    for call in chosen(human, min(EXAMPLES, len(human)), seed + 1):
        played = {name: known[call.id] for name, known in by_id.items()}
        low, high = _range(list(played.values()))
        out.append(f"<h3>{escape(call.id)}, {call.scene.bpm:.0f} BPM</h3>")
        out += [
            plots.piano_roll(exchange, name, low, high, order[name][1])
            for name, exchange in played.items()
        ]
    return "".join(out)


def _range(played: Sequence[Exchange]) -> tuple[int, int]:
    pitches = [note.pitch for e in played for note in (*e.call, *e.answer)]
    return min(pitches), max(pitches)


def _diversity(result: Result) -> str:
    return (
        "<p>Repeated: share of runs of four intervals that came before in the same answer, or "
        "come in another answer, too. Distinct: different runs of n intervals over all of them, "
        "counted over equally many.</p>"
        + _table(tables.diversity(result))
        + _table(tables.seeds(result), "The same calls answered with other seeds.")
        + _table(
            tables.copying(result),
            "Longest run of notes, in any key, that is found in the training solos, too: "
            "percentiles over the answers. The human's are of tunes that were not trained on.",
        )
    )


def _how(result: Result) -> str:
    given = [[head, words] for head, words in result["given"].items()]
    more = [
        [f"{head}, {who}", words]
        for who in ("ngram", "markov")
        for head, words in (result[who].get("given") or {}).items()
    ]
    return _table((["what is given", ""], [*given, *more]), words=True)
