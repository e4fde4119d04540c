"""Notes laid out as samples, and their levels: mono, 16 bit. Pure."""

from __future__ import annotations

import io
import wave
from collections.abc import Sequence

import numpy as np

from ...music.note import Note
from ...play.synth import PEAK
from .instrument_tones import F32, SAMPLE_RATE_HZ, Drum, Voice

_BLOCK_S, _GATE = 0.4, 0.1  # the gate: a share of the mean power, -10 dB


def stem(notes: Sequence[Note], voice: Voice | Drum, start: float, bpm: float, size: int) -> F32:
    """``size`` samples from beat ``start`` on; a note's first sample is its onset.

    Amplitude goes with the square of velocity, as General MIDI recommends. Notes that begin
    before ``start`` are left out.
    """
    out = np.zeros(size, np.float32)
    for note in notes:
        first = round((note.onset_beats - start) * 60 / bpm * SAMPLE_RATE_HZ)
        tone = voice.tone(note.pitch)
        held = len(tone)
        if isinstance(voice, Voice):
            held = round(note.duration_beats * 60 / bpm * SAMPLE_RATE_HZ)
        fade = round(voice.fade_s * SAMPLE_RATE_HZ)
        end = min(len(tone), held + fade, size - first)
        if first < 0 or end <= 0:
            continue
        part = tone[:end] * np.float32((note.velocity / 127) ** 2)
        falling = 1 - np.arange(max(0, end - held), dtype=np.float32) / fade
        part[held:] *= falling
        out[first : first + end] += part
    return out


def gated_rms(sound: F32) -> float:
    """Root mean square while something sounds, 0 for silence.

    Blocks of 0.4 s with 75 % overlap, those 10 dB under the mean of all that are not silent
    left out: the gate of ITU-R BS.1770-4 without its filter, since one instrument is compared
    with itself.
    """
    block = round(_BLOCK_S * SAMPLE_RATE_HZ)
    starts = range(0, max(1, len(sound) - block + 1), block // 4)
    powers = np.array([np.mean(np.square(sound[i : i + block], dtype=float)) for i in starts])
    powers = powers[powers > 1e-9]
    if not len(powers):
        return 0.0
    return float(np.sqrt(powers[powers >= _GATE * powers.mean()].mean()))


def levelled(sound: F32, rms: float) -> F32:
    """``sound`` with a gated level of ``rms``."""
    level = gated_rms(sound)
    return sound * np.float32(rms / level) if level else sound


def common_gain(sounds: Sequence[F32]) -> float:
    """The factor that brings the highest peak of all ``sounds`` to -1 dB of full scale."""
    return PEAK / (max(float(np.abs(sound).max(initial=0.0)) for sound in sounds) or 1.0)


def wav_bytes(sound: F32) -> bytes:
    """A WAV file with the chunks for format and samples, no other."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE_HZ)
        file.writeframes(np.round(np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return buffer.getvalue()
