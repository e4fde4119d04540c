"""``lkjam-box bench din``: notes on a DIN wire that controllers flood, beside a plain queue.

The same messages go through the box's DIN OUT and through a queue that keeps their order. The wire
is a pseudo-terminal whose reader lets each byte take the time that it takes at 31250 baud; with
``--virtual`` it is a model in virtual time, and so are the wake-ups of the box. A note's lateness
is counted from the time at which it would be over on a wire that carries notes and clock alone.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import threading
import time
import tty
from collections.abc import Callable
from dataclasses import asdict
from heapq import merge
from math import inf
from typing import Any

from ...machine import realtime
from ...midi.din_parser import DinParser
from ...midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    PRESSURE,
    TICK,
    Message,
    parse,
)
from ...play.performer import PRIORITY
from ...ports.din_port import DinOutput
from ...ports.din_queue import DinQueue, Pace
from ...ports.serial_port import BAUD, open_serial_port
from .din_floods import FLOODS, Timed, ours
from .yardstick import Spread

EXAMPLES = {
    "lkjam-box bench din": "four floods of 10 s through a pseudo-terminal, each twice",
    "lkjam-box bench din --virtual --seconds 60": "in virtual time: the order alone, soon done",
}
GOAL_MS = 3.0
_BYTE_S = 10 / BAUD
_DRAINED_S = 0.3  # of silence, after which all is over

Way = Callable[[list[Timed]], tuple[list[Timed], list[Timed]]]
"""Plays the messages; returns those sent and those that came, with the end of each."""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=float, default=10, metavar="S", help="of each flood")
    parser.add_argument("--virtual", action="store_true", help="in virtual time")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(args: argparse.Namespace) -> int:
    rows = measure(args.seconds, args.virtual, args.seed)
    if args.json:
        print(json.dumps(rows, indent=1))
        return 0
    print(f"ms above the wire's own time{'':<16}{'notes':>7}{'p50':>9}{'p99':>9}{'max':>9}", end="")
    print("   clock p99   last value after (wrong)")
    for row in rows:
        note, tick = row["notes"], row["ticks"]
        print(f"{row['flood']:<31}{row['through']:<13}{note['n']:>7}", end="")
        print(
            *(f"{note[key] / 1000:>9.2f}" for key in ("p50_us", "p99_us", "max_us")), sep="", end=""
        )
        print(f"{tick['p99_us'] / 1000:>12.2f}{row['last_ms']:>13.1f}   ({row['wrong']})")
    worst_ms = max(row["notes"]["p99_us"] for row in rows if row["through"] == "the box") / 1000
    lost = sum(row["wrong"] for row in rows if row["through"] == "the box")
    word = "met" if worst_ms <= GOAL_MS and not lost else "MISSED"
    print(f"{word}: p99 of the box's notes {worst_ms:.2f} ms (limit {GOAL_MS}), {lost} values lost")
    return 0


def measure(seconds: float, virtual: bool = True, seed: int = 1) -> list[dict[str, Any]]:
    """A row for each flood and way, times in microseconds."""
    ways: dict[str, Way] = {
        "plain queue": in_order if virtual else lambda due: _really(due, _Plain),
        "the box": through_the_box if virtual else lambda due: _really(due, DinOutput),
    }
    rows = []
    for flood, make in FLOODS.items():
        due = sorted(
            merge(make(seconds, random.Random(seed)), ours(seconds, random.Random(seed))),
            key=lambda one: one[0],
        )
        for name, way in ways.items():
            rows.append({"flood": flood, "through": name, **_figures(*way(due))})
    return rows


# --- ways to the wire


def in_order(due: list[Timed]) -> tuple[list[Timed], list[Timed]]:
    """A wire that takes everything in its order."""
    free_s, came = 0.0, []
    for time_s, message in due:
        free_s = max(free_s, time_s) + len(message) * _BYTE_S
        came.append((free_s, message))
    return due, came


def through_the_box(due: list[Timed]) -> tuple[list[Timed], list[Timed]]:
    """The box's queue before such a wire, woken whenever it asks to be."""
    queue, pace, given = DinQueue(), Pace(), []
    now_s = 0.0
    for time_s, message in (*due, (inf, None)):
        while queue and (at_s := max(pace.due_s(queue.urgent), now_s)) <= time_s:
            out = queue.take()
            assert out is not None
            pace.gave(at_s, len(out))
            given.append((at_s, out))
            now_s = at_s
        if message is not None:
            queue.put(message)
            now_s = time_s
    return due, in_order(given)[1]


