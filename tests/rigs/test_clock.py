"""Who is the clock: of several devices that tick or start, the one that a person started."""

from __future__ import annotations

import os
from itertools import cycle

import pytest

from lkjam_box.midi.messages import CONTINUE, START, STOP, real_time, song_position
from lkjam_box.play.rig_instruments import Instrument, Port
from lkjam_box.play.rig_sequencer import Sequencer
from lkjam_box.protocol.records import TurnBegan
from lkjam_box.protocol.shared_state import WarningId
from tests.rigs.house import (
    START_S,
    assert_answered,
    dice,
    drums,
    gig_of,
    keyboard,
    synth,
    trade,
    warnings,
    when,
)

BAR_S = 4 * 60 / 84  # of the slowest machine here
TRIES = int(os.environ.get("LKJAM_TRIES", "25"))
IDLE_KEYBOARDS = ("Digital Piano", "Digital Keyboard", "Roland Digital Piano", "TR-09", "DGX-670")


def assert_with(gig, machine):
    """The box is with the machine: the turns that begin from now on do so on its bar lines."""
    from_s = gig.now_s
    gig.run(from_s + 5 * 4 * 60 / machine.bpm)  # two turns of two bars begin in it at least
    lines = [time_s for time_s, record in gig.told if isinstance(record, TurnBegan)]
    lines = [time_s for time_s in lines if time_s > from_s]
    assert len(lines) >= 2
    off = [machine.beat_at(time_s + 0.05) for time_s in lines]
    assert not [beat for beat in off if beat % 4 > 0.25], f"turns began at its beats {off}"


@pytest.mark.parametrize(
    ("client", "idle_bpm", "drums_idle"),
    list(zip(IDLE_KEYBOARDS, cycle((120.0, 97.3)), cycle((False, False, True)))),
)
def test_a_keyboard_that_ticks_from_power_on_is_not_followed(client, idle_bpm, drums_idle):
    keys, machine, sound = keyboard(client), drums("BeatBuddy"), synth()
    gig = gig_of(keys, machine, sound)
    arranger = Sequencer(keys, idle_bpm, idle=True)
    arranger.power(0.1)
    sequencer = Sequencer(machine, 140.0, idle=drums_idle)
    sequencer.power(0.3)
    trade(gig, keys, sequencer, turns=2, start_s=2.5)
    assert_answered(gig, sound, sequencer, turns=2)
    gig.run(23.5)
    seen = warnings(gig, 30)
    gig.run(30)
    assert WarningId.TWO_CLOCKS not in seen, "one of them was never started: not all night"


@pytest.mark.parametrize("later_s", [0.05, 0.3, 0.7, 1.3, 1.9])
@pytest.mark.parametrize("transport", [(START,), (CONTINUE,), (START, STOP), (STOP,)])
def test_a_lone_start_of_a_keyboard_holds_nothing(later_s, transport):
    keys, machine, sound = keyboard("Roland Digital Piano"), drums("Drumtrix"), synth()
    gig = gig_of(keys, machine, sound)
    start_s = 1.0 + later_s
    for number, kind in enumerate(transport):
        keys.do([(1.0 + 0.02 * number, real_time(kind))])
    sequencer = Sequencer(machine, 126.0)
    trade(gig, keys, sequencer, turns=2, start_s=start_s)
    assert_answered(gig, sound, sequencer, turns=2)


@pytest.mark.parametrize("away_s", [0.6, 1.0, 2.5, 3.5])
@pytest.mark.parametrize("other_bpm", [90.0, 131.0])
def test_after_a_stall_the_box_is_with_its_master_again(away_s, other_bpm):
    keys, machine, sound = keyboard("Digital Piano"), drums(), synth()
    gig = gig_of(keys, machine, sound)
    other = Sequencer(keys, other_bpm, idle=True)
    other.power(0.1)
    sequencer = Sequencer(machine, 120.0)
    sequencer.start(START_S)
    sequencer.stall(when(5.5), away_s)
    gig.run(when(5.5) + away_s + 2.0)  # a bar after it is back
    for beat in range(20, 44):
        gig.run(when(beat + 0.37))
        off = gig.stage.clock.beat_at(gig.now_s) - sequencer.beat_at(gig.now_s)
        assert abs(off) < 0.05, f"{off:.2f} beats off at beat {beat}"


def test_its_first_start_gives_the_box_back_to_the_master():
    keys, machine, sound = keyboard("Digital Piano"), drums(), synth()
    gig = gig_of(keys, machine, sound)
    Sequencer(keys, 90.0, idle=True).power(0.1)
    sequencer = Sequencer(machine, 120.0)
    sequencer.start(START_S)
    gig.at(when(6), lambda: gig.unplug(machine))
    gig.at(when(16), lambda: gig.plug(machine))
    sequencer.stop(when(18))
    start_s = when(24)
    trade(gig, keys, sequencer, turns=1, start_s=start_s)
    gig.run(when(22.5, start_s=start_s))
    assert gig.stage.clock.beat_at(gig.now_s) == pytest.approx(22.5, abs=0.05)


