"""``lkjam-box bench listen``: what the box takes for melody when two hands or a guitar play.

Human solos of the validation part, with comping drawn beside, between and under them
(:mod:`.two_hands`), are played in turns of four bars to the real stage's ears. Beside it stand two
yardsticks: of keys struck within 25 ms the top, which ends the note before; and the skyline.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from statistics import fmean

from ...brain.markov import MarkovEngine
from ...brain.phrases import positions
from ...config.options import Config
from ...errors import FileError
from ...midi.messages import note_off, note_on
from ...music.note import Note
from ...protocol.engine import ControlValues, Question, Role, Scene, Strategy
from ...protocol.records import Turn
from ...stage.channel_guard import ChannelGuard
from ...stage.human import Human
from ...stage.ledger import Ledger
from ...stage.mpe import Zones
from ...stage.view import View
from ..training.corpus import Solo, data_folder, load
from ..training.similarity import interval_similarity
from .two_hands import ALONE, KINDS, Key, take

EXAMPLES = {
    "lkjam-box bench listen": "a dozen solos of the validation part",
    "lkjam-box bench listen --solos 40 --json": "all of them, for programs",
    "lkjam-box bench listen --fit": "fit the weights that tell hands apart, to the training part",
}

BARS, LEAST = 4, 6  # of a call; fewer notes are none
EARLY_BEATS = Config().turns.early_beats
NEAR_S = 0.03  # a note heard this far from where it was played is that note
FITTED = tuple(kind for kind in KINDS if kind not in ALONE)
_TOP_S = 0.025
_ROUND_BEATS = 1e-6


@dataclass(frozen=True, slots=True)
class Call:
    """A human turn of a take: lines in beats, its keys, and the melody as it is played."""

    solo: Solo
    start: float
    end: float
    keys: tuple[Key, ...]
    line: tuple[Note, ...]

    @property
    def beat_s(self) -> float:
        return 60 / self.solo.bpm


Rule = Callable[[Sequence[Call], Sequence[Key]], list[list[Note]]]


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


# --- calls


def calls(solo: Solo, keys: Sequence[Key]) -> list[Call]:
    """Every other four bars of a take, as the human's turns of a set with one box seat."""
    harmony, beat_s = solo.harmony, 60 / solo.bpm
    first = solo.notes[0].onset_beats + EARLY_BEATS - harmony.origin_beats
    start = harmony.origin_beats + first // (4 * BARS) * 4 * BARS
    found = []
    while start < solo.notes[-1].onset_beats:
        end = start + 4 * BARS
        around = (start - EARLY_BEATS) * beat_s, end * beat_s
        inside = tuple(key for key in keys if around[0] <= key.on_s < around[1])
        line = _line(inside, start, end, beat_s)
        if len(line) >= LEAST:
            found.append(Call(solo, start, end, inside, line))
        start = end + 4 * BARS
    return found


def _line(keys: Sequence[Key], start: float, end: float, beat_s: float) -> tuple[Note, ...]:
    """The melody of a turn: a note ends where the next, or an ornament of it, begins."""
    early = [key for key in keys if key.line and key.on_s < start * beat_s < key.off_s]
    line = [*early[-1:], *(key for key in keys if key.line and key.on_s >= start * beat_s)]
    limits_s = sorted(key.on_s for key in keys if key.line or key.grace)
    notes = []
    for key in line:
        next_s = next((at_s for at_s in limits_s if at_s > key.on_s), end * beat_s)
        onset, off = max(key.on_s / beat_s, start), min(key.off_s, next_s) / beat_s
        notes.append(Note(onset, key.pitch, key.velocity, min(off, end) - onset))
    return tuple(notes)


# --- rules


