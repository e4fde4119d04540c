"""Are the notes of a MIDI file heard in a recording of it, and when?

``python -m lkjam_box.play.onsets out/demo.wav out/demo.mid`` finds onsets in the sound
alone (spectral flux on a logarithmic scale: Böck & Widmer, DAFx 2013, without the
vibrato filter) and only then compares them with the file.
"""

from __future__ import annotations

import argparse
import json
import sys
import wave
from bisect import bisect_left
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import FileError, LkjamError
from .take_files import read_tracks
from .tempo_map import TempoMap

WINDOW, HOP = 1024, 128  # samples: 23 ms, a frame every 2.9 ms at 44.1 kHz
NEAR_S = 0.030  # an onset is found when one is heard within this
_PEAK_S = 0.015  # a peak is the highest for so long on either side
_FLOOR_S = 0.080  # and stands out of the mean of so long on either side
_RISE = 0.04  # share of the highest flux that a peak must exceed the mean by
_BANDS = 96
_BIAS_S = 0.0010  # frames are stamped at their middle; tones of instant attack come out at 0


@dataclass(frozen=True, slots=True)
class Found:
    """``offset_*`` is heard minus written, in ms; percentiles are of its size."""

    notes: int
    found: int
    offset_median_ms: float
    offset_p50_ms: float
    offset_p95_ms: float
    heard: int  # onsets in the sound, those of the backing too

    @property
    def share(self) -> float:
        return self.found / self.notes if self.notes else 1.0


def read_wav(path: Path) -> tuple[NDArray[np.float32], int]:
    """Both channels as one, -1..1, and the sample rate. Raises FileError."""
    try:
        with wave.open(str(path), "rb") as file:
            rate, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
            data = file.readframes(file.getnframes())
    except (OSError, wave.Error, EOFError) as error:
        raise FileError(f"cannot read: {error}", file=path) from error
    if width != 2:
        raise FileError("sound", file=path, found=f"{8 * width} bit", allowed="16 bit")
    samples = np.frombuffer(data, "<i2").reshape(-1, channels).mean(axis=1) / 32768
    return samples.astype(np.float32), rate


def onsets_s(sound: NDArray[np.float32], rate: int) -> list[float]:
    """Times at which something begins in ``sound``."""
    padded = np.concatenate([np.zeros(WINDOW // 2, np.float32), sound, np.zeros(WINDOW)])
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
    window = np.hanning(WINDOW).astype(np.float32)
    edges = np.unique(np.geomspace(2, WINDOW // 2, _BANDS).astype(int))
    levels = np.empty((len(frames), len(edges)), np.float32)
    for start in range(0, len(frames), 4096):  # in pieces, to spare memory
        spectrum = np.abs(np.fft.rfft(frames[start : start + 4096] * window))
        levels[start : start + 4096] = np.log1p(10 * np.add.reduceat(spectrum, edges, axis=1))
    step = max(int(0.012 * rate / HOP), 1)
    flux = np.zeros(len(levels))
    flux[step:] = np.maximum(levels[step:] - levels[:-step], 0).sum(axis=1)
    return [float(t) + _BIAS_S for t in _peaks(flux, rate / HOP)]


def _peaks(flux: NDArray[np.float64], frames_per_s: float) -> NDArray[np.float64]:
    wide, near = int(_FLOOR_S * frames_per_s), int(_PEAK_S * frames_per_s)
    mean = np.convolve(flux, np.ones(2 * wide + 1) / (2 * wide + 1), "same")
    around = np.lib.stride_tricks.sliding_window_view(np.pad(flux, near), 2 * near + 1)
    tops = (flux >= around.max(axis=1)) & (flux > mean + _RISE * flux.max(initial=0.0))
    return np.flatnonzero(tops) / frames_per_s


def compare(wav: Path, midi: Path, parts: tuple[str, ...] = ("player", "box")) -> Found:
    """Look for every note of the ``parts`` of a take in its sound. Raises FileError."""
    sound, rate = read_wav(wav)
    heard = onsets_s(sound, rate)
    tracks, tempo = read_tracks(midi)
    times = TempoMap(tempo)
    written = [times.time_of(n.onset_beats) for part in parts for n in tracks.get(part, ())]
    offsets = [_nearest(heard, time_s) - time_s for time_s in written] if heard else []
    close = np.array([offset * 1000 for offset in offsets if abs(offset) <= NEAR_S])
    p50, p95 = np.percentile(np.abs(close), (50, 95)) if len(close) else (0.0, 0.0)
    middle = float(np.median(close)) if len(close) else 0.0
    middle, p50, p95 = (round(float(x), 2) for x in (middle, p50, p95))
    return Found(len(written), len(close), middle, p50, p95, len(heard))


def _nearest(times: list[float], time_s: float) -> float:
    place = bisect_left(times, time_s)
    return min(times[max(place - 1, 0) : place + 1], key=lambda other: abs(other - time_s))


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lkjam_box.play.onsets")
    parser.add_argument("wav", type=Path)
    parser.add_argument("midi", type=Path)
    parser.add_argument("--json", action="store_true", help="one JSON object")
    args = parser.parse_args(arguments)
    try:
        found = compare(args.wav, args.midi)
    except LkjamError as error:
        print(f"onsets: {error}", file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps({**asdict(found), "share": round(found.share, 4)}))
    else:
        print(
            f"{found.found} of {found.notes} notes heard within {NEAR_S * 1000:.0f} ms; "
            f"offset median {found.offset_median_ms} ms, "
            f"size p50 {found.offset_p50_ms} ms, p95 {found.offset_p95_ms} ms"
        )
    return 0 if found.share >= 0.95 else 1


if __name__ == "__main__":
    sys.exit(main())
