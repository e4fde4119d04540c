"""The pictures of the manual and of the tests: ``python -m lkjam_box.play.gallery FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image

from ..panel import picture
from ..panel.contacts import Button, Gesture
from ..panel.control_words import big_lines
from ..panel.field import ARROWS, Field
from ..panel.menu import Menu
from ..panel.strip import NoteStrip
from ..protocol.choices import Role
from ..protocol.engine import Strategy, Style
from ..protocol.records import ControlId, SettingId
from ..protocol.settings import RANGES
from ..protocol.shared_state import Mode, Snapshot, Sync, WarningId

CALL = (60, 62, 65, 67, 70)
ANSWER = tuple(128 + pitch for pitch in (72, 70, 67, 63, 60))


def _trading(**changes: object) -> Snapshot:
    snapshot = Snapshot(
        mode=Mode.TRADING,
        sync=Sync.LOCKED,
        seat=0,
        next_seat=1,
        loop=2,
        bar=2,
        turn_bars=4,
        pulse=3,
        bpm=128.0,
        beat=26.0,
        turn_start_beats=20.0,
        turn_end_beats=36.0,
        chord="Bb7",
        next_chord="F7",
        title="Blues",
        key="F",
        controls_seat=1,
        note_serial=5,
        recent=CALL,
    )
    for name, value in changes.items():
        setattr(snapshot, name, value)
    return snapshot


def _resting(**changes: object) -> Snapshot:
    return _trading(
        **{"mode": Mode.IDLE, "seat": -1, "loop": -1, "turn_bars": 4, "chord": "F7"} | changes
    )


STATES: dict[str, Snapshot] = {
    "ready": Snapshot(
        mode=Mode.ARMED,
        sync=Sync.WAITING,
        turn_bars=4,
        title="Blues",
        key="F",
        chord="F7",
        controls_seat=1,
    ),
    "count-in": _trading(
        mode=Mode.COUNT_IN, seat=-1, next_seat=0, loop=-1, bar=0, pulse=2, chord="F7", recent=()
    ),
    "you": _trading(),
    "box": _trading(seat=1, loop=3, recent=ANSWER, beat=33.5, bar=4, pulse=2, note_serial=5),
    "box-b": _trading(seat=2, turn_bars=2, turn_end_beats=28.0, bar=2, loops=12),
    "long-names": _trading(
        chord="Ebmaj7#11/G",
        next_chord="C#m7b5",
        title="Rhythm changes with a long name",
        key="Bb",
        bpm=299.9,
        sync=Sync.FREEWHEEL,
        turn_bars=16,
    ),
    "next": _trading(pending=1, pending_title="Minor blues"),
    "strategy": _trading(strategy=Strategy.IMITATION, next_strategy=Strategy.IMITATION),
    "strategy-waits": _trading(next_strategy=Strategy.CONTRAST),
    "style": _trading(style=Style.BEBOP, next_style=Style.BEBOP),
    "internal": _trading(sync=Sync.INTERNAL, turn_bars=1, chord="Cm7", next_chord="F7"),
    "no-clock": _trading(mode=Mode.ARMED, sync=Sync.NO_CLOCK, warning=WarningId.NO_CLOCK, seat=-1),
    "no-keyboard": _trading(warning=WarningId.NO_KEYBOARD),
    "keyboard-comes": _trading(notice="KEYBOARD KeyStep"),
    "long-keyboard-comes": _trading(notice="KEYBOARD Arturia KeyStep 32", mode=Mode.IDLE),
    "low-voltage": _trading(warning=WarningId.LOW_VOLTAGE),
    "too-hot": _trading(warning=WarningId.THROTTLED),
    "slowed": _trading(warning=WarningId.THROTTLED, message="SLOWED DOWN, CHECK PSU"),
    "bad-file": _trading(
        warning=WarningId.BAD_FILE, message="tunes/mine.yaml:7: chord: found 'Hm7', allowed: A to G"
    ),
    "done": _trading(mode=Mode.DONE, seat=-1, loop=-1),
    "heard": _resting(heard_pitch=66, heard_velocity=87, heard_device="KeyStep"),
    "heard-long": _resting(
        mode=Mode.ARMED,
        heard_pitch=109,
        heard_velocity=127,
        heard_device="Roland Digital Piano MIDI 1",
    ),
}
# Pictures with one control shown large: which one, and whether the buttons turn it.
TURNED: dict[str, tuple[Snapshot, ControlId, bool]] = {
    "turned-strategy": (_trading(next_strategy=Strategy.IMITATION), ControlId.STRATEGY, True),
    "turned-style": (
        _trading(style=Style.TRADITIONAL, next_style=Style.TRADITIONAL),
        ControlId.STYLE,
        False,
    ),
    "turned-density": (_trading(seat=1, controls_seat=2), ControlId.DENSITY, True),
    "turned-heat": (_trading(next_heat=-0.4), ControlId.HEAT, False),
}


def _set_up(learning: int = 0, mode: Mode = Mode.IDLE, **numbers: int) -> Snapshot:
    """Between turns, or in one, with devices plugged in and some settings made."""
    settings = [kind.default for kind in RANGES.values()]
    for name, number in numbers.items():
        settings[SettingId[name]] = number
    devices = (
        (1, "KeyStep", int(Role.PLAYER), False),
        (2, "MC-101", int(Role.PLAYER | Role.CLOCK | Role.SYNTH), True),
        (3, "Roland Digital Piano", int(Role.PLAYER | Role.SYNTH), False),
    )
    snapshot = _trading() if mode is Mode.TRADING else _resting(mode=mode)
    snapshot.settings, snapshot.devices, snapshot.learning = tuple(settings), devices, learning
    snapshot.line_up, snapshot.offset_ms = (0, 1, 0, 2), -8.0
    return snapshot


# Pictures with the menu: the snapshot, the entry, and whether its value is turned.
MENU: dict[str, tuple[Snapshot, str, bool]] = {
    "menu": (_set_up(), "strategy", False),
    "menu-learn": (_set_up(ControlId.DENSITY), "density", True),
    "menu-learnt": (_set_up(DENSITY_CC=74), "density", True),
    "menu-line-up": (_set_up(), "who plays", True),
    "menu-offset": (_set_up(), "sounds later", True),
    "menu-lowest": (_set_up(LISTEN_LOW=54), "hears from", True),
    "menu-device": (_set_up(), "KeyStep", False),
    "menu-device-told": (_set_up(), "MC-101", True),
    "menu-device-long": (_set_up(), "Roland Digital Piano", True),
    "menu-thru": (_set_up(), "thru: channel", True),
    "menu-in-turn": (_set_up(mode=Mode.TRADING, BOX_CHANNEL=3), "box: channel", True),
}


def _menu(snapshot: Snapshot, name: str, turned: bool) -> Field:
    menu = Menu()
    menu.look(0.0, _set_up())
    menu.press(0.0, Button.TURN, Gesture.LONG)
    menu.look(0.0, snapshot)
    while (field := menu.field(0.0)) and field.name != name:
        menu.press(0.0, Button.NEXT, Gesture.SHORT)
    if turned:
        menu.press(0.0, Button.TURN, Gesture.SHORT)
    field = menu.field(0.0)
    assert field is not None
    return field


def pictures() -> dict[str, Image.Image]:
    """Every state as the screen shows it, 128 x 64."""
    drawn = {name: picture.draw(snapshot, NoteStrip()) for name, snapshot in STATES.items()}
    for name, (snapshot, control, page) in TURNED.items():
        field = Field(*big_lines(snapshot, control), ARROWS if page else "")
        drawn[name] = picture.draw(snapshot, NoteStrip(), field)
    for name, (snapshot, entry, turned) in MENU.items():
        drawn[name] = picture.draw(snapshot, NoteStrip(), _menu(snapshot, entry, turned))
    drawn["starting"] = picture.message("LK JAM", "starting")
    drawn["stage-lost"] = picture.message("STAGE LOST", "it is being started again")
    return drawn


def main(folder: Path, scale: int = 4) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, image in pictures().items():
        large = image.resize((image.width * scale, image.height * scale), Image.Resampling.NEAREST)
        large.save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/pictures"))