def ours(turns: Sequence[Call], keys: Sequence[Key]) -> list[list[Note]]:
    """The box's own ears, through a whole take."""
    if not turns:
        return []
    human = Human(
        Config(),
        ledger=Ledger(),
        guard=ChannelGuard(),
        zones=Zones(),
        view=View(wants_model=False),
        send=lambda message: None,
        to_brain=lambda record: None,
    )
    beat_s = turns[0].beat_s
    events: list[tuple[float, int, Callable[[], object]]] = []
    heard: list[list[Note]] = []
    for key in keys:
        on, off = note_on(0, key.pitch, key.velocity), note_off(0, key.pitch)
        for at_s, order, message in ((key.on_s, 3, on), (key.off_s, 0, off)):
            move = partial(human.message, at_s, at_s / beat_s, message)
            events.append((at_s, order, move))
    for serial, call in enumerate(turns):
        turn = Turn(serial, 0, 0, 0, 0, 0, call.start, call.end, 0.0, call.solo.bpm)
        events.append((call.start * beat_s, 2, partial(human.begin, turn)))
        events.append((call.end * beat_s, 1, partial(_end, human, call.end, heard)))
    for _, _, do in sorted(events, key=lambda event: event[:2]):
        do()
    return heard


def _end(human: Human, line_beats: float, heard: list[list[Note]]) -> None:
    heard.append(human.end(line_beats))


def each_anew(turns: Sequence[Call], keys: Sequence[Key]) -> list[list[Note]]:
    """The same, but every call is the first that the box ever hears."""
    return [notes for call in turns for notes in ours([call], call.keys)]


def top_of_25_ms(turns: Sequence[Call], keys: Sequence[Key]) -> list[list[Note]]:
    return [list(_top(call)) for call in turns]


def _top(call: Call) -> Iterator[Note]:
    line: list[Key] = []
    for key in _from_the_line(call):
        if line and key.on_s - line[-1].on_s < _TOP_S and line[-1].off_s > key.on_s:
            if key.pitch > line[-1].pitch:
                line[-1] = replace(key, on_s=line[-1].on_s)
        else:
            line.append(key)
    return _as_notes(line, call)


def skyline(turns: Sequence[Call], keys: Sequence[Key]) -> list[list[Note]]:
    return [list(_sky(call)) for call in turns]


def _sky(call: Call) -> Iterator[Note]:
    """Every key that none above it is down with as it is struck."""
    line: list[Key] = []
    down: list[Key] = []
    for key in _from_the_line(call):
        down = [other for other in down if other.off_s > key.on_s]
        if all(other.pitch < key.pitch for other in down):
            line.append(key)
        down.append(key)
    return _as_notes(line, call)


def _from_the_line(call: Call) -> list[Key]:
    line_s = call.start * call.beat_s
    early = [key for key in call.keys if key.on_s < line_s < key.off_s]
    top = max(early, key=lambda key: key.pitch, default=None)
    return [*([top] if top else []), *(key for key in call.keys if key.on_s >= line_s)]


def _as_notes(line: Sequence[Key], call: Call) -> Iterator[Note]:
    for number, key in enumerate(line):
        next_s = line[number + 1].on_s if number + 1 < len(line) else call.end * call.beat_s
        onset = max(key.on_s / call.beat_s, call.start)
        off = min(min(key.off_s, next_s) / call.beat_s, call.end)
        yield Note(onset, key.pitch, key.velocity, max(off - onset, 1 / 48))


RULES: dict[str, Rule] = {
    "the box": ours,
    "first call": each_anew,
    "top of 25 ms": top_of_25_ms,
    "skyline": skyline,
}


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
        "--kind",
        action="append",
        choices=KINDS,
        metavar="KIND",
        help="only this one of the kinds printed; may be repeated",
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
    if args.json:
        found = {
            "solos": len(solos),
            "rows": [asdict(row) for row in rows + totals],
            "goals": [asdict(goal) for goal in wanted],
            "met": met,
        }
        print(json.dumps(found))
        return 0 if met else 1
    print("\n".join(_lines(totals, False)))
    print()
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
