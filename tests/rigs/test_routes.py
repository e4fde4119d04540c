"""What goes where: my keys sound once, a clock gets no notes, what comes back is no playing."""

from __future__ import annotations

from itertools import cycle

import pytest

from lkjam_box.midi.messages import (
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    note_off,
    note_on,
    voice,
)
from lkjam_box.play.rig_hands import Stroke
from lkjam_box.play.rig_instruments import Instrument, Port
from lkjam_box.play.rig_sequencer import Pattern, Sequencer
from lkjam_box.protocol.records import Command, CommandId
from lkjam_box.protocol.shared_state import WarningId
from tests.rigs.house import (
    BOX,
    PLAYER,
    assert_answered,
    assert_silence,
    box_tones,
    dice,
    drums,
    gig_of,
    human_lines,
    keyboard,
    melody,
    pitches,
    synth,
    thru_tones,
    trade,
    when,
)

HANDS = 24  # strikes of one key a second: more than hands can
PIANOS = ("Roland Digital Piano", "Digital Piano", "CASIO USB-MIDI", "Nord Stage 3", "FP-30")


def stage_piano(client="Roland Digital Piano", **more) -> Instrument:
    return Instrument(client, path="1-1.1", sounds=True, **more)


# --- a stage piano on one cable


@pytest.mark.parametrize(("client", "beside"), list(zip(PIANOS, cycle((False, True)))))
def test_my_keys_sound_once_on_a_stage_piano(client, beside):
    """With and without another synth beside it."""
    piano, machine, other = stage_piano(client), drums(), synth()
    gig = gig_of(*([piano, machine, other] if beside else [piano, machine]))
    sequencer = Sequencer(machine, 120.0)
    trade(gig, piano, sequencer, turns=2)
    mine = thru_tones(piano)
    assert [tone.pitch for tone in mine] == list(PLAYER) * 2, "each key once"
    for tone in mine:
        assert tone.key_up_s - tone.start_s == pytest.approx(0.2, abs=0.005)
    assert_answered(gig, other if beside else piano, sequencer, turns=2)
    assert pitches(gig) == [list(PLAYER)] * 2
    if beside:
        assert [tone.pitch for tone in thru_tones(other)] == list(PLAYER) * 2, "and on the synth"
    assert_silence(gig, piano)


def test_my_keys_come_back_where_the_player_says_so():
    """Its local control is off, and ``thru.back`` is on."""
    piano, machine = stage_piano(local=False), drums()
    gig = gig_of(piano, machine, **{"thru.back": True})
    trade(gig, piano, Sequencer(machine, 120.0), turns=2)
    assert [tone.pitch for tone in thru_tones(piano)] == list(PLAYER) * 2


# --- a machine that is only a clock


@pytest.mark.parametrize("idle", [False, True])
@pytest.mark.parametrize(
    ("client", "pattern"),
    [("TR-8S", None), ("Elektron Digitakt", Pattern()), ("BeatBuddy", Pattern(channel=0))],
)
def test_a_machine_that_is_only_a_clock_gets_no_notes(client, idle, pattern):
    keys, machine, sound = keyboard(), drums(client), synth()
    gig = gig_of(keys, machine, sound)
    sequencer = Sequencer(machine, 120.0, idle=idle, pattern=pattern)
    sequencer.power(0.1)
    if idle:
        keys.play(Stroke(0.6, 0.8, 60))  # a sound check before it plays
    trade(gig, keys, sequencer, turns=2)
    assert machine.strikes() == 0
    assert_answered(gig, sound, sequencer, turns=2)


@pytest.mark.parametrize(("client", "idle"), [("MC-101", False), ("Circuit Tracks", True)])
def test_a_groovebox_that_is_all_there_is_is_all_three(client, idle):
    box = Instrument(client, path="1-1.2", sounds=True)
    gig = gig_of(box)
    sequencer = Sequencer(box, 120.0, idle=idle)
    sequencer.power(0.1)
    trade(gig, keyboard_of(box), sequencer, turns=2)
    assert_answered(gig, box, sequencer, turns=2)


def keyboard_of(box: Instrument) -> Instrument:
    """Nobody plays while a machine's transport runs; a groovebox answers its own silence."""
    quiet = Instrument("nobody", ())
    quiet.gig = box.gig
    return quiet


# --- what comes back


