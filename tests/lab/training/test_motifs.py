import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.training.corpus_chords import parse_corpus_chord as chord
from lkjam_box.lab.training.motifs import (
    DEVELOPMENTS,
    chordwise,
    developed,
    displaced,
    fragment,
    motif_solos,
    new_motif,
    sequenced,
    stretched,
)
from lkjam_box.lab.training.pitches import sounding
from lkjam_box.lab.training.similarity import contour, intervals, rhythm
from lkjam_box.music.harmony import Harmony, Metre, Progression
from lkjam_box.music.library import SHIPPED
from lkjam_box.music.note import Note
from lkjam_box.music.progression import load_progressions, yaml_files

C_F = Harmony(Progression("x", "C", Metre(), (0.0, 4.0), (chord("Cj7"), chord("F7")), 2))
MOTIF = (Note(0.0, 64, 80, 0.5), Note(0.5, 67, 70, 0.5), Note(1.0, 65, 90, 1.0))
FORMS = [
    form
    for file in yaml_files(SHIPPED)
    for form in load_progressions(file)
    if form.metre == Metre()
]


def places(notes):
    return [(note.onset_beats, note.pitch, note.duration_beats) for note in notes]


def test_developments_worked_out_by_hand():
    assert places(displaced(MOTIF, 1.5)) == [(1.5, 64, 0.5), (2.0, 67, 0.5), (2.5, 65, 1.0)]
    assert places(stretched(MOTIF, 2)) == [(0.0, 64, 1.0), (1.0, 67, 1.0), (2.0, 65, 2.0)]
    assert places(stretched(MOTIF, 0.5)) == [(0.0, 64, 0.25), (0.25, 67, 0.25), (0.5, 65, 0.5)]
    assert places(fragment(MOTIF, 2)) == [(0.0, 64, 0.5), (0.5, 67, 0.5)]
    assert places(fragment(MOTIF, 2, tail=True)) == [(0.0, 67, 0.5), (0.5, 65, 1.0)]
    # E G F in C up a step: F A G; over F7 (with Eb) E G F goes down to Eb F Eb
    assert [n.pitch for n in sequenced(MOTIF, C_F, 1)] == [65, 69, 67]
    assert [n.pitch for n in sequenced(displaced(MOTIF, 4), C_F, -1)] == [63, 65, 63]
    # from the chord tone above E, the shape the same: G Bb Ab
    assert [n.pitch for n in chordwise(MOTIF, C_F, 1)] == [67, 70, 68]
    assert [n.pitch for n in chordwise(displaced(MOTIF, 4), C_F, 0)] == [63, 66, 64]


@given(st.integers(0, 500))
def test_developments_keep_what_makes_the_motif(seed):
    rng = random.Random(seed)
    harmony = Harmony(rng.choice(FORMS))
    motif = new_motif(harmony, 0.0, 120.0, rng)
    assert 3 <= len(motif) <= 6
    for steps in (-2, -1, 1, 2):
        moved = sequenced(motif, harmony, steps)
        assert rhythm(moved) == rhythm(motif)
        assert all((a.pitch - b.pitch) * steps > 0 for a, b in zip(moved, motif, strict=True))
    assert intervals(chordwise(motif, harmony, 1)) == intervals(motif)
    assert contour(stretched(motif, 2.0)) == contour(motif)
    assert rhythm(stretched(motif, 0.5)) == [size - 1 for size in rhythm(motif)]


@given(st.integers(0, 300), st.sampled_from((8.0, 16.0)))
def test_a_turn_of_developments_closes_before_its_line(seed, length):
    rng = random.Random(seed)
    harmony = Harmony(rng.choice(FORMS))
    motif = new_motif(harmony, 0.0, 120.0, rng)
    turn = developed(motif, 16.0, 16.0 + length, harmony, rng)
    assert turn[0][0] == "motif"
    assert {name for name, _ in turn[1:]} <= set(DEVELOPMENTS)
    notes = [note for _, part in turn for note in part]
    assert all(a.end_beats <= b.onset_beats + 1e-9 for a, b in pairwise(notes))
    assert notes[0].onset_beats >= 15.5
    assert notes[-1].end_beats <= 16.0 + length - 0.5 + 1e-9
    assert all(note.duration_beats > 0 for note in notes)
    last = sounding(harmony, notes[-1].onset_beats)
    assert last.silent or last.core_has(notes[-1].pitch)


@pytest.fixture(scope="module")
def solos():
    return motif_solos(FORMS, 30, 2)


def test_solos_are_playable_and_reproducible(solos):
    for solo in solos:
        assert all(a.end_beats <= b.onset_beats + 1e-9 for a, b in pairwise(solo.notes))
        assert all(50 <= note.pitch <= 82 for note in solo.notes)
    assert motif_solos(FORMS, 2, 2) == solos[:2]


def test_every_development_comes_up():
    rng = random.Random(4)
    names = set()
    for _ in range(60):
        motif = new_motif(C_F, 0.0, 120.0, rng)
        names |= {name for name, _ in developed(motif, 0.0, 16.0, C_F, rng)}
    assert names == {"motif", *DEVELOPMENTS}
