import math
import random
import statistics
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.lab.training.pitches import sounding
from lkjam_box.lab.training.replies import CLOSE_BEATS, REST_BEATS, reply
from lkjam_box.lab.training.similarity import contour_correlation, interval_similarity
from lkjam_box.music.harmony import Harmony
from lkjam_box.music.library import SHIPPED
from lkjam_box.music.note import Note
from lkjam_box.music.progression import load_progressions, yaml_files
from lkjam_box.protocol.engine import Strategy

MADE = [s for s in Strategy if s != Strategy.FREE]
FORMS = [
    form
    for file in yaml_files(SHIPPED)
    for form in load_progressions(file)
    if form.metre.bar_beats == 4
]


def a_call(rng: random.Random, start: float, bars: int) -> tuple[Note, ...]:
    """Phrases of eighths with rests, pushed and lagging, by steps as players take them."""
    notes: list[Note] = []
    beat, pitch = start + rng.choice((0, 0.5, 1)), rng.randrange(56, 76)
    while beat < start + 4 * bars - 1:
        for _ in range(rng.randrange(3, 9)):
            if beat >= start + 4 * bars - 1:
                break
            pitch += rng.choice((-4, -3, -2, -2, -1, -1, 0, 1, 1, 2, 2, 3, 5))
            pitch = max(50, min(82, pitch))
            room = rng.choice((0.5, 0.5, 0.5, 1.0))
            notes.append(Note(beat + rng.uniform(0.0, 0.1), pitch, 80, room * 0.7))
            beat += room
        beat += rng.choice((1, 2))
    return tuple(notes)


def exchanges(strategy, count=200):
    rng = random.Random(17)
    for _ in range(count):
        harmony = Harmony(rng.choice(FORMS))
        bars = rng.choice((2, 4))
        call = a_call(rng, 8.0, bars)
        start = 8.0 + 4 * bars
        yield call, reply(call, 8.0, strategy, harmony, start, start + 4 * bars, rng), harmony


def mean(values):
    return statistics.fmean(value for value in values if not math.isnan(value))


notes = st.builds(
    Note,
    st.floats(-0.2, 15.9),
    st.integers(20, 108),
    st.integers(1, 127),
    st.floats(1 / 64, 3.0),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(notes, min_size=1, max_size=40),
    st.sampled_from(list(Strategy)),
    st.integers(0, len(FORMS) - 1),
    st.integers(2, 24),
    st.integers(36, 60),
    st.integers(12, 40),
    st.integers(0, 99),
)
def test_an_answer_lies_between_its_lines_one_note_at_a_time(
    played, strategy, form, length, low, span, seed
):
    call = sorted(played, key=lambda note: note.onset_beats)
    args = (call, 0.0, strategy, Harmony(FORMS[form]), 16.0, 16.0 + length)
    answer = reply(*args, random.Random(seed), low, low + span)
    assert answer
    assert answer[0].onset_beats >= 16.0
    assert answer[-1].end_beats <= 16.0 + length - CLOSE_BEATS + 1e-9
    assert all(a.end_beats <= b.onset_beats + 1e-9 for a, b in pairwise(answer))
    assert all(a.onset_beats < b.onset_beats for a, b in pairwise(answer))
    assert all(low <= note.pitch <= low + span for note in answer)
    assert all(note.duration_beats > 0 and 1 <= note.velocity <= 127 for note in answer)
    assert answer == reply(*args, random.Random(seed), low, low + span)


def test_nothing_heard_or_no_room_is_not_answered():
    call = (Note(0.0, 60, 80, 0.5),)
    harmony = Harmony(FORMS[0])
    rng = random.Random(1)
    assert reply((), 0.0, Strategy.IMITATION, harmony, 4.0, 8.0, rng) == ()
    assert reply(call, 0.0, Strategy.CONTRAST, harmony, 4.0, 5.0, rng) == ()


def test_an_imitation_says_most_of_it_again():
    pairs = list(exchanges(Strategy.IMITATION))
    assert 0.6 < mean(interval_similarity(c, a) for c, a, _ in pairs) < 0.8
    assert mean(contour_correlation(c, a) for c, a, _ in pairs) > 0.9
    for call, answer, _ in pairs:
        assert len(answer) == len(call)
        apart = answer[-1].onset_beats - call[-1].onset_beats
        same = [b.onset_beats - a.onset_beats for a, b in zip(call, answer, strict=True)]
        assert same == pytest.approx([apart] * len(call))  # micro-timing and rests with it
        assert [n.velocity for n in answer] == [n.velocity for n in call]


def test_an_inversion_falls_where_the_call_rose():
    pairs = list(exchanges(Strategy.INVERSION))
    assert mean(contour_correlation(c, a) for c, a, _ in pairs) < -0.8
    assert all(len(c) == len(a) for c, a, _ in pairs)
    moved = [mean(n.pitch for n in a) - mean(n.pitch for n in c) for c, a, _ in pairs]
    assert abs(mean(moved)) < 3  # the register stays


def test_a_contrast_is_something_else():
    pairs = list(exchanges(Strategy.CONTRAST))
    assert mean(interval_similarity(c, a) for c, a, _ in pairs) < 0.15
    moved = [abs(mean(n.pitch for n in a) - mean(n.pitch for n in c)) for c, a, _ in pairs]
    assert mean(moved) > 6
    for call, answer, _ in pairs:
        busy = len(call) / (call[-1].end_beats - 8.0)
        others = len(answer) / (answer[-1].end_beats - answer[0].onset_beats)
        assert busy < 1.3 or others < busy


def test_a_continuation_goes_on_from_where_the_call_ended():
    pairs = list(exchanges(Strategy.CONTINUATION))
    near = [abs(a[0].pitch - c[-1].pitch) <= 5 for c, a, _ in pairs]
    assert mean(near) > 0.9
    assert 0.1 < mean(interval_similarity(c, a) for c, a, _ in pairs) < 0.45
    rates = [len(a) / len(c) for c, a, _ in pairs]
    assert 0.6 < mean(rates) < 1.4  # as dense


@pytest.mark.parametrize("strategy", MADE)
def test_answers_close_on_a_chord_tone_two_times_of_three(strategy):
    ends = [sounding(h, a[-1].onset_beats).core_has(a[-1].pitch) for _, a, h in exchanges(strategy)]
    assert 0.55 < mean(ends) < 0.75


@pytest.mark.parametrize("strategy", [Strategy.CONTINUATION, Strategy.CONTRAST])
def test_made_answers_breathe(strategy):
    def breathes(notes):
        return any(b.onset_beats - a.end_beats >= REST_BEATS for a, b in pairwise(notes))

    assert mean(breathes(answer) for _, answer, _ in exchanges(strategy)) > 0.4
