"""Faults in the middle of notes: what comes back, how soon, and that nothing sounds on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import box
from harness import BOX, HUMAN, Found, Stage

from lkjam_box.protocol.shared_state import Mode, Sync

HELD = 43  # the player's key, below whatever the box plays
SILENT_S = 20.0  # emulated; a note that ends later than that counts as sounding on
LOOK_S = 0.5  # to list processes takes as long as many notes here, and time from all others
FAST_BPM = 200.0  # bars are waited for
CALL = (62, 65, 69, 67)


def mid_note(stage: Stage) -> None:
    """The clock runs, a note of the box sounds, and the player holds a key."""
    stage.run(FAST_BPM)
    until_s = time.monotonic() + box.READY_S
    step = 0
    while time.monotonic() < until_s:
        now = box.snapshot()
        if now and now.mode == Mode.TRADING and now.seat == 0:
            pitch, step = CALL[step % len(CALL)], step + 1
            stage.play(pitch)
            time.sleep(0.15)
            stage.release(pitch)
            continue
        if any(channel == BOX for channel, _ in stage.synth.sounding()):
            break
        time.sleep(0.01)
    else:
        raise box.Trouble("the box never played")
    stage.play(HELD)
    box.wait("the held key", lambda: (HUMAN, HELD) in stage.synth.sounding(), SILENT_S)


def silence(stage: Stage, fault_s: float, limit_s: float = SILENT_S) -> float | None:
    """Seconds until all that sounded at the fault was over; None: something sounds on."""
    until_s = time.monotonic() + limit_s
    while (took_s := stage.synth.silent_after_s(fault_s)) is None:
        if time.monotonic() > until_s:
            return None
        time.sleep(0.02)
    return took_s


def fault(
    name: str,
    act: Callable[[Stage], None],
    mend: Callable[[Stage], None],
    *,
    renewed: str = "stage",
    lets_go: bool = True,
) -> Callable[[Stage], Found]:
    """A check of ``act`` in mid-note, ``times`` over. ``mend`` undoes it. ``renewed``: the process
    that must be another one after it, "" for none. ``lets_go``: the player lifts the key soon
    after: it was theirs, and the box must not."""

    def check(stage: Stage) -> Found:
        found = Found()
        silent, back = [], []
        for _ in range(int(str(stage.plan["times"]))):
            restarts, before = int(box.shown("NRestarts") or 0), box.pids()
            stage.pids = before  # asked for now: it takes longer than a note
            mid_note(stage)
            fault_s = time.monotonic()
            act(stage)
            sounded = len(stage.synth.sounding(fault_s))
            found.expect(sounded, f"{name}: nothing sounded when it came")
            if lets_go:
                time.sleep(0.3)
                stage.release(HELD)
            took_s = silence(stage, fault_s)
            found.expect(took_s is not None, f"{name}: {sorted(stage.synth.sounding())} sound on")
            silent.append(took_s)
            if mend is not relocked:
                stage.drums.stop()  # what trades leaves nothing of this slow a machine to others
            mend(stage)
            stage.release(HELD)
            back_s = time.monotonic()
            if renewed:
                old = before[renewed]
                box.wait(
                    f"a new {renewed}",
                    lambda old=old: box.pids().get(renewed, old) != old,
                    every_s=LOOK_S,
                )
            box.wait("the box", lambda: well(stage))
            back.append(time.monotonic() - back_s)
            found.figures["restarts"] = int(box.shown("NRestarts") or 0) - restarts
            if not renewed:
                again = found.figures["restarts"]
                found.expect(not again, f"{name}: the service was started again {again} times")
            found.figures["sounded"] = sounded
            stage.drums.stop()
            time.sleep(0.3)
        left = {**stage.synth.sounding()}
        found.expect(not left, f"{name}: {sorted(left)} sound on at the end")
        known = [took_s for took_s in silent if took_s is not None]
        found.figures["silent_s"] = round(max(known), 3) if known else "never"
        found.figures["back_s"] = round(max(back), 1)
        return found

    return check


def well(stage: Stage) -> bool:
    """It plays again, and a key goes thru."""
    if not box.plays():
        return False
    now = time.monotonic()
    stage.play(50)
    time.sleep(0.2)
    stage.release(50)
    time.sleep(0.1)
    return bool(stage.synth.notes(HUMAN, now))


def kill(process: str, number: int = signal.SIGKILL) -> Callable[[Stage], None]:
    return lambda stage: os.kill(stage.pids[process], number)


def nothing(stage: Stage) -> None:
    """It mends itself."""


def plug(name: str) -> Callable[[Stage], None]:
    return lambda stage: stage.gadgets[name].plug()


def unplug(name: str) -> Callable[[Stage], None]:
    return lambda stage: stage.gadgets[name].unplug()


def unplug_synth(stage: Stage) -> None:
    """And in again: a synth that lost its cable holds its notes until it is told."""
    stage.gadgets["synth"].unplug()
    time.sleep(1.0)
    stage.gadgets["synth"].plug()


def relocked(stage: Stage) -> None:
    """The drum machine is back, and followed."""
    stage.gadgets["drums"].plug()
    box.wait("the clock", lambda: (n := box.snapshot()) and n.sync == Sync.LOCKED, 20.0)


FAULTS = {
    "unplug_keyboard": fault("unplug", unplug("keys"), plug("keys"), renewed="", lets_go=False),
    "unplug_drums": fault("unplug", unplug("drums"), relocked, renewed=""),
    "unplug_synth": fault("unplug", unplug_synth, nothing, renewed=""),
    "kill_panel": fault("kill", kill("panel"), nothing, renewed="panel"),
    "kill_brain": fault("kill", kill("brain"), nothing, renewed="brain"),
    "kill_stage": fault("kill", kill("stage"), nothing, lets_go=False),
    "kill_supervisor": fault("kill", kill("supervisor"), nothing, lets_go=False),
    "hang_stage": fault("hang", kill("stage", signal.SIGSTOP), nothing, lets_go=False),
    "hang_supervisor": fault(
        "hang", kill("supervisor", signal.SIGSTOP), nothing, renewed="supervisor"
    ),
}


def sigterm(stage: Stage) -> Found:
    """Told to stop in mid-note, it ends what sounds, and ends well. The box is off after it."""
    mid_note(stage)
    stop_s = time.monotonic()
    box.systemctl("stop", box.UNIT)
    took_s = silence(stage, stop_s)
    state, result = box.shown("ActiveState"), box.shown("Result")
    found = Found({"silent_s": "never" if took_s is None else round(took_s, 3), "result": result})
    found.expect(took_s is not None, f"{sorted(stage.synth.sounding())} sound on")
    found.expect((state, result) == ("inactive", "success"), f"it is {state}: {result}")
    return found


def realtime_rules(stage: Stage) -> Found:
    """What must hold on a realtime kernel before a process with ports may die."""
    stage_priority = os.sched_getparam(box.pids()["stage"]).sched_priority
    timers = {}
    for path in Path("/proc").glob("[0-9]*/comm"):
        try:
            name = path.read_text().strip()
            if name.startswith("ktimers/"):
                timers[name] = os.sched_getparam(int(path.parent.name)).sched_priority
        except OSError:
            continue
    hrtimer = "snd_hrtimer" in Path("/proc/modules").read_text()
    lowest = min(timers.values(), default=0)
    found = Found({"stage": stage_priority, "ktimers": lowest, "snd_hrtimer": hrtimer})
    found.expect(timers, "no ktimers threads: not a realtime kernel")
    found.expect(lowest > stage_priority, f"ktimers run at {lowest}, below the stage process")
    found.expect(hrtimer, "snd-hrtimer is not loaded")
    return found
