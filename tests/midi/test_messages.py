"""The table of status bytes, and what is read and built by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    PRESSURE,
    PROGRAM,
    SONG_POSITION,
    STATUS,
    TICK,
    control_change,
    note_off,
    note_on,
    parse,
    parse_padded,
    real_time,
    routed,
    song_position,
    voice,
)


def test_what_midi_1_0_says_of_each_status_byte():
    lengths = [row.length for row in STATUS]
    assert lengths[:0x80] == [0] * 0x80
    assert lengths[0x80:0xF0] == [3] * 0x40 + [2] * 0x20 + [3] * 0x10
    assert lengths[0xF0:] == [*(0, 2, 3, 2, 0, 0, 1, 0), *(1, 0, 1, 1, 1, 0, 1, 1)]
    for status in range(0x80, 0xF0):
        assert (STATUS[status].kind, STATUS[status].channel) == (status & 0xF0, status & 0x0F)
    for status in range(0xF0, 0x100):
        if lengths[status]:
            assert (STATUS[status].kind, STATUS[status].channel) == (status, -1)
    named = {(row.kind, row.name) for row in STATUS if row.length}
    assert len(named) == len(dict(named)) == len({name for _, name in named}) == 17


@given(st.binary(max_size=5))
def test_a_message_is_its_status_and_all_its_data(data):
    whole = bool(data) and len(data) == STATUS[data[0]].length and max(data[1:], default=0) < 0x80
    message = parse(data)
    assert (message is not None) == whole
    if message is not None:
        assert message == data
        assert parse(message) == message
        assert (message.kind == NOTE_ON) == (data[0] & 0xF0 == 0x90 and data[2] > 0)
        assert parse_padded(*data.ljust(3, b"\0")) == message


def test_a_note_on_of_velocity_0_is_a_note_off():
    for message in (parse(b"\x93\x3c\x00"), note_on(3, 60, 0)):
        assert message == b"\x93\x3c\x00"  # on the wire as it came
        assert (message.kind, message.channel, message.pitch) == (NOTE_OFF, 3, 60)


@pytest.mark.parametrize(
    ("built", "wire", "kind", "channel"),
    [
        (note_on(1, 60, 90), "913c5a", NOTE_ON, 1),
        (note_off(15, 60), "8f3c40", NOTE_OFF, 15),
        (control_change(0, 64, 127), "b0407f", CONTROL_CHANGE, 0),
        (voice(PROGRAM, 9, 5), "c905", PROGRAM, 9),
        (voice(PRESSURE, 2, 5), "d205", PRESSURE, 2),
        (voice(PITCH_BEND, 2, 0, 64), "e20040", PITCH_BEND, 2),
        (song_position(300), "f22c02", SONG_POSITION, -1),
        (real_time(TICK), "f8", TICK, -1),
    ],
)
def test_what_is_built_is_what_is_read(built, wire, kind, channel):
    for message in (built, parse(bytes.fromhex(wire))):
        assert message.hex() == wire
        assert (message.kind, message.channel) == (kind, channel)
        assert type(message) is type(built)


@given(st.integers(0, (1 << 14) - 1))
def test_song_positions_come_back(sixteenths):
    assert parse(song_position(sixteenths)).sixteenths == sixteenths


@given(st.binary(min_size=1, max_size=3), st.text(max_size=2), st.text(max_size=2))
def test_a_message_is_its_bytes_and_their_numbers(data, origin, only):
    message = parse(data)
    if message is None:
        return
    sent = routed(message, origin, only)
    for one in (message, sent):
        assert (one == data, data == one, one == parse(data), hash(one)) == (True,) * 3 + (
            hash(data),
        )
        assert (bytes(one), len(one), tuple(one), one[0], one[1:]) == (
            data,
            len(data),
            tuple(data),
            data[0],
            data[1:],
        )
        assert (one.data1, one.data2) == (*data[1:], 0, 0)[:2]
        assert (one.pitch, one.velocity) == (one.number, one.value) == (one.data1, one.data2)
        assert one != data + b"\0"
    assert (sent.kind, sent.channel) == (message.kind, message.channel)
    assert (sent.origin, sent.only) == (origin, only)
    assert (message.origin, message.only) == ("", "")  # as it was
    with pytest.raises(AttributeError):
        message.origin = origin


def test_a_byte_of_its_own_is_always_one_object():
    assert real_time(TICK) is parse(bytes((TICK,)))


def test_a_message_names_itself():
    assert repr(note_on(0, 60, 90)) == "<note on 90 3c 5a>"
