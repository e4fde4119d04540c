"""Whatever holds something lets go of it once, also when the other side went first."""

import ast
import io
import os
import socket
import sys
import tempfile
import tty
from contextlib import ExitStack
from pathlib import Path
from types import SimpleNamespace

import pytest
from gpiozero.pins.mock import MockFactory
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import lkjam_box
from lkjam_box.cli.demo import Watcher
from lkjam_box.config.options import Panel, Ports
from lkjam_box.midi.messages import parse
from lkjam_box.music.library import Library
from lkjam_box.panel.contacts import FakePad
from lkjam_box.panel.gpio import GpioLevels, GpioPad
from lkjam_box.panel.gpiod_header import GpiodHeader
from lkjam_box.panel.gpiozero_header import GpiozeroHeader
from lkjam_box.panel.header import FakeHeader
from lkjam_box.panel.oled import Oled
from lkjam_box.panel.screens import FakeScreen
from lkjam_box.panel.terminal import Keys, TerminalScreen
from lkjam_box.pinmap import pins
from lkjam_box.ports.announce import Announce
from lkjam_box.ports.din_port import DIN, WithDin
from lkjam_box.ports.fake_ports import FakeKind
from lkjam_box.ports.held import Held
from lkjam_box.ports.manager import PortManager
from lkjam_box.ports.rtmidi_ports import RtMidiKind
from lkjam_box.ports.serial_port import Bytes
from lkjam_box.ports.virtual_ports import VirtualKind
from lkjam_box.protocol.link import Link
from lkjam_box.protocol.process_messages import MessageSocket, Told
from lkjam_box.protocol.runtime_folder import library_path
from lkjam_box.protocol.shared_state import SharedState, SharedStateReader, Snapshot
from lkjam_box.service.command_socket import CommandSocket
from lkjam_box.service.folder_lock import FolderLock
from lkjam_box.service.fork_server import ForkServer
from lkjam_box.service.library_file import LibraryFile
from lkjam_box.service.panic_outputs import PanicOutputs
from lkjam_box.service.resume_file import ResumeFile
from tests.panel.fake_gpiod import Board


class World:
    """Where a thing is made: a folder, what it needs besides, and how the other side goes."""

    def __init__(self, stack):
        self.stack = stack
        self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.vanishes = []

    def other(self, port):
        """The other side, open until it vanishes or all is over."""
        self.vanishes.append(port.close)
        self.stack.callback(port.close)
        return port

    def wire(self):
        """Path of a serial port, whose other end may vanish."""
        ours, theirs = os.openpty()
        tty.setraw(ours)
        self.stack.callback(os.close, theirs)
        self.other(os.fdopen(ours, "rb", buffering=0))
        return os.ttyname(theirs)

    def file(self, name):
        path = self.folder / name
        self.vanishes.append(lambda: path.unlink(missing_ok=True))
        return path


class Midi:
    """One of rtmidi's: the library ends the process for what is deleted twice."""

    def __init__(self, *args, **more):
        self.deleted = False

    def get_ports(self):
        return ["KeyStep"]

    def delete(self):
        assert not self.deleted
        self.deleted = True

    def nothing(self, *args, **more):
        assert not self.deleted

    ignore_types = set_callback = cancel_callback = nothing
    open_port = open_virtual_port = close_port = nothing


def gpiod_header(world):
    board = Board({"/dev/gpiochip0": "pinctrl-bcm2835"})
    patch = world.stack.enter_context(pytest.MonkeyPatch.context())
    patch.setitem(sys.modules, "gpiod", board.module())
    header = GpiodHeader(0)
    header.contacts({17: print})
    return header


def rtmidi(world):
    module = SimpleNamespace(API_LINUX_ALSA=2, API_UNIX_JACK=3, MidiIn=Midi, MidiOut=Midi)
    patch = world.stack.enter_context(pytest.MonkeyPatch.context())
    patch.setitem(sys.modules, "rtmidi", module)
    return RtMidiKind("alsa")


def virtual(world):
    return VirtualKind(world.folder), VirtualKind(world.folder)


def virtual_input(world):
    ours, theirs = virtual(world)
    world.other(theirs.create_output("keys"))
    return ours.open_input("keys", print)


def virtual_output(world):
    ours, theirs = virtual(world)
    world.other(theirs.create_input("synth", print))
    return ours.open_output("synth")


def own_input(world):
    ours, theirs = virtual(world)
    port = ours.create_input("in", lambda time_s, message: None)
    world.other(theirs.open_output("in")).send(parse(b"\xf8"))
    port.drain()
    world.file("in.sink")
    return port


def own_output(world):
    ours, theirs = virtual(world)
    port = ours.create_output("out")
    world.other(theirs.open_input("out", print))
    port.send(parse(b"\xf8"))
    return port


def din_output(world):
    port = WithDin(FakeKind(), world.wire()).open_output(DIN)
    port.send(parse(b"\x90\x3c\x64"))
    return port


def manager(world):
    ours, theirs = virtual(world)
    world.other(theirs.create_output("keys"))
    world.other(theirs.create_input("synth", lambda time_s, message: None))
    made = PortManager(ours, Ports(), print)
    made.open_own()
    made.update(ours.inputs(), ours.outputs())
    return made


