from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from lkjam_box.brain import features as f
from lkjam_box.brain.draw import warmth
from lkjam_box.brain.gru import GruEngine
from lkjam_box.brain.phrases import positions
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import NO_CHORD, Harmony, Metre, Progression
from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import ControlValues, Position, Question, Role, Scene, Strategy

CHORDS = (*map(parse_chord, ("Dm7", "G7", "Cmaj7")), NO_CHORD)
_shared = GruEngine.open()


def asked(tail, call, scene, seed):
    """A question with the controls at rest."""
    return Question(tail, call, scene, ControlValues(), seed)


def _scene(metre, bars, bpm, start=0.0):
    starts = tuple(metre.bar_beats * i for i in range(4))
    harmony = Harmony(Progression("x", "C", metre, starts, CHORDS, 4), 0.0)
    return Scene(start, start + bars * metre.bar_beats, harmony, bpm)


@pytest.fixture
def engine():
    _shared.forget()
    return _shared


def _call(scene, step=0.5):
    count = int((scene.end_beats - scene.start_beats) / step) - 1
    notes = [Note(scene.start_beats + i * step, 60 + i % 7, 80, step * 0.8) for i in range(count)]
    return list(zip(notes, positions(notes, scene.bpm), strict=True))


def _check(notes, scene, controls):
    low, high = controls.window
    assert notes
    assert notes[0].onset_beats >= scene.start_beats
    assert notes[-1].end_beats <= scene.end_beats
    for note in notes:
        assert low <= note.pitch <= high
        assert 1 <= note.velocity <= 127
        assert note.duration_beats > 0
    for a, b in pairwise(notes):
        assert a.onset_beats < b.onset_beats
        assert a.end_beats <= b.onset_beats + 1e-9


@settings(max_examples=30, deadline=None)
@given(
    metre=st.sampled_from([Metre(4, 4), Metre(3, 4), Metre(7, 8), Metre(1, 8), Metre(12, 8)]),
    bars=st.integers(1, 8),
    bpm=st.floats(40, 300),
    temperature=st.floats(0.1, 2),
    top_p=st.floats(0.1, 1),
    low=st.integers(0, 127),
    width=st.integers(0, 60),
    heard=st.integers(0, 20),
    silence=st.sampled_from([0.0, 0.001, 3.0, 14.0, 500.0, -40.0]),
    strategy=st.sampled_from(Strategy),
    register=st.integers(-3, 3),
    heat=st.floats(-1, 1),
    seed=st.integers(0, 2**40),
)
def test_an_answer_keeps_the_contract(
    metre,
    bars,
    bpm,
    temperature,
    top_p,
    low,
    width,
    heard,
    silence,
    strategy,
    register,
    heat,
    seed,
):
    _shared.forget()
    call = _scene(metre, bars, bpm)
    scene = _scene(metre, bars, bpm, call.end_beats + silence)
    controls = ControlValues(temperature, top_p, low, min(127, low + width), strategy)
    controls = replace(controls, register=register, heat=heat)
    scene = controls.over(scene)
    tail = _call(call)[:heard]
    for note, position in tail[:-1]:
        _shared.hear(note, position, Role.HUMAN, call)
    _check(
        list(_shared.answer(Question(tuple(tail[-1:]), call, scene, controls, seed))),
        scene,
        controls,
    )


def test_the_tail_is_heard_as_if_it_were_in_the_memory(engine):
    call, scene = _scene(Metre(), 4, 120.0), _scene(Metre(), 4, 120.0, 16.0)
    notes = _call(call)
    whole = list(engine.answer(asked(tuple(notes), call, scene, 5)))
    for note, position in notes[:-3]:
        engine.hear(note, position, Role.HUMAN, call)
    assert list(engine.answer(asked(tuple(notes[-3:]), call, scene, 5))) == whole
    assert list(engine.answer(asked(tuple(notes[-3:]), call, scene, 5))) == whole
    assert list(engine.answer(asked(tuple(notes[-3:]), call, scene, 6))) != whole


def test_an_unfinished_answer_leaves_the_memory_as_it_was(engine):
    call, scene = _scene(Metre(), 4, 120.0), _scene(Metre(), 4, 120.0, 16.0)
    for note, position in _call(call):
        engine.hear(note, position, Role.HUMAN, call)
    whole = list(engine.answer(asked((), call, scene, 1)))
    for _ in zip(range(3), engine.answer(asked((), call, scene, 2)), strict=False):
        pass
    assert list(engine.answer(asked((), call, scene, 1))) == whole


def test_what_was_heard_matters_and_can_be_forgotten(engine):
    call, scene = _scene(Metre(), 4, 120.0), _scene(Metre(), 4, 120.0, 16.0)
    fresh = list(engine.answer(asked((), call, scene, 1)))
    for note, position in _call(call):
        engine.hear(note, position, Role.HUMAN, call)
    assert list(engine.answer(asked((), call, scene, 1))) != fresh
    engine.forget()
    assert list(engine.answer(asked((), call, scene, 1))) == fresh


def test_answers_vary_with_heat(engine):
    call, scene = _scene(Metre(), 4, 120.0), _scene(Metre(), 4, 120.0, 16.0)
    tail = tuple(_call(call))

    def pitches(temperature, top_p):
        controls = ControlValues(temperature, top_p)
        answers = [engine.answer(Question(tail, call, scene, controls, seed)) for seed in range(6)]
        return [[note.pitch for note in answer] for answer in answers]

    def leap(temperature):
        leaps = [abs(b - a) for line in pitches(temperature, 1.0) for a, b in pairwise(line)]
        return sum(leaps) / len(leaps)

    assert len(set(map(tuple, pitches(1.0, 0.95)))) == 6
    assert leap(0.3) < leap(2.0)


def test_positions_of_an_answer_end_with_an_end(engine):
    call, scene = _scene(Metre(), 2, 120.0), _scene(Metre(), 2, 120.0, 8.0)
    notes = list(engine.answer(asked(tuple(_call(call)), call, scene, 3)))
    assert positions(notes, scene.bpm)[-1] == Position.END


def test_positions_say_how_the_answer_closed(engine):
    call, scene = _scene(Metre(), 4, 120.0), _scene(Metre(), 4, 120.0, 16.0)
    tail = tuple(_call(call))
    for seed in range(20):
        placed = list(engine.placed(asked(tail, call, scene, seed)))
        assert [p.note for p in placed] == list(engine.answer(asked(tail, call, scene, seed)))
        assert placed[-1].position == Position.END
        assert all(p.own for p in placed[:-1])
        for before, after in pairwise(placed):
            assert (after.position == Position.START) <= (before.position == Position.END)


@pytest.mark.parametrize("strategy", [Strategy.IMITATION, Strategy.INVERSION])
def test_what_says_the_call_again_begins_where_the_call_began(engine, strategy):
    call = _scene(Metre(), 4, 120.0)
    scene = replace(_scene(Metre(), 4, 120.0, 16.0), strategy=strategy)
    tail = tuple(
        (structs.replace(n, onset_beats=n.onset_beats + 1.5), p) for n, p in _call(call)[:12]
    )
    for seed in range(5):
        assert next(engine.answer(asked(tail, call, scene, seed))).onset_beats == 17.5


def test_heat_goes_to_pitch_more_than_to_rhythm():
    assert (warmth(1.0) == 1.0).all()
    factors = warmth(0.512)
    assert factors[f.REGISTER.start] == pytest.approx(0.512)
    for part in (f.POSITION, *f.TIME, f.GUESS_TIME, *f.DURATION, *f.RATIO):
        assert factors[part] == pytest.approx(0.8)
