"""Starts the processes, watches them, and restarts the one that dies, without the others.

The supervisor holds both ends of every link, so a restarted process finds its link as it was. It
ends the notes of a stage that cannot, and so waits for nothing while it runs: what reads the
player's files, the machine and the disk is the caretaker, a process of its own.
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
from ..health.box_run import put_away
from ..health.losses import Losses
from ..machine.readings import Machine
from ..machine.realtime import over_normal
from ..ports.announce import Announce
from ..ports.kinds import open_kind
from ..protocol.folder_guard import claim
from ..protocol.process_messages import ProcessSetup, Says, Told
from ..protocol.records import Command, CommandId
from ..protocol.runtime_folder import LIBRARY, RESUME, ports_folder, shared_state_path
from ..protocol.settings import overlaid
from ..protocol.shared_state import SharedState, Snapshot
from ..state.memory import Memory
from .child import Child
from .command_socket import CommandSocket
from .folder_lock import FolderLock
from .fork_server import ForkServer
from .library_file import LibraryFile
from .links import ProcessLinks
from .notify import Notifier
from .panic_outputs import PanicOutputs
from .port_list import PortList
from .stage_progress import QUIET_S, STUCK_S, StageProgress, WatchdogFeed
from .user_files import Files

SILENT_S = 10.0  # a process that says nothing for so long is killed; for the stage: stage_progress
LOADING_S = 180.0  # the same before it is ready: a kill makes a slow, busy computer slower still
FIRST_S = 10.0  # the stage starts first; the others when it is ready, or after this
STOP_S = 3.0
TURN_S = 1.0  # between two rounds at the latest


def log(line: str) -> None:
    """Write ``line``; it is lost where nobody takes it in, as nobody may hold up the supervisor."""
    writable = select.poll()
    writable.register(sys.stderr.fileno(), select.POLLOUT)
    if writable.poll(0):
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
        self._folder, self._state_folder, self._log = folder, state, log
        self._notify = Notifier()
        self._stopping = False
        claim(folder, made_by_systemd=str(folder) == os.environ.get("RUNTIME_DIRECTORY"))
        self._lock = FolderLock(folder)
        self._commands_in = CommandSocket(folder)
        put_away(folder, shared_state_path(folder), "killed")
        now, ports = time.monotonic(), files.config.ports
        self._losses = Losses(now, 2 * self._notify.watchdog_s)
        self._kind = open_kind(ports.kind, ports_folder(folder), ports.din)
        found = {"ports.kind": self._kind.name, "ports.din": self._kind.din or "off"}
        self._ports = PortList(self._kind, now)
        self._panic_outputs = PanicOutputs(self._kind, override(files.config, found).ports, folder)
        self._panic_outputs.update(self._ports.plugged[1])
        self._crashed = self._panic_outputs.sounds  # notes left by a box that was killed
        if self._crashed:
            self._silence()  # before thousands of progressions are read
        library = files.library()
        self._config = override(files.config, found)  # as the processes are told it
        self._memory = Memory(state, self._config, library, log)
        self._library = LibraryFile(folder, library)
        self._files = files.read
        self._links = ProcessLinks()
        self._to_stage = self._links.tap("commands", "panel")
        names = ["stage", "brain", "caretaker"]
        if (self._config.panel.screen, self._config.panel.buttons) != ("off", "off"):
            names.append("panel")
        if self._memory.keeps or self._config.recorder.on:
            names.append("recorder")
        self._children = {name: Child(name, forks) for name in names}
        self._forks = forks
        self._shared_state: SharedState | None = None
        self._lost_s = self._checked_s = 0.0
        self._rescan = False
        self._fault = ""  # why recordings or choices cannot be written; "" if they can
        self._failing: tuple[str, ...] = ()  # processes that keep failing
        self._news = False  # of lives, for the caretaker
        self._announce = Announce()
        self._progress, self._feed = StageProgress(now), WatchdogFeed(self._notify.watchdog_s, now)
        self._poll, self._polled = select.poll(), set[int]()

    def run(self) -> int:
        """The exit code: 0 after a clean stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        wake_in, wake_out = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_out)
        if self._files.message:
            self._log(self._files.message)
        if self._kind.lacks:
            self._log(self._kind.lacks)
        for name, child in self._children.items():
            child.again_s = 0.0 if name == "stage" else time.monotonic() + FIRST_S
        over_normal()  # a lost stage's notes may sound on for 20 ms: no time to wait for a core
        try:
            ready = {self._commands_in.fileno()}
            while not self._stopping:
                self._tend(time.monotonic(), ready)
                fds = {wake_in, self._commands_in.fileno(), *self._announce.fds()}
                ready = self._wait(fds.union(*[one.fds() for one in self._children.values()]))
        finally:
            signal.set_wakeup_fd(-1)
            self._end()
        return 0

    # --- every round

    def _wait(self, fds: set[int]) -> set[int]:
        """Wait until one of ``fds`` is readable or something is due; returns those readable."""
        if fds != self._polled:
            self._poll, self._polled = select.poll(), fds
            for fd in fds:
                self._poll.register(fd, select.POLLIN)
        now = time.monotonic()
        stage = self._children["stage"]
        due_s = [now + TURN_S, self._ports.next_s()]
        if self._shared_state is not None and stage.alive and stage.ready:
            due_s.append(self._progress.look_s)
        due_s += [child.again_s for child in self._children.values() if not child.alive]
        return {fd for fd, _ in self._poll.poll(max(min(due_s) - now, 0.0) * 1000 + 1)}

    def _tend(self, now: float, ready: set[int]) -> None:
        """One round; ``ready``: what can be read, as to ask the others costs ten times as much."""
        self._mind_stage(now, ready)
        for child in self._children.values() if ready else ():
            if not ready.isdisjoint(child.fds()):
                self._listen(child, now)
                how = child.died(now)
                if how:
                    self._lost(child, how, now)
        if self._commands_in.fileno() in ready:
            for record in self._commands_in.drain():
                self._to_stage.send(record)
        for name, child in self._children.items():
            if not child.alive and now >= child.again_s:
                child.start(now, self._setup(name), self._links.of(name))
                self._news = True
        self._look_at_ports(now, not ready.isdisjoint(self._announce.fds()))
        if self._news or now - self._checked_s >= TURN_S:
            self._checked_s = now
            self._check_lives(now)
            self._tell_lives(now)
        stage, moved_s = self._children["stage"], self._progress.moved_s
        starting = not (stage.alive and stage.ready)
        failing = "stage" in self._failing
        if self._shared_state is not None and self._feed.due(now, moved_s, starting, failing):
            self._notify.tell(WATCHDOG="1")

    def _mind_stage(self, now: float, ready: set[int]) -> None:
        """End the notes of a stage that is gone or stands still; kill one that is stuck."""
        stage = self._children["stage"]
        if ready and not ready.isdisjoint(stage.fds()):
            self._listen(stage, now)
        if stage.gone and self._panic_outputs.sounds:
            self._silence()
        if self._shared_state is None or not (stage.alive and stage.ready):
            return
        sounds = self._panic_outputs.sounds
        still_s = self._progress.see(now, self._shared_state.alive_s(), sounds)
        if still_s > QUIET_S and sounds:
            self._log(f"stage has not moved for {still_s:.1f} s")
            self._silence()
        if still_s > STUCK_S:
            self._kill(stage)

    def _listen(self, child: Child, now: float) -> None:
        for says in child.says(now):
            self._heard(child, says, now)

    def _heard(self, child: Child, says: Says, now: float) -> None:
        for line in (says.line or (f"{child.name}: {says.wrong}" if says.wrong else "")).split(
            "\n"
        ):
            if line:
                self._log(line)
        self._rescan = self._rescan or says.scan
        if says.devices:
            self._memory.learn(says.devices)
            if self._memory.keeps:
                self._children["recorder"].tell(Told(devices=says.devices))
        if says.fault is not None:
            self._fault, self._news = says.fault, True
        if says.files is not None:
            self._files = says.files
            self._library.take(Path(says.library))
            for other in self._children.values():
                if other is not child:
                    other.tell(Told(library=says.library, message=self._message))
        if says.ready:
            if child.name == "stage":
                self._stage_ready(child, now)
            if child.starts > 1:
                self._log(f"{child.name} is back")

    def _stage_ready(self, stage: Child, now: float) -> None:
        if self._shared_state is not None:
            self._shared_state.close()
        path = shared_state_path(self._folder)
        self._shared_state = SharedState.open(path)  # a new one if it was deleted
        self._progress.begin(now)
        self._notify.tell(READY="1", STATUS="playing")
        if stage.starts > 1:
            self._children["brain"].tell(Told(greet=True))
            if not self._children["brain"].ready:
                stage.tell(Told(brain_lost=True))
        for child in self._children.values():
            if not child.starts:
                child.again_s = 0.0

    def _lost(self, child: Child, how: str, now: float) -> None:
        if child.name == "panel" and how == "ended with code 0":
            child.again_s = float("inf")  # the panel has neither screen nor buttons
            return
        wait_s = child.again_s - now
        self._log(f"{child.name} {how}; starting it again" + f" in {wait_s:.0f} s" * (wait_s >= 1))
        if child.name == "stage":
            self._crashed, self._lost_s = True, now
            self._silence()
            if "panel" in self._children:
                often = "it keeps failing: " if child.failing(now) else ""
                self._children["panel"].tell(Told(wrong=f"{often}{child.wrong}"))
        elif child.name == "brain":
            self._children["stage"].tell(Told(brain_lost=True))
        self._losses.lost(child.name, how, self._snapshot())
        self._news = True

    def _look_at_ports(self, now: float, announced: bool) -> None:
        """List the ports where something may have changed; tell the stage what has."""
        before = self._ports.plugged
        if self._ports.look(now, announced and self._announce.heard(), self._rescan):
            if self._ports.plugged != before or self._rescan:
                self._rescan = False
                self._children["stage"].tell(Told(ports=self._ports.plugged))
            self._panic_outputs.update(self._ports.plugged[1])

    def _check_lives(self, now: float) -> None:
        for child in self._children.values():
            watched = child.name == "stage" and child.ready  # by the rounds of its loop
            limit_s = SILENT_S if child.ready else LOADING_S
            if child.alive and not watched and now - child.heard_s > limit_s:
                self._kill(child)

    def _tell_lives(self, now: float) -> None:
        """Say which processes keep failing, and tell the caretaker what became of all."""
        failing = tuple(name for name, child in self._children.items() if child.failing(now))
        if failing != self._failing:
            for name in set(failing) - set(self._failing):
                self._log(f"{name} keeps failing; it is started ever more seldom")
            self._failing, self._news = failing, True
            self._notify.tell(
                STATUS=f"{', '.join(failing)} keeps failing" if failing else "playing"
            )
            self._children["stage"].tell(Told(message=self._message))
        if self._news:
            self._news = False
            lives = self._losses.lives(self._pids(), self._failing, self._fault)
            self._children["caretaker"].tell(Told(lives=lives))

    def _kill(self, child: Child) -> None:
        self._log(f"{child.name} hangs; killing it")
        self._losses.hangs(child.name)
        child.ready = False  # so that it is not killed twice
        child.signal(signal.SIGKILL)

    def _silence(self) -> None:
        reached = self._panic_outputs.silence()
        self._log(f"all notes off: {', '.join(reached) or 'no synth is plugged in'}")

    # --- inside

    @property
    def _message(self) -> str:
        """What is wrong with the player's files, in one line; "" for nothing."""
        lost = "caretaker keeps failing: edited files are not read"
        return lost if "caretaker" in self._failing else self._files.message

    def _pids(self) -> dict[str, int]:
        """Pids of supervisor and processes by name, 0 for a lost one."""
        return {"supervisor": os.getpid()} | {n: child.pid for n, child in self._children.items()}

    def _setup(self, name: str) -> ProcessSetup:
        choices = self._memory.choices(self._snapshot())
        settled = overlaid(self._config, choices.settings)
        return ProcessSetup(
            process=name,
            # The recorder writes down what the file says, to see later whether that was edited.
            config=self._config if name == "recorder" else settled,
            folder=str(self._folder),
            library=str(self._library.there()),
            parent=os.getpid(),
            inputs=self._ports.plugged[0],
            outputs=self._ports.plugged[1],
            after_crash=self._crashed,
            lost_s=self._lost_s,
            message=self._message,
            no_ports=bool(self._kind.lacks),
            choices=choices,
            devices=self._memory.devices,
            state=str(self._state_folder),
            boot=self._memory.boot,
            files=self._files,
            lives=self._losses.lives(self._pids(), self._failing, self._fault),
        )

    def _snapshot(self) -> Snapshot | None:
        return self._shared_state.read() if self._shared_state else None

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _end(self) -> None:
        self._notify.tell(STOPPING="1")
        for last in (CommandId.STOP, CommandId.PANIC):
            self._to_stage.send(Command(last))  # silence first; the rest may take its time
        pss_mb = {name: Machine().pss_mb(pid) for name, pid in self._pids().items() if pid}
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
        put_away(self._folder, shared_state_path(self._folder), "stopped", pss_mb)
        self._library.close()
        for path in self._folder.glob(f"{LIBRARY}*.json"):
            path.unlink(missing_ok=True)
        self._announce.close()
        self._kind.close()
        self._lock.close()
