"""Virtual ports: whole messages with the sender's stamp, hot-plug, loss that shows."""

import select
import time

import pytest

from lkjam_box.errors import LkjamError, PortNotFound
from lkjam_box.midi.messages import parse
from lkjam_box.ports.virtual_ports import VirtualKind


@pytest.fixture
def kind(tmp_path):
    return VirtualKind(tmp_path / "ports")


@pytest.fixture
def other(tmp_path):
    return VirtualKind(tmp_path / "ports")


def test_listener_hears_the_source_with_its_stamp(kind, other):
    got = []
    source = other.create_output("drum machine")
    assert kind.inputs() == ["drum machine"]
    port = kind.open_input("drum machine", lambda t, m: got.append((t, m)))
    stamp = time.monotonic() - 0.01
    source.send(parse(b"\xf8"), stamp)
    source.send(parse(b"\x90\x3c\x40"), stamp + 0.001)
    assert select.select([port], [], [], 1)[0]
    port.drain()
    assert got == [(stamp, b"\xf8"), (stamp + 0.001, b"\x90\x3c\x40")]


def test_sink_takes_several_writers_in_order_of_their_stamps(kind, other):
    got = []
    sink = kind.create_input("lkjam_box in", lambda t, m: got.append(m))
    first, second = other.open_output("lkjam_box in"), other.open_output("lkjam_box in")
    now = time.monotonic()
    sink.drain()
    second.send(parse(b"\xfa"), now - 0.002)
    first.send(parse(b"\xf8"), now - 0.001)
    sink.drain()
    assert got == [b"\xfa", b"\xf8"]


def test_a_message_before_the_first_drain_is_not_lost(kind, other):
    got = []
    sink = kind.create_input("in", lambda t, m: got.append(m))
    other.open_output("in").send(parse(b"\xfa"))
    for _ in range(2):
        sink.drain()
    assert got == [b"\xfa"]


@pytest.mark.parametrize("stamp", [float("nan"), float("inf"), -1.0])
def test_a_senseless_stamp_becomes_now(kind, other, stamp):
    got = []
    sink = kind.create_input("in", lambda t, m: got.append(t))
    before = time.monotonic()
    other.open_output("in").send(parse(b"\xf8"), stamp)
    sink.drain()
    sink.drain()
    assert before <= got[0] <= time.monotonic()


def test_unplugged_source_is_gone_and_back_after_replug(kind, other):
    source = other.create_output("keys")
    port = kind.open_input("keys", lambda t, m: None)
    source.close()
    port.drain()
    assert port.gone
    assert kind.inputs() == []
    again = other.create_output("keys")
    assert kind.inputs() == ["keys"]
    again.close()


def test_unplugged_sink_raises_on_send(kind, other):
    sink = other.create_input("synth", lambda t, m: None)
    out = kind.open_output("synth")
    sink.close()
    with pytest.raises(OSError, match="gone"):
        out.send(parse(b"\xf8"))
    with pytest.raises(PortNotFound, match="none"):
        kind.open_output("synth")


def test_left_over_file_of_a_dead_owner_is_not_listed_and_replaced(kind, other):
    source = other.create_output("keys")
    source._listener.close()  # as a kill -9 leaves it
    assert (kind.folder / "keys.source").exists()
    assert kind.inputs() == []
    again = other.create_output("keys")
    assert kind.inputs() == ["keys"]
    again.close()


def test_a_living_port_of_the_same_name_is_an_error(kind, other):
    living = other.create_output("keys")
    with pytest.raises(LkjamError, match="another program owns it"):
        kind.create_output("keys")
    living.close()


def test_own_ports_are_not_listed(kind, other):
    held = kind.create_output("lkjam_box out"), kind.create_input("lkjam_box in", print)
    assert kind.inputs() == kind.outputs() == []
    assert other.inputs() == ["lkjam_box out"]
    assert other.outputs() == ["lkjam_box in"]
    for port in held:
        port.close()
    assert other.inputs() == other.outputs() == []


def test_slow_reader_costs_counted_messages_never_a_wait(kind, other):
    source = other.create_output("flood")
    port = kind.open_input("flood", lambda t, m: None)
    source.send(parse(b"\xf8"))
    for _ in range(2000):
        source.send(parse(b"\xf8"))
    assert 0 < source.dropped < 2000
    port.drain()
    source.send(parse(b"\xf8"))


def test_awkward_names_and_deep_folders(tmp_path):
    folder = tmp_path.joinpath(*["a-long-folder-name-without-end"] * 5)
    name = "Grüße/100% (MIDI 1)"
    ours, theirs = VirtualKind(folder), VirtualKind(folder)
    source = theirs.create_output(name)
    assert ours.inputs() == [name]
    ours.open_input(name, lambda t, m: None).close()
    source.close()
