"""Which machine the box is with, in situations that players tell of; the real clock behind it."""

from __future__ import annotations

from collections.abc import Container
from random import Random

import pytest

from lkjam_box.midi.messages import song_position
from lkjam_box.play.clock_jitter import MODELS, arrive, stall, steady, ticks_at
from lkjam_box.protocol.shared_state import Sync
from lkjam_box.tempo.clock import Transport
from lkjam_box.tempo.gate import ClockGate
from tests.tempo.orders import F8, FA, FB, FC, Box, Hand, Machine, Sent

TEMPI = [(120, 120), (120, 93.5), (61, 187), (200, 60), (120, 121)]
NEAR_BEATS = 0.03


def drums(bpm: float, idles: bool = False, **more) -> Machine:
    return Machine("drums", bpm, idles, 0.3, random=Random(2), **more)


def keys(bpm: float, on_s: float = 0.1, **more) -> Machine:
    """A keyboard that ticks from power-on."""
    return Machine("keys", bpm, True, on_s, random=Random(3), **more)


def play(end_s: float, hands: list[Hand], *machines: Machine) -> Box:
    box = Box()
    box.hear(*(machine.sends(hands, end_s) for machine in machines))
    return box


def with_it(box: Box, machine: Machine, time_s: float) -> bool:
    master, _, beat = box.look(time_s)
    true = machine.beat(time_s)
    return master == machine.name and true is not None and abs(beat - true) < NEAR_BEATS


# --- a keyboard that ticks and never starts


@pytest.mark.parametrize(("idle_bpm", "bpm"), TEMPI)
@pytest.mark.parametrize("on_s", [0.1, 6.4])  # before the drum machine, and in its set
def test_who_sent_start_is_followed_and_not_who_ticks(idle_bpm, bpm, on_s):
    hands = [Hand(5, "drums", "start"), Hand(12, "drums", "stop"), Hand(14, "drums", "start")]
    for end_s in (5.6, 11.9, 19.9):
        drum = drums(bpm)
        assert with_it(play(end_s, hands, drum, keys(idle_bpm, on_s)), drum, end_s)
    box = play(20, hands, drums(bpm), keys(idle_bpm, on_s))
    started = [time_s for time_s, event in box.events if event is Transport.STARTED]
    assert started == pytest.approx([5.003, 14.003], abs=0.01)
    assert not [event for _, event in box.events if event is Transport.LOST]


def test_a_tempo_shows_and_a_line_can_be_set_while_nobody_was_started():
    box = play(4, [], keys(97))
    assert box.look(4.0)[:2] == ("keys", Sync.LOCKED)
    assert box.clock.display_bpm == pytest.approx(97, abs=0.2)
    assert box.clock.line_is_here(4.0) == (Transport.LOCATED,)
    box.gate.joined()
    stray = [Hand(5, "drums", "start"), Hand(6, "drums", "stop")]
    late = [one for one in keys(97).sends([], 12) if one[0] > 4]
    box.hear(late, drums(140).sends(stray, 12))
    assert (box.gate.master, box.clock.running) == ("keys", True)  # as had it been started


def test_the_first_of_two_idle_ones_holds_the_box_until_it_is_silent():
    gate = ClockGate()
    assert gate.pass_on(1.0, "drums", F8) == (F8,)
    assert gate.pass_on(2.9, "keys", F8) == ()
    assert gate.pass_on(3.1, "keys", F8) == (F8,)
    assert gate.master == "keys"


# --- Start without ticks


@pytest.mark.parametrize("before_s", [0.02, 0.3, 1.0, 1.9])
@pytest.mark.parametrize("ticks", [(), (0.02,)])  # of the keyboard, then silence
def test_play_on_a_keyboard_that_does_not_tick_holds_nothing(before_s, ticks):
    drum, box = drums(104), Box()
    hands = [Hand(5, "drums", "start")]
    pressed = [(5 - before_s, "keys", FA)]
    pressed += [(5 - before_s + after_s, "keys", F8) for after_s in ticks if before_s > 0.3]
    box.hear(pressed, drum.sends(hands, 12))
    assert with_it(box, drum, 12)
    assert box.events[-1] == (pytest.approx(5.003, abs=0.002), Transport.STARTED)


