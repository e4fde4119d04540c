"""Faults of the clock, each struck into a gig in virtual time.

``FAULTS`` is the registry; ``try_fault`` plays one gig with one of them and says what came
of it. A gig is some beats of good clock, the fault, and good clock again as its machine
would send it; then Stop, and 20 ms later nothing may sound.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import (
    CONTINUE,
    START,
    STOP,
    TICK,
    Message,
    parse,
    real_time,
    song_position,
)
from lkjam_box.play.clock_jitter import MODELS
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.records import TurnBegan
from lkjam_box.protocol.shared_state import Mode, Snapshot, Sync, WarningId
from lkjam_box.tempo.external_clock import ExternalClock
from lkjam_box.tempo.gate import ClockGate
from tests.play.world import Parrot, box_channel_held, busy_player, small_library

SOUNDS_S = 0.02
CONFIG = override(
    Config(), {"brain.channel": 2, "thru.channel": 1, "turns.turn_bars": 1, "turns.preroll_bars": 0}
)
BOX = CONFIG.brain.channel - 1
BAR = 4
"""Beats of a bar; turns are as long, the human's first."""


class FaultGig(Gig):
    """Clock comes through the gate, from a port, as in the process."""

    def __init__(self) -> None:
        super().__init__(CONFIG, small_library(), ExternalClock(), lambda _: Parrot())
        self.gate = ClockGate()
        self.said: dict[str, None] = {}

    def from_port(self, time_s: float, port: str, *messages: Message) -> None:
        for message in messages:
            self.at(time_s, lambda m=message: self._hear(port, m))

    def _hear(self, port: str, message: Message) -> None:
        for passed in self.gate.pass_on(self.now_s, port, message):
            self.stage.midi(self.now_s, "clock", passed)

    def look(self, now_s: float, shown: Snapshot) -> None:
        self.stage.view.second_clock = bool(self.gate.rival(now_s))
        if shown.sync not in (Sync.LOCKED, Sync.LOCKING, Sync.WAITING):
            self.said[Sync(shown.sync).name.replace("_", " ")] = None
        if shown.warning != WarningId.NONE:
            self.said[WarningId(shown.warning).name.replace("_", " ")] = None


@dataclass(slots=True)
class Machine:
    """A drum machine that can be told to do wrong. ``late_s`` is its wire's jitter."""

    gig: FaultGig
    random: Random
    bpm: float
    late_s: Callable[[], float]
    now_s: float = 0.1
    tick: int = 0
    port: str = "drums"
    stops_s: list[float] = field(default_factory=list)

    @property
    def period_s(self) -> float:
        return 60 / self.bpm / 24

    def send(self, *messages: Message, at_s: float | None = None) -> None:
        self.gig.from_port(self.now_s if at_s is None else at_s, self.port, *messages)

    def raw(self, *data: bytes) -> None:
        self.send(*filter(None, map(parse, data)))

    def start(self) -> None:
        self.send(real_time(START))
        self.now_s += 0.003
        self.tick = 0

    def stop(self) -> None:
        self.send(real_time(STOP))
        self.stops_s.append(self.now_s)

    def go_on(self) -> None:
        self.send(real_time(CONTINUE))
        self.now_s += 0.003

    def run(self, ticks: int, copies: Callable[[int], int] = lambda _: 1) -> None:
        """``copies(n)`` of the n-th tick are sent: 0 loses it, 2 double it."""
        for number in range(ticks):
            for again in range(copies(number)):
                self.send(real_time(TICK), at_s=self.now_s + self.late_s() + again * 0.0004)
            self.now_s += self.period_s
            self.tick += 1


Strike = Callable[[Machine], None]


@dataclass(frozen=True, slots=True)
class ClockFault:
    """``keeps``: the box must stand on the machine's own tick afterwards. ``trades``: and go
    on with turns; both without a hand on the box."""

    name: str
    strike: Strike
    keeps: bool = True
    trades: bool = True


def _beside(m: Machine, port: str, bpm: float) -> Machine:
    """Another machine on the same box, from now on."""
    other = Machine(m.gig, m.random, bpm, lambda: 0.0, m.now_s)
    other.port = port
    return other


