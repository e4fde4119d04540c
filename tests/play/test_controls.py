"""Controls in virtual time: they land on the line, and never touch an answer that sounds."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import CONTROL_CHANGE, NOTE_ON, PROGRAM, control_change, note_on, voice
from lkjam_box.music.note import Note
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.controls import CHOICES
from lkjam_box.protocol.engine import ControlValues, Strategy, Style
from lkjam_box.protocol.records import (
    STEERED,
    Command,
    CommandId,
    ControlId,
    ControlSetting,
    EngineId,
    Prepare,
    TurnBegan,
)
from lkjam_box.tempo.external_clock import ExternalClock
from tests.play.world import DrumMachine, Parrot, small_library

FIVE = dict(zip(("strategy", "style", "density", "register", "heat"), range(16, 21), strict=True))
CONFIG = override(
    Config(),
    {"brain.channel": 2, "thru.channel": 1}
    | {f"controls.{name}": str(number) for name, number in FIVE.items()},
)
BOX = CONFIG.brain.channel - 1
STRATEGY_CC, DENSITY_CC, HEAT_CC = 16, 18, 20
FIRST = 12.0  # the box's first line; a turn has 8 beats


class Teller(Parrot):
    """Says with its notes how it was asked to play: pitch the strategy, velocity the density."""

    def answer(self, question):
        scene = question.scene
        onset = scene.start_beats
        while onset < scene.end_beats:
            yield Note(onset, 60 + scene.strategy, 50 + scene.density, 0.5)
            onset += 0.5


def new_gig(**changes) -> tuple[Gig, DrumMachine]:
    config = override(CONFIG, changes) if changes else CONFIG
    gig = Gig(config, small_library(), ExternalClock(), lambda _: Teller())
    drum = DrumMachine(gig)
    drum.start()
    drum.run(4 + 8 * 6 + 1, 120)
    return gig, drum


def cc(strategy: Strategy) -> bytes:
    """The middle of its part of the controller's range."""
    return control_change(0, STRATEGY_CC, int((strategy + 0.5) * 128 / len(Strategy)))


def strategies_heard(gig: Gig, drum: DrumMachine) -> list[set[Strategy]]:
    """What the notes on the wire say, for each turn of the box."""
    heard = []
    for line in range(3):
        begin, end = (drum.time_of(FIRST + 16 * line + beats) for beats in (0, 8))
        heard.append(
            {
                Strategy(sent.message.pitch - 60)
                for sent in gig.sent
                if begin - 0.02 <= sent.time_s < end - 0.02
                and (sent.message.kind, sent.message.channel) == (NOTE_ON, BOX)
            }
        )
    return heard


FREE, IMITATION, CONTRAST = ({s} for s in (Strategy.FREE, Strategy.IMITATION, Strategy.CONTRAST))


def test_a_controller_in_the_call_changes_the_answer():
    gig, drum = new_gig()
    gig.key(drum.time_of(8), cc(Strategy.IMITATION))
    gig.run(drum.now_s)
    assert strategies_heard(gig, drum) == [IMITATION] * 3


def test_a_controller_in_the_answer_changes_the_next_one_and_not_this_one():
    gig, drum = new_gig()
    gig.key(drum.time_of(14), cc(Strategy.IMITATION))
    gig.run(drum.now_s)
    assert strategies_heard(gig, drum) == [FREE, IMITATION, IMITATION]


@pytest.mark.parametrize("before_ms", [100.0, 20.0, 1.0])
def test_a_change_just_before_the_line_still_lands_in_time(before_ms):
    gig, drum = new_gig()
    gig.key(drum.time_of(12) - before_ms / 1000, cc(Strategy.CONTRAST))
    gig.run(drum.now_s)
    assert strategies_heard(gig, drum) == [CONTRAST] * 3
    assert all(answer.on_time and answer.engine is EngineId.GRU for answer in gig.answers)


@pytest.mark.parametrize("after_ms", [0.1, 1.0, 100.0])
def test_a_change_after_the_line_waits_for_the_next(after_ms):
    gig, drum = new_gig()
    gig.key(drum.time_of(12) + after_ms / 1000, cc(Strategy.CONTRAST))
    gig.run(drum.now_s)
    assert strategies_heard(gig, drum) == [FREE, CONTRAST, CONTRAST]


def test_a_line_that_nobody_woke_for_yet_is_past():
    """The stage's loop takes messages in before it does what is due."""
    gig, drum = new_gig()
    late_s = drum.time_of(12) + 0.003
    gig.run(drum.time_of(12) - 0.001)
    gig.stage.midi(late_s, "keyboard", cc(Strategy.CONTRAST))
    gig.run(drum.now_s)
    assert strategies_heard(gig, drum) == [FREE, CONTRAST, CONTRAST]


