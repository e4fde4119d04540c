"""What the recorder makes of what it is told, in whatever order and with gaps."""

from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.music.library import Libraries
from lkjam_box.protocol.records import Paced, Part, SetBegan, SetEnded, Sounded, Turn, TurnBegan
from lkjam_box.recorder.journal import Began, Ended, Message, Turned
from lkjam_box.recorder.take_file import midi_file
from lkjam_box.recorder.transcriber import Transcriber
from tests.play.world import small_library
from tests.service.test_process_imports import modules_after

from .gigs import notes_of, parsed


def turn(start, loop=0, seat=0, origin=4.0, progression=0):
    return TurnBegan(Turn(1, loop, seat, progression, 0, 0, start, start + 8, origin, 120.0))


def note(beats, pitch, velocity=80, part=Part.BOX):
    return Sounded(beats, part, 0x90 if velocity else 0x80, pitch, velocity)


def entries_of(*records, running=False):
    recorder = Transcriber(Libraries(small_library()), running)
    return [entry for record in records for entry in recorder.hear(record)]


def test_a_stage_that_died_and_goes_on_makes_one_recording():
    records = [SetBegan(0.0), Paced(0.0, 120.0), turn(4.0), turn(12.0, 1, 1), note(12.0, 60)]
    again = [SetBegan(14.0), turn(12.0, 1, 1), note(15.0, 62), note(15.5, 62, 0), SetEnded(20.0)]
    entries = entries_of(*records, *again)
    assert [type(e) for e in entries if isinstance(e, Began | Ended)] == [Began, Ended]
    found = notes_of(parsed(midi_file(entries))["box"])
    assert found == [  # what the dead one had struck was ended as the next began
        (12 * 960, 60, 80, 14 * 960),
        (15 * 960, 62, 80, 15 * 960 + 480),
    ]


def test_a_set_begun_elsewhere_is_another_recording():
    entries = entries_of(
        SetBegan(0.0), turn(4.0), note(5.0, 60), SetBegan(0.0), turn(4.0), note(5.0, 60)
    )
    ends = [type(e) for e in entries if isinstance(e, Began | Ended)]
    assert ends == [Began, Ended, Began]


def test_a_recorder_without_a_journal_takes_up_a_set_that_goes_on():
    entries = entries_of(note(9.0, 60), note(9.5, 60, 0), turn(12.0, 1, 1), SetEnded(20.0))
    assert entries[0] == Began(9.0, 8.0)  # the bar line before
    assert len(notes_of(parsed(midi_file(entries))["box"])) == 1


def test_a_recorder_with_a_journal_goes_on():
    entries = entries_of(note(9.0, 60), turn(12.0, 1, 1), running=True)
    assert [type(e) for e in entries] == [Message, Turned]


def test_bars_of_the_file_are_bars_of_the_tune():
    (began, *_) = entries_of(SetBegan(2.0), turn(3.0, origin=3.0, progression=1))
    assert began == Began(2.0, 0.0)  # a waltz: bars begin at 0, 3, 6


RECORDS = st.one_of(
    st.builds(SetBegan, st.floats(0, 99)),
    st.builds(SetEnded, st.floats(0, 99)),
    st.builds(Paced, st.floats(0, 99), st.floats(40, 300)),
    st.builds(turn, st.floats(0, 99), st.integers(0, 9), st.integers(0, 3)),
    st.builds(note, st.floats(0, 99), st.integers(0, 127), st.integers(0, 127)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(RECORDS, max_size=40))
def test_sets_begin_and_end_whatever_is_lost_on_the_way(records):
    inside = False
    for entry in entries_of(*records):
        assert isinstance(entry, Began) != inside
        inside = not isinstance(entry, Ended)


A_SET = """
import lkjam_box.service.recorder_process
from lkjam_box.recorder.journal import Began, Ended, Message, Turned
from lkjam_box.recorder.takes import Takes
from lkjam_box.state.disk import FakeDisk
takes = Takes(FakeDisk(), 1, 10**6, 9)
takes.recover()
turned = Turned(0.0, 0, 0, "Blues", 4, 4, ((0.0, "C7"),))
takes.write([Began(0.0, 0.0), turned, Message(1.0, 0, 0x90, 60, 80)])
"""


def test_the_recorder_loads_what_writes_the_file_only_when_it_does():
    loaded = modules_after(A_SET)
    assert not loaded & {"numpy", "mido", "yaml", "rtmidi", "PIL", "asyncio"}
    loaded = modules_after(A_SET + "takes.write([Ended(4.0)])")
    assert "mido" in loaded
    assert not loaded & {"numpy", "yaml", "rtmidi", "PIL", "asyncio"}
