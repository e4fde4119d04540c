"""The brain: hears the call note by note, answers when asked. Pure.

``handle`` takes the stage's records; ``think`` makes the answer that is owed, note by note, and
tells it whole. The first version for a turn tells its first note at once, too. Every note of the
call after a ``Prepare`` makes the answer owed again, in a new version.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice

from msgspec import structs

from ..config.options import Config
from ..music.library import Library
from ..music.note import Note
from ..protocol.controls import initial_controls, with_control
from ..protocol.engine import (
    ControlValues,
    Engine,
    Position,
    Question,
    Role,
    Scene,
    Strategy,
    scene_of,
)
from ..protocol.records import (
    HUMAN,
    LAST_SEAT,
    MOST_NOTES,
    Answered,
    BrainReady,
    ControlId,
    ControlSetting,
    EngineId,
    Forget,
    Heard,
    Playing,
    Prepare,
    Record,
    Released,
    Turn,
    TurnBegan,
    Withdrawn,
)
from .phrases import positions

ENGINES = {"gru": EngineId.GRU, "markov": EngineId.MARKOV, "off": EngineId.OFF}
SHORTEST_BEATS = 1 / 48
HELD = float("inf")
_KEPT_ANSWERS = 8


@dataclass(slots=True)
class _Call:
    """A human turn as it is heard. Notes before ``taken`` are in the engines' memory."""

    serial: int
    scene: Scene
    notes: list[Note] = field(default_factory=list)
    taken: int = 0
    told: int = 0  # records that told of a note, or took one back


@dataclass(slots=True)
class _Seat:
    """A box seat: the engine that answers, its controls, and each engine's own memory."""

    chosen: EngineId
    controls: ControlValues
    engines: dict[EngineId, Engine] = field(default_factory=dict)

    def hearing(self, scene: Scene) -> Scene:
        """``scene`` for what others play: in the style of this seat, without any strategy."""
        return replace(self.controls, strategy=Strategy.FREE, density=0).over(scene)


