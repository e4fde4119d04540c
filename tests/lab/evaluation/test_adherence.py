import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.evaluation import adherence
from lkjam_box.lab.evaluation.adherence import Tone
from lkjam_box.lab.evaluation.chord_scales import scale
from lkjam_box.lab.training import corpus
from lkjam_box.lab.training.exchange import Exchange
from lkjam_box.protocol.engine import Scene
from tests.lab.evaluation.turns import chord, exchange, harmony, line

DATA = corpus.data_folder() / "wjazzd" / "wjazzd.jsonl.gz"
needs_data = pytest.mark.skipif(not DATA.exists(), reason="the shared data is not beside us")


@pytest.mark.parametrize(
    ("symbol", "steps"),
    [
        ("Cj7", {0, 2, 4, 5, 7, 9, 11}),
        ("C6", {0, 2, 4, 5, 7, 9, 11}),
        ("Cj7911#", {0, 2, 4, 6, 7, 9, 11}),
        ("C7", {0, 2, 4, 5, 7, 9, 10}),
        ("C79b13b", {0, 1, 4, 5, 7, 8, 10}),
        ("C7alt", {0, 1, 3, 4, 6, 8, 10}),
        ("Csus7", {0, 2, 4, 5, 7, 9, 10}),
        ("C-7", {0, 2, 3, 5, 7, 9, 10}),
        ("C-6", {0, 2, 3, 5, 7, 9, 11}),
        ("C-j7", {0, 2, 3, 5, 7, 9, 11}),
        ("Cm7b5", {0, 2, 3, 5, 6, 8, 10}),
        ("Co7", {0, 2, 3, 5, 6, 8, 9, 11}),
        ("C+7", {0, 2, 4, 6, 8, 10}),
        ("C+j7", {0, 2, 4, 6, 8, 9, 11}),
    ],
)
def test_scales_by_hand(symbol, steps):
    here = chord(symbol)
    mask = scale(here.core, here.tensions, here.root)
    assert {step for step in range(12) if mask >> step & 1} == steps


@given(
    st.sampled_from(["j7", "7", "-7", "m7b5", "79b", "7alt", "o7", "sus7", "+", "-6"]),
    st.integers(48, 84),
    st.integers(0, 11),
)
def test_what_a_note_is_does_not_depend_on_the_key(quality, pitch, up):
    names = ("C", "Db", "D", "Eb", "E", "F", "Gb", "G", "Ab", "A", "Bb", "B")
    here, there = chord("C" + quality), chord(names[up] + quality)
    assert adherence.tone(pitch, here) == adherence.tone(pitch + up, there)
    written = (here.core | here.tensions) >> pitch % 12 & 1
    assert not (written and adherence.tone(pitch, here) == Tone.CHROMATIC)


def test_a_note_belongs_to_the_chord_of_its_place():
    over = harmony("D-7", "G7", "NC")
    # A late F on 1 of D-7; F# in it; E as its ninth; B a little before G7; anything over N.C.
    answer = line((0.1, 65), (1.0, 66), (2.0, 64), (3.97, 71), (8.0, 61))
    assert adherence.tones(answer, over) == [
        Tone.CORE,
        Tone.CHROMATIC,
        Tone.TENSION,
        Tone.CORE,
        Tone.SILENT,
    ]


def test_resolving_is_a_step_into_a_chord_tone():
    over = harmony("Cj7")
    answer = line((0, 61), (1, 60), (2, 63), (3, 62), (4, 67), (5, 66), (6, 64), (7, 61))
    kinds = adherence.tones(answer, over)
    # Db to C does, Eb to D is no chord tone, F# to E does; the last Db goes nowhere.
    assert adherence.resolved(answer, kinds, Tone.CHROMATIC) == [True, False, True]
    assert adherence.resolved(answer, kinds, Tone.TENSION) == [False]  # D leaps to G


def test_an_answer_by_hand():
    over = harmony("Cj7", "F7")
    # Beats: 1 E, 2 C, 3 D, 3+ Db (bar 1); 1 C, 3 A (bar 2), with rests after 3+ and at the end.
    answer = line((0, 64), (1, 60), (2, 62), (2.5, 61), (4, 60), (4.5, 57), (6, 57))
    by_place = adherence.chord_tone_table([exchange(answer, over=over, bars=2)])
    assert by_place["all"] == {"share": pytest.approx(5 / 7), "n": 7}
    assert by_place["beats 1 and 3"] == {"share": 0.75, "n": 4}
    assert by_place["other beats"] == {"share": 1.0, "n": 1}
    assert by_place["off the beat"] == {"share": 0.5, "n": 2}
    assert by_place["last of phrase"]["n"] == 3
    assert by_place["last inside"] == {"share": 0.5, "n": 2}
    assert by_place["last of answer"] == {"share": 1.0, "n": 1}
    found = adherence.values(exchange(answer, over=over, bars=2))
    assert found["strong_chord_tones"] == [0.75]
    assert found["chromatic"] == [pytest.approx(1 / 7)]
    assert found["tensions"] == [pytest.approx(1 / 7)]
    assert found["last_chord_tone"] == [1.0]


def test_over_no_chord_nothing_is_told():
    found = adherence.values(exchange(line((0, 60), (1, 61)), over=harmony("NC")))
    assert not any(found.values())
    assert adherence.chord_tone_table([]) == {}


@needs_data
def test_the_human_figures_are_those_that_the_module_tells():
    """And near the README's, which are by annotated place: .525, .496; last of phrase .634."""
    solos = corpus.load(DATA, "valid")
    whole = []
    for solo in solos:
        scene = Scene(0.0, solo.notes[-1].end_beats, solo.harmony, solo.bpm)
        whole.append(Exchange(solo.id, (), scene, solo.notes, scene))
    said = adherence.chord_tone_table(whole)
    assert said["beats 1 and 3"]["share"] == pytest.approx(0.519, abs=0.001)
    assert said["all"]["share"] == pytest.approx(0.494, abs=0.001)
    assert said["last of phrase"]["share"] == pytest.approx(0.615, abs=0.001)
