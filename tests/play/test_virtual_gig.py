"""Whole gigs in virtual time: on the line, within the line, nothing left sounding."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import NOTE_ON, control_change, note_off, note_on
from lkjam_box.play.virtual_brain import Delays
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.records import Command, CommandId, EngineId, Heard, TurnBegan, Withdrawn
from lkjam_box.protocol.shared_state import Mode, Sync, WarningId
from lkjam_box.stage.answer_schedule import ON_TIME_S
from lkjam_box.tempo.external_clock import ExternalClock
from lkjam_box.tempo.internal_clock import InternalClock
from tests.play.world import DrumMachine, Parrot, box_channel_held, busy_player, small_library

CONFIG = override(Config(), {"brain.channel": 2, "thru.channel": 1})
BOX = CONFIG.brain.channel - 1


def new_gig(**changes) -> Gig:
    config = override(CONFIG, changes) if changes else CONFIG
    return Gig(config, small_library(), ExternalClock(), lambda _: Parrot())


def box_notes(gig: Gig) -> list[tuple[float, int]]:
    return [
        (sent.time_s, sent.message[1])
        for sent in gig.sent
        if sent.output == "synth" and sent.message.channel == BOX and sent.message.kind == NOTE_ON
    ]


def first_notes(gig: Gig) -> dict[int, tuple[float, int]]:
    """Serial of a box turn -> (time, pitch) of its first note on the wire."""
    began = [(t, r.turn) for t, r in gig.told if isinstance(r, TurnBegan)]
    found = {}
    for number, (at_s, turn) in enumerate(began):
        until_s = began[number + 1][0] if number + 1 < len(began) else float("inf")
        inside = [n for n in box_notes(gig) if at_s - 1e-9 <= n[0] < until_s]
        if turn.seat and inside:
            found[turn.serial] = inside[0]
    return found


def test_two_loops_each():
    gig = new_gig()
    drum = DrumMachine(gig)
    drum.start()
    drum.run(36 + 1, 120)
    busy_player(gig, drum.now_s, Random(3))
    gig.run(drum.now_s)
    turns = [record.turn for record in gig.turns]
    assert [(t.loop, t.seat, t.start_beats) for t in turns] == [
        (0, 0, 4.0),
        (1, 1, 12.0),
        (2, 0, 20.0),
        (3, 1, 28.0),
        (4, 0, 36.0),
    ]
    for turn in turns[1::2]:
        at_s, _ = first_notes(gig)[turn.serial]
        assert at_s == pytest.approx(drum.time_of(turn.start_beats), abs=0.001)


@pytest.mark.parametrize("bpm", [40, 120, 300])
@pytest.mark.parametrize("before_ms", [1.0, 3.0, 40.0])
def test_the_last_note_before_the_line_is_heard_and_the_answer_is_on_time(bpm, before_ms):
    gig = new_gig()
    drum = DrumMachine(gig)
    drum.start()
    drum.run(14, bpm)
    line_s = drum.time_of(12)
    gig.key(line_s - before_ms / 1000, note_on(0, 71, 90))
    gig.key(line_s + 0.2, note_off(0, 71))
    gig.run(drum.now_s)
    at_s, pitch = next(iter(first_notes(gig).values()))
    assert pitch == 71
    assert -1e-6 <= at_s - line_s <= ON_TIME_S


def test_a_brain_too_slow_for_the_last_note_still_begins_on_time():
    """50 ms of thinking: the answer that is ready plays, not having heard the last note."""
    gig = new_gig()
    gig.brain_process.delays = Delays(first_note_s=0.05)
    drum = DrumMachine(gig)
    drum.start()
    drum.run(14, 120)
    gig.key(drum.time_of(8), note_on(0, 60, 90))
    gig.key(drum.time_of(12) - 0.001, note_on(0, 71, 90))
    gig.run(drum.now_s)
    at_s, pitch = next(iter(first_notes(gig).values()))
    assert pitch == 60
    assert at_s - drum.time_of(12) <= ON_TIME_S


def test_a_dead_brain_costs_no_turn():
    gig = new_gig()
    drum = DrumMachine(gig)
    drum.start()
    drum.run(4 + 8 * 6 + 1, 120)
    busy_player(gig, drum.now_s, Random(5))
    gig.kill_brain_at(drum.time_of(14))
    gig.run(drum.now_s)
    assert [answer.engine for answer in gig.answers] == [
        EngineId.GRU,
        EngineId.MARKOV,
        EngineId.MARKOV,
    ]
    assert all(answer.on_time for answer in gig.answers)
    assert gig.stage.snapshot(gig.now_s).warning is WarningId.BRAIN_LOST


@pytest.mark.parametrize("up_beats", [9.2, 11.9])  # a key is down at the first, not at the second
def test_a_brain_that_comes_up_in_mid_call_is_told_what_was_played(up_beats):
    gig = new_gig()
    drum = DrumMachine(gig)
    drum.start()
    drum.run(4 + 8 * 4 + 1, 120)
    for beat, pitch in ((8.0, 60), (9.0, 64), (10.0, 67), (11.0, 71)):
        gig.key(drum.time_of(beat), note_on(0, pitch, 90))
        gig.key(drum.time_of(beat + 0.5), note_off(0, pitch))
    gig.kill_brain_at(drum.time_of(8.7))
    gig.new_brain_at(drum.time_of(up_beats))
    gig.run(drum.time_of(11.99))
    call = [(note.onset_beats, note.pitch, note.end_beats) for note in gig.brain._call.notes]
    assert call == [
        pytest.approx((beat, pitch, beat + 0.5), abs=0.01)
        for beat, pitch in ((8.0, 60), (9.0, 64), (10.0, 67), (11.0, 71))
    ]
    gig.run(drum.now_s)
    (answer,) = [a for a in gig.answers if a.turn.start_beats == 12]
    assert (answer.engine, answer.heard) == (EngineId.GRU, 4)
    at_s, pitch = first_notes(gig)[answer.turn.serial]
    assert pitch == 71
    assert at_s - drum.time_of(12) < 0.001  # it did not wait for a version that heard it all


def test_a_silent_brain_that_still_lives_falls_back_in_time():
    gig = new_gig()
    gig.brain_process.delays = Delays(first_note_s=3.0)
    drum = DrumMachine(gig)
    drum.start()
    drum.run(4 + 8 * 4 + 1, 120)
    busy_player(gig, drum.now_s, Random(5))
    gig.run(drum.now_s)
    assert gig.stage.view.figures.fallbacks == 2
    assert gig.stage.snapshot(gig.now_s).warning is WarningId.BRAIN_LATE
    assert all(answer.on_time for answer in gig.answers)


def test_no_clock_ends_the_notes_and_the_clock_coming_back_goes_on():
    gig = new_gig()
    drum = DrumMachine(gig)
    drum.start()
    drum.run(15, 120)
    gone_s = drum.now_s
    drum.now_s += 5.0
    gig.run(drum.now_s - 0.01)
    assert gig.stage.clock.sync is Sync.NO_CLOCK
    assert not gig.sounding()
    last_s = max(t for t, _ in box_notes(gig))
    assert last_s <= gone_s + 2 * 0.5 + 0.1
    drum.start()
    drum.run(14, 120)
    gig.run(drum.now_s)
    assert gig.stage.clock.sync is Sync.LOCKED
    assert gig.stage.scheduler.mode is Mode.TRADING


def test_a_lost_keyboard_ends_what_it_held():
    gig = new_gig()
    drum = DrumMachine(gig)
    drum.start()
    drum.run(10, 120)
    gig.at(0.05, lambda: gig.stage.set_ports(gig.now_s, "Keys", "Drum", "Synth"))
    gig.key(2.5, note_on(0, 60, 90))
    gig.at(2.8, lambda: gig.stage.set_ports(gig.now_s, "", "Drum", "Synth"))
    gig.run(2.9)
    assert not gig.sounding()
    assert gig.stage.snapshot(2.9).warning is WarningId.NO_KEYBOARD


def test_a_pedal_hands_over_at_the_next_bar():
    gig = new_gig(**{"turns.hand_over": "cc:67"})
    drum = DrumMachine(gig)
    drum.start()
    drum.run(20, 120)
    gig.key(drum.time_of(5), control_change(0, 67, 127))
    gig.key(drum.time_of(6), control_change(0, 67, 0))
    gig.run(drum.now_s)
    assert [record.turn.start_beats for record in gig.turns][:3] == [4.0, 8.0, 16.0]
    assert not [s for s in gig.sent if s.message[0] & 0xF0 == 0xB0]


def test_a_third_seat_hears_the_second():
    gig = new_gig(**{"turns.line_up": ("human", "A", "B")})
    drum = DrumMachine(gig)
    drum.start()
    drum.run(4 + 8 * 3 + 1, 120)
    gig.key(drum.time_of(8), note_on(0, 65, 90))
    gig.run(drum.now_s)
    heads = first_notes(gig)
    assert [record.turn.seat for record in gig.turns][:4] == [0, 1, 2, 0]
    channels = {s.message.channel for s in gig.sent if s.message[0] & 0xF0 == 0x90}
    assert {BOX, BOX + 1} <= channels
    b_first = next(s for s in gig.sent if s.message[0] == 0x90 | (BOX + 1))
    assert b_first.message[1] == 65
    assert b_first.time_s == pytest.approx(drum.time_of(20), abs=0.002)
    assert len(heads) >= 1


def test_an_output_offset_moves_every_note_of_the_box():
    plain, early = new_gig(), new_gig(**{"clock.output_offset_ms": -12.0})
    for gig in (plain, early):
        drum = DrumMachine(gig)
        drum.start()
        drum.run(16, 120)
        gig.run(drum.now_s)
    for (at_s, _), (early_s, _) in zip(box_notes(plain), box_notes(early), strict=False):
        assert at_s - early_s == pytest.approx(0.012, abs=0.001)


def test_the_set_ends_silent():
    gig = new_gig(**{"turns.loops": 2})
    drum = DrumMachine(gig)
    drum.start()
    drum.run(40, 120)
    gig.run(drum.now_s)
    assert gig.stage.scheduler.mode is Mode.DONE
    assert not gig.sounding()
    assert max(t for t, _ in box_notes(gig)) < drum.time_of(20)


def test_panic_silences_all_channels_and_the_gig_goes_on():
    gig = new_gig()
    drum = DrumMachine(gig)
    drum.start()
    drum.run(40, 120)
    gig.command(drum.time_of(14.3), Command(CommandId.PANIC))
    gig.run(drum.time_of(14.4))
    assert not gig.sounding()
    assert len([s for s in gig.sent if s.message[1:2] == bytes((123,))]) == 16
    gig.run(drum.now_s)
    assert max(t for t, _ in box_notes(gig)) > drum.time_of(28)


def test_the_box_is_the_clock_when_asked_to_be():
    gig = Gig(CONFIG, small_library(), InternalClock(120), lambda _: Parrot())
    gig.command(1.0, Command(CommandId.START_STOP))
    gig.command(12.0, Command(CommandId.TEMPO, 240))
    gig.command(20.0, Command(CommandId.START_STOP))
    gig.run(21.0)
    clock = [(s.time_s, s.message) for s in gig.sent if s.output == "clock"]
    starts = [at_s for at_s, message in clock if message == b"\xfa"]
    ticks = [at_s for at_s, message in clock if message == b"\xf8" and at_s >= starts[0]]
    assert len(starts) == 1
    assert any(message == b"\xfc" for _, message in clock)
    assert [at_s - ticks[0] for at_s in ticks[:49:24]] == pytest.approx([0, 0.5, 1.0], abs=1e-6)
    assert [record.turn.start_beats for record in gig.turns][:3] == [4.0, 12.0, 20.0]
    assert len(gig.answers) >= 2
    assert all(answer.on_time for answer in gig.answers)
    assert not gig.sounding()
    fast = [b - a for a, b in pairwise(ticks) if a > 12.1 and b < 19.9]
    assert fast == pytest.approx([60 / 240 / 24] * len(fast), abs=1e-6)


def test_the_line_button_joins_a_clock_that_runs():
    gig = new_gig()
    drum = DrumMachine(gig)
    drum.run(60, 120)
    gig.command(drum.time_of(10) + 0.006, Command(CommandId.LINE_HERE))
    gig.run(drum.now_s)
    began = [(at_s, r.turn) for at_s, r in gig.told if isinstance(r, TurnBegan)]
    assert [(turn.loop, turn.start_beats) for _, turn in began][:3] == [(0, 0), (1, 8), (2, 16)]
    assert began[1][0] == pytest.approx(drum.time_of(18), abs=0.002)
    assert all(answer.on_time for answer in gig.answers)


tempi = st.floats(40, 300)
part = st.tuples(
    tempi,
    st.floats(0.85, 1.18),  # ramp to this share of the tempo
    st.integers(16, 40),  # beats
    st.sampled_from(["start", "continue", "position", "go on"]),
    st.lists(
        st.tuples(
            st.floats(0, 1),
            st.sampled_from(
                [
                    Command(CommandId.NEXT_PROGRESSION),
                    Command(CommandId.PREVIOUS_PROGRESSION),
                    Command(CommandId.KEY, 5),
                    Command(CommandId.TURN_BARS, 1),
                    Command(CommandId.TURN_BARS, 2),
                    Command(CommandId.HAND_OVER),
                ]
            ),
        ),
        max_size=3,
    ),
)
COUNTED = {"turns": 0}


@settings(max_examples=60, deadline=None)
@given(st.lists(part, min_size=3, max_size=5), st.integers(0, 2**16))
def test_any_gig_is_on_time_and_within_its_lines(parts, seed):
    """Random tempi 40-300, ramps, Stop / Continue / Song Position, changes of progression.

    Every answer's first note is on time, none crosses its line, nothing of the box sounds
    at a line, and the beat never runs backwards.
    """
    gig = new_gig(**{"turns.turn_bars": 1, "turns.preroll_bars": 1})
    drum = DrumMachine(gig)
    jumps: list[float] = [0.0]
    bpm = parts[0][0]
    for number, (other_bpm, bend, beats, way, commands) in enumerate(parts):
        if number == 0 or way == "start":
            bpm = other_bpm
            drum.stop()
            drum.start()
        elif way == "position":
            drum.stop()
            drum.go_on(seed % 64)
        elif way == "continue":
            drum.stop(0.3)
            drum.go_on()
        jumps.append(drum.now_s)
        begin_s = drum.now_s
        target = min(max(bpm * bend, 40), 300)
        drum.run(beats, bpm, target)
        bpm = target
        for share, command in commands:
            gig.command(begin_s + share * (drum.now_s - begin_s), command)
    busy_player(gig, drum.now_s, Random(seed), notes_a_second=6)
    drum.stop()

    beats_seen = [(-1.0, -1.0)]

    def look(now_s: float) -> None:
        beat = gig.stage.clock.beat_at(now_s)
        if gig.stage.clock.running:
            crossed = any(beats_seen[-1][0] <= jump <= now_s + 0.01 for jump in jumps)
            assert beat >= beats_seen[-1][1] or crossed
        beats_seen.append((now_s, beat))

    gig.run(drum.now_s + 1.0, look)
    assert not gig.sounding()
    late = [answer for answer in gig.answers if not answer.on_time]
    assert not late, [(a.turn, a.first_late_s, a.engine) for a in late]
    for answer in gig.answers:
        for note in answer.notes:
            assert answer.turn.start_beats <= note.onset_beats
            assert note.end_beats < answer.turn.end_beats
    for at_s, record in gig.told:
        if isinstance(record, TurnBegan) and record.turn.seat == 0:
            assert not box_channel_held(gig, at_s, BOX)
    COUNTED["turns"] += len(gig.turns)


def test_a_thousand_turns_were_played():
    """Runs after the property above; says that it covered what it claims."""
    if COUNTED["turns"] == 0:
        pytest.skip("runs only together with test_any_gig_is_on_time_and_within_its_lines")
    assert COUNTED["turns"] >= 1000


@pytest.mark.parametrize("seed", range(20))
def test_first_notes_fall_on_the_machines_own_line(seed):
    """Through ramps at 40-300 BPM, against when the machine's tick truly fell."""
    random = Random(seed)
    gig = new_gig(**{"turns.turn_bars": 1})
    drum = DrumMachine(gig)
    drum.start()
    bpm = random.uniform(40, 300)
    for _ in range(3):
        target = min(max(bpm * random.uniform(0.85, 1.18), 40), 300)
        drum.run(random.randrange(16, 40), bpm, target)
        bpm = target
    gig.run(drum.now_s - 0.01)
    lines = {answer.turn.serial: answer.turn.start_beats for answer in gig.answers}
    heads = {serial: note for serial, note in first_notes(gig).items() if serial in lines}
    assert len(heads) >= 4
    for serial, (at_s, _) in heads.items():
        assert abs(at_s - drum.time_of(lines[serial])) < 0.004


