"""``lkjam-box demo``: play a virtual set, watch it, and keep it as MIDI, sound and pictures."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..closing import Closing
from ..errors import MissingLibrary
from .render import add_set_options, engine_maker, plan_of, play_virtually

if TYPE_CHECKING:
    from PIL import Image

    from ..play.plan import Plan
    from ..play.rig_set import RigReport
    from ..play.rigs import Rig
    from ..play.take import Take
    from ..protocol.shared_state import Snapshot

EXAMPLES = {
    "lkjam-box demo": "in real time, with the screen in the terminal",
    "lkjam-box demo --fast": "the same set as fast as it goes",
    "lkjam-box demo --fast --strategy imitation --style bebop": "told how to answer",
    'lkjam-box demo --call my.mid --progression "Minor blues"': (
        "with your own playing, over a tune of the library"
    ),
    "lkjam-box demo --rig stage-piano": "on a stage piano, and what the box made of it",
    "lkjam-box demo --rig list": "the rigs there are",
}
GIF_HZ = 10
CONTROLS = ("strategy", "style", "density", "register", "heat")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--call", type=Path, metavar="MY.mid", help="trade with your own playing")
    parser.add_argument("--fast", action="store_true", help="the same set in virtual time")
    parser.add_argument(
        "--rig", default="", metavar="NAME", help="on that rig, in virtual time; list shows them"
    )
    parser.add_argument("--out", type=Path, default=Path("out"), metavar="DIR")
    add_set_options(parser)
    for name in CONTROLS:
        parser.add_argument(f"--{name}", help=f"as the option brain.{name}")
    parser.add_argument("--no-screen", action="store_true", help="do not draw in the terminal")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--dry-run", action="store_true", help="say what would be played")


def run(args: argparse.Namespace) -> int:
    from ..config.options import Metronome
    from ..play.rigs import rig_list, rig_named
    from ..play.set_report import summary, table, went_well

    if args.rig == "list":
        print(rig_list())
        return 0
    rig = rig_named(args.rig) if args.rig else None
    asked = {name: getattr(args, name) for name in CONTROLS}
    changes: dict[str, object] = {f"brain.{name}": text for name, text in asked.items() if text}
    if rig is not None:
        changes["metronome.when"] = Metronome().when  # what a new box does
    plan = plan_of(args, changes)
    if args.dry_run:
        tune = plan.progression
        print(f"{tune.name} in {tune.key}, {tune.metre}, {plan.tempo[0][1]:g} BPM")
        print(f"{plan.loops} loops, {len(plan.calls)} notes of the player, to {args.out}")
        if rig is not None:
            print(f"on a rig: {rig.words}")
        return 0
    for library in ("matplotlib", "symusic", "pretty_midi"):  # before the set is played, not after
        if find_spec(library) is None:
            raise MissingLibrary(f"the demo needs {library}: pip install 'lkjam-box[demo]'")
    fast = args.fast or rig is not None
    drawn = sys.stdout.isatty() and not (args.no_screen or args.json or fast)
    report: RigReport | None = None
    with Watcher(drawn) as watcher:
        if rig is not None:
            take, report = _on_rig(rig, plan, watcher)
        else:
            take = play_virtually(plan, watcher.look) if fast else _live(plan, watcher)
    files = keep(take, watcher.frames, args.out)
    if args.json:
        found = {**summary(take), "files": [str(path) for path in files]}
        print(json.dumps({**found, "rig": asdict(report)} if report else found))
    else:
        print("\n".join([table(take), *(report.lines() if report else ())]))
        print("left: " + "  ".join(str(path) for path in files))
    return 0 if went_well(take) and (report is None or report.well) else 1


def _on_rig(rig: Rig, plan: Plan, watcher: Watcher) -> tuple[Take, RigReport]:
    from ..play.progress import progress_bar
    from ..play.rig_set import play_on

    with progress_bar("trading") as bar:
        make = engine_maker(plan)
        return play_on(rig, plan, make, on_snapshot=watcher.look, progress=bar)


def _live(plan: Plan, watcher: Watcher) -> Take:
    from ..play.live import play_live

    return play_live(plan, lambda snapshot: watcher.look(time.monotonic(), snapshot))


def keep(take: Take, frames: list[Image.Image], folder: Path) -> list[Path]:
    """Write the take as demo.mid, demo.png and demo.wav and the screen as oled.gif."""
    from ..errors import FileError
    from ..play.gif import write_gif
    from ..play.pianoroll import write_pianoroll
    from ..play.synth import write_wav
    from ..play.take_files import write_take

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"cannot make the folder: {error.strerror}", file=folder) from error
    midi, sound, picture, gif = (
        folder / name for name in ("demo.mid", "demo.wav", "demo.png", "oled.gif")
    )
    write_take(take, midi)
    write_pianoroll(take, picture)
    write_wav(midi, sound)
    write_gif(gif, frames, GIF_HZ)
    return [midi, sound, picture, gif]


class Watcher(Closing):
    """Draws the screen in the terminal as the set plays, and keeps it for the GIF."""

    def __init__(self, drawn: bool) -> None:
        from ..panel.strip import NoteStrip
        from ..panel.terminal import TerminalScreen

        self.frames: list[Image.Image] = []
        self._screen = TerminalScreen() if drawn else None
        self._strip = NoteStrip()
        self._next_s = 0.0

    def look(self, time_s: float, snapshot: Snapshot) -> None:
        from ..panel import picture

        image = picture.draw(snapshot, self._strip)
        if time_s >= self._next_s:
            self.frames.append(image)
            self._next_s = max(self._next_s + 1 / GIF_HZ, time_s - 1 / GIF_HZ)
        if self._screen is not None:
            self._screen.below = [words(snapshot)]
            self._screen.show(image)

    def _close(self) -> None:
        if self._screen is not None:
            self._screen.close()


def words(snapshot: Snapshot) -> str:
    """The screen in one line: role, place, chords, tempo."""
    from ..panel.picture import SYNC_WORDS, role_of
    from ..protocol.engine import Strategy
    from ..protocol.shared_state import Sync

    place = f"bar {snapshot.bar}:{snapshot.pulse}" if snapshot.seat >= 0 else ""
    loop = f"loop {snapshot.loop + 1}/{snapshot.loops or '-'}" if snapshot.seat >= 0 else ""
    chords = f"{snapshot.chord:>8} → {snapshot.next_chord:<8}"
    how = Strategy(snapshot.strategy).name.lower() if snapshot.controls_seat else ""
    tempo = f"{snapshot.bpm:.1f} BPM {SYNC_WORDS.get(Sync(snapshot.sync), '')}"
    return f"{role_of(snapshot):<8} {loop:<9} {place:<8} {chords} {how:<12} {tempo}"
