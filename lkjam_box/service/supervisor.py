"""Starts the processes, watches them, and restarts the one that dies, without the others.

The supervisor holds both ends of every link, so a restarted process finds its link as it was. What
takes time and is not music happens here: listing ports, reading files, speaking to systemd.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from ..config.load import override
from ..health.watch import Watch
from ..machine.readings import Machine
from ..machine.realtime import over_normal
from ..ports.announce import Announce
from ..ports.kinds import open_kind
from ..protocol.process_messages import ProcessSetup, Says, Told
from ..protocol.records import Command, CommandId
from ..protocol.runtime_folder import ports_folder, shared_state_path
from ..protocol.settings import overlaid
from ..protocol.shared_state import SharedState, Snapshot
from ..state.memory import Memory
from .child import Child
from .command_socket import CommandSocket
from .fork_server import ForkServer
from .links import ProcessLinks
from .notify import Notifier
from .panic_outputs import PanicOutputs
from .resume_file import FILE as RESUME
from .stage_progress import QUIET_S, STUCK_S, StageProgress, WatchdogFeed
from .user_files import Files

SCAN_S = 0.25  # between two lists of ports, where the kernel does not announce plugs
FILES_S = 1.0
SILENT_S = 10.0  # a process that says nothing for so long is killed; for the stage: stage_progress
LOADING_S = 180.0  # the same before it is ready: a kill makes a slow, busy computer slower still
FIRST_S = 10.0  # the stage starts first; the others when it is ready, or after this
STOP_S = 3.0
LIBRARIES = 4
TICK_S = 0.05  # a look at the stage's progress


def log(line: str) -> None:
    print(f"lkjam-box: {line}", file=sys.stderr, flush=True)


class Supervisor:
    """``run`` until SIGTERM or Ctrl-C. Raises LkjamError when the box cannot begin."""

    def __init__(
        self,
        files: Files,
        folder: Path,
        state: Path,
        forks: ForkServer | None = None,
        log: Callable[[str], None] = log,
    ) -> None:
        self._files, self._folder, self._log = files, folder, log
        self._notify = Notifier()
        self._stopping = False
        folder.mkdir(parents=True, exist_ok=True)
        self._commands_in = CommandSocket(folder)
        watchdog_s = 2 * self._notify.watchdog_s
        self._watch = Watch(folder, shared_state_path(folder), state, Machine(), watchdog_s)
        self._watch.begin(time.monotonic())
        ports = files.config.ports
        self._kind = open_kind(ports.kind, ports_folder(folder), ports.din)
        found = {"ports.kind": self._kind.name, "ports.din": self._kind.din or "off"}
        self._config = override(files.config, found)  # as the processes are told it
        self._state_folder = state
        self._memory = Memory(state, self._config, files.library, log)
        self._plugged: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
        self._panic_outputs = PanicOutputs(self._kind, self._config.ports, folder)
        self._links = ProcessLinks()
        self._to_stage = self._links.tap("commands", "panel")
        names = ["stage", "brain"]
        if self._wants_panel():
            names.append("panel")
        if self._memory.keeps or self._config.recorder.on:
            names.append("recorder")
        self._children = {name: Child(name, forks) for name in names}
        self._shared_state: SharedState | None = None
        self._crashed = self._panic_outputs.sounds  # notes left by a box that was killed
        self._lost_s = 0.0
        self._rescan = False
        self._announce = Announce()
        self._scan_s = self._files_s = 0.0
        now = time.monotonic()
        self._progress, self._feed = StageProgress(now), WatchdogFeed(self._notify.watchdog_s, now)

    def run(self) -> int:
        """The exit code: 0 after a clean stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        wake_in, wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_out)
        self._write_library()
        if self._files.message:
            self._log(self._files.message)
        self._plugged = (tuple(self._kind.inputs()), tuple(self._kind.outputs()))
        self._panic_outputs.update(self._plugged[1])
        if self._crashed:
            self._silence()
        for name, child in self._children.items():
            child.again_s = 0.0 if name == "stage" else time.monotonic() + FIRST_S
        over_normal()  # a lost stage's notes may sound on for 20 ms: no time to wait for a core
        try:
            while not self._stopping:
                self._tend(time.monotonic())
                fds = [wake_in, self._commands_in.fileno(), *self._announce.fds()]
                fds += [fd for child in self._children.values() for fd in child.fds()]
                select.select(fds, (), (), TICK_S)
        finally:
            signal.set_wakeup_fd(-1)
            self._end()
        return 0

    # --- every round

    def _tend(self, now: float) -> None:
        self._mind_stage(now)
        for child in self._children.values():
            for says in child.says(now):
                self._heard(child, says)
            how = child.died(now)
            if how:
                self._lost(child, how, now)
        for record in self._commands_in.drain():
            self._to_stage.send(record)
        for name, child in self._children.items():
            if not child.alive and now >= child.again_s:
                child.start(now, self._setup(name), self._links.of(name))
        if self._announce.heard() or now - self._scan_s >= SCAN_S:
            self._scan_s = now
            self._scan()
        if now - self._files_s >= FILES_S:
            self._files_s = now
            self._look_at_files()
            self._check_lives(now)
        stage = self._children["stage"]
        starting, moved_s = not (stage.alive and stage.ready), self._progress.moved_s
        if self._shared_state is not None and self._feed.due(now, moved_s, starting):
            self._notify.tell(WATCHDOG="1")
        self._watch.look(now, self._pids())

    def _mind_stage(self, now: float) -> None:
        """End the notes of a stage that is gone or stands still; kill one that is stuck."""
        stage = self._children["stage"]
        for says in stage.says(now):
            self._heard(stage, says)
        if stage.gone and self._panic_outputs.sounds:
            self._silence()
        if self._shared_state is None or not (stage.alive and stage.ready):
            return
        still_s = self._progress.see(now, self._shared_state.alive_s())
        if still_s > QUIET_S and self._panic_outputs.sounds:
            self._log(f"stage has not moved for {still_s:.1f} s")
            self._silence()
        if still_s > STUCK_S:
            self._kill(stage)

    def _heard(self, child: Child, says: Says) -> None:
        if says.line or says.wrong:
            self._log(says.line or f"{child.name}: {says.wrong}")
        self._rescan = self._rescan or says.scan
        if says.devices:
            self._memory.learn(says.devices)
            if self._memory.keeps:
                self._children["recorder"].tell(Told(devices=says.devices))
        if says.fault is not None:
            self._watch.not_kept(says.fault)
        if says.ready:
            if child.name == "stage":
                if self._shared_state is not None:
                    self._shared_state.close()
                path = shared_state_path(self._folder)
                self._shared_state = SharedState.open(path)  # a new one if it was deleted
                self._progress.begin()
                self._notify.tell(READY="1", STATUS="playing")
                if child.starts > 1:
                    self._children["brain"].tell(Told(greet=True))
                    if not self._children["brain"].ready:
                        child.tell(Told(brain_lost=True))
                for other in self._children.values():
                    other.again_s = other.again_s if other.starts else 0.0
            if child.starts > 1:
                self._log(f"{child.name} is back")

    def _lost(self, child: Child, how: str, now: float) -> None:
        if child.name == "panel" and how == "ended with code 0":
            child.again_s = float("inf")  # the panel has neither screen nor buttons
            return
        self._log(f"{child.name} {how}; starting it again")
        if child.name == "stage":
            self._crashed, self._lost_s = True, now
            self._silence()
            if "panel" in self._children:
                self._children["panel"].tell(Told(wrong=child.wrong))
        elif child.name == "brain":
            self._children["stage"].tell(Told(brain_lost=True))
        self._watch.lost(child.name, how, self._snapshot())

    def _scan(self) -> None:
        """List the ports, which may take milliseconds, and tell the stage what changed."""
        plugged = (tuple(self._kind.inputs()), tuple(self._kind.outputs()))
        if plugged != self._plugged or self._rescan:
            self._plugged, self._rescan = plugged, False
            self._children["stage"].tell(Told(ports=plugged))
        self._panic_outputs.update(plugged[1])

    def _look_at_files(self) -> None:
        if self._files.look():
            message = self._files.message
            self._log(message or "progressions read again; they change at the next line")
            if self._files.waiting:
                self._log("other options changed too: they count when the box starts again")
            self._write_library()
            for child in self._children.values():
                child.tell(Told(library=str(self._library_path), message=message))

    def _check_lives(self, now: float) -> None:
        for child in self._children.values():
            limit_s = SILENT_S if child.ready else LOADING_S
            watched = child.name == "stage" and child.ready  # by the rounds of its loop
            if child.alive and not watched and now - child.heard_s > limit_s:
                self._kill(child)

    def _kill(self, child: Child) -> None:
        self._log(f"{child.name} hangs; killing it")
        self._watch.hangs(child.name)
        child.ready = False  # so that it is not killed twice
        child.signal(signal.SIGKILL)

    def _silence(self) -> None:
        reached = self._panic_outputs.silence()
        self._log(f"all notes off: {', '.join(reached) or 'no synth is plugged in'}")

    # --- inside

    def _wants_panel(self) -> bool:
        panel = self._files.config.panel
        return (panel.screen, panel.buttons) != ("off", "off")

    def _pids(self) -> dict[str, int]:
        """Pids of supervisor and processes by name, 0 for a lost one."""
        return {"supervisor": os.getpid()} | {n: child.pid for n, child in self._children.items()}

    @property
    def _library_path(self) -> Path:
        return self._folder / f"library-{self._files.library.number % LIBRARIES}.json"

    def _write_library(self) -> None:
        """Write the library to a new file: a process may be about to read the one before."""
        self._library_path.write_bytes(self._files.library.encode())

    def _setup(self, name: str) -> ProcessSetup:
        if not self._library_path.exists():  # somebody has cleaned up the folder
            self._write_library()
        choices = self._memory.choices(self._snapshot())
        settled = overlaid(self._config, choices.settings)
        return ProcessSetup(
            process=name,
            # The recorder writes down what the file says, to see later whether that was edited.
            config=self._config if name == "recorder" else settled,
            folder=str(self._folder),
            library=str(self._library_path),
            parent=os.getpid(),
            inputs=self._plugged[0],
            outputs=self._plugged[1],
            after_crash=self._crashed,
            lost_s=self._lost_s,
            message=self._files.message,
            choices=choices,
            devices=self._memory.devices,
            state=str(self._state_folder),
            boot=self._memory.boot,
        )

    def _snapshot(self) -> Snapshot | None:
        return self._shared_state.read() if self._shared_state else None

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end(self) -> None:
        self._notify.tell(STOPPING="1")
        for last in (CommandId.STOP, CommandId.PANIC):
            self._to_stage.send(Command(last))  # silence first; the rest may take its time
        self._watch.weigh(self._pids())
        self._watch.look(time.monotonic(), self._pids())
        alive = [child for child in self._children.values() if child.alive]
        for child in alive:
            child.tell(Told(stop=True))  # wakes it at once
            child.signal(signal.SIGTERM)
        until_s = time.monotonic() + STOP_S
        if not self._children["stage"].wait(QUIET_S) and self._panic_outputs.sounds:
            self._silence()
        for child in alive:
            if not child.wait(until_s - time.monotonic()):
                self._log(f"{child.name} does not stop; killing it")
                child.signal(signal.SIGKILL)
                child.wait(STOP_S)
                if child.name == "stage":
                    self._silence()
            for says in child.says(until_s):
                if says.line:
                    self._log(says.line)
            child.forget()
        self._commands_in.close()
        self._panic_outputs.close()
        (self._folder / RESUME).unlink(missing_ok=True)  # a next box begins anew
        self._watch.end()
        for path in self._folder.glob("library-*.json"):
            path.unlink(missing_ok=True)
        self._announce.close()
        self._kind.close()
