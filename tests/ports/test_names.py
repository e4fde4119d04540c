"""Names as ALSA, JACK and bridges really spell them."""

import pytest

from lkjam_box.ports.names import choose, judge, matches, plain, short

IGNORE = ("Midi Through*", "RtMidi*", "lkjam*", "system:*")
KEYS = "Arturia KeyStep 32:Arturia KeyStep 32 MIDI 1 20:0"
KEYS_AGAIN = "Arturia KeyStep 32:Arturia KeyStep 32 MIDI 1 28:0"
THROUGH = "Midi Through:Midi Through Port-0 14:0"
DRUMS = "TR-8S:TR-8S MIDI 1 24:0"


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (KEYS, "Arturia KeyStep 32:Arturia KeyStep 32 MIDI 1"),
        (THROUGH, "Midi Through:Midi Through Port-0"),
        ("a2j:KEYSTEP [20] (capture): KEYSTEP MIDI 1", "a2j:KEYSTEP: KEYSTEP MIDI 1"),
        ("jack_midi_clock:mclk_out", "jack_midi_clock:mclk_out"),
        ("RtMidiOut Client:out 128:0", "RtMidiOut Client:out"),
        ("MPK mini 3", "MPK mini 3"),
    ],
)
def test_plain(raw, wanted):
    assert plain(raw) == wanted


def test_short_names_for_the_screen():
    assert short(KEYS) == "Arturia KeyStep 32 MIDI 1"
    assert short("jack_midi_clock:mclk_out") == "jack_midi_clock:mclk_out"
    assert short("virtual keyboard") == "virtual keyboard"


@pytest.mark.parametrize(
    ("name", "pattern", "fits"),
    [
        (KEYS, "*KEYSTEP*", True),
        (KEYS, "Arturia KeyStep 32*", True),
        (KEYS, "KeyStep", False),
        (KEYS, "*MIDI ?", True),  # the number behind does not spoil the end
        (KEYS, "*20:0", True),  # whoever insists
        ("Box [MIDI]", "box [midi]", True),
        (DRUMS, "*", True),
    ],
)
def test_matches(name, pattern, fits):
    assert matches(name, pattern) is fits


def test_choice_is_by_pattern_order_then_system_order():
    present = [THROUGH, DRUMS, KEYS, "lkjam_box:lkjam_box in 130:0"]
    assert choose(present, ("*KEYSTEP*", "*"), IGNORE) == [KEYS, DRUMS]
    assert choose(present, ("*nothing*",), IGNORE) == []
    assert choose(present, (), IGNORE) == []


def test_ignore_beats_patterns_and_own_ports_are_never_opened():
    assert choose([THROUGH], ("*Through*",), IGNORE) == []
    assert choose(["lkjam_box out"], ("*",), ()) == []


def test_number_changed_by_replug_still_fits_and_twins_stay_apart():
    assert choose([KEYS_AGAIN], ("*KEYSTEP*",), IGNORE) == [KEYS_AGAIN]
    assert choose([KEYS, KEYS_AGAIN], ("*KEYSTEP*",), IGNORE) == [KEYS, KEYS_AGAIN]


def test_verdicts_say_why():
    assert str(judge(KEYS, ("*key*",), IGNORE)) == "opened: matches '*key*'"
    assert str(judge(THROUGH, ("*",), IGNORE)) == "ignored: matches 'Midi Through*'"
    assert str(judge(DRUMS, ("*key*",), IGNORE)) == "no pattern matches"
