"""What one note of an answer is: its draws from the network's outputs.

:class:`Draw` is the reference, in NumPy. :class:`GraphDraw` has a model file's graph draw, which
costs a tenth, and turns to the reference where the graph refuses a choice (see :mod:`.sampler`) or
cannot serve the controls' window. Both give the same for the same outputs and noise.
"""

from __future__ import annotations

from functools import lru_cache
from math import exp
from struct import Struct
from typing import Any

import numpy as np

from ..music.harmony import Chord
from ..protocol.engine import ControlValues, Scene
from . import features as f
from .encoder import Encoder
from .heads import DEGREES, LEAPS, duration_logits, pitch_logits, time_logits
from .logit_bias import LogitBias
from .ports import NotePort
from .sampler import MASKED, Sampler, chosen, softmax

FAR_ROOM = f.time_bin(6.0)  # the next note of a phrase is practically always nearer
_STEEPEST = 80.0  # the exponential of more overflows
_LEAST = 2.0**-53  # the least noise but 0
# By room: which time-shifts leave room for a next note; all do where there is plenty.
_FITS = [
    ((np.arange(f.TIME_BINS) > 0) & (np.arange(f.TIME_BINS) < room)).astype(np.float32)
    if room < FAR_ROOM
    else np.ones(f.TIME_BINS, np.float32)
    for room in range(f.TIME_BINS + 1)
]


# The choices of one note: whether it closes, MIDI pitch, bins of the time-shift to the next note,
# of duration and of velocity; then ``inside`` and ``urge``. It closes if the urge to is at least
# the share of time-shifts inside the room for a next note; were there room without end, it would
# at an urge of at least one. (Making a named tuple takes 3,000 instructions.)
Chosen = tuple[bool, int, int, int, int, float, float]


class Draw:
    """Draws the notes of one answer."""

    def __init__(
        self,
        port: NotePort,
        encoder: Encoder,
        scene: Scene,
        controls: ControlValues,
        sampler: Sampler,
    ) -> None:
        self._port, self._encoder, self._sampler = port, encoder, sampler
        self._bias = LogitBias(scene, controls)
        self._warmth = warmth(sampler.inverse_temperature)

    def note(self, opening: bool, room: int, bounded: bool) -> Chosen:
        """The note whose onset the encoder has written to the port.

        A phrase opens with it or not; ``room`` is the bin of the time-shift to the latest onset
        allowed; ``bounded`` if another note must follow even a closing one.
        """
        self._port.run()
        sampler = self._sampler
        uniform = sampler.uniform
        position = uniform() or _LEAST
        high, wide, long, loud = uniform(), uniform(), uniform(), uniform()
        out: f.F32 = self._port.outputs[0] * self._warmth
        lead = float(out[2]) - float(out[0 if opening else 1])
        # It closes when the odds of that, thus pushed by noise, exceed those of going on.
        urge = exp(min(lead, _STEEPEST)) * (1.0 - position) / position
        inside = float(softmax(time_logits(out, False, self._encoder)).dot(_FITS[room]))
        closing = inside <= urge
        shift = sampler.kept(self._times(out, closing, room, bounded), wide)
        pitch = self._bias.low + sampler.kept(self._pitches(out, closing), high)
        duration = sampler.kept(duration_logits(out, closing, shift), long)
        velocity = chosen(softmax(out[f.VELOCITY]).tolist(), loud)
        return closing, pitch, shift, duration, velocity, inside, urge

    def _times(self, out: f.F32, closing: bool, room: int, bounded: bool) -> f.F32:
        """Logits of the time-shift, masked."""
        return time_logits(out, closing, self._encoder) + self._bias.times(room, bounded)[closing]

    def _pitches(self, out: f.F32, closing: bool) -> f.F32:
        """Logits of the pitches of the window."""
        bias, encoder = self._bias, self._encoder
        logits = pitch_logits(out, closing, encoder, bias.low, bias.width, bias.follow)
        return logits + bias.pitches(encoder.chord)[closing]


@lru_cache(maxsize=8)
def warmth(inverse_temperature: float) -> f.F32:
    """Factors [OUTPUTS] on the network's outputs, by temperature.

    Those of rhythm are the cube root of the others: the time-shifts have a long tail of rests,
    and an answer at a high temperature shall be wild, not empty.
    """
    out = np.full(f.OUTPUTS, inverse_temperature, np.float32)
    for part in (f.POSITION, *f.TIME, f.GUESS_TIME, *f.DURATION, *f.RATIO):
        out[part] = inverse_temperature ** (1 / 3)
    return out


_pack_guesses = Struct(f"{f.GUESSES}i").pack_into
_pack_push, _pack_pair = Struct("f").pack_into, Struct("2f").pack_into
_pack_follow = Struct(f"f{4 * (f.GUESSES - 1)}x").pack_into
_pack_register = Struct("i").pack_into
_ALL_MASKED = np.full(4 * f.TIME_BINS, MASKED, np.float32).data.cast("B")
_tokens, _weights = Struct("5i").unpack_from, Struct("6f").unpack_from
_pitch_odds = Struct(f"{f.SLOTS}f").unpack_from
_time_odds = Struct(f"{f.TIME_BINS}f").unpack_from
_second_odds = Struct(f"{f.DURATION_BINS}f").unpack_from
_ROW = 4 * f.TIME_BINS  # bytes
_WIDE = 4 * f.SLOTS
_NOWHERE = f.TIME_BINS - 1  # a place beside the pitches that is always masked
# Where a guess goes, by slot of the pitch and by bin of the time-shift; also below 0 and far above,
# as where there is no guess. Looking it up takes a fifth of the comparisons' time.
_SLOTS = tuple(slot if slot < f.SLOTS else _NOWHERE for slot in range(2048))
_TIMES = tuple(f.TIME_BINS + t if t < f.TIME_BINS else _NOWHERE for t in range(f.TIME_BINS + 3))
_FAR_OFF = -400  # a slot that no guess leads back from


