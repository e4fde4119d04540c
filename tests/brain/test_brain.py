"""The brain hears, answers in versions, remembers what was played."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.brain.brain import Brain
from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.music.library import Libraries, Library
from lkjam_box.protocol.engine import Feel, Position, Role, Strategy, Style
from lkjam_box.protocol.records import (
    Answered,
    BrainReady,
    ControlId,
    ControlSetting,
    EngineId,
    Forget,
    Heard,
    Playing,
    Prepare,
    Released,
    Turn,
    TurnBegan,
    Withdrawn,
)
from tests.play.world import Parrot, small_library

CALL = Turn(1, 0, 0, 0, 0, 0, 4.0, 12.0, 4.0, 120.0)
ANSWER = Turn(2, 1, 1, 0, 0, 0, 12.0, 20.0, 4.0, 120.0)


class Made:
    """Makes parrots and keeps them, so that a test can look into their memory."""

    def __init__(self):
        self.engines = []

    def __call__(self, engine):
        parrot = Parrot()
        parrot.id = engine
        self.engines.append(parrot)
        return parrot


def brain(make=None, **changes):
    made = make or Made()
    config = override(Config(), changes) if changes else Config()
    return Brain(config, Libraries(small_library()), made, seed=1), made


def play_call(box, *pitches):
    box.handle(TurnBegan(CALL))
    for seq, pitch in enumerate(pitches, 1):
        box.handle(Heard(1, seq, pitch, 90, 3.0 + seq))
        box.handle(Released(1, seq, 3.5 + seq))


def told(thinking):
    """What the brain tells of what it thinks."""
    return [record for record in thinking if record is not None]


def whole(thinking):
    """The version that it tells whole."""
    return next(record for record in told(thinking) if record.whole)


def notes(thinking):
    return whole(thinking).notes


def test_nothing_is_owed_before_it_is_asked():
    box, _ = brain()
    play_call(box, 60, 62)
    assert not box.owes
    assert told(box.think()) == []


def test_the_answer_has_heard_the_last_note():
    box, _ = brain()
    play_call(box, 60, 62, 67)
    box.handle(Prepare(ANSWER))
    beginning, answer = told(box.think())
    assert {note.pitch for note in answer.notes} == {67}
    assert answer == Answered(2, 1, 3, EngineId.GRU, True, 0.0, answer.notes)
    assert beginning == Answered(2, 1, 3, EngineId.GRU, False, 0.0, answer.notes[:1])
    assert told(box.think()) == []


def test_only_the_first_version_has_a_beginning():
    box, _ = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    list(box.think())
    box.handle(Heard(1, 2, 72, 90, 11.0))
    assert [record.whole for record in told(box.think())] == [True]


def test_another_note_makes_another_version():
    box, _ = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    first = next(iter(box.think()))
    box.handle(Heard(1, 2, 72, 90, 11.99))
    assert box.owes
    second = whole(box.think())
    assert (first.version, first.notes[0].pitch) == (1, 60)
    assert (second.version, second.notes[0].pitch, second.heard) == (2, 72, 2)


def test_the_first_version_is_made_to_its_end_whatever_is_heard_meanwhile():
    box, _ = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    thinking = box.think()
    next(thinking)
    box.handle(Heard(1, 2, 72, 90, 11.0))
    assert {note.pitch for note in notes(thinking)} == {60}
    assert box.owes
    assert {note.pitch for note in notes(box.think())} == {72}


def test_a_later_version_is_given_up_when_something_newer_is_heard():
    box, _ = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    list(box.think())
    box.handle(Heard(1, 2, 71, 90, 11.0))
    thinking = box.think()
    assert next(thinking) is None
    box.handle(Heard(1, 3, 72, 90, 11.5))
    assert list(thinking) == []
    assert {note.pitch for note in notes(box.think())} == {72}


@given(st.integers(1, 15))
def test_a_version_comes_through_however_fast_the_notes_come(notes_between):
    """A note is heard before each version can be whole: 16 notes, of which so many are made."""
    box, _ = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    heard, gone = 1, []
    for _ in range(100):
        newest = heard
        for made, record in enumerate(box.think(), 1):
            if record is not None and record.whole:
                gone.append(newest)
            if made == notes_between:
                heard += 1
                box.handle(Heard(1, heard, 60 + heard % 12, 90, 4.0 + heard / 4))
    assert gone[0] == 1
    waits = [later - sooner for sooner, later in pairwise(gone)]
    assert len(waits) >= 2
    assert max(waits) * notes_between <= 32 + 16 + 2 * notes_between


@pytest.mark.parametrize("over", [TurnBegan(Turn(3, 2, 0, 0, 0, 0, 20.0, 28.0, 4.0, 120.0)), None])
def test_what_nobody_wants_any_more_is_given_up(over):
    box, _ = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    thinking = box.think()
    next(thinking)
    box.handle(over or Prepare(Turn(9, 1, 1, 0, 0, 0, 12.0, 16.0, 4.0, 120.0)))
    assert list(thinking) == []


def test_once_a_version_sounds_no_other_is_made():
    box, _ = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    list(box.think())
    box.handle(Heard(1, 2, 72, 90, 11.9))
    thinking = box.think()
    next(thinking)
    box.handle(Playing(2, 1, 16))
    assert not box.owes
    assert list(thinking) == []


def test_an_answer_that_sounds_before_it_is_whole_is_told_and_remembered():
    box, made = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    thinking = box.think()
    next(thinking)
    box.handle(TurnBegan(ANSWER))
    box.handle(Playing(2, 1, 1))
    answer = whole(thinking)
    assert [note.pitch for note, *_ in made.engines[0].memory] == [60] * 17
    assert len(answer.notes) == 16


def test_a_turn_is_answered_over_the_library_it_is_of():
    engine = Asked()
    box, _ = brain(lambda _: engine)
    old, new = small_library(), Library(1, small_library().progressions[::-1])
    box.set_library(new)
    for number, library in ((0, old), (1, new), (0, old), (7, new)):
        turn = Turn(2, 1, 1, 0, 0, number, 12.0, 20.0, 4.0, 120.0)
        box.handle(Prepare(turn))
        list(box.think())
        assert engine.asked[-1][1].harmony.progression.name == library.get(0).name


def test_notes_are_taken_while_the_human_plays_all_but_the_last():
    box, made = brain()
    play_call(box, 60, 62, 64)
    memory = made.engines[0].memory
    assert [(note.pitch, position) for note, position, _ in memory] == [
        (60, Position.START),
        (62, Position.CONTINUE),
    ]
    box.handle(TurnBegan(ANSWER))
    assert memory[-1][:2] == (memory[-1][0], Position.END)
    assert memory[-1][0].pitch == 64
    assert {role for *_, role in memory} == {Role.HUMAN}


def test_a_held_note_is_cut_where_the_next_begins_and_at_the_line():
    box, made = brain()
    box.handle(TurnBegan(CALL))
    box.handle(Heard(1, 1, 60, 90, 4.0))
    box.handle(Heard(1, 2, 62, 90, 5.0))
    box.handle(TurnBegan(ANSWER))
    assert [note.duration_beats for note, *_ in made.engines[0].memory] == [1.0, 7.0]


def test_a_chord_counts_as_its_top_voice():
    box, made = brain()
    box.handle(TurnBegan(CALL))
    box.handle(Heard(1, 1, 60, 90, 4.0))
    box.handle(Heard(1, 1, 67, 90, 4.0))
    box.handle(TurnBegan(ANSWER))
    assert [note.pitch for note, *_ in made.engines[0].memory] == [67]


def test_notes_that_may_be_told_again_are_not_in_memory_yet():
    box, made = brain()
    box.handle(TurnBegan(CALL))
    for seq in range(1, 6):
        box.handle(Heard(1, seq, 59 + seq, 90, 3.0 + seq, open=3))
    assert [note.pitch for note, *_ in made.engines[0].memory] == [60, 61]
    box.handle(Heard(1, 4, 70, 90, 7.5, open=2))
    box.handle(TurnBegan(ANSWER))
    assert [note.pitch for note, *_ in made.engines[0].memory] == [60, 61, 62, 70]


def test_a_note_taken_back_was_never_there():
    box, made = brain()
    play_call(box, 60, 62)
    box.handle(Heard(1, 3, 40, 90, 7.0, open=2))
    box.handle(Prepare(ANSWER))
    assert {note.pitch for note in notes(box.think())} == {40}
    box.handle(Withdrawn(1, 3))
    assert box.owes
    again = whole(box.think())
    assert {note.pitch for note in again.notes} == {62}
    assert again.heard == 4  # three notes, and that one was none
    box.handle(TurnBegan(ANSWER))
    assert [note.pitch for note, *_ in made.engines[0].memory] == [60, 62]


def test_what_is_in_memory_is_not_told_again():
    box, made = brain()
    play_call(box, 60, 62, 64)
    box.handle(Heard(1, 1, 50, 90, 4.0))
    box.handle(Withdrawn(1, 2))
    box.handle(TurnBegan(ANSWER))
    assert [note.pitch for note, *_ in made.engines[0].memory] == [60, 62, 64]


def test_what_sounded_is_remembered_as_its_own():
    box, made = brain(**{"turns.line_up": ("human", "A", "B")})
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    answered = notes(box.think())
    box.handle(TurnBegan(ANSWER))
    box.handle(Playing(2, 1, len(answered)))
    mine, other = (engine.memory for engine in made.engines)
    assert len(mine) == len(other) == 1 + len(answered)
    assert mine[-1][2] is Role.BOX
    assert other[-1][2] is Role.HUMAN


def test_an_answer_that_never_sounded_is_forgotten():
    box, made = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    list(box.think())
    box.handle(TurnBegan(ANSWER))
    box.handle(Playing(2, 0, 0))
    assert len(made.engines[0].memory) == 1


def test_off_answers_with_silence():
    box, _ = brain(**{"brain.engine": "off"})
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    assert told(box.think()) == [Answered(2, 1, 1, EngineId.OFF, True, 0.0)]


def test_a_model_that_cannot_be_made_gives_markov():
    made = Made()

    def make(engine):
        if engine is EngineId.GRU:
            raise ImportError("no runtime")
        return made(engine)

    box, _ = brain(make)
    assert box.ready() == BrainReady(EngineId.MARKOV, 0)
    assert box.failure == "no runtime"


def test_a_model_that_fails_while_answering_gives_markov_at_once():
    class Broken(Parrot):
        def answer(self, *args):
            raise ValueError("not a number")
            yield

    made = Made()
    box, _ = brain(lambda engine: Broken() if engine is EngineId.GRU else made(engine))
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    ready, *records = told(box.think())
    assert ready == BrainReady(EngineId.MARKOV, 0)
    assert {record.engine for record in records} == {EngineId.MARKOV}
    assert records[-1].whole


def test_a_control_changes_one_seat():
    box, _ = brain()
    play_call(box, 60)
    box.handle(ControlSetting(1, ControlId.ENGINE, EngineId.MARKOV))
    box.handle(ControlSetting(9, ControlId.TEMPERATURE, 1.5))
    box.handle(Prepare(ANSWER))
    assert whole(box.think()).engine is EngineId.MARKOV


class Asked(Parrot):
    """Keeps the scenes and controls of what it hears and answers."""

    def __init__(self):
        super().__init__()
        self.heard, self.asked = [], []

    def hear(self, note, position, role, scene):
        super().hear(note, position, role, scene)
        self.heard.append((role, scene))

    def answer(self, question):
        self.asked.append((question.heard_scene, question.scene, question.controls))
        return super().answer(question)


def test_an_answer_is_made_by_the_seats_controls_and_the_call_heard_in_its_style():
    engines = [Asked(), Asked()]
    left = list(engines)
    options = {"turns.line_up": ("human", "A", "B"), "brain.style": "cool"}
    box, _ = brain(lambda _: left.pop(0), **options)
    one, other = engines
    play_call(box, 60, 62)
    box.handle(ControlSetting(1, ControlId.STRATEGY, Strategy.INVERSION))
    box.handle(ControlSetting(1, ControlId.STYLE, Style.POP))
    box.handle(ControlSetting(1, ControlId.DENSITY, 4.0))
    box.handle(ControlSetting(1, ControlId.REGISTER, -2.0))
    box.handle(ControlSetting(1, ControlId.HEAT, 0.5))
    box.handle(Prepare(ANSWER))
    answered = notes(box.think())
    heard_scene, scene, controls = one.asked[0]
    assert (scene.strategy, scene.style, scene.feel, scene.density) == (
        Strategy.INVERSION,
        Style.POP,
        Feel.EVEN,
        4,
    )
    assert (controls.register, controls.heat, controls.window) == (-2, 0.5, (40, 76))
    assert (heard_scene.strategy, heard_scene.style, heard_scene.feel, heard_scene.density) == (
        Strategy.FREE,
        Style.POP,
        Feel.EVEN,
        0,
    )
    box.handle(TurnBegan(ANSWER))
    box.handle(Playing(2, 1, len(answered)))
    role, own = one.heard[-1]
    assert (role, own.strategy, own.density) == (Role.BOX, Strategy.INVERSION, 4)
    role, others = other.heard[-1]
    assert (role, others.strategy, others.style, others.density) == (
        Role.HUMAN,
        Strategy.FREE,
        Style.COOL,
        0,
    )


def test_a_control_alone_makes_no_answer_owed():
    box, _ = brain()
    play_call(box, 60)
    box.handle(Prepare(ANSWER))
    list(box.think())
    box.handle(ControlSetting(1, ControlId.HEAT, 1.0))
    assert not box.owes


@pytest.mark.parametrize(
    "record", [Heard(99, 1, 60, 90, 4.0), Released(99, 1, 4.0), Released(1, 7, 5.0)]
)
def test_records_of_another_turn_are_ignored(record):
    box, made = brain()
    play_call(box, 60)
    box.handle(record)
    box.handle(TurnBegan(ANSWER))
    assert [note.pitch for note, *_ in made.engines[0].memory] == [60]


def test_forget_clears_every_memory():
    box, made = brain()
    play_call(box, 60, 62)
    box.handle(Forget())
    assert made.engines[0].memory == []
