"""The human's turn as one melody line, whatever else his hands do."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.options import Listen
from lkjam_box.music.note import Note
from lkjam_box.protocol.records import Heard, Released, Turn, Withdrawn
from lkjam_box.stage.capture import Capture

TURN = Turn(7, 0, 0, 0, 0, 0, 4.0, 68.0, 4.0, 120.0)
BEAT_S = 0.5


class Ear:
    """Plays keys, (seconds after the line, seconds, pitch, velocity), and is told of the melody."""

    def __init__(self, **listen: float) -> None:
        self.capture = Capture(0.125, Listen(**listen))
        self.call: list[Note] = []
        self.tellings = 0

    def play(
        self, *keys: tuple[float, ...], until_s: float = 32.0, turn: Turn = TURN
    ) -> list[Note]:
        """The call that is known at the line, ``until_s`` after the one where the turn begins."""
        self.call = []
        line_s = turn.start_beats * BEAT_S
        moves = []
        for on_s, length_s, pitch, *velocity in keys:
            moves.append((on_s, 1, pitch, *(velocity or (80,))))
            moves.append((on_s + length_s, 0, pitch, 0))
        begun = False
        for at_s, down, pitch, velocity in sorted(moves):
            if at_s >= 0 and not begun:
                self.hear(self.capture.begin(turn))
                begun = True
            if at_s >= until_s:
                break
            time_s, beat = line_s + at_s, (line_s + at_s) / BEAT_S
            if down:
                self.hear(self.capture.press(time_s, beat, pitch, velocity))
            else:
                self.hear(self.capture.release(time_s, beat, pitch))
            assert self.capture.count == self.tellings
        records = self.capture.end((line_s + until_s) / BEAT_S)
        assert all(isinstance(record, Released) for record in records)
        self.hear(records)
        return self.call

    def hear(self, records: list[Heard | Released | Withdrawn]) -> None:
        for record in records:
            index = record.seq - 1
            if isinstance(record, Heard):
                assert index <= len(self.call)
                assert 1 <= record.open <= record.seq
                note = Note(record.onset_beats, record.pitch, record.velocity, float("inf"))
                self.call[index:] = [note]
            elif isinstance(record, Withdrawn):
                assert index < len(self.call)
                del self.call[index:]
            else:
                note = self.call[index]
                length = record.end_beats - note.onset_beats
                self.call[index] = Note(note.onset_beats, note.pitch, note.velocity, length)
        self.tellings = self.capture.count


def pitches(call: list[Note]) -> list[int]:
    return [note.pitch for note in call]


def seconds(call: list[Note]) -> list[tuple[float, float]]:
    """Onset after the line and length of each note."""
    return [
        (pytest.approx(n.onset_beats * BEAT_S - 2.0), pytest.approx(n.duration_beats * BEAT_S))
        for n in call
    ]


def line(*melody: int, every_s: float = 0.25, length_s: float = 0.22, at_s: float = 0.0):
    return [(at_s + i * every_s, length_s, pitch) for i, pitch in enumerate(melody)]


def chord(at_s: float, length_s: float, *keys: int, spread_s: float = 0.006):
    return [(at_s + i * spread_s, length_s, pitch) for i, pitch in enumerate(keys)]


MELODY = (72, 74, 76, 77, 79, 77, 76, 74, 72, 71, 72, 76, 79, 81, 79, 76)


# --- one voice


def test_a_note_is_told_when_it_begins_and_when_it_ends():
    capture = Capture(0.125)
    capture.begin(TURN)
    assert capture.press(1.0, 5.0, 60, 90) == [Heard(7, 1, 60, 90, 5.0)]
    assert capture.release(1.25, 5.5, 60) == [Released(7, 1, 5.5)]
    assert capture.count == 1


def test_the_next_note_ends_the_one_before():
    capture = Capture(0.125)
    capture.begin(TURN)
    capture.press(1.0, 5.0, 60, 90)
    assert capture.press(1.2, 5.4, 62, 90) == [Released(7, 1, 5.4), Heard(7, 2, 62, 90, 5.4, 2)]
    assert capture.release(1.3, 5.6, 60) == []


def test_what_is_held_is_cut_at_the_line():
    capture = Capture(0.125)
    capture.begin(TURN)
    capture.press(1.0, 19.0, 60, 90)
    assert capture.end(20.0) == [Released(7, 1, 20.0)]
    assert capture.press(9.0, 21.0, 60, 90) == []


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 127),
            st.integers(1, 127),
            st.floats(0.025, 1.5),
            st.floats(0.05, 1.0),
        ),
        min_size=1,
        max_size=40,
    )
)
def test_one_voice_is_believed_whatever_it_leaps(notes):
    keys, at_s = [], 0.0
    for pitch, velocity, gap_s, share in notes:
        keys.append((at_s, gap_s * share, pitch, velocity))
        at_s += gap_s
    call = Ear().play(*keys, until_s=at_s + 1.0)
    assert [(n.pitch, n.velocity) for n in call] == [key[2:] for key in keys]
    assert seconds(call) == [key[:2] for key in keys]


@given(st.integers(0, 10_000))
def test_a_slur_takes_nothing_away(seed):
    rng, keys, at_s, pitch = Random(seed), [], 0.0, 60
    for _ in range(30):
        gap_s = rng.choice((0.08, 0.12, 0.25, 0.5))
        keys.append((at_s, gap_s + min(rng.uniform(0.0, 0.06), gap_s / 2), pitch))
        at_s += gap_s
        pitch = 40 + (pitch + rng.choice((-12, -5, -3, -2, -1, 1, 2, 3, 5, 12)) - 40) % 50
    call = Ear().play(*keys, until_s=at_s + 1.0)
    assert pitches(call) == [key[2] for key in keys]
    assert [n.onset_beats * BEAT_S - 2.0 for n in call] == [pytest.approx(k[0]) for k in keys]


def test_soft_and_fast_is_music():
    keys = [(i * 0.0375, 0.034, 60 + i % 7, 20 + i % 9) for i in range(60)]
    assert pitches(Ear().play(*keys)) == [key[2] for key in keys]


def test_a_trill_keeps_its_line():
    trill = [(1.0 + i * 0.07, 0.085, 74 + i % 2) for i in range(12)]
    keys = [(0.5, 0.5, 72), *trill, (1.9, 0.5, 72)]
    assert pitches(Ear().play(*keys)) == [72, *(74 + i % 2 for i in range(12)), 72]


@pytest.mark.parametrize("step", [-1, 1, -2])
@pytest.mark.parametrize("before_s", [0.01, 0.03, 0.06])
@pytest.mark.parametrize("over_s", [-0.003, 0.01, 0.03])
def test_a_grace_note_leaves_its_main_note_whole(step, before_s, over_s):
    keys = line(72, 76, 79, 76, every_s=0.5, length_s=0.4)
    grace = (1.0 - before_s, before_s + over_s, 79 + step)
    call = Ear().play(*keys, grace)
    main = [note for note in call if note.pitch == 79]
    assert seconds(main) == [(1.0, 0.4)]
    assert [p for p in pitches(call) if p != 79 + step] == [72, 76, 79, 76]


# --- chords and strums of one hand


def test_of_a_chord_the_top_voice_counts():
    call = Ear().play((1.0, 0.5, 60), (1.004, 0.5, 67), (1.006, 0.5, 64))
    assert pitches(call) == [67]


@pytest.mark.parametrize("below", [(12,), (9,), (4, 7), (12, 8, 5)])
@pytest.mark.parametrize("left", [False, True])
def test_octaves_and_chords_of_the_right_hand_are_their_top(below, left):
    rng, keys = Random(1), []
    for at_s, length_s, pitch in line(*MELODY):
        keys.append((at_s, length_s, pitch))
        keys += [(at_s + rng.uniform(-0.01, 0.01), length_s, pitch - down) for down in below]
    if left:
        for beat in range(4):
            keys += chord(beat + 0.03, 0.8, 40, 46, 50)
    keys = [(max(at_s, 0.0), *rest) for at_s, *rest in keys]
    assert pitches(Ear().play(*keys)) == list(MELODY)


@pytest.mark.parametrize("step_s", [0.006, 0.012, 0.016])
@pytest.mark.parametrize("up", [False, True])
def test_a_strum_is_one_event(step_s, up):
    strings = (40, 47, 52, 56, 59, 64)
    keys = []
    for number in range(4):
        order = strings[::-1] if up else strings
        keys += [(1.0 + number + i * step_s, 0.7, p + number) for i, p in enumerate(order)]
    assert pitches(Ear().play(*keys)) == [64, 65, 66, 67]


@pytest.mark.parametrize("steps", [12, 19])
@pytest.mark.parametrize("late_s", [-0.015, 0.01, 0.03, 0.06])
def test_ghosts_of_a_guitar_are_none_of_it(steps, late_s):
    keys = line(60, 62, 64, 65, 67, length_s=0.24)
    ghosts = [(at_s + late_s, 0.04, pitch + steps, 20) for at_s, _, pitch in keys[1:]]
    call = Ear().play(*keys, *ghosts)
    assert pitches(call) == [60, 62, 64, 65, 67]
    assert seconds(call) == [key[:2] for key in keys]
    ear = Ear()
    ear.play(*keys, *ghosts)
    assert ear.capture.comping() == []


def test_an_octave_leap_that_is_meant_is_heard():
    keys = [(0.0, 0.3, 60, 90), (0.3, 0.3, 72, 30), (0.62, 0.5, 60, 90), (0.68, 0.5, 72, 30)]
    assert 72 in pitches(Ear().play(*keys))[1:]


# --- two hands

VOICINGS = {
    "shells": (52, 58),
    "rootless": (53, 57, 60),
    "octaves": (36, 48),
    "close": (60, 64, 67),
}


@pytest.mark.parametrize("voicing", VOICINGS.values(), ids=VOICINGS)
@pytest.mark.parametrize("beside_s", [-0.06, -0.03, -0.01, 0.01, 0.03, 0.06])
@pytest.mark.parametrize("length_s", [0.12, 0.45, 1.9])
def test_a_left_hand_beside_the_right_is_no_melody(voicing, beside_s, length_s):
    keys = [(at_s + 0.1, length, pitch + 3) for at_s, length, pitch in line(*MELODY)]
    for number in range(2 if length_s > 1 else 4):
        at_s = 0.1 + number * 4 / (2 if length_s > 1 else 4)
        keys += chord(at_s + beside_s, length_s, *voicing)
    ear = Ear()
    call = ear.play(*keys)
    assert pitches(call) == [pitch + 3 for pitch in MELODY]
    assert seconds(call) == [(pytest.approx(0.1 + i * 0.25), 0.22) for i in range(len(MELODY))]
    comping = ear.capture.comping()
    assert {note.pitch for note in comping} == set(voicing)
    assert [n.onset_beats for n in comping] == sorted(n.onset_beats for n in comping)


def test_stabs_between_do_not_cut_a_long_note_nor_fill_a_rest():
    keys = [(0.0, 1.9, 76), (2.0, 0.4, 74), (2.5, 0.4, 72), (4.5, 0.4, 77), (5.0, 1.0, 79)]
    for at_s in (0.37, 0.81, 1.55, 2.25, 3.1, 3.6, 4.1, 5.4):
        keys += chord(at_s, 0.15, 53, 57, 60)
    call = Ear().play(*keys)
    assert pitches(call) == [76, 74, 72, 77, 79]
    assert call[0].duration_beats * BEAT_S == pytest.approx(1.9)


def test_what_came_first_is_taken_back_when_the_melody_comes():
    ear = Ear()
    keys = [*chord(0.0, 0.8, 48, 55, 59), *chord(1.0, 0.8, 48, 55, 60)]
    assert pitches(ear.play(*keys)) == [59, 60]  # nothing else was played: its top is the call
    ear = Ear()
    call = ear.play(*keys, *chord(2.0, 0.8, 48, 55, 59), *line(*MELODY, at_s=2.02))
    assert pitches(call) == list(MELODY)


def test_the_last_note_before_the_line_is_the_right_hands():
    keys = line(*MELODY)
    for beat in range(4):
        keys += chord(beat + 0.04, 0.6, 50, 55, 59)
    keys += [(4.0, 0.4, 84), *chord(4.03, 0.4, 50, 55, 59)]
    call = Ear().play(*keys, until_s=4.05)
    assert pitches(call) == [*MELODY, 84]


@pytest.mark.parametrize("down", [0, 12, 24, 36])
def test_a_melody_low_down_is_the_melody(down):
    low = [(at_s, length_s, pitch - down) for at_s, length_s, pitch in line(*MELODY)]
    assert pitches(Ear().play(*low)) == [pitch - down for pitch in MELODY]


def test_a_bass_solo_after_two_hands_is_heard():
    ear = Ear()
    keys = line(*MELODY * 2)
    for beat in range(8):
        keys += chord(beat + 0.03, 0.6, 43, 50, 53)
    assert pitches(ear.play(*keys)) == list(MELODY * 2)
    later = Turn(8, 0, 0, 0, 0, 0, 100.0, 164.0, 4.0, 120.0)
    solo = [(i * 0.5, 0.45, 36 + i % 9) for i in range(30)]
    assert pitches(ear.play(*solo, turn=later)) == [key[2] for key in solo]


# --- lines and lost keyboards


def test_a_note_just_before_the_line_belongs_to_the_turn():
    call = Ear().play((-0.03, 0.5, 60), (1.0, 0.2, 62))
    assert pitches(call) == [60, 62]
    assert seconds(call[:1]) == [(0.0, 0.47)]


def test_a_note_long_before_the_line_does_not():
    assert pitches(Ear().play((-0.3, 0.6, 60), (1.0, 0.2, 62))) == [62]


def test_the_early_note_is_the_melodys():
    ear = Ear()
    keys = line(*MELODY)
    for beat in range(4):
        keys += chord(beat + 0.03, 0.6, 43, 50, 53)
    ear.play(*keys, until_s=4.0)
    later = Turn(8, 0, 0, 0, 0, 0, 20.0, 84.0, 4.0, 120.0)
    both = [(-0.05, 0.4, 74), *chord(-0.02, 0.4, 43, 50, 53), (0.5, 0.4, 76)]
    assert pitches(ear.play(*both, turn=later)) == [74, 76]


def test_a_lost_keyboard_lifts_its_keys():
    capture = Capture(0.125)
    capture.begin(TURN)
    capture.press(1.0, 5.0, 60, 90)
    assert capture.lift(5.25) == [Released(7, 1, 5.25)]
    assert capture.lift(5.5) == []


def test_a_new_brain_is_told_the_call_as_it_stands():
    ear = Ear()
    capture = ear.capture
    ear.play(*line(*MELODY[:6]), *chord(0.53, 0.5, 48, 52, 55))
    records = capture.again()
    call = [(record.seq, record.pitch) for record in records if isinstance(record, Heard)]
    assert call == list(enumerate(pitches(ear.call), 1))
    assert capture.count == len(call)


# --- options


def test_only_a_channel_is_listened_to():
    ear = Ear(channel=2)
    capture = ear.capture
    capture.begin(TURN)
    assert capture.press(1.0, 5.0, 60, 90, channel=0) == []
    assert capture.press(1.1, 5.2, 62, 90, channel=1) == [Heard(7, 1, 62, 90, 5.2)]
    assert capture.release(1.2, 5.4, 62, channel=0) == []
    assert capture.release(1.3, 5.6, 62, channel=1) == [Released(7, 1, 5.6)]


def test_keys_beyond_the_range_are_comping():
    ear = Ear(low=60, high=84)
    call = ear.play((0.0, 0.4, 59), (0.5, 0.4, 60), (1.0, 0.4, 84), (1.5, 0.4, 85))
    assert pitches(call) == [60, 84]
    assert [note.pitch for note in ear.capture.comping()] == [59, 85]
    assert pitches(ear.play((0.0, 0.4, 40), turn=Turn(8, *[0] * 5, 4.0, 68.0, 4.0, 120.0))) == []


def test_softer_and_shorter_keys_can_be_left_out():
    keys = ((0.0, 0.4, 60, 40), (0.5, 0.4, 62, 39), (1.0, 0.02, 64, 90), (1.5, 0.4, 65, 90))
    assert pitches(Ear(least_velocity=40).play(*keys)) == [60, 64, 65]
    assert pitches(Ear(least_ms=30).play(*keys)) == [60, 62, 65]


def test_a_key_sent_on_two_channels_is_one():
    capture = Capture(0.125)
    capture.begin(TURN)
    capture.press(1.0, 5.0, 60, 90, channel=0)
    assert capture.press(1.001, 5.002, 60, 90, channel=1) == []
    assert capture.count == 1


# --- whatever comes


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_whatever_is_played_the_call_is_one_line(seed):
    rng, keys, at_s = Random(seed), [], 0.0
    for _ in range(80):
        keys.append((at_s, rng.uniform(0.01, 2.0), rng.randrange(21, 109), rng.randrange(1, 128)))
        at_s += rng.choice((0.0, 0.002, 0.03, 0.1, 0.4))
    call = Ear().play(*keys)
    assert call
    assert all(a.end_beats <= b.onset_beats + 1e-9 for a, b in pairwise(call))
    assert all(0 < note.duration_beats < float("inf") for note in call)