def _data(array: np.ndarray[Any, Any]) -> memoryview:
    return array.reshape(-1).data.cast("B")


_LEAPS, _DEGREES = _data(LEAPS), _data(DEGREES + np.int32(f.INTERVALS))
_OPENING, _GOING_ON = (_data(np.array(row, np.float32)) for row in ([-1, 0, 1], [0, -1, 1]))
_FITTING = [_data(row) for row in _FITS]


class GraphDraw(Draw):
    """Draws with the graph; only where it :meth:`serves`."""

    def __init__(
        self,
        port: NotePort,
        encoder: Encoder,
        scene: Scene,
        controls: ControlValues,
        sampler: Sampler,
    ) -> None:
        super().__init__(port, encoder, scene, controls, sampler)
        self._base = min(self._bias.low, 128 - f.SLOTS)  # pitch of the first slot
        self._views = port.draws
        self._begin()

    @staticmethod
    def serves(port: NotePort, controls: ControlValues) -> bool:
        low, high = controls.window
        return bool(port.draws) and high - low < f.SLOTS

    def _begin(self) -> None:
        """Write what holds for the whole answer, and forget what lies in the port."""
        self._port.user, views = self, self._views
        views["warmth"][:] = self._warmth.data.cast("B")
        _pack_follow(views["follow"], 0, self._bias.follow)
        _pack_register(views["register"], 0, f.REGISTER.start + self._base)
        views["bias"][:] = _ALL_MASKED
        self._chord: Chord | None = None
        self._opening: bool | None = None
        self._room, self._bounded, self._root, self._last = -1, False, -2, -2

    def note(self, opening: bool, room: int, bounded: bool) -> Chosen:
        port, encoder, views = self._port, self._encoder, self._views
        if port.user is not self:
            self._begin()
        if room != self._room or bounded != self._bounded:
            self._set_room(room, bounded)
        if encoder.chord is not self._chord:
            self._set_chord(encoder.chord)
        last, base = encoder.last_pitch, self._base
        if last != self._last:
            self._last = last
            at = 4 * (128 * (last if last >= 0 else 62) + base)
            views["leaps"][:] = _LEAPS[at : at + _WIDE]
        if opening is not self._opening:
            self._opening = opening
            views["lead"][:] = _OPENING if opening else _GOING_ON
        target, short, long = encoder.guesses
        time, echo = encoder.guess_times
        slot = last - base if last >= 0 else _FAR_OFF
        slots, times = _SLOTS, _TIMES
        target += slot
        short += slot
        long += slot
        _pack_guesses(
            views["guesses"],
            0,
            slots[target],
            slots[target + 1],
            slots[target - 1],
            slots[short],
            slots[long],
            times[time],
            times[time + 1] if time >= 0 else _NOWHERE,
            times[time - 1],
            times[echo],
        )
        sampler = self._sampler
        uniform = sampler.uniform
        position = uniform() or _LEAST
        _pack_push(views["push"], 0, (1.0 - position) / position)
        _pack_pair(views["noise"], 0, uniform(), uniform())
        length_noise = uniform()
        _pack_pair(views["noise.second"], 0, length_noise, uniform())
        port.run()
        closing, slot, shift, duration, velocity = _tokens(views["tokens"])
        off_pitch, off_shift, off_duration, _, inside, urge = _weights(views["weights"])
        top_p = sampler.top_p
        if off_shift >= top_p:
            shift = sampler.likelier(_time_odds(views["odds"], _ROW), shift)
        if off_pitch >= top_p:
            slot = sampler.likelier(_pitch_odds(views["odds"]), slot)
        if off_shift >= top_p:
            out = port.outputs[0] * self._warmth
            duration = sampler.kept(duration_logits(out, closing == 1, shift), length_noise)
        elif off_duration >= top_p:
            duration = sampler.likelier(_second_odds(views["odds.second"]), duration)
        return closing == 1, base + slot, shift, duration, velocity, inside, urge

    def _set_room(self, room: int, bounded: bool) -> None:
        self._room, self._bounded = room, bounded
        self._views["fits"][:] = _FITTING[room]
        biases = self._views["bias"]
        opened, closing = self._bias.times(room, bounded)
        biases[_ROW : 2 * _ROW], biases[3 * _ROW :] = opened.data.cast("B"), closing.data.cast("B")

    def _set_chord(self, chord: Chord) -> None:
        self._chord, root = chord, self._encoder.root
        if root != self._root:
            self._root = root
            at = 4 * (128 * (root if root >= 0 else 12) + self._base)
            self._views["degrees"][:] = _DEGREES[at : at + _WIDE]
        biases = self._views["bias"]
        opened, closing = self._bias.pitches(chord)
        at = 4 * (self._bias.low - self._base)
        end = at + 4 * self._bias.width
        biases[at:end] = opened.data.cast("B")
        biases[2 * _ROW + at : 2 * _ROW + end] = closing.data.cast("B")
