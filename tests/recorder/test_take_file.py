"""What a gig leaves as a MIDI file: the notes that were heard, on the bars they were played on."""

import random

import mido
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.midi.messages import is_note_off, is_note_on
from lkjam_box.midi.midi_file import length
from lkjam_box.protocol.records import Part
from lkjam_box.recorder import journal
from lkjam_box.recorder.journal import Began, Ended, Message, Tempo, Turned
from lkjam_box.recorder.take_file import midi_file

from .gigs import blues_gig, notes_of, parsed

TICK = 1 / 960


def file_of(gig):
    return parsed(midi_file(gig.entries))


def test_the_box_track_is_what_left_on_the_wire():
    gig, drum = blues_gig()
    wire, held = [], {}
    for sent in gig.sent:
        if sent.output != "synth" or sent.message[0] & 15 != 1:
            continue
        beat = gig_beat(drum, sent.time_s)
        if is_note_on(sent.message):
            held[sent.message[1]] = (beat, sent.message[2])
        elif is_note_off(sent.message):
            begin, velocity = held.pop(sent.message[1])
            wire.append((begin, sent.message[1], velocity, beat))
    found = notes_of(file_of(gig)["box"])
    assert len(found) == len(wire) >= 4 * 4
    for (begin, pitch, velocity, end), (on, key, loud, off) in zip(
        found, sorted(wire), strict=True
    ):
        assert (pitch, velocity) == (key, loud)
        assert begin == pytest.approx(960 * on, abs=2)
        assert end == pytest.approx(960 * off, abs=2)


def gig_beat(drum, time_s):
    """Where the drum machine was, by its own true times."""
    true = drum.epochs[-1]
    tick = max((t for t, at in true.items() if at <= time_s + 1e-9), default=0)
    step = true.get(tick + 1, true[tick] + 60 / 120 / 24) - true[tick]
    return (tick + min((time_s - true[tick]) / step, 1.0)) / 24


def test_the_human_track_is_what_the_keyboard_sent():
    gig, _ = blues_gig()
    found = notes_of(file_of(gig)["human"])
    wanted = [
        (4 * bar + step * 0.75, pitch, 70 + step)
        for bar in range(1, 9, 2)
        for step, pitch in enumerate((60, 63, 67))
    ]
    assert [(pitch, velocity) for _, pitch, velocity, _ in found] == [w[1:] for w in wanted]
    for (begin, _, _, end), (beat, _, _) in zip(found, wanted, strict=True):
        assert begin == pytest.approx(960 * beat, abs=2)
        assert end - begin == pytest.approx(480, abs=3)
    others = [m for m in file_of(gig)["human"] if m.type in ("control_change", "pitchwheel")]
    assert [m.type for m in others] == ["control_change", "pitchwheel"]


