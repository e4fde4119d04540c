"""The onset detector: true times, no bias, nothing in silence."""

from __future__ import annotations

import json
import wave

import numpy as np
import pytest

from lkjam_box.errors import FileError
from lkjam_box.music.harmony import Metre
from lkjam_box.music.note import Note
from lkjam_box.play import onsets
from lkjam_box.play.take import Played, Take
from lkjam_box.play.take_files import write_take

RATE = 44_100
TIMES = [0.5 + 0.337 * number for number in range(14)]


def tones(times, seconds: float = 6.0):
    """Decaying tones of instant attack, their pitches all different."""
    clock = np.arange(int(RATE * seconds)) / RATE
    sound = np.zeros(len(clock), np.float32)
    for number, time_s in enumerate(times):
        since = clock - time_s
        level = (since >= 0) * np.exp(-6 * np.clip(since, 0, 9))
        sound += (0.3 * level * np.sin(2 * np.pi * 220 * 2 ** (number / 12) * since)).astype("f4")
    return sound


def save(path, sound):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((sound * 32767).astype("<i2").tobytes())


def test_tones_are_found_where_they_begin():
    heard = onsets.onsets_s(tones(TIMES), RATE)
    assert len(heard) == len(TIMES)
    offsets = np.array(heard) - np.array(TIMES)
    assert np.abs(offsets).max() < 0.003
    assert abs(np.median(offsets)) < 0.0015


def test_silence_has_no_onsets():
    assert onsets.onsets_s(np.zeros(RATE, np.float32), RATE) == []


def written(path, times):
    notes = (Played("player", Note(time_s * 2, 69, 90, 0.4), 0) for time_s in times)
    write_take(Take("T", Metre(), ((0.0, 120.0),), (), (), tuple(notes), 12.0), path)


def test_the_command_counts_what_is_missing(tmp_path, capsys):
    wav, midi = tmp_path / "a.wav", tmp_path / "a.mid"
    save(wav, tones(TIMES))
    written(midi, TIMES)
    assert onsets.main([str(wav), str(midi), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["found"], found["notes"]) == (14, 14)
    assert found["offset_p95_ms"] < 3
    written(midi, [*TIMES, 0.66, 1.01])  # two notes that nobody played
    assert onsets.main([str(wav), str(midi), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["found"] == 14


def test_what_is_no_sound_is_one_line(tmp_path, capsys):
    (tmp_path / "a.wav").write_bytes(b"no sound")
    with pytest.raises(FileError, match=r"a\.wav"):
        onsets.read_wav(tmp_path / "a.wav")
    assert onsets.main([str(tmp_path / "a.wav"), str(tmp_path / "a.mid")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
