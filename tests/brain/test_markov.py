"""The Markov engine: the engine contract over anything, and what it takes from the player."""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.brain.markov import MarkovEngine
from lkjam_box.brain.markov_melody import CLOSING_BEATS
from lkjam_box.brain.suffixes import START, Suffixes, symbol
from lkjam_box.config.options import Music
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import Harmony, Metre, Progression
from lkjam_box.music.library import load_library
from lkjam_box.music.note import Note
from lkjam_box.music.scales import key_mask, pitch_weights
from lkjam_box.protocol.engine import (
    DENSITIES,
    ControlValues,
    Position,
    Question,
    Role,
    Scene,
    Strategy,
    Style,
)

BOOK, _ = load_library(Music())
BLUES = BOOK.get(BOOK.find("Jazz blues"))
Placed = tuple[Note, Position]


def scene(start: float = 16.0, bars: int = 4, p: Progression = BLUES, bpm: float = 140) -> Scene:
    return Scene(start, start + bars * p.metre.bar_beats, Harmony(p), bpm)


def phrase(pitches: list[int], start: float = 0.0, step: float = 0.5) -> list[Placed]:
    last = len(pitches) - 1
    places = [Position.START, *[Position.CONTINUE] * (last - 1), Position.END]
    return [
        (Note(start + i * step, pitch, 80, step * 0.9), place)
        for i, (pitch, place) in enumerate(zip(pitches, places, strict=True))
    ]


def taught(*phrases: list[Placed], role: Role = Role.HUMAN) -> MarkovEngine:
    engine = MarkovEngine()
    for notes in phrases:
        for note, place in notes:
            engine.hear(note, place, role, scene(0.0))
    return engine


def answer(engine: MarkovEngine, over: Scene, seed: int = 1, **controls: float) -> list[Note]:
    return list(engine.answer(Question((), scene(0.0), over, ControlValues(**controls), seed)))  # type: ignore[arg-type]


@st.composite
def heard(draw: st.DrawFn) -> list[Placed]:
    """Anything a keyboard could send: any rhythm, any pitch, any position."""
    beat = draw(st.floats(-4, 4))
    notes = []
    for _ in range(draw(st.integers(0, 12))):
        beat += draw(st.floats(0, 4))
        note = Note(
            beat,
            draw(st.integers(0, 127)),
            draw(st.integers(1, 127)),
            draw(st.floats(0.001, 8)),
        )
        notes.append((note, draw(st.sampled_from(Position))))
    return notes


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    index = draw(st.integers(0, len(BOOK) - 1))
    progression = BOOK.get(index, draw(st.integers(0, 11)))
    if draw(st.booleans()):
        metre = Metre(draw(st.integers(1, 16)), draw(st.sampled_from([4, 8])))
        chord = parse_chord(draw(st.sampled_from(["N.C.", "C7alt", "Bm7b5", "F#maj7"])))
        progression = Progression("x", "C", metre, (0.0,), (chord,), 1)
    bar = progression.metre.bar_beats
    start = draw(st.integers(0, 40)) * bar
    length = draw(st.integers(1, 16)) * bar
    if draw(st.booleans()):  # not on lines, and very short
        start, length = draw(st.floats(-10, 100)), draw(st.floats(0.0, 9.0))
    origin = draw(st.sampled_from([0.0, 4.0, start]))
    return Scene(start, start + length, Harmony(progression, origin), draw(st.floats(40, 300)))


@settings(max_examples=150, deadline=None)
@given(
    heard(),
    heard(),
    scenes(),
    st.floats(0.1, 2),
    st.floats(0.1, 1),
    st.integers(0, 126),
    st.integers(1, 60),
    st.integers(0, 2**40),
    st.builds(
        dict,
        strategy=st.sampled_from(Strategy),
        style=st.sampled_from(Style),
        density=st.integers(0, DENSITIES),
        register=st.integers(-3, 3),
        heat=st.floats(-1, 1),
    ),
)
def test_every_answer_keeps_the_contract(
    memory: list[Placed],
    tail: list[Placed],
    over: Scene,
    temperature: float,
    top_p: float,
    low: int,
    span: int,
    seed: int,
    controls: dict[str, float],
) -> None:
    engine = MarkovEngine()
    for note, place in memory:
        engine.hear(note, place, Role.HUMAN, over)
    controls = ControlValues(temperature, top_p, low, min(127, low + span), **controls)  # type: ignore[arg-type]
    lowest, highest = controls.window
    over = controls.over(over)
    notes = list(engine.answer(Question(tuple(tail), over, over, controls, seed)))
    for note in notes:
        assert isinstance(note.pitch, int)
        assert lowest <= note.pitch <= highest
        assert isinstance(note.velocity, int)
        assert 1 <= note.velocity <= 127
        assert note.duration_beats > 0
    for note, following in itertools.pairwise(notes):
        assert note.onset_beats < following.onset_beats
        assert note.end_beats <= following.onset_beats + 1e-9
    if notes:
        assert notes[0].onset_beats >= over.start_beats
        assert notes[-1].end_beats <= over.end_beats - CLOSING_BEATS + 1e-9
    if over.end_beats - over.start_beats >= 1:
        assert notes
    assert list(engine.answer(Question(tuple(tail), over, over, controls, seed))) == notes


