from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.brain.markov import MarkovEngine
from lkjam_box.lab.evaluation import free
from lkjam_box.lab.training.exchange import Exchange
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import Harmony, Metre, Progression
from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import (
    ControlValues,
    Feel,
    Position,
    Role,
    Scene,
    Strategy,
    Style,
)

HARMONY = Harmony(Progression("solo", "Eb-min", Metre(), (0.0,), (parse_chord("Ebm7"),), 64))


def exchange(number=0, style=Style.BEBOP, harmony=HARMONY, seed=1):
    rng = Random(seed + number)
    start = 32.0 * number

    def turn(at):
        return tuple(Note(at + i * 0.5, 60 + rng.randrange(12), 80, 0.4) for i in range(20))

    return Exchange(
        f"solo:{8 * number}",
        turn(start),
        Scene(start, start + 16, harmony, 150.0, style=style, feel=Feel.LATIN),
        turn(start + 16),
        Scene(start + 16, start + 32, harmony, 150.0, style=style, feel=Feel.LATIN),
    )


@dataclass
class Said:
    note: Note
    position: Position
    own: bool
    unasked: bool = True


class Engine:
    """Writes down what it is told; plays one note that ends ``early`` before the line."""

    def __init__(self, early=1.0, length=0.5):
        self.told, self.early, self.length = [], early, length

    def forget(self):
        self.told.append("forget")

    def hear(self, note, position, role, scene):
        self.told.append((note, position, role, scene))

    def answer(self, question):
        self.told.append(question)
        yield Note(question.scene.end_beats - self.early - self.length, 60, 80, self.length)


class Placing(Engine):
    def __init__(self, position, own, early=1.0):
        super().__init__(early)
        self.position, self.own = position, own

    def placed(self, question):
        for note in self.answer(question):
            yield Said(note, self.position, self.own)


def test_an_engine_hears_one_call_and_answers_as_it_is_asked():
    engine, calls = Engine(), [exchange(0), exchange(1)]
    played = free.answers(lambda: engine, calls, Strategy.INVERSION, ControlValues(low=50), seed=7)
    first, second = engine.told[:22], engine.told[22:]
    assert first[0] == second[0] == "forget"
    assert [one[0] for one in first[1:21]] == list(calls[0].call)
    assert {one[2] for one in first[1:21]} == {Role.HUMAN}
    assert first[20][1] is Position.END
    question = first[21]
    heard, scene, controls, seed = (
        question.heard_scene,
        question.scene,
        question.controls,
        question.seed,
    )
    assert question.tail == ()
    assert (heard.start_beats, heard.feel) == (0.0, Feel.LATIN)
    assert (scene.start_beats, scene.end_beats) == (16.0, 32.0)
    assert (scene.strategy, scene.style, controls.strategy) == (
        Strategy.INVERSION,
        Style.BEBOP,
        Strategy.INVERSION,
    )
    assert (controls.low, controls.high) == (50, 84)
    assert seed != second[21].seed
    assert [x.id for x in played] == [x.id for x in calls]
    assert played[0].call == calls[0].call
    assert played[0].answer != calls[0].answer
    assert played[0].strategy is Strategy.INVERSION


def test_the_same_seed_gives_the_same_answers_whoever_was_answered_before():
    calls = [exchange(i) for i in range(3)]
    one = free.answers(MarkovEngine, calls, seed=3)
    assert free.answers(MarkovEngine, calls, seed=3) == one
    assert free.answers(MarkovEngine, calls[:1], seed=3) == one[:1]
    assert free.answers(MarkovEngine, calls, seed=4) != one


def test_a_key_as_the_corpus_writes_it_is_played():
    """The Markov engine reads the key; ``Eb-min`` it would refuse."""
    (played,) = free.answers(MarkovEngine, [exchange()])
    assert played.answer
    assert played.scene.harmony.progression.key == "Ebm"


@pytest.mark.parametrize(
    ("engine", "closed"),
    [
        (Engine(early=1.0), True),
        (Engine(early=1 / 48), False),  # cut by the line
        (Engine(early=0.05, length=0.1), False),  # begun too late to be meant
        (Placing(Position.END, True), True),
        (Placing(Position.END, False), False),  # the line's End
        (Placing(Position.CONTINUE, True), False),
        (Placing(Position.END, True, early=-0.1), False),  # past the line
        (Placing(Position.END, True, early=1 / 48), True),  # its word counts, not its end
    ],
)
def test_closed_is_an_end_of_its_own_inside_the_loop(engine, closed):
    (played,) = free.answers(lambda: engine, [exchange()])
    assert played.closed is closed


@pytest.mark.parametrize(
    ("own", "unasked", "found"), [(True, True, True), (True, False, False), (False, True, False)]
)
def test_unasked_is_stricter_than_closed(own, unasked, found):
    class Looking(Placing):
        def placed(self, *args):
            for said in super().placed(*args):
                yield replace(said, unasked=unasked)

    (played,) = free.answers(lambda: Looking(Position.END, own), [exchange()])
    assert (played.closed, played.unasked) == (own, found)


def test_an_answer_without_notes_closes_nothing():
    assert not free.stops_by_itself((), exchange().scene)


@given(st.integers(1, 40), st.integers(0, 100), st.integers(0, 9))
def test_calls_are_chosen_evenly(calls, count, seed):
    all_calls = list(range(calls))
    picked = free.chosen(all_calls, count, seed)
    assert len(picked) == count
    times = [picked.count(call) for call in all_calls]
    assert max(times) - min(times) <= 1
    if count <= calls:
        assert picked == sorted(picked)
        gaps = [b - a for a, b in pairwise(picked)]
        assert all(calls // count <= gap <= -(-calls // count) for gap in gaps)


def test_no_calls_no_choice():
    assert free.chosen([], 5) == []


def test_random_pairs_come_from_other_solos_and_lie_in_these_bars():
    other = replace(HARMONY, origin_beats=4.0)
    mine = [exchange(i) for i in range(3)]
    theirs = [exchange(i, harmony=other, seed=50) for i in range(3)]
    for pair, call in zip(free.random_pairing([*mine, *theirs]), [*mine, *theirs], strict=True):
        strangers = theirs if call in mine else mine
        assert not pair.seen
        assert pair.call == call.call
        assert [n.pitch for n in pair.answer] in [[n.pitch for n in x.answer] for x in strangers]
        assert pair.answer[0].onset_beats == call.scene.start_beats
    assert free.random_pairing(mine[:1]) == []