def test_an_answer_that_sounds_before_its_line_is_left_alone():
    gig, drum = new_gig(**{"clock.output_offset_ms": -12.0})
    gig.key(drum.time_of(12) - 0.005, cc(Strategy.CONTRAST))
    gig.run(drum.time_of(12.1))
    assert gig.stage.snapshot(gig.now_s).strategy == Strategy.FREE
    gig.run(drum.now_s)
    assert strategies_heard(gig, drum) == [FREE, CONTRAST, CONTRAST]
    assert all(answer.on_time for answer in gig.answers)


def test_turning_within_a_choice_asks_nothing_anew():
    gig, drum = new_gig()
    for step in range(10):
        gig.key(drum.time_of(12) - 0.05 + step / 1000, control_change(0, STRATEGY_CC, step))
    gig.run(drum.time_of(13))
    assert sum(isinstance(record, Prepare) for _, record in gig.told) == 1


def test_a_new_brain_and_a_new_set_keep_the_controls():
    gig, drum = new_gig()
    gig.key(drum.time_of(8), cc(Strategy.IMITATION))
    gig.kill_brain_at(drum.time_of(13))
    gig.new_brain_at(drum.time_of(20))
    gig.run(drum.time_of(22))
    seat = gig.brain._seats[1]
    assert seat.controls.strategy is Strategy.IMITATION  # told at once, not only when asked
    gig.command(drum.time_of(38), Command(CommandId.RESET))
    gig.run(drum.now_s)
    assert strategies_heard(gig, drum)[1] == IMITATION
    assert {answer.controls.strategy for answer in gig.answers} == IMITATION
    assert gig.stage.snapshot(gig.now_s).strategy == Strategy.IMITATION


def test_a_chosen_engine_is_told_to_a_new_brain_but_not_to_one_whose_model_gave_up():
    gig, _ = new_gig()
    gig.at(
        1.0, lambda: gig.stage.control(gig.now_s, ControlSetting(1, ControlId.ENGINE, EngineId.GRU))
    )
    gig.at(2.0, lambda: gig.stage.record(gig.now_s, gig.brain.ready()))
    gig.kill_brain_at(3.0)
    gig.new_brain_at(4.0)
    gig.run(5.0)
    asked = [
        at_s
        for at_s, r in gig.told
        if isinstance(r, ControlSetting) and r.which == ControlId.ENGINE
    ]
    assert asked == pytest.approx([1.0, 4.0], abs=0.001)


def test_the_stages_own_engine_plays_by_the_same_controls():
    gig, drum = new_gig(**{"brain.low": 48, "brain.high": 60})
    gig.kill_brain_at(0.0)
    gig.at(
        drum.time_of(5),
        lambda: gig.stage.control(gig.now_s, ControlSetting(STEERED, ControlId.REGISTER, 3.0)),
    )
    gig.run(drum.now_s)
    pitches = [
        s.message.pitch for s in gig.sent if (s.message.kind, s.message.channel) == (NOTE_ON, BOX)
    ]
    assert pitches
    assert min(pitches) >= 48 + 3 * 4
    assert max(pitches) <= 60 + 3 * 4


def test_our_controllers_are_not_passed_on_and_others_are():
    gig, drum = new_gig(**{"controls.program": "style"})
    ours = [control_change(0, number, 127) for number in (16, 17, 18, 19, 20)]
    ours += [voice(PROGRAM, 0, 3), voice(PROGRAM, 0, 99)]
    others = [
        control_change(0, 1, 70),
        control_change(0, 7, 71),
        control_change(0, 64, 0),
        control_change(0, 21, 9),
    ]
    for index, message in enumerate(ours + others):
        gig.key(drum.time_of(6) + index / 1000, message)
    gig.run(drum.time_of(7))
    passed = [s.message for s in gig.sent if s.message.kind in (CONTROL_CHANGE, PROGRAM)]
    assert passed == others
    assert gig.stage.snapshot(gig.now_s).next_style == Style.BEBOP


def test_on_one_channel_only_and_off():
    gig, drum = new_gig(**{"controls.channel": 3, "controls.heat": "off"})
    messages = [control_change(0, 16, 127), control_change(2, 20, 127), control_change(2, 16, 127)]
    for message in messages:
        gig.key(drum.time_of(6), message)
    gig.run(drum.time_of(7))
    passed = [s.message[1:] for s in gig.sent if s.message.kind == CONTROL_CHANGE]
    assert passed == [message[1:] for message in messages[:2]]
    assert gig.stage.snapshot(gig.now_s).next_strategy == Strategy.CONTRAST


@pytest.mark.parametrize(
    ("seat", "wanted"),
    [
        ("all", (Strategy.CONTRAST, Strategy.CONTRAST)),
        ("B", (Strategy.FREE, Strategy.CONTRAST)),
        ("each", (Strategy.FREE, Strategy.CONTRAST)),
    ],
)
def test_seats_are_steered_together_or_apart(seat, wanted):
    line_up = {"turns.line_up": ("human", "A", "B"), "controls.seat": seat}
    gig, drum = new_gig(**line_up)
    gig.key(drum.time_of(6), control_change(1, STRATEGY_CC, 127))  # channel 2
    gig.run(drum.time_of(29))
    assert tuple(answer.controls.strategy for answer in gig.answers) == wanted


