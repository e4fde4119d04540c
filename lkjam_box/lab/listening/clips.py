"""A trial as sound: the same count-in, call and band for every answer. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...music.note import Note
from ...protocol.engine import Feel
from ..training.exchange import Exchange
from .band import comping, count_in, hat, offbeat_place, ride, walking_bass
from .instrument_tones import ANSWER, BASS, CALL, COMP, F32, HAT, RIDE, SAMPLE_RATE_HZ, STICK
from .sound import common_gain, gated_rms, levelled, stem
from .trials import evened

COUNT_IN_BEATS = 4.0
TAIL_S = 1.5
_CHOP_S = 0.3
# Gated levels against the solo line's. The beat must be felt, the line must stand out.
_BASS, _COMP, _RIDE, _HAT = (10 ** (db / 20) for db in (-5.0, -11.0, -15.0, -22.0))
_LINE = 0.1


@dataclass(frozen=True, slots=True)
class Clips:
    """``sounds[i]`` has the i-th answer; all are equally long. ``call_s`` and ``answer_s`` are
    the lines where call and answer begin, ``end_s`` the one where the answer's turn is over.
    ``solo`` (one for each sound) and ``band`` are the parts of the sounds, for measuring."""

    sounds: tuple[F32, ...]
    solo: tuple[F32, ...]
    band: F32
    call_s: float
    answer_s: float
    end_s: float


def render(call: Exchange, answers: Sequence[Sequence[Note]], feel: Feel) -> Clips:
    """One clip for each of ``answers`` to ``call``; clips differ in nothing but the answers' notes.

    Velocities are evened out, every answer gets the call's loudness (:func:`.sound.gated_rms`)
    and all clips one gain.
    """
    bpm, first = call.scene.bpm, call.call_scene.start_beats
    start, line, end = first - COUNT_IN_BEATS, call.scene.start_beats, call.scene.end_beats
    size = round(((end - start) * 60 / bpm + TAIL_S) * SAMPLE_RATE_HZ)

    def second(beat: float) -> float:
        return (beat - start) * 60 / bpm

    heard = stem(evened(call.call), CALL, start, bpm, size)
    heard = levelled(heard, _LINE)
    played = [levelled(stem(evened(a), ANSWER, start, bpm, size), _LINE) for a in answers]
    band = _band(call, feel, start, size)
    solo = [heard + own for own in played]
    gain = np.float32(common_gain([band + line for line in solo]))
    fade = np.ones(size, np.float32)
    tail = round(_CHOP_S * SAMPLE_RATE_HZ)
    fade[-tail:] = np.linspace(1, 0, tail)
    band, solo = band * fade * gain, [line * fade * gain for line in solo]
    return Clips(
        tuple(band + line for line in solo),
        tuple(solo),
        band,
        second(first),
        second(line),
        second(end),
    )


def _band(call: Exchange, feel: Feel, start: float, size: int) -> F32:
    """Clicks, then bass, chords and drums up to the end of the answer's turn, and one closing
    beat on the line."""
    harmony, bpm = call.scene.harmony, call.scene.bpm
    first, end = call.call_scene.start_beats, call.scene.end_beats
    offbeat = offbeat_place(bpm, feel)
    parts = (
        (walking_bass(harmony, first, end + 1), BASS, _BASS),
        (comping(harmony, first, end, offbeat), COMP, _COMP),
        (ride(first, end + 1, offbeat, feel), RIDE, _RIDE),
        (hat(first, end), HAT, _HAT),
        (count_in(first), STICK, _HAT),
    )
    band = np.zeros(size, np.float32)
    for notes, voice, level in parts:
        band += levelled(stem(notes, voice, start, bpm, size), _LINE * level)
    return band


def audibility_db(clips: Clips, sound: F32, begin_s: float, end_s: float) -> float:
    """Level in dB of a solo line (one of ``clips.solo``) over the band's, between two times."""
    part = slice(round(begin_s * SAMPLE_RATE_HZ), round(end_s * SAMPLE_RATE_HZ))
    return float(20 * np.log10(gated_rms(sound[part]) / gated_rms(clips.band[part])))
