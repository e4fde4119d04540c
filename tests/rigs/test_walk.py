"""A random walk over rigs and what is done with them: every wire is as the ledger says, no key
storms, and in the end nothing sounds.

A few walks here; ``LKJAM_TRIES=200 pytest tests/rigs/test_walk.py`` for as many as one likes.
"""

from __future__ import annotations

import os
from functools import partial
from random import Random

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from lkjam_box.midi.messages import PRESSURE, note_on, voice
from lkjam_box.play.rig import RigGig
from lkjam_box.play.rig_hands import bend
from lkjam_box.play.rig_instruments import Instrument, Port
from lkjam_box.play.rig_sequencer import JUMPS, Pattern, Sequencer
from lkjam_box.protocol.choices import Role
from lkjam_box.protocol.records import Command, CommandId
from tests.rigs.house import assert_silence, gig_of

TRIES = int(os.environ.get("LKJAM_TRIES", "12"))
MOST = 30  # of one key a second: a storm is told from playing at 25, and some are under way
MINUTES = 1.5
KINDS = (
    "keyboard",
    "stage piano",
    "synth",
    "drum machine",
    "groovebox",
    "echoing synth",
    "interface",
    "two ports",
    "idle keyboard",
    "DIN",
)
PATHS = ("1-1.1", "1-1.2", "1-1.3", "1-1.4", "")


class Walk:
    """A rig of random instruments, and a player who does anything with it."""

    def __init__(self, seed: int, kinds: list[str]) -> None:
        self.random = Random(seed)
        self.down: dict[Instrument, set[tuple[int, int]]] = {}
        self.machines: list[Sequencer] = []
        self.moved_s: dict[Instrument, float] = {}  # when its cable or its role was touched
        self.rig = [self._instrument(n, kind) for n, kind in enumerate(kinds)]
        self.gig: RigGig = gig_of(*self.rig)
        self.pure = [i for i in self.rig if not any(port.sends for port in i.ports)]
        self.players = [i for i in self.rig if i not in self.pure]
        for machine in self.machines:
            machine.power(self.random.uniform(0.0, 2.0))

    def _instrument(self, number: int, kind: str) -> Instrument:
        path = PATHS[number % len(PATHS)]
        name, random = f"{kind.title()} {number}", self.random
        if kind == "synth":
            return Instrument(name, [Port("", sends=False)], path=path, sounds=True)
        if kind == "echoing synth":
            late_s = random.uniform(0.001, 0.06)
            return Instrument(name, path=path, sounds=True, returns_s=lambda: late_s)
        if kind == "two ports":
            return Instrument(name, ["", ""], path=path, sounds=True)
        if kind == "interface":
            return Instrument("UM-ONE", path=path, sounds=True)
        if kind == "DIN":
            return Instrument("DIN", sounds=True)
        one = Instrument(name, path=path, sounds=kind != "keyboard")
        if kind in ("drum machine", "groovebox", "idle keyboard"):
            pattern = None if kind == "idle keyboard" else Pattern(channel=random.randrange(16))
            idle = kind == "idle keyboard" or random.random() < 0.5
            bpm = random.uniform(70, 180)
            self.machines.append(Sequencer(one, bpm, idle=idle, pattern=pattern))
        return one

    # --- what the player does

    def act(self) -> None:
        random, now_s = self.random, self.gig.now_s
        roll = random.random()
        if roll < 0.55 and self.players:
            self._play(random.choice(self.players))
        elif roll < 0.75 and self.players:
            self._move(random.choice(self.players))
        elif roll < 0.87 and self.machines:
            self._transport(random.choice(self.machines))
        elif roll < 0.92:
            self._cable(random.choice(self.rig))
        elif roll < 0.95:
            commands = (CommandId.PANIC, CommandId.START_STOP, CommandId.LINE_HERE)
            self.gig.command(now_s, Command(random.choice(commands)))
        elif roll < 0.97:
            roles = random.choice((-1, Role.NONE, Role.PLAYER, Role.SYNTH, Role.CLOCK, 7))
            one = random.choice([i for i in self.rig if i not in self.pure] or self.rig)
            self.moved_s[one] = now_s
            self.gig.tell_role(now_s, one, int(roles))
        else:
            echoing = [i for i in self.rig if i.client.startswith("Echoing")]
            for one in echoing:
                late_s = random.uniform(0.001, 0.06)
                one._returns_s = random.choice((None, lambda late_s=late_s: late_s))

    def _play(self, one: Instrument) -> None:
        random, now_s = self.random, self.gig.now_s
        down = self.down.setdefault(one, set())
        channel = random.choice((0, 0, 0, 1, 9))
        for _ in range(random.choice((1, 1, 1, 3))):
            pitch = random.randrange(36, 96)
            if (channel, pitch) in down:
                continue
            down.add((channel, pitch))
            one.do([(now_s, note_on(channel, pitch, random.randrange(1, 128)))])
            length_s = random.choice((0.05, 0.3, 2.0, 9.0))
            self.gig.at(now_s + length_s, partial(self._lift, one, (channel, pitch)))

    def _lift(self, one: Instrument, key: tuple[int, int]) -> None:
        if key in self.down.get(one, ()):
            self.down[one].discard(key)
            one.lift(self.gig.now_s, key[1], key[0])

    def _move(self, one: Instrument) -> None:
        random, now_s, channel = self.random, self.gig.now_s, self.random.choice((0, 0, 1))
        number = random.choice((1, 2, 7, 11, 64, 64, 66, 67, 69, 120, 121, 123, 16, 74))
        what = random.random()
        if what < 0.3:
            one.do([(now_s, bend(channel, random.randrange(1 << 14)))])
        elif what < 0.4:
            one.do([(now_s, voice(PRESSURE, channel, random.randrange(128)))])
        else:
            one.turn(now_s, number, random.choice((0, random.randrange(128))), channel)

    def _transport(self, machine: Sequencer) -> None:
        random, now_s = self.random, self.gig.now_s
        what = random.randrange(6)
        if what <= 1:
            machine.start(now_s)
        elif what == 2:
            machine.stop(now_s)
        elif what == 3:
            machine.go_on(now_s, random.randrange(256))
        elif what == 4:
            machine.stall(now_s, random.uniform(0.1, 3.0))
        elif machine.running:
            self.gig.at(now_s, partial(random.choice(tuple(JUMPS.values())), machine, 0))

    def _cable(self, one: Instrument) -> None:
        if self.gig.is_in(one) and one.client != "DIN":  # a serial port is always there
            self.moved_s[one] = self.gig.now_s + 4.0
            self.gig.pull(self.gig.now_s, one, self.random.choice((0.002, 0.3, 4.0)))

    def end(self) -> None:
        """All keys up, pedals off, machines stopped, cables in."""
        now_s = self.gig.now_s
        for machine in self.machines:
            machine.stalled_until_s = 0.0
            machine.stop(now_s)
            machine.off(now_s + 0.1)
        self.gig.run(now_s + 10.0)  # cables and keys
        for one in self.players:
            for channel in range(16):
                for pedal in (64, 66, 69):
                    one.turn(self.gig.now_s, pedal, 0, channel)
        self.gig.run(self.gig.now_s + 3.0)

    # --- what must hold

    def stray(self) -> dict[str, set[tuple[int, int]]]:
        """Keys that are down on a wire and that the ledger does not hold; and, at instruments
        that only listen, keys that it holds and that are not down there."""
        held = self.gig.stage.ledger.sounding()
        found = {name: down - held for name, down in self.gig.wires().items() if down - held}
        for one in self.pure:
            for name in self.gig.ports_of(one):
                if self.settled(one) and (lost := held - self.gig.on_wire.get(name, set())):
                    found[f"not on {name}"] = lost
        return found

    def settled(self, one: Instrument) -> bool:
        """Whether the instrument was in, as a synth, since before the oldest key went down."""
        return self.gig.now_s - self.moved_s.get(one, -100.0) > 15.0

    def check(self) -> None:
        """A change of roles or cables is seen to within the tenth of a second."""
        before = self.stray()
        if before:
            self.gig.run(self.gig.now_s + 0.1)
            after = self.stray()
            still = {name: keys & after.get(name, set()) for name, keys in before.items()}
            assert not any(still.values()), still


