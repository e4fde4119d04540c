"""``python -m tests.faults.live --tries N``: files, disk, screen and clock of a real box go bad.

One box on virtual ports trades while one thing after the other is broken, and mended; then boxes
are started with a bad model. A table: notes that sound 20 ms after their key is up, turns without
a note of the box's, lines in the log, what ``lkjam-box monitor`` says.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lkjam_box.brain.model_file import default_model
from lkjam_box.config.options import Config
from lkjam_box.errors import LkjamError
from lkjam_box.health.warning_texts import said
from lkjam_box.lab.bench.faults import SOUNDS_S, SUPERVISOR, Trial
from lkjam_box.lab.bench.world import PLAYER
from lkjam_box.protocol.records import STEERED, ControlId, ControlSetting
from lkjam_box.protocol.shared_state import Snapshot
from lkjam_box.service.command_socket import send_command
from lkjam_box.state.disk import Folder
from lkjam_box.state.slots import Slots

LOOK_S = 4.0  # long enough for two turns of the box
MOST_LINES = 4  # in the log, of one fault and its mending
# The time of day, moved by the seconds in a file. (libfaketime 0.9.10 breaks sleeps on the
# monotonic clock: EINVAL.)
SHIFT = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long shift(void) {
    long by = 0;
    FILE *file = fopen(getenv("SHIFT_FILE"), "r");
    if (file) { if (fscanf(file, "%ld", &by) != 1) by = 0; fclose(file); }
    return by;
}
int clock_gettime(clockid_t which, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int rc = real(which, now);
    if (rc == 0 && which == CLOCK_REALTIME) now->tv_sec += shift();
    return rc;
}
time_t time(time_t *out) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out) *out = now.tv_sec;
    return now.tv_sec;
}
int gettimeofday(struct timeval *restrict out, void *restrict zone) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    out->tv_sec = now.tv_sec; out->tv_usec = now.tv_nsec / 1000;
    return 0;
}
"""
YEAR = 365 * 86400
COMPILER = shutil.which("cc")
TUNE = "name: Mine\nkey: C\nbars:\n  - C | F | G7 | C\n"
WIRE = '''
"""An I2C bus that answers unless there is a file "bad" beside this one."""
import errno, pathlib
_BAD = pathlib.Path(__file__).with_name("bad")
class i2c_msg:
    write = staticmethod(lambda address, data: data)
class SMBus:
    def __init__(self, port): self._count = 0
    def write_i2c_block_data(self, address, mode, data): self._go()
    def i2c_rdwr(self, message): self._go()
    def close(self): pass
    def _go(self):
        self._count += 1
        if self._count % 3 == 0 and _BAD.exists():
            raise OSError(errno.EREMOTEIO, "no answer")
'''


class Live(Trial):
    """A box whose every file is ours to break."""

    def __init__(self, folder: Path, model: bytes | None = None) -> None:
        self.folder, self.state, self.tunes = folder, folder / "state", folder / "tunes"
        self.model, self.wire, self.now = folder / "m.tflite", folder / "wire", folder / "now"
        for made in (self.state, self.tunes, self.wire):
            made.mkdir(exist_ok=True)
        (self.wire / "smbus2.py").write_text(WIRE)
        (self.tunes / "mine.yaml").write_text(TUNE)
        self.now.write_text("0")
        self._density = 0.0
        self.was: str = ""  # of a file that was broken
        if model is not None:
            self.model.write_bytes(model)
        environ = {"STATE_DIRECTORY": str(self.state), "PYTHONPATH": str(self.wire)}
        if COMPILER:
            library = folder / "shift.so"
            words = [COMPILER, "-shared", "-fPIC", "-x", "c", "-", "-o", str(library), "-ldl"]
            subprocess.run(words, input=SHIFT, text=True, check=True)
            environ |= {"LD_PRELOAD": str(library), "SHIFT_FILE": str(self.now)}
        changes = {
            "brain.engine": "gru",
            "brain.model": str(self.model),
            "music.folder": str(self.tunes),
            "panel.screen": "ssd1306",
        }
        super().__init__(folder, Config(), changes, environ)

    @property
    def options(self) -> Path:
        return self.folder / "options.yaml"

    def log(self) -> list[str]:
        return (self.folder / "box.log").read_text(errors="replace").splitlines()

    def screen(self) -> str:
        """What the monitor says, of a box that it finds."""
        words = [sys.executable, "-m", "lkjam_box", "monitor", "--json", "--once"]
        environ = {**os.environ, "LKJAM_RUNTIME": str(self.folder)}
        done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
        if done.returncode:
            return done.stderr.strip()
        told = json.loads(done.stdout)
        return said(Snapshot(warning=told["warning"], message=told["message"]))

    def kill(self, process: str) -> None:
        """One process dies of it, too, so that the new one meets what is broken."""
        gone = self.processes()[process]
        os.kill(gone, signal.SIGKILL)
        self.until(lambda: self.processes().get(process, 0) not in (0, gone), "mend")
        self.until(lambda: self.trades(not_by=gone), "go on")

    def set_a_control(self) -> None:
        self._density = 4.0 if self._density == 2.0 else 2.0
        send_command(self.folder, ControlSetting(STEERED, ControlId.DENSITY, self._density))

    def settle(self) -> None:
        time.sleep(LOOK_S)
        self.box.tend()