@pytest.mark.parametrize("beside_s", [-0.045, -0.02, 0.02, 0.045])
def test_the_box_answers_the_right_hand(beside_s):
    gig = Gig(Config(), small_library(), ExternalClock(), lambda _: Parrot())
    drum = DrumMachine(gig)
    drum.start()
    drum.run(52, 120)
    last = {}
    for loop in (0, 2, 4):
        line = 4 + loop * 8
        for eighth in range(16):
            at_s, pitch = drum.time_of(line) + eighth * 0.25, 70 + (eighth * 5 + loop) % 13
            gig.key(at_s, note_on(0, pitch, 90))
            gig.key(at_s + 0.23, note_off(0, pitch))
            last[loop] = pitch
            for left in (45, 52, 55) if eighth in (0, 3, 6, 8, 11, 15) else ():
                gig.key(at_s + beside_s, note_on(0, left, 85))
                gig.key(at_s + beside_s + 0.2, note_off(0, left))
    gig.run(drum.now_s)
    assert {a.turn.loop - 1: a.notes[0].pitch for a in gig.answers} == last
    assert all(answer.on_time for answer in gig.answers)
    assert not gig.sounding()


def test_heard_notes_come_in_order():
    gig = new_gig()
    drum = DrumMachine(gig)
    drum.start()
    drum.run(30, 180)
    busy_player(gig, drum.now_s, Random(9), notes_a_second=12)
    gig.run(drum.now_s)
    calls = {}
    for _, record in gig.told:
        if isinstance(record, Heard):
            calls.setdefault(record.serial, [])[record.seq - 1 :] = [record]
        elif isinstance(record, Withdrawn):
            del calls[record.serial][record.seq - 1 :]
    assert calls
    for call in calls.values():
        assert [record.seq for record in call] == list(range(1, len(call) + 1))
        assert all(a.onset_beats < b.onset_beats for a, b in pairwise(call))
