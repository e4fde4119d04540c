"""The human's turn as one melody line."""

from lkjam_box.protocol.records import Heard, Released, Turn
from lkjam_box.stage.capture import Capture

TURN = Turn(7, 0, 0, 0, 0, 0, 4.0, 20.0, 4.0, 120.0)


def listening():
    capture = Capture(early_beats=0.125)
    capture.begin(TURN)
    return capture


def test_a_note_is_told_when_it_begins_and_when_it_ends():
    capture = listening()
    assert capture.press(1.0, 5.0, 60, 90) == [Heard(7, 1, 60, 90, 5.0)]
    assert capture.release(5.5, 60) == [Released(7, 1, 5.5)]
    assert capture.count == 1


def test_the_next_note_ends_the_one_before():
    capture = listening()
    capture.press(1.0, 5.0, 60, 90)
    assert capture.press(1.2, 5.4, 62, 90) == [Released(7, 1, 5.4), Heard(7, 2, 62, 90, 5.4)]
    assert capture.release(5.6, 60) == []


def test_of_a_chord_the_top_voice_counts():
    capture = listening()
    capture.press(1.0, 5.0, 60, 90)
    assert capture.press(1.004, 5.01, 67, 80) == [Heard(7, 1, 67, 80, 5.01)]
    assert capture.press(1.006, 5.02, 64, 80) == []
    assert capture.count == 1


def test_what_is_held_is_cut_at_the_line():
    capture = listening()
    capture.press(1.0, 19.0, 60, 90)
    assert capture.end(20.0) == [Released(7, 1, 20.0)]
    assert capture.press(9.0, 21.0, 60, 90) == []


def test_a_note_just_before_the_line_belongs_to_the_turn():
    capture = Capture(early_beats=0.125)
    capture.press(1.0, 3.95, 60, 90)
    assert capture.begin(TURN) == [Heard(7, 1, 60, 90, 4.0)]
    assert capture.release(4.5, 60) == [Released(7, 1, 4.5)]


def test_a_note_long_before_the_line_does_not():
    capture = Capture(early_beats=0.125)
    capture.press(1.0, 3.5, 60, 90)
    assert capture.begin(TURN) == []


def test_a_lost_keyboard_lifts_its_keys():
    capture = listening()
    capture.press(1.0, 5.0, 60, 90)
    assert capture.lift(5.25) == [Released(7, 1, 5.25)]
    assert capture.lift(5.5) == []