Do = Callable[[Live], object]


@dataclass(frozen=True, slots=True)
class Fault:
    """``says`` (a pattern) the screen must say while it lasts, ``kept`` what must hold once
    it is mended."""

    name: str
    strike: Do
    mend: Do
    says: str = ""
    kept: Callable[[Live], bool] = lambda _: True
    needs: str = ""
    kills: bool = False  # a process, too


def _nothing(_: Live) -> None:
    pass


def _mount(live: Live, *words: str) -> None:
    subprocess.run(["mount", *words, str(live.state)], check=True)


def _full(live: Live) -> None:
    with (live.state / "filler").open("wb", buffering=0) as file:
        try:
            while file.write(bytes(1 << 20)):
                pass
        except OSError:
            pass
    live.set_a_control()


def _empty(live: Live) -> None:
    (live.state / "filler").unlink()
    time.sleep(5.0)  # the recorder tries again as often


def _read_only(live: Live) -> None:
    _mount(live, "-o", "remount,ro")
    live.set_a_control()


def _writable(live: Live) -> None:
    _mount(live, "-o", "remount,rw")
    time.sleep(5.0)


def _controls_saved(live: Live) -> bool:
    now, kept = live.box.snapshot(), Slots(Folder(live.state)).state.choices
    return now is not None and kept.encode() == now.choices.encode()


def _swap(live: Live, path: Path, text: str) -> None:
    live.was = path.read_text()
    path.write_text(text) if text else path.unlink()


def _put_back(live: Live, path: Path) -> None:
    path.write_text(live.was)
    time.sleep(1.5)


def _forget_library(live: Live) -> None:
    for path in live.folder.glob("library-*.json"):
        path.unlink()
    for process in ("brain", "stage"):
        live.kill(process)


def _forget_shared_state(live: Live) -> None:
    (live.folder / "shared-state").unlink()


def _new_stage(live: Live) -> None:
    live.kill("stage")


def _no_model(live: Live) -> None:
    live.model.unlink()
    live.settle()
    live.kill("brain")


def _clean(live: Live) -> bool:
    """A set that could not be recorded to its end says so until the next one."""
    said = live.screen()
    return said in ("", "NO REALTIME RIGHTS") or said.startswith("not recorded")


def _step(live: Live, by: str) -> None:
    live.now.write_text(by)


RUNNING = (
    Fault("nothing", _nothing, _nothing),
    Fault(
        "options deleted",
        lambda live: _swap(live, live.options, ""),
        lambda live: _put_back(live, live.options),
        "options.yaml",
        _clean,
    ),
    Fault(
        "options are rubbish",
        lambda live: _swap(live, live.options, "\x00{{:]\n"),
        lambda live: _put_back(live, live.options),
        "options.yaml",
        _clean,
    ),
    Fault(
        "a progression breaks",
        lambda live: _swap(live, live.tunes / "mine.yaml", TUNE.replace("G7", "H7")),
        lambda live: _put_back(live, live.tunes / "mine.yaml"),
        "mine.yaml",
        _clean,
    ),
    Fault(
        "the OLED fails in bursts",
        lambda live: (live.wire / "bad").touch(),
        lambda live: (live.wire / "bad").unlink(),
        "",
        _clean,
    ),
    Fault(
        "the time of day is set on 10 years",
        lambda live: _step(live, str(10 * YEAR)),
        _nothing,
        "",
        _clean,
        "cc",
    ),
    Fault(
        "the time of day is set back",
        lambda live: _step(live, str(-20 * YEAR)),
        _nothing,
        "",
        _clean,
        "cc",
    ),
    Fault("libraries deleted, processes killed", _forget_library, _nothing, "", _clean, kills=True),
    Fault(
        "shared state deleted", _forget_shared_state, _new_stage, "no box runs", _clean, kills=True
    ),
    Fault(
        "disk of the state full",
        _full,
        _empty,
        "DISK FULL|not remembered|not recorded",
        _controls_saved,
        "root",
    ),
    Fault(
        "state read-only",
        _read_only,
        _writable,
        "DISK FULL|not remembered|not recorded",
        _controls_saved,
        "root",
    ),
    Fault("model deleted, brain killed", _no_model, _nothing, "NO MODEL", kills=True),
)


