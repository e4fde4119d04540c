"""Whole gigs at default options, keyboard and box on one channel: no note of the answer wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    POLY_PRESSURE,
    PRESSURE,
    Message,
    control_change,
    note_off,
    note_on,
    voice,
)
from lkjam_box.music.note import Note
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.records import Command, CommandId
from lkjam_box.tempo.external_clock import ExternalClock
from tests.play.world import DrumMachine, Parrot, small_library

VELOCITY = 111  # of the box's notes; the player never strikes so
MIDDLE = (0, 64)
LOUDNESS = (2, 7, 11)
PEDALS = (64, 66, 67, 69)


class Loud(Parrot):
    """Answers two octaves up, so that no key is held by both."""

    def answer(self, question):
        for note in super().answer(question):
            yield Note(note.onset_beats, note.pitch + 24, VELOCITY, note.duration_beats)


@dataclass
class Synth:
    """Holds the controllers of each channel and says what they did to the box's notes."""

    wrong: list[tuple[float, str]] = field(default_factory=list)
    struck: int = 0
    channels: set[int] = field(default_factory=set)
    values: dict[tuple[int, int, int], tuple[int, ...]] = field(default_factory=dict)
    down: dict[tuple[int, int], bool] = field(default_factory=dict)  # key -> whether the box's

    def hear(self, time_s: float, message: Message) -> None:
        kind, channel = message.kind, message.channel
        if channel < 0:
            return
        key = channel, message[1]
        if kind == NOTE_ON:
            self.down[key] = message.velocity == VELOCITY
            if self.down[key]:
                self.struck += 1
                self.channels.add(channel)
        elif kind == NOTE_OFF:
            if self.down.pop(key, False):
                self._judge(time_s, channel, message[1], "ends")
        elif kind == CONTROL_CHANGE and message.number >= 120:
            if any(box and k[0] == channel for k, box in self.down.items()):
                self.wrong.append((time_s, "cut"))
            self.down = {k: box for k, box in self.down.items() if k[0] != channel}
        elif kind in (PITCH_BEND, PRESSURE):
            self.values[channel, kind, 0] = tuple(message[1:])
        else:
            self.values[channel, kind, message[1]] = (message[2],)
        for (there, pitch), box in self.down.items():
            if box and there == channel:
                self._judge(time_s, channel, pitch, "sounds")

    def _judge(self, time_s: float, channel: int, pitch: int, when: str) -> None:
        def value(number: int, otherwise: int = 0) -> int:
            return self.values.get((channel, CONTROL_CHANGE, number), (otherwise,))[0]

        found = {
            "bent": self.values.get((channel, PITCH_BEND, 0), MIDDLE) != MIDDLE,
            "silent": any(value(n, 100) < 16 for n in LOUDNESS),
            "faded": value(11, 127) < 127,
            "blurred": any(value(n) for n in PEDALS),
            "coloured": bool(value(1))
            or self.values.get((channel, PRESSURE, 0), (0,)) != (0,)
            or self.values.get((channel, POLY_PRESSURE, pitch), (0,)) != (0,),
        }
        self.wrong += [(time_s, f"{word} as it {when}") for word, holds in found.items() if holds]


def new_gig(**changes) -> Gig:
    config = override(Config(), changes) if changes else Config()
    return Gig(config, small_library(), ExternalClock(), lambda _: Loud())


def listen(gig: Gig) -> Synth:
    synth = Synth()
    for sent in gig.sent:
        if sent.output == "synth":
            synth.hear(sent.time_s, sent.message)
    return synth


def rolling(beats: float = 53, **changes) -> tuple[Gig, DrumMachine]:
    """A drum machine at 120: the count-in, then turns of 8 beats, mine from beat 4."""
    gig = new_gig(**changes)
    drum = DrumMachine(gig)
    drum.start()
    drum.run(beats, 120)
    return gig, drum


def phrase(gig: Gig, drum: DrumMachine, first: int, last: int, channel: int = 0) -> None:
    for beat in range(first, last):
        gig.key(drum.time_of(beat), note_on(channel, 60 + beat % 12, 90))
        gig.key(drum.time_of(beat + 0.5), note_off(channel, 60 + beat % 12))


