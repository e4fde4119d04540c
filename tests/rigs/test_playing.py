"""What is playing: the line that somebody plays, and nothing else that his rig sends."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lkjam_box.midi.messages import control_change, note_off, note_on
from lkjam_box.play.player import calls_for
from lkjam_box.play.rig_hands import Stroke, guitar
from lkjam_box.play.rig_sequencer import Pattern, Sequencer
from tests.rigs.house import (
    PLAYER,
    TURN,
    assert_answered,
    assert_silence,
    calls,
    dice,
    drums,
    gig_of,
    human_lines,
    keyboard,
    library,
    melody,
    pitches,
    synth,
    thru_tones,
    trade,
    when,
)

# --- two hands


def left_hand(random, line, bpm, beside_ms):
    """Shells and open chords under the melody, ``beside_ms`` off the grid that it is on, with a
    stab between now and then; they end before the line."""
    strokes, beat = [], line
    while beat < line + TURN - 1.2:
        root = random.randrange(40, 50)
        chord = random.choice([(0, 10), (0, 4, 10), (0, 3, 10, 14), (0, 7, 16)])
        early_s = random.choice((-1, 1)) * random.uniform(*beside_ms) / 1000
        length = random.choice((0.3, 0.9, 1.8))
        at_s = when(beat, bpm) + early_s
        for n, pitch in enumerate(dict.fromkeys(min(root + step, 57) for step in chord)):
            strokes.append(Stroke(at_s + n * random.uniform(0, 0.006), at_s + length * 60 / bpm,
                                  pitch, random.randrange(45, 80)))  # fmt: skip
        beat += random.choice((0.5, 1, 1, 1.5, 2))
    return [s for s in strokes if s.end_s < when(line + TURN - 0.1, bpm)]


@pytest.mark.parametrize(("low_ms", "high_ms"), [(10, 30), (30, 45), (40, 60)])
def test_of_two_hands_the_call_is_the_right_one(low_ms, high_ms):
    """At most 1 stranger in 100 notes, 2 % of the line's notes cut, .9 of its intervals kept."""
    strangers = cut = notes = kept = steps = there = 0
    for seed in range(3):
        random, bpm = dice("hands", low_ms, seed), (96.0, 132.0, 168.0)[seed]
        keys, machine, sound = keyboard("Digital Piano"), drums(), synth()
        gig = gig_of(keys, machine, sound)
        tune, lines = library().get(0), human_lines(3)
        sequencer = Sequencer(machine, bpm)
        sequencer.start(1.0)
        right = []
        for line in lines:
            for note in calls_for(tune, [(line, line + TURN)], seed=seed + int(line), bpm=bpm):
                pitch = note.pitch + 12 * (note.pitch < 60)
                begin_s, end_s = when(note.onset_beats, bpm), when(note.end_beats, bpm)
                right.append(Stroke(begin_s, end_s, pitch, note.velocity))
            keys.play(*left_hand(random, line, bpm, (low_ms, high_ms)))
        keys.play(*right)
        gig.run(when(lines[-1] + TURN * 2, bpm))
        heard = [note for call in calls(gig) for note in call]
        at = {(round(s.start_s, 2), s.pitch): s for s in right}
        found = []
        for note in heard:
            stroke = at.get((round(when(note.onset_beats, bpm), 2), note.pitch))
            close = [s for s in right if s.pitch == note.pitch
                     and abs(s.start_s - when(note.onset_beats, bpm)) < 0.03]  # fmt: skip
            stroke = stroke or (close[0] if close else None)
            strangers += stroke is None
            if stroke is not None:
                found.append(stroke)
                long_s = note.duration_beats * 60 / bpm
                cut += long_s < 0.7 * (stroke.end_s - stroke.start_s)
        notes += len(right)
        steps += len(right) - 1
        played = list(pairwise(s.pitch for s in right))
        heard_steps = list(pairwise(note.pitch for note in heard))
        kept += sum(step in heard_steps for step in played)
        there += len(found)
    assert there >= 0.97 * notes, f"{there} of {notes} notes of the line"
    assert strangers <= notes / 100, f"{strangers} strangers in {notes} notes"
    assert cut <= notes * 0.02, f"{cut} of {notes} cut"
    assert kept >= 0.9 * steps, f"{kept} of {steps} steps kept"


# --- patterns and pads


@pytest.mark.parametrize(
    ("client", "channel"),
    [("BeatBuddy", 0), ("Elektron Digitakt", 6), ("TR-8S", 9), ("MC-101", 6), ("MC-707", 0)],
)
def test_the_pattern_of_a_drum_machine_is_no_playing_on_any_channel(client, channel):
    hits = ((0, 36), (12, 66), (24, 38), (36, 71), (48, 36), (60, 66), (72, 38), (84, 74))
    keys, machine, sound = keyboard(), drums(client), synth()
    gig = gig_of(keys, machine, sound)
    pattern = Pattern(hits, channel=channel)
    sequencer = Sequencer(machine, 124.0, pattern=pattern, idle=channel == 6)
    sequencer.power(0.2)
    trade(gig, keys, sequencer, turns=2)
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert pitches(gig) == [list(PLAYER)] * 2
    assert_answered(gig, sound, sequencer, turns=2)