def _two_masters(m: Machine) -> None:
    other = _beside(m, "other", m.random.uniform(40, 300))
    other.start()
    other.run(m.random.randint(1, 95))
    other.stop()
    other.run(round(4 * other.bpm / 60 * 24))
    m.run(round(4 / m.period_s))


def _another_started(m: Machine) -> None:
    """``m`` goes on as the other machine, and the first one runs on beside it."""
    first = _beside(m, m.port, m.bpm)
    first.late_s = lambda: 0.0
    first.run(round(60 / first.period_s))
    m.port, m.bpm = "other", min(max(m.bpm * m.random.uniform(0.6, 1.6), 40), 300)
    m.now_s += m.random.uniform(0.0, 1.0)
    m.start()


def _idle_clock(m: Machine) -> None:
    idle = _beside(m, "keys", m.random.uniform(40, 300))
    idle.now_s = m.random.uniform(0.0, m.now_s)
    idle.run(round((m.now_s + 60 - idle.now_s) / idle.period_s))
    m.run(24, lambda _: 0)
    m.run(round(4 / m.period_s))


def _play_on_a_keyboard(m: Machine) -> None:
    m.stop()
    m.now_s += m.random.uniform(0.0, 3.0)
    m.gig.from_port(m.now_s, "keys", real_time(m.random.choice((START, CONTINUE))))
    m.now_s += m.random.uniform(0.0, 2.0)
    m.start()


def _doubled(m: Machine) -> None:
    share = m.random.uniform(0.02, 0.3)
    m.run(8 * 24, lambda _: 1 + (m.random.random() < share))


def _all_doubled(m: Machine) -> None:
    m.run(4 * 24, lambda _: 2)


def _missing(m: Machine) -> None:
    at, count = m.random.randrange(24), m.random.randint(1, 3)
    m.run(8 * 24, lambda n: int(not (at <= n % 48 < at + count)))


def _many_missing(m: Machine) -> None:
    m.run(8 * 24, lambda _: int(m.random.random() > 0.3))


def _burst(m: Machine) -> None:
    for _ in range(4):
        held = m.random.randint(2, 12)
        for again in range(held):
            m.send(real_time(TICK), at_s=m.now_s + held * m.period_s + again * 0.0003)
            m.tick += 1
        m.now_s += held * m.period_s + 0.005
        m.now_s += m.period_s - 0.005
        m.run(m.random.randint(24, 48))


