"""Asks the kernel for realtime priority, locked memory and a core.

Every function returns what it got and none raises: a laptop without the rights plays too, only
with a warning. Figures behind the choices are in docs/decisions/realtime.md.
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
TIMERS = "ktimers/"  # so begin the names of PREEMPT_RT's kernel threads that run timers
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_PR_SET_PDEATHSIG, _PR_SET_TIMERSLACK, _PR_SET_CHILD_SUBREAPER = 1, 29, 36


@dataclass(frozen=True, slots=True)
class Realtime:
    """What the kernel gave: priority (0 none), memory locked, cores pinned to (() any)."""

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
    """Make this process realtime. ``priority`` 0 asks for none; ``core``: -1 isolated, -2 none.

    ``sequencer``: the process will hold real ALSA ports (see ``may_hang``). Call this after
    everything is loaded and before the driver's threads start, which inherit the rights.
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
    """Ask for SCHED_FIFO. Returns the priority got: lower where the limit is lower, 0 for none."""
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
    """Ask for SCHED_RR 1: before all normal processes, in turn with timer threads. 0 if refused."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    except OSError:
        return 0
    return 1


def preempt_rt(version: str = "", word: Path = PREEMPT_RT) -> bool:
    """Whether the kernel is realtime, by ``version`` (uname's) or ``word``, which not all have."""
    if "PREEMPT_RT" in (version or os.uname().version):
        return True
    try:
        return word.read_text().strip() == "1"
    except OSError:
        return False


def may_hang(priority: int, machine: Machine | None = None, rt: bool | None = None) -> bool:
    """Whether a core may hang when a process with FIFO ``priority`` closes an ALSA input.

    On PREEMPT_RT, closing a sequencer input (a cable pulled, a process killed) busy-waits for a
    timer thread of the same core, which never runs unless its priority is above the FIFO thread's:
    the core hangs until power-off. Threads that cannot be seen count as too low.
    """
    if not (preempt_rt() if rt is None else rt):
        return False
    return min((machine or Machine()).realtime_priorities(TIMERS), default=0) <= priority


def over_normal() -> bool:
    """Ask for SCHED_RR 1, not inherited: before all normal processes, behind the stage's FIFO.

    Not FIFO: it would not take turns with timer threads of the same priority (``may_hang``)."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError:
        return False
    return True


def prefer(nice: int = -10) -> bool:
    """Set ``nice``: before ordinary programs, behind all realtime ones; False where the right is
    missing. The brain's answers would come too late among ordinary programs."""
    try:
        os.setpriority(os.PRIO_PROCESS, 0, nice)
    except OSError:
        return False
    return True


def normal() -> None:
    """Set every thread back to SCHED_OTHER: before ALSA ports are closed, see ``may_hang``."""
    for task in os.listdir("/proc/self/task"):
        try:
            os.sched_setscheduler(int(task), os.SCHED_OTHER, os.sched_param(0))
        except OSError:
            pass


def lock() -> bool:
    """Keep all memory of this process, now and later, from being paged out.

    Memory mapped later is locked page by page, when first used: locking the whole stacks of the
    driver's threads, 8 MB each, made a stage of 17 MB one of 61 MB (in the stage machine).
    """
    return _libc("mlockall", _MCL_CURRENT) and _libc("mlockall", _MCL_FUTURE | _MCL_ONFAULT)


def quiet_gc() -> None:
    """Switch garbage collection off: what is alive now stays, cycles are not looked for."""
    gc.collect()
    gc.freeze()
    gc.disable()


def timer_slack() -> bool:
    """Set timer slack to 1 ns: wake-ups are as exact as the timer, not 50 us late as usual."""
    return _libc("prctl", _PR_SET_TIMERSLACK, 1, 0, 0, 0)


def die_with_parent(parent: int) -> None:
    """Be terminated when the parent dies; exits at once if it already has."""
    _libc("prctl", _PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> bool:
    """Be the parent of what our children leave behind when they end."""
    return _libc("prctl", _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def pin(cores: tuple[int, ...]) -> tuple[int, ...]:
    """Pin this process to ``cores``; returns them, () when refused or none was asked for."""
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