LINES = (12, 28, 44)  # where the box begins


@pytest.mark.parametrize("number", LOUDNESS)
@pytest.mark.parametrize("falls_beats", [-1.0, -0.25, 0.0, 0.25])
def test_a_breath_that_falls_to_0_does_not_mute_the_answer(number, falls_beats):
    gig, drum = rolling()
    for line in LINES:
        phrase(gig, drum, line - 7, line - 1)
        for step, value in enumerate((5, 60, 104, 80, 30, 8, 0)):
            for beat in range(line - 7, line - 1):
                gig.key(drum.time_of(beat) + 0.02 * step, control_change(0, number, value))
        for step in range(9):  # the last breath
            at_s = drum.time_of(line + falls_beats) + step * 0.004
            gig.key(at_s, control_change(0, number, max(96 - 12 * step, 0)))
    gig.run(drum.now_s)
    synth = listen(gig)
    assert synth.struck > 40
    assert synth.wrong == []
    answered = [s.message for s in gig.sent if s.message[:2] == bytes((0xB0, number))]
    assert max(message.value for message in answered) >= 104  # as loud as he played
    assert answered[-1].value == 0  # and it is as he has it when he plays again


@pytest.mark.parametrize("volume", [20, 80, 127])
def test_a_volume_that_was_set_is_the_boxs_too(volume):
    gig, drum = rolling()
    gig.key(0.05, control_change(0, 7, volume))
    phrase(gig, drum, 4, 12)
    gig.run(drum.now_s)
    assert [s.message.value for s in gig.sent if s.message[:2] == b"\xb0\x07"] == [volume]


@pytest.mark.parametrize("offset_ms", [0.0, -30.0, 30.0])
def test_what_is_held_over_the_line_is_neutral_for_the_box_and_given_back(offset_ms):
    gig, drum = rolling(**{"clock.output_offset_ms": offset_ms})
    held = [
        voice(PITCH_BEND, 0, 5, 90),
        voice(PRESSURE, 0, 70),
        *(control_change(0, number, 100) for number in (1, 64, 66, 67, 69)),
        control_change(0, 11, 50),
    ]
    phrase(gig, drum, 4, 11)
    gig.key(drum.time_of(11), note_on(0, 72, 90))
    for message in held:
        gig.key(drum.time_of(11.5), message)
    gig.key(drum.time_of(20.5), note_off(0, 72))
    gig.run(drum.time_of(21))
    synth = listen(gig)
    assert synth.struck > 10
    assert synth.wrong == []
    given = [s.message for s in gig.sent if s.time_s >= drum.time_of(20) - 0.031]
    assert set(held) <= set(given)


def test_what_moves_while_the_box_plays_waits_for_the_human():
    gig, drum = rolling()
    phrase(gig, drum, 4, 12)
    for step in range(100):
        gig.key(drum.time_of(12.5) + step / 50, voice(PITCH_BEND, 0, 0, step))
        gig.key(drum.time_of(12.5) + step / 50, control_change(0, 64, 127 * (step % 2)))
    gig.run(drum.time_of(22))
    assert listen(gig).wrong == []
    bends = [s for s in gig.sent if s.message.kind == PITCH_BEND]
    assert [s.message for s in bends] == [voice(PITCH_BEND, 0, 0, 99)]
    assert bends[0].time_s == pytest.approx(drum.time_of(20), abs=0.001)


@pytest.mark.parametrize("changes", [{"brain.channel": 2}, {"thru.channel": 5}])
def test_on_two_channels_nothing_is_touched(changes):
    gig, drum = rolling(**changes)
    phrase(gig, drum, 4, 12)
    moves = [voice(PITCH_BEND, 0, 0, 90), control_change(0, 64, 127), control_change(0, 2, 0)]
    for number, message in enumerate(moves):
        gig.key(drum.time_of(11) + 0.1 * number, message)
    gig.run(drum.now_s)
    channel = changes.get("thru.channel", 1) - 1
    sent = [s.message for s in gig.sent if s.message.kind not in (NOTE_ON, NOTE_OFF)]
    assert sent == [voice(m.kind, channel, *m[1:]) for m in moves]


