import math
import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from msgspec import structs

from lkjam_box.lab.training.basics import generate
from lkjam_box.lab.training.streams import CLEAN_BEATS, encode, transpose, turns, whole
from lkjam_box.music.chords import transpose_chord
from lkjam_box.music.harmony import Harmony
from lkjam_box.protocol.engine import Position

SOLOS = generate(6, seed=3)


def _moved(solo, semitones):
    form = solo.harmony.progression
    chords = tuple(transpose_chord(chord, semitones) for chord in form.chords)
    harmony = Harmony(replace(form, chords=chords), solo.harmony.origin_beats)
    notes = tuple(structs.replace(n, pitch=n.pitch + semitones) for n in solo.notes)
    return replace(solo, harmony=harmony, notes=notes)


@pytest.mark.parametrize("semitones", [-6, -1, 5])
def test_transposing_numbers_equals_encoding_the_transposed_solo(semitones):
    for solo in SOLOS:
        layout = turns(solo, random.Random(1))
        moved = transpose(replace_bounds(encode(solo, layout)), semitones)
        again = encode(_moved(solo, semitones), layout)
        for name in ("ids", "last", "root", "targets"):
            assert (getattr(moved, name) == getattr(again, name)).all(), name
        assert np.allclose(moved.floats, again.floats, atol=1e-6)


def replace_bounds(stream):
    return replace(stream, low=0, high=127)


def test_transposing_out_of_register_goes_the_other_way_round():
    stream = encode(SOLOS[0], whole(SOLOS[0]))
    narrow = replace(stream, low=int(stream.targets[:, 1].min()), high=127)
    assert (transpose(narrow, -2).targets[:, 1] == stream.targets[:, 1] + 10).all()


def test_turns_cover_the_solo_and_end_where_the_player_rests():
    for solo in SOLOS:
        for seed in range(5):
            layout = turns(solo, random.Random(seed))
            edges = [(s.first, s.last) for s in layout]
            assert edges[0][0] == 0
            assert edges[-1][1] == len(solo.notes)
            assert all(a[1] == b[0] for a, b in pairwise(edges))
            for stretch in layout:
                if stretch.end_beats < math.inf:
                    last = solo.notes[stretch.last - 1]
                    assert last.end_beats <= stretch.end_beats - CLEAN_BEATS


def test_the_last_note_of_a_turn_closes():
    solo = SOLOS[1]
    layout = turns(solo, random.Random(2))
    targets = encode(solo, layout).targets
    for stretch in layout:
        if stretch.end_beats < math.inf:
            assert targets[stretch.last - 1, 0] == Position.END
    assert targets[-1, 4] == -1
    assert (targets[:-1] >= 0).all()


def test_the_same_seed_makes_the_same_basics():
    assert generate(3, 5) == generate(3, 5)
    assert generate(3, 5) != generate(3, 6)


def test_basics_are_monophonic_and_close_on_chord_tones():
    for solo in SOLOS:
        for a, b in pairwise(solo.notes):
            assert a.end_beats <= b.onset_beats + 1e-9
        places = [t[0] for t in encode(solo, whole(solo)).targets]
        ends = [n for n, p in zip(solo.notes, places, strict=True) if p == Position.END]
        held = [solo.harmony.chord_at(n.onset_beats + 0.1).core_has(n.pitch) for n in ends]
        assert sum(held) >= 0.9 * len(held)
