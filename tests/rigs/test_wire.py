"""The wire: a slow one that floods, active sensing with jitter, clocks that swing or come late."""

from __future__ import annotations

import os
import select
import time
import tty
from itertools import product

import pytest

from lkjam_box.midi.din_parser import DinParser
from lkjam_box.midi.messages import (
    NOTE_ON,
    PRESSURE,
    control_change,
    note_off,
    note_on,
    parse,
    voice,
)
from lkjam_box.play.rig_hands import Stroke, bend, double_offs, fine_velocity
from lkjam_box.play.rig_instruments import Instrument
from lkjam_box.play.rig_sequencer import Sequencer
from lkjam_box.ports.din_port import DIN, WithDin
from lkjam_box.ports.fake_ports import FakeKind
from tests.rigs.house import (
    PLAYER,
    START_S,
    answers,
    assert_answered,
    box_tones,
    controllers,
    dice,
    drums,
    gig_of,
    keyboard,
    pitches,
    synth,
    thru_tones,
    trade,
    when,
)

BYTES_A_MS = 3.125
LATE_MS = 3.0  # above the wire's own time
MESSAGE_BYTES = 3


# --- DIN OUT, on a pseudo-terminal


@pytest.fixture
def jack():
    """(far end of the cable, DIN OUT)"""
    ours, theirs = os.openpty()
    tty.setraw(ours)
    port = WithDin(FakeKind(), os.ttyname(theirs)).open_output(DIN)
    yield ours, port
    port.close()
    for end in (ours, theirs):
        os.close(end)


def flood_then(jack, flood, notes):
    """Send all of ``flood`` at once, then ``notes``; (messages as they came, how many bytes more
    than the wire had carried by then came before the last of ``notes``)."""
    ours, port = jack
    began_s = time.monotonic()
    for message in (*flood, *notes):
        port.send(message)
    carried = (time.monotonic() - began_s) * 1000 * BYTES_A_MS
    parser, came, taken, before, quiet_s = DinParser(), [], 0, 0, 0.0
    while quiet_s < 0.4:
        if not select.select([ours], [], [], 0.1)[0]:
            quiet_s += 0.1
            continue
        quiet_s = 0.0
        for byte in os.read(ours, 4096):
            taken += 1
            for data in parser.feed(bytes((byte,))):
                came.append(parse(data))
                if data == notes[-1]:
                    before = taken
    return came, before - MESSAGE_BYTES * len(notes) - carried


def last_values(messages):
    found = {}
    for message in messages:
        if message.kind != NOTE_ON:
            found[message[:2] if message.kind == 0xB0 else message[:1]] = message
    return found


def test_our_notes_overtake_a_flood_and_the_last_value_of_each_arrives(jack):
    """Breath, expression, wheel, bend and pressure, 250 of each, on the wind's own channel."""
    flood = []
    for step in range(250):
        value = (step * 7 + 3) % 128
        flood += [control_change(3, number, value) for number in (1, 2, 11)]
        flood += [bend(3, value << 7 | value), voice(PRESSURE, 3, value)]
    came, above = flood_then(jack, flood, [note_on(0, 60, 90)])
    assert above <= LATE_MS * BYTES_A_MS
    assert last_values(came) == last_values(flood)


@pytest.mark.parametrize("seed", range(3))
def test_strings_that_bend_end_where_they_were_bent_to(jack, seed):
    random = dice("strings", seed)
    flood = [bend(string, random.randrange(1 << 14)) for _, string in product(range(60), range(6))]
    came, above = flood_then(jack, flood, [note_on(9, 76, 90), note_on(8, 62, 80)])
    assert above <= LATE_MS * BYTES_A_MS
    assert last_values(came) == last_values(flood)


def test_a_note_does_not_overtake_its_own_channels_bend(jack):
    """Else it would begin at the pitch of the note before."""
    flood = [control_change(5, n % 100, n % 128) for n in range(300)] + [bend(0, 9000)]
    came, _ = flood_then(jack, flood, [note_on(0, 60, 90)])
    assert came.index(bend(0, 9000)) < came.index(note_on(0, 60, 90))


def test_every_note_arrives_in_order_through_a_flood(jack):
    flood = [m for n in range(60) for m in (note_on(1, 40 + n, 80), bend(2, n * 50))]
    offs = [note_off(1, 40 + n) for n in range(60)]
    came, _ = flood_then(jack, [*flood, *offs], [note_on(0, 60, 90)])
    of_one = [m for m in came if m.channel == 1]
    assert of_one == [m for m in (*flood, *offs) if m.channel == 1]


# --- active sensing


