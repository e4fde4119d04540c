"""A DAW's song goes round: you and the box take turns as if it did not."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import NOTE_ON, STOP, real_time, song_position
from lkjam_box.play.crash import CrashGig
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.records import HUMAN, TurnBegan
from lkjam_box.protocol.shared_state import Mode
from lkjam_box.tempo.external_clock import QUIET_S, ExternalClock
from tests.play.daw import BAR_TICKS, FB, FC, FROM_0, MANNERS, Daw
from tests.play.world import Parrot, box_channel_held, busy_player, small_library

CONFIG = override(Config(), {"brain.channel": 2, "thru.channel": 1})
BOX = CONFIG.brain.channel - 1
JUMPS = {**{name: say(0) for name, say in MANNERS.items()}, **FROM_0}


def new_gig(turn_bars: int = 2, **changes: object) -> Gig:
    config = override(CONFIG, {"turns.turn_bars": turn_bars, **changes})
    return Gig(config, small_library(), ExternalClock(), lambda _: Parrot())


def play(gig: Gig, daw: Daw, seed: int = 3) -> Gig:
    end_s = daw.now_s
    busy_player(gig, end_s - 1.0, Random(seed))
    daw.gig.clock_byte(end_s, real_time(STOP))
    gig.run(end_s + 0.5)
    return gig


def turns(gig: Gig) -> list[tuple[int, float, float]]:
    return [(r.turn.seat, r.turn.start_beats, r.turn.end_beats) for r in gig.turns]


def notes(gig: Gig, *, offs: bool) -> list[tuple[float, bytes]]:
    """What the box sent, and when."""
    sent = [s for s in gig.sent if s.output == "synth" and s.message.channel in (BOX, BOX + 1, 9)]
    return [(s.time_s, bytes(s.message)) for s in sent if offs or s.message.kind == NOTE_ON]


def bars_with_notes(gig: Gig, daw: Daw, start: float, end: float) -> list[bool]:
    ons = [s.time_s for s in gig.sent if s.message.kind == NOTE_ON and s.message.channel == BOX]
    bars = range(round((end - start) / 4))
    spans = [(daw.time_of(start + 4 * n) - 0.002, daw.time_of(start + 4 * n + 4)) for n in bars]
    return [any(a <= t < b for t in ons) for a, b in spans]


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(sorted(JUMPS)),
    cycle_bars=st.integers(1, 12),
    first_bars=st.integers(0, 3),
    turn_bars=st.sampled_from([1, 2, 3, 4]),
    bpm=st.floats(60, 240),
    late_s=st.sampled_from([0.0, 0.001]),
    spread=st.floats(0.01, 0.9),
    line_up=st.sampled_from([("human", "A"), ("human", "A", "B"), ("A", "human"), ("A",)]),
)
def test_a_cycle_is_as_if_the_song_went_on(
    name, cycle_bars, first_bars, turn_bars, bpm, late_s, spread, line_up
):
    """Turns and notes are those of a song without jumps, whatever is said at the jump."""

    def gig_of(jump):
        gig = new_gig(turn_bars, **{"turns.line_up": line_up})
        gig.ahead_s = 0.002
        daw = Daw(gig, bpm, late_s=late_s)
        times = max(2, 24 // cycle_bars)
        daw.cycle(
            jump, (first_bars + cycle_bars) * BAR_TICKS, cycle_bars * BAR_TICKS, times, spread
        )
        return play(gig, daw), daw

    hurt, daw = gig_of(JUMPS[name])
    whole, _ = gig_of(())
    assert turns(hurt) == turns(whole)
    seats = [0 if letter == "human" else "AB".index(letter) + 1 for letter in line_up]
    assert [seat for seat, *_ in turns(hurt)] == [
        seats[number % len(seats)] for number in range(len(turns(hurt)))
    ]
    at_once = spread * 60 / bpm / 24 < QUIET_S  # else a note that sounds then is ended
    sent, as_whole = notes(hurt, offs=at_once), notes(whole, offs=at_once)
    assert [message for _, message in sent] == [message for _, message in as_whole]
    for (at_s, _), (whole_s, _) in zip(sent, as_whole, strict=True):
        assert abs(at_s - whole_s) < 0.002
    for seat, start, end in turns(hurt)[:-1]:
        if seat == 1:
            assert all(bars_with_notes(hurt, daw, start, end))
    assert not hurt.sounding()
    assert {a.on_time for a in hurt.answers} <= {True}


@settings(max_examples=12, deadline=None)
@given(
    name=st.sampled_from(sorted(JUMPS)),
    cycle_bars=st.integers(1, 5),
    at=st.floats(8, 40),
    away_s=st.floats(0.3, 3),
)
def test_a_stage_that_dies_on_the_way_round_finds_its_turn(name, cycle_bars, at, away_s):
    def gig_of(dies):
        gig = CrashGig(CONFIG, small_library(), ExternalClock, lambda _: Parrot())
        daw = Daw(gig, 120)
        daw.cycle(JUMPS[name], cycle_bars * BAR_TICKS, cycle_bars * BAR_TICKS, 20 // cycle_bars)
        if dies:
            gig.kill(0.1 + at / 2, away_s)
        return play(gig, daw)

    def later(gig):
        return [turn for turn in turns(gig) if turn[1] > at + 2 * away_s + 2]

    hurt, whole = gig_of(True), gig_of(False)
    assert later(hurt) == later(whole)
    assert not hurt.sounding()


@pytest.mark.parametrize("cycle_bars", [1, 2, 3, 4, 5, 8, 12])
@pytest.mark.parametrize("name", sorted(JUMPS))
def test_fours_in_every_manner(name, cycle_bars):
    gig = new_gig(4)
    daw = Daw(gig, 120)
    daw.cycle(JUMPS[name], cycle_bars * BAR_TICKS, cycle_bars * BAR_TICKS, 32 // cycle_bars)
    play(gig, daw)
    seats = [seat for seat, *_ in turns(gig)]
    assert seats == [number % 2 for number in range(len(seats))]
    assert len(seats) >= 8
    for seat, start, end in turns(gig)[:-1]:
        assert end - start == 16
        assert not seat or all(bars_with_notes(gig, daw, start, end))


@pytest.mark.parametrize("between", [1, 2])
@pytest.mark.parametrize("start", [False, True])
def test_ticks_may_fall_between_stop_and_continue(between, start):
    gig = new_gig(2)
    daw = Daw(gig, 140)
    daw.cycle((), 4 * BAR_TICKS, 0, 0)
    for _ in range(6):
        daw.say((FC,), 0.001)
        daw.tick(between)
        daw.say(FROM_0["start"] if start else (song_position(0), FB), 0.0005)
        daw.tick(4 * BAR_TICKS - between)
    play(gig, daw)
    assert [(s, a) for s, a, _ in turns(gig)] == [(n % 2, 4.0 + 8 * n) for n in range(14)]
    assert not gig.sounding()


@settings(max_examples=40, deadline=None)
@given(
    name=st.sampled_from(["stop, position, continue", "start", "stop, start"]),
    first=st.integers(16, 64).map(lambda n: 6 * n) | st.integers(BAR_TICKS, 4 * BAR_TICKS),
    ticks=st.integers(2, 64).map(lambda n: 6 * n) | st.integers(12, 4 * BAR_TICKS),
    at=st.integers(0, 40),
    turn_bars=st.sampled_from([1, 2, 4]),
    bpm=st.floats(60, 240),
)
def test_lines_stay_on_bar_lines_that_are_heard(name, first, ticks, at, turn_bars, bpm):
    """A cycle of any length, from any place: bars of the song are where lines are."""
    gig = new_gig(turn_bars)
    daw = Daw(gig, bpm)
    at = 0 if "start" in name else at
    jump = MANNERS[name](at) if name in MANNERS else FROM_0[name]
    times = 10
    daw.cycle(jump, first, ticks, times)
    play(gig, daw)
    began = [(t, r.turn) for t, r in gig.told if isinstance(r, TurnBegan)]
    seats = [turn.seat for _, turn in began]
    assert seats == [number % 2 for number in range(len(seats))]
    place = list(range(first)) + [at * 6 + n for _ in range(times) for n in range(ticks)]
    fell_s = daw.ticks_s
    for time_s, turn in (one for one in began if one[0] < fell_s[-1] + 0.001):
        number = min(range(len(fell_s)), key=lambda n: abs(fell_s[n] - time_s))
        off = (place[number] + BAR_TICKS // 2) % BAR_TICKS - BAR_TICKS // 2
        assert off == 0 if not (first % 6 or ticks % 6) else -6 < off <= 0
        if turn.seat == HUMAN:
            assert not box_channel_held(gig, time_s + 0.0001, BOX)
    played = {answer.turn.loop for answer in gig.answers if answer.played}
    assert {turn.loop for _, turn in began[:-1] if turn.seat} <= played
    assert not gig.sounding()


def joined(sixteenths: int | None, rest_s: float, beats: float = 30.0, **changes: object) -> Gig:
    """Play ``beats``, stop for ``rest_s``, go on, at a place if one is given, for long."""
    gig = new_gig(4, **changes)
    daw = Daw(gig, 120)
    daw.cycle((), round(beats * 24), 0, 0)
    daw.say((FC,))
    daw.now_s += rest_s

    def held():
        return box_channel_held(gig, gig.now_s, BOX)

    gig.at(daw.now_s - 0.1, lambda: setattr(gig, "at_rest", (len(gig.turns), held())))
    daw.say((FB,) if sixteenths is None else (song_position(sixteenths), FB))
    daw.tick(64 * 24)
    return play(gig, daw)


@pytest.mark.parametrize("bar", [0, 1, 2, 3, 4, 5, 6, 7, 9, 16, 33])
@pytest.mark.parametrize("off", [0, 4, 7])
def test_continue_from_another_place_begins_with_the_human(bar, off):
    gig = joined(bar * 16 + off, 1.0)
    before, sounding = gig.at_rest
    assert not sounding
    after = turns(gig)[before:]
    assert [seat for seat, *_ in after] == [number % 2 for number in range(len(after))]
    assert len(after) >= 4
    begin = max(bar * 4.0, 4.0) if bar or not off else 4.0
    assert after[0][1] == pytest.approx(begin, abs=0.01)
    assert all(end - start == pytest.approx(16) for _, start, end in after)
    answers = [a for a in gig.answers if a.turn.start_beats >= begin and a.turn.loop]
    assert all(answer.on_time for answer in answers)
    assert not gig.sounding()


@pytest.mark.parametrize(
    ("beats", "seat", "start"),
    [
        (10.0, HUMAN, 4.0),  # in his turn: it goes on
        (20.0, 1, 20.0),  # on the box's line: its turn, whole
        (30.0, HUMAN, 28.0),  # in the box's turn: his, from this bar on
        (36.0, HUMAN, 36.0),
    ],
)
def test_continue_where_it_stopped(beats, seat, start):
    gig = joined(None, 1.0, beats)
    before, _ = gig.at_rest
    after = turns(gig)[before:]
    assert after[0][:2] == (seat, pytest.approx(start, abs=0.01))
    assert [s for s, *_ in after] == [(seat + number) % 2 for number in range(len(after))]
    if seat:
        answer = next(a for a in gig.answers if a.turn.start_beats == start and a.played > 8)
        assert answer.on_time


def test_a_box_alone_plays_the_rest_of_its_turn():
    gig = joined(16 * 7, 1.0, **{"turns.line_up": ("A",)})
    before, _ = gig.at_rest
    first = gig.turns[before].turn
    assert (first.seat, first.start_beats) == (1, 20.0)
    (answer,) = [a for a in gig.answers if a.turn.serial == first.serial]
    assert answer.played >= 14  # eighths of two bars


def test_with_song_the_place_says_whose_turn_it_is():
    """Bars 1 to 9 go round: count-in, four bars of yours, four of the box's."""
    gig = new_gig(4, **{"clock.jump": "song"})
    daw = Daw(gig, 120)
    daw.cycle(MANNERS["stop, position, continue"](16), 9 * BAR_TICKS, 8 * BAR_TICKS, 5)
    play(gig, daw)
    assert turns(gig)[:-1] == [(0, 4.0, 20.0), (1, 20.0, 36.0)] * 6
    assert all(answer.on_time and answer.played > 16 for answer in gig.answers[:-1])
    assert not gig.sounding()


