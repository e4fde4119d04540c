"""What the human plays goes on, and ends where it began."""

from lkjam_box.config.options import Thru as ThruOptions
from lkjam_box.midi.messages import (
    PITCH_BEND,
    POLY_PRESSURE,
    TICK,
    control_change,
    note_off,
    note_on,
    real_time,
    voice,
)
from lkjam_box.stage.channel_guard import ChannelGuard
from lkjam_box.stage.ledger import Ledger
from lkjam_box.stage.mpe import Zones
from lkjam_box.stage.thru import Thru


def thru(**options):
    return Thru(ThruOptions(**options), Ledger(), ChannelGuard(), Zones())


def test_channel_and_transpose():
    wire = thru(channel=3, transpose=12)
    assert wire.pass_on(note_on(0, 60, 90)) == [note_on(2, 72, 90)]
    assert wire.pass_on(note_off(0, 60)) == [note_off(2, 72)]
    assert wire.pass_on(voice(PITCH_BEND, 0, 0, 64)) == [voice(PITCH_BEND, 2, 0, 64)]


def test_velocity_zero_is_an_off():
    wire = thru()
    wire.pass_on(note_on(0, 60, 90))
    assert wire.pass_on(note_on(0, 60, 0)) == [note_off(0, 60)]


def test_a_transposition_off_the_keyboard_is_silent():
    assert thru(transpose=12).pass_on(note_on(0, 120, 90)) == []


def test_struck_again_without_release():
    wire = thru()
    wire.pass_on(note_on(0, 60, 90))
    assert wire.pass_on(note_on(0, 60, 80)) == [note_off(0, 60), note_on(0, 60, 80)]


def test_a_lost_keyboard_lifts_keys_and_pedal():
    wire = thru()
    wire.pass_on(note_on(0, 60, 90))
    wire.pass_on(control_change(0, 64, 127))
    assert wire.release() == [note_off(0, 60), control_change(0, 64, 0)]
    assert wire.release() == []


def test_off_passes_nothing():
    assert thru(on=False).pass_on(note_on(0, 60, 90)) == []


def test_clock_does_not_pass():
    assert thru().pass_on(real_time(TICK)) == []


def test_poly_pressure_follows_its_key():
    wire = thru(transpose=1)
    wire.pass_on(note_on(0, 60, 90))
    assert wire.pass_on(voice(POLY_PRESSURE, 0, 60, 5)) == [voice(POLY_PRESSURE, 0, 61, 5)]
    assert wire.pass_on(voice(POLY_PRESSURE, 0, 61, 5)) == []


def test_release_velocity_passes():
    wire = thru()
    for told, sent in ((note_off(0, 60, 9), 9), (note_on(0, 60, 0), 64)):
        wire.pass_on(note_on(0, 60, 90))
        assert wire.pass_on(told) == [note_off(0, 60, sent)]


def test_a_lost_keyboard_lets_go_of_all_it_moved():
    wire = thru(channel=2)
    wire.pass_on(voice(PITCH_BEND, 0, 0, 100))
    wire.pass_on(control_change(0, 1, 50))
    assert wire.release() == [control_change(1, 1, 0), voice(PITCH_BEND, 1, 0, 64)]
    assert wire.release() == []
    assert len(wire.release(every=True)) == 2
