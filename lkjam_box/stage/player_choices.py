"""What the player has chosen: progression, key, turn length, line-up, controls. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..config.options import Config
from ..errors import ProgressionError
from ..music.library import Library
from ..protocol.choices import Choices
from ..protocol.controls import initial_controls, values_of, with_values
from ..protocol.engine import Scene, scene_of
from ..protocol.records import HUMAN, CommandId, Turn
from ..turns.chooser import Chooser
from ..turns.grid import seat_name, seats_of
from ..turns.scheduler import TurnScheduler
from ..turns.seat_controls import SeatControls
from .resume import Resume

_NEW_FORM = (CommandId.NEXT_PROGRESSION, CommandId.PREVIOUS_PROGRESSION, CommandId.PROGRESSION)


class PlayerChoices:
    """A choice that changes goes to the ``scheduler``, where it is pending until the next line.

    ``choices`` were made before the box last stopped and win over the options. Raises
    ProgressionError when ``config.music.progression`` is not in the library.
    """

    def __init__(self, config: Config, library: Library, choices: Choices) -> None:
        seats = seats_of(choices.line_up or config.turns.line_up)
        self.seat_controls = SeatControls(tuple(_boxes(dict.fromkeys(seats))), config.brain)
        first = initial_controls(config.brain)
        controls = {seats_of((letter,))[0]: values for letter, values in choices.controls.items()}
        recalled = {seat: with_values(first, values) for seat, values in controls.items()}
        self.seat_controls.recall(recalled)
        self._chooser = chosen = Chooser(library, config.turns, config.music.progression)
        chosen.recall(choices.progression, choices.transpose, choices.turn_bars)
        self.scheduler = TurnScheduler(
            chosen.tune, seats, chosen.turn_bars, config.turns.preroll_bars, chosen.loops
        )
        self._shown: tuple[object, ...] = ()  # what ``_text`` was made of
        self._text = ""

    def command(self, which: int, value: float) -> None:
        """Take a command that chooses a tune, a key or a turn length; others are ignored."""
        chooser = self._chooser
        match which:
            case CommandId.NEXT_PROGRESSION:
                chooser.step(1)
            case CommandId.PREVIOUS_PROGRESSION:
                chooser.step(-1)
            case CommandId.PROGRESSION:
                chooser.choose(int(value))
            case CommandId.KEY:
                chooser.move_key(int(value))
            case CommandId.TURN_BARS:
                chooser.set_turn_bars(int(value))
            case _:
                return
        self._change(new_form=which in _NEW_FORM)

    def set_library(self, library: Library) -> None:
        self._change(new_form=not self._chooser.replace(library))

    def sit(self, line_up: tuple[int, ...]) -> Iterable[int]:
        """Ask for a line-up; returns its new box seats, () if it is empty or the present one."""
        if not line_up or line_up == self.scheduler.line_up:
            return ()
        new = self.seat_controls.sit(_boxes(line_up))
        self.scheduler.set_line_up(line_up)
        return new

    def scene(self, turn: Turn) -> Scene:
        return scene_of(turn, self._chooser.library.get(turn.progression, turn.transpose))

    # --- to be kept

    @property
    def chosen(self) -> tuple[str, int, int]:
        """Name, semitones and bars, as :meth:`Chooser.recall` takes them."""
        return self._chooser.chosen

    def resume(self, place: Resume) -> bool:
        """Take over choices and place of another stage; False when its progression is gone."""
        try:
            left = place.scheduler.written(lambda saved: saved.grid(self._chooser.library))
        except ProgressionError:
            return False
        self._chooser.recall(*place.chosen)
        self.seat_controls.sit(place.controls)
        self.seat_controls.recall(place.controls)
        self.scheduler.resume(left)
        self.scheduler.loops = self._chooser.loops
        return True

    def text(self, offset_s: float, settings: Mapping[str, Any]) -> str:
        """All choices in JSON; made anew only when one changed."""
        chosen, controls = self._chooser.chosen, self.seat_controls.all_pending
        shown = chosen, controls, self.scheduler.line_up, offset_s, settings
        if shown != self._shown:
            self._shown = shown
            name, transpose, turn_bars = chosen
            choices = Choices(
                progression=name,
                transpose=transpose,
                turn_bars=turn_bars,
                line_up=tuple(map(seat_name, self.scheduler.line_up)),
                offset_ms=round(1000 * offset_s, 3),
                controls={seat_name(seat): values_of(asked) for seat, asked in controls.items()},
                settings=dict(settings),
            )
            self._text = choices.encode().decode()
        return self._text

    def _change(self, *, new_form: bool) -> None:
        chosen = self._chooser
        self.scheduler.set_tune(chosen.tune, chosen.turn_bars, chosen.loops, new_form=new_form)


def _boxes(seats: Iterable[int]) -> Iterable[int]:
    return (seat for seat in seats if seat != HUMAN)