def test_markers_chords_metre_and_tempo():
    gig, _ = blues_gig()
    conductor = file_of(gig)["Blues in C"]
    now, markers, chords, first = 0, [], [], {}
    for message in conductor:
        now += message.time
        first.setdefault(message.type, (now, message))
        if message.type == "marker":
            markers.append((now // 960, message.text))
        elif message.type == "text":
            chords.append((now // 960, message.text))
    assert markers[:3] == [(4, "loop 1 human"), (8, "loop 2 box A"), (12, "loop 3 human")]
    assert chords == [(4, "C7"), (28, "F7")]
    assert first["time_signature"][0] == 0
    assert (first["time_signature"][1].numerator, first["set_tempo"][0]) == (4, 0)
    assert mido.tempo2bpm(first["set_tempo"][1].tempo) == pytest.approx(120, abs=0.2)


def test_a_tempo_that_moves_is_in_the_file():
    gig, _ = blues_gig(bars=17, to_bpm=150.0)
    tempi = [mido.tempo2bpm(m.tempo) for m in file_of(gig)["Blues in C"] if m.type == "set_tempo"]
    assert tempi[0] == pytest.approx(120, abs=2)
    assert tempi[-1] == pytest.approx(150, abs=3)
    assert len(tempi) > 10


@pytest.mark.parametrize("offset_ms", [-30, 0, 20])
def test_an_output_offset_does_not_move_the_recording(offset_ms):
    gig, _ = blues_gig(**{"clock.output_offset_ms": offset_ms})
    begins = [note[0] / 960 for note in notes_of(file_of(gig)["box"])]
    assert begins[0] == pytest.approx(8.0, abs=0.01)


def test_a_recording_that_has_no_end_is_whole():
    gig, _ = blues_gig(stop=False)
    assert not isinstance(gig.entries[-1], Ended)
    assert len(notes_of(file_of(gig)["box"])) >= 12


def test_a_set_of_silence_is_no_file():
    gig, _ = blues_gig(bars=3)
    silent = [entry for entry in gig.entries if not isinstance(entry, Message)]
    assert midi_file(silent) == b""
    assert midi_file([]) == b""


def test_every_start_and_stop_is_a_set_of_its_own():
    gig, drum = blues_gig(bars=5)
    drum.start()
    drum.run(20, 120)
    drum.stop()
    gig.run(drum.now_s)
    ends = [type(entry) for entry in gig.entries if isinstance(entry, Began | Ended)]
    assert ends == [Began, Ended, Began, Ended]


@settings(deadline=None)
@given(st.integers(0, 2**28 - 1))
def test_lengths_as_mido_writes_them(number):
    from mido.midifiles.meta import encode_variable_int

    assert length(number) == bytes(encode_variable_int(number))


ENTRIES = st.lists(
    st.one_of(
        st.builds(
            Message,
            st.floats(0, 50),
            st.sampled_from(Part).map(int),
            st.sampled_from([0x90, 0x91, 0x80, 0x81, 0xB0, 0xC0, 0xD3, 0xE0]),
            st.integers(58, 62),
            st.integers(0, 127),
        ),
        st.builds(Tempo, st.floats(0, 50), st.floats(30, 300)),
        st.builds(
            Turned,
            st.floats(0, 50),
            st.integers(0, 99),
            st.integers(0, 3),
            st.text(max_size=9),
            st.integers(1, 12),
            st.sampled_from([2, 4, 8]),
            st.just(((1.0, "C7"), (2.0, "F♯Δ"))),
        ),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(ENTRIES, st.booleans())
def test_whatever_comes_the_file_is_valid_and_no_note_sounds_on(entries, in_order):
    if in_order:
        entries = sorted(entries, key=lambda entry: entry.beats)
    data = midi_file([Began(0.0, -1.0), *entries])
    if data:
        for part in (track for name, track in parsed(data).items() if name in ("human", "box")):
            for channel in range(16):
                notes_of(list(by_channel(part, channel)))


def by_channel(part, channel):
    """The messages of one channel, with the time that lies between them."""
    late = 0
    for message in part:
        late += message.time
        if getattr(message, "channel", channel) == channel:
            yield message.copy(time=late)
            late = 0


def test_every_cut_of_a_journal_is_a_valid_beginning():
    gig, _ = blues_gig(bars=5)
    data = gig.journal
    whole = notes_of(parsed(midi_file(gig.entries))["box"])
    last = -1
    for cut in range(len(data) + 1):
        entries = [entry for entry, _ in journal.read(data[:cut])]
        assert entries == gig.entries[: len(entries)]
        assert len(entries) >= last
        if len(entries) > last and (file := midi_file(entries)):
            found = notes_of(parsed(file)["box"])
            assert [n[:3] for n in found] == [n[:3] for n in whole[: len(found)]]
        last = len(entries)
    assert last == len(gig.entries)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 7), st.binary(max_size=30))
def test_damage_and_rubbish_end_a_journal(place, bit, rubbish):
    entries = [Began(0.0, 0.0), *(Message(i / 4, 0, 0x90, 60, 1 + i) for i in range(20))]
    data = journal.MAGIC + b"".join(journal.frame(e, n) for n, e in enumerate(entries))
    damaged = bytearray(data)
    damaged[place % len(data)] ^= 1 << bit
    found = [entry for entry, _ in journal.read(bytes(damaged))]
    assert found == entries[: len(found)]
    assert len(found) < len(entries)
    assert [entry for entry, _ in journal.read(data + rubbish)] == entries
    shuffled = data[: len(journal.MAGIC)] + bytes(random.Random(place).sample(data, 40))
    assert len(list(journal.read(shuffled))) <= 1
