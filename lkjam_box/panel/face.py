"""The panel frame by frame: buttons in, lights and picture out. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..config.options import Panel
from ..protocol.records import Request
from ..protocol.shared_state import Mode, Snapshot, Sync, WarningId
from . import picture
from .contacts import Button, Contact, Gesture, Pad
from .control_page import ControlPage
from .leds import Lights, lights
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
        self._page = ControlPage()
        self._strip = NoteStrip()
        self._warned = (WarningId.NONE, 0.0)  # the warning shown, since when
        self._shown = b""
        self.fault = ""  # why the stage is lost, where that is known

    def tend(self, time_s: float, snapshot: Snapshot | None) -> list[Screen]:
        """Do one frame: read buttons, set lights, show the picture; returns screens that failed."""
        self._buttons(time_s)
        lost = snapshot is None or snapshot.stale(time_s)
        if snapshot is not None:
            snapshot = carried(snapshot, time_s)
            self._page.look(time_s, snapshot)
        if self.pad is not None:
            self.pad.light(Lights() if lost or snapshot is None else lights(snapshot, time_s))
        if snapshot is None:
            image = picture.message("LK JAM", "starting")
        elif lost:
            image = picture.message("STAGE LOST", self.fault or "it is being started again")
        else:
            control, is_open = self._page.shown(time_s), self._page.is_open(time_s)
            if snapshot.warning != self._warned[0]:
                self._warned = WarningId(snapshot.warning), time_s
            warned_s = time_s - self._warned[1]
            image = picture.draw(snapshot, self._strip, control, page=is_open, warned_s=warned_s)
        dots = image.tobytes()
        if dots == self._shown:
            return []
        self._shown = dots
        failed = []
        for screen in self.screens:
            try:
                screen.show(image)
            except OSError:
                failed.append(screen)
        return failed

    def press(self, time_s: float, button: Button, gesture: Gesture) -> None:
        """Send what a gesture of a button, or of the key that stands for it, asks for."""
        request = self._page.request(time_s, button, gesture)
        if request is not None:
            self._send(request)

    def redraw(self) -> None:
        """Show the picture at the next frame even if unchanged: a screen is new."""
        self._shown = b""

    def _buttons(self, time_s: float) -> None:
        edges = self.pad.edges() if self.pad is not None else []
        for edge_s, button, down in edges:
            for gesture in self._contacts[button].edge(edge_s, down):
                self.press(time_s, button, gesture)
        for button, contact in self._contacts.items():
            for gesture in contact.poll(time_s):
                self.press(time_s, button, gesture)