def _delay(ms, seed=1):
    random = dice("delay", ms, seed)
    low, high = ms if isinstance(ms, tuple) else (ms, ms)
    return lambda: random.uniform(low, high) / 1000


DELAYS = [1, 4, 12, 33, 60, (1, 60)]


@pytest.mark.parametrize(
    ("ms", "client"),
    list(zip(DELAYS, cycle(("minilogue xd", "UM-ONE", "MIDI Merge 4x2", "NTS")))),
)
def test_a_synth_that_returns_what_it_gets_leaves_one_note_one(client, ms):
    sound = Instrument(client, path="1-1.3", sounds=True, returns_s=_delay(ms))
    keys, machine = keyboard(), drums()
    gig = gig_of(keys, machine, sound)
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert_answered(gig, sound, sequencer, turns=2)
    assert pitches(gig) == [list(PLAYER)] * 2, "and none is taken for the call"
    assert_silence(gig, sound)


@pytest.mark.parametrize("ms", DELAYS)
def test_a_din_thru_chain_that_returns_what_another_port_got_leaves_one_note_one(ms):
    """The synth's THRU jack is plugged into the box's DIN IN: out by USB, back by DIN."""
    back = Instrument("DIN")
    sound = synth()
    keys, machine = keyboard(), drums()
    gig = gig_of(keys, machine, sound, back)
    late_s, hear = _delay(ms), sound.hear

    def chain(message, port=0):
        hear(message, port)
        gig.at(gig.now_s + late_s(), lambda: back.send(message))

    sound.hear = chain
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert_answered(gig, sound, sequencer, turns=2)
    assert pitches(gig) == [list(PLAYER)] * 2


@pytest.mark.parametrize("ms", DELAYS)
def test_the_click_alone_starts_no_storm_and_panic_does_not_go_round(ms):
    sound = Instrument("minilogue xd", path="1-1.3", sounds=True, returns_s=_delay(ms))
    machine = drums()
    gig = gig_of(sound, machine)
    Sequencer(machine, 120.0).start(1.0)
    gig.run(when(3.9))
    assert len(sound.ear.tones) == 4, "the clicks of a bar"
    gig.command(when(4.1), Command(CommandId.PANIC))
    got = len(sound.got)
    gig.run(when(11))
    assert len(sound.got) - got <= 16 * 16, "a panic is said once"
    assert sound.ear.strikes_a_second() <= 4
    assert_silence(gig, sound)


@pytest.mark.parametrize("rate", [6, 9, 12])
def test_a_key_repeated_as_fast_as_hands_can_is_playing(rate):
    keys, machine, sound = keyboard(), drums(), synth()
    gig = gig_of(keys, machine, sound)
    strokes = [Stroke(when(4.2) + n / rate, when(4.2) + (n + 0.5) / rate, 64) for n in range(30)]
    keys.play(*strokes)
    Sequencer(machine, 120.0).start(1.0)
    gig.run(strokes[-1].end_s + 0.1)
    assert len(thru_tones(sound)) == 30
    assert gig.snapshot().warning != WarningId.LOOP


def storm_rig(manner: str, copies: int, late_ms: float):
    """A box whose loop returns each note ``copies`` times, on the next channels ("rotate") or as
    an arpeggio over two octaves."""
    sound, keys = Instrument("MioXM", path="1-1.3", sounds=True), keyboard()
    gig = gig_of(keys, sound)
    hear = sound.hear

    def multiply(message, port=0):
        hear(message, port)
        if message.kind in (NOTE_ON, NOTE_OFF):
            for copy in range(copies):
                channel, pitch = message.channel, message.pitch
                if manner == "rotate":
                    channel = (channel + 1 + copy) % 16
                else:
                    pitch = pitch % 12 + 48 + 12 * (copy % 2)
                moved = voice(message.kind, channel, pitch, message.velocity)
                if message.kind == NOTE_ON:
                    moved = note_on(channel, pitch, message.velocity)
                later_s = gig.now_s + late_ms / 1000 * (1 + copy)
                gig.at(later_s, lambda m=moved: sound.send(m))

    sound.hear = multiply
    return gig, keys, sound


