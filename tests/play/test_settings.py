"""Settings in virtual time: they land on the line, are told by the snapshot, outlive a stage."""

import pytest

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import CONTROL_CHANGE, NOTE_ON, control_change, note_off, note_on
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.choices import read_choices
from lkjam_box.protocol.records import Command, CommandId, ControlId, Setting, SettingId
from lkjam_box.protocol.shared_state import Mode
from lkjam_box.stage.playhead import TEST_CLICK_S
from lkjam_box.stage.stage import Stage
from lkjam_box.stage.view import HEARD_S
from lkjam_box.tempo.external_clock import ExternalClock

from .world import DrumMachine, Parrot, small_library

CLICK_CHANNEL = Config().metronome.channel - 1
FIRST = 12.0  # the box's first line; a turn has 8 beats


def new_gig(bars=13, start=True, **options):
    gig = Gig(override(Config(), options), small_library(), ExternalClock(), lambda _: Parrot())
    drum = DrumMachine(gig)
    if start:
        drum.start()
    drum.run(4 * bars, 120)
    return gig, drum


def ask(gig, time_s, which, value):
    gig.at(time_s, lambda: gig.stage.setting(gig.now_s, Setting(which, value)))


def struck(gig, channel, begin_s=0.0, end_s=1e9):
    return [
        sent.time_s
        for sent in gig.sent
        if (sent.message.kind, sent.message.channel) == (NOTE_ON, channel)
        and begin_s <= sent.time_s < end_s
    ]


def test_the_box_changes_its_channel_on_the_line_and_ends_its_notes():
    gig, drum = new_gig()
    ask(gig, drum.time_of(FIRST + 3), SettingId.BOX_CHANNEL, 7)
    ask(gig, drum.time_of(FIRST + 3), SettingId.CLICK, 2)  # always
    gig.run(drum.now_s)
    line_s = drum.time_of(FIRST + 8)
    assert struck(gig, 0, line_s) == []
    assert struck(gig, 6, 0.0, line_s) == []
    assert len(struck(gig, 6)) == 32
    assert struck(gig, CLICK_CHANNEL, drum.time_of(5), line_s - 0.001) == []
    assert len(struck(gig, CLICK_CHANNEL, line_s - 0.001)) >= 31
    gig.stage.close(gig.now_s)
    assert gig.sounding() == []


def test_an_answer_that_sounds_before_its_line_stays_on_its_channel():
    gig, drum = new_gig(**{"clock.output_offset_ms": -40.0})
    ask(gig, drum.time_of(FIRST) - 0.03, SettingId.BOX_CHANNEL, 7)
    gig.run(drum.now_s)
    assert struck(gig, 6, 0.0, drum.time_of(FIRST + 8)) == []
    assert struck(gig, 6, drum.time_of(FIRST + 8))


def test_the_channel_of_thru_changes_on_the_line_and_keys_and_pedals_held_there_are_let_go():
    gig, drum = new_gig()
    for message in (control_change(0, 64, 127), note_on(0, 60, 80)):
        gig.key(drum.time_of(6), message)
    ask(gig, drum.time_of(6.5), SettingId.THRU_CHANNEL, 3)
    gig.key(drum.time_of(FIRST + 1), note_off(0, 60))
    gig.key(drum.time_of(FIRST + 2), note_on(0, 62, 80))
    gig.key(drum.time_of(FIRST + 3), note_off(0, 62))
    gig.run(drum.now_s)
    pedals = [(s.time_s, s.message) for s in gig.sent if s.message.kind == CONTROL_CHANGE]
    assert [message for _, message in pedals] == [
        control_change(0, 64, 127),
        control_change(0, 64, 0),
    ]
    assert abs(pedals[1][0] - drum.time_of(FIRST)) < 0.01
    assert note_on(2, 62, 80) in [s.message for s in gig.sent]
    gig.stage.close(gig.now_s)
    assert gig.sounding() == []


