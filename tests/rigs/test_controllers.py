"""Numbers that instruments use are theirs: at default options the box takes none of them."""

from __future__ import annotations

import pytest

from lkjam_box.midi.messages import PROGRAM, voice
from lkjam_box.play.rig_hands import drawbars
from lkjam_box.play.rig_sequencer import Sequencer
from lkjam_box.protocol.controls import CHOICES
from tests.rigs.house import (
    PLAYER,
    assert_answered,
    controllers,
    dice,
    drums,
    gig_of,
    keyboard,
    pitches,
    synth,
    thru_tones,
    trade,
)


def dials(gig):
    now = gig.snapshot()
    names = [control.name.lower() for control in CHOICES]
    return [getattr(now, prefix + name) for name in names for prefix in ("", "next_")]


@pytest.mark.parametrize(
    ("client", "numbers"),
    [
        ("Nord Stage 3", tuple(range(16, 25))),
        ("Hammond XK-4", tuple(range(12, 21))),
        ("VR-09", tuple(range(16, 25))),
        ("GI-20", (18, 19)),
        ("nanoKONTROL2", (*range(0, 8), *range(16, 24))),
        ("MPK mini 3", (70, 71, 72, 73, 74, 75, 76, 77)),
        ("UF8 pedalboard", (102, 103, 104, 105, 106)),
        ("MicroFreak", (5, 9, 10, 12, 13, 14, 21, 22, 23, 25, 26, 27, 83, 94, 102, 103)),
    ],
)
def test_drawbars_and_pedals_pass_and_turn_no_dial(client, numbers):
    numbers = [number for number in numbers if number not in (1, 2, 7)]
    keys = keyboard(client, hand=drawbars(dice("bars", client), numbers))
    machine, sound = drums(), synth()
    gig = gig_of(keys, machine, sound)
    before = dials(gig)
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    moved = [(m.number, m.value) for _, _, m in keys.sent if m.kind == 0xB0]
    assert controllers(sound, *numbers) == moved
    assert dials(gig) == before
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert pitches(gig) == [list(PLAYER)] * 2
    assert_answered(gig, sound, sequencer, turns=2)


def test_no_number_is_taken_at_default_options():
    keys, sound = keyboard(), synth()
    gig = gig_of(keys, sound)
    before = dials(gig)
    for number in range(120):
        keys.turn(0.5 + number / 100, number, 1 + number)
    gig.run(2.5)
    assert dials(gig) == before
    assert controllers(sound) == [(number, 1 + number) for number in range(120)]


def test_program_changes_are_the_synths():
    keys, sound = keyboard(), synth()
    gig = gig_of(keys, sound)
    keys.do((0.5 + n / 100, voice(PROGRAM, n % 16, n)) for n in range(128))
    gig.run(2.5)
    assert [m.number for _, _, m in sound.got if m.kind == PROGRAM] == list(range(128))
