"""DIN bytes: the cases that hang notes in the field, then anything at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.din_parser import DinParser

streams = st.binary(max_size=200)


def parse(data):
    return DinParser().feed(bytes(data))


@pytest.mark.parametrize(
    ("wire", "messages"),
    [
        ("90 3c 40", ["903c40"]),
        ("90 3c f8 64", ["f8", "903c64"]),  # plinky_public#23: the note must not be lost
        ("90 3c 64 3e 64", ["903c64", "903e64"]),  # running status
        ("90 3c 64 f8 3e fe 64", ["903c64", "f8", "fe", "903e64"]),
        ("c0 05 06", ["c005", "c006"]),
        ("d3 40", ["d340"]),
        ("e1 00 40", ["e10040"]),
        ("f2 10 01", ["f21001"]),
        ("f2 10 01 10 01", ["f21001"]),  # no running status for system common
        ("f1 23 f3 05 f6", ["f123", "f305", "f6"]),
        ("90 3c 64 f3 01 3e 64", ["903c64", "f301"]),  # system common ends running status
        ("f0 43 10 3c f7 90 3c 40", ["903c40"]),
        ("f0 43 f8 10 fa f7", ["f8", "fa"]),
        ("f0 43 10 90 3c 40", ["903c40"]),  # SysEx cut off by a status byte
        ("90 f0 3c 40 f7 3c 40", []),  # SysEx ends running status
        ("3c 40 12", []),  # joined in the middle
        ("f4 f5 f9 fd", []),  # undefined
        ("90 3c f9 40", ["903c40"]),
        ("90 3c 80 3c 40", ["803c40"]),  # a cut message is dropped
        ("ff", ["ff"]),
    ],
)
def test_wire(wire, messages):
    assert [m.hex() for m in parse(bytes.fromhex(wire))] == messages


def voices(messages):
    return [m for m in messages if m[0] < 0xF8]


@given(streams, st.lists(st.tuples(st.integers(0, 200), st.sampled_from([0xF8, 0xFE, 0xF9]))))
def test_real_time_bytes_anywhere_change_nothing_else(stream, extra):
    mixed = bytearray(stream)
    for place, byte in extra:
        mixed.insert(min(place, len(mixed)), byte)
    assert voices(parse(mixed)) == voices(parse(stream))
    assert parse(mixed).count(b"\xf8") == bytes(mixed).count(0xF8)


@given(streams, st.integers(0, 200))
def test_any_cut_gives_the_same(stream, place):
    parser = DinParser()
    assert parser.feed(stream[:place]) + parser.feed(stream[place:]) == parse(stream)


@given(streams)
def test_every_message_is_well_formed(stream):
    for message in parse(stream):
        assert message[0] >= 0x80
        assert all(byte < 0x80 for byte in message[1:])
        assert len(message) == {0xC: 2, 0xD: 2, 0xF: len(message)}.get(message[0] >> 4, 3)
        assert message[0] not in (0xF0, 0xF4, 0xF5, 0xF7, 0xF9, 0xFD)


@given(st.lists(st.tuples(st.integers(0x80, 0xEF), st.integers(0, 127), st.integers(0, 127))))
def test_what_was_sent_comes_back(messages):
    sent = [bytes(m[:2] if m[0] & 0xE0 == 0xC0 else m) for m in messages]
    assert parse(b"".join(sent)) == sent
