"""The GRU engine: one step of the network for each note heard and each note answered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from math import exp
from typing import NamedTuple

import numpy as np

from ..music.note import Note
from ..protocol.engine import ControlValues, Position, Question, Role, Scene, Strategy
from ..protocol.records import EngineId
from . import features as f
from .encoder import Encoder
from .heads import duration_logits, pitch_logits, time_logits
from .logit_bias import LogitBias
from .model_runtime import Stepper, load
from .sampler import MASKED, Pair, Sampler, masked

GAP_BEATS = 1 / 48  # silence kept before the line
SHORTEST_BEATS = 1 / 32
_ROOM_BEATS = 1 / 4  # no note begins nearer to the line than this: it would be a stumble
_FAR_BEATS = 12.0  # a last note longer ago than this does not place the first one
_FIRST_BEATS = (0.0, 0.0, 0.5, 0.5, 1.0, 1.5, 2.0)  # drawn from if nothing was heard lately
_FAR_ROOM = f.time_bin(6.0)  # the next note of a phrase is practically always nearer
_REPEATING = (Strategy.IMITATION, Strategy.INVERSION)  # begin where the call began
# Members of an enum take .1 us each to look up in Python 3.11.
_START, _CONTINUE, _END = Position.START, Position.CONTINUE, Position.END
_BOX = Role.BOX
_TIME_ONES = np.ones(f.TIME_BINS, np.float32)


class Placed(NamedTuple):
    """A note of an answer with its place in the phrase.

    ``own`` is False for an End that the line forced. ``unasked`` is False for that, too, and for
    an End drawn only because the phrase's next note would lie beyond the line.
    """

    note: Note
    position: Position
    own: bool = True
    unasked: bool = True


class _Stream:
    """The network's state, its encoder and its last outputs, for one sequence of notes."""

    __slots__ = ("_state", "encoder", "out", "stepper", "x")

    def __init__(self, stepper: Stepper, before: _Stream | None = None) -> None:
        """A new stream, or one that goes on from ``before`` and leaves that as it is."""
        self.stepper = stepper
        self.x: f.F32 = np.zeros((1, f.FLOATS + stepper.hidden), np.float32)
        self._state = self.x[0, f.FLOATS :]
        self.out: f.F32 | None = None
        floats = self.x[:, : f.FLOATS]
        if before is None:
            self.encoder = Encoder(floats, stepper.blind)
        else:
            self._state[:], self.out = before._state, before.out
            self.encoder = before.encoder.fork(floats)

    def step(self, onset_beats: float, role: Role, scene: Scene) -> f.F32:
        """The network's outputs and new state for a note at ``onset_beats``: [OUTPUTS + hidden]."""
        self.encoder.onset(onset_beats, role, scene)
        out: f.F32 = self.stepper.step(self.encoder.ids, self.x)[0]
        self.out = out
        self._state[:] = out[f.OUTPUTS :]
        return out


class GruEngine:
    """See :class:`..protocol.engine.Engine`."""

    id = EngineId.GRU

    def __init__(self, stepper: Stepper) -> None:
        self._stream = _Stream(stepper)

    @classmethod
    def open(cls, model: str = "", runtime: str = "auto") -> GruEngine:
        """From a model file (none: the shipped one). Raises ModelError, MissingLibrary."""
        return cls(load(model, runtime))

    def hear(self, note: Note, position: Position, role: Role, scene: Scene) -> None:
        self._hear(self._stream, note, position, role, scene)

    def forget(self) -> None:
        self._stream = _Stream(self._stream.stepper)

    def answer(self, question: Question) -> Iterator[Note]:
        for placed in self.placed(question):
            yield placed.note

    def placed(self, question: Question) -> Iterator[Placed]:
        """The notes of :meth:`answer` with their positions."""
        stream = _Stream(self._stream.stepper, self._stream)
        for note, position in question.tail:
            self._hear(stream, note, position, Role.HUMAN, question.heard_scene)
        controls = question.controls
        sampler = Sampler(question.seed, *controls.heated)
        return _answer(stream, question.scene, controls, sampler)

    @staticmethod
    def _hear(stream: _Stream, note: Note, position: Position, role: Role, scene: Scene) -> None:
        stream.step(note.onset_beats, role, scene)
        stream.encoder.take(note, position)


