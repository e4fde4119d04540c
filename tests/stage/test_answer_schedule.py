"""Answers in versions; nothing crosses the line."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.protocol.engine import ControlValues
from lkjam_box.protocol.records import AnswerEnd, AnswerNote, EngineId, Turn
from lkjam_box.stage.answer_schedule import AnswerSchedule

TURN = Turn(3, 1, 1, 0, 0, 0, 16.0, 32.0, 0.0, 120.0)


def note(version, index, onset, length=0.5, heard=0):
    return AnswerNote(3, version, index, heard, EngineId.GRU, 60, 90, onset, length)


def expecting():
    schedule = AnswerSchedule()
    return schedule, schedule.expect(TURN, ControlValues())


def test_a_newer_version_replaces_one_that_has_not_begun():
    schedule, answer = expecting()
    schedule.note(note(1, 0, 16.0))
    schedule.note(note(2, 0, 16.5, heard=4))
    assert [n.onset_beats for n in answer.notes] == [16.5]
    assert (answer.version, answer.heard) == (2, 4)


def test_a_turn_belongs_to_the_version_that_sounded():
    schedule, answer = expecting()
    schedule.note(note(1, 0, 16.0))
    answer.next = 1
    schedule.note(note(2, 0, 16.5))
    schedule.note(note(1, 1, 17.0))
    assert [n.onset_beats for n in answer.notes] == [16.0, 17.0]


def test_an_older_version_is_ignored():
    schedule, answer = expecting()
    schedule.note(note(2, 0, 16.5))
    schedule.note(note(1, 0, 16.0))
    assert [n.onset_beats for n in answer.notes] == [16.5]


def test_an_empty_answer_is_known():
    schedule, answer = expecting()
    assert not answer.known
    schedule.end(AnswerEnd(3, 1, 0, 0, EngineId.OFF, 0.0))
    assert answer.known
    assert answer.on_time


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
    for index, (onset, length) in enumerate(notes):
        schedule.note(note(1, index, onset, length))
    for kept in answer.notes:
        assert 16.0 <= kept.onset_beats < kept.end_beats < 32.0
    onsets = [kept.onset_beats for kept in answer.notes]
    assert onsets == sorted(onsets)
