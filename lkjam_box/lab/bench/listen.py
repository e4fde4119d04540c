"""``lkjam-box bench listen``: what the box takes for melody when two hands or a guitar play.

Human solos of the validation part, with comping drawn beside, between and under them
(:mod:`.two_hands`), are played in turns of four bars to the real stage's ears. Beside it stand two
yardsticks: of keys struck within 25 ms the top, which ends the note before; and the skyline.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean

from ...brain.markov import MarkovEngine
from ...brain.phrases import positions
from ...errors import FileError
from ...music.note import Note
from ...protocol.engine import ControlValues, Question, Role, Scene, Strategy
from ...protocol.records import Turn
from ...stage.capture import Capture
from ..training.corpus import Solo, data_folder, load
from ..training.similarity import interval_similarity
from .listen_rules import EARLY_BEATS, RULES, Call, calls
from .two_hands import ALONE, KINDS, take

EXAMPLES = {
    "lkjam-box bench listen": "a dozen solos of the validation part",
    "lkjam-box bench listen --solos 40 --json": "all of them, for programs",
    "lkjam-box bench listen --fit": "fit the weights that tell hands apart, to the training part",
}

NEAR_S = 0.03  # a note heard this far from where it was played is that note
FITTED = tuple(kind for kind in KINDS if kind not in ALONE)
_ROUND_BEATS = 1e-6


@dataclass(frozen=True, slots=True)
class Row:
    """What a rule made of a kind; shares of the melody's notes but ``last`` and ``kept``."""

    kind: str
    rule: str
    notes: int
    strangers: float  # in 100 notes of the melody
    lost: float  # %
    cut: float  # %, to less than .9 of their length
    last: float  # % of calls whose last note is another
    kept: float  # intervals that an imitation keeps, over what it keeps of the melody alone


@dataclass(frozen=True, slots=True)
class Goal:
    what: str
    goal: float
    got: float
    met: bool


# --- figures


def compare(call: Call, heard: Sequence[Note]) -> Counter[str]:
    """What of a call was heard, as counts."""
    left = list(heard)
    counts = Counter(calls=1, notes=len(call.line))
    for note in call.line:
        same = [
            other
            for other in left
            if other.pitch == note.pitch
            and abs(other.onset_beats - note.onset_beats) * call.beat_s < NEAR_S
        ]
        if not same:
            counts["lost"] += 1
            continue
        found = min(same, key=lambda other: abs(other.onset_beats - note.onset_beats))
        left.remove(found)
        counts["cut"] += found.duration_beats < 0.9 * note.duration_beats - _ROUND_BEATS
    graces = [key for key in call.keys if key.grace]
    for note in left:
        at_s = note.onset_beats * call.beat_s
        near = any(g.pitch == note.pitch and abs(g.on_s - at_s) < NEAR_S for g in graces)
        counts["strangers"] += not near
    counts["last"] += not heard or heard[-1].pitch != call.line[-1].pitch
    return counts


def imitated(call: Call, heard: Sequence[Note]) -> float:
    """How much of the melody's intervals an imitation of what was heard has."""
    progression = replace(call.solo.harmony.progression, key="C")
    harmony = replace(call.solo.harmony, progression=progression)
    scene = Scene(call.start, call.end, harmony, call.solo.bpm)
    engine = MarkovEngine()
    for note, place in zip(heard, positions(heard, scene.bpm), strict=True):
        engine.hear(note, place, Role.HUMAN, scene)
    controls = ControlValues(strategy=Strategy.IMITATION)
    after = replace(scene, start_beats=call.end, end_beats=2 * call.end - call.start)
    asked = Question((), scene, controls.over(after), controls, seed=1)
    return interval_similarity(call.line, list(engine.answer(asked)))


def measure(kind: str, rules: Sequence[str], solos: Sequence[Solo], seed: int) -> list[Row]:
    """A row for each rule, over the same takes."""
    played = [(take(solo, kind, seed), solo) for solo in solos]
    turns = [(calls(solo, keys), keys) for keys, solo in played]
    alone = fmean(imitated(call, call.line) for each, _ in turns for call in each)
    rows = []
    for name in rules:
        counts: Counter[str] = Counter()
        kept: list[float] = []
        for each, keys in turns:
            for call, heard in zip(each, RULES[name](each, keys), strict=True):
                counts += compare(call, heard)
                kept.append(imitated(call, heard))
        rows.append(_row(kind, name, counts, fmean(kept) / alone))
    return rows


def _row(kind: str, rule: str, counts: Counter[str], kept: float) -> Row:
    share = {name: 100 * counts[name] / counts["notes"] for name in ("strangers", "lost", "cut")}
    last = 100 * counts["last"] / counts["calls"]
    figures = {name: round(value, 2) for name, value in share.items()}
    return Row(kind, rule, counts["notes"], **figures, last=round(last, 1), kept=round(kept, 3))


