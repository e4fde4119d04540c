"""The GRU engine: one step of the network for each note heard and each note answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..music.note import Note
from ..protocol.engine import Position, Question, Role, Scene, Strategy
from ..protocol.records import EngineId
from . import features as f
from .draw import Draw, GraphDraw
from .encoder import Encoder
from .model_runtime import Stepper, load
from .sampler import Sampler

GAP_BEATS = 1 / 48  # silence kept before the line
SHORTEST_BEATS = 1 / 32
_ROOM_BEATS = 1 / 4  # no note begins nearer to the line than this: it would be a stumble
_FAR_BEATS = 12.0  # a last note longer ago than this does not place the first one
_FIRST_BEATS = (0.0, 0.0, 0.5, 0.5, 1.0, 1.5, 2.0)  # drawn from if nothing was heard lately
_REPEATING = (Strategy.IMITATION, Strategy.INVERSION)  # begin where the call began
# Members of an enum take .1 us each to look up in Python 3.11.
_START, _CONTINUE, _END = Position.START, Position.CONTINUE, Position.END
_BOX = Role.BOX


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
    """The network's memory and its encoder, for one sequence of notes."""

    __slots__ = ("encoder", "memory", "silent", "stepper")

    def __init__(self, stepper: Stepper, before: _Stream | None = None) -> None:
        """A new stream, or one that goes on from ``before`` and leaves that as it is."""
        self.stepper = stepper
        if before is None:
            self.encoder = Encoder(stepper.blind)
            self.memory, self.silent = np.zeros_like(stepper.heard.out), True
        else:
            self.encoder = before.encoder.fork()
            self.memory, self.silent = before.memory.copy(), before.silent
        self.encoder.write_to(stepper.heard.ids, stepper.heard.floats)

    def hear(self, note: Note, position: Position, role: Role, scene: Scene) -> None:
        port = self.stepper.heard
        self.encoder.onset(note.onset_beats, role, scene)
        port.state[:] = self.memory[:, : self.stepper.hidden]
        port.run()
        self.memory[:] = port.out
        self.silent = False
        self.encoder.take(note, position)


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
        self._stream.hear(note, position, role, scene)

    def forget(self) -> None:
        self._stream = _Stream(self._stream.stepper)

    def answer(self, question: Question) -> Iterator[Note]:
        for placed in self._placed(question):
            yield placed[0]

    def placed(self, question: Question) -> Iterator[Placed]:
        """The notes of :meth:`answer` with their positions."""
        return map(Placed._make, self._placed(question))

    def _placed(self, question: Question) -> Iterator[tuple[Note, Position, bool, bool]]:
        stream = _Stream(self._stream.stepper, self._stream)
        for note, position in question.tail:
            stream.hear(note, position, Role.HUMAN, question.heard_scene)
        return _answer(stream, question)


def _answer(stream: _Stream, question: Question) -> Iterator[tuple[Note, Position, bool, bool]]:
    """What a :class:`Placed` holds, as plain tuples: making one takes 3,000 instructions."""
    scene, controls = question.scene, question.controls
    line = scene.end_beats - GAP_BEATS
    latest = line - min(_ROOM_BEATS, (scene.end_beats - scene.start_beats) / 4)
    middle = (scene.start_beats + scene.end_beats) / 2
    sampler = Sampler(question.seed, *controls.heated)
    uniform = sampler.uniform
    onset = _first_onset(stream, scene, latest, sampler)
    port, encoder, opening = stream.stepper.note, stream.encoder, True
    encoder.write_to(port.ids, port.floats)
    draws = GraphDraw if GraphDraw.serves(port, controls) else Draw
    draw = draws(port, encoder, scene, controls, sampler)
    state = stream.memory[0, : stream.stepper.hidden].data.cast("B")
    given, new_state = port.state.data.cast("B"), port.out[0].data.cast("B")
    while True:
        encoder.onset(onset, _BOX, scene)
        given[:] = state
        room = f.time_bin(latest - onset)  # time-shift to the latest onset allowed
        closing, pitch, shift, bin_, velocity, inside, urge = draw.note(
            opening, room, onset < middle
        )
        state[:] = new_state
        low, high = f.TIME_SPANS[shift]
        following = onset + low + (high - low) * uniform()
        last = following > latest
        low, high = f.DURATION_SPANS[bin_]
        duration = low + (high - low) * uniform()
        if duration < SHORTEST_BEATS:
            duration = SHORTEST_BEATS
        longest = (following if following < line else line) - onset
        if duration > longest:
            duration = longest
        velocity = int(8 * (velocity + uniform())) or 1
        if velocity > 127:
            velocity = 127
        position = _END if closing else _START if opening else _CONTINUE
        unasked = not closing or urge >= 1.0
        own = unasked or inside > 0.0
        yield Note(onset, pitch, velocity, duration), position, own, unasked
        if last:
            return
        encoder.note(pitch, velocity, duration, position)
        onset, opening = following, closing


def _first_onset(stream: _Stream, scene: Scene, latest: float, sampler: Sampler) -> float:
    """Beat of the first note. Imitation and inversion begin where the call began in its turn;
    others are drawn as the next note after the last one heard, given that it lies in this turn;
    with nothing heard lately, on or soon after the line."""
    start, heard = scene.start_beats, stream.encoder.last_onset_beats
    call_began = stream.encoder.call_began_beats
    if scene.strategy in _REPEATING and call_began is not None:
        return min(latest, max(start, start + call_began))
    wait, room = start - heard, latest - heard
    if stream.silent or not 0.0 <= wait <= _FAR_BEATS:
        places = [p for p in _FIRST_BEATS if start + p <= latest] or [0.0]
        onset = start + places[int(sampler.uniform() * len(places))]
        return min(latest, onset + 0.06 * sampler.uniform())
    # Both tables, open and closing, count: a new player need not rest as long as the last would.
    first, end = f.time_bin(wait), f.time_bin(room) + 1
    odds = stream.stepper.times(stream.memory)[first:end]
    most = max(odds) or 1.0
    odds = [(own / most) ** sampler.inverse_temperature for own in odds]
    whole = sum(odds) or 1.0
    shift = first + sampler.within([own / whole for own in odds], sampler.uniform())
    low, high = f.TIME_SPANS[shift]
    return min(latest, max(start, heard + sampler.between(max(low, wait), min(high, room))))