@pytest.mark.parametrize(
    ("manner", "copies", "late_ms"),
    [("rotate", 1, 2), ("rotate", 1, 7), ("rotate", 2, 20), ("arpeggio", 2, 15),
     ("arpeggio", 4, 30)],
)  # fmt: skip
def test_a_storm_is_stopped_and_named_and_panic_ends_it(manner, copies, late_ms):
    gig, keys, sound = storm_rig(manner, copies, late_ms)
    keys.press(1.0, 62)
    keys.lift(1.3, 62)
    gig.run(3.0)
    strikes = sound.strikes()
    gig.run(6.0)
    later = sound.strikes() - strikes
    assert later <= 3, f"{later} note-ons in 3 s after a storm of {strikes}"
    if strikes > HANDS:  # else it was told from playing before it was one
        assert gig.snapshot().warning == WarningId.LOOP
        assert "MioXM" in gig.snapshot().loop_device
    gig.command(6.5, Command(CommandId.PANIC))
    gig.run(7.0)
    strikes = sound.strikes()
    gig.run(9.0)
    assert sound.strikes() == strikes
    assert_silence(gig, sound)


# --- endpoints and control ports


UMP = [
    ("ProtoZOA", ("MIDI 2.0", "Group 1 (FB1, FB2)")),
    ("A-88MKII", ("MIDI 2.0", "Group 1 (A-88MKII)", "Group 2 (A-88MKII CTRL)")),
    ("TDisplayS3", ("MIDI 2.0", "Group 1 (Main)")),
]


@pytest.mark.parametrize(("client", "names"), UMP)
def test_an_endpoint_and_its_group_are_heard_once(client, names):
    """Kernels from 6.5 on deliver what is played by both ports, endpoint's and group's."""
    keys, machine, sound = Instrument(client, names, path="1-1.1"), drums(), synth()
    gig = gig_of(keys, machine, sound)
    send = keys.send
    keys.send = lambda message, port=None: (send(message, 0), send(message, 1))
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert pitches(gig) == [list(PLAYER)] * 2
    assert_answered(gig, sound, sequencer, turns=2)


@pytest.mark.parametrize(("client", "names"), UMP)
def test_a_synth_at_an_endpoint_and_its_group_plays_once(client, names):
    keys, machine = keyboard(), drums()
    sound = Instrument(client, names, path="1-1.3", sounds=True)
    gig = gig_of(keys, machine, sound)
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert_answered(gig, sound, sequencer, turns=2)


CONTROL = [
    ("Oxygen Pro 61", "Oxygen Pro 61 USB MIDI", "Oxygen Pro 61 Mackie/HUI"),
    ("Launchkey MK3 49", "Launchkey MK3 49 LKMK3 MIDI In", "Launchkey MK3 49 LKMK3 DAW In"),
    ("Launchkey 49", "Launchkey 49 Launchkey MIDI", "Launchkey 49 Launchkey InControl"),
    ("Launchpad Mini MK3", "Launchpad Mini MK3 LPMiniMK3 MI", "Launchpad Mini MK3 LPMiniMK3 DA"),
    ("KeyLab mkII 61", "KeyLab mkII 61 MIDI", "KeyLab mkII 61 DAW"),
    ("KOMPLETE KONTROL A61", "KOMPLETE KONTROL A61 MIDI", "Komplete Kontrol DAW - 1"),
    ("SQ-1", "SQ-1 MIDI 1", "SQ-1 SQ-1 _ CTRL"),
    ("rtpmidid", "stage piano", "Announcements"),
]


@pytest.mark.parametrize(("client", "keys_name", "control_name"), CONTROL)
def test_a_control_port_is_no_playing_and_is_not_written_to(client, keys_name, control_name):
    keys = Instrument(client, (keys_name, control_name), path="1-1.1")
    machine, sound = drums(), synth()
    gig = gig_of(keys, machine, sound)
    play, fader = note_on(0, 94, 127), voice(PITCH_BEND, 0, 0, 90)
    keys.do([(when(5.1), play), (when(5.2), note_off(0, 94)), (when(11.9), fader)], port=1)
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=1)
    gig.command(gig.now_s + 0.1, Command(CommandId.PANIC))
    gig.run(gig.now_s + 0.5)
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER)
    assert pitches(gig) == [list(PLAYER)]
    assert_answered(gig, sound, sequencer, turns=1)
    assert not [message for _, port, message in keys.got if port == 1]


def test_a_control_port_that_is_named_is_opened():
    keys = Instrument("KeyLab mkII 61", ("KeyLab mkII 61 MIDI", "KeyLab mkII 61 DAW"), path="1-1")
    sound = synth()
    gig = gig_of(keys, sound, **{"ports.keyboard": "KeyLab*DAW"})
    keys.do([(1.0, note_on(0, 60, 90)), (1.2, note_off(0, 60))], port=1)
    gig.run(2.0)
    assert [tone.pitch for tone in thru_tones(sound)] == [60]