@pytest.mark.parametrize("client", ["DIN", "Roland Digital Piano", "UM-ONE"])
@pytest.mark.parametrize("jitter_ms", [45, 90])
def test_active_sensing_may_come_late(client, jitter_ms):
    random = dice("sensing", client, jitter_ms)
    keys, sound = Instrument(client, path="1-1.1"), synth()
    gig = gig_of(keys, sound)
    keys.sense(30.0, lambda: 0.3 + random.uniform(-0.01, jitter_ms / 1000))
    keys.press(0.5, 60)
    keys.lift(25.0, 60)
    gig.run(26.0)
    assert [tone.end_s for tone in thru_tones(sound)] == pytest.approx([25.0], abs=0.01)


def test_a_din_cable_that_is_pulled_is_noticed_by_it():
    keys, sound = Instrument("DIN"), synth()
    gig = gig_of(keys, sound)
    keys.sense(3.0, lambda: 0.28)
    keys.press(2.0, 60)
    gig.run(6.0)
    assert not sound.ear.sounding
    assert thru_tones(sound)[0].end_s < 4.5


def test_where_the_system_tells_of_cables_sensing_that_ends_cuts_nothing():
    keys, sound = keyboard("Roland Digital Piano"), synth()
    gig = gig_of(keys, sound)
    keys.sense(3.0, lambda: 0.28)
    keys.press(2.0, 60)
    keys.lift(9.0, 60)
    gig.run(10.0)
    assert [tone.end_s for tone in thru_tones(sound)] == pytest.approx([9.0], abs=0.01)


# --- clocks


@pytest.mark.parametrize("swing", [0.54, 0.58, 0.62, 0.66])
@pytest.mark.parametrize("bpm", [90.0, 133.0])
def test_the_tempo_shown_is_steady_under_a_swung_clock(swing, bpm):
    keys, machine, sound = keyboard(), drums(), synth()
    gig = gig_of(keys, machine, sound)
    sequencer = Sequencer(machine, bpm, swing=swing)
    shown = []
    gig.watch(0.1, when(36, bpm), lambda time_s, now: shown.append((time_s, now.bpm)))
    trade(gig, keys, sequencer, turns=2)
    assert len(gig.answers) == 2
    for tone, note in zip(box_tones(sound), answers(gig), strict=True):
        off_s = tone.start_s - sequencer.time_of(note.onset_beats)
        assert abs(off_s) < 0.02, "notes lie on the swung beats"
    steady = [bpm_shown for time_s, bpm_shown in shown if time_s > when(8, bpm)]
    assert min(steady) > bpm - 1.5
    assert max(steady) < bpm + 1.5


def _bunched(random, low_ms, high_ms):
    """Radio: what is sent waits for the next of its moments."""
    interval_s = random.uniform(low_ms, high_ms) / 1000
    return lambda: random.uniform(0, interval_s)


@pytest.mark.parametrize(("low_ms", "high_ms"), [(7.5, 7.5), (15, 30), (3, 25)])
@pytest.mark.parametrize("seed", range(3))
def test_radio_keeps_its_place(low_ms, high_ms, seed):
    """BLE (bunches of 7.5 to 30 ms) and RTP over wifi: the place of the song is never lost."""
    random = dice("radio", low_ms, seed)
    machine = drums(late_s=_bunched(random, low_ms, high_ms))
    keys, sound = keyboard(late_s=_bunched(random, low_ms, high_ms)), synth()
    gig = gig_of(keys, machine, sound)
    sequencer = Sequencer(machine, random.choice((88.0, 120.0, 171.0)))
    trade(gig, keys, sequencer, turns=3)
    off = gig.stage.clock.beat_at(gig.now_s) - sequencer.beat_at(gig.now_s)
    assert abs(off) < 0.15
    assert len(gig.answers) == 3
    assert [len(call) for call in pitches(gig)] == [len(PLAYER)] * 3


# --- manners that are right already


@pytest.mark.parametrize("hand", [double_offs(), fine_velocity()])
def test_double_note_offs_and_fine_velocity_do_no_harm(hand):
    keys, machine, sound = keyboard("CASIO USB-MIDI", hand=hand), drums(), synth()
    gig = gig_of(keys, machine, sound)
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert pitches(gig) == [list(PLAYER)] * 2
    assert_answered(gig, sound, sequencer, turns=2)
    fine = [(m.number, m.value) for _, _, m in keys.sent if m.kind == 0xB0]
    assert controllers(sound, 88) == fine


def test_a_machine_that_sends_its_notes_before_the_tick_they_belong_to():
    """Nor does the order on the wire matter where notes and Start meet."""
    keys, machine, sound = keyboard(), drums("BeatBuddy"), synth()
    gig = gig_of(keys, machine, sound)
    machine.do([(START_S + 0.001, note_on(0, 36, 90)), (START_S + 0.1, note_off(0, 36))])
    sequencer = Sequencer(machine, 120.0)
    keys.play(Stroke(START_S + 0.2, START_S + 0.4, 60))
    trade(gig, keys, sequencer, turns=1)
    assert 36 not in [tone.pitch for tone in thru_tones(sound)]
    assert pitches(gig) == [list(PLAYER)]
    assert_answered(gig, sound, sequencer, turns=1)
