"""The panel frame by frame: buttons in, lights and picture out. Pure."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ..config.options import Panel
from ..protocol.records import Request, SettingId
from ..protocol.shared_state import Mode, Snapshot, Sync, WarningId
from . import picture
from .contacts import Button, Contact, Gesture, Pad
from .control_page import ControlPage
from .leds import BLINK_S, Lights, lights
from .menu import Menu
from .screens import Screen
from .strip import NoteStrip

AHEAD_S = 0.25  # the beat of a snapshot is carried on no further than this
FRAME_S = 1 / 30  # while something moves
LOOK_S = 0.1  # between two looks at the stage while nothing does
PRESSED_S = 1.0  # after a press, what it does shall show at once
CHANGED_S = 0.15  # a picture that changed may be about to slide
# In Python 3.11 a member of an enum costs a call.
_ARMED, _PLAYING = Mode.ARMED, (Mode.COUNT_IN, Mode.TRADING)
_BRIGHTNESS = int(SettingId.BRIGHTNESS)
_RUNNING = (Sync.LOCKING, Sync.LOCKED, Sync.FREEWHEEL, Sync.INTERNAL)


def carried(snapshot: Snapshot, time_s: float) -> Snapshot:
    """``snapshot`` with its beat carried on to ``time_s``: where notes are due the stage writes
    twice a second, the bar and the beat light move thirty times."""
    since_s = min(max(time_s - snapshot.time_s, 0.0), AHEAD_S)
    if snapshot.sync not in _RUNNING or snapshot.mode not in _PLAYING:
        return snapshot
    return replace(snapshot, beat=snapshot.beat + since_s * snapshot.bpm / 60)


class PanelFace:
    """What the player sees and presses; time and devices are arguments, for the sake of tests."""

    def __init__(
        self,
        options: Panel,
        send: Callable[[Request], object],
        screens: list[Screen],
        pad: Pad | None,
    ) -> None:
        self.screens, self.pad = screens, pad
        self._send = send
        self._contacts = {
            button: Contact(options.debounce_ms / 1000, options.long_press_ms / 1000)
            for button in Button
        }
        self._page, self._menu = ControlPage(), Menu()
        self._strip = NoteStrip()
        self._warned = (WarningId.NONE, 0.0)  # the warning shown, since when
        self._shown, self._lights = b"", Lights()
        self._quick_until_s = 0.0  # a press or a change was seen a moment ago
        self._moves = self._blinks = False  # what the beat moves, or time
        self._brightness = -1  # that the screens were told; -1: none
        self.fault = ""  # why the stage is lost, where that is known

    def tend(self, time_s: float, snapshot: Snapshot | None) -> list[Screen]:
        """Do one frame: read buttons, set lights, show the picture; returns screens that failed."""
        lost = snapshot is None or snapshot.stale(time_s)
        if snapshot is not None:
            snapshot = carried(snapshot, time_s)
            self._page.look(time_s, snapshot)
            for request in self._menu.look(time_s, snapshot):
                self._send(request)
        self._buttons(time_s)
        lit = Lights() if lost or snapshot is None else lights(snapshot, time_s)
        if self.pad is not None and lit != self._lights:
            self.pad.light(lit)
            self._lights = lit
        if snapshot is None:
            dots = picture.message_dots("LK JAM", "starting")
        elif lost:
            why = self.fault or "it is being started again"
            dots = picture.message_dots("STAGE LOST", why)
        else:
            field = self._menu.field(time_s) or self._page.field(time_s, snapshot)
            if snapshot.warning != self._warned[0]:
                self._warned = WarningId(snapshot.warning), time_s
            warned_s = time_s - self._warned[1]
            dots = picture.dots(snapshot, self._strip, field, warned_s=warned_s)
        self._moves = not lost and snapshot is not None and self._is_moving(snapshot)
        return self._show(time_s, dots, snapshot)

    def wait_s(self, time_s: float) -> float:
        """How long the next frame may wait, if no button is pressed meanwhile."""
        held = any(not contact.rests for contact in self._contacts.values())
        if self._moves or held or time_s < self._quick_until_s:
            return FRAME_S
        return min(LOOK_S, BLINK_S - time_s % BLINK_S) if self._blinks else LOOK_S

    def press(self, time_s: float, button: Button, gesture: Gesture) -> None:
        """Send what a gesture of a button, or of the key that stands for it, asks for."""
        self._quick_until_s = time_s + PRESSED_S
        requests = None
        if not self._page.is_open(time_s):
            requests = self._menu.press(time_s, button, gesture)
        if requests is None:
            request = self._page.request(time_s, button, gesture)
            requests = () if request is None else (request,)
        for request in requests:
            self._send(request)

    def redraw(self) -> None:
        """Show the picture at the next frame even if unchanged: a screen is new."""
        self._shown, self._brightness = b"", -1

    def _is_moving(self, snapshot: Snapshot) -> bool:
        """Whether the beat moves something: the bar of a turn, or a light."""
        self._blinks = self.pad is not None and snapshot.mode == _ARMED
        seen = self.pad is not None or snapshot.mode in _PLAYING
        return seen and snapshot.sync in _RUNNING

    def _show(self, time_s: float, dots: bytes, snapshot: Snapshot | None) -> list[Screen]:
        """Show a picture if it is another, as bright as asked for; returns screens that failed."""
        brightness = self._brightness
        if snapshot is not None and len(snapshot.settings) > _BRIGHTNESS:
            brightness = snapshot.settings[_BRIGHTNESS]
        dims, draws = brightness != self._brightness, dots != self._shown
        if not (dims or draws):
            return []
        self._shown, self._brightness = dots, brightness
        self._quick_until_s = max(self._quick_until_s, time_s + CHANGED_S)
        failed, image = [], picture.image_of(dots)
        for screen in self.screens:
            try:
                if dims:
                    screen.dim(brightness)
                if draws:
                    screen.show(image)
            except OSError:
                failed.append(screen)
        return failed

    def _buttons(self, time_s: float) -> None:
        edges = self.pad.edges() if self.pad is not None else []
        for edge_s, button, down in edges:
            for gesture in self._contacts[button].edge(edge_s, down):
                self.press(time_s, button, gesture)
        for button, contact in self._contacts.items():
            for gesture in () if contact.rests else contact.poll(time_s):
                self.press(time_s, button, gesture)