def test_a_lone_machine_may_take_its_time():
    box = Box()
    box.hear([(1.0, "drums", FA)], [(9.0 + n * 0.02, "drums", F8) for n in range(9)])
    assert box.events == [(9.0, Transport.STARTED)]


def test_a_start_is_given_with_its_tick_and_counts_for_two_seconds():
    for wait_s, started in ((0.02, True), (1.5, True), (2.5, False)):
        box = Box()
        box.put(0.9, "keys", F8)
        box.put(1.0, "drums", FA)
        assert [m for _, _, m in box.passed] == [F8]
        box.hear([(1.0 + wait_s + n * 0.02, "drums", F8) for n in range(9)])
        assert box.clock.running == started
        assert ((1.0 + wait_s, "drums", FA) in box.passed) == started


# --- stray messages of another device in mid-set


@pytest.mark.parametrize("idles", [True, False])
@pytest.mark.parametrize(
    "stray",
    [(FA,), (FB,), (FC,), (song_position(9),), (FA, FC), (FC, song_position(0), FB), (FB, FC)],
)
def test_a_stray_message_does_nothing(stray, idles):
    drum, box = drums(120), Box()
    sent = drum.sends([Hand(1, "drums", "start")], 30)
    idle = keys(133).sends([], 30) if idles else []
    if stray[-1] is FA and idles:
        pytest.skip("a machine that ticks on after its Start was started")
    box.hear(sent, idle, [(8.0 + n * 0.4, "keys", message) for n, message in enumerate(stray)])
    assert [event for _, event in box.events] == [Transport.STARTED]
    assert with_it(box, drum, 30)


@pytest.mark.parametrize("beats", [0.1, 2.0, 3.7])
def test_a_start_that_is_taken_back_within_its_bar_does_nothing(beats):
    drum, other = drums(120), keys(90)
    hands = [Hand(1, "drums", "start"), Hand(9, "keys", "start")]
    hands.append(Hand(9 + beats * 60 / 90, "keys", "stop"))
    box = play(30, hands, drum, other)
    assert [event for _, event in box.events] == [Transport.STARTED]
    assert with_it(box, drum, 30)


# --- the machine started last


@pytest.mark.parametrize(("first_bpm", "bpm"), TEMPI)
@pytest.mark.parametrize("idles", [True, False])
def test_another_machine_has_the_box_a_bar_after_its_start(first_bpm, bpm, idles):
    first, second = drums(first_bpm), Machine("second", bpm, idles, 0.2, random=Random(4))
    hands = [Hand(2, "drums", "start"), Hand(9, "second", "start")]
    bar_s = second.bar_s + 2 * second.period_s
    assert with_it(play(9 + bar_s - 0.3, hands, first, second), first, 9 + bar_s - 0.3)
    end_s = 9 + bar_s + 0.3
    first, second = drums(first_bpm), Machine("second", bpm, idles, 0.2, random=Random(4))
    box = play(end_s, hands, first, second)
    assert with_it(box, second, end_s)
    stopped_s, located_s, continued_s = [t for t, _, m in box.passed if m is not F8][1:]
    assert stopped_s + 2 * first.period_s + 0.005 < located_s == continued_s  # no song's jump
    assert continued_s == pytest.approx(second.starts[0][0] + second.bar_s, abs=0.01)


@pytest.mark.parametrize("away", ["stop", "stall"])
def test_another_machine_has_the_box_at_once_where_the_master_does_not_run(away):
    first, second = drums(120), keys(97)
    hands = [Hand(2, "drums", "start"), Hand(8, "drums", away, 9.0), Hand(9, "keys", "start")]
    box = play(9.4, hands, first, second)
    assert with_it(box, second, 9.4)
    assert box.events[-1][1] is Transport.STARTED
    second = keys(97)
    hands = [hands[0], Hand(7, "keys", "start"), hands[1]]  # in its first bar
    assert with_it(play(9, hands, drums(120), second), second, 9)