def test_seeds_differ_and_the_memory_is_left_alone() -> None:
    engine = taught(phrase([60, 62, 64, 65, 67]))
    first = [answer(engine, scene(), seed) for seed in range(20)]
    assert len({tuple(notes) for notes in first}) == 20
    assert [answer(engine, scene(), seed) for seed in range(20)] == first


def test_a_tail_answers_like_the_same_notes_heard_but_is_not_learned() -> None:
    call = phrase([60, 64, 67, 72, 71])
    engine = taught(call[:-1])
    with_tail = list(
        engine.answer(Question(tuple(call[-1:]), scene(0.0), scene(), ControlValues(), 3))
    )
    assert with_tail == list(
        engine.answer(Question(tuple(call[-1:]), scene(0.0), scene(), ControlValues(), 3))
    )
    assert with_tail != answer(engine, scene(), 3)


def test_fills_its_turn_like_a_player() -> None:
    """Four bars of 4/4 in the corpus: 11 to 49 notes (5-95 %), silent share .14 to .59."""
    engine = MarkovEngine()
    answers = [answer(engine, scene(), seed) for seed in range(60)]
    counts = sorted(map(len, answers))
    assert 16 <= counts[30] <= 30
    assert counts[2] >= 8
    silent = sorted(1 - sum(n.duration_beats for n in notes) / 16 for notes in answers)
    assert 0.2 <= silent[30] <= 0.6
    gaps = [
        max(b.onset_beats - a.end_beats for a, b in itertools.pairwise(notes)) for notes in answers
    ]
    assert sum(gap >= 0.5 for gap in gaps) > 40  # it breathes


def share_on_chord(notes: list[Note], harmony: Harmony) -> float:
    return sum(harmony.chord_at(n.onset_beats).core_has(n.pitch) for n in notes) / len(notes)


def test_hits_the_changes_more_on_strong_beats_and_closes_on_a_chord_tone() -> None:
    over = scene()
    answers = [answer(MarkovEngine(), over, seed) for seed in range(120)]
    every = [n for notes in answers for n in notes]
    strong = [n for n in every if n.onset_beats % 2 < 0.06]
    assert 0.45 < share_on_chord(every, over.harmony) < 0.75
    assert share_on_chord(strong, over.harmony) > share_on_chord(every, over.harmony)
    assert share_on_chord([notes[-1] for notes in answers], over.harmony) == 1.0


def test_temperature_and_top_p_tell_safe_from_wild() -> None:
    over = scene()

    def on_chord(**controls: float) -> float:
        notes = [n for s in range(60) for n in answer(MarkovEngine(), over, s, **controls)]
        return share_on_chord(notes, over.harmony)

    assert on_chord(temperature=0.3) > on_chord(temperature=1.0) > on_chord(temperature=2.0)
    assert on_chord(temperature=0.3) > on_chord(temperature=2.0) + 0.08
    assert on_chord(top_p=0.3) > on_chord(top_p=1.0) + 0.02


