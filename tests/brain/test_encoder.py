import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.brain import features as f
from lkjam_box.brain.encoder import Encoder
from lkjam_box.brain.engine import Position, Role, Scene
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import Harmony, Metre, Progression

CHORDS = tuple(map(parse_chord, ("Dm7", "G7", "Cmaj7", "A7")))
FOUR = Progression("test", "C", Metre(), (0.0, 4.0, 8.0, 12.0), CHORDS, 4)
SCENE = Scene(0.0, 16.0, Harmony(FOUR), 120.0)


def _row(encoder, table):
    return int(encoder.ids[list(f.OFFSET).index(table)]) - f.OFFSET[table]


def test_the_first_note_has_nothing_before_it():
    encoder = Encoder()
    encoder.onset(0.0, Role.HUMAN, SCENE)
    assert _row(encoder, "pitch") == 128
    assert _row(encoder, "time") == f.TIME_BINS
    assert _row(encoder, "root") == 2
    assert encoder.last_pitch == -1


def test_the_chord_is_looked_up_at_the_onset_with_anticipation():
    encoder = Encoder()
    encoder.onset(3.85, Role.HUMAN, SCENE)
    assert encoder.root == 2
    encoder.onset(3.95, Role.HUMAN, SCENE)
    assert encoder.root == 7
    encoder.onset(15.95, Role.HUMAN, SCENE)  # round the form
    assert encoder.root == 2
    encoder.onset(4.0, Role.HUMAN, SCENE)  # and back, after a locate
    assert encoder.root == 7


def test_beats_left_and_its_absence():
    encoder = Encoder()
    encoder.onset(13.5, Role.BOX, SCENE)
    assert _row(encoder, "left") == 2
    encoder.onset(13.5, Role.BOX, Scene(0.0, math.inf, Harmony(FOUR), 120.0))
    assert _row(encoder, "left") == f.BEATS_LEFT - 1


def test_what_the_last_note_was():
    encoder = Encoder()
    encoder.onset(0.0, Role.HUMAN, SCENE)
    encoder.note(64, 80, 0.5, Position.START)
    encoder.onset(0.5, Role.HUMAN, SCENE)
    encoder.note(60, 96, 0.3, Position.END)
    encoder.onset(2.0, Role.BOX, SCENE)
    assert _row(encoder, "pitch") == 60
    assert _row(encoder, "interval") == f.interval_index(-4)
    assert _row(encoder, "degree") == 10  # C over D
    assert _row(encoder, "velocity") == 12
    assert _row(encoder, "before") == 3 * Role.HUMAN + Position.END
    assert _row(encoder, "role") == Role.BOX
    assert _row(encoder, "time") == f.time_bin(1.5)
    assert _row(encoder, "root_from_pitch") == 2


note = st.tuples(
    st.floats(0.01, 9),
    st.integers(0, 127),
    st.integers(1, 127),
    st.floats(0.01, 9),
    st.sampled_from(Position),
    st.sampled_from(Role),
)
metres = st.sampled_from([Metre(4, 4), Metre(3, 4), Metre(7, 8), Metre(5, 4), Metre(12, 8)])


@given(st.lists(note, max_size=20), metres, st.floats(40, 300))
def test_whatever_is_played_the_inputs_are_in_range(notes, metre, bpm):
    starts = tuple(metre.bar_beats * i for i in range(4))
    harmony = Harmony(Progression("x", "C", metre, starts, CHORDS, 4), 3.0)
    scene = Scene(0.0, 4 * metre.bar_beats, harmony, bpm)
    encoder, beat = Encoder(), -2.0
    for gap, pitch, velocity, duration, position, role in notes:
        beat += gap
        encoder.onset(beat, role, scene)
        assert encoder.ids.min() >= 0
        assert encoder.ids.max() < f.ROWS
        assert np.isfinite(encoder.floats).all()
        assert np.abs(encoder.floats).max() < 11
        encoder.note(pitch, velocity, duration, position)


@given(st.lists(note, min_size=2, max_size=12), st.integers(1, 11))
def test_a_fork_goes_its_own_way_and_gives_the_same_numbers(notes, at):
    def play(encoder, notes, beat):
        for gap, pitch, velocity, duration, position, role in notes:
            beat += gap
            encoder.onset(beat, role, SCENE)
            encoder.note(pitch, velocity, duration, position)
        return beat

    straight = Encoder()
    play(straight, notes, 0.0)
    encoder = Encoder()
    beat = play(encoder, notes[:at], 0.0)
    twin = encoder.fork(np.zeros((1, f.FLOATS), np.float32))
    play(twin, notes[at:], beat)
    play(encoder, notes[::-1], beat)
    if notes[at:]:
        assert (twin.ids == straight.ids).all()
        assert (twin.floats == straight.floats).all()


def _play(encoder, pitches, beat=0.0):
    for i, pitch in enumerate(pitches):
        encoder.onset(beat + i / 2, Role.HUMAN, SCENE)
        encoder.note(pitch, 80, 0.4, Position.CONTINUE)
    encoder.onset(beat + len(pitches) / 2, Role.HUMAN, SCENE)


def test_a_motif_that_comes_back_is_guessed_in_any_key():
    encoder = Encoder()
    _play(encoder, [60, 62, 64, 67, 69, 66])
    assert _row(encoder, "echo_long") == _row(encoder, "echo_short") == f.INTERVALS  # nothing yet
    _play(encoder, [50, 53, 55], 3.0)
    assert _row(encoder, "echo_long") == f.INTERVALS  # two intervals are known, four are not
    assert _row(encoder, "echo_short") == f.interval_index(-3)
    _play(encoder, [66, 68, 70, 73, 75], 6.0)
    assert _row(encoder, "echo_long") == f.interval_index(-3)
    assert _row(encoder, "echo_short") == f.interval_index(11)  # what followed it last


def test_the_scale_heard_is_seen_from_the_last_pitch():
    encoder = Encoder()
    _play(encoder, [60, 64, 67])
    scale = encoder.floats[0][f.SCALE]
    assert np.allclose(scale[[0, 5, 9]], [1.0, 0.81, 0.9])
    assert np.isclose(scale.sum(), 2.71)
    _play(encoder, [61] * 400, 2.0)
    assert np.isclose(encoder.floats[0][f.SCALE][0], 10.0)