class Brain:
    """``make_engine`` gives a new engine; it may raise, and then the seat plays Markov."""

    def __init__(
        self, config: Config, library: Library, make_engine: Callable[[EngineId], Engine], seed: int
    ) -> None:
        self.failure = ""  # one line, why an engine could not play
        self._make, self._library, self._seed = make_engine, library, seed
        options = config.brain
        controls = initial_controls(options)
        boxes = [name for name in dict.fromkeys(config.turns.line_up) if name != "human"]
        self._new_seat: Callable[[], _Seat] = lambda: _Seat(ENGINES[options.engine], controls)
        self._seats = {ord(name) - ord("A") + 1: self._new_seat() for name in boxes}
        for seat in self._seats.values():
            self._engine(seat)
        self._last_call = 0  # what was told of the call before the turn that plays
        self._call: _Call | None = None
        self._asked: Turn | None = None
        self._owed = False
        self._version = 0
        self._told = 0  # the last turn for which a version was told whole
        self._answers: dict[tuple[int, int], tuple[int, Scene, list[Note]]] = {}

    def ready(self) -> BrainReady:
        """What to tell the stage first: which engine really plays."""
        engine = next((seat.chosen for seat in self._seats.values()), EngineId.OFF)
        return BrainReady(engine, self._library.number)

    def set_library(self, library: Library) -> None:
        self._library = library

    @property
    def owes(self) -> bool:
        """Whether an answer is due: call ``think`` once no record waits."""
        return self._owed

    def handle(self, record: Record) -> None:
        """Take a record of the stage's; what concerns another turn is ignored."""
        match record:
            case Heard():
                self._heard(record)
            case Withdrawn():
                self._told_of(record)
            case Released():
                self._released(record)
            case Prepare(turn):
                self._asked, self._owed = turn, True
            case TurnBegan(turn):
                self._turn_began(turn)
            case Playing():
                self._playing(record)
            case ControlSetting():
                self._control(record)
            case Forget():
                self._forget()
            case _:
                pass

    def think(self) -> Iterator[Answered | BrainReady | None]:
        """Make the answer owed, if any. Yields after every note: what there is to tell, mostly
        nothing. Stops short when something newer was heard meanwhile."""
        turn = self._asked
        if turn is None or not self._owed:
            return
        self._owed = False
        seat = self._seats.get(turn.seat)
        if seat is None:
            return
        try:
            yield from self._answer(turn, seat)
        except Exception as error:
            if seat.chosen is not EngineId.GRU:
                raise
            self._give_up(seat, error)
            yield self.ready()
            yield from self._answer(turn, seat)

    # --- inside: hearing

    def _heard(self, record: Heard) -> None:
        call = self._told_of(record)
        if call is not None:
            call.notes.append(Note(record.onset_beats, record.pitch, record.velocity, HELD))
            self._take(call, len(call.notes) - record.open)

    def _told_of(self, record: Heard | Withdrawn) -> _Call | None:
        """The call before note ``seq``, which is told, told again or taken back."""
        call = self._call
        if call is None or call.serial != record.serial or record.seq <= call.taken:
            return None
        del call.notes[record.seq - 1 :]
        call.told += 1
        self._owed = self._asked is not None
        return call

    def _released(self, record: Released) -> None:
        call = self._call
        if call is None or call.serial != record.serial or record.seq != len(call.notes):
            return
        note = call.notes[-1]
        length = max(record.end_beats - note.onset_beats, SHORTEST_BEATS)
        call.notes[-1] = structs.replace(note, duration_beats=length)

    def _turn_began(self, turn: Turn) -> None:
        self._close_call()
        if turn.seat == HUMAN:
            self._asked, self._owed = None, False
            self._call = _Call(turn.serial, self._scene(turn))

    def _close_call(self) -> None:
        call, self._call = self._call, None
        if call is not None:
            self._take(call, len(call.notes))
            self._last_call = call.told

    def _take(self, call: _Call, upto: int) -> None:
        """Move finished notes into every engine's memory."""
        if upto <= call.taken:
            return
        placed = self._placed(call, upto)
        for seat in self._seats.values():
            scene = seat.hearing(call.scene)
            for engine in seat.engines.values():
                for note, position in placed:
                    engine.hear(note, position, Role.HUMAN, scene)
        call.taken = upto

    def _placed(self, call: _Call, upto: int) -> list[tuple[Note, Position]]:
        """Notes ``taken`` to ``upto``, cut where the next begins or at the line, with positions."""
        first = max(call.taken - 1, 0)
        around = call.notes[first : upto + 1]
        line = call.scene.end_beats
        limits = [*(note.onset_beats for note in around[1:]), line][: len(around)]
        cut = [
            structs.replace(
                note,
                duration_beats=min(
                    note.duration_beats, max(limit - note.onset_beats, SHORTEST_BEATS)
                ),
            )
            for note, limit in zip(around, limits, strict=True)
        ]
        placed = list(zip(cut, positions(cut, call.scene.bpm), strict=True))
        return placed[call.taken - first : upto - first]

    # --- inside: answering

    def _answer(self, turn: Turn, seat: _Seat) -> Iterator[Answered | None]:
        self._version += 1
        version, call, scene = self._version, self._call, seat.controls.over(self._scene(turn))
        heard = call.told if call else self._last_call
        notes: list[Note] = []
        engine = self._engine(seat)
        if engine is not None:
            tail = tuple(self._placed(call, len(call.notes))) if call else ()
            heard_scene = seat.hearing(call.scene if call else scene)
            seed = self._seed * 1_000_003 + turn.serial
            question = Question(tail, heard_scene, scene, seat.controls, seed)
            for note in islice(engine.answer(question), MOST_NOTES):
                notes.append(note)
                if len(notes) > 1 or self._told == turn.serial:
                    yield None
                else:
                    yield Answered(turn.serial, version, heard, seat.chosen, False, 0.0, (note,))
                if self._owed:
                    return
        self._answers[turn.serial, version] = (turn.seat, scene, notes)
        while len(self._answers) > _KEPT_ANSWERS:
            del self._answers[next(iter(self._answers))]
        self._told = turn.serial
        yield Answered(turn.serial, version, heard, seat.chosen, True, 0.0, tuple(notes))

    def _playing(self, record: Playing) -> None:
        """Every seat's engines hear the version that sounds: the answering seat's as its own."""
        self._close_call()
        answer = self._answers.pop((record.serial, record.version), None)
        if answer is None:
            return
        player, scene, notes = answer
        placed = list(zip(notes, positions(notes, scene.bpm), strict=True))
        for number, seat in self._seats.items():
            own = number == player
            role, heard = (Role.BOX, scene) if own else (Role.HUMAN, seat.hearing(scene))
            for engine in seat.engines.values():
                for note, position in placed:
                    engine.hear(note, position, role, heard)

    # --- inside: engines

    def _scene(self, turn: Turn) -> Scene:
        return scene_of(turn, self._library.get(turn.progression, turn.transpose))

    def _engine(self, seat: _Seat) -> Engine | None:
        if seat.chosen not in seat.engines and seat.chosen is not EngineId.OFF:
            try:
                seat.engines[seat.chosen] = self._make(seat.chosen)
            except Exception as error:
                self._give_up(seat, error)
        return seat.engines.get(seat.chosen)

    def _give_up(self, seat: _Seat, error: Exception) -> None:
        """The model failed: this seat plays Markov from now on."""
        self.failure = str(error) or type(error).__name__
        seat.engines.pop(seat.chosen, None)
        seat.chosen = EngineId.MARKOV
        if EngineId.MARKOV not in seat.engines:
            seat.engines[EngineId.MARKOV] = self._make(EngineId.MARKOV)

    def _control(self, record: ControlSetting) -> None:
        seat = self._seats.get(record.seat)
        if seat is None:
            if not 1 <= record.seat <= LAST_SEAT:
                return
            seat = self._seats[record.seat] = self._new_seat()  # it joins the line-up
            self._engine(seat)
        if record.which != ControlId.ENGINE:
            seat.controls = with_control(seat.controls, record.which, record.value)
        elif record.value in tuple(EngineId):
            seat.chosen = EngineId(int(record.value))
            self._engine(seat)

    def _forget(self) -> None:
        self._call = None
        for seat in self._seats.values():
            for engine in seat.engines.values():
                engine.forget()
