"""Rubbish in, nothing out; ``make fuzz`` does it for millions of bytes."""

import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.midi.din_parser import DinParser
from lkjam_box.midi.messages import parse
from lkjam_box.protocol.records import SIZE, pack, unpack
from tests.faults.files import takers, try_file
from tests.faults.streams import Stream

FOLDER = tempfile.TemporaryDirectory()
TAKERS = list(takers(Path(FOLDER.name)))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_whatever_comes_down_the_cable_whole_messages_come_out(data):
    for message in DinParser().feed(data):
        assert parse(message) == message


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 1 << 30))
def test_a_mad_wire_leaves_no_note_down(seed):
    assert Stream(seed).feed(2000) == 0


@pytest.mark.parametrize("taker", TAKERS, ids=lambda taker: taker.name)
def test_mutated_files_are_taken_or_refused_in_one_line(taker):
    for number in range(60):
        try_file(taker, Random(number))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 17), st.binary(min_size=SIZE - 1, max_size=SIZE - 1))
def test_any_64_bytes_are_a_record_or_nothing(kind, rest):
    record = unpack(bytes((kind,)) + rest)
    if record is not None:
        assert unpack(pack(record)) == record
