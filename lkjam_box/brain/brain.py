"""The brain: hears the call note by note, answers when asked. Pure.

``handle`` takes the stage's records; ``think`` makes the answer that is owed, note by note, and
tells it whole. Every note of the call after a ``Prepare`` makes the answer owed again, in a new
version, for which the one being made is given up; but the first for a turn never is, nor the next
once as much as an answer was given up. The first tells its first note at once, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from msgspec import structs

from ..config.options import Config
from ..music.library import Libraries, Library
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
# As many notes are given up for a newer version, at most, before one is made to its end: about an
# answer's. So at least half of the work is for versions that play, however fast the notes come.
_MOST_WASTED = 32


@dataclass(slots=True)
class _Call:
    """A human turn as it is heard. Notes before ``taken`` are in the engines' memory."""

    serial: int
    scene: Scene
    notes: list[Note] = field(default_factory=list)
    taken: int = 0
    told: int = 0  # records that told of a note, or took one back


@dataclass(slots=True)
class _Asked:
    """A turn that is to be answered, and how far we are."""

    turn: Turn
    owed: bool = True  # something was heard that no version knows
    whole: bool = False  # a version was told whole
    wasted: int = 0  # notes of versions given up since
    settled: bool = False  # a version sounds


@dataclass(slots=True)
class _Answer:
    """A version of an answer."""

    seat: int
    scene: Scene
    notes: list[Note] = field(default_factory=list)
    whole: bool = False
    sounds: bool = False


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
        self,
        config: Config,
        libraries: Libraries,
        make_engine: Callable[[EngineId], Engine],
        seed: int,
    ) -> None:
        self.failure = ""  # one line, why an engine could not play
        self._make, self._libraries, self._seed = make_engine, libraries, seed
        options = config.brain
        controls = initial_controls(options)
        boxes = [name for name in dict.fromkeys(config.turns.line_up) if name != "human"]
        self._new_seat: Callable[[], _Seat] = lambda: _Seat(ENGINES[options.engine], controls)
        self._seats = {ord(name) - ord("A") + 1: self._new_seat() for name in boxes}
        for seat in self._seats.values():
            self._engine(seat)
        self._last_call = 0  # what was told of the call before the turn that plays
        self._call: _Call | None = None
        self._asked: _Asked | None = None
        self._version = 0
        self._answers: dict[tuple[int, int], _Answer] = {}

    def ready(self) -> BrainReady:
        """What to tell the stage first: which engine really plays."""
        engine = next((seat.chosen for seat in self._seats.values()), EngineId.OFF)
        return BrainReady(engine, self._libraries.newest.number)

    def set_library(self, library: Library) -> None:
        self._libraries.add(library)

    @property
    def owes(self) -> bool:
        """Whether an answer is due: call ``think`` once no record waits."""
        return self._asked is not None and self._asked.owed

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
                self._asked = _Asked(turn)
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
        asked = self._asked
        if asked is None or not asked.owed:
            return
        asked.owed = False
        seat = self._seats.get(asked.turn.seat)
        if seat is None:
            return
        try:
            yield from self._answer(asked, seat)
        except Exception as error:
            if seat.chosen is not EngineId.GRU:
                raise
            self._give_up(seat, error)
            yield self.ready()
            yield from self._answer(asked, seat)

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
        if self._asked is not None:
            self._asked.owed = True
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
            self._asked = None
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

    def _answer(self, asked: _Asked, seat: _Seat) -> Iterator[Answered | None]:
        """Make a version, and tell it unless it is given up for a newer one."""
        self._version += 1
        turn, version, call = asked.turn, self._version, self._call
        scene = seat.controls.over(self._scene(turn))
        answer = self._answers[turn.serial, version] = _Answer(turn.seat, scene)
        while len(self._answers) > _KEPT_ANSWERS:
            del self._answers[next(iter(self._answers))]
        tell = partial(Answered, turn.serial, version, call.told if call else self._last_call)
        engine = self._engine(seat)
        if engine is not None:
            tail = tuple(self._placed(call, len(call.notes))) if call else ()
            heard_scene = seat.hearing(call.scene if call else scene)
            seed = self._seed * 1_000_003 + turn.serial
            question = Question(tail, heard_scene, scene, seat.controls, seed)
            for note in islice(engine.answer(question), MOST_NOTES):
                answer.notes.append(note)
                first = len(answer.notes) == 1 and not asked.whole
                yield tell(seat.chosen, False, 0.0, (note,)) if first else None
                if self._gives_up(asked, answer):
                    return
        asked.whole, asked.wasted = True, 0
        yield tell(seat.chosen, True, 0.0, tuple(answer.notes))
        answer.whole = True
        if answer.sounds:
            self._remember(answer)

    def _gives_up(self, asked: _Asked, answer: _Answer) -> bool:
        """Whether ``answer``, which is not whole yet, shall never be."""
        if self._asked is not asked or (asked.settled and not answer.sounds):
            return True  # nobody wants it any more
        if not asked.owed or not asked.whole or asked.wasted >= _MOST_WASTED:
            return False
        asked.wasted += len(answer.notes)
        return True

    def _playing(self, record: Playing) -> None:
        """One version sounds: there is no need of another."""
        self._close_call()
        if self._asked is not None and self._asked.turn.serial == record.serial:
            self._asked.settled, self._asked.owed = True, False
        answer = self._answers.pop((record.serial, record.version), None)
        if answer is not None:
            answer.sounds = True
            if answer.whole:
                self._remember(answer)

    def _remember(self, answer: _Answer) -> None:
        """Every seat's engines hear what sounds: the answering seat's as its own."""
        notes, scene = answer.notes, answer.scene
        placed = list(zip(notes, positions(notes, scene.bpm), strict=True))
        for number, seat in self._seats.items():
            own = number == answer.seat
            role, heard = (Role.BOX, scene) if own else (Role.HUMAN, seat.hearing(scene))
            for engine in seat.engines.values():
                for note, position in placed:
                    engine.hear(note, position, role, heard)

    # --- inside: engines

    def _scene(self, turn: Turn) -> Scene:
        library = self._libraries.of(turn.library)
        return scene_of(turn, library.get(turn.progression, turn.transpose))

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
