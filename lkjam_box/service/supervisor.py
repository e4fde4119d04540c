"""Starts the lanes, watches them, and restarts alone whichever dies.

It holds both ends of every link, so a restarted lane finds its link as it was. What takes
time and is not music happens here: listing ports, reading files, speaking to systemd.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from ..config.load import override
from ..health.machine import Machine
from ..health.watch import Watch
from ..ports.kinds import open_kind
from ..stage.link import Link
from ..stage.snapshot import Board, Snapshot
from .child import Child
from .control import CommandSocket
from .files import Files
from .lanes import LaneSetup, Says, Told
from .notify import Notifier
from .panic import left_sounding, silence_all
from .runtime import board_path, ports_folder

SCAN_S = 0.25  # shorter than any replug: the same port gone and back between two looks is missed
FILES_S = 1.0
STUCK_S = 3.0  # a stage that shows nothing new for so long is killed
SILENT_S = 10.0  # the same for the others, who say that they live
LOADING_S = 60.0
STOP_S = 3.0
BOOKS = 4
TICK_S = 0.25


def log(line: str) -> None:
    print(f"lkjam-box: {line}", file=sys.stderr, flush=True)


class Supervisor:
    """``run`` until SIGTERM or Ctrl-C. Raises LkjamError when the box cannot begin."""

    def __init__(self, files: Files, folder: Path, log: Callable[[str], None] = log) -> None:
        self._files, self._folder, self._log = files, folder, log
        self._notify = Notifier()
        self._stopping = False
        folder.mkdir(parents=True, exist_ok=True)
        self._commands_in = CommandSocket(folder)
        state = Path(os.environ.get("STATE_DIRECTORY", "").split(":")[0] or folder)
        watchdog_s = self._notify.watchdog_s
        self._watch = Watch(folder, board_path(folder), state, Machine(), watchdog_s)
        self._watch.begin(time.monotonic())
        self._kind = open_kind(files.config.ports.kind, ports_folder(folder))
        self._config = override(files.config, {"ports.kind": self._kind.name})
        self._plugged: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._link = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # stage, brain
        self._commands = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)  # stage, panel
        self._to_stage = Link(self._commands[1].dup())
        self._lanes = {name: Child(name) for name in ("brain", "stage")}
        if self._wants_panel():
            self._lanes["panel"] = Child("panel")
        self._board: Board | None = None
        self._crashed = left_sounding(folder)  # by a box that was killed with all its lanes
        self._rescan = False
        self._scan_s = self._files_s = self._told_s = 0.0

    def run(self) -> int:
        """The exit code: 0 after a clean stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        wake_in, wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_out)
        self._write_book()
        if self._files.message:
            self._log(self._files.message)
        self._plugged = (tuple(self._kind.inputs()), tuple(self._kind.outputs()))
        try:
            while not self._stopping:
                self._tend(time.monotonic())
                fds = [wake_in, self._commands_in.fileno()]
                fds += [fd for child in self._lanes.values() for fd in child.fds()]
                select.select(fds, (), (), TICK_S)
        finally:
            signal.set_wakeup_fd(-1)
            self._end()
        return 0

    # --- every round

    def _tend(self, now: float) -> None:
        for child in self._lanes.values():
            for says in child.says(now):
                self._heard(child, says)
            how = child.died(now)
            if how:
                self._lost(child, how, now)
        for record in self._commands_in.drain():
            self._to_stage.send(record)
        for name, child in self._lanes.items():
            if not child.alive and now >= child.again_s:
                child.start(now, self._setup(name), self._fds(name))
        if now - self._scan_s >= SCAN_S:
            self._scan_s = now
            self._scan()
        if now - self._files_s >= FILES_S:
            self._files_s = now
            self._look_at_files()
            self._check_lives(now)
        self._tell_systemd(now)
        self._watch.look(now, self._pids())

    def _heard(self, child: Child, says: Says) -> None:
        if says.line:
            self._log(says.line)
        self._rescan = self._rescan or says.scan
        if says.ready:
            if child.name == "stage":
                self._board = self._board or Board.open(board_path(self._folder))
                self._notify.tell(READY="1", STATUS="playing")
                if child.starts > 1:
                    self._lanes["brain"].tell(Told(greet=True))
            if child.starts > 1:
                self._log(f"{child.name} is back")

    def _lost(self, child: Child, how: str, now: float) -> None:
        if child.name == "panel" and how == "ended with code 0":
            child.again_s = float("inf")  # it has neither screen nor buttons
            return
        self._log(f"{child.name} {how}; starting it again")
        if child.name == "stage":
            self._crashed = True
            reached = silence_all(self._kind, self._config.ports, self._folder)
            self._log(f"all notes off: {', '.join(reached) or 'no synth is plugged in'}")
        elif child.name == "brain":
            self._lanes["stage"].tell(Told(brain_lost=True))
        self._watch.lost(child.name, how, self._snapshot())

    def _scan(self) -> None:
        """List the ports, which may take milliseconds, and tell the stage what changed."""
        plugged = (tuple(self._kind.inputs()), tuple(self._kind.outputs()))
        if plugged != self._plugged or self._rescan:
            self._plugged, self._rescan = plugged, False
            self._lanes["stage"].tell(Told(ports=plugged))

    def _look_at_files(self) -> None:
        if self._files.look():
            message = self._files.message
            self._log(message or "progressions read again; they change at the next line")
            if self._files.waiting:
                self._log("other options changed too: they count when the box starts again")
            self._write_book()
            for child in self._lanes.values():
                child.tell(Told(book=str(self._book_path), message=message))

    def _check_lives(self, now: float) -> None:
        for child in self._lanes.values():
            if not child.alive:
                continue
            heard_s = child.heard_s
            if child.name == "stage" and child.ready:
                snapshot = self._snapshot()
                heard_s = max(heard_s, snapshot.time_s if snapshot else 0.0)
            limit_s = STUCK_S if child.name == "stage" else SILENT_S
            if now - heard_s > (limit_s if child.ready else LOADING_S):
                self._log(f"{child.name} hangs; killing it")
                self._watch.hangs(child.name)
                child.signal(signal.SIGKILL)

    def _tell_systemd(self, now: float) -> None:
        stage = self._lanes["stage"]
        if self._notify.watchdog_s and now - self._told_s >= self._notify.watchdog_s / 2:
            self._told_s = now
            if stage.alive or now < stage.again_s + STUCK_S:
                self._notify.tell(WATCHDOG="1")

    # --- inside

    def _wants_panel(self) -> bool:
        panel = self._files.config.panel
        return (panel.screen, panel.buttons) != ("off", "off") and bool(
            find_spec("lkjam_box.panel.lane")
        )

    def _pids(self) -> dict[str, int]:
        """Of ourselves and every lane, 0 for one that is lost."""
        return {"supervisor": os.getpid()} | {n: child.pid for n, child in self._lanes.items()}

    @property
    def _book_path(self) -> Path:
        return self._folder / f"book-{self._files.book.number % BOOKS}.json"

    def _write_book(self) -> None:
        """Beside the one before, which a lane may be about to read."""
        self._book_path.write_bytes(self._files.book.encode())

    def _fds(self, name: str) -> tuple[int, ...]:
        link, commands = self._ends(name)
        return tuple(fd for fd in (link, commands) if fd >= 0)

    def _ends(self, name: str) -> tuple[int, int]:
        """(link, commands) of a lane."""
        stage_link, brain_link = (sock.fileno() for sock in self._link)
        stage_commands, panel_commands = (sock.fileno() for sock in self._commands)
        return {
            "stage": (stage_link, stage_commands),
            "brain": (brain_link, -1),
            "panel": (-1, panel_commands),
        }[name]

    def _setup(self, name: str) -> LaneSetup:
        link, commands = self._ends(name)
        return LaneSetup(
            lane=name,
            config=self._config,
            folder=str(self._folder),
            book=str(self._book_path),
            control=-1,
            link=link,
            commands=commands,
            parent=os.getpid(),
            inputs=self._plugged[0],
            outputs=self._plugged[1],
            after_crash=self._crashed,
            message=self._files.message,
        )

    def _snapshot(self) -> Snapshot | None:
        return self._board.read() if self._board else None

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end(self) -> None:
        self._notify.tell(STOPPING="1")
        self._watch.weigh(self._pids())
        self._watch.look(time.monotonic(), self._pids())
        alive = [child for child in self._lanes.values() if child.alive]
        for child in alive:
            child.tell(Told(stop=True))  # wakes it at once
            child.signal(signal.SIGTERM)
        until_s = time.monotonic() + STOP_S
        for child in alive:
            if not child.wait(until_s - time.monotonic()):
                self._log(f"{child.name} does not stop; killing it")
                child.signal(signal.SIGKILL)
                child.wait(STOP_S)
                if child.name == "stage":
                    silence_all(self._kind, self._config.ports, self._folder)
            for says in child.says(until_s):
                if says.line:
                    self._log(says.line)
            child.forget()
        self._commands_in.close()
        self._watch.end()
        for path in self._folder.glob("book-*.json"):
            path.unlink(missing_ok=True)
