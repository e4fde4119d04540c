"""From a plan to a take, and from a take to sound, picture and figures."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from msgspec import structs
from PIL import Image

from lkjam_box.brain.markov import MarkovEngine
from lkjam_box.errors import LkjamError, OptionError, ProgressionError
from lkjam_box.midi.messages import START, TICK, note_on, real_time
from lkjam_box.music.harmony import Metre
from lkjam_box.music.note import Note
from lkjam_box.play import onsets
from lkjam_box.play.performer import read_score, write_score
from lkjam_box.play.pianoroll import BOXES, HUMAN, write_pianoroll
from lkjam_box.play.plan import make_plan
from lkjam_box.play.sent_notes import Sent, click_errors, sounding
from lkjam_box.play.set_report import summary, table, went_well
from lkjam_box.play.take import Loop, Played, Take
from lkjam_box.play.take_files import write_take
from lkjam_box.play.tempo_map import TempoMap
from lkjam_box.play.virtual_set import play_set

TEMPO_60 = TempoMap.steady(60)
play_markov = partial(play_set, make_engine=lambda _: MarkovEngine())


def a_take(**asked) -> Take:
    changes = {"brain.engine": "markov", **asked.pop("changes", {})}
    plan = make_plan(changes=changes, **asked)
    return play_markov(
        plan.config, plan.library, plan.calls, plan.tempo, loops=plan.loops, seed=plan.seed
    )


@pytest.fixture(scope="module")
def take() -> Take:
    return a_take(progression="Jazz blues", loops=4, bpm=180)


def test_a_take_has_both_sides_on_the_grid(take):
    assert [(loop.index, loop.seat, loop.start_beats) for loop in take.loops] == [
        (0, 0, 4.0),
        (1, 1, 20.0),
        (2, 0, 36.0),
        (3, 1, 52.0),
    ]
    for played in take.played:
        if played.part == "box":
            loop = next(x for x in take.loops if x.serial == played.serial)
            assert loop.seat == 1
            assert loop.start_beats - 1e-3 <= played.note.onset_beats
            assert played.note.end_beats <= loop.end_beats
    assert {p.part for p in take.played} == {"player", "box", "click"}
    assert take.chords[0] == (4.0, "F7")
    assert went_well(take)


def test_the_same_seed_gives_the_same_take():
    assert a_take(loops=2, seed=5) == a_take(loops=2, seed=5)
    assert a_take(loops=2, seed=5).played != a_take(loops=2, seed=6).played


@pytest.mark.parametrize("name", ["Jazz waltz", "6/8 minor vamp", "5/4 vamp"])
def test_other_metres(name):
    assert went_well(a_take(progression=name, loops=4))


def test_two_box_seats():
    take = a_take(loops=3, changes={"turns.line_up": ("human", "A", "B"), "turns.turn_bars": 2})
    assert {p.seat for p in take.played if p.part == "box"} == {1, 2}
    assert went_well(take)


def test_a_players_file_sets_tempo_and_loops(tmp_path):
    notes = [Played("player", Note(float(beat), 60 + beat % 5, 90, 0.5), 0) for beat in range(9)]
    file = Take("Me", Metre(), ((0.0, 96.0),), (), (), tuple(notes), 9.0)
    write_take(file, tmp_path / "me.mid")
    plan = make_plan(call=tmp_path / "me.mid", changes={"turns.turn_bars": 2})
    assert plan.tempo[0][1] == pytest.approx(96)
    assert plan.loops == 2
    assert [note.onset_beats for note in plan.calls] == list(range(8)), "beat 8 is the box's"
    assert make_plan(call=tmp_path / "me.mid", bpm=200).tempo == ((0.0, 200),)


def test_a_wrong_request_is_told():
    with pytest.raises(ProgressionError, match="Giant"):
        make_plan(progression="Giant Leaps")
    with pytest.raises(ProgressionError, match="key"):
        make_plan(key="H")
    with pytest.raises(OptionError, match=r"clock\.bpm"):
        make_plan(changes={"clock.bpm": 500})


def test_the_table_and_the_summary_agree(take):
    found = summary(take)
    assert (found["turns"], found["answers"], found["answers_on_time"]) == (4, 2, 2)
    assert found["left_sounding"] == found["dropped_records"] == 0
    text = table(take)
    assert "answers on time" in text
    assert "notes left sounding" in text


@pytest.mark.parametrize(
    ("name", "words", "of"),
    [
        ("fallbacks", "by the fallback", "of 2"),
        ("completed", "completed by the fallback", "of 2"),
        ("cut_short", "cut short by a stop", "of 2"),
        ("never_arrived", "never came", "of 2"),
        ("dropped_late", "notes left out as too late", "of 40"),
    ],
)
def test_what_was_not_played_is_told_and_out_of_how_many(take, name, words, of):
    for lost in (0, 3):
        figures = {**take.figures, "notes_asked": 40.0, name: float(lost)}
        rows = [line.split("  ") for line in table(replace(take, figures=figures)).splitlines()]
        told = {row[1]: row[-1].strip() for row in rows if len(row) > 2}
        assert told[words] == f"{lost} {of}"


def test_a_late_answer_a_drop_or_a_stuck_note_is_not_well(take):
    late = (*take.loops[:-1], Loop(3, 1, 52.0, 68.0, 9, "gru", False))
    assert not went_well(replace(take, loops=late))
    assert not went_well(replace(take, dropped=1))
    assert not went_well(replace(take, left_sounding=1))
    for name in ("never_arrived", "dropped_late"):
        assert not went_well(replace(take, figures={**take.figures, name: 1.0}))


def test_the_sound_has_the_notes_of_the_file(take, tmp_path):
    pytest.importorskip("symusic", reason="no synthesiser: the demo extra is not installed")
    from lkjam_box.play.synth import write_wav

    write_take(take, tmp_path / "demo.mid")
    write_wav(tmp_path / "demo.mid", tmp_path / "demo.wav")
    found = onsets.compare(tmp_path / "demo.wav", tmp_path / "demo.mid")
    assert found.notes == sum(p.part in ("player", "box") for p in take.played)
    assert found.share >= 0.97


def test_an_onset_detector_that_hears_what_is_not_there_would_fail(take, tmp_path):
    """The same sound against notes a fifth of a beat off is mostly not found."""
    pytest.importorskip("symusic", reason="no synthesiser: the demo extra is not installed")
    from dataclasses import replace

    from lkjam_box.play.synth import write_wav

    sparse = [p for p in take.played if p.part == "player"][::3]
    few = replace(take, played=tuple(sparse), chords=())
    write_take(few, tmp_path / "few.mid")
    write_wav(tmp_path / "few.mid", tmp_path / "few.wav")
    moved = [
        replace(p, note=structs.replace(p.note, onset_beats=p.note.onset_beats + 0.2))
        for p in sparse
    ]
    write_take(replace(few, played=tuple(moved)), tmp_path / "moved.mid")
    assert onsets.compare(tmp_path / "few.wav", tmp_path / "few.mid").share > 0.95
    assert onsets.compare(tmp_path / "few.wav", tmp_path / "moved.mid").share < 0.5


def test_the_picture_shows_both_in_their_colours(take, tmp_path):
    pytest.importorskip("matplotlib", reason="the demo extra is not installed")
    write_pianoroll(take, tmp_path / "demo.png")
    image = Image.open(tmp_path / "demo.png").convert("RGB")
    assert image.width > 1500
    colours = {colour for _, colour in image.getcolors(1 << 24)}

    def rgb(code: str) -> tuple[int, ...]:
        return tuple(int(code[i : i + 2], 16) for i in (1, 3, 5))

    assert rgb(HUMAN) in colours
    assert rgb(BOXES[0]) in colours


def test_a_score_survives_its_text():
    score = [(1.25, real_time(START)), (2.5, note_on(0, 60, 100))]
    assert read_score(write_score(score).splitlines()) == score


def test_the_wire_tells_what_still_sounds():
    sent = [Sent(0.0, "synth", note_on(0, 60, 100)), Sent(0.1, "clock", real_time(TICK))]
    assert sounding(sent) == [(0, 60)]
    assert sounding([*sent, Sent(0.2, "synth", note_on(0, 60, 0))]) == []


def test_beats_and_seconds_are_inverse_through_ramps():
    tempo = TempoMap.ramp(60, 180, 4, 16)
    for beat in (0.0, 3.9, 4.0, 7.77, 19.0, 40.0):
        assert tempo.beat_of(tempo.time_of(beat)) == pytest.approx(beat)
    assert tempo.bpm_at(30) == pytest.approx(180)


def test_no_engine_is_silence_and_that_is_well():
    take = a_take(loops=2, changes={"brain.engine": "off"})
    assert not [p for p in take.played if p.part == "box"]
    assert went_well(take)


def test_errors_share_a_base():
    assert issubclass(ProgressionError, LkjamError)


def test_clicks_are_held_against_the_true_beats():
    clicks = [Played("click", Note(beat, 76, 90, 0.1), 9) for beat in (0.0, 1.01, 1.99)]
    found = click_errors([*clicks, Played("box", Note(0.4, 60, 90, 1), 1)], TEMPO_60, Metre())
    assert found["click_p50_ms"] == pytest.approx(10)
    assert found["click_max_ms"] == pytest.approx(10)
    assert click_errors([], TEMPO_60, Metre()) == {}