def panic_outputs(world):
    ours, theirs = virtual(world)
    world.other(theirs.create_input("synth", lambda time_s, message: None))
    made = PanicOutputs(ours, Ports(), world.folder)
    made.update(ours.outputs())
    return made


def link(world):
    one, other = Link.pair()
    world.other(other)
    return one


def message_socket(world):
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    world.other(other)
    return MessageSocket(one, Told)


def shared_state(world):
    made = SharedState.create(world.file("shared-state"))
    made.counted_in = made.measures()  # as the stage does to its end
    return made


def reader(world):
    path = world.file("shared-state")
    with SharedState.create(path) as stage:
        stage.write(Snapshot(time_s=1.0))
    made = SharedStateReader(path)
    assert made.read(1.0) is not None
    return made


def command_socket(world):
    world.file("box.sock")
    return CommandSocket(world.folder)


def folder_lock(world):
    world.file("lock")
    return FolderLock(world.folder)


def library_file(world):
    path = library_path(world.folder, 1)
    world.file(path.name)
    return LibraryFile(world.folder, Library(1, ()))


def oled(world):
    wire = SimpleNamespace(**dict.fromkeys(("command", "data", "cleanup"), lambda *data: None))
    return Oled(Panel(), wire)


def terminal_screen(world):
    screen = TerminalScreen(io.StringIO())
    screen.show(Image.new("1", (128, 64)))
    return screen


def keys(world):
    return Keys(world.stack.enter_context(Path(world.wire()).open("rb", buffering=0)))


MAKERS = {
    "FakeInput": lambda world: FakeKind().create_input("in", print),
    "FakeOutput": lambda world: FakeKind().create_output("out"),
    "FakeKind": lambda world: FakeKind(),
    "VirtualInput": virtual_input,
    "VirtualInput of our own": own_input,
    "VirtualOutput": virtual_output,
    "VirtualOutput of our own": own_output,
    "VirtualKind": lambda world: virtual(world)[0],
    "DinInput": lambda world: WithDin(FakeKind(), world.wire()).open_input(DIN, print),
    "DinOutput": din_output,
    "WithDin": lambda world: WithDin(rtmidi(world), world.wire()),
    "Bytes": lambda world: Bytes(world.wire()),
    "RtMidiInput": lambda world: rtmidi(world).open_input("KeyStep", print),
    "RtMidiOutput": lambda world: rtmidi(world).open_output("KeyStep"),
    "RtMidiKind": rtmidi,
    "PortManager": manager,
    "PanicOutputs": panic_outputs,
    "Held": lambda world: Held.open(world.file("held")),
    "Held in memory": lambda world: Held(),
    "Announce": lambda world: Announce(),
    "Link": link,
    "MessageSocket": message_socket,
    "SharedState": shared_state,
    "SharedStateReader": reader,
    "ResumeFile": lambda world: ResumeFile(world.file("resume").parent),
    "CommandSocket": command_socket,
    "FolderLock": folder_lock,
    "ForkServer": lambda world: ForkServer(),
    "LibraryFile": library_file,
    "FakeScreen": lambda world: FakeScreen(),
    "Oled": oled,
    "TerminalScreen": terminal_screen,
    "Keys": keys,
    "FakePad": lambda world: FakePad(),
    "FakeHeader": lambda world: FakeHeader(),
    "GpiozeroHeader": lambda world: GpiozeroHeader(Panel(), MockFactory()),
    "GpiodHeader": gpiod_header,
    "GpioPad": lambda world: GpioPad(Panel(), FakeHeader()),
    "GpioLevels": lambda world: GpioLevels(Panel(), [pins()["next"]], FakeHeader()),
    "Watcher": lambda world: Watcher(drawn=False),
}


def test_all_that_close_are_here():
    named = set()
    for path in Path(lkjam_box.__file__).parent.rglob("*.py"):
        if "def _close(self) -> None" in (text := path.read_text()):
            named |= {
                one.name
                for one in ast.walk(ast.parse(text))
                if isinstance(one, ast.ClassDef)
                and any(isinstance(a, ast.FunctionDef) and a.name == "_close" for a in one.body)
            }
    assert named - {"Closing"} == {name.partition(" ")[0] for name in MAKERS}


def open_files():
    return len(os.listdir("/proc/self/fd"))


def close(thing):
    thing.close()


def leave(thing):
    with thing as same:
        assert same is thing


@pytest.mark.parametrize("name", MAKERS)
@settings(max_examples=12, deadline=None)
@given(ways=st.lists(st.sampled_from([close, leave]), min_size=1, max_size=4), first=st.booleans())
def test_it_is_closed_once_however_often_it_is_asked(name, ways, first):
    before, others = open_files(), []
    with ExitStack() as stack:
        world = World(stack)
        thing = MAKERS[name](world)
        if first:
            for vanish in world.vanishes:
                vanish()
        for way in ways:
            way(thing)
            others.append(os.open("/dev/null", os.O_RDONLY))  # likely by a number just free
    for number in others:
        os.close(number)  # raises when somebody else did
    del thing  # what counts in a shared state keeps its memory
    assert open_files() == before
