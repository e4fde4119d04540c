"""Our side of python-rtmidi, against a stand-in that behaves as it does (1.5.8)."""

import sys
from types import SimpleNamespace

import pytest

from lkjam_box.errors import LkjamError, MissingLibrary, PortNotFound
from lkjam_box.ports import rtmidi_ports
from lkjam_box.ports.rtmidi_ports import RtMidiKind
from lkjam_box.ports.virtual_ports import VirtualKind


class Midi:
    """MidiIn and MidiOut in one. rtmidi's own errors are OSErrors."""

    ports = ("Midi Through:Port-0 14:0", "KeyStep:KeyStep MIDI 1 20:0")
    refuses = False

    def __init__(self, api, name, queue_size_limit=None):
        if Midi.refuses:
            raise OSError("MidiInAlsa::initialize: error creating ALSA sequencer client object.")
        self.did, self.sent, self.callback = [], [], None

    def get_ports(self):
        return list(Midi.ports)

    def open_port(self, number, name):
        self.did.append(("open", number, name))

    def open_virtual_port(self, name):
        self.did.append(("virtual", name))

    def ignore_types(self, sysex=True, timing=True, active_sense=True):
        self.did.append(("ignore", sysex, timing, active_sense))

    def set_callback(self, callback):
        self.callback = callback

    def cancel_callback(self):
        self.callback = None

    def send_message(self, message):
        self.sent.append(message)

    def close_port(self):
        self.did.append("close")

    def delete(self):
        self.did.append("delete")


@pytest.fixture
def library(monkeypatch):
    made = []

    def make(*args, **kwargs):
        made.append(Midi(*args, **kwargs))
        return made[-1]

    module = SimpleNamespace(API_LINUX_ALSA=2, API_UNIX_JACK=3, MidiIn=make, MidiOut=make)
    monkeypatch.setitem(sys.modules, "rtmidi", module)
    monkeypatch.setattr(Midi, "refuses", False)
    return made


def test_input_wants_clock_and_keeps_the_drivers_time(library, monkeypatch):
    got = []
    port = RtMidiKind("alsa").open_input(Midi.ports[1], lambda t, m: got.append((t, m)))
    midi = library[-1]
    assert midi.did == [
        ("ignore", True, False, False),
        ("open", 1, "from KeyStep KeyStep MIDI 1 20 0"),
    ]
    arrivals = iter([10.0, 10.5, 10.75])  # the second came 0.25 s late
    monkeypatch.setattr(rtmidi_ports.time, "monotonic", lambda: next(arrivals))
    for message, delta in (([0xFA], 0.0), ([0xF8], 0.25), ([0x90, 60, 1], 0.5)):
        midi.callback((message, delta), None)
    assert [m for _, m in got] == [b"\xfa", b"\xf8", b"\x90\x3c\x01"]
    assert [t for t, _ in got] == pytest.approx([10.0, 10.25, 10.75], abs=1e-3)
    assert port.fileno() == -1
    port.drain()
    port.close()
    assert midi.callback is None
    assert midi.did[-2:] == ["close", "delete"]


def test_output_and_own_ports(library):
    kind = RtMidiKind("jack")
    out = kind.open_output(Midi.ports[1])
    out.send(b"\xf8")
    assert library[-1].sent == [b"\xf8"]
    kind.create_output("lkjam_box out")
    assert library[-1].did == [("virtual", "lkjam_box out")]
    kind.create_input("lkjam_box in", print)
    assert library[-1].did[-1] == ("virtual", "lkjam_box in")


def test_a_port_that_is_not_there(library):
    with pytest.raises(PortNotFound, match=r"no alsa port 'Theremin'; present: .*KeyStep"):
        RtMidiKind("alsa").open_output("Theremin")
    assert library[-1].did == ["delete"]


def test_no_driver_is_one_line_with_the_mending(library, tmp_path, monkeypatch):
    monkeypatch.setattr(Midi, "refuses", True)
    with pytest.raises(LkjamError, match="modprobe snd-seq"):
        RtMidiKind("alsa")
    with pytest.raises(LkjamError, match="start jackd"):
        RtMidiKind("jack")
    from lkjam_box.ports.kinds import open_kind

    kind = open_kind("auto", tmp_path)
    assert isinstance(kind, VirtualKind)
    assert "no MIDI device is heard" in kind.lacks
    assert "modprobe snd-seq" in kind.lacks
    assert open_kind("virtual", tmp_path).lacks == ""  # it was asked for


def test_a_server_that_went_away_has_no_ports(library, monkeypatch):
    kind = RtMidiKind("jack")

    def gone(self):
        raise OSError("jack is gone")

    monkeypatch.setattr(Midi, "get_ports", gone)
    assert kind.inputs() == kind.outputs() == []


@pytest.mark.parametrize(
    ("version", "prefix", "mend"),
    [
        ((3, 11), "/opt/box", r"pip install 'lkjam-box\[midi\]'"),
        ((3, 13), sys.base_prefix, "apt install python3-rtmidi"),
        ((3, 13), "/opt/box", "in /opt/box/pyvenv.cfg: include-system-site-packages = true"),
    ],
)
def test_not_installed_is_one_line_that_fits_the_python(monkeypatch, version, prefix, mend):
    monkeypatch.setitem(sys.modules, "rtmidi", None)
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(sys, "prefix", prefix)
    with pytest.raises(MissingLibrary, match=mend) as caught:
        RtMidiKind("alsa")
    assert "\n" not in str(caught.value)
    assert ("pip install" in str(caught.value)) == (version < (3, 13))


def test_a_port_that_goes_while_the_list_is_read_ends_nothing(library, monkeypatch):
    kind, listed = RtMidiKind("alsa"), Midi.get_ports
    calls = iter((ValueError("MidiInAlsa::getPortName: error looking for port name!"), None))

    def get_ports(midi):
        if error := next(calls, None):
            raise error
        return listed(midi)

    monkeypatch.setattr(Midi, "get_ports", get_ports)
    assert kind.inputs() == list(Midi.ports)
