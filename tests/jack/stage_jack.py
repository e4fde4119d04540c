"""The running box, driven by other people's programs over JACK. No sound card needed.

    python tests/jack/stage_jack.py [--install]

jackd with its dummy driver, klick as timebase master, jack_midi_clock for Start and 24 ticks a
beat, jack_transport to start and stop: all from Debian. The box is the real service
(``lkjam-box run --ports jack``); this script is only the player at the keys and the recorder at
the synth. It prints how the box kept to the bar lines and exits with 1 when it did not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path

from lkjam_box.errors import LkjamError, MissingLibrary
from lkjam_box.midi.messages import (
    NOTE_OFF,
    NOTE_ON,
    START,
    TICK,
    Message,
    note_off,
    note_on,
)
from lkjam_box.ports.port import messages_to
from lkjam_box.ports.rtmidi_ports import RtMidiKind
from lkjam_box.protocol.runtime_folder import shared_state_path
from lkjam_box.protocol.shared_state import SharedState, Snapshot, Sync

PACKAGES = {
    "jackd": "jackd2",
    "klick": "klick",
    "jack_midi_clock": "jack-midi-clock",
    "jack_transport": "jack-tools",
    "jack_connect": "jackd2",
}
BEATS = 4  # a bar
EARLY_MS, MEDIAN_MS = 2.0, 5.0  # a note before its line; the usual distance from it
UNEVEN_MS = 2.0  # ticks this far off their line: nobody could say where the beat is
READY_S, SETTLE_S = 20.0, 1.0
BOX, CLICK, BAR_CLICK = 1, 9, 76
TUNE = (62, 65, 69, 72, 71, 67, 65, 64)  # an eighth each, over D minor and G


class Studio:
    """Everything started here, and stopped here whatever happens."""

    def __init__(self, folder: Path, bpm: int, loops: int) -> None:
        self.folder, self.bpm, self.loops = folder, bpm, loops
        self._running: list[tuple[str, subprocess.Popen[bytes]]] = []
        os.environ.update(
            JACK_DEFAULT_SERVER=f"lkjam{os.getpid()}",
            JACK_NO_START_SERVER="1",
            JACK_NO_AUDIO_RESERVATION="1",
            LKJAM_RUNTIME=str(folder),
        )

    def start(self, name: str, *command: str) -> None:
        log = open(self.folder / f"{name}.log", "wb")  # noqa: SIM115
        with log:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._running.append((name, process))

    def check_alive(self) -> None:
        for name, process in self._running:
            if process.poll() is not None:
                raise SystemExit(f"{name} ended with {process.returncode}:\n{self.log(name)}")

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")[-2000:]

    def transport(self, *words: str) -> None:
        text = "".join(f"{word}\n" for word in (*words, "exit"))
        subprocess.run(
            ["jack_transport"], input=text.encode(), check=True, stdout=subprocess.DEVNULL
        )

    def stop(self) -> None:
        for _, process in reversed(self._running):
            if process.poll() is None:
                process.terminate()
            try:
                process.wait(6)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Transcriber:
    """The synth's ear, the player's hand, and the clock as anybody hears it."""

    def __init__(self) -> None:
        self.kind = RtMidiKind("jack", client="studio")
        self.notes: list[tuple[float, Message]] = []
        self.ticks: list[float] = []
        self.started = False
        self._ports = [
            self.kind.create_input("recorder", messages_to(lambda t, m: self.notes.append((t, m)))),
            self.kind.create_input("clock ear", self._clock),
        ]
        self.player = self.kind.create_output("player")

    def _clock(self, time_s: float, message: bytes) -> None:
        if message[0] == START:
            self.started = True
            self.ticks.clear()
        elif message[0] == TICK and self.started:
            self.ticks.append(time_s)

    def time_of(self, tick: int) -> float:
        """When ``tick`` fell or will fall: a line through the ticks within a beat of it."""
        return self._line(tick)[0]

    def steady(self, tick: int) -> bool:
        """Whether the clock itself ran evenly there: the dummy driver slips when it is late."""
        return self._line(tick)[1] < UNEVEN_MS / 1000

    def _line(self, tick: int) -> tuple[float, float]:
        last = len(self.ticks)
        low, high = max(min(tick - 24, last - 48), 0), min(max(tick + 24, 48), last)
        xs, ys = range(low, high), self.ticks[low:high]
        slope, at = statistics.linear_regression(xs, ys)
        worst = max(abs(y - at - slope * x) for x, y in zip(xs, ys, strict=True))
        return at + slope * tick, worst

    def close(self) -> None:
        for port in (*self._ports, self.player):
            port.close()
        self.kind.close()


def missing() -> list[str]:
    return sorted({pack for name, pack in PACKAGES.items() if shutil.which(name) is None})


def install(packages: Sequence[str]) -> None:
    if os.geteuid() != 0:
        raise SystemExit(f"not root: sudo apt-get install {' '.join(packages)}")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *packages],
    ):
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def wait_for(what: str, ready: object, studio: Studio, seconds: float = READY_S) -> None:
    """Until ``ready()`` is true; ends the script when it is not in time."""
    until_s = time.monotonic() + seconds
    while not ready():  # type: ignore[operator]
        studio.check_alive()
        if time.monotonic() > until_s:
            raise SystemExit(f"{what}: not within {seconds:.0f} s\n{studio.log('box')}")
        time.sleep(0.05)


@contextlib.contextmanager
def studio_with_jack(bpm: int, loops: int) -> Iterator[Studio]:
    with tempfile.TemporaryDirectory(prefix="lkjam-jack-") as name:
        studio = Studio(Path(name), bpm, loops)
        try:
            server = os.environ["JACK_DEFAULT_SERVER"]
            realtime = ("-R", "-P70") if os.geteuid() == 0 else ("--no-realtime",)
            dummy = ("-d", "dummy", "-r", "48000", "-p", "64")
            studio.start("jackd", "jackd", "-n", server, "-S", *realtime, *dummy)
            (studio.folder / "box.log").touch()
            wait_for("jackd", jack_runs, studio)
            yield studio
        finally:
            studio.stop()


def jack_runs() -> bool:
    try:
        RtMidiKind("jack").close()
    except MissingLibrary:
        raise
    except LkjamError:
        return False
    return True


def play(studio: Studio, recorder: Transcriber) -> list[Snapshot]:
    """Count-in and loops; the human's bars get a line of eighths. Returns what was shown."""
    options = {
        "ports.keyboard": "*player*",
        "ports.clock": "jack_midi_clock*",
        "ports.synth": "*recorder*",
        "turns.turn_bars": 1,
        "turns.preroll_bars": 1,
        "turns.loops": 0,
        "metronome.when": "always",
        "brain.seed": 7,
        "brain.channel": BOX + 1,
        "panel.screen": "off",
        "panel.buttons": "off",
    }
    sets = [word for name, value in options.items() for word in ("--set", f"{name}={value}")]
    studio.start("klick", "klick", "-T", str(studio.bpm))
    studio.start("jack_midi_clock", "jack_midi_clock")
    command = [sys.executable, "-m", "lkjam_box", "run", "--ports", "jack", *sets]
    studio.start("box", *command)
    shared_states: list[SharedState] = []

    def shown() -> bool:
        with contextlib.suppress(OSError, ValueError):
            shared_states[:] = shared_states or [SharedState.open(shared_state_path(studio.folder))]
        now = shared_states[0].read() if shared_states else None
        return bool(now and now.keyboard and now.clock and now.engine)

    wait_for("jack_midi_clock", lambda: jack_has("jack_midi_clock"), studio)
    subprocess.run(["jack_connect", "jack_midi_clock:mclk_out", clock_ear()], check=True)
    wait_for("the box and its wires", shown, studio)
    time.sleep(SETTLE_S)
    studio.transport("locate 0", "play")
    wait_for("the clock", lambda: len(recorder.ticks) > 48, studio)
    seen = []
    for loop in range(studio.loops):
        line = BEATS * 24 * (1 + loop)
        for step, pitch in enumerate(TUNE):
            begin = line + step * 12
            sleep_until(recorder, begin)
            if loop % 2 == 0:
                recorder.player.send(note_on(0, pitch, 80 + step))
                sleep_until(recorder, begin + 8)
                recorder.player.send(note_off(0, pitch))
        studio.check_alive()
        now = shared_states[0].read(measured=True)
        if now:
            seen.append(now)
    sleep_until(recorder, BEATS * 24 * (1 + studio.loops) + 3)
    studio.transport("stop")
    time.sleep(SETTLE_S)
    now = shared_states[0].read(measured=True)
    return [*seen, now] if now else seen