@pytest.mark.parametrize(("client", "channel"), [("MPD226", 9), ("padKONTROL", 9), ("MPK3", 0)])
def test_pads_of_a_device_that_ticks_but_never_starts_are_playing(client, channel):
    pads, machine, sound = keyboard(client), drums(), synth()
    gig = gig_of(pads, machine, sound)
    Sequencer(pads, 120.0, idle=True).power(0.05)
    sequencer = Sequencer(machine, 110.0)
    sequencer.start(1.0)
    for line in human_lines(2):
        strokes = melody(line, 110.0)
        pads.do((s.start_s, note_on(channel, s.pitch, s.velocity)) for s in strokes)
        pads.do((s.end_s, note_off(channel, s.pitch)) for s in strokes)
    gig.run(when(36.5, 110.0))
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER) * 2
    assert pitches(gig) == [list(PLAYER)] * 2
    assert_answered(gig, sound, sequencer, turns=2)


# --- a MIDI guitar


@pytest.mark.parametrize(
    ("client", "mono"),
    [("Fishman TriplePlay", True), ("GI-20", False), ("GR-55", True), ("Jamstik MIDI", False)],
)
def test_ghosts_of_a_midi_guitar_are_no_playing(client, mono):
    """On one channel, or each string on its own (mono mode)."""
    channels = range(6) if mono else (0,)
    hand = guitar(dice("ghosts", client, mono), channels=channels, ghosts=0.7)
    strings, machine, sound = keyboard(client, hand=hand), drums(), synth()
    gig = gig_of(strings, machine, sound)
    line = [p - 5 for p in PLAYER]
    trade(gig, strings, Sequencer(machine, 116.0), turns=2, pitches=line)
    assert pitches(gig) == [line] * 2
    assert {tone.pitch for tone in thru_tones(sound)} >= set(line), "all of it sounds"


@pytest.mark.parametrize("string_ms", [8, 12, 15])
def test_a_strum_is_one_event(string_ms):
    """Chords of four to six strings between single notes: each is heard as its highest note."""
    shapes = [(45, 52, 57, 60, 64), (43, 47, 50, 55, 59, 67), (48, 52, 55, 60), (50, 57, 62, 66)]
    hand = guitar(dice("strum", string_ms), ghosts=0.0, string_s=string_ms / 1000)
    strings, machine, sound = keyboard("TriplePlay", hand=hand), drums(), synth()
    gig = gig_of(strings, machine, sound)
    sequencer, wanted = Sequencer(machine, 112.0), []
    sequencer.start(1.0)
    for line in human_lines(2):
        strokes, tops = [], []
        for n in range(7):
            begin, end = when(line + 0.1 + n, 112.0), when(line + 0.8 + n, 112.0)
            chord = shapes[n // 2 % len(shapes)] if n % 2 == 0 else (PLAYER[n],)
            strokes += [Stroke(begin, end, pitch, 84) for pitch in chord]
            tops.append(max(chord))
        strings.play(*strokes)
        wanted.append(tops)
    gig.run(when(36.5, 112.0))
    assert pitches(gig) == wanted
    assert_answered(gig, sound, sequencer, turns=2)


# --- a DAW's greetings


@pytest.mark.parametrize("numbers", [(120, 123), (123,), (120, 121, 123), (64, 123)])
def test_what_a_daw_sends_at_play_harms_nothing(numbers):
    """Reaper: all sound off and all notes off on every channel, on the clock's own port."""
    keys, machine, sound = keyboard(), drums("Deluge"), synth()
    gig = gig_of(keys, machine, sound)
    keys.press(0.7, 48)  # a note held over the start
    keys.lift(2.5, 48)
    sequencer = Sequencer(machine, 120.0)
    for at_s in (0.999, 1.004, when(13.1)):
        greeting = [control_change(c, n, 0) for n in numbers for c in range(16)]
        machine.do((at_s, message) for message in greeting)
    trade(gig, keys, sequencer, turns=1)
    held = next(tone for tone in sound.ear.tones if tone.pitch == 48)
    assert held.end_s == pytest.approx(2.5, abs=0.005)
    assert not held.cut
    assert_answered(gig, sound, sequencer, turns=1)
    assert pitches(gig) == [list(PLAYER)]
    assert_silence(gig, sound)


# --- right already


@pytest.mark.parametrize("transport", ["alsa", "no path"])
def test_a_plain_rig_trades(transport):
    path = "" if transport == "no path" else "1-1.1"
    keys, machine, sound = keyboard(path=path), drums(path=""), synth(path="")
    gig = gig_of(keys, machine, sound)
    sequencer = Sequencer(machine, 120.0)
    trade(gig, keys, sequencer, turns=2)
    assert pitches(gig) == [list(PLAYER)] * 2
    assert_answered(gig, sound, sequencer, turns=2)
    assert_silence(gig, sound)


def test_two_keyboards_are_one_player():
    low, high = keyboard("Keystation 49", path="1-1.1"), keyboard("MicroFreak", path="1-1.4")
    machine, sound = drums(), synth()
    gig = gig_of(low, high, machine, sound)
    sequencer = Sequencer(machine, 120.0)
    sequencer.start(1.0)
    strokes = melody(4.0)
    low.play(*strokes[::2])
    high.play(*strokes[1::2])
    gig.run(when(20.5))
    assert pitches(gig) == [list(PLAYER)]
    assert [tone.pitch for tone in thru_tones(sound)] == list(PLAYER)
    assert_answered(gig, sound, sequencer, turns=1)