class _Plain:
    def __init__(self, fd: int, write: Callable[[int, bytes], int]) -> None:
        self._fd, self._write = fd, write

    def send(self, message: Message) -> None:
        self._write(self._fd, message.data)

    def close(self) -> None:
        os.close(self._fd)


def _really(due: list[Timed], make: Callable[..., Any]) -> tuple[list[Timed], list[Timed]]:
    """In real time through a serial port whose other end is read at once."""
    ours, theirs = os.openpty()
    tty.setraw(ours)
    sent: list[Timed] = []
    given: list[tuple[float, bytes]] = []

    def write(fd: int, data: bytes) -> int:
        given.append((time.monotonic(), data))
        return os.write(fd, data)

    def play() -> None:
        began_s = time.monotonic()
        for time_s, message in due:
            time.sleep(max(began_s + time_s - time.monotonic(), 0.0))
            sent.append((time.monotonic(), message))
            port.send(message)

    port = make(open_serial_port(os.ttyname(theirs)), write)
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    realtime.timer_slack()
    realtime.fifo(PRIORITY)  # as the stage has it, and its threads
    player = threading.Thread(target=play)
    player.start()
    os.sched_setscheduler(0, *before)
    read = b""
    while player.is_alive() or select.select([ours], [], [], _DRAINED_S)[0]:
        if select.select([ours], [], [], _DRAINED_S)[0]:
            read += os.read(ours, 4096)
    player.join()
    port.close()
    os.close(ours)
    os.close(theirs)
    if read != b"".join(data for _, data in given):
        raise AssertionError("the kernel took less than it was given")
    return sent, _through_a_uart(given)


def _through_a_uart(read: list[tuple[float, bytes]]) -> list[Timed]:
    parser, came, free_s = DinParser(), [], 0.0
    for time_s, data in read:
        for byte in data:
            free_s = max(free_s, time_s) + _BYTE_S
            message = parse(parser.byte(byte) or b"")
            if message is not None:
                came.append((free_s, message))
    return came


# --- what came of it


def _figures(sent: list[Timed], came: list[Timed]) -> dict[str, Any]:
    alone = in_order([one for one in sent if _is_note(one[1]) or one[1].kind == TICK])[1]
    row: dict[str, Any] = {}
    for name, wanted in (("notes", _is_note), ("ticks", lambda m: m.kind == TICK)):
        own, got = ([one for one in side if wanted(one[1])] for side in (alone, came))
        if [message for _, message in own] != [message for _, message in got]:
            raise AssertionError(f"{name} were lost or changed their order")
        late = [1e6 * (b - a) for (a, _), (b, _) in zip(own, got, strict=True)]
        row[name] = asdict(Spread.of([max(us, 0.0) for us in late]))
    first, last = ({_what(m): (t, m) for t, m in side if _what(m)} for side in (sent, came))
    row["wrong"] = sum(
        message != last.get(what, (0, b""))[1] for what, (_, message) in first.items()
    )
    after = [last[what][0] - time_s for what, (time_s, _) in first.items() if what in last]
    row["last_ms"] = round(1000 * max(after), 2)
    row["values"] = sum(bool(_what(message)) for _, message in came)
    return row


def _is_note(message: Message) -> bool:
    return message.kind in (NOTE_ON, NOTE_OFF)


def _what(message: Message) -> tuple[int, ...]:
    """Which value it sets; () for what is none."""
    if message.kind == CONTROL_CHANGE:
        return message[0], message.number
    return (message[0],) if message.kind in (PITCH_BEND, PRESSURE) else ()