def walk(seed: int, kinds: list[str]) -> None:
    walk = Walk(seed, kinds)
    gig = walk.gig
    while gig.now_s < MINUTES * 60:
        gig.run(gig.now_s + walk.random.expovariate(4.0))
        walk.act()
        gig.run(gig.now_s + 1e-9)
        walk.check()
    walk.end()
    walk.check()
    assert len(gig.stage.ledger) == 0
    assert_silence(gig, *(one for one in walk.rig if one.sounds))
    for one in walk.rig:
        most = _most(one)
        assert most <= MOST, f"{one.client}: {most} note-ons of one key within a second"


def _most(one: Instrument) -> int:
    """The most note-ons of one key that it got within any second."""
    times: dict[tuple[int, int], list[float]] = {}
    most = 0
    for time_s, _, message in one.got:
        if message.kind == 0x90:
            recent = times.setdefault((message.channel, message.pitch), [])
            recent.append(time_s)
            while recent[0] < time_s - 1:
                recent.pop(0)
            most = max(most, len(recent))
    return most


@settings(
    max_examples=TRIES,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),  # a shrunk walk says no more
    suppress_health_check=[HealthCheck.too_slow],
)
@given(
    seed=st.integers(0, 2**32 - 1),
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=4).filter(
        lambda kinds: kinds.count("DIN") <= 1
    ),
)
@example(seed=1, kinds=["keyboard", "drum machine", "synth"])
@example(seed=2, kinds=["stage piano", "drum machine"])
@example(seed=3, kinds=["keyboard", "echoing synth", "groovebox", "DIN"])
def test_a_random_walk_ends_in_silence(seed, kinds):
    walk(seed, kinds)
