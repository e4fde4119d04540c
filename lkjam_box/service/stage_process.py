"""The stage process: wires, clock and :class:`Stage`, in one loop. No numpy here.

The loop sleeps in ``select`` until something comes in or is due. A note that is due soon is made
ready first (:mod:`..stage.lookahead`); then the loop takes in nothing until that note has left,
for no longer than to take something in would last. Little is taken in at a time, and the snapshot
is written only when nothing is due for longer than the writing takes. Drivers that call back from
their own thread put their messages in a queue and wake the loop.
"""

from __future__ import annotations

import gc
import os
import select
import sys
import time
from itertools import islice
from pathlib import Path

from ..config.options import ClockOptions
from ..machine import realtime
from ..midi.messages import TICK, Message
from ..ports.held import Held, silence
from ..ports.kinds import open_kind
from ..ports.manager import PortManager
from ..protocol.link import Link
from ..protocol.measures import Measures
from ..protocol.process_messages import ProcessSetup, Says, Told
from ..protocol.records import (
    Command,
    CommandId,
    ControlSetting,
    Record,
    RoleSetting,
    Setting,
)
from ..protocol.runtime_folder import held_path, ports_folder
from ..protocol.shared_state import Mode, SharedState, Snapshot, WarningId
from ..stage.lookahead import SentAhead
from ..stage.stage import Stage
from ..tempo.clock import Clock
from ..tempo.external_clock import ExternalClock
from ..tempo.internal_clock import InternalClock
from .hotplug import HotPlug
from .inbox import Inbox
from .process_loop import ProcessLoop, read_library
from .response_time import ResponseTime
from .resume_file import ResumeFile
from .work_time import WorkTime

SHOW_S = 1 / 30  # the snapshot is written when it is this old,
CHANGED_S = 0.01  # or this old, after something happened;
LATEST_S = 0.5  # but later where notes are due first, until it is as old as this
SPIN_S = 0.001  # the loop waits awake before a note, so that no driver's thread takes the core;
ALONE_SPIN_S = 0.0002  # with virtual ports, which have no thread: as long as waking up takes
AHEAD_S = 0.002  # notes this soon after a note leave with it, before the stage is woken
TOO_LATE_S = 0.01  # notes later than this are not sent ahead, the stage sends them
AT_ONCE = 1  # messages or records taken in before the loop looks at what is due
LIBRARY_QUIET_S = 0.02  # read a new library if nothing is due for so long, or after LIBRARY_WAIT_S
LIBRARY_WAIT_S = 2.0
SWEEP_S = 60.0  # between garbage collections, while nothing plays


def make_clock(options: ClockOptions) -> Clock:
    """The clock that ``options.source`` names: one that follows, or the box's own."""
    if options.source == "internal":
        return InternalClock(options.bpm)
    return ExternalClock(freewheel_beats=options.freewheel_beats)


def main(setup: ProcessSetup) -> int:
    try:
        return StageProcess(setup).run()
    finally:  # after an error too: the end of the process closes ports that are still open
        realtime.normal()


