"""The stage dies at any moment of a gig, and finds its place again from the ticks that go on."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import CONTROL_CHANGE, NOTE_ON, PITCH_BEND, control_change, voice
from lkjam_box.play.clock_jitter import MODELS
from lkjam_box.play.crash import CrashGig
from lkjam_box.protocol.records import Command, CommandId, ControlId, ControlSetting, EngineId
from lkjam_box.protocol.shared_state import Mode
from lkjam_box.tempo.external_clock import ExternalClock
from lkjam_box.tempo.internal_clock import InternalClock
from tests.play.world import DrumMachine, Parrot, busy_player, small_library

CONFIG = override(Config(), {"brain.channel": 2, "thru.channel": 1})
BEATS = 56
BOX = CONFIG.brain.channel - 1


def play(bpm, wire="DIN", kill=None, commands=(), clock=ExternalClock, beats=BEATS, seed=3):
    """A gig of ``beats``; ``kill`` is (time of the death in beats, seconds away, silent, shown)."""
    gig = CrashGig(CONFIG, small_library(), clock, lambda _: Parrot())
    rng = Random(seed)
    drum = DrumMachine(gig)
    drum.late_s = lambda: MODELS[wire](drum.now_s, rng)
    if clock is ExternalClock:
        drum.start()
        drum.run(beats, bpm)
    else:
        gig.command(0.1, Command(CommandId.START_STOP))
        drum.now_s += beats * 60 / bpm
    busy_player(gig, drum.now_s - 1.5, Random(seed))
    for beat, command in commands:
        gig.command(0.1 + beat * 60 / bpm, command)
    if kill is not None:
        beat, *rest = kill
        gig.kill(0.1 + beat * 60 / bpm, *rest)
    gig.run(drum.now_s)
    return gig


def laid(gig, after):
    """The turns that began after a beat, as all can see them."""
    return {
        (t.loop, t.seat, t.progression, t.transpose, t.start_beats, t.end_beats, t.origin_beats)
        for t in (record.turn for record in gig.turns)
        if t.start_beats > after
    }


def silent(gig, time_s):
    """No note of the box or the player is down on the wire."""
    held = set()
    for sent in gig.sent:
        if sent.time_s > time_s or sent.output != "synth":
            continue
        kind, key = sent.message[0] & 0xF0, (sent.message[0] & 15, sent.message[1])
        if kind == 0x90 and sent.message[2]:
            held.add(key)
        elif kind in (0x80, 0x90):
            held.discard(key)
    return not held


REQUESTS = (
    Command(CommandId.NEXT_PROGRESSION),
    Command(CommandId.KEY, 2),
    Command(CommandId.TURN_BARS, 1),
    Command(CommandId.HAND_OVER),
)


@settings(max_examples=15, deadline=None)
@given(
    bpm=st.floats(40, 300),
    wire=st.sampled_from(["DIN", "USB"]),
    at=st.floats(1.5, 24),
    away_s=st.floats(0.3, 5),
    request=st.sampled_from((None, *REQUESTS)),
    before=st.floats(0.2, 6),
)
@example(bpm=120.0, wire="DIN", at=12.01, away_s=0.4, request=None, before=1.0)
@example(bpm=120.0, wire="USB", at=11.99, away_s=0.4, request=REQUESTS[0], before=1.0)
@example(bpm=300.0, wire="USB", at=4.0, away_s=2.0, request=REQUESTS[2], before=1.0)
def test_place_turns_and_changes_are_as_if_it_had_lived(bpm, wire, at, away_s, request, before):
    """To the tick; what is lost is the turn that ran, and nothing sounds while it is away."""
    # what was heard tells the tempo only so well: half a tick is soon gone
    away_s = min(away_s, 1.0 if at < 4 else 0.5 * at * 60 / bpm)
    commands = [(max(at - before, 1.3), request)] if request else []
    if request is not None and (at - max(at - before, 1.3)) * 60 / bpm < 0.05:
        commands = []  # not written down yet
    whole, hurt = play(bpm, wire, None, commands), play(bpm, wire, (at, away_s), commands)
    assert hurt.stage.clock.position_ticks == whole.stage.clock.position_ticks
    back = at + (away_s + 0.3) * bpm / 60 + 0.5
    assert laid(hurt, back) == laid(whole, back)
    kill_s = 0.1 + at * 60 / bpm
    assert silent(hurt, kill_s + 0.02)
    played = {a.turn.loop: a for a in hurt.answers if a.turn.start_beats > back}
    for answer in whole.answers:
        if answer.turn.start_beats > back:
            assert played[answer.turn.loop].on_time
            assert played[answer.turn.loop].engine is EngineId.GRU


@pytest.mark.parametrize("at", [12.5, 14.0, 17.9])
def test_the_rest_of_an_answer_is_played(at):
    gig = play(120, kill=(at, 0.4))
    again = [a for a in gig.answers if a.turn.loop == 1]
    assert again[-1].played >= 1
    assert again[-1].engine is EngineId.GRU
    assert again[-1].on_time


def test_a_laptop_that_stumbles_is_asked_longer():
    for seed in range(8):
        whole = play(180, "laptop", seed=seed)
        hurt = play(180, "laptop", (20.3, 2.0), seed=seed)
        assert hurt.stage.clock.position_ticks == whole.stage.clock.position_ticks


def test_controls_and_the_choice_of_engine_are_kept():
    gig = CrashGig(CONFIG, small_library(), ExternalClock, lambda _: Parrot())
    gig.at(0.2, lambda: gig.stage.control(gig.now_s, ControlSetting(1, ControlId.DENSITY, 4)))
    gig.command(0.2, Command(CommandId.OUTPUT_OFFSET, 12))
    gig.kill(0.5, 0.5)
    gig.run(2.0)
    assert gig.stage.snapshot(2.0).density == 4
    assert gig.stage.place(2.0).offset_s == pytest.approx(0.012)


def test_without_ticks_there_is_nothing_to_go_on_with():
    gig = CrashGig(CONFIG, small_library(), ExternalClock, lambda _: Parrot())
    drum = DrumMachine(gig)
    drum.start()
    drum.run(10, 120)
    gig.kill(4.9, 0.5)
    gig.run(20.0)
    shown = gig.stage.snapshot(20.0)
    assert (shown.mode, gig.stage.clock.running) == (Mode.ARMED, False)
    drum.now_s = 20.1
    drum.start()
    drum.run(6, 120)
    gig.run(drum.now_s)
    assert gig.stage.snapshot(drum.now_s).mode == Mode.TRADING
    assert gig.stage.clock.position_ticks == 6 * 24 - 1


def test_stopped_before_it_died_it_stays_stopped_and_continue_goes_on():
    gig = CrashGig(CONFIG, small_library(), ExternalClock, lambda _: Parrot())
    drum = DrumMachine(gig)
    drum.start()
    drum.run(10, 120)
    drum.stop(2.0)
    gig.kill(drum.now_s - 1.5, 0.5)
    drum.go_on()
    drum.run(8, 120)
    gig.run(drum.now_s)
    assert gig.stage.clock.position_ticks == 18 * 24 - 1
    assert gig.stage.snapshot(drum.now_s).mode == Mode.TRADING


@pytest.mark.parametrize("status", ["start", "stop"])
def test_start_and_stop_while_it_looks_for_its_place_count(status):
    gig = CrashGig(CONFIG, small_library(), ExternalClock, lambda _: Parrot())
    drum = DrumMachine(gig)
    drum.start()
    drum.run(10, 120)
    gig.kill(drum.now_s - 0.5, 0.49)
    getattr(drum, status)()
    drum.run(6, 120)
    gig.run(drum.now_s)
    clock = gig.stage.clock
    assert clock.running is (status == "start")
    if status == "start":
        assert clock.position_ticks == 6 * 24 - 1


@settings(max_examples=8, deadline=None)
@given(at=st.floats(1.5, 24), away_s=st.floats(0.3, 5))
def test_those_who_follow_our_clock_count_on(at, away_s):
    """As master no tick is left out and none sent twice: only the time between two is longer."""
    gig = play(120, clock=InternalClock, kill=(at, away_s))
    sent = [s for s in gig.sent if s.output == "clock"]
    starts = [n for n, s in enumerate(sent) if s.message == b"\xfa"]
    assert len(starts) == 1
    ticks = sum(s.message == b"\xf8" for s in sent[starts[0] :])
    assert abs(gig.stage.clock.beat_at(gig.now_s) * 24 - (ticks - 1)) < 1.001
    assert gig.stage.snapshot(gig.now_s).mode == Mode.TRADING


@settings(max_examples=8, deadline=None)
@given(at=st.floats(1.5, 24), away_s=st.floats(0.3, 3), shown_s=st.floats(0, 0.1))
def test_an_old_note_of_where_it_was_will_do(at, away_s, shown_s):
    """The stage writes it ten times a second at the least."""
    whole, hurt = play(120), play(120, kill=(at, away_s, 0.002, shown_s))
    assert hurt.stage.clock.position_ticks == whole.stage.clock.position_ticks
    back = at + (away_s + 0.3) * 2 + 0.5
    assert laid(hurt, back) == laid(whole, back)


def test_what_was_moved_before_the_stage_died_is_not_in_the_answers_after_it():
    """At default options: the new stage does not know of the wheel, the file of held keys does."""
    gig = CrashGig(Config(), small_library(), ExternalClock, lambda _: Parrot())
    drum = DrumMachine(gig)
    drum.start()
    drum.run(BEATS, 120)
    gig.key(drum.time_of(6), voice(PITCH_BEND, 0, 0, 100))
    gig.key(drum.time_of(6), control_change(0, 2, 0))
    gig.kill(drum.time_of(8), 0.5, 0.1, 0.0)
    gig.run(drum.now_s)
    bend, breath, answered = (0, 64), 127, 0
    for sent in gig.sent:
        message = sent.message
        if message.kind == PITCH_BEND:
            bend = tuple(message[1:])
        elif message.kind == CONTROL_CHANGE and message.number == 2:
            breath = message.value
        elif message.kind == NOTE_ON and message.channel == 0:
            answered += 1
            assert (bend, breath) == ((0, 64), 127)
    assert answered > 20