def test_while_nothing_plays_it_counts_at_once_and_the_snapshot_tells_what_waits():
    gig, drum = new_gig(bars=4, start=False)
    ask(gig, drum.time_of(2), SettingId.LISTEN_LOW, 48)
    gig.run(drum.time_of(3))
    snapshot = gig.stage.snapshot(gig.now_s)
    assert snapshot.settings[SettingId.LISTEN_LOW] == 48
    assert not snapshot.settings_wait
    assert gig.stage.options.listen.low == 48

    gig, drum = new_gig()
    ask(gig, drum.time_of(6), SettingId.LISTEN_LOW, 48)
    gig.run(drum.time_of(FIRST - 1))
    snapshot = gig.stage.snapshot(gig.now_s)
    assert snapshot.settings[SettingId.LISTEN_LOW] == 48
    assert snapshot.settings_wait == 1 << SettingId.LISTEN_LOW
    assert gig.stage.options.listen.low == 0
    gig.run(drum.time_of(FIRST + 1))
    assert not gig.stage.snapshot(gig.now_s).settings_wait
    assert gig.stage.options.listen.low == 48


@pytest.mark.parametrize("bars", [0, 1, 2, 4])
def test_the_next_count_in_has_as_many_bars(bars):
    gig, drum = new_gig()
    ask(gig, 0.0, SettingId.COUNT_IN, bars)
    gig.run(drum.now_s)
    assert gig.turns[0].turn.start_beats == 4 * bars


def test_what_was_set_is_told_and_another_stage_has_it():
    gig, drum = new_gig(bars=4, start=False)
    ask(gig, 1.0, SettingId.BOX_CHANNEL, 9)
    ask(gig, 1.0, SettingId.DENSITY_CC, 74)
    gig.run(drum.now_s)
    chosen = read_choices(gig.stage.snapshot(gig.now_s).choices)
    assert chosen.settings == {"brain.channel": 9, "controls.density": "74"}
    again = Stage(
        Config(), small_library(), send=lambda *_: None, to_brain=lambda _: None,
        clock=ExternalClock(), choices=chosen,
    )  # fmt: skip
    assert again.options.brain.channel == 9
    assert read_choices(again.snapshot(0.0).choices) == chosen
    after_crash = Stage(
        Config(), small_library(), send=lambda *_: None, to_brain=lambda _: None,
        clock=ExternalClock(),
    )  # fmt: skip
    after_crash.resume(gig.now_s, gig.stage.place(gig.now_s), gig.now_s)
    assert read_choices(after_crash.snapshot(0.0).choices).settings == chosen.settings


def test_a_knob_that_was_learnt_turns_its_control_and_does_not_sound():
    gig, drum = new_gig()
    gig.command(drum.time_of(5), Command(CommandId.LEARN, ControlId.DENSITY))
    for index, value in enumerate(range(0, 128, 2)):
        gig.key(drum.time_of(6) + index / 100, control_change(0, 74, value))
    gig.run(drum.time_of(10))
    snapshot = gig.stage.snapshot(gig.now_s)
    assert snapshot.settings[SettingId.DENSITY_CC] == 74
    assert snapshot.next_density == 5  # at once: what turns controls disturbs no turn
    assert not snapshot.learning
    passed = [s.message.value for s in gig.sent if s.message.kind == CONTROL_CHANGE]
    assert passed == list(range(0, 16, 2))  # until it was known


def test_on_the_one_channel_of_the_controls_only():
    gig, drum = new_gig(**{"controls.channel": 3})
    gig.command(drum.time_of(5), Command(CommandId.LEARN, ControlId.DENSITY))
    for index, value in enumerate(range(0, 128, 2)):
        gig.key(drum.time_of(6) + index / 100, control_change(0, 74, value))
    gig.run(drum.time_of(10))
    assert gig.stage.snapshot(gig.now_s).settings[SettingId.DENSITY_CC] == -1