class StageProcess(ProcessLoop):
    """The ports, the links, and the :class:`Stage` between them."""

    def __init__(self, setup: ProcessSetup) -> None:
        super().__init__(setup)
        self._setup = setup
        config, folder = setup.config, Path(setup.folder)
        self._brain, self._commands = Link.adopt(setup.link), Link.adopt(setup.commands)
        self._recording, self._for_recorder = Link.adopt(setup.recording), list[Record]()
        self._epoll = select.epoll()
        self._handlers = {
            self._brain.fileno(): self._from_brain,
            self._commands.fileno(): self._from_panel,
            self.supervisor.fileno(): self.take_told,
        }
        self._changed = True
        self._shown_s = self._swept_s = 0.0
        self._rounds, self._shows = WorkTime(0.0003, 0.008), WorkTime(0.0005, 0.02)
        self._sent_ahead = SentAhead()
        self._began_s = time.monotonic()
        self._new_library: tuple[float, Told] | None = None
        self._shared_state = SharedState.create(setup.shared_state)
        self._place = ResumeFile(folder)
        self._held = Held.open(held_path(folder))
        self._stage = Stage(
            config,
            read_library(setup.library),
            send=self._send,
            to_brain=self._to_brain,
            clock=make_clock(config.clock),
            to_recorder=self._for_recorder.append if config.recorder.on else None,
            choices=setup.choices,
        )
        self._measures = self._stage.view.measures = Measures(self._shared_state.measures())
        self._response_time = ResponseTime(self._measures)
        if setup.message:
            self._stage.say(setup.message, WarningId.BAD_FILE)
        self._stage.view.no_ports = setup.no_ports
        kind = self._kind = open_kind(config.ports.kind, ports_folder(folder), config.ports.din)
        self._spin_s = ALONE_SPIN_S if kind.name == "virtual" else SPIN_S
        follows = config.clock.source == "external"
        self._inbox = Inbox(wakes=kind.name != "virtual", follows=follows)
        self._flush_s = 0.05 if kind.name == "jack" else 0.0  # jack sends at its next period
        service = config.service
        self._realtime = realtime.take(
            service.priority, service.lock_memory, service.stage_core, kind.name == "alsa"
        )  # the driver's threads, made from here on, inherit it
        self._ports = PortManager(
            kind,
            config.ports,
            self._inbox.put,
            held=self._held,
            log=self._log,
            panic=setup.after_crash,
            known=setup.devices,
        )
        self._hotplug = HotPlug(
            self._ports, self._epoll, self._stage, self.supervisor, self._deliver, setup.devices
        )

    def begin(self) -> str:
        if self._realtime.lacks:
            self._stage.view.not_realtime = True
            self._log(self._realtime.lacks)
        self._resume()
        self._ports.open_own()
        self._ports.update(self._setup.inputs, self._setup.outputs)
        self._hotplug.changed()
        for fd in (self._inbox.fileno(), *self._handlers):
            self._epoll.register(fd, select.EPOLLIN)
        if self._setup.after_crash:
            for _ in self._brain.drain():
                pass  # meant for the stage before this one; the brain is asked to greet again
        self._show(time.monotonic())
        return f"stage: {self._realtime}"

    def stop(self) -> None:
        super().stop()
        self._inbox.wake()

    def _resume(self) -> None:
        """Go on where the last stage died a moment ago, before anything comes in."""
        now = time.monotonic()
        place = self._place.read(now)
        if place is not None:
            lost_s = self._setup.lost_s or place.time_s
            self._stage.resume(now, place, lost_s)
            runs = bool(place.clock.runs or place.clock.armed)
            self._inbox.gate.resume(now, place.master, runs)
            self._log(f"stage: goes on where it was {now - place.time_s:.1f} s ago")

    # --- the loop

    def step(self) -> None:
        """One round. Says ``alive`` in the shared state, which the supervisor watches."""
        now, reach_s = time.monotonic(), self._rounds.reach_s + self._spin_s
        self._shared_state.show_alive(now)
        due_s = self._stage.next_wake_s(now)
        near = due_s - now <= reach_s
        if near and self._send_ahead(now, reach_s):
            due_s = now  # look again before anything that takes time
        else:
            show_s = self._shown_s + (CHANGED_S if self._changed else SHOW_S)
            free_s = due_s - self._shows.reach_s - reach_s  # a snapshot must begin before
            until_s = due_s if near else due_s - reach_s
            if show_s < free_s or now - self._shown_s > LATEST_S:
                until_s = min(until_s, show_s)
            came = self._wait(until_s)
            now = time.monotonic()
            if not came and now >= show_s and (now < free_s or now - self._shown_s > LATEST_S):
                self._show(now)
                self._began_s = time.monotonic()
                self._shows.took(self._began_s - now)
            elif now >= due_s and not self._send_ahead(now, reach_s):
                self._stage.wake(now)
        self._take_in()
        if self._for_recorder:
            self._tell_recorder()
        if self._new_library is not None:
            self._change_library(now, due_s - now)
        if self._ports.busy and self._hotplug.work(now, due_s - now):
            self._began_s = time.monotonic()

    def _wait(self, until_s: float) -> bool:
        """Wait for something to come in, until ``until_s`` at most; whether it did."""
        wait_s = until_s - self._worked()
        if self._inbox.waits:
            return True
        if wait_s <= 0:
            return False
        came = bool(select.select((self._epoll,), (), (), min(wait_s, 1.0))[0])
        self._began_s = time.monotonic()
        if not came and wait_s < 1.0:
            self._measures.lag.add(self._began_s - until_s)
            self._began_s = until_s  # to wake up is part of the work
        return came

    def _worked(self) -> float:
        """Measure the work done since the last wait; returns the time now."""
        now = time.monotonic()
        self._rounds.took(now - self._began_s)
        self._began_s = now
        return now

    def _send_ahead(self, now: float, reach_s: float) -> bool:
        """Wait for what is due within ``reach_s`` and send it exactly then; whether there was any.
        What is due right after is sent too: the wake between, long on a line, would delay it."""
        batches = self._stage.look_ahead(now, AHEAD_S)
        if not batches or not now - TOO_LATE_S < batches[0].time_s <= now + reach_s:
            return False
        for batch in batches:
            for message in batch.messages:
                self._ports.hold(message)
        monotonic, transmit = time.monotonic, self._ports.transmit
        self._worked()
        for batch in batches:
            wait_s = batch.time_s - self._spin_s - monotonic()
            if wait_s > 0:
                time.sleep(wait_s)
            while monotonic() < batch.time_s:
                pass
            for message in batch.messages:
                transmit(message)
                self._sent_ahead.add(message, monotonic())
        self._began_s = monotonic()
        self._stage.wake(max(self._began_s, batches[-1].time_s))
        for message in self._sent_ahead.settle():
            self._ports.send("synth", message)
        return True

    def _take_in(self) -> None:
        """Take in some of what came in; MIDI before the rest."""
        others, lost = [], False
        for fd, _ in self._epoll.poll(0):
            gone = self._hotplug.drain(fd)
            if gone is not None:
                lost = lost or gone
            elif fd == self._inbox.fileno():
                self._inbox.heard()
            else:
                others.append(fd)
        self._deliver(AT_ONCE)
        if lost:
            self._hotplug.lost(time.monotonic())
        for fd in others:
            self._handlers[fd]()

    def _from_brain(self) -> None:
        self._changed = True
        for record in islice(self._brain.drain(), AT_ONCE):
            now = time.monotonic()
            self._stage.record(now, record)
            self._response_time.hear(now, record)

    def _from_panel(self) -> None:
        self._changed = True
        for record in self._commands.drain():
            if isinstance(record, Command):
                if record.command == CommandId.PANIC:
                    self._ports.end_loops()
                self._stage.command(time.monotonic(), record)
                if record.command == CommandId.LINE_HERE and self._stage.clock.running:
                    self._inbox.gate.joined()
            elif isinstance(record, RoleSetting):
                self._hotplug.tell(time.monotonic(), record.device, record.roles)
            elif isinstance(record, ControlSetting):
                self._stage.control(time.monotonic(), record)
            elif isinstance(record, Setting):
                self._stage.setting(time.monotonic(), record)

    def _deliver(self, most: int | None = None) -> None:
        for time_s, source, message, port in islice(self._inbox.take(), most):
            self._changed = self._changed or message.kind != TICK
            self._stage.midi(time_s, source, message, port)

    def _send(self, role: str, message: Message) -> float:
        left_s = self._sent_ahead.left_s(message) if self._sent_ahead and role == "synth" else None
        if left_s is None:
            self._ports.send(role, message)
            left_s = time.monotonic()
        return left_s

    def _to_brain(self, record: Record) -> None:
        self._brain.send(record)
        self._response_time.tell(time.monotonic(), record)

    def _tell_recorder(self) -> None:
        """Send the recorder what sounded; called after it left."""
        for record in self._for_recorder:
            self._recording.send(record)
        self._for_recorder.clear()

    # --- now and then

    def obey(self, told: Told) -> None:
        self._changed = True
        if told.brain_lost:
            self._stage.brain_lost(time.monotonic())
        if told.ports is not None:
            self._hotplug.aim(*told.ports)
        if told.library:
            self._new_library = (time.monotonic(), told)
        elif told.message is not None:
            warning = WarningId.BAD_FILE if told.message else WarningId.NONE
            self._stage.say(told.message, warning)

    def _change_library(self, now: float, quiet_s: float) -> None:
        assert self._new_library is not None
        since_s, told = self._new_library
        if quiet_s < LIBRARY_QUIET_S and now - since_s < LIBRARY_WAIT_S:
            return
        self._new_library = None
        self._stage.set_library(time.monotonic(), read_library(told.library), told.message or "")

    def _show(self, now: float) -> None:
        """Write the snapshot; look after the ports and, while nothing plays, collect garbage."""
        self._hotplug.look(now)
        self._stage.view.second_clock = bool(self._inbox.gate.rival(now))
        self._ports.follow(self._inbox.gate.master if self._stage.clock.running else "")
        self._ports.thru_back = self._stage.options.thru.back
        self._stage.view.loop_device = self._ports.loop
        snapshot = self._stage.snapshot(now)
        self._fill(snapshot)
        self._shared_state.write(snapshot)
        self._place.write(self._stage.place(now, self._inbox.gate.master))
        self._shown_s, self._changed = now, False
        if snapshot.mode in (Mode.IDLE, Mode.DONE) and now - self._swept_s > SWEEP_S:
            self._swept_s = now
            gc.collect()

    def _fill(self, snapshot: Snapshot) -> None:
        """Fill in what only this process knows."""
        snapshot.dropped, snapshot.unrecorded = self._brain.dropped, self._recording.dropped
        snapshot.realtime = self._realtime.priority
        snapshot.pid = os.getpid()

    def _log(self, line: str) -> None:
        self.supervisor.send(Says(line=line))

    def close(self) -> None:
        """End the notes; then give up realtime and close the ports (see ``realtime.normal``)."""
        if sys.exc_info()[0] is None:
            self._stage.close(time.monotonic())
            self._tell_recorder()
            self._show(time.monotonic())
        else:  # after an error the stage is not asked: the held map knows what sounds
            for message in silence(self._held):
                self._ports.send("synth", message)
        realtime.normal()
        time.sleep(self._flush_s)
        self._ports.close()
        self._shared_state.close()
        self._kind.close()