def test_with_song_a_box_turn_entered_in_its_middle_is_played_from_there():
    gig = new_gig(4, **{"clock.jump": "song"})
    daw = Daw(gig, 120)
    daw.cycle(MANNERS["stop, position, continue"](7 * 16), 10 * BAR_TICKS, 3 * BAR_TICKS, 3)
    play(gig, daw)
    rest = [a for a in gig.answers if a.turn.start_beats == 20.0]
    assert len(rest) == 4
    assert all(answer.played >= 14 for answer in rest[1:])
    assert not gig.sounding()


@pytest.mark.parametrize("mode", ["trade", "song"])
def test_the_count_in_is_given_once(mode):
    gig = new_gig(2, **{"clock.jump": mode})
    daw = Daw(gig, 120)
    daw.cycle(FROM_0["start"], 4 * BAR_TICKS, 4 * BAR_TICKS, 4)
    play(gig, daw)
    clicks = [s for s in gig.sent if s.message.kind == NOTE_ON and s.message.channel == 9]
    assert len(clicks) == 4


def test_a_set_that_is_done_stays_done():
    gig = new_gig(1, **{"turns.loops": 4})
    daw = Daw(gig, 120)
    daw.cycle(FROM_0["start"], 4 * BAR_TICKS, 4 * BAR_TICKS, 4)
    busy_player(gig, daw.now_s, Random(1))
    gig.run(daw.now_s)
    assert gig.stage.scheduler.mode is Mode.DONE
    assert len(gig.turns) == 4