@pytest.mark.parametrize("client", ["Deluge", "MPK249", "Keystation 88 MK3"])
def test_two_ports_of_a_device_are_one_keyboard(client):
    """What one port sounds does not go back by the other one of the device."""
    piano = Instrument(client, ["", ""], path="1-1.1", sounds=True)
    machine, other = drums(), synth()
    gig = gig_of(piano, machine, other)
    sequencer = Sequencer(machine, 120.0)
    trade(gig, piano, sequencer, turns=2)
    assert [tone.pitch for tone in thru_tones(piano)] == list(PLAYER) * 2
    assert [tone.pitch for tone in thru_tones(other)] == list(PLAYER) * 2


INTERFACES = [
    "DIN", "UM-ONE", "USB MIDI Interface", "USB Uno MIDI Interface", "CH345", "Scarlett 2i4 USB",
    "UMC204HD 192k", "USB2.0-MIDI", "M-Audio MIDISPORT Uno", "MIDISPORT 2x2", "mio", "US-16x08",
]  # fmt: skip


@pytest.mark.parametrize("client", INTERFACES)
def test_on_an_interface_with_jacks_keys_go_out_to_the_synth(client):
    """Keyboard at its IN, synth at its OUT: a cable is no instrument."""
    interface = Instrument(client, path="1-1.1")
    keys = Instrument("keys", via=interface)
    sound = Instrument("synth", via=interface, sounds=True)
    machine = drums()
    gig = gig_of(interface, machine)
    keys.gig = sound.gig = gig
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert pitches(gig) == [list(PLAYER)] * 2
    assert_answered(gig, sound, sequencer, turns=2)


@pytest.mark.parametrize("client", ["DIN", "UM-ONE"])
def test_drums_at_its_in_and_a_synth_at_its_out(client):
    """The rig of the manual's first page: what sends clock there is not what is played to."""
    interface = Instrument(client, path="1-1.1")
    machine = drums(via=interface)
    sound = Instrument("synth", via=interface, sounds=True)
    keys = keyboard()
    gig = gig_of(interface, keys)
    machine.gig = sound.gig = gig
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert_answered(gig, sound, sequencer, turns=2)


# --- doubling the box


@pytest.mark.parametrize("after_ms", [1, 8, 25, 60])
@pytest.mark.parametrize(("channel", "plugged_both_ways"), [(0, False), (1, True), (4, False)])
def test_who_doubles_the_box_is_playing(after_ms, channel, plugged_both_ways):
    """A chord with the box's own pitch in it, just after the box played it. On the channel that
    the box plays on it is playing where the keyboard was sent nothing that it could return."""
    keys = keyboard(ports=[Port("", takes=plugged_both_ways)])
    machine, sound = drums(), synth()
    gig = gig_of(keys, machine, sound)
    at_s = when(12.0) + after_ms / 1000  # the first note of the box's first answer
    chord = (64, 67, BOX[0])
    keys.do([(at_s, note_on(channel, pitch, 70)) for pitch in chord])
    keys.do([(at_s + 0.9, note_off(channel, pitch)) for pitch in chord])
    Sequencer(machine, 120.0).start(1.0)
    gig.run(when(20.5))
    struck = [t for t in sound.ear.tones if abs(t.start_s - at_s) < 0.005 and t.velocity == 70]
    assert sorted(tone.pitch for tone in struck) == sorted(chord)
    assert len(box_tones(sound)) == 16 + 1


def test_who_answers_the_box_with_its_last_pitch_is_heard():
    """My turn begins with the pitch that the box ended on, at once, on my own keyboard."""
    keys, machine, sound = keyboard(ports=[Port("", takes=False)]), drums(), synth()
    gig = gig_of(keys, machine, sound)
    last = BOX[15 % len(BOX)]
    second = human_lines(2)[1]
    keys.play(Stroke(when(second - 0.1), when(second + 0.3), last))
    keys.play(*melody(second + 1, pitches=PLAYER[:4]))
    Sequencer(machine, 120.0).start(1.0)
    gig.run(when(second + 9))
    assert pitches(gig)[-1] == [last, *PLAYER[:4]]