def test_after_its_stop_the_box_stays_with_the_machine_started_last():
    hands = [Hand(1, "drums", "start"), Hand(4, "keys", "start"), Hand(9, "keys", "stop")]
    for end_s in (9.5, 25.0):
        box = play(end_s, hands, drums(120), keys(97))
        assert box.look(end_s)[:2] == ("keys", Sync.STOPPED)
    hands.append(Hand(20, "drums", "start"))
    drum = drums(120)
    box = play(20.5, hands, drum, keys(97))
    assert with_it(box, drum, 20.5)


def test_continue_takes_a_box_that_does_not_run_from_its_own_place():
    box = Box()
    box.hear(drums(120).sends([Hand(1, "drums", "start"), Hand(4, "drums", "stop")], 9))
    box.hear([(9.0, "keys", song_position(40)), (9.1, "keys", FB)])
    box.hear([(9.12 + n * 0.02, "keys", F8) for n in range(25)])
    assert box.look(9.12 + 24 * 0.02)[0] == "keys"
    assert box.clock.position_ticks == 240 + 24


def test_a_cycle_in_a_daw_passes_at_once_and_in_order():
    gate = ClockGate()
    gate.pass_on(1.0, "daw", FA)
    assert gate.pass_on(1.01, "daw", F8) == (FA, F8)
    for message in (F8, FC, song_position(0), FB, F8):
        assert gate.pass_on(1.03, "daw", message) == (message,)


# --- a master whose ticks stay away


@pytest.mark.parametrize("length_s", [0.3, 0.7, 1.0, 1.4, 3.0, 5.0, 9.0])
@pytest.mark.parametrize("idle_bpm", [84, 119, 120, 200])
def test_the_lost_master_has_first_right(length_s, idle_bpm):
    drum = drums(120, wire=MODELS["USB"])
    hands = [Hand(1, "drums", "start"), Hand(9, "drums", "stall", length_s)]
    end_s = 9 + length_s + 1.5
    box = play(end_s, hands, drum, keys(idle_bpm))
    assert with_it(box, drum, end_s)
    lost = Transport.LOST in [event for _, event in box.events]
    assert lost == (length_s >= 1.0)


@pytest.mark.parametrize("length_s", [0.12, 0.3, 0.6, 0.9, 1.1, 3.0, 5.0])
@pytest.mark.parametrize("wire", ["DIN", "laptop"])
def test_a_master_that_held_its_ticks_back(length_s, wire):
    due_s = [1.0 + time_s for time_s in ticks_at(steady(120, 900))]
    times_s = stall(arrive(due_s, MODELS[wire], Random(5)), 300, length_s, 0.0003)
    box = Box()
    box.hear([(0.99, "drums", FA)], [(time_s, "drums", F8) for time_s in times_s])
    assert box.gate.master == "drums"
    assert box.clock.position_ticks == len(due_s) - 1


def test_an_idle_clock_takes_a_box_that_was_left_alone_but_does_not_run():
    hands = [Hand(1, "drums", "start"), Hand(9, "drums", "stall", 60.0)]
    box = play(18, hands, drums(120), keys(97))
    assert box.look(18)[:2] == ("drums", Sync.NO_CLOCK)
    box = play(20, hands, drums(120), keys(97))
    assert box.look(20)[:2] == ("keys", Sync.STOPPED)
    assert not box.clock.running
    back = [*hands[:1], Hand(9, "drums", "stall", 12.0)]
    assert play(22, back, drums(120), keys(97)).gate.master == "drums"  # its ticks are enough
    drum = drums(120)
    assert with_it(play(26, [*back, Hand(25, "drums", "start")], drum, keys(97)), drum, 26)


def test_who_had_the_box_has_it_after_a_crash():
    gate = ClockGate()
    gate.resume(5.0, "drums", running=True)
    assert gate.pass_on(5.01, "keys", F8) == ()
    assert gate.pass_on(5.02, "drums", F8) == (F8,)
    gate = ClockGate()
    gate.resume(5.0, "", running=False)
    assert gate.pass_on(5.01, "keys", F8) == (F8,)


# --- one machine on two wires


def bluetooth(due_s: float, random: Random, interval_s: float = 0.015) -> float:
    """With the next connection event, and some milliseconds after it."""
    return -due_s % interval_s + random.uniform(0.001, 0.004)


WIRES = {
    **MODELS,
    "late DIN": lambda t, r: 0.009 + MODELS["DIN"](t, r),
    "BLE": bluetooth,
}


