"""Settings of the kernel that the box needs to be on time: made before it starts, by root.

:func:`plan` reads and decides, :func:`apply` has them done. Each step is independent: what the
machine lacks or refuses is reported, and the rest is done. Why each: docs/decisions/realtime.md.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .readings import Machine
from .realtime import TIMERS, cores_in

TIMERS_PRIORITY = 90  # above service.priority, which ends at 80
MODULES = {
    "snd-hrtimer": "exact time stamps of MIDI",
    "snd-seq": "MIDI ports",
    "i2c-dev": "the OLED",
}

_CORES = "sys/devices/system/cpu"
_IRQ = "proc/irq"
_USB = "sys/bus/usb/devices"
_USB_NEW = "sys/module/usbcore/parameters/autosuspend"
_THROTTLE = "proc/sys/kernel/sched_rt_runtime_us"


@dataclass(frozen=True, slots=True)
class Write:
    path: str  # below the root, no leading slash
    text: str

    def __str__(self) -> str:
        return f"/{self.path} = {self.text}"


@dataclass(frozen=True, slots=True)
class Load:
    module: str

    def __str__(self) -> str:
        return f"modprobe {self.module}"


@dataclass(frozen=True, slots=True)
class Raise:
    """Set a kernel thread to SCHED_FIFO ``priority``."""

    pid: int
    priority: int

    def __str__(self) -> str:
        return f"chrt -f -p {self.priority} {self.pid}"


Action = Write | Load | Raise


@dataclass(frozen=True, slots=True)
class Step:
    """What was found, and what to do about it; no actions where it is well, or left so."""

    what: str
    found: str
    actions: tuple[Action, ...] = ()
    may_refuse: bool = False  # the kernel is expected to refuse some of the actions


class Doer(Protocol):
    """Carries out one action. Raises OSError with the reason."""

    def do(self, action: Action) -> None: ...


class Kernel:
    """Does it on this machine. ``root`` is "/" except in tests, which only try writing."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    def do(self, action: Action) -> None:
        match action:
            case Write(path, text):
                with open(self._root / path, "w") as file:
                    file.write(text)
            case Raise(pid, priority):
                os.sched_setscheduler(pid, os.SCHED_FIFO, os.sched_param(priority))
            case Load(module):
                done = subprocess.run(["modprobe", module], capture_output=True, text=True)
                if done.returncode:
                    raise OSError(done.stderr.strip().rpartition(": ")[2] or "modprobe failed")


def plan(root: Path = Path("/")) -> list[Step]:
    """The steps that the machine below ``root`` needs; changes nothing."""
    parts = (_governor, _interrupts, _modules, _timers, _usb, _throttle)
    return [step for part in parts for step in part(root)]


def apply(steps: list[Step], doer: Doer) -> Iterator[str]:
    """Do all steps; yields a line for each: what was found, and what came of its actions."""
    for step in steps:
        done, refused = 0, ""
        for action in step.actions:
            try:
                doer.do(action)
                done += 1
            except OSError as error:
                refused = refused or f"{action}: {error.strerror or error}"
        yield _line(step, done, refused)


def _line(step: Step, done: int, refused: str) -> str:
    line = f"{step.what}: {step.found}"
    count = len(step.actions)
    if not count:
        return line
    if done == count:
        return f"{line}; done"
    if step.may_refuse:
        return f"{line}; {done} done, {count - done} stay as they are"
    return f"{line}; {done} of {count} done, refused: {refused}"


# --- the steps


def _governor(root: Path) -> Iterator[Step]:
    """Governor "performance": a core that slows down while idle needs time to speed up again."""
    paths = sorted((root / _CORES).glob("cpufreq/policy*/scaling_governor"))
    found = {path: _text(path) for path in paths}
    actions = tuple(
        Write(str(path.relative_to(root)), "performance")
        for path, governor in found.items()
        if governor != "performance"
        and "performance" in _text(path.with_name("scaling_available_governors")).split()
    )
    yield Step(
        "governor", ", ".join(sorted(set(found.values()))) or "the machine has none", actions
    )


def _interrupts(root: Path) -> Iterator[Step]:
    """Move the devices' interrupts off the isolated cores; some cannot be moved."""
    isolated = set(cores_in(_text(root / _CORES / "isolated")))
    others = sorted(set(cores_in(_text(root / _CORES / "online"))) - isolated)
    if not isolated or not others:
        yield Step("interrupts", "no core is isolated (isolcpus=); they stay where they are")
        return
    listed = ",".join(map(str, others))
    actions = [Write(f"{_IRQ}/default_smp_affinity", mask(others))]
    actions += [
        Write(str(path.relative_to(root)), listed)
        for path in sorted((root / _IRQ).glob("[0-9]*/smp_affinity_list"), key=_number)
        if isolated & set(cores_in(_text(path)))
    ]
    yield Step(
        "interrupts",
        f"{len(actions) - 1} may come to the isolated core; to {listed}",
        tuple(actions),
        may_refuse=True,
    )


def _modules(root: Path) -> Iterator[Step]:
    for module, use in MODULES.items():
        there = (root / "sys/module" / module.replace("-", "_")).exists()
        yield Step(
            module, "loaded" if there else f"not loaded ({use})", () if there else (Load(module),)
        )


def _timers(root: Path) -> Iterator[Step]:
    """Raise the timer threads of PREEMPT_RT: a stage above them can wait for them for ever."""
    machine = Machine(root)
    threads = machine.realtime_threads(TIMERS)
    if not threads:
        yield Step("timers", "no threads of their own in this kernel")
        return
    actions = tuple(
        Raise(pid, TIMERS_PRIORITY) for pid, now in threads.items() if now < TIMERS_PRIORITY
    )
    yield Step("timers", f"{len(threads)} threads at {min(threads.values())} or above", actions)


def _usb(root: Path) -> Iterator[Step]:
    """Switch USB autosuspend off: a keyboard that sleeps loses the note that wakes it."""
    new = _text(root / _USB_NEW)
    actions = [Write(_USB_NEW, "-1")] if new and new != "-1" else []
    actions += [
        Write(str(path.relative_to(root)), "on")
        for path in sorted((root / _USB).glob("*/power/control"))
        if _text(path) == "auto"
    ]
    found = "may sleep" if actions else "never sleeps" if new else "the machine has none"
    yield Step("usb", found, tuple(actions))


def _throttle(root: Path) -> Iterator[Step]:
    """Leave the limit on realtime CPU time as it is: the stage mostly sleeps and stays far below,
    and a process that runs wild at realtime priority leaves time to end it."""
    runtime_us = _text(root / _THROTTLE)
    if runtime_us:
        yield Step("throttle", f"realtime may take {runtime_us} us of every second; left so")


def mask(cores: list[int]) -> str:
    """Cores as the kernel reads them: hexadecimal, 32 to a group, the highest first."""
    bits = sum(1 << core for core in cores)
    groups = [f"{bits & 0xFFFFFFFF:x}"]
    while bits := bits >> 32:
        groups.insert(0, f"{bits & 0xFFFFFFFF:x}")
    return ",".join([groups[0], *(group.zfill(8) for group in groups[1:])])


def _text(path: Path) -> str:
    try:
        return path.read_text().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _number(path: Path) -> int:
    return int(path.parent.name)
