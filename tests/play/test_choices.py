"""What is chosen live lands on lines, is told by the snapshot, and comes back in another stage."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import NOTE_ON
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.choices import Choices, read_choices
from lkjam_box.protocol.records import STEERED, Command, CommandId, ControlId, ControlSetting
from lkjam_box.stage.stage import Stage
from lkjam_box.tempo.external_clock import ExternalClock
from lkjam_box.turns.grid import line_up_number

from .world import DrumMachine, Parrot, small_library

OPTIONS = {"turns.preroll_bars": 1, "turns.turn_bars": 1, "brain.channel": 2, "thru.channel": 1}


def new_gig(bars=13, **options):
    config = override(Config(), {**OPTIONS, **options})
    gig = Gig(config, small_library(), ExternalClock(), lambda _: Parrot())
    drum = DrumMachine(gig)
    drum.start()
    drum.run(4 * bars, 120)
    return gig, drum


def line_up(*seats):
    return Command(CommandId.LINE_UP, line_up_number(seats))


def channels_by_bar(gig, drum, bars):
    """Which box channels struck a note in each bar after the count-in."""
    found = []
    for bar in range(1, bars):
        begin, end = drum.time_of(4 * bar) - 0.01, drum.time_of(4 * bar + 4) - 0.01
        found.append(
            {
                sent.message.channel
                for sent in gig.sent
                if begin <= sent.time_s < end and sent.message.kind == NOTE_ON
                if sent.output == "synth" and sent.message.channel in (1, 2, 3)
            }
        )
    return found


def test_a_seat_joins_on_the_line_with_its_own_channel_and_in_time():
    gig, drum = new_gig()
    gig.command(drum.time_of(9), line_up(0, 1, 2))  # in the box's first turn
    gig.run(drum.now_s)
    bars = channels_by_bar(gig, drum, 12)
    assert bars == [set(), {1}, {2}, set(), {1}, {2}, set(), {1}, {2}, set(), {1}]
    assert all(answer.on_time for answer in gig.answers)
    assert gig.stage.view.figures.fallbacks == 0


def test_two_turns_for_the_human():
    gig, drum = new_gig()
    gig.command(drum.time_of(5), line_up(0, 0, 1))
    gig.run(drum.now_s)
    assert channels_by_bar(gig, drum, 8) == [set(), set(), {1}, set(), set(), {1}, set()]


def test_a_change_just_before_the_line_is_in_time():
    gig, drum = new_gig()
    gig.command(drum.time_of(8) - 0.02, line_up(0, 2))
    gig.run(drum.now_s)
    assert channels_by_bar(gig, drum, 6) == [set(), {2}, set(), {2}, set()]


def test_the_offset_moves_the_box_from_now_on():
    gig, drum = new_gig()
    gig.command(drum.time_of(13), Command(CommandId.OUTPUT_OFFSET, -20.0))
    gig.run(drum.now_s)
    strikes = [s.time_s for s in gig.sent if s.message[0] == 0x91]
    assert min(abs(at - drum.time_of(8)) for at in strikes) < 0.001
    assert min(abs(at - (drum.time_of(16) - 0.02)) for at in strikes) < 0.001


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, 0, 1e9, 5.5])
def test_no_number_can_spoil_line_up_or_offset(value):
    gig, drum = new_gig(bars=4)
    gig.command(1.0, Command(CommandId.LINE_UP, value))
    gig.command(1.0, Command(CommandId.OUTPUT_OFFSET, value))
    gig.run(drum.now_s)
    chosen = read_choices(gig.stage.snapshot(gig.now_s).choices)
    assert chosen.line_up == ("human", "A")
    assert -50 <= chosen.offset_ms <= 50


REQUESTS = st.one_of(
    st.builds(Command, st.just(CommandId.PROGRESSION), st.integers(0, 3).map(float)),
    st.builds(Command, st.just(CommandId.KEY), st.integers(-11, 11).map(float)),
    st.builds(Command, st.just(CommandId.TURN_BARS), st.integers(0, 16).map(float)),
    st.builds(Command, st.just(CommandId.OUTPUT_OFFSET), st.floats(-60, 60)),
    st.lists(st.integers(0, 3), min_size=1, max_size=8).map(lambda seats: line_up(*seats)),
    st.builds(
        ControlSetting,
        st.sampled_from([STEERED, 1, 2, 3]),
        st.sampled_from([d.value for d in ControlId if d >= ControlId.STRATEGY]),
        st.floats(-3, 9),
    ),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(REQUESTS, max_size=15))
def test_another_stage_with_the_choices_is_the_same(requests):
    config = override(Config(), OPTIONS)

    def stage(choices=None):
        return Stage(
            config, small_library(), send=lambda *_: None, to_brain=lambda _: None,
            clock=ExternalClock(), choices=choices,
        )  # fmt: skip

    first = stage()
    for request in requests:
        (first.control if isinstance(request, ControlSetting) else first.command)(0.0, request)
    text = first.snapshot(0.0).choices
    assert len(text.encode()) <= 512  # of the snapshot
    chosen = read_choices(text)
    again = stage(chosen)
    assert read_choices(again.snapshot(0.0).choices) == chosen
    assert again.scheduler.grid.seats == first.scheduler.grid.seats
    assert again.scheduler.grid.tune == first.scheduler.grid.tune
    assert again.scheduler.grid.turn_bars == first.scheduler.grid.turn_bars


def test_choices_that_fit_nothing_leave_the_options():
    odd = Choices(progression="Gone", transpose=3, turn_bars=99, controls={"A": (9.0, -9.0)})
    stage = Stage(
        override(Config(), {"turns.turn_bars": 2}), small_library(), send=lambda *_: None,
        to_brain=lambda _: None, clock=ExternalClock(), choices=odd,
    )  # fmt: skip
    chosen = read_choices(stage.snapshot(0.0).choices)
    assert (chosen.progression, chosen.transpose, chosen.turn_bars) == ("Blues", 0, 16)
    assert chosen.controls == {"A": (4.0, 0.0, 0.0, 0.0, 0.0)}
    stage.wake(1.0)
