import random
import statistics
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.training.corpus_chords import parse_corpus_chord as chord
from lkjam_box.lab.training.pitches import scale, sounding
from lkjam_box.lab.training.vocabulary import (
    HIGH,
    LOW,
    arpeggio,
    lead_in,
    on_beat,
    phrase,
    run,
    vocabulary_solos,
    walk,
)
from lkjam_box.music.harmony import Harmony, Metre
from lkjam_box.music.library import SHIPPED
from lkjam_box.music.progression import load_progressions, yaml_files

FORMS = [
    form
    for file in yaml_files(SHIPPED)
    for form in load_progressions(file)
    if form.metre == Metre() and not any(chord.silent for chord in form.chords)
]
SOLOS = vocabulary_solos(FORMS, 40, 3)


def test_words_on_one_chord():
    c7 = chord("C7")
    assert run(72, c7, 4, -1) == (71, 70, 69, 67)  # C B Bb A G: the dominant bebop scale
    assert run(60, chord("C6"), 7, 1) == (62, 64, 65, 67, 68, 69, 71)
    assert arpeggio(60, chord("Cj7"), 4, 1) == (64, 67, 71, 74)  # 1 3 5 7 9
    assert arpeggio(74, chord("Cj7"), 4, -1) == (72, 71, 67, 64)
    assert arpeggio(60, c7, 4, 1) == (64, 67, 70, 74)


@given(st.integers(50, 80), st.integers(1, 5), st.integers(0, 99))
def test_a_lead_in_comes_from_next_to_its_target(target, count, seed):
    found = lead_in(target, chord("F7"), count, random.Random(seed))
    assert 1 <= len(found) <= min(count, 4)
    assert 1 <= abs(found[-1] - target) <= 2
    assert all(1 <= abs(pitch - target) <= 3 for pitch in found)
    if len(found) > 1:  # an enclosure has both sides
        assert min(found) < target < max(found)


@given(
    st.lists(st.floats(0, 30), max_size=30, unique=True),
    st.integers(20, 100),
    st.integers(40, 60),
    st.integers(12, 36),
    st.integers(0, 99),
)
def test_a_walk_has_a_note_for_every_onset_within_its_register(onsets, pitch, low, span, seed):
    harmony = Harmony(FORMS[seed % len(FORMS)])
    pitches = walk(sorted(onsets), harmony, pitch, random.Random(seed), low, low + span)
    assert len(pitches) == len(onsets)
    assert all(low <= pitch <= low + span for pitch in pitches)


def test_bound_lines_have_chord_tones_on_the_beat():
    hits = [
        sounding(solo.harmony, note.onset_beats).core_has(note.pitch)
        for solo in SOLOS
        for note in solo.notes
        if on_beat(note.onset_beats) and not 0.1 < note.onset_beats % 1 < 0.9
    ]
    assert statistics.fmean(hits) > 0.75


def test_solos_hold_the_vocabulary():
    """Approach notes, enclosures, chromatic tones, triplets and syncopation, all of them often."""
    count = sum(len(solo.notes) for solo in SOLOS)
    approached = enclosed = outside = triplets = pushed = 0
    for solo in SOLOS:
        for note in solo.notes:
            outside += not scale(sounding(solo.harmony, note.onset_beats)) >> (note.pitch % 12) & 1
        for a, b in pairwise(solo.notes):
            chord = sounding(solo.harmony, b.onset_beats)
            if on_beat(b.onset_beats) and chord.core_has(b.pitch):
                approached += abs(b.pitch - a.pitch) == 1
            pushed += not on_beat(a.onset_beats) and b.onset_beats - a.onset_beats > 0.9
        for a, b, c in zip(solo.notes, solo.notes[1:], solo.notes[2:], strict=False):
            sides = {(a.pitch > c.pitch) - (a.pitch < c.pitch), (b.pitch > c.pitch) * 2 - 1}
            close = max(abs(a.pitch - c.pitch), abs(b.pitch - c.pitch)) <= 2
            enclosed += sides == {-1, 1} and close and b.pitch != c.pitch
            triplets += 0.25 < b.onset_beats - a.onset_beats < 0.42 and a.pitch == c.pitch
    assert approached / count > 0.1
    assert enclosed / count > 0.05
    assert outside / count > 0.04
    assert triplets / count > 0.01
    assert pushed / count > 0.03


def test_phrases_breathe_and_swing_in_all_keys():
    assert len({solo.harmony.progression.key.removesuffix("m") for solo in SOLOS}) >= 10
    for solo in SOLOS:
        assert all(a.end_beats <= b.onset_beats + 1e-9 for a, b in pairwise(solo.notes))
        assert all(LOW <= note.pitch <= HIGH for note in solo.notes)
        rests = [b.onset_beats - a.end_beats for a, b in pairwise(solo.notes)]
        assert max(rests) > 0.8
    assert vocabulary_solos(FORMS, 2, 3) == SOLOS[:2]


def test_only_four_four_is_played_over():
    with pytest.raises(ValueError, match="4/4"):
        vocabulary_solos([replace(FORMS[0], metre=Metre(3, 4))], 1, 1)


@given(st.integers(0, 200), st.sampled_from((0.0, 0.5, 1.5)), st.integers(1, 16))
def test_a_phrase_rises_on_the_grid_and_keeps_to_its_place(seed, start, beats):
    rng = random.Random(seed)
    notes = phrase(start + 8, 8 + start + beats, Harmony(FORMS[0]), 64, 120.0, rng)
    onsets = [note.onset_beats for note in notes]
    assert onsets == sorted(set(onsets))
    assert 7.5 + start <= onsets[0]
    assert onsets[-1] < 8 + start + beats
    assert all(abs(12 * onset - round(12 * onset)) < 1e-6 for onset in onsets)
