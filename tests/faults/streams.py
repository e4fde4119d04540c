"""A keyboard and a drum machine gone mad on one wire, and a whole stage behind it."""

from __future__ import annotations

from random import Random

from lkjam_box.brain.markov import MarkovEngine
from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.din_parser import DinParser
from lkjam_box.midi.messages import Message
from lkjam_box.play.long_set import LongGig
from lkjam_box.ports.devices import Plugged
from lkjam_box.ports.echo import Echoes
from lkjam_box.ports.input import Input
from lkjam_box.protocol.choices import Role
from lkjam_box.protocol.records import Command, ControlSetting, Record, unpack
from lkjam_box.tempo.external_clock import ExternalClock
from tests.play.world import small_library

BYTE_S = 10 / 31250
SOUNDS_S = 0.02
_CONFIG = override(Config(), {"brain.channel": 2, "turns.turn_bars": 1, "turns.preroll_bars": 0})


class Stream:
    """Bytes of a wire into parser, input and stage; time goes on as on a DIN cable."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.parser = DinParser()
        self.gig = LongGig(_CONFIG, small_library(), ExternalClock(), lambda _: MarkovEngine())
        self.messages = self.bytes = 0
        self._input = Input(
            "mad",
            Plugged("mad", "mad", told=Role.PLAYER | Role.CLOCK),
            keyboard=True,
            clock=True,
            take=self._take,
            echoes=Echoes(),
            on_storm=lambda device: None,
        )

    def _take(self, time_s: float, source: str, message: Message, port: str) -> None:
        self.gig.stage.midi(time_s, source, message, port)

    def feed(self, size: int) -> int:
        """About ``size`` bytes, then the cable is pulled. Returns the notes that sound on."""
        gig, take, random = self.gig, self._input.receive, self.random
        fed = 0
        while fed < size:
            data = burst(random)
            fed += len(data)
            gig.run(gig.now_s + len(data) * BYTE_S)
            for message in self.parser.feed(data):
                self.messages += 1
                take(gig.now_s, message)
            if random.random() < 0.02:  # what no parser would let through
                take(gig.now_s, random.randbytes(random.randrange(5)))
            if random.random() < 0.02:
                record = unpack(bytes((random.randrange(16),)) + random.randbytes(63))
                if record is not None:
                    request(gig, record)
            gig.at(gig.now_s, lambda: None)  # look again when to wake
        self.bytes += fed
        self._input.let_go(gig.now_s)
        take(gig.now_s, bytes((0xFC,)))
        gig.run(gig.now_s + SOUNDS_S)
        gig.count()
        return len(gig.down)


def request(gig: LongGig, record: Record) -> None:
    """A record of another process, be it what it may."""
    if isinstance(record, Command):
        gig.stage.command(gig.now_s, record)
    elif isinstance(record, ControlSetting):
        gig.stage.control(gig.now_s, record)
    else:
        gig.stage.record(gig.now_s, record)


def burst(random: Random) -> bytes:
    """A few bytes: mostly MIDI, some of it broken."""
    kind = random.random()
    channel = random.randrange(16) if random.random() < 0.1 else 0
    if kind < 0.35:
        return bytes((0x90 | channel, random.randrange(128), random.randrange(128)))
    if kind < 0.5:
        return bytes((0x80 | channel, random.randrange(128), 64))
    if kind < 0.65:
        return bytes((0xF8,)) * random.randint(1, 3)
    if kind < 0.7:
        return bytes((random.choice((0xFA, 0xFB, 0xFC, 0xFE, 0xFF, 0xF9, 0xFD)),))
    if kind < 0.75:
        return bytes((0xF2, random.randrange(128), random.randrange(128)))
    if kind < 0.8:  # SysEx with real-time bytes inside, its end lost now and then
        inside = [random.choice((random.randrange(128), 0xF8)) for _ in range(random.randrange(40))]
        return bytes((0xF0, *inside)) + (b"\xf7" if random.random() < 0.8 else b"")
    if kind < 0.85:  # running status
        return bytes((0x90, *(random.randrange(128) for _ in range(2 * random.randint(1, 8)))))
    if kind < 0.9:
        return bytes((0xB0 | channel, random.choice((64, 120, 123, 1, 7)), random.randrange(128)))
    return random.randbytes(random.randint(1, 16))
