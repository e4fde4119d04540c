"""What the human's side tells the brain is what it keeps as the call, whatever is played."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.brain.brain import Brain
from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import note_off, note_on
from lkjam_box.music.library import Libraries
from lkjam_box.protocol.engine import Role
from lkjam_box.protocol.records import BrainReady, EngineId, Prepare, Turn, TurnBegan
from lkjam_box.stage.channel_guard import ChannelGuard
from lkjam_box.stage.human import Human
from lkjam_box.stage.ledger import Ledger
from lkjam_box.stage.mpe import Zones
from lkjam_box.stage.view import View
from tests.play.world import Parrot, small_library

CALL = Turn(1, 0, 0, 0, 0, 0, 4.0, 20.0, 4.0, 120.0)
ANSWER = Turn(2, 1, 1, 0, 0, 0, 20.0, 36.0, 4.0, 120.0)


class Pair:
    """A human's side, and the brain it tells."""

    def __init__(self, **changes: object) -> None:
        config = override(Config(), changes) if changes else Config()
        self.parrot = Parrot()
        self.brain = Brain(config, Libraries(small_library()), lambda _: self.parrot, seed=1)
        self.sent: list[bytes] = []
        self.human = Human(
            config,
            ledger=Ledger(),
            guard=ChannelGuard(),
            zones=Zones(),
            view=View(wants_model=False),
            send=self.sent.append,
            to_brain=self.brain.handle,
        )

    def play(self, keys, until_s: float = 8.0):
        """Play (seconds after the line, seconds, pitch, velocity); returns the call."""
        moves = [(on, 1, pitch, velocity) for on, _, pitch, velocity in keys]
        moves += [(on + length, 0, pitch, 0) for on, length, pitch, _ in keys]
        self.brain.handle(TurnBegan(CALL))
        self.human.begin(CALL)
        for at_s, down, pitch, velocity in sorted(moves):
            if at_s < until_s:
                message = note_on(0, pitch, velocity) if down else note_off(0, pitch)
                self.human.message(2 + at_s, 4 + 2 * at_s, message)
        self.brain.handle(Prepare(ANSWER))
        list(self.brain.think())
        known = self.human.count
        call = self.human.end(4 + 2 * until_s)
        assert self.human.count == known
        return call


def random_keys(seed: int, count: int = 60):
    rng, at_s, keys = Random(seed), 0.0, []
    for _ in range(count):
        pitch = rng.choice((rng.randrange(36, 60), rng.randrange(60, 90)))
        keys.append((at_s, rng.uniform(0.02, 1.0), pitch, rng.randrange(1, 128)))
        at_s += rng.choice((0.0, 0.005, 0.03, 0.1, 0.3))
    return keys


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_the_engines_hear_the_call(seed):
    pair = Pair()
    call = pair.play(random_keys(seed))
    pair.brain.handle(TurnBegan(ANSWER))
    heard = [note for note, _, role in pair.parrot.memory if role is Role.HUMAN]
    assert [(n.pitch, n.velocity) for n in heard] == [(n.pitch, n.velocity) for n in call]
    for note, known in zip(heard, call, strict=True):
        assert note.onset_beats == known.onset_beats
        assert note.duration_beats == pytest.approx(known.duration_beats, abs=1 / 40)


@given(st.integers(0, 10**6), st.integers(1, 59))
def test_a_brain_that_comes_up_late_hears_it_too(seed, when):
    pair = Pair()
    late = Brain(Config(), Libraries(small_library()), lambda _: Parrot(), seed=1)
    pair.play(random_keys(seed)[:when])
    pair.human.begin(CALL)
    for number, (at_s, _, pitch, velocity) in enumerate(random_keys(seed)):
        if number == when:
            pair.human._to_brain = late.handle
            pair.human.retell(CALL)
        pair.human.message(20 + at_s, 5 + at_s, note_on(0, pitch, velocity))
    assert [n.pitch for n in late._call.notes] == [n.pitch for n in pair.human.call]
    late.handle(Prepare(ANSWER))
    assert list(late.think())[-1].heard == pair.human.count
    assert late.ready() == BrainReady(EngineId.GRU, 0)


def test_all_of_it_sounds():
    pair = Pair(**{"listen.low": 60, "listen.least_velocity": 30})
    keys = [(0.0, 0.5, 40, 90), (0.5, 0.5, 72, 90), (1.0, 0.5, 74, 20)]
    assert [note.pitch for note in pair.play(keys)] == [72]
    assert [message[1] for message in pair.sent if message[0] == 0x90] == [40, 72, 74]
    assert [note.pitch for note in pair.human.comping] == [40]


def test_the_left_hand_is_kept_beside_the_call():
    pair = Pair()
    right = [(i * 0.25, 0.2, 72 + i % 5, 90) for i in range(16)]
    left = [(i + 0.03, 0.5, pitch, 70) for i in range(4) for pitch in (48, 52, 58)]
    assert [note.pitch for note in pair.play([*right, *left])] == [key[2] for key in right]
    comping = pair.human.comping
    assert [(n.pitch, n.velocity) for n in comping] == [(key[2], 70) for key in left]
    assert [n.onset_beats for n in comping] == pytest.approx([4 + 2 * key[0] for key in left])
    assert [n.duration_beats for n in comping] == pytest.approx([1.0] * 12)