def overall(rows: Sequence[Row], rule: str) -> Row:
    """All kinds but a line alone, every kind counted alike."""
    mine = [row for row in rows if row.rule == rule and row.kind not in ALONE]
    mean = {
        name: round(fmean(getattr(row, name) for row in mine), 3)
        for name in ("strangers", "lost", "cut", "last", "kept")
    }
    return Row("all but alone", rule, sum(row.notes for row in mine), **mean)


def goals(rows: Sequence[Row]) -> list[Goal]:
    all_of = overall(rows, "the box")
    lines = [row for row in rows if row.rule == "the box" and row.kind in ALONE]
    lost = max(row.lost + row.cut + row.strangers for row in lines)
    return [
        Goal("strangers in 100 notes of the melody", 1.0, all_of.strangers, all_of.strangers <= 1),
        Goal("notes cut, %", 2.0, all_of.cut, all_of.cut <= 2),
        Goal("intervals kept, at least", 0.9, all_of.kept, all_of.kept >= 0.9),
        Goal("a line alone: lost, cut or added, %", 0.0, lost, lost == 0),
    ]


def us_per_key(solo: Solo, kind: str) -> float:
    """What the box's ears take for a key, from down to up."""
    keys, capture, beat_s = take(solo, kind, 0), Capture(EARLY_BEATS), 60 / solo.bpm
    moves = [(key.on_s, True, key) for key in keys] + [(key.off_s, False, key) for key in keys]
    first, last = solo.notes[0].onset_beats, solo.notes[-1].end_beats
    capture.begin(Turn(1, 0, 0, 0, 0, 0, first, last, 0.0, solo.bpm))
    begun = time.perf_counter()
    for at_s, down, key in sorted(moves, key=lambda move: move[:2]):
        if down:
            capture.press(at_s, at_s / beat_s, key.pitch, key.velocity)
        else:
            capture.release(at_s, at_s / beat_s, key.pitch)
    return (time.perf_counter() - begun) / len(keys) * 1e6


# --- the command


def chosen(solos: Sequence[Solo], count: int) -> list[Solo]:
    """``count`` solos, evenly spread."""
    count = min(max(count, 1), len(solos))
    return [solos[number * len(solos) // count] for number in range(count)]


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    parser.add_argument("--solos", type=int, default=12, metavar="N", help="how many (default 12)")
    parser.add_argument("--seed", type=int, default=0, help="draws another left hand")
    parser.add_argument("--data", default="", metavar="DIR", help="the shared data")
    parser.add_argument(
        "--kind", action="append", choices=KINDS, metavar="KIND", help="only this of them"
    )
    parser.add_argument("--ours", action="store_true", help="leave the yardsticks out")
    parser.add_argument("--fit", action="store_true", help="print weights fitted to training solos")


def run(args: argparse.Namespace) -> int:
    """0 when every goal is met, or there is nothing to measure with; else 1."""
    try:
        solos = load(data_folder(args.data), "train" if args.fit else "valid")
    except FileError as error:
        print(f"no solos to play two-handed: {error}")
        return 0
    solos = chosen(solos, args.solos)
    if args.fit:
        from .listen_fit import fit

        print(", ".join(f"{weight:.2f}" for weight in fit(solos, FITTED)))
        return 0
    rules = list(RULES)[:2] if args.ours else list(RULES)
    kinds = args.kind or list(KINDS)
    rows: list[Row] = []
    for kind in kinds:
        rows += measure(kind, rules, solos, args.seed)
        if not args.json:
            print("\n".join(_lines(rows[-len(rules) :], len(rows) == len(rules))), flush=True)
    if not any(kind not in ALONE for kind in kinds) or not any(kind in ALONE for kind in kinds):
        if args.json:
            print(json.dumps({"rows": [asdict(row) for row in rows]}))
        return 0
    totals, wanted = [overall(rows, rule) for rule in rules], goals(rows)
    met = all(goal.met for goal in wanted)
    cost = {kind: round(us_per_key(solos[0], kind), 1) for kind in ("alone", "mixed")}
    if args.json:
        found = {
            "solos": len(solos),
            "rows": [asdict(row) for row in rows + totals],
            "us_per_key": cost,
            "goals": [asdict(goal) for goal in wanted],
            "met": met,
        }
        print(json.dumps(found))
        return 0 if met else 1
    print("\n".join(_lines(totals, False)))
    print("\nus per key: " + ", ".join(f"{kind} {us}" for kind, us in cost.items()) + "\n")
    for goal in wanted:
        print(f"{'met   ' if goal.met else 'MISSED'} {goal.what}: {goal.got}, goal {goal.goal}")
    return 0 if met else 1


def _lines(rows: Sequence[Row], head: bool) -> Iterator[str]:
    columns = ("notes", "strangers", "lost %", "cut %", "last %", "kept")
    if head:
        yield f"{'kind':26}{'rule':14}" + "".join(f"{name:>11}" for name in columns)
    for row in rows:
        figures = (row.strangers, row.lost, row.cut, row.last, row.kept)
        yield f"{row.kind:26}{row.rule:14}{row.notes:11}" + "".join(f"{x:11.2f}" for x in figures)