def _backwards(m: Machine) -> None:
    for _ in range(5):
        m.send(song_position(m.random.randrange(max(m.tick // 6, 1))))
        m.run(m.random.randint(1, 30))


def _located(m: Machine) -> None:
    for _ in range(3):
        m.stop()
        m.now_s += m.random.uniform(0.03, 0.3)
        sixteenths = m.random.randrange(200)
        m.send(song_position(sixteenths))
        m.now_s += 0.002
        m.tick = sixteenths * 6
        m.go_on()
        m.run(m.random.randint(24, 96))


def _start_again(m: Machine) -> None:
    for _ in range(4):
        m.start()
        m.run(m.random.randint(1, 60))


def _stop_storm(m: Machine) -> None:
    for _ in range(50):
        m.stop()
        m.now_s += m.random.uniform(0.0005, 0.01)
    m.now_s += 0.1
    m.go_on()


def _transport_storm(m: Machine) -> None:
    for _ in range(100):
        m.send(real_time(m.random.choice((START, CONTINUE, STOP))))
        if m.random.random() < 0.3:
            m.send(song_position(m.random.randrange(1 << 14)))
        m.now_s += m.random.uniform(0.0, 0.01)
        if m.random.random() < 0.3:
            m.send(real_time(TICK))
    m.stop()
    m.now_s += 0.05
    m.start()


def _tempo(bpm: Callable[[Random], float], beats: int = 8) -> Strike:
    def strike(m: Machine) -> None:
        good, m.bpm = m.bpm, bpm(m.random)
        m.run(beats * 24)
        m.bpm = good

    return strike


def _jump(m: Machine) -> None:
    m.bpm = min(max(m.bpm * m.random.choice((0.5, 0.66, 1.5, 2.0)), 40), 300)


def _pulled(m: Machine) -> None:
    gone = m.random.randint(60, 24 * 8)
    m.run(gone, lambda _: 0)


def _machine_off(m: Machine) -> None:
    m.stops_s.append(m.now_s + 2.2 * 60 / m.bpm + 0.25)
    m.now_s += 2.2 * 60 / m.bpm + 1.0
    m.start()


def _rubbish(m: Machine) -> None:
    for _ in range(40):
        m.run(m.random.randint(1, 6))
        m.raw(bytes((m.random.choice((0xF1, 0xF3, 0xF4, 0xF5, 0xF6, 0xF9, 0xFD, 0xFE, 0xFF)),)))
        m.raw(bytes((0xF2,)), bytes((0xF2, 1)))  # cut short


FAULTS = (
    ClockFault("two masters", _two_masters),
    ClockFault("another machine started", _another_started),
    ClockFault("another clock idles, ticks missing", _idle_clock),
    ClockFault("PLAY on a keyboard without ticks", _play_on_a_keyboard),
    ClockFault("some ticks doubled", _doubled, keeps=False),
    ClockFault("all ticks doubled", _all_doubled, keeps=False),
    ClockFault("one to three ticks missing", _missing, keeps=False),
    ClockFault("a third of ticks missing", _many_missing, keeps=False),
    ClockFault("ticks held back, then in a burst", _burst, keeps=False),
    ClockFault("song position while running", _backwards),
    ClockFault("Stop, song position, Continue", _located),
    ClockFault("Start while running", _start_again),
    ClockFault("50 times Stop, Continue", _stop_storm),
    ClockFault("storm of Start, Stop, Continue", _transport_storm),
    ClockFault("10 BPM", _tempo(lambda r: 10.0), keeps=False),
    ClockFault("10 to 30 BPM", _tempo(lambda r: r.uniform(10, 30)), keeps=False),
    ClockFault("300 to 400 BPM", _tempo(lambda r: r.uniform(300, 400), 16), keeps=False),
    ClockFault("tempo jumps", _jump),
    ClockFault("clock cable pulled and back", _pulled, keeps=False),
    ClockFault("machine switched off and on", _machine_off),
    ClockFault("rubbish among the ticks", _rubbish),
)


@dataclass(frozen=True, slots=True)
class Result:
    """Of one try. ``sounding`` counts notes where none may be, ``lost`` box turns that nothing
    was played in, ``place_ticks`` is how far the box's count is off."""

    sounding: int
    lost: int
    turns: int
    place_ticks: int
    trades: bool
    said: tuple[str, ...]


def try_fault(fault: ClockFault, seed: int) -> Result:
    random = Random(f"{fault.name} {seed}")
    gig = FaultGig()
    wire = MODELS[random.choice(("DIN", "USB"))]
    bpm = random.uniform(60, 240)
    machine = Machine(gig, random, bpm, lambda: 0.0)
    machine.late_s = lambda: wire(machine.now_s, random)
    machine.start()
    machine.run(random.randint(2 * 24, 3 * BAR * 24))
    fault.strike(machine)
    machine.run(4 * BAR * 24)
    machine.stop()
    end_s = machine.now_s
    busy_player(gig, end_s - 1.0, random)
    gig.watch(1 / 30, end_s, gig.look)
    gig.run(end_s - 1e-6)
    place_ticks = gig.stage.clock.position_ticks - (machine.tick - 1)
    trades = gig.stage.snapshot(gig.now_s).mode == Mode.TRADING
    gig.run(end_s + SOUNDS_S)
    turns = [(t, r.turn.seat) for t, r in gig.told if isinstance(r, TurnBegan)]
    follows_s = [t for t, _ in turns[1:]] + [end_s + SOUNDS_S]
    silent_s = [
        t
        for (t, seat), next_s in zip(turns, follows_s, strict=True)
        if not seat and next_s >= t + SOUNDS_S  # else the box may play again by then
    ]
    silent_s += machine.stops_s
    sounding = sum(len(box_channel_held(gig, t + SOUNDS_S, BOX)) for t in silent_s)
    sounding += len(gig.sounding())
    played = {answer.turn.serial for answer in gig.answers if answer.played}
    began = gig.turns
    ended = [
        one.turn
        for one, after in pairwise(began)
        if one.turn.seat and after.turn.start_beats == one.turn.end_beats
    ]
    lost = sum(turn.serial not in played for turn in ended)
    gig.stage.close(gig.now_s)
    return Result(sounding, lost, len(began), place_ticks, trades, tuple(gig.said))
