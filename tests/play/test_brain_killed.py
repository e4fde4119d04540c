"""The brain dies at any moment of making an answer: the turn is whole all the same.

A network stands in that takes its time for each note, as on a slow computer. ``LKJAM_TRIES`` says
how many kills are tried, spread evenly over the making of an answer; 1000 are each tenth of a ms.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from lkjam_box.brain.markov import MarkovEngine
from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import note_off, note_on
from lkjam_box.music.note import Note
from lkjam_box.play.virtual_brain import Delays
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.records import Answered, EngineId, Heard
from lkjam_box.tempo.external_clock import ExternalClock
from tests.play.world import DrumMachine, Parrot, small_library

TRIES = int(os.environ.get("LKJAM_TRIES", "40"))
CONFIG = override(Config(), {"brain.channel": 2, "thru.channel": 1})
SLOW = Delays(hop_s=0.0005, first_note_s=0.008, note_s=0.004)  # 16 notes in 72 ms
BPM, LINE, END = 120, 12, 20  # of the turn that the brain dies over
PREPARED_S, MADE_S = 0.120, 0.100  # how long before the line it is asked, and how long it takes


class Network(Parrot):
    """A parrot whose notes tell what it had heard: each has another pitch and velocity."""

    def answer(self, question):
        heard = [note for note, *_ in self.memory] + [note for note, _ in question.tail]
        for number in range(16):
            onset = question.scene.start_beats + number / 2
            yield Note(onset, 40 + len(heard) % 12 + 12 * (number % 3), 64 + number, 0.4)


class Killed:
    """A gig in which the brain dies ``after_s`` after it is asked for the answer to one turn."""

    def __init__(self, after_s: float, rng: Random, away_s: float, late: bool, loses: bool) -> None:
        self.gig = gig = Gig(CONFIG, small_library(), ExternalClock(), self._make, delays=SLOW)
        drum = DrumMachine(gig)
        drum.start()
        drum.run(27, BPM)
        line_s = drum.time_of(LINE)
        self.killed_s = line_s - PREPARED_S + after_s
        for beat in (*range(4, 12), 11.5, 11.75, 11.9, *range(20, 27)):
            pitch, at_s = rng.randrange(60, 80), drum.time_of(beat)
            gig.key(at_s, note_on(0, pitch, 90))
            gig.key(at_s + 0.03, note_off(0, pitch))
        if late:
            gig.brain_process.held_s = lambda _: rng.uniform(0.0, 0.1)
        if loses:
            gig.brain_process.loses = lambda told: isinstance(told, Answered) and rng.random() < 0.5
        gig.kill_brain_at(self.killed_s, rng.uniform(0.001, 0.02), away_s)
        gig.run(drum.now_s)
        self.end_s = drum.now_s

    @staticmethod
    def _make(engine):
        return Network() if engine is EngineId.GRU else MarkovEngine()

    def check(self) -> str:
        """Every answer is one version's, or the beginning of one and the fallback's rest, with no
        note twice; returns what became of the one over which the brain died."""
        gig, figures = self.gig, self.gig.stage.view.figures
        assert not gig.sounding()
        assert [answer.turn.start_beats for answer in gig.answers] == [LINE]
        (answer,) = gig.answers
        told = [made for _, made in gig.brain_process.made if made.serial == answer.turn.serial]
        notes = answer.notes
        assert answer.on_time
        assert answer.played == len(notes) > 0
        assert [note.onset_beats for note in notes] == sorted({note.onset_beats for note in notes})
        assert all(LINE <= n.onset_beats < n.end_beats < END for n in notes)
        struck = [s for s in gig.sent if s.output == "synth" and s.message.kind == 0x90]
        mine = [s.message for s in struck if s.message.channel == CONFIG.brain.channel - 1]
        assert [(m[1], m[2]) for m in mine] == [(note.pitch, note.velocity) for note in notes]
        counted = (figures.fallbacks, figures.completed, figures.cut_short, figures.never_arrived)
        if answer.version == 0:
            assert counted == (1, 0, 0, 0)
            return "fallback"
        longest = max((m for m in told if m.version == answer.version), key=lambda m: len(m.notes))
        own = [(n.pitch, n.velocity) for n in longest.notes]
        if [(n.pitch, n.velocity) for n in notes] == own:
            assert longest.whole
            assert counted == (0, 0, 0, 0)
            return "whole"
        assert [(n.pitch, n.velocity) for n in notes[:1]] == own[:1]
        assert counted == (0, 1, 0, 0)
        assert answer.completed
        return "completed"


@pytest.mark.parametrize("away_s", [10.0, 0.05])
def test_every_turn_is_whole_whenever_the_brain_dies(away_s):
    rng = Random(f"killed {away_s}")
    became = [
        Killed(MADE_S * n / TRIES, rng, away_s, late=False, loses=False).check()
        for n in range(TRIES)
    ]
    assert became[0] == ("fallback" if away_s > 1 else "whole")
    assert became[-1] == "whole"
    if away_s > 1:
        assert became == sorted(became, key=["fallback", "completed", "whole"].index)
        assert len(set(became)) == 3


@pytest.mark.parametrize(("late", "loses"), [(True, False), (False, True), (True, True)])
def test_so_they_are_when_packets_come_late_or_are_lost(late, loses):
    rng = Random(f"{late} {loses}")
    for _ in range(TRIES):
        Killed(rng.uniform(0, 0.2), rng, rng.choice((0.05, 0.5, 10.0)), late, loses).check()


def test_a_note_that_comes_while_the_brain_thinks_is_in_the_answer_or_an_older_one_is_whole():
    """Nobody dies; notes come faster than versions can be made."""
    for every_s in (0.005, 0.02, 0.06, 0.09):
        gig = Gig(CONFIG, small_library(), ExternalClock(), lambda _: Network(), delays=SLOW)
        drum = DrumMachine(gig)
        drum.start()
        drum.run(27, BPM)
        now_s, pitch = drum.time_of(LINE) - 0.4, 0
        while now_s < drum.time_of(LINE) - 0.001:
            gig.key(now_s, note_on(0, 60 + pitch % 12, 90))
            gig.key(now_s + every_s * 0.9, note_off(0, 60 + pitch % 12))
            now_s, pitch = now_s + every_s, pitch + 1
        gig.run(drum.now_s)
        (answer,) = gig.answers
        assert answer.on_time
        assert (answer.engine, answer.played, answer.completed) == (EngineId.GRU, 16, False)
        told = [record for _, record in gig.told if isinstance(record, Heard)]
        assert len(told) > 4