def test_phrases_are_as_long_as_the_players_even_where_nobody_marked_them() -> None:
    def longest(beats: int) -> float:
        pitches = [60 + i % 5 for i in range(beats * 2)]
        calls = [phrase(pitches, i * (beats + 3.0)) for i in range(12)]
        call = [(n, Position.CONTINUE) for notes in calls for n, _ in notes]
        lengths = []
        for seed in range(40):
            notes = answer(taught(call), scene(bars=8), seed)
            began = notes[0].onset_beats
            for a, b in itertools.pairwise(notes):
                if b.onset_beats - a.end_beats > 1.2:
                    lengths.append(a.end_beats - began)
                    began = b.onset_beats
        return sorted(lengths)[len(lengths) * 3 // 4]

    assert longest(10) > longest(2) + 2


def test_follows_the_chord_at_the_onset() -> None:
    two = Progression("x", "C", Metre(), (0.0, 8.0), (parse_chord("C"), parse_chord("F#")), 4)
    over = Scene(0.0, 16.0, Harmony(two), 120)
    notes = [n for seed in range(60) for n in answer(MarkovEngine(), over, seed)]
    c, f_sharp = parse_chord("C"), parse_chord("F#")
    for half, own, other in ((0, c, f_sharp), (1, f_sharp, c)):
        here = [n.pitch for n in notes if n.onset_beats // 8 == half]
        assert sum(map(own.core_has, here)) > 2 * sum(map(other.core_has, here))


def test_takes_over_the_players_intervals() -> None:
    fourths = [phrase([60, 65, 70, 65, 60, 65, 70, 75, 70], 8.0 * i) for i in range(20)]
    plain, learned = MarkovEngine(), taught(*fourths)

    def share_of_fourths(engine: MarkovEngine) -> float:
        found: Counter[bool] = Counter()
        for seed in range(40):
            notes = answer(engine, scene(), seed)
            found.update(
                abs(b.pitch - a.pitch) in (4, 5, 6)
                for a, b in itertools.pairwise(notes)
                if b.onset_beats - a.onset_beats < 1
            )
        return found[True] / found.total()

    assert share_of_fourths(learned) > 2 * share_of_fourths(plain)


def test_takes_over_the_players_rhythm_and_register() -> None:
    slow = [phrase([50, 52, 53, 55], 8.0 * i, step=1.0) for i in range(20)]
    fast = [phrase([74, 76, 77, 79] * 4, 8.0 * i, step=0.25) for i in range(20)]
    some = [[answer(taught(*call), scene(), seed) for seed in range(20)] for call in (slow, fast)]
    counts = [sum(map(len, answers)) for answers in some]
    assert counts[1] > 1.5 * counts[0]
    middles = [
        sum(n.pitch for a in answers for n in a) / c
        for answers, c in zip(some, counts, strict=True)
    ]
    assert middles[1] - middles[0] > 8


def test_swings_like_the_player() -> None:
    def offbeats(place: float) -> float:
        notes = [
            (Note(beat + where, 60 + int(beat) % 5, 80, 0.3), Position.CONTINUE)
            for beat in range(60)
            for where in (0.0, place)
        ]
        places = [n.onset_beats % 1 for s in range(20) for n in answer(taught(notes), scene(), s)]
        middle = sorted(p for p in places if 0.45 < p < 0.72)
        return middle[len(middle) // 2]

    assert offbeats(0.62) - offbeats(0.5) > 0.08


def test_does_not_echo() -> None:
    call = phrase([60, 63, 65, 66, 67, 70, 72, 70, 67, 66, 65, 63, 60], 0.0)
    intervals = [b[0].pitch - a[0].pitch for a, b in itertools.pairwise(call)]
    for seed in range(40):
        notes = answer(taught(call), scene(), seed)
        own = [b.pitch - a.pitch for a, b in itertools.pairwise(notes)]
        assert own[: len(intervals)] != intervals


def test_answers_often_begin_with_the_players_motif_moved_to_the_chord() -> None:
    call = phrase([72, 65, 67, 60, 62, 69])  # fifths, seconds: nothing it would say itself
    wanted = [b[0].pitch - a[0].pitch for a, b in itertools.pairwise(call)][:3]

    def begins_like_it(engine: MarkovEngine) -> int:
        answers = [answer(engine, scene(), seed) for seed in range(100)]
        own = [[b.pitch - a.pitch for a, b in itertools.pairwise(notes[:4])] for notes in answers]
        return sum(
            all(abs(x - y) <= 1 for x, y in zip(steps, wanted, strict=False)) for steps in own
        )

    assert begins_like_it(taught(call)) > 30
    assert begins_like_it(MarkovEngine()) < 5


CALL = phrase([72, 70, 67, 65, 67, 64, 60], 0.5)


def replies(**controls: float) -> list[list[Note]]:
    asked = ControlValues(**controls)  # type: ignore[arg-type]
    return [answer(taught(CALL), asked.over(scene()), seed, **controls) for seed in range(60)]


def agreement(answers: list[list[Note]], upside_down: bool = False) -> float:
    """Share of the call's intervals that the answers begin with, to a semitone."""
    wanted = [b[0].pitch - a[0].pitch for a, b in itertools.pairwise(CALL)]
    wanted = [-interval for interval in wanted] if upside_down else wanted
    found = [
        abs(b.pitch - a.pitch - interval) <= 1
        for notes in answers
        for (a, b), interval in zip(itertools.pairwise(notes), wanted, strict=False)
    ]
    return sum(found) / len(found)


def mean_pitch(answers: list[list[Note]]) -> float:
    every = [note.pitch for notes in answers for note in notes]
    return sum(every) / len(every)


def test_imitation_says_the_call_again_and_inversion_upside_down() -> None:
    imitated, inverted = (
        replies(strategy=strategy) for strategy in (Strategy.IMITATION, Strategy.INVERSION)
    )
    assert agreement(imitated) > 0.7
    assert agreement(inverted, upside_down=True) > 0.6
    assert agreement(inverted) < 0.2
    assert all(notes[0].onset_beats % 4 < 0.75 for notes in imitated)  # as in its own bar
    assert sum(notes[0].onset_beats % 4 > 0.45 for notes in imitated) == len(imitated)


def test_continuation_goes_on_from_the_last_note() -> None:
    def way(strategy: Strategy) -> float:
        firsts = [abs(notes[0].pitch - 60) for notes in replies(strategy=strategy)]
        return sum(firsts) / len(firsts)

    assert way(Strategy.CONTINUATION) < 5
    assert way(Strategy.CONTINUATION) < way(Strategy.CONTRAST)


def test_contrast_leaves_the_calls_register_and_pace() -> None:
    free, contrast = replies(), replies(strategy=Strategy.CONTRAST)
    assert agreement(contrast) < agreement(free) - 0.2
    high = [phrase([80, 79, 77, 76, 74, 77, 79, 80], 0.0)]
    low_answers = [
        answer(taught(*high), ControlValues(strategy=Strategy.CONTRAST).over(scene()), seed)
        for seed in range(40)
    ]
    assert mean_pitch(low_answers) < 66  # the middle of the window
    quick, calm = [taught(phrase([60, 62, 64, 65, 67] * 3, step=step)) for step in (0.5, 1.5)]
    over = ControlValues(strategy=Strategy.CONTRAST).over(scene())
    few, many = (
        sum(len(answer(engine, over, seed)) for seed in range(30)) for engine in (quick, calm)
    )
    assert many > 2 * few


def test_density_tells_sparse_from_busy() -> None:
    counts = [sum(map(len, replies(density=density))) for density in range(1, DENSITIES + 1)]
    assert counts == sorted(counts)
    assert counts[-1] > 2.5 * counts[0]


def test_register_moves_the_answer() -> None:
    middle = mean_pitch(replies())
    for step in (-3, -1, 1, 3):
        assert abs(mean_pitch(replies(register=step)) - middle - 4 * step) < 2


def test_heat_tells_safe_from_wild() -> None:
    over = scene()

    def on_chord(heat: float) -> float:
        notes = [n for s in range(80) for n in answer(MarkovEngine(), over, s, heat=heat)]
        return share_on_chord(notes, over.harmony)

    assert on_chord(-1.0) > on_chord(1.0) + 0.02


def test_a_straight_style_does_not_swing() -> None:
    def offbeat(style: Style) -> float:
        over = ControlValues(style=style).over(scene())
        places = [n.onset_beats % 1 for s in range(40) for n in answer(MarkovEngine(), over, s)]
        middle = sorted(place for place in places if 0.45 < place < 0.72)
        return middle[len(middle) // 2]

    assert offbeat(Style.POP) < offbeat(Style.BEBOP) - 0.03


def test_its_own_notes_are_no_lesson_and_forgetting_is_whole() -> None:
    call = phrase([60, 65, 70, 65, 60])
    fresh = [answer(MarkovEngine(), scene(), seed) for seed in range(5)]
    engine = taught(call, role=Role.BOX)
    assert len(engine._steps) == 0
    engine = taught(call)
    assert len(engine._steps) == 4
    engine.forget()
    assert [answer(engine, scene(), seed) for seed in range(5)] == fresh


def test_memory_is_bounded_and_forgets_the_oldest() -> None:
    steps = Suffixes(max_steps=50)
    for i in range(500):
        steps.learn([START, symbol(i % 7, 6), i % 90 + 1], (i % 7, 6, 0.9))
    assert len(steps) == 50
    assert sum(map(len, steps._next.values())) == 50 * 3
    assert all(steps._next.values())


def test_the_longest_known_context_speaks_first() -> None:
    from random import Random

    steps = Suffixes()
    for _ in range(50):
        steps.learn([1, 2], (5, 6, 0.9))
        steps.learn([3, 2], (-5, 6, 0.9))
    random = Random(0)
    followers = [steps.followers([1, 2], random) for _ in range(100)]
    assert sum({s[0] for s in found} == {5} for found in followers) > 90
    assert steps.followers([9], random) == []


def test_pitch_weights_order_chord_tension_scale_and_outside() -> None:
    weights = pitch_weights(parse_chord("G7b9"), key_mask("C"))
    core, tension, scale, avoid, outside = (weights[pc] for pc in (11, 8, 9, 0, 6))
    assert core > tension > scale > avoid > outside


@pytest.mark.parametrize("module", ["numpy", "yaml"])
def test_the_stage_process_can_use_it_without(module: str) -> None:
    code = f"import sys; sys.modules['{module}'] = None; import lkjam_box.brain.markov"
    subprocess.run([sys.executable, "-c", code], check=True)
