"""``lkjam-box render``: trade with a recorded player, offline, in virtual time."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..play.plan import Plan
    from ..play.take import Take
    from ..protocol.engine import Engine
    from ..protocol.records import EngineId
    from ..protocol.shared_state import Snapshot

EXAMPLES = {
    "lkjam-box render my.mid -o answered.mid": "your playing and the answers to it",
    "lkjam-box render my.mid -o answered.mid --seed 7": (
        "other answers; with this seed always the same"
    ),
}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("call", type=Path, help="MIDI file of the player; its beat 0 is the line")
    parser.add_argument("-o", "--out", type=Path, required=True, metavar="OUT.mid")
    add_set_options(parser)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def add_set_options(parser: argparse.ArgumentParser) -> None:
    """The options that ``render`` and ``demo`` share."""
    parser.add_argument("--progression", default="", metavar="NAME", help="its name, or part of it")
    parser.add_argument("--key", default="", help="move it to this key, as Bb or F#m")
    parser.add_argument("--bpm", type=float, default=0.0, help="tempo, 40 to 300")
    parser.add_argument("--loops", type=int, default=0, help="how many turns")
    parser.add_argument("--turn-bars", type=int, default=0, help="bars of a turn, 1 to 16")
    parser.add_argument("--seed", type=int, default=1, help="the same seed, the same answers")
    parser.add_argument("--engine", choices=("gru", "markov", "off"), help="what answers")
    parser.add_argument("--model", default="", metavar="FILE", help="another model file")
    parser.add_argument("--temperature", type=float, help="lower is safer, higher is wilder")
    parser.add_argument("--top-p", type=float, help="share of likely choices kept")
    parser.add_argument("--config", type=Path, metavar="FILE", help="options file (YAML)")


def plan_of(args: argparse.Namespace, changes: Mapping[str, object] = MappingProxyType({})) -> Plan:
    """The set that the arguments ask for, with ``changes`` of options by dotted name.

    Raises FileError, OptionError, ProgressionError.
    """
    from ..play.plan import make_plan

    asked = {
        **changes,
        "clock.bpm": args.bpm or None,
        "turns.turn_bars": args.turn_bars or None,
        "brain.engine": args.engine,
        "brain.model": args.model or None,
        "brain.temperature": args.temperature,
        "brain.top_p": args.top_p,
    }
    return make_plan(
        call=args.call,
        progression=args.progression,
        key=args.key,
        bpm=args.bpm,
        loops=args.loops,
        seed=args.seed,
        changes={name: value for name, value in asked.items() if value is not None},
        options=args.config,
    )


def engine_maker(plan: Plan) -> Callable[[EngineId], Engine]:
    """Makes the engines of the plan; a line says if the model cannot play."""
    from ..brain.engines import make_engine
    from ..errors import LkjamError

    def told(which: EngineId) -> Engine:
        try:
            return make_engine(which, plan.config.brain)
        except LkjamError as error:
            print(f"the model cannot play, Markov does: {error}", file=sys.stderr)
            raise

    return told


def play_virtually(plan: Plan, look: Callable[[float, Snapshot], None] | None = None) -> Take:
    """Play the plan in virtual time, with a progress bar."""
    from ..play.progress import progress_bar
    from ..play.virtual_set import play_set

    with progress_bar("trading") as bar:
        return play_set(
            plan.config,
            plan.library,
            plan.calls,
            plan.tempo,
            loops=plan.loops,
            make_engine=engine_maker(plan),
            seed=plan.seed,
            on_snapshot=look,
            progress=bar,
        )


def run(args: argparse.Namespace) -> int:
    from ..play.set_report import summary, table, went_well
    from ..play.take_files import write_take

    # Without a count-in, so that the beats of both files are the same.
    plan = plan_of(args, {"turns.preroll_bars": 0})
    take = play_virtually(plan)
    write_take(take, args.out)
    print(json.dumps({**summary(take), "out": str(args.out)}) if args.json else table(take))
    return 0 if went_well(take) else 1
