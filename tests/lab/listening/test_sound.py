"""Clips: in time, in tune, audible, and the same but for the notes."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from lkjam_box.lab.listening import band
from lkjam_box.lab.listening.clips import audibility_db, render
from lkjam_box.lab.listening.instrument_tones import ANSWER, BASS, CALL, COMP, SAMPLE_RATE_HZ
from lkjam_box.lab.listening.sound import gated_rms, stem
from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import Feel
from tests.lab.listening import world


@pytest.fixture(scope="module")
def clips():
    call = world.exchange()
    others = [world.player(seed)([call])[0].answer for seed in (1, 2)]
    return render(call, [call.answer, *others], Feel.SWING)


def test_levels(clips):
    for sound in clips.sounds:
        assert 0.5 < np.abs(sound).max() <= 0.9  # -1 dB at most, and no quieter than needed
    for solo in clips.solo:
        for begin, end in ((clips.call_s, clips.answer_s), (clips.answer_s, clips.end_s)):
            assert 1 < audibility_db(clips, solo, begin, end) < 8
    answer = slice(round(clips.answer_s * SAMPLE_RATE_HZ), round(clips.end_s * SAMPLE_RATE_HZ))
    whole = [20 * np.log10(gated_rms(s[answer])) for s in clips.sounds]
    assert max(whole) - min(whole) < 1.0


def test_clips_of_a_call_are_the_same_up_to_the_answer(clips):
    line = round((clips.answer_s - 0.13) * SAMPLE_RATE_HZ)
    for sound in clips.sounds[1:]:
        assert len(sound) == len(clips.sounds[0])
        assert np.array_equal(sound[:line], clips.sounds[0][:line])
        assert not np.array_equal(sound, clips.sounds[0])


def test_an_answer_begins_on_its_line_to_the_sample():
    call = world.exchange()
    first = Note(16.0, 72, 90, 1.0)
    found = render(replace(call, call=call.call[:2]), [(first,)], Feel.SWING)
    after = found.solo[0][round((found.answer_s - 1) * SAMPLE_RATE_HZ) :]
    begun = np.flatnonzero(after)[0]
    assert abs(begun - SAMPLE_RATE_HZ) <= 1
    assert found.answer_s == pytest.approx(20 * 60 / 180)


@pytest.mark.parametrize("voice", [CALL, ANSWER, BASS, COMP])
@pytest.mark.parametrize("pitch", [36, 60, 84])
def test_tones_are_in_tune(voice, pitch):
    tone = voice.tone(pitch)[: SAMPLE_RATE_HZ * 2]
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone))))
    hertz = np.argmax(spectrum) * SAMPLE_RATE_HZ / len(tone)
    assert hertz == pytest.approx(440 * 2 ** ((pitch - 69) / 12), abs=0.6)


def test_velocity_and_length_are_heard():
    loud, soft = (
        stem([Note(0.0, 60, velocity, 1.0)], ANSWER, 0.0, 60.0, 48_000) for velocity in (100, 50)
    )
    assert np.abs(loud).max() == pytest.approx(4 * np.abs(soft).max(), rel=1e-3)
    assert np.abs(loud[24_000 + 1000 :]).max() == 0  # let go after its beat


def test_a_gate_leaves_rests_out():
    sound = np.zeros(SAMPLE_RATE_HZ * 10, np.float32)
    sound[: SAMPLE_RATE_HZ * 5] = np.sin(np.arange(SAMPLE_RATE_HZ * 5))
    assert gated_rms(sound) == pytest.approx(np.sqrt(0.5), rel=0.03)
    assert gated_rms(np.zeros(1000, np.float32)) == 0


def test_the_bass_walks_from_root_to_root():
    bass = band.walking_bass(world.harmony(), 0.0, 16.0)
    assert [n.onset_beats for n in bass] == list(range(16))
    assert [bass[i].pitch % 12 for i in (0, 4, 8, 12)] == [2, 7, 0, 9]
    for i in (3, 7, 11):  # a step into the next root
        apart = (bass[i].pitch - bass[i + 1].pitch) % 12
        assert min(apart, 12 - apart) in (1, 2)
    assert all(band.BASS_RANGE[0] <= n.pitch <= band.BASS_RANGE[1] for n in bass)
    assert all(a.pitch != b.pitch for a, b in pairwise(bass))


def test_comping_plays_the_chord_of_its_beat_and_nothing_over_no_chord():
    form = world.harmony(("Dm7", "N.C.", "G7", "Cmaj7"))
    chords = band.comping(form, 0.0, 16.0, 0.6)
    assert {int(n.onset_beats // 4) for n in chords} == {0, 2, 3}
    for note in chords:
        chord = form.chord_at(note.onset_beats)
        assert (chord.core | chord.tensions) >> note.pitch % 12 & 1
    assert not [n for n in band.walking_bass(form, 0.0, 16.0) if 4 <= n.onset_beats < 8]


def test_swing_flattens_as_it_gets_faster():
    places = [band.offbeat_place(bpm, Feel.SWING) for bpm in (100, 200, 240, 300, 360)]
    assert places == pytest.approx([2 / 3, 2 / 3, 0.6, 0.5, 0.5])
    assert band.offbeat_place(120, Feel.LATIN) == 0.5
