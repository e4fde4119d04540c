"""What the player changes while the box plays: each in force from the line it lands on. Pure."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ..config.options import Config
from ..protocol.records import LAST_SEAT, STEERED, ControlId, ControlSetting, Setting, Turn
from ..turns.scheduler import TurnScheduler
from .box_channels import BoxChannels
from .control_map import ControlMap
from .human import Human
from .metronome import Metronome
from .player_choices import PlayerChoices
from .responder import Responder
from .settings import Settings
from .view import View

_BOX_SEATS = tuple(range(1, LAST_SEAT + 1))


class Changes:
    """The settings of the menu and the controls of the seats, handed to all whose they are.

    ``planned`` tells the turn that the brain prepares, whose controls it knows already.
    """

    def __init__(
        self,
        settings: Settings,
        choices: PlayerChoices,
        *,
        channels: BoxChannels,
        human: Human,
        metronome: Metronome,
        responder: Responder,
        view: View,
        planned: Callable[[], Turn | None],
    ) -> None:
        self._settings, self._choices = settings, choices
        self._channels, self._human, self._metronome = channels, human, metronome
        self._responder, self._view, self._planned = responder, view, planned
        self.control_map = ControlMap(settings.asked.controls, _BOX_SEATS)

    @property
    def options(self) -> Config:
        """The options in force."""
        return self._settings.options

    # --- the menu's settings

    def ask(self, setting: Setting) -> None:
        """Set an option that the menu sets, in force from the next line on; which controllers turn
        controls, at once, as that disturbs no turn."""
        if self._settings.ask(setting):
            self._use_controllers()
            if not self._scheduler.waits:
                self._land_settings()

    def resume(self) -> None:
        """Use settings that were recalled."""
        self._use_controllers()
        self._use_options()

    # --- the controls of the seats

    def control(self, setting: ControlSetting) -> None:
        """Set a control of a seat, in force from the next answer that begins."""
        for seat in (setting.seat,) if setting.seat != STEERED else self.control_map.steered:
            self._set_control(replace(setting, seat=seat))

    def sit(self, line_up: tuple[int, ...]) -> None:
        """Ask for a line-up; tells the brain of new seats now, so that it loads their models."""
        for seat in self._choices.sit(line_up):
            self._responder.tell_controls(seat)

    # --- lines

    def land(self, turn: Turn | None) -> None:
        """Put in force what waits for the line on which ``turn`` begins; None: no turn follows."""
        if turn is not None:
            self._choices.seat_controls.land(turn.serial)
            if not self._responder.begun(turn):  # else its answer keeps the channel it began on
                self._land_settings()
        elif not self._scheduler.waits:
            self._choices.seat_controls.land()
            self._land_settings()
        self.place_click()

    def place_click(self) -> None:
        """Let the metronome click where nobody plays."""
        self._metronome.channel = self._channels.of_click()

    @property
    def wait(self) -> bool:
        """Whether the next line changes where something sounds."""
        return self._settings.wait or self._metronome.channel != self._channels.of_click()

    # --- inside

    @property
    def _scheduler(self) -> TurnScheduler:
        return self._choices.scheduler

    def _use_controllers(self) -> None:
        self.control_map = ControlMap(self._settings.asked.controls, _BOX_SEATS)

    def _land_settings(self) -> None:
        if self._settings.land():
            self._use_options()

    def _use_options(self) -> None:
        config = self._settings.options
        self._metronome.options = config.metronome
        self._channels.box, self._channels.click = config.brain.channel, config.metronome.channel
        self.place_click()
        self._scheduler.set_count_in(config.turns.preroll_bars)
        self._human.use(config)

    def _set_control(self, setting: ControlSetting) -> None:
        if setting.which == ControlId.ENGINE:
            self._responder.choose_engine(setting)
            return
        controls, coming = self._choices.seat_controls, self._planned()
        if coming is not None and coming.seat == setting.seat and self._responder.begun(coming):
            controls.land(coming.serial)  # it sounds already: set for the turn after it
            coming = None
        if not controls.ask(setting):
            return
        if setting.seat in self._scheduler.line_up:
            self._view.show_control(setting, self._scheduler)
        if not self._scheduler.waits:
            controls.land()
        elif coming is not None and coming.seat == setting.seat:
            self._scheduler.replan()