def _answer(
    stream: _Stream, scene: Scene, controls: ControlValues, sampler: Sampler
) -> Iterator[Placed]:
    line = scene.end_beats - GAP_BEATS
    latest = line - min(_ROOM_BEATS, (scene.end_beats - scene.start_beats) / 4)
    middle = (scene.start_beats + scene.end_beats) / 2
    low, high = controls.window
    bias, pair = LogitBias(scene, controls), Pair(sampler, f.TIME_BINS, high + 1 - low)
    shifts, pitches = pair.first, pair.second
    encoder, opening = stream.encoder, True
    warmth = _warmth(sampler.inverse_temperature)
    between, uniform = sampler.between, sampler.uniform
    onset = _first_onset(stream, scene, latest, sampler)
    while True:
        out = stream.step(onset, _BOX, scene)
        if warmth is not None:
            out = out[: f.OUTPUTS] * warmth
        room = f.time_bin(latest - onset)  # time-shift to the latest onset allowed
        position, own, unasked = _position(out, opening, room, encoder, sampler, shifts)
        closing = position == _END
        time_logits(out, closing, encoder, shifts)
        if bias.times is not None:
            shifts += bias.times
        shifts[0] = MASKED  # nearer than 1/32 beat
        if not closing or onset < middle:  # a next note must follow
            shifts[room if room > 2 else 2 :] = MASKED
        pitch_logits(out, closing, encoder, low, pitches, bias.follow)
        bias.on_pitches(pitches, encoder.chord, closing)
        shift, pitch = pair.draw()
        pitch += low
        following = onset + between(*f.TIME_SPANS[shift])
        last = following > latest
        lengths = duration_logits(out, closing, shift)
        duration = between(*f.DURATION_SPANS[sampler.draw(lengths)])
        if duration < SHORTEST_BEATS:
            duration = SHORTEST_BEATS
        longest = (following if following < line else line) - onset
        if duration > longest:
            duration = longest
        velocity = int(8 * (sampler.softmax(out[f.VELOCITY]) + uniform())) or 1
        if velocity > 127:
            velocity = 127
        yield Placed(Note(onset, pitch, velocity, duration), position, own, unasked)
        if last:
            return
        encoder.note(pitch, velocity, duration, position)
        onset, opening = following, closing


@lru_cache(maxsize=8)
def _warmth(inverse_temperature: float) -> f.F32 | None:
    """Factors [OUTPUTS] on the network's outputs, by temperature; None at temperature 1.

    Those of rhythm are the cube root of the others: the time-shifts have a long tail of rests,
    and an answer at a high temperature shall be wild, not empty.
    """
    if inverse_temperature == 1.0:
        return None
    out = np.full(f.OUTPUTS, inverse_temperature, np.float32)
    for part in (f.POSITION, *f.TIME, f.GUESS_TIME, *f.DURATION, *f.RATIO):
        out[part] = inverse_temperature ** (1 / 3)
    return out


def _first_onset(stream: _Stream, scene: Scene, latest: float, sampler: Sampler) -> float:
    """Beat of the first note. Imitation and inversion begin where the call began in its turn;
    others are drawn as the next note after the last one heard, given that it lies in this turn;
    with nothing heard lately, on or soon after the line."""
    start, heard = scene.start_beats, stream.encoder.last_onset_beats
    call_began = stream.encoder.call_began_beats
    if scene.strategy in _REPEATING and call_began is not None:
        return min(latest, max(start, start + call_began))
    wait, room = start - heard, latest - heard
    if stream.out is None or not 0.0 <= wait <= _FAR_BEATS:
        places = [p for p in _FIRST_BEATS if start + p <= latest] or [0.0]
        onset = start + places[int(sampler.uniform() * len(places))]
        return min(latest, onset + 0.06 * sampler.uniform())
    # Both tables, open and closing, count: a new player need not rest as long as the last would.
    logits = np.logaddexp(*(_log_softmax(stream.out[table]) for table in f.TIME))
    logits *= sampler.inverse_temperature
    keep = slice(f.time_bin(wait), f.time_bin(room) + 1)
    low, high = f.time_span(sampler.draw(masked(logits, keep)))
    return min(latest, max(start, heard + sampler.between(max(low, wait), min(high, room))))


def _log_softmax(logits: f.F32) -> f.F32:
    shifted = logits - logits.max()
    logs: f.F32 = shifted - np.log(np.exp(shifted).sum())
    return logs


def _position(
    out: f.F32, opening: bool, room: int, encoder: Encoder, sampler: Sampler, logits: f.F32
) -> tuple[Position, bool, bool]:
    """(position, own, unasked): Start or End after an End, else Continue or End.

    A phrase that goes on needs a next note before the line, so the odds of going on are multiplied
    by the share that the network gives to time-shifts below bin ``room``. ``logits`` [TIME_BINS]
    is scratch.
    """
    other = _START if opening else _CONTINUE
    lead = float(out[2]) - float(out[other])
    odds = exp(lead if lead < 30.0 else 30.0)  # of closing, against 1 of going on
    drawn = sampler.uniform() * (1.0 + odds)
    if drawn < odds:
        return _END, True, True
    if room >= _FAR_ROOM:
        return other, True, True
    inside = 0.0
    if room > 1:
        time_logits(out, False, encoder, logits)
        logits -= logits[logits.argmax()]
        np.exp(logits, logits)
        inside = float(logits[1:room].dot(_TIME_ONES[1:room]) / logits.dot(_TIME_ONES))
    if inside <= 0.0:
        return _END, False, False
    # The same draw under the new odds: whatever closed under the old ones still closes.
    if drawn * (inside + odds) < odds * (1.0 + odds):
        return _END, True, False
    return other, True, True