def _starting() -> dict[str, bytes | None]:
    """Models that a box is started with."""
    good = default_model().read_bytes()
    bad = bytearray(good)
    bad[len(bad) // 2] ^= 1
    return {
        "model cut short": good[: len(good) // 2],
        "model missing": None,
        "one bit of the model wrong": bytes(bad),
        "another file for the model": bytes(range(256)) * 64,
    }


@dataclass(slots=True)
class Row:
    """What came of one fault."""

    name: str
    tries: int = 0
    sounding: int = 0
    lost: int = 0
    turns: int = 0
    lines: int = 0
    says: dict[str, None] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def look(self, live: Live, fault: Fault) -> None:
        """Strike, look, mend, look again."""
        world, lines = live.world, len(live.log())
        live.until(live.trades, "trade")
        from_s = time.monotonic()
        fault.strike(live)
        live.settle()
        said = live.screen()
        if not re.search(fault.says, said):
            self.wrong.append(f"the screen says {said!r}, not {fault.says!r}")
        self.says[said.replace(f"{live.folder}/", "")[:90]] = None
        to_s = time.monotonic()
        fault.mend(live)
        live.until(live.trades, "trade")
        time.sleep(1.5)
        if not fault.kept(live):
            self.wrong.append(f"not as it was: {live.screen()}")
        first, last = world.loop_at(from_s) + 1, world.loop_at(to_s) - 1
        lost = world.unanswered(first, last)
        self.turns += sum(loop % 2 for loop in range(first, last + 1))
        self.lost += lost
        ups = [t for t in list(world.let_go_s) if from_s < t < to_s - SOUNDS_S]
        for up_s in () if fault.kills else ups:  # else `bench faults` measures it
            left = world.held(up_s - 0.0005) & world.held(up_s + SOUNDS_S)
            self.sounding += any(channel == PLAYER for channel, _ in left)
        self.lines = max(self.lines, len(live.log()) - lines)
        if self.lines > MOST_LINES * (3 if fault.kills else 1):
            self.wrong.append(f"{self.lines} lines in the log: {live.log()[-1]}")
        self.tries += 1

    def __str__(self) -> str:
        says = "; ".join(filter(None, self.says)) or "-"
        return (
            f"{self.name:<36}{self.tries:>6}{self.sounding:>13}{self.lost:>8}/{self.turns:<5}"
            f"{self.lines:>9}  {says}" + "".join(f"\n    WRONG {one}" for one in self.wrong)
        )


HEAD = (
    f"{'fault':<36}{'tries':>6}{'sounding on':>13}{'silent turns':>14}{'log lines':>9}"
    "  the screen said"
)


def missing(fault: Fault) -> bool:
    """Whether this machine cannot strike it."""
    return (fault.needs == "root" and os.getuid() != 0) or (fault.needs == "cc" and not COMPILER)


def run(only: str = "", rows: dict[str, Row] | None = None) -> dict[str, Row]:
    """Every fault once. Adds to ``rows``."""
    rows = {} if rows is None else rows
    running = [f for f in RUNNING if only in f.name and not missing(f)]
    with tempfile.TemporaryDirectory(prefix="lkjam-live-") as name:
        mounts = any(fault.needs == "root" for fault in running)
        (Path(name) / "state").mkdir()
        if mounts:
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", "size=48m", "none", f"{name}/state"], check=True
            )
        try:
            if running:
                _trade(Path(name), default_model().read_bytes(), running, rows)
        finally:
            if mounts:
                subprocess.run(["umount", "-l", f"{name}/state"], check=True)
    for what, model in _starting().items():
        if only in what:
            with tempfile.TemporaryDirectory(prefix="lkjam-live-") as name:
                fault = Fault(what, _nothing, _nothing, "NO MODEL")
                _trade(Path(name), model, [fault], rows)
    return rows


def _trade(folder: Path, model: bytes | None, faults: list[Fault], rows: dict[str, Row]) -> None:
    live = Live(folder, model)
    try:
        for fault in faults:
            row = rows.setdefault(fault.name, Row(fault.name))
            row.look(live, fault)
        pid = live.processes()[SUPERVISOR]
        os.kill(pid, signal.SIGTERM)
        live.box.process.wait(10)
        time.sleep(SOUNDS_S)
        row.sounding += bool(live.world.held())
    except LkjamError as error:
        row.wrong.append(str(error))
    finally:
        live.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tries", type=int, default=1, metavar="N", help="of each fault")
    parser.add_argument("--only", default="", metavar="TEXT", help="faults with this in the name")
    args = parser.parse_args()
    rows: dict[str, Row] = {}
    for number in range(args.tries):
        if sys.stderr.isatty():
            print(
                f"round {number + 1} of {args.tries}\033[K", end="\r", file=sys.stderr, flush=True
            )
        run(args.only, rows)
    print("\n".join((HEAD, *map(str, rows.values()))))
    for fault in RUNNING:
        if missing(fault):
            print(f"{fault.name}: not struck, it needs {fault.needs}", file=sys.stderr)
    return 1 if any(row.wrong or row.sounding for row in rows.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
