import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.brain import features as f
from lkjam_box.brain.call_targets import NONE
from lkjam_box.brain.encoder import ANTICIPATION_BEATS, Encoder
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import NO_CHORD, Harmony, Metre, Progression
from lkjam_box.protocol.engine import Feel, Position, Role, Scene, Strategy, Style

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


@given(
    st.lists(st.sampled_from([*CHORDS, NO_CHORD]), min_size=1, max_size=8),
    st.sampled_from([0.5, 1.0, 4 / 3, 2.0]),
    st.floats(-9, 9),
    st.lists(st.floats(-40, 200), min_size=1, max_size=12),
)
def test_chord_and_next_chord_are_the_harmonys(chords, step, origin, beats):
    starts = tuple(step * i for i in range(len(chords)))
    form = Progression("x", "C", Metre(), starts, tuple(chords), 4)
    harmony, encoder = Harmony(form, origin), Encoder()
    for beat in beats:
        encoder.onset(beat, Role.HUMAN, replace(SCENE, harmony=harmony))
        now = harmony.chord_at(beat + ANTICIPATION_BEATS)
        after, wait = harmony.next_chord(beat + ANTICIPATION_BEATS)
        assert encoder.chord == now
        known = now.root >= 0 <= after.root
        assert _row(encoder, "root_to_next") == ((after.root - now.root) % 12 if known else 12)
        told = encoder.floats[0, f.CHORD_FLOATS + f.PHASE_FLOATS + 1]
        assert math.isclose(told, 1.0 if after == now else min(1.0, wait / 8), abs_tol=1e-6)


def test_beats_left_and_its_absence():
    encoder = Encoder()
    encoder.onset(13.5, Role.BOX, SCENE)
    assert _row(encoder, "left") == f.LEFT_EDGES.index(2.5) + 1
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
    twin = encoder.fork()
    twin.write_to(np.zeros(f.IDS, np.int32), np.zeros((1, f.FLOATS), np.float32))
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


CALL = [(0.0, 60), (0.5, 64), (1.0, 62), (2.5, 67), (3.0, 65)]  # beats, pitch; two phrases


def _after_call(strategy, blind=()):
    """An encoder that has heard ``CALL`` and its first note of the answer's target."""
    encoder = Encoder(blind=blind)
    for i, (beat, pitch) in enumerate(CALL):
        encoder.onset(beat, Role.HUMAN, SCENE)
        ends = (Position.START, Position.CONTINUE, Position.END, Position.START, Position.END)
        encoder.note(pitch, 80, 0.4, ends[i])
    return encoder, replace(SCENE, start_beats=16.0, end_beats=32.0, strategy=strategy)


def _targets(strategy, count, blind=()):
    encoder, scene = _after_call(strategy, blind)
    out = []
    for i in range(count):
        encoder.onset(16.0 + i, Role.BOX, scene)
        assert _row(encoder, "target") // f.TARGETS == strategy
        target, place = _row(encoder, "target") % f.TARGETS, _row(encoder, "target_place")
        out.append((encoder.guesses[0], encoder.guess_times[0], place))
        assert (target == f.INTERVALS) == (encoder.guesses[0] == NONE)
        if target < f.INTERVALS:
            assert target == f.interval_index(encoder.guesses[0])
        encoder.note(70, 80, 0.4, Position.CONTINUE)
    return out


def test_an_imitation_is_shown_the_call_note_by_note():
    shifts = [f.time_bin(x) for x in (0.5, 0.5, 1.5, 0.5)]
    assert _targets(Strategy.IMITATION, 7) == [
        (NONE, shifts[0], Position.START),
        (4, shifts[1], Position.CONTINUE),
        (2, shifts[2], Position.END),
        (7, shifts[3], Position.START),
        (5, -1, Position.END),
        (NONE, -1, 3),
        (NONE, -1, 3),
    ]


def test_an_inversion_is_shown_it_upside_down():
    assert [target[0] for target in _targets(Strategy.INVERSION, 5)] == [NONE, -4, -2, -7, -5]


def test_a_continuation_is_shown_the_last_phrase():
    assert [target[0] for target in _targets(Strategy.CONTINUATION, 3)] == [NONE, -2, NONE]


def test_only_the_call_just_heard_is_shown():
    encoder, scene = _after_call(Strategy.IMITATION)
    again = replace(SCENE, start_beats=32.0, end_beats=48.0)
    encoder.onset(33.0, Role.HUMAN, again)
    encoder.note(50, 80, 0.4, Position.CONTINUE)
    encoder.onset(34.0, Role.HUMAN, again)
    encoder.note(57, 80, 0.4, Position.END)
    assert encoder.call_began_beats == 1.0
    answer = replace(scene, start_beats=48.0, end_beats=64.0)
    for i, target in enumerate((NONE, 7, NONE)):
        encoder.onset(48.0 + i, Role.BOX, answer)
        assert encoder.guesses[0] == target
        encoder.note(60, 80, 0.4, Position.CONTINUE)
    encoder.onset(64.0, Role.BOX, replace(answer, start_beats=64.0))  # twice in a row: no call
    assert encoder.guesses[0] == NONE
    assert encoder.call_began_beats is None


def test_a_rhythm_that_comes_back_is_guessed():
    encoder = Encoder()
    for beat in (0.0, 0.5, 1.0, 2.5, 4.0, 4.5):
        encoder.onset(beat, Role.HUMAN, SCENE)
        encoder.note(60, 80, 0.2, Position.CONTINUE)
    encoder.onset(5.0, Role.HUMAN, SCENE)
    assert encoder.guess_times == (-1, f.time_bin(1.5))
    assert _row(encoder, "echo_time") == f.time_bin(1.5)


def test_style_feel_and_density_are_told():
    encoder = Encoder()
    told = replace(SCENE, style=Style.BEBOP, feel=Feel.SWING, density=4)
    encoder.onset(0.0, Role.BOX, told)
    assert [_row(encoder, name) for name in ("style", "feel", "density")] == [3, 1, 4]


def test_a_blind_encoder_gives_the_same_numbers_whatever_it_must_not_see():
    def told(blind, role, scene, position):
        encoder = Encoder(blind=blind)
        encoder.onset(0.0, Role.HUMAN, SCENE)
        encoder.note(64, 80, 0.4, position)
        encoder.onset(17.0, role, scene)
        return (*encoder.ids, *encoder.floats[0].tolist(), encoder.root)

    later = replace(SCENE, start_beats=16.0, end_beats=20.0)
    other = replace(later, harmony=Harmony(replace(FOUR, chords=CHORDS[::-1])))
    one = (Role.HUMAN, later, Position.CONTINUE)
    cases = {
        "role": (Role.BOX, later, Position.CONTINUE),
        "harmony": (Role.HUMAN, other, Position.CONTINUE),
        "position": (Role.HUMAN, replace(later, end_beats=64.0), Position.CONTINUE),
    }
    for name, another in cases.items():
        assert told((name,), *one) == told((name,), *another)
        assert told((), *one) != told((), *another)
    assert _targets(Strategy.FREE, 3, ("role",)) == [(NONE, -1, 3)] * 3


def test_blindness_has_names():
    with pytest.raises(KeyError):
        Encoder(blind=("nose",))
