"""The panel frame by frame: buttons in, lights and picture out. Pure."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace
from PIL import Image

from ..config.options import Panel
from ..protocol.records import Request, SettingId
from ..protocol.shared_state import Mode, Snapshot, Sync, WarningId
from . import picture
from .contacts import Button, Contact, Gesture, Pad
from .control_page import ControlPage
from .leds import Lights, lights
from .menu import Menu
from .screens import Screen
from .strip import NoteStrip

AHEAD_S = 0.25  # the beat of a snapshot is carried on no further than this
_RUNNING = (Sync.LOCKING, Sync.LOCKED, Sync.FREEWHEEL, Sync.INTERNAL)


def carried(snapshot: Snapshot, time_s: float) -> Snapshot:
    """``snapshot`` with its beat carried on to ``time_s``: the stage writes ten times a
    second, the bar and the beat light move thirty times."""
    since_s = min(max(time_s - snapshot.time_s, 0.0), AHEAD_S)
    if snapshot.sync not in _RUNNING or snapshot.mode not in (Mode.COUNT_IN, Mode.TRADING):
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
        self._shown = b""
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
        if self.pad is not None:
            self.pad.light(Lights() if lost or snapshot is None else lights(snapshot, time_s))
        if snapshot is None:
            image = picture.message("LK JAM", "starting")
        elif lost:
            image = picture.message("STAGE LOST", self.fault or "it is being started again")
        else:
            field = self._menu.field(time_s) or self._page.field(time_s, snapshot)
            if snapshot.warning != self._warned[0]:
                self._warned = WarningId(snapshot.warning), time_s
            warned_s = time_s - self._warned[1]
            image = picture.draw(snapshot, self._strip, field, warned_s=warned_s)
        return self._show(image, snapshot)

    def press(self, time_s: float, button: Button, gesture: Gesture) -> None:
        """Send what a gesture of a button, or of the key that stands for it, asks for."""
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

    def _show(self, image: Image.Image, snapshot: Snapshot | None) -> list[Screen]:
        """Show a picture if it is another, as bright as asked for; returns screens that failed."""
        dots, brightness = image.tobytes(), self._brightness
        if snapshot is not None and len(snapshot.settings) > SettingId.BRIGHTNESS:
            brightness = snapshot.settings[SettingId.BRIGHTNESS]
        dims, draws = brightness != self._brightness, dots != self._shown
        self._shown, self._brightness = dots, brightness
        failed = []
        for screen in self.screens if dims or draws else ():
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
            for gesture in contact.poll(time_s):
                self.press(time_s, button, gesture)