def test_the_snapshot_tells_what_waits_from_what_counts():
    gig, drum = new_gig()
    gig.at(
        drum.time_of(6),
        lambda: gig.stage.control(gig.now_s, ControlSetting(1, ControlId.HEAT, 0.5)),
    )
    gig.run(drum.time_of(11))
    shown = gig.stage.snapshot(gig.now_s)
    assert (shown.heat, shown.next_heat, shown.control, shown.control_serial) == (
        0,
        0.5,
        ControlId.HEAT,
        1,
    )
    gig.run(drum.time_of(12.5))
    shown = gig.stage.snapshot(gig.now_s)
    assert (shown.heat, shown.next_heat, shown.controls_seat) == (0.5, 0.5, 1)


def test_while_nothing_plays_a_change_counts_at_once():
    gig = Gig(CONFIG, small_library(), ExternalClock(), lambda _: Teller())
    gig.key(0.5, cc(Strategy.INVERSION))
    gig.run(1.0)
    assert gig.stage.snapshot(1.0).strategy == Strategy.INVERSION


def test_the_seat_turned_last_is_shown_until_the_line():
    gig, drum = new_gig(**{"turns.line_up": ("human", "A", "B")})
    gig.at(
        drum.time_of(6),
        lambda: gig.stage.control(gig.now_s, ControlSetting(2, ControlId.DENSITY, 4)),
    )
    gig.run(drum.time_of(11))
    assert gig.stage.snapshot(gig.now_s).controls_seat == 2
    gig.run(drum.time_of(13))
    assert gig.stage.snapshot(gig.now_s).controls_seat == 1


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0.0, 44.0), st.integers(0, 127), st.integers(0, 127)), max_size=60
    ),
    st.integers(0, 15),
)
def test_no_controller_value_can_spoil_a_gig(messages, channel):
    gig, drum = new_gig()
    for beat, number, value in messages:
        gig.key(drum.time_of(0) + beat / 2, control_change(channel, number, value))
    gig.key(drum.time_of(9), note_on(0, 62, 80))
    gig.run(drum.now_s)
    assert [len(heard) for heard in strategies_heard(gig, drum)] == [1, 1, 1]
    for answer in gig.answers:
        for control, choices in CHOICES.items():
            assert getattr(answer.controls, control.name.lower()) in choices


@given(
    st.lists(
        st.tuples(st.integers(0, 255), st.integers(0, 255), st.floats(width=64), st.booleans()),
        max_size=20,
    )
)
@settings(max_examples=60, deadline=None)
def test_no_control_record_can_spoil_the_stage(records):
    gig = Gig(CONFIG, small_library(), ExternalClock(), lambda _: Teller())
    for seat, control, value, relative in records:
        gig.stage.control(0.0, ControlSetting(seat, control, value, relative))
        gig.brain.handle(ControlSetting(seat, control, value))
    controls = gig.stage._seat_controls.pending(1)
    low, high = controls.window
    assert 0 <= low < high <= 127
    gig.stage.snapshot(0.0)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(4.0, 50.0), st.sampled_from(Strategy), st.integers(0, 5)), max_size=12
    )
)
def test_what_counts_at_a_line_is_what_was_asked_for_last_before_it(changes):
    gig, drum = new_gig()
    # Two changes at one time have an order only by chance; the list's counts here.
    changes = sorted(changes, key=lambda change: change[0])
    asked = [(drum.time_of(0) + beat / 2, strategy, density) for beat, strategy, density in changes]
    for time_s, strategy, density in asked:
        gig.key(time_s, cc(strategy))
        gig.key(time_s, control_change(0, DENSITY_CC, int((density + 0.5) * 128 / 6)))
    gig.run(drum.now_s)
    lines = [at_s for at_s, r in gig.told if isinstance(r, TurnBegan) and r.turn.seat]
    assert len(lines) == len(gig.answers) == 3
    for line_s, answer in zip(lines, gig.answers, strict=True):
        before = [change for change in asked if change[0] < line_s - 1e-9] or [(0, 0, 0)]
        assert (answer.controls.strategy, answer.controls.density) == before[-1][1:]
        played = {(n.pitch - 60, n.velocity - 50) for n in answer.notes}
        assert played == {before[-1][1:]}
        assert answer.on_time
    for (_, early), (_, late) in pairwise([(t, r) for t, r in gig.told if isinstance(r, Prepare)]):
        assert early.turn.serial <= late.turn.serial


def test_the_options_are_where_the_controls_begin():
    gig, _ = new_gig(**{"brain.strategy": "inversion", "brain.style": "cool", "brain.heat": -0.5})
    controls = gig.stage._seat_controls.in_force(1)
    assert controls == ControlValues(strategy=Strategy.INVERSION, style=Style.COOL, heat=-0.5)
