"""The virtual player keeps to its turns and to the changes."""

import pytest

from lkjam_box.config.load import override
from lkjam_box.config.options import Config, Music
from lkjam_box.music.library import load_library
from lkjam_box.music.note import Note
from lkjam_box.play.player import HIGH, LOW, calls_for, human_spans, within

BOOK, ERRORS = load_library(Music())


@pytest.mark.parametrize("index", range(len(BOOK)), ids=lambda i: BOOK.progressions[i].name)
def test_calls_stay_in_their_spans_in_order_and_in_range(index):
    tune = BOOK.get(index)
    config = override(Config(), {"turns.turn_bars": 4})
    spans = human_spans(config, tune, 6)
    notes = calls_for(tune, spans, seed=3)
    assert not ERRORS
    assert len(notes) >= 3 * len(spans)
    assert [n.onset_beats for n in notes] == sorted(n.onset_beats for n in notes)
    for note in notes:
        assert any(start <= note.onset_beats and note.end_beats <= end for start, end in spans)
        assert LOW - 1 <= note.pitch <= HIGH + 1


def test_the_same_seed_plays_the_same_another_plays_another():
    tune, spans = BOOK.get(0), [(0.0, 16.0)]
    assert calls_for(tune, spans, seed=1) == calls_for(tune, spans, seed=1)
    assert calls_for(tune, spans, seed=1) != calls_for(tune, spans, seed=2)


def test_every_other_loop_is_the_humans():
    config = override(Config(), {"turns.turn_bars": 2})
    assert human_spans(config, BOOK.get(0), 4) == [(0.0, 8.0), (16.0, 24.0)]
    config = override(Config(), {"turns.turn_bars": 2, "turns.line_up": ("human", "A", "B")})
    assert human_spans(config, BOOK.get(0), 4) == [(0.0, 8.0), (24.0, 32.0)]


def test_only_what_begins_in_a_span_counts_and_it_ends_there():
    notes = [Note(onset, 60, 90, 2.0) for onset in (0.0, 7.0, 7.999, 8.0, 9.0, 15.95)]
    kept = within(notes, [(0.0, 8.0), (16.0, 24.0)], early_beats=0.125)
    assert [n.onset_beats for n in kept] == [0.0, 7.0, 7.999, 15.95]
    assert kept[1].end_beats == 8.0
