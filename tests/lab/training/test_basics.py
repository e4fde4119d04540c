import statistics
from itertools import pairwise

from lkjam_box.brain.phrases import positions
from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.pitches import scale, sounding
from lkjam_box.lab.training.placing import off_beat_beats
from lkjam_box.lab.training.vocabulary import on_beat
from lkjam_box.music.spelling import parse_key
from lkjam_box.protocol.engine import Feel, Style

SOLOS = generate(150, 5)


def test_the_same_seed_gives_the_same_solos():
    assert generate(3, 5) == SOLOS[:3]
    assert generate(3, 6) != SOLOS[:3]


def test_every_form_in_every_key_at_every_tempo():
    forms = {solo.harmony.progression.name for solo in SOLOS}
    assert {"ii-V-I", "ii-V-I m", "1-6-2-5", "blues", "blues m", "rhythm A"} < forms
    assert len({parse_key(solo.harmony.progression.key).pc for solo in SOLOS}) == 12
    tempos = [solo.bpm for solo in SOLOS]
    assert min(tempos) < 95
    assert max(tempos) > 245
    assert all(80 <= bpm <= 260 for bpm in tempos)


def test_lines_are_bound_to_their_chords():
    beats, roles = [], set()
    for solo in SOLOS:
        for note in solo.notes:
            chord = sounding(solo.harmony, note.onset_beats)
            if on_beat(note.onset_beats):
                beats.append(bool(scale(chord) >> (note.pitch % 12) & 1))
                roles.add((note.pitch - chord.root) % 12)
    assert statistics.fmean(beats) > 0.97
    assert {0, 2, 3, 4, 9, 10, 11} <= roles  # roots, ninths, thirds, thirteenths, sevenths


def test_phrases_of_one_to_four_bars_end_on_chord_tones():
    lengths, ends = [], []
    for solo in SOLOS:
        start = 0
        for i, place in enumerate(positions(solo.notes, solo.bpm)):
            if place == 2:
                lengths.append(solo.notes[i].end_beats - solo.notes[start].onset_beats)
                start = i + 1
        last = solo.notes[-1]
        ends.append(sounding(solo.harmony, last.onset_beats).core_has(last.pitch))
    assert all(ends)
    assert 3 < statistics.median(lengths) < 12
    assert statistics.quantiles(lengths, n=20)[-1] < 20


def test_one_note_at_a_time_in_register():
    for solo in SOLOS:
        assert all(a.end_beats <= b.onset_beats + 1e-9 for a, b in pairwise(solo.notes))
        assert all(48 <= note.pitch <= 84 for note in solo.notes)
        assert solo.notes[-1].end_beats < 24 * 4 + 0.5


def test_pop_is_even_and_the_rest_swings_as_humans_do():
    pop = [solo for solo in SOLOS if solo.style == Style.POP]
    assert 15 < len(pop) < 50
    assert {solo.feel for solo in pop} == {Feel.EVEN}
    for solo in pop:
        assert all(abs(4 * n.onset_beats - round(4 * n.onset_beats)) < 0.12 for n in solo.notes)
    for solo in SOLOS:
        if solo.style == Style.POP:
            continue
        assert (solo.style, solo.feel) == (Style.SWING, Feel.SWING)
        places = [n.onset_beats % 1 for n in solo.notes if 0.4 < n.onset_beats % 1 < 0.75]
        if len(places) > 20:
            assert abs(statistics.median(places) - off_beat_beats(solo.bpm)) < 0.09
