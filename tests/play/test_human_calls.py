"""Calls by human soloists, at their own micro-timing and tempo, streamed through the box."""

from __future__ import annotations

import statistics
from dataclasses import replace
from random import Random

import pytest
from msgspec import structs

from lkjam_box.brain.markov import MarkovEngine
from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.lab.training.corpus import data_folder, load
from lkjam_box.midi.messages import START, TICK, real_time
from lkjam_box.music.library import Library
from lkjam_box.play.clock_jitter import MODELS, arrive
from lkjam_box.play.tempo_map import TempoMap
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.records import EngineId, Heard
from lkjam_box.tempo.external_clock import ExternalClock

DATA = data_folder()
pytestmark = pytest.mark.skipif(
    not (DATA / "wjazzd").is_dir(),
    reason=f"no corpus in {DATA}: put the shared data beside the checkout or set LKJAM_DATA",
)
CONFIG = override(
    Config(),
    {"brain.engine": "markov", "brain.channel": 2, "thru.channel": 1, "turns.turn_bars": 4},
)
LOOPS = 8


def gig_with(solo, jitter: str, seed: int) -> tuple[Gig, list, TempoMap]:
    """The first loops of a solo as the human's side of a set over its own changes."""
    gig = Gig(
        CONFIG,
        Library(0, (replace(solo.harmony.progression, key="C", turn_bars=4, loops=0),)),
        ExternalClock(),
        lambda _: MarkovEngine(),
    )
    random = Random(seed)
    bpm = min(max(solo.bpm, 40), 300)
    line = gig.stage.scheduler.grid.start_beats
    turn = gig.stage.scheduler.grid.turn_beats
    tempo = TempoMap.steady(bpm, 0.5)
    gig.clock_byte(0.3, real_time(START))
    due_s = [tempo.time_of(tick / 24) for tick in range(int((line + LOOPS * turn) * 24) + 12)]
    for arrival_s in arrive(due_s, MODELS[jitter], random):
        gig.clock_byte(arrival_s, real_time(TICK))
    first = solo.notes[0].onset_beats // 4 * 4
    calls = [structs.replace(n, onset_beats=n.onset_beats - first + line) for n in solo.notes]
    heard = [
        n
        for n in calls
        if line <= n.onset_beats < line + LOOPS * turn - 0.2
        and int((n.onset_beats - line) // turn) % 2 == 0
        and (n.onset_beats - line) % turn < turn - 0.01  # not on the very edge of the line
    ]
    gig.play(heard, tempo)
    gig.run(tempo.time_of(line + LOOPS * turn + 0.4))
    return gig, heard, tempo


@pytest.mark.parametrize("jitter", sorted(MODELS))
def test_the_box_answers_human_calls_in_time_and_hears_them_where_they_fell(jitter):
    solos = [solo for solo in load(DATA, "valid") if 60 <= solo.bpm <= 300][:6]
    assert len(solos) == 6
    errors, answers = [], []
    for seed, solo in enumerate(solos):
        gig, played, _ = gig_with(solo, jitter, seed)
        assert not gig.sounding()
        assert [a.turn.loop for a in gig.answers] == [1, 3, 5, 7]
        assert all(a.on_time and a.notes for a in gig.answers)
        assert {a.engine for a in gig.answers} == {EngineId.MARKOV}
        answers += gig.answers
        heard = [r for _, r in gig.told if isinstance(r, Heard)]
        by_pitch = {(r.pitch, round(r.onset_beats, 1)): r.onset_beats for r in heard}
        for note in played:
            near = [
                onset
                for (pitch, _), onset in by_pitch.items()
                if pitch == note.pitch and abs(onset - note.onset_beats) < 0.1
            ]
            if near:
                errors.append(min(abs(onset - note.onset_beats) for onset in near))
        assert len(heard) >= 0.9 * len(played)  # closer than a chord's spread, the top voice counts
    assert statistics.quantiles(errors, n=100)[-1] < 0.02  # beats
    assert all(a.notes[0].onset_beats >= a.turn.start_beats for a in answers)
