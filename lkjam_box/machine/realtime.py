"""Asking the kernel for the right to be on time.

Every call says what it got and none of them raises: a laptop without the rights plays too,
only with a warning. Figures behind the choices are in docs/decisions/realtime.md.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from .readings import Machine

ISOLATED = Path("/sys/devices/system/cpu/isolated")
PREEMPT_RT = Path("/sys/kernel/realtime")
TIMERS = "ktimers/"  # kernel threads that run timers where interrupts are threads
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_PR_SET_PDEATHSIG, _PR_SET_TIMERSLACK = 1, 29


@dataclass(frozen=True, slots=True)
class Realtime:
    """What was got: priority (0 none), memory locked, cores pinned to (() any)."""

    priority: int = 0
    locked: bool = False
    cores: tuple[int, ...] = ()
    lacks: str = ""  # one line, "" when all that was asked for was got
    policy: str = "FIFO"  # or "RR": see ``may_hang``

    def __str__(self) -> str:
        cores = ",".join(map(str, self.cores)) or "any"
        return (
            f"priority {f'{self.policy} {self.priority}' if self.priority else 'normal'}, "
            f"memory {'locked' if self.locked else 'not locked'}, core {cores}"
        )


def take(priority: int, lock_memory: bool, core: int, sequencer: bool = False) -> Realtime:
    """Become the realtime process: 0 asks for no priority; ``core`` -1 isolated, -2 none.

    ``sequencer``: it is to hold real ALSA ports (see ``may_hang``).
    Call it after everything is loaded and before the driver's threads start, which inherit it.
    """
    quiet_gc()
    timer_slack()
    cores = pin(wanted_cores(core))
    locked = lock() if lock_memory else False
    lacks = []
    if sequencer and priority > 0 and may_hang(priority):
        got, policy = round_robin(), "RR"
        if got:
            lacks.append(
                f"a priority above the kernel's timer threads (start lkjam-box-tune, or "
                f"chrt -f -p {min(priority + 10, 99)} each {TIMERS}*)"
            )
    else:
        got, policy = fifo(priority), "FIFO"
    if got < priority and not lacks:
        lacks.append("SCHED_FIFO (LimitRTPRIO= in the unit, or rtprio in limits.conf)")
    if lock_memory and not locked:
        lacks.append("locked memory (LimitMEMLOCK=infinity, or memlock in limits.conf)")
    if core >= 0 and not cores:
        lacks.append(f"core {core}")
    line = f"not realtime, notes may be late: no right to {', '.join(lacks)}" if lacks else ""
    return Realtime(got, locked, cores, line, policy)


def fifo(priority: int) -> int:
    """The FIFO priority got; 0 for none. Less than asked where the limit is lower."""
    if priority <= 0:
        return 0
    import resource

    soft, _ = resource.getrlimit(resource.RLIMIT_RTPRIO)
    for wanted in dict.fromkeys((priority, soft)):
        if 0 < wanted <= priority:
            try:
                os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(wanted))
            except OSError:
                continue
            return wanted
    return 0


def round_robin() -> int:
    """SCHED_RR 1: before all normal processes, by turns with the timer threads; 0 for none."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        return 0
    return 1


def preempt_rt(version: str = "", word: Path = PREEMPT_RT) -> bool:
    """Is the kernel a realtime one? Not all of those have ``word``; ``version`` is uname's."""
    if "PREEMPT_RT" in (version or os.uname().version):
        return True
    try:
        return word.read_text().strip() == "1"
    except OSError:
        return False


def may_hang(priority: int, machine: Machine | None = None, rt: bool | None = None) -> bool:
    """Would FIFO at ``priority`` put a core at risk when an ALSA input is closed?

    On PREEMPT_RT, closing a sequencer input (a cable pulled, a process killed) waits, awake,
    for a timer thread of the same core, and that never runs below a FIFO thread: the core is
    lost until the power is. Threads that cannot be seen count as too low.
    """
    if not (preempt_rt() if rt is None else rt):
        return False
    return min((machine or Machine()).realtime_priorities(TIMERS), default=0) <= priority


def over_normal() -> bool:
    """RR 1 for this process, not for those it starts: before all normal work, after the notes.

    Not FIFO: it would not take turns with timer threads of the same priority (``may_hang``)."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError:
        return False
    return True


def prefer(nice: int = -10) -> bool:
    """Go before the ordinary programs of this machine, behind all realtime ones; False where
    that right is missing. An answer that waits for its turn among them comes too late."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, nice)
    except OSError:
        return False
    return True


def normal() -> None:
    """Every thread back to SCHED_OTHER: before ALSA ports are closed, see ``may_hang``."""
    for task in os.listdir("/proc/self/task"):
        try:
            os.sched_setscheduler(int(task), os.SCHED_OTHER, os.sched_param(0))
        except OSError:
            pass


def lock() -> bool:
    """Keep all memory of this process, now and later, from being paged out.

    What is mapped later counts from its first use on: the whole stacks of a driver's threads,
    8 MB each, made 61 MB of a stage of 17 (in the stage machine).
    """
    return _libc("mlockall", _MCL_CURRENT) and _libc("mlockall", _MCL_FUTURE | _MCL_ONFAULT)


def quiet_gc() -> None:
    """No collection while playing: what is alive now stays, cycles are not looked for."""
    gc.collect()
    gc.freeze()
    gc.disable()


def timer_slack() -> bool:
    """Wake-ups as exact as the timer, where the 50 us of a normal process would apply."""
    return _libc("prctl", _PR_SET_TIMERSLACK, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Be terminated when the parent dies; exits at once if it already has."""
    _libc("prctl", _PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def pin(cores: tuple[int, ...]) -> tuple[int, ...]:
    """Stay on ``cores``; () when that was refused or nothing was asked for."""
    if not cores:
        return ()
    try:
        os.sched_setaffinity(0, cores)
    except OSError:
        return ()
    return cores


def wanted_cores(core: int, isolated: Path = ISOLATED) -> tuple[int, ...]:
    """``core`` itself, the last isolated one for -1, () for -2 or where none is isolated."""
    if core >= 0:
        return (core,)
    if core == -1:
        return isolated_cores(isolated)[-1:]
    return ()


def isolated_cores(path: Path = ISOLATED) -> tuple[int, ...]:
    """Cores kept free of other work by ``isolcpus=``, from the kernel's list ("2-3,5")."""
    try:
        return cores_in(path.read_text())
    except OSError:
        return ()


def cores_in(text: str) -> tuple[int, ...]:
    """A list as the kernel writes them: "2-3,5"."""
    cores: list[int] = []
    for part in text.strip().split(","):
        first, _, last = part.partition("-")
        if first.strip().isdigit():
            cores += range(int(first), int(last or first) + 1)
    return tuple(cores)


def _libc(name: str, *arguments: int) -> bool:
    try:
        function = getattr(ctypes.CDLL(None, use_errno=True), name)
        return bool(function(*(ctypes.c_ulong(value) for value in arguments)) == 0)
    except (OSError, AttributeError):
        return False