@pytest.mark.parametrize("number", [120, 123, 124, 127])
def test_a_mode_message_never_cuts_the_box(number):
    gig, drum = rolling()
    for beat in range(4, 44):
        gig.key(drum.time_of(beat), note_on(0, 60, 90))
        gig.key(drum.time_of(beat) + 0.1, control_change(0, number, 0))
    gig.run(drum.now_s)
    synth = listen(gig)
    assert synth.struck > 40
    assert synth.wrong == []
    assert not [s for s in gig.sent if s.message.kind == CONTROL_CHANGE]
    ups = [s.time_s for s in gig.sent if s.message == note_off(0, 60)]
    assert sum(any(abs(drum.time_of(b) + 0.1 - t) < 1e-6 for t in ups) for b in range(4, 12)) == 8


def moves(dice: Random) -> Message:
    kind = dice.randrange(8)
    if kind == 0:
        return voice(PITCH_BEND, 0, dice.randrange(128), dice.randrange(128))
    if kind == 1:
        return voice(PRESSURE, 0, dice.randrange(128))
    if kind == 2:
        return voice(POLY_PRESSURE, 0, dice.randrange(55, 75), dice.randrange(128))
    if kind == 3:
        return control_change(0, dice.choice((120, 121, 123, 127)), 0)
    if kind == 4:
        return control_change(0, dice.choice(LOUDNESS), dice.choice((0, 0, 127)))
    return control_change(0, dice.choice((1, 33, *LOUDNESS, *PEDALS)), dice.randrange(128))


COMMANDS = st.sampled_from(
    [CommandId.HAND_OVER, CommandId.LINE_HERE, CommandId.START_STOP, CommandId.RESET]
)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    offset_ms=st.sampled_from([0.0, 20.0, -20.0]),
    line_up=st.sampled_from([("human", "A"), ("human", "A", "B"), ("A", "human", "A")]),
    bpms=st.tuples(st.floats(60, 240), st.floats(60, 240)),
    ahead_s=st.sampled_from([0.0, 0.002, 0.02]),
    commands=st.lists(st.tuples(st.floats(0.1, 15), COMMANDS), max_size=3),
    dies_s=st.sampled_from([None, 5.0]),
)
def test_whatever_the_human_moves_and_whenever(
    seed, offset_ms, line_up, bpms, ahead_s, commands, dies_s
):
    gig = new_gig(**{"clock.output_offset_ms": offset_ms, "turns.line_up": list(line_up)})
    gig.ahead_s, dice = ahead_s, Random(seed)
    drum = DrumMachine(gig, late_s=lambda: dice.uniform(0, 0.001))
    drum.start()
    drum.run(44, *bpms)
    now_s = 0.05
    while now_s < drum.now_s:
        if dice.random() < 0.4:
            pitch = dice.randrange(55, 75)
            gig.key(now_s, note_on(0, pitch, dice.randrange(1, 101)))
            gig.key(now_s + dice.uniform(0.02, 0.9), note_off(0, pitch))
        else:
            gig.key(now_s, moves(dice))
        now_s += dice.expovariate(20)
    for at_s, command in commands:
        gig.command(at_s, Command(command))
    if dies_s is not None:
        gig.at(dies_s, lambda: gig.stage.brain_lost(gig.now_s))
    gig.run(drum.now_s)
    assert listen(gig).wrong == []
    gig.stage.close(gig.now_s)
    synth = listen(gig)
    assert gig.sounding() == []
    assert not [v for (_, k, _), v in synth.values.items() if k == PITCH_BEND and v != MIDDLE]
    assert not [n for (_, k, n), v in synth.values.items() if n in PEDALS and v != (0,)]


@pytest.mark.parametrize("panic", [True, False])
def test_panic_and_a_lost_keyboard_make_neutral_what_was_moved(panic):
    gig, _ = rolling(16)
    gig.stage.set_ports(0.0, "Keys", "Drums", "Synth")
    for channel in (0, 4):
        gig.key(0.2, voice(PITCH_BEND, channel, 0, 90))
        gig.key(0.2, control_change(channel, 1, 90))
        gig.key(0.2, control_change(channel, 2, 0))
    if panic:
        gig.command(0.5, Command(CommandId.PANIC))
    else:
        gig.at(0.5, lambda: gig.stage.set_ports(gig.now_s, "", "Drums", "Synth"))
    gig.run(0.6)
    values = listen(gig).values
    for channel in (0, 4):
        assert values[channel, PITCH_BEND, 0] == MIDDLE
        assert values[channel, CONTROL_CHANGE, 1] == (0,)
        assert values[channel, CONTROL_CHANGE, 2] == (127,)