def over(sent: list[Sent], wire: str, lost: Container[int] = ()) -> list[Sent]:
    """What a machine sends, as it comes over ``wire``."""
    random, at_s, heard = Random(wire), 0.0, []
    for number, (time_s, _, message) in enumerate(sent):
        at_s = max(at_s, time_s + WIRES[wire](time_s, random))
        if number not in lost:
            heard.append((at_s, wire, message))
    return heard


def exact(hands: list[Hand], bpm: float, idles: bool, end_s: float) -> list[Sent]:
    return Machine("", bpm, idles, 0.3, wire=lambda *_: 0.0).sends(hands, end_s)


@pytest.mark.parametrize(
    "wires",
    [("USB", "DIN"), ("DIN", "USB"), ("USB", "late DIN"), ("USB", "BLE"), ("DIN", "laptop")],
)
@pytest.mark.parametrize("bpm", [61, 120, 187])
@pytest.mark.parametrize("idles", [True, False])
def test_one_machine_on_two_wires_is_one_clock(wires, bpm, idles):
    hands = [Hand(4, "", "start"), Hand(40, "", "stop"), Hand(44, "", "start")]
    sent = exact(hands, bpm, idles, 90)
    box, said = Box(), set()
    streams = [over(sent, wire) for wire in wires]
    for one in sorted([*streams[0], *streams[1]], key=lambda one: one[0]):
        box.put(*one)
        said.add(box.gate.rival(one[0]))
    assert said == {""}
    assert [message for _, _, message in box.passed if message is not F8] == [FA, FC, FA]
    ticks = sum(m is F8 and t >= 44 for t, _, m in sent)
    assert box.clock.position_ticks == ticks - 1


@pytest.mark.parametrize("wires", [("USB", "DIN"), ("DIN", "USB")])
@pytest.mark.parametrize("bpm", [61, 120, 187])
@pytest.mark.parametrize("gone_s", [9.0, 31.3])
def test_where_one_wire_dies_the_other_carries_on(wires, bpm, gone_s):
    hands = [Hand(4, "", "start")]
    sent = exact(hands, bpm, True, 60)
    first, second = (over(sent, wire) for wire in wires)
    box = Box()
    box.hear([one for one in first if one[0] < gone_s], second)
    assert box.gate.master == wires[1]
    assert [event for _, event in box.events] == [Transport.STARTED]
    ticks = sum(m is F8 and t >= 4 for t, _, m in sent)
    assert box.clock.position_ticks == ticks - 1


def test_a_lost_tick_does_not_make_two_machines_of_one():
    sent = exact([Hand(4, "", "start")], 120, True, 60)
    box, said = Box(), set()
    lost = {700, 1200, 1201, 2000}
    streams = over(sent, "USB", {900}), over(sent, "DIN", lost)
    for one in sorted([*streams[0], *streams[1]], key=lambda one: one[0]):
        box.put(*one)
        said.add(box.gate.rival(one[0]))
    assert said == {""}


@pytest.mark.parametrize("bpm", [60, 119, 119.5, 120.5, 121, 122.3, 160, 180, 240])
@pytest.mark.parametrize("together", [True, False])
def test_two_machines_are_told_apart_within_seconds(bpm, together):
    hands = [Hand(4, "drums", "start"), Hand(4.01, "keys", "start")] if together else []
    streams = (
        drums(120, idles=True).sends(hands, 20),
        keys(bpm, wire=MODELS["USB"]).sends(hands, 20),
    )
    box, said = Box(), []
    for one in sorted([*streams[0], *streams[1]], key=lambda one: one[0]):
        box.put(*one)
        if box.gate.rival(one[0]):
            said.append(one[0])
    assert said
    assert said[0] < 12
    assert box.gate.rival(25.0) == ""  # both are off


def test_a_second_machine_is_said_while_it_ticks():
    hands = [Hand(4, "drums", "start")]
    box = play(12, hands, drums(120), keys(120))  # the very same tempo, but it was not started
    assert box.gate.rival(12.0) == "keys"
    box.hear([(12 + n / 48, "drums", F8) for n in range(200)])
    assert box.gate.rival(16.0) == ""
