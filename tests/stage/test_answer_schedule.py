"""Answers in versions; nothing crosses the line."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import ControlValues
from lkjam_box.protocol.records import Answered, EngineId, Turn
from lkjam_box.stage.answer_schedule import AnswerSchedule

TURN = Turn(3, 1, 1, 0, 0, 0, 16.0, 32.0, 0.0, 120.0)


def told(version, *onsets, whole=False, heard=0):
    notes = tuple(Note(onset, 60, 90, 0.5) for onset in onsets)
    return Answered(3, version, heard, EngineId.GRU, whole, 0.5, notes)


def expecting():
    schedule = AnswerSchedule()
    return schedule, schedule.expect(TURN, ControlValues())


def test_a_newer_version_replaces_one_that_has_not_begun():
    schedule, answer = expecting()
    schedule.take(told(1, 16.0))
    schedule.take(told(2, 16.5, heard=4))
    assert [n.onset_beats for n in answer.notes] == [16.5]
    assert (answer.version, answer.heard) == (2, 4)


def test_a_turn_belongs_to_the_version_that_sounded():
    schedule, answer = expecting()
    schedule.take(told(1, 16.0))
    answer.next = 1
    schedule.take(told(2, 16.5))
    schedule.take(told(1, 16.0, 17.0, whole=True))
    assert [n.onset_beats for n in answer.notes] == [16.0, 17.0]


def test_an_older_version_is_ignored():
    schedule, answer = expecting()
    schedule.take(told(2, 16.5))
    schedule.take(told(1, 16.0))
    assert [n.onset_beats for n in answer.notes] == [16.5]


def test_a_whole_version_is_not_given_up_for_a_beginning():
    schedule, answer = expecting()
    schedule.take(told(1, 16.0, 17.0, whole=True))
    schedule.take(told(2, 16.5))
    assert [n.onset_beats for n in answer.notes] == [16.0, 17.0]
    assert answer.whole


def test_an_empty_answer_is_known():
    schedule, answer = expecting()
    assert not answer.known
    schedule.take(told(1, whole=True))
    assert answer.known
    assert not answer.on_time  # nothing was heard


def test_a_missing_answer_is_not_on_time():
    _, answer = expecting()
    assert not answer.on_time


def test_a_new_plan_for_the_same_loop_replaces_the_old_one():
    schedule, _ = expecting()
    schedule.expect(Turn(4, 1, 1, 5, 0, 0, 16.0, 32.0, 16.0, 120.0), ControlValues())
    assert list(schedule.answers) == [4]


@given(st.lists(st.tuples(st.floats(0, 40), st.floats(0.001, 30)), max_size=30))
def test_no_note_leaves_its_turn(notes):
    schedule, answer = expecting()
    made = tuple(Note(onset, 60, 90, length) for onset, length in notes)
    schedule.take(Answered(3, 1, 0, EngineId.GRU, True, 0.5, made))
    for kept in answer.notes:
        assert 16.0 <= kept.onset_beats < kept.end_beats < 32.0
    onsets = [kept.onset_beats for kept in answer.notes]
    assert onsets == sorted(onsets)
