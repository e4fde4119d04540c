"""``lkjam-box monitor``: what a running box shows, in the terminal; or record a clock."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import deque
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..health.box_run import BoxRun
    from ..ports.port import InputPort
    from ..protocol.records import Request, SettingId
    from ..protocol.shared_state import Snapshot

EXAMPLES = {
    "lkjam-box monitor": "one line that stands still, kept up to date",
    "lkjam-box monitor --full": "a page: lateness, clock, processes, power, warnings",
    "lkjam-box monitor --once --json": "everything, once, for a program",
    "lkjam-box monitor --control strategy=inversion": "answer upside down from the next line on",
    "lkjam-box monitor --control listen-low=60": "answer what is played from middle C up",
    "lkjam-box monitor --clock-csv clock.csv --seconds 60": (
        "record a minute of the clock that comes"
    ),
}
LINE_S, PAGE_S = 0.1, 0.5
WEIGH_S = 10.0  # between two readings of memory, which are costly: see Machine.pss_mb


def configure(parser: argparse.ArgumentParser) -> None:
    from .run import add_options

    add_options(parser)
    parser.add_argument(
        "--full",
        action="store_true",
        help="a page: histograms, clock, processes, memory, power, warnings",
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line: everything")
    parser.add_argument(
        "--control",
        action="append",
        default=[],
        metavar="CONTROL=VALUE",
        help="first set a control, from the next line on: strategy=imitation, style=bebop, "
        "density=2, register=-1, heat=0.4, line-up=human,A,B, offset=-8 (ms, at once); or what the "
        f"menu sets: {', '.join(_setting_names())}",
    )
    parser.add_argument(  # the former name of --control
        "--turn", dest="control", action="append", help=argparse.SUPPRESS
    )
    parser.add_argument("--once", action="store_true", help="look once and end")
    parser.add_argument(
        "--clock-csv",
        type=Path,
        metavar="FILE",
        help="needs no running box: write every clock message of the clock ports as time_s,hex",
    )
    parser.add_argument("--seconds", type=float, default=0.0, help="end after so long")


def run(args: argparse.Namespace) -> int:
    until_s = time.monotonic() + args.seconds if args.seconds > 0 else float("inf")
    return _record_clock(args, until_s) if args.clock_csv else _watch(args, until_s)


def line(snapshot: Snapshot) -> str:
    """One line: role, place, tempo, chord, health."""
    from ..health.warning_texts import said

    warning, message = said(snapshot) or "ok", snapshot.message
    late_us = snapshot.measured("lateness").quantile_us(0.99)
    return (
        f"{place(snapshot)}  answers {snapshot.answers_on_time}/{snapshot.answers}  "
        f"late p99 {late_us / 1000:.2f} ms  dropped {snapshot.dropped}  {warning}"
        + (f": {message}" if message and not message.endswith(warning) else "")
    )


def place(snapshot: Snapshot) -> str:
    """Where the set is: who plays, loop, bar and beat, tempo, chords, strategy."""
    from ..protocol.shared_state import Mode, Sync

    mode = Mode(snapshot.mode).name.replace("_", " ")
    who = {-1: mode, 0: "YOU"}.get(snapshot.seat, f"BOX {chr(ord('A') + snapshot.seat - 1)}")
    loop = f"loop {snapshot.loop + 1}" + (f"/{snapshot.loops}" if snapshot.loops else "")
    return (
        f"{who:<9} {loop:<9} {snapshot.bar}:{snapshot.pulse}  "
        f"{snapshot.bpm:5.1f} {Sync(snapshot.sync).name:<9} "
        f"{snapshot.chord:>8} > {snapshot.next_chord:<8} {how(snapshot):<14}"
    )


def how(snapshot: Snapshot) -> str:
    """The strategy, behind an arrow while it is pending."""
    from ..protocol.engine import Strategy

    if not snapshot.controls_seat:
        return ""
    waits = "→ " if snapshot.next_strategy != snapshot.strategy else ""
    return waits + Strategy(snapshot.next_strategy).name.lower()


def _setting_names() -> dict[str, SettingId]:
    from ..protocol.records import SettingId

    return {which.name.lower().replace("_", "-"): which for which in SettingId}


def request_of(text: str) -> Request:
    """``density=2`` as a record for the seats that the controls steer; ``line-up=human,A`` and
    ``offset=-8`` as commands; ``count-in=2`` as a setting. Raises OptionError."""
    from ..config.load import override
    from ..config.options import Config
    from ..errors import OptionError
    from ..protocol.controls import CHOICES, initial_controls, value_of
    from ..protocol.records import STEERED, Command, CommandId, ControlSetting, Setting
    from ..protocol.settings import RANGES
    from ..turns.grid import line_up_number, seats_of

    name, _, value = text.partition("=")
    controls = {control.name.lower(): control for control in CHOICES}
    options = {known: f"brain.{known}" for known in controls}
    options |= {"line-up": "turns.line_up", "offset": "clock.output_offset_ms"}
    settings = _setting_names()
    options |= {known: RANGES[which].option.dotted for known, which in settings.items()}
    if name not in options:
        allowed = ", ".join(f"{known}=..." for known in options)
        raise OptionError("--control", found=text, allowed=allowed)
    config = override(Config(), {options[name]: value})
    if name == "line-up":
        return Command(CommandId.LINE_UP, line_up_number(seats_of(config.turns.line_up)))
    if name == "offset":
        return Command(CommandId.OUTPUT_OFFSET, config.clock.output_offset_ms)
    if name in settings:
        which = settings[name]
        return Setting(which, RANGES[which].asked(config))
    return ControlSetting(
        STEERED, controls[name], value_of(initial_controls(config.brain), controls[name])
    )


def _watch(args: argparse.Namespace, until_s: float) -> int:
    from ..config.load import load_config, override
    from ..errors import LkjamError
    from ..health import box_run
    from ..health.health_file import overlay, read
    from ..protocol.folder_guard import trusted
    from ..protocol.runtime_folder import found_folder, shared_state_path
    from ..protocol.shared_state import SharedState
    from ..service.command_socket import send_command
    from .run import overrides

    requests = [request_of(text) for text in args.control]
    config = override(load_config(args.config), overrides(args))
    folder = trusted(found_folder(config.service.runtime_folder))
    try:
        shared_state = SharedState.open(shared_state_path(folder))
    except (OSError, ValueError) as error:
        past = "; lkjam-box check tells of the last run" if box_run.last(folder) else ""
        raise LkjamError(
            f"no box runs in {folder}: start one with lkjam-box run, or set LKJAM_RUNTIME to "
            f"its folder{past}"
        ) from error
    for request in requests:
        send_command(folder, request)
    live = sys.stdout.isatty() and not args.json and not args.once
    weighed: dict[str, float | None] = {}
    weighed_s = 0.0
    while True:
        snapshot, now_s = shared_state.read(measured=True), time.monotonic()
        if snapshot is None or snapshot.stale(now_s):
            raise LkjamError(f"the box in {folder} shows nothing new: it was stopped or hangs")
        health = read(folder)
        snapshot = overlay(snapshot, health, now_s)
        if args.json:
            print(
                json.dumps(box_run.summary(box_run.of(snapshot, health)), ensure_ascii=False),
                flush=True,
            )
        elif args.full:
            run = box_run.of(snapshot, health)
            if not weighed_s or now_s - weighed_s >= WEIGH_S:
                weighed, weighed_s = _weigh(run), now_s
            _show_page(snapshot, box_run.weighed(run, weighed), live)
        else:
            end = "" if live else "\n"
            shown = line(box_run.whole(snapshot, health))
            print(("\r\x1b[2K" if live else "") + shown, end=end, flush=True)
        if args.once or time.monotonic() >= until_s:
            if live:
                print()
            return 0
        time.sleep(PAGE_S if args.full else LINE_S)


def _weigh(run: BoxRun) -> dict[str, float | None]:
    from ..machine.readings import Machine

    processes = run.health.processes if run.health else {}
    return {
        name: Machine().pss_mb(process.pid) for name, process in processes.items() if process.pid
    }


def _show_page(snapshot: Snapshot, run: BoxRun, live: bool) -> None:
    from ..health.monitor_page import page
    from ..health.warning_texts import WARNINGS, said
    from ..protocol.shared_state import WarningId

    warning = said(snapshot)
    if warning:
        warning += f"  -> {WARNINGS[WarningId(snapshot.warning)][1]}"
    text = page(run, place(snapshot).rstrip(), warning)
    print(f"\x1b[H\x1b[2J{text}" if live else text + "\n", flush=True)


def _record_clock(args: argparse.Namespace, until_s: float) -> int:
    """Open the clock ports ourselves and write what comes; ended by Ctrl-C or ``--seconds``."""
    from ..config.load import load_config, override
    from ..errors import FileError
    from ..midi.messages import SONG_POSITION, TICK, Message
    from ..ports.kinds import open_kind
    from ..ports.names import choose, short
    from ..ports.port import messages_to
    from ..protocol.runtime_folder import ports_folder, runtime_folder
    from .run import overrides, tell_lacks

    config = override(load_config(args.config), overrides(args))
    options = config.ports
    folder = ports_folder(runtime_folder(config.service.runtime_folder))
    rows: deque[str] = deque()
    written, own = 0, "lkjam_box clock csv"

    def hear(time_s: float, message: Message) -> None:
        if message.kind == SONG_POSITION or message.kind >= TICK:
            rows.append(f"{time_s:.6f},{message.hex()}\n")

    take = messages_to(hear)
    with ExitStack() as stack:
        kind = stack.enter_context(open_kind(options.kind, folder, options.din))
        tell_lacks(kind)
        names = choose(kind.inputs(), options.clock, options.ignore)
        ports = [stack.enter_context(kind.open_input(name, take)) for name in names]
        ports.append(stack.enter_context(kind.create_input(own, take)))
        heard = ", ".join(short(name) for name in names) or f"nothing yet; connect to {own!r}"
        print(f"listening to {heard}", file=sys.stderr, flush=True)
        try:
            with open(args.clock_csv, "w", encoding="ascii") as file:
                try:
                    while time.monotonic() < until_s:
                        time.sleep(0.02)
                        written += _write(file, ports, rows)
                except KeyboardInterrupt:
                    pass
                written += _write(file, ports, rows)
        except OSError as error:
            raise FileError(f"cannot write: {error.strerror}", file=args.clock_csv) from error
    print(f"{written} clock messages in {args.clock_csv}", file=sys.stderr)
    return 0 if written else 1


def _write(file: TextIO, ports: Iterable[InputPort], rows: deque[str]) -> int:
    for port in ports:
        port.drain()
    count = len(rows)
    file.writelines(rows.popleft() for _ in range(count))
    return count