# --- MPE


def mpe_notes(gig: Gig, drum: DrumMachine, channels: list[int], first: int, last: int) -> None:
    for number, beat in enumerate(range(first, last)):
        channel, at_s = channels[number % len(channels)], drum.time_of(beat)
        gig.key(at_s, voice(PITCH_BEND, channel, 0, 60))
        gig.key(at_s, voice(PRESSURE, channel, 40))
        gig.key(at_s, control_change(channel, 74, 80))
        gig.key(at_s, note_on(channel, 60 + number % 12, 90))
        gig.key(at_s + 0.2, voice(PITCH_BEND, channel, 0, 70))
        gig.key(at_s + 0.4, note_off(channel, 60 + number % 12, 20))


def configured(gig: Gig, at_s: float, master: int, members: int) -> list[Message]:
    messages = [control_change(master, n, v) for n, v in ((101, 0), (100, 6), (6, members))]
    for message in messages:
        gig.key(at_s, message)
    return messages


def struck_on(gig: Gig, velocity: int | None = None) -> set[int]:
    return {
        s.message.channel
        for s in gig.sent
        if s.message.kind == NOTE_ON and velocity in (None, s.message.velocity)
    }


@pytest.mark.parametrize("line_up", [["human", "A"], ["human", "A", "B", "C"]])
@pytest.mark.parametrize(
    ("master", "members", "outside"),
    [
        (0, 7, set(range(8, 16))),
        (15, 7, set(range(8))),
        (0, 14, {15}),
        (0, 15, {0}),
        (15, 15, {15}),
    ],
)
def test_box_and_click_stay_outside_an_mpe_zone_and_all_passes(master, members, outside, line_up):
    gig, drum = rolling(**{"metronome.when": "always", "turns.line_up": line_up})
    told = configured(gig, 0.02, master, members)
    near = [c for c in range(16) if 0 < abs(c - master) <= members]
    mpe_notes(gig, drum, near, 4, 50)
    gig.run(drum.now_s)
    synth = listen(gig)
    assert synth.struck > 20
    assert synth.wrong == []
    assert synth.channels <= outside
    assert struck_on(gig) - set(near) <= outside
    passed = [s.message for s in gig.sent]
    assert [m for m in passed if m[0] == 0xB0 | master][:3] == told
    shapes = [m for m in passed if m.kind in (PITCH_BEND, PRESSURE)]
    assert len(shapes) == 3 * 46
    assert {m.value for m in passed if m.kind == NOTE_OFF and m.channel in near} == {20}


def test_a_zone_nobody_told_of_is_seen_and_the_click_leaves_it_on_a_line():
    gig, drum = rolling(**{"metronome.when": "always"})
    mpe_notes(gig, drum, list(range(1, 16)), 5, 50)
    gig.run(drum.now_s)
    assert listen(gig).channels == {0, 15}  # beside what it had shown by then, then on its master
    clicks = [s for s in gig.sent if s.message.kind == NOTE_ON and s.message.pitch in (76, 77)]
    assert {s.message.channel for s in clicks if s.time_s < drum.time_of(12) - 0.01} == {9}
    assert {s.message.channel for s in clicks if s.time_s > drum.time_of(20) - 0.01} == {0}


def test_a_zone_told_in_mid_answer_moves_the_next_one():
    gig, drum = rolling()
    phrase(gig, drum, 4, 12, channel=3)
    at_s = drum.time_of(14.2)
    configured(gig, at_s, 0, 7)
    gig.run(drum.now_s)
    first = next(record.turn for record in gig.turns if record.turn.seat)
    for sent in gig.sent:
        if sent.message.kind == NOTE_ON and sent.message.velocity == VELOCITY:
            early = sent.time_s < drum.time_of(first.end_beats)
            assert sent.message.channel == (0 if early else 15)
