"""Runs one check on the real wires: opens them, guides the builder, reports the result."""

from __future__ import annotations

from ..config.options import Config, Panel
from ..errors import LkjamError
from ..panel.gpio import NoGpio
from ..panel.oled import Oled
from ..ports.din_port import HEADER_SERIAL_PORT
from ..ports.serial_port import Bytes, free
from ..protocol.folder_guard import trusted
from ..protocol.runtime_folder import found_folder
from ..service.command_socket import is_running
from . import contact_checks, din_loop, sights
from .guide import Guide, Terminal


def check_wire(wire: str, config: Config, guide: Guide | None = None) -> int:
    """0 when it is wired right, 1 when not. Raises LkjamError where it cannot be tried."""
    guide = guide or Terminal()
    if is_running(trusted(found_folder(config.service.runtime_folder))):
        raise LkjamError(
            "the box runs and holds the wires: sudo systemctl stop lkjam-box first "
            "(systemctl start lkjam-box afterwards)"
        )
    try:
        wrong = _check(wire, config, guide)
    except KeyboardInterrupt:
        guide.say("stopped")
        return 1
    except NoGpio as error:
        raise LkjamError(
            f"{str(error).rstrip('!.')}; it wants a Raspberry Pi, lgpio or "
            "gpiod (pip install 'lkjam-box[box]'), and pins that no other program holds"
        ) from error
    guide.say(f"{wire}: {'all right' if not wrong else f'{wrong} wrong, mend what is marked NO'}")
    return 1 if wrong else 0


def _check(wire: str, config: Config, guide: Guide) -> int:
    match wire:
        case "leds":
            return _lights(config.panel, guide)
        case "oled":
            return _screen(config.panel, guide)
        case "midi-loop":
            return _loop(config, guide)
        case _:
            return _contacts(wire, config.panel, guide)


def _contacts(kind: str, panel: Panel, guide: Guide) -> int:
    from ..panel.gpio import GpioLevels

    wires = contact_checks.wanted(kind, panel)
    with GpioLevels(panel, wires) as levels:
        return contact_checks.check(kind, levels, guide, wires)


def _lights(panel: Panel, guide: Guide) -> int:
    from ..panel.gpio import GpioPad

    with GpioPad(panel) as pad:
        return sights.check_lights(pad, guide, panel)


def _screen(panel: Panel, guide: Guide) -> int:
    try:
        screen = Oled(panel)
    except OSError as error:
        raise LkjamError(
            f"{error}: VCC, GND, SCL and SDA at the right pins? I2C on (firmware/install.sh)? "
            f"Address {panel.i2c_address:#x} (i2cdetect -y {panel.i2c_port} shows it)?"
        ) from error
    with screen:
        return sights.check_screen(screen, guide)


def _loop(config: Config, guide: Guide) -> int:
    path = HEADER_SERIAL_PORT if config.ports.din in ("auto", "off") else config.ports.din
    if not free(path):
        raise LkjamError(
            f"{path} is not there, or the kernel's console has it: firmware/install.sh frees it "
            "(enable_uart, no console=serial0 in cmdline.txt)"
        )
    try:
        serial = Bytes(path)
    except OSError as error:
        raise LkjamError(f"{path}: {error.strerror}: be in the group dialout, or use sudo") from (
            error
        )
    with serial:
        return din_loop.check(serial, guide)