@pytest.mark.parametrize(("client", "count"), [("Deluge", 3), ("Elektron Digitakt", 2)])
def test_one_machine_on_several_usb_ports_is_one_clock(client, count):
    machine = Instrument(client, [Port("")] * count, path="1-1.4", sounds=True)
    keys, sound = keyboard(), synth()
    gig = gig_of(machine, keys, sound)
    sequencer = Sequencer(machine, 118.0, ports=range(count))
    seen = warnings(gig, 15)
    trade(gig, keys, sequencer, turns=2)
    assert_answered(gig, sound, sequencer, turns=2)
    assert WarningId.TWO_CLOCKS not in seen


@pytest.mark.parametrize("lag_ms", [0.3, 1.0, 3.0, 6.0])
@pytest.mark.parametrize(("usb_first", "idle"), [(True, True), (True, False), (False, False)])
def test_one_machine_on_usb_and_din_is_one_clock(lag_ms, usb_first, idle):
    """The DIN jack has what the USB port has, a little later (or earlier)."""
    machine, din = drums("Deluge"), Instrument("DIN")
    keys, sound = keyboard(), synth()
    gig = gig_of(machine, din, keys, sound)
    early, late = (machine, din) if usb_first else (din, machine)
    sequencer = Sequencer(early, 118.0, idle=idle)
    pass_on = early.send

    def both(message, port=None):
        pass_on(message, port)
        gig.at(gig.now_s + lag_ms / 1000, lambda: late.send(message))

    early.send = both
    sequencer.power(0.2)
    seen = warnings(gig, 15)
    trade(gig, keys, sequencer, turns=2)
    assert_answered(gig, sound, sequencer, turns=2)
    assert WarningId.TWO_CLOCKS not in seen


@pytest.mark.parametrize("seed", range(6))
def test_stray_transport_of_another_device_in_a_set_is_nothing(seed):
    random = dice("stray", seed)
    keys, machine, sound = keyboard("Roland Digital Piano"), drums(), synth()
    gig = gig_of(keys, machine, sound)
    for _ in range(8):
        kind = random.choice((START, STOP, CONTINUE, None))
        message = song_position(random.randrange(200)) if kind is None else real_time(kind)
        keys.do([(random.uniform(when(1), when(36)), message)])
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    assert_answered(gig, sound, sequencer, turns=2)


def test_two_machines_that_both_play_are_two_clocks():
    """Somebody starts a looper while the drum machine plays: the box goes with it, and says so."""
    keys, one, other, sound = keyboard(), drums(), drums("RC-505mkII", path="1-1.4"), synth()
    gig = gig_of(keys, one, other, sound)
    first, second = Sequencer(one, 120.0), Sequencer(other, 100.0)
    first.start(START_S)
    second.start(START_S + 6.3)
    seen = warnings(gig, 15)
    gig.run(START_S + 6.3 + BAR_S)
    assert_with(gig, second)
    assert WarningId.TWO_CLOCKS in seen


@pytest.mark.parametrize("beat", [5.5, 9.0, 9.4, 14.71])
def test_a_pattern_that_somebody_starts_again_has_the_lines(beat):
    keys, machine, sound = keyboard(), drums(), synth()
    gig = gig_of(keys, machine, sound)
    sequencer = Sequencer(machine, 120.0)
    sequencer.start(START_S)
    sequencer.start(when(beat))
    gig.run(when(beat + 0.1))
    assert_with(gig, sequencer)


@pytest.mark.parametrize("seed", range(TRIES))
def test_the_box_is_with_the_machine_that_was_started_last(seed):
    """Two machines in any order of power-on, Start, Stop and stalls; a bar after the last Start the
    box is with the machine that somebody started last."""
    random = dice("orders", seed)
    one, other, sound = drums(), drums("Elektron Digitakt", path="1-1.4"), synth()
    gig = gig_of(*random.sample([one, other, sound], 3))
    tempi = random.sample([84.0, 97.0, 111.0, 120.0, 133.0, 150.0], 2)
    machines = [
        Sequencer(one, tempi[0], idle=random.random() < 0.5),
        Sequencer(other, tempi[1], idle=random.random() < 0.5),
    ]
    for machine in random.sample(machines, 2):
        machine.power(random.uniform(0.1, 2.0))
    now_s, free_s, playing, last = 2.5, [0.0, 0.0], [False, False], 0
    for _ in range(random.randrange(2, 6)):
        for number, machine in enumerate(machines):
            ends = random.choice(("stop", "stop", "stall", "both", "plays on"))
            if playing[number] and ends != "plays on":
                if ends != "stop":
                    length_s = random.uniform(0.3, 9.0)
                    machine.stall(now_s, length_s)
                    free_s[number] = now_s + length_s
                    now_s += random.uniform(0.1, 3.0)
                if ends != "stall":
                    machine.stop(now_s)  # a machine that stalls says nothing of it
                    playing[number] = False
                now_s += random.choice((0.2, 0.4, 1.1, 3.0))
        last = random.choice([n for n in range(2) if not playing[n]] or [last])
        if playing[last]:
            break  # both play on
        now_s = max(now_s, free_s[last] + 0.02)
        machines[last].start(now_s)
        playing[last] = True
        now_s += random.uniform(2.0, 9.0)
    now_s = max(now_s, *free_s)  # who stalled comes back, and is not started
    gig.run(now_s + 4 * 60 / machines[last].bpm)
    assert_with(gig, machines[last])