def jack_has(name: str) -> bool:
    listing = subprocess.run(["jack_lsp"], capture_output=True, text=True, check=False).stdout
    return name in listing


def clock_ear() -> str:
    listing = subprocess.run(["jack_lsp"], capture_output=True, text=True, check=True).stdout
    return next(name for name in listing.splitlines() if name.endswith("clock ear"))


def sleep_until(recorder: Transcriber, tick: int) -> None:
    while (left_s := recorder.time_of(tick) - time.monotonic()) > 0:
        time.sleep(min(left_s, 0.1))


def distances_ms(times: Sequence[float], lines: Sequence[float]) -> list[float]:
    """How far each time is from the nearest line; late is positive."""
    found = []
    for time_s in times:
        place = bisect_left(lines, time_s)
        near = lines[max(place - 1, 0) : place + 1]
        found.append(1000 * min((time_s - line for line in near), key=abs))
    return found


def report(studio: Studio, recorder: Transcriber, seen: Sequence[Snapshot]) -> int:
    """Print the table; 0 when the box kept to its lines."""
    lines = [recorder.time_of(BEATS * 24 * n) for n in range(studio.loops + 2)]
    steady = [recorder.steady(BEATS * 24 * n) for n in range(studio.loops + 2)]
    clicks = [t for t, m in recorder.notes if m.kind == NOTE_ON and m.channel == CLICK]
    bar_click = (NOTE_ON, CLICK, BAR_CLICK)
    bars = [t for t, m in recorder.notes if (m.kind, m.channel, m[1]) == bar_click]
    ticks = range(0, 24 * BEATS * (studio.loops + 1) + 1, 24)
    beats = [recorder.time_of(tick) for tick in ticks]
    even = [recorder.time_of(tick) for tick in ticks if recorder.steady(tick)]
    near = [t for t in clicks if min(beats, key=lambda beat: abs(t - beat)) in even]
    off_ms = distances_ms(near, even)
    rows, begun, crossed = [], 0, 0
    box = [(t, m) for t, m in recorder.notes if m.kind == NOTE_ON and m.channel == BOX]
    for loop in range(1, studio.loops, 2):
        begin, end = lines[1 + loop], lines[2 + loop]
        mine = [t for t, _ in box if begin - 0.02 <= t < end - 0.02]
        begun += bool(mine)
        bar_ms = min(distances_ms(bars, [begin]), key=abs) if bars else float("nan")
        first = f"{(mine[0] - begin) * 1000:10.2f}" if mine else "      none"
        crossed += steady[1 + loop] and sum(t - begin < -EARLY_MS / 1000 for t in mine)
        rows.append(f"{loop + 1:>6} {len(mine):>6} {first} {bar_ms:12.2f}")
    held: set[tuple[int, int]] = set()
    for _, message in recorder.notes:
        key = (message.channel, message.pitch)
        if message.kind == NOTE_ON:
            held.add(key)
        elif message.kind == NOTE_OFF:
            held.discard(key)
    last = seen[-1]
    tempo = 2.5 * (len(recorder.ticks) - 1) / (recorder.ticks[-1] - recorder.ticks[0])
    wanted = studio.loops // 2
    states = sorted({Sync(now.sync).name for now in seen[:-1]})
    size = sorted(map(abs, off_ms))
    print("  loop  notes   first ms  bar line ms   (late is positive, by jack_midi_clock's ticks)")
    print("\n".join(rows))
    print(f"clock        {tempo:.2f} BPM heard, {states} while playing, {last.bpm:.1f} shown")
    print(
        f"beats        {len(off_ms)} of {len(clicks)} where jack ran evenly: off by p50"
        f" {quantile(size, 0.5):.2f} p99 {quantile(size, 0.99):.2f} max {quantile(size, 1):.2f} ms"
        " (jack's period is 1.33 ms)"
    )
    print(
        f"answers      {begun} of {wanted}; the box counts {last.answers_on_time} of"
        f" {last.answers} on time, {last.fallbacks} by the fallback"
    )
    late = last.measured("lateness")
    p50_ms, p99_ms = (late.quantile_us(share) / 1000 for share in (0.5, 0.99))
    print(
        f"lateness     p50 {p50_ms:.2f} p99 {p99_ms:.2f}"
        f" max {late.max_us / 1000:.2f} ms, as the box sends"
    )
    print(f"dropped      {last.dropped} records; left sounding {len(held)} notes")
    failures = [
        text
        for failed, text in (
            (begun < wanted, f"{wanted - begun} answers are missing"),
            (len(clicks) < BEATS * studio.loops, f"only {len(clicks)} clicks"),
            (len(off_ms) < len(clicks) / 2, "jack slipped too often to judge: a loaded machine?"),
            (not set(states) <= {"LOCKED", "LOCKING"}, f"the clock was {states}"),
            (crossed > 0, f"{crossed} notes before their line"),
            (
                bool(off_ms) and min(off_ms) < -EARLY_MS,
                f"early by {-min(off_ms, default=0):.1f} ms",
            ),
            (quantile(size, 0.5) > MEDIAN_MS, f"beats are off by more than {MEDIAN_MS} ms"),
            (bool(held), f"hanging notes: {sorted(held)}"),
            (last.dropped > 0, f"{last.dropped} records dropped"),
        )
        if failed
    ]
    for failure in failures:
        print(f"FAILED: {failure}")
    if failures:
        print(studio.log("box"))
    print("failed" if failures else "passed")
    return 1 if failures else 0


def quantile(ordered: Sequence[float], share: float) -> float:
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else float("nan")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--install", action="store_true", help="get what is missing by apt-get")
    parser.add_argument("--bpm", type=int, default=140)
    parser.add_argument("--loops", type=int, default=16, help="one bar each, you and the box")
    args = parser.parse_args()
    packages = missing()
    if packages and args.install:
        install(packages)
    elif packages:
        print(f"missing: apt-get install {' '.join(packages)}  (or --install)", file=sys.stderr)
        return 2
    try:
        with studio_with_jack(args.bpm, args.loops) as studio:
            recorder = Transcriber()
            try:
                seen = play(studio, recorder)
            finally:
                recorder.close()
            return report(studio, recorder, seen)
    except LkjamError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
