"""What this machine has and lacks, each with how to mend it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import metadata
from pathlib import Path

from ..config.options import Config
from ..errors import LkjamError
from ..health import health_file, words
from ..health.finding import Finding, Level
from ..machine.readings import Machine
from ..machine.realtime import isolated_cores, preempt_rt
from ..panel.header import library
from ..ports.din_port import HEADER_SERIAL_PORT
from ..ports.serial_port import BAUD, free
from ..protocol.folder_guard import claim
from ..protocol.records import EngineId
from ..protocol.runtime_folder import state_folder

_LIBRARIES = (  # distribution, needed to play at all, what for, how to get it
    ("msgspec", True, "options", "pip install lkjam-box"),
    ("PyYAML", True, "progressions", "pip install lkjam-box"),
    ("numpy", True, "the model", "pip install lkjam-box"),
    ("mido", False, "MIDI files", "pip install lkjam-box"),
    ("gpiozero", False, "buttons", "pip install 'lkjam-box[panel]'"),
    ("luma.oled", False, "the OLED", "pip install 'lkjam-box[panel]'"),
)


UNIT = "lkjam-box.service"


def check(config: Config, folder: Path, box: Path, machine: Machine | None = None) -> list[Finding]:
    """All findings, what matters most first. Opens ports and the model.

    ``folder`` is the runtime folder that a box of ours would use, ``box`` that of a running one.
    """
    machine = machine or Machine()
    parts: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _libraries,
        lambda: _ports(config),
        lambda: _din(config),
        lambda: _pins(config),
        lambda: _model(config),
        lambda: _folder(folder),
        lambda: _realtime(config),
        _machine,
        lambda: _timers(config, machine),
        lambda: _watchdog(box),
        lambda: _state(machine),
        lambda: words.power(machine.throttled(), machine.celsius()),
    )
    return [finding for part in parts for finding in part()]


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    fits = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding("python", "ok" if fits else "cannot", version, "" if fits else "3.11 to 3.13")


def _libraries() -> Iterator[Finding]:
    for name, needed, use, mend in _LIBRARIES:
        try:
            yield Finding(name, "ok", metadata.version(name))
        except metadata.PackageNotFoundError:
            level: Level = "cannot" if needed else "worse"
            yield Finding(name, level, f"not installed: no {use}", mend)


def _ports(config: Config) -> Iterator[Finding]:
    """ALSA and JACK; the kind that was asked for decides whether the box can play."""
    from ..ports.rtmidi_ports import RtMidiKind

    wanted = config.ports.kind
    works = {}
    for name in ("alsa", "jack"):
        try:
            kind = RtMidiKind(name)
        except LkjamError as error:
            works[name] = False
            found, _, mend = str(error).partition(": ")
            needed = wanted == name or (wanted == "auto" and name == "alsa")
            yield Finding(name, "cannot" if needed else "worse", found, mend)
        else:
            works[name] = True
            with kind:
                count = len({*kind.inputs(), *kind.outputs()})
            yield Finding(name, "ok", f"{count} ports besides our own")
    if wanted == "virtual":
        yield Finding("virtual", "ok", "asked for; needs no driver")
    elif wanted == "auto" and not works["alsa"]:
        mend = "what alsa needs (above), or --ports virtual or jack if that is meant"
        yield Finding("wires", "cannot", "no real MIDI port would be used", mend)


def _din(config: Config) -> Iterator[Finding]:
    """The serial port of the DIN jacks; no finding where it is off, or auto and not there."""
    path = HEADER_SERIAL_PORT if config.ports.din == "auto" else config.ports.din
    if config.ports.din == "off" or (config.ports.din == "auto" and not Path(path).exists()):
        return
    if not free(path):
        found = "the kernel's console has it" if Path(path).exists() else "not there"
        mend = "firmware/install.sh sets up the Pi's own; ports.din names another line, or off"
        yield Finding("din", "worse", f"{path}: {found}", mend)
    elif not os.access(path, os.R_OK | os.W_OK):
        yield Finding("din", "worse", f"{path}: may not be opened", "be in the group dialout")
    else:
        yield Finding("din", "ok", f"{path} at {BAUD} baud")


def _pins(config: Config) -> Iterator[Finding]:
    """What reaches buttons and lights; no finding where none are wanted, or no chip is there."""
    buttons = config.panel.buttons
    if buttons not in ("auto", "gpio") or (buttons == "auto" and not any(_gpio_chips())):
        return
    if way := library():
        yield Finding("pins", "ok", f"by {way}")
    else:
        found = "neither lgpio nor gpiod is installed: no buttons, no lights"
        yield Finding("pins", "worse", found, "pip install 'lkjam-box[pi]'")


def _gpio_chips() -> Iterator[Path]:
    return Path("/dev").glob("gpiochip*")


def _model(config: Config) -> Iterator[Finding]:
    from ..brain.engines import make_engine

    try:
        engine = make_engine(EngineId.GRU, config.brain)
    except (LkjamError, ImportError, OSError, ValueError) as error:
        yield Finding("model", "worse", f"{error}", "until then the Markov engine answers")
        return
    yield Finding("model", "ok", str(getattr(engine, "runtime", "loads")))


def _folder(folder: Path) -> Iterator[Finding]:
    probe = folder / "check"
    mend = "set LKJAM_RUNTIME or service.runtime_folder to a folder of yours"
    try:
        claim(folder)
        probe.write_bytes(b"x")
        probe.unlink()
    except LkjamError as error:
        yield Finding("folder", "cannot", str(error), mend)
        return
    except OSError as error:
        yield Finding("folder", "cannot", f"{folder}: {error.strerror}", mend)
        return
    yield Finding("folder", "ok", str(folder))


_TRY = """
from lkjam_box.machine import realtime
got = realtime.take({0}, {1}, {2})
print(got)
print(got.lacks)
"""


def _realtime(config: Config) -> Iterator[Finding]:
    """Try to become realtime in a process of its own, so that this one stays as it is."""
    service = config.service
    code = _TRY.format(service.priority, service.lock_memory, service.stage_core)
    try:
        result = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
        )
    except (subprocess.SubprocessError, OSError) as error:
        yield Finding("realtime", "worse", f"cannot be tried: {error}")
        return
    got, lacks = result.stdout.split("\n")[:2]
    yield Finding("realtime", "worse" if lacks else "ok", got, lacks)


def _machine() -> Iterator[Finding]:
    isolated = isolated_cores()
    if isolated:
        yield Finding("cores", "ok", f"isolated: {', '.join(map(str, isolated))}")
    else:
        mend = (
            f"isolcpus={(os.cpu_count() or 1) - 1} on the kernel's command line keeps one for notes"
        )
        yield Finding("cores", "worse", f"none of {os.cpu_count()} isolated", mend)
    rt = preempt_rt()
    mend = "" if rt else "a PREEMPT_RT kernel (linux-image-rt-*) has shorter tails"
    yield Finding("kernel", "ok" if rt else "worse", os.uname().release, mend)
    policies = Path("/sys/devices/system/cpu/cpufreq").glob("policy*/scaling_governor")
    governors = sorted({governor for path in policies if (governor := _read(path))})
    if governors and governors != ["performance"]:
        mend = "cpupower frequency-set -g performance"
        yield Finding("governor", "worse", ", ".join(governors), mend)
    else:
        yield Finding("governor", "ok", ", ".join(governors) or "the machine has none")


def _timers(config: Config, machine: Machine) -> Iterator[Finding]:
    """On PREEMPT_RT a timer thread below the stage can make it wait for ever."""
    priorities = machine.realtime_priorities("ktimers/")
    if priorities and config.service.priority:
        raised = min(priorities) > config.service.priority
        found = f"ktimers at {min(priorities)}, the stage at {config.service.priority}"
        mend = "" if raised else "systemctl enable --now lkjam-box-tune"
        yield Finding("timers", "ok" if raised else "worse", found, mend)


def _watchdog(folder: Path) -> Iterator[Finding]:
    """Whether a watchdog restarts the box when it hangs: the running box's, or its unit's."""
    health = health_file.read(folder)
    if health is not None:
        seconds, where = health.watchdog_s, "the box that runs"
        mend = "systemctl enable --now lkjam-box, instead of lkjam-box run"
    elif Path("/run/systemd/system").is_dir():
        seconds, where = _unit_watchdog_s(), UNIT
        mend = "install the service: docs/manual.md"
    else:
        return
    if seconds:
        yield Finding("watchdog", "ok", f"{where}: bites after {seconds:.0f} s")
    else:
        yield Finding("watchdog", "worse", f"{where} has none: nobody mends a box that hangs", mend)


def _unit_watchdog_s() -> float:
    """Watchdog time of the unit, in seconds; 0 where there is no unit, or it has no watchdog."""
    ask = ["systemctl", "show", UNIT, "--property=WatchdogUSec", "--value"]
    try:
        text = subprocess.run(ask, capture_output=True, text=True, timeout=5).stdout.strip()
    except (subprocess.SubprocessError, OSError):
        return 0.0
    units = {"min": 60.0, "ms": 0.001, "us": 1e-6, "s": 1.0}
    seconds = 0.0
    for part in text.split():  # as "1min 30s"
        number = part.rstrip("minsu")
        if number.isdigit():
            seconds += int(number) * units.get(part[len(number) :], 0.0)
    return seconds


def _state(machine: Machine) -> Iterator[Finding]:
    free_mb = machine.free_mb(state_folder())
    if free_mb is not None:
        yield words.free(free_mb)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""