def clicks(gig, drum, begin, end):
    return struck(gig, CLICK_CHANNEL, drum.time_of(begin) - 0.06, drum.time_of(end) - 0.06)


def test_the_test_click_falls_on_the_drum_machines_beats_and_the_offset_moves_it():
    gig, drum = new_gig(bars=40)
    gig.command(drum.time_of(1), Command(CommandId.START_STOP))  # the player stops the box
    gig.command(drum.time_of(5), Command(CommandId.TEST_CLICK, 1))
    gig.command(drum.time_of(14) + 0.2, Command(CommandId.OUTPUT_OFFSET, -20.0))
    gig.command(drum.time_of(20) + 0.2, Command(CommandId.TEST_CLICK, 0))
    gig.run(drum.now_s)
    on_beat = clicks(gig, drum, 6, 14)
    assert len(on_beat) == 8
    assert all(abs(at - drum.time_of(6 + i)) < 0.002 for i, at in enumerate(on_beat))
    moved = clicks(gig, drum, 16, 20)
    assert len(moved) == 4
    assert all(abs(at + 0.02 - drum.time_of(16 + i)) < 0.002 for i, at in enumerate(moved))
    assert clicks(gig, drum, 21, 150) == []
    assert gig.sounding() == []


def test_the_test_click_ends_by_itself_and_when_a_set_begins():
    gig, drum = new_gig(bars=60)
    gig.command(drum.time_of(1), Command(CommandId.START_STOP))
    gig.command(drum.time_of(5), Command(CommandId.TEST_CLICK, 1))
    gig.run(drum.now_s)
    last_s = max(struck(gig, CLICK_CHANNEL))
    assert drum.time_of(5) + TEST_CLICK_S - 1 < last_s <= drum.time_of(5) + TEST_CLICK_S
    assert gig.sounding() == []

    gig, drum = new_gig(bars=20)
    gig.command(drum.time_of(1), Command(CommandId.START_STOP))
    gig.command(drum.time_of(5), Command(CommandId.TEST_CLICK, 1))
    gig.command(drum.time_of(9), Command(CommandId.START_STOP))
    gig.command(drum.time_of(30), Command(CommandId.START_STOP))
    gig.run(drum.now_s)
    assert len(clicks(gig, drum, 12, 16)) == 4  # the count-in
    assert clicks(gig, drum, 16, 79) == []


def test_the_test_click_is_silent_without_a_clock_and_dies_with_it():
    gig, drum = new_gig(bars=4)
    gig.command(drum.time_of(1), Command(CommandId.START_STOP))
    gig.command(drum.time_of(5), Command(CommandId.TEST_CLICK, 1))
    gig.run(drum.now_s + 20.0)
    assert len(struck(gig, CLICK_CHANNEL, drum.now_s + 2.0)) == 0
    assert gig.sounding() == []


def test_what_is_taken_for_melody_is_shown_for_a_while_with_its_device():
    gig, _ = new_gig(bars=4, start=False, **{"listen.low": 50, "listen.least_velocity": 20})
    stage = gig.stage

    def heard(time_s):
        shown = stage.snapshot(time_s)
        return shown.heard_pitch, shown.heard_velocity, shown.heard_device

    assert heard(0.0) == (-1, 0, "")
    stage.midi(1.0, "keyboard", note_on(0, 66, 87), "KeyStep")
    assert heard(1.0) == (66, 87, "KeyStep")
    stage.midi(2.0, "keyboard", note_on(0, 40, 87), "KeyStep")
    stage.midi(2.0, "keyboard", note_on(0, 60, 5), "Guitar")
    assert heard(2.0) == (66, 87, "KeyStep")  # these are not melody
    assert (stage.snapshot(2.0).key_pitch, stage.snapshot(2.0).key_velocity) == (60, 5)
    assert heard(1.0 + HEARD_S) == (-1, 0, "")
    assert stage.snapshot(9.0).mode == Mode.ARMED
