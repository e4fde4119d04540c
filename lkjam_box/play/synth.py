"""A MIDI file as sound: symusic's synthesiser with the SoundFont of pretty_midi's wheel."""

from __future__ import annotations

import wave
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from ..errors import FileError, MissingLibrary

SAMPLE_RATE_HZ = 44_100
PEAK = 0.89  # -1 dB of full scale
_FONT = "TimGM6mb.sf2"


def soundfont() -> Path:
    """The General MIDI SoundFont on this machine. Raises MissingLibrary."""
    found = find_spec("pretty_midi")  # looked for, not imported: only its data is wanted
    font = Path(found.origin).parent / _FONT if found and found.origin else None
    if font is None or not font.is_file():
        raise MissingLibrary(f"no SoundFont {_FONT}: pip install 'lkjam-box[demo]'")
    return font


def write_wav(midi: Path, path: Path) -> None:
    """What ``midi`` sounds like, 16 bit stereo. Raises MissingLibrary, FileError."""
    try:
        from symusic import Score, Synthesizer
    except ImportError as error:
        raise MissingLibrary("no symusic: pip install 'lkjam-box[demo]'") from error
    synth = Synthesizer(str(soundfont()), SAMPLE_RATE_HZ, 4)
    sound = np.asarray(synth.render(Score(str(midi)), True))  # (2, samples)
    loudest = float(np.abs(sound).max(initial=0.0)) or 1.0
    samples = np.round(sound.T * (PEAK / loudest * 32767)).astype("<i2")
    try:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(2)
            file.setsampwidth(2)
            file.setframerate(SAMPLE_RATE_HZ)
            file.writeframes(samples.tobytes())
    except OSError as error:
        raise FileError(f"cannot write: {error.strerror}", file=path) from error
