"""One channel for two players: what I leave on it does not colour, cut or mute the answer."""

from __future__ import annotations

import pytest

from lkjam_box.midi.messages import (
    POLY_PRESSURE,
    PRESSURE,
    PROGRAM,
    control_change,
    note_off,
    note_on,
    voice,
)
from lkjam_box.play.rig_ear import MIDDLE
from lkjam_box.play.rig_hands import Stroke, all_notes_off_after, bend, breath, mpe
from lkjam_box.play.rig_instruments import Port
from lkjam_box.play.rig_sequencer import Sequencer
from lkjam_box.protocol.records import Command, CommandId
from tests.rigs.house import (
    BOX,
    CLICKS,
    PLAYER,
    assert_answered,
    assert_silence,
    box_tones,
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


def band(**more):
    keys, machine, sound = keyboard(**more), drums(), synth()
    gig = gig_of(keys, machine, sound)
    return gig, keys, sound, Sequencer(machine, 120.0)


# --- wind


@pytest.mark.parametrize(
    ("client", "numbers"),
    [("EWI USB", (2,)), ("AE-10", (11,)), ("EWI5000", (7,)), ("NuRAD", (2, 7, 11))],
)
def test_breath_at_nothing_does_not_mute_the_answer(client, numbers):
    gig, keys, sound, sequencer = band(client=client, hand=breath(numbers))
    trade(gig, keys, sequencer, turns=2)
    assert_answered(gig, sound, sequencer, turns=2)
    assert pitches(gig) == [list(PLAYER)] * 2
    mine = thru_tones(sound)
    assert [tone.pitch for tone in mine] == list(PLAYER) * 2
    assert all(tone.loudness > 0 for tone in mine), "and mine are blown"


# --- what is off neutral at the line

LEFT = {
    "bend up": [bend(0, 12000)],
    "bend down": [bend(0, 100)],
    "wheel": [control_change(0, 1, 90)],
    "breath": [control_change(0, 2, 0)],
    "volume": [control_change(0, 7, 0)],
    "expression": [control_change(0, 11, 3)],
    "hold": [control_change(0, 64, 127)],
    "half pedal": [control_change(0, 64, 64)],
    "sostenuto": [control_change(0, 66, 127)],
    "soft": [control_change(0, 67, 127)],
    "hold 2": [control_change(0, 69, 127)],
    "pressure": [voice(PRESSURE, 0, 88)],
    "bend range": [
        *(control_change(0, n, v) for n, v in ((101, 0), (100, 0), (6, 12), (38, 0))),
        bend(0, 9000),
    ],
    "all of it": [
        bend(0, 16383),
        *(control_change(0, number, value) for number, value in ((1, 127), (11, 0), (64, 127))),
        voice(PRESSURE, 0, 127),
    ],
}


def state(sound, channel=0):
    ear = sound.ear
    pedals = tuple(ear.value(channel, number) for number in (1, 2, 7, 11, 64, 66, 67, 69))
    return round(ear.bend_of(channel), 3), ear.pressure(channel), ear.bend_range(channel), *pedals


NEUTRAL = (0.0, 0, 0, 0, 0, 0, 0)  # bend, pressure, 1, 64, 66, 67, 69


def neutral(sound, channel=0):
    bent, pressure, _, wheel, breathing, volume, expression, *pedals = state(sound, channel)
    assert (bent, pressure, wheel, *pedals) == NEUTRAL
    assert min(breathing, volume, expression) > 20, "loud enough to hear"


@pytest.mark.parametrize("left", LEFT)
@pytest.mark.parametrize("early_beats", [0.02, 1.5])
def test_what_i_leave_is_off_in_the_answer_and_given_back(left, early_beats):
    gig, keys, sound, sequencer = band()
    line, back, wanted = PREPARED + 8.0, [], synth()
    keys.do((when(line - early_beats), message) for message in LEFT[left])
    for message in LEFT[left]:
        wanted.ear.hear(0.0, message)
    gig.at(when(line + 8 + 0.1), lambda: back.append(state(sound)))
    trade(gig, keys, sequencer, turns=2)
    for tone in box_tones(sound)[:16]:
        assert not tone.faults, tone
    assert len(box_tones(sound)) == 32
    assert back == [state(wanted)], "as I left it"


PREPARED = human_lines(1)[0]


@pytest.mark.parametrize("left", LEFT)
def test_what_i_move_while_the_box_plays_waits_for_my_line(left):
    """A foot on the pedal in the middle of the answer: the answer stays as it is."""
    gig, keys, sound, sequencer = band()
    line = PREPARED + 8.0
    keys.do((when(line + 2.1), message) for message in LEFT[left])
    trade(gig, keys, sequencer, turns=1)
    assert_answered(gig, sound, sequencer, turns=1)


@pytest.mark.parametrize("event", ["panic", "unplugged", "returns"])
@pytest.mark.parametrize("left", LEFT)
def test_it_is_neutral_after_panic_and_when_a_cable_goes_or_comes(left, event):
    gig, keys, sound, sequencer = band()
    sequencer.start(1.0)
    keys.do((when(5), message) for message in LEFT[left])
    keys.do([(when(5.1), note_on(0, 60, 80))])
    if event == "panic":
        gig.command(when(6), Command(CommandId.PANIC))
    elif event == "unplugged":
        gig.at(when(6), lambda: gig.unplug(keys))
    else:
        gig.at(when(6), lambda: (gig.unplug(sound), gig.unplug(keys)))
        gig.at(when(7), lambda: gig.plug(sound))
    gig.run(when(8))
    neutral(sound)
    assert not sound.ear.sounding


# --- messages for the whole channel


@pytest.mark.parametrize("held_over", [0.3, 2.2])
def test_an_old_rolands_all_notes_off_does_not_cut_the_answer(held_over):
    """CC123 whenever the last key goes up: here in the middle of the answer, too."""
    gig, keys, sound, sequencer = band(client="Roland Digital Piano", hand=all_notes_off_after())
    line = PREPARED + 8.0
    keys.play(Stroke(when(line - 0.5), when(line + held_over), 48))
    trade(gig, keys, sequencer, turns=2)
    assert_answered(gig, sound, sequencer, turns=2)
    assert_silence(gig, sound)


@pytest.mark.parametrize("number", [120, 121, 122, 123, 124, 125, 126, 127])
def test_mode_messages_lift_my_own_keys_and_travel_no_further(number):
    gig, keys, sound, sequencer = band()
    line = PREPARED + 8.0
    keys.do([(when(line - 0.3), note_on(0, 48, 80)), (when(line - 0.3), note_on(0, 52, 80))])
    keys.do([(when(line + 1.23), control_change(0, number, 0))])  # a note of the answer sounds
    trade(gig, keys, sequencer, turns=1)
    assert_answered(gig, sound, sequencer, turns=1)
    mine = [tone for tone in sound.ear.tones if tone.pitch in (48, 52)]
    if number in (120, 123, 124, 125, 126, 127):
        ends = [tone.end_s for tone in mine]
        assert ends == pytest.approx([when(line + 1.23)] * 2, abs=0.01)
    sent = [m for _, _, m in sound.got if m.kind == 0xB0 and m.number == number]
    assert not [m for m in sent if m.number >= 122], "none of them reaches the synth"


def test_reset_all_controllers_is_for_the_one_who_sent_it():
    gig, keys, sound, sequencer = band()
    keys.do([(when(5), control_change(0, 64, 127)), (when(5.1), bend(0, 12000))])
    keys.do([(when(5.2), control_change(0, 1, 99)), (when(6), control_change(0, 121, 0))])
    sequencer.start(1.0)
    gig.run(when(7))
    neutral(sound)


# --- MPE


@pytest.mark.parametrize(
    ("client", "members", "announced"),
    [
        ("Seaboard RISE 2", 15, True),
        ("LinnStrument MIDI", 7, True),
        ("Osmose", 15, False),
        ("Seaboard Block", 7, False),
        ("K-Board Pro 4", 4, True),
        ("Erae Touch", 4, False),
    ],
)
def test_box_and_click_stay_outside_an_mpe_zone(client, members, announced):
    gig, keys, sound, sequencer = band(client=client, hand=mpe(members, announced))
    keys.play(*(Stroke(0.3 + n / 10, 0.36 + n / 10, 50 + n % 12) for n in range(20)))  # sound check
    gig.run(2.9)
    trade(gig, keys, sequencer, turns=2, start_s=3.0)
    zone = set(range(1, members + 1))
    others = [tone for tone in sound.ear.tones if tone.pitch in (*BOX, *CLICKS)]
    assert others
    assert not {tone.channel for tone in others} & zone, "on no member channel"
    if members < 14:
        assert not {tone.channel for tone in others} & {0}, "nor on its master"
    mine = thru_tones(sound)
    assert len(mine) == 20 + 2 * len(PLAYER)
    assert {tone.channel for tone in mine} == zone, "as they were played"
    assert {tone.release for tone in mine} == {33}
    assert all(tone.bend > 0 and tone.colour == 50 for tone in mine)
    assert pitches(gig) == [list(PLAYER)] * 2
    assert_answered(gig, sound, sequencer, turns=2)


# --- right already


def test_every_kind_of_message_passes_on_every_channel():
    """34 messages of every kind on each of 16 channels reach the synth as they were played."""
    keys, sound = keyboard(ports=[Port("", takes=False)]), synth()
    gig = gig_of(keys, sound)
    messages = []
    numbers = (0, 1, 2, 3, 4, 5, 7, 8, 10, 11, 16, 32, 64, 65, 66, 67, 70, 74, 84, 91, 93, 102, 119)
    for channel in range(16):
        messages += [note_on(channel, 60, 1), voice(POLY_PRESSURE, channel, 60, 9)]
        messages += [note_off(channel, 60), note_on(channel, 127, 127), note_off(channel, 127)]
        messages += [control_change(channel, number, 3 + number // 2) for number in numbers]
        messages += [voice(PROGRAM, channel, 77), voice(PRESSURE, channel, 5)]
        messages += [bend(channel, 16383), bend(channel, 0), bend(channel, MIDDLE)]
        messages += [control_change(channel, 64, 0)]
    assert len(messages) == 544
    keys.do((0.5 + n / 500, message) for n, message in enumerate(messages))
    gig.run(2.5)
    assert [m for _, _, m in sound.got] == messages


@pytest.mark.parametrize("lift", [0, 1, 33, 127])
def test_release_velocity_passes(lift):
    keys, sound = keyboard(), synth()
    gig = gig_of(keys, sound)
    keys.do([(0.5, note_on(0, 60, 90)), (0.7, voice(0x80, 0, 60, lift))])
    gig.run(1.0)
    assert [tone.release for tone in sound.ear.tones] == [lift]


def test_melody_and_answer_share_a_key_without_harm():
    """I hold the very key that the box plays, on the channel that it plays on."""
    gig, keys, sound, sequencer = band(ports=[Port("", takes=False)])
    line = PREPARED + 8.0
    keys.play(Stroke(when(line - 1), when(line + 4.2), BOX[1]), *melody(PREPARED, pitches=PLAYER))
    sequencer.start(1.0)
    gig.run(when(line + 9))
    assert_silence(gig, sound)
    due = [note.pitch for answer in gig.answers for note in answer.notes]
    struck = [tone.pitch for tone in box_tones(sound)]
    assert sorted(struck) == sorted([*due, BOX[1]])
