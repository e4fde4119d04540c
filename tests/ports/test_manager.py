"""Plug, unplug, replug: nothing hangs, nothing restarts."""

import pytest

from lkjam_box.config.options import Ports
from lkjam_box.midi.messages import PITCH_BEND, control_change, note_off, note_on, voice
from lkjam_box.ports.fake_ports import FakeKind
from lkjam_box.ports.held import Held
from lkjam_box.ports.manager import PortManager

KEYS, DRUMS, SYNTH = "KeyStep:KeyStep MIDI 1 20:0", "TR-8S:TR-8S MIDI 1 24:0", "Sylphyo:1 28:0"


class Plugged:
    """A manager with everything it did."""

    def __init__(self, inputs=(), outputs=(), options=None, **more):
        self.kind = FakeKind(list(inputs), list(outputs))
        self.heard, self.lines = [], []
        self.manager = PortManager(
            self.kind,
            options if options is not None else Ports(),
            lambda t, source, m, port: self.heard.append((source, m, port)),
            log=self.lines.append,
            **more,
        )
        self.manager.open_own()
        self.scan()

    def scan(self):
        return self.manager.update(self.kind.inputs(), self.kind.outputs())

    def port(self, name):
        return next(p for p in reversed(self.kind.opened_inputs) if p.name == name)

    def out(self, name):
        return next(p for p in reversed(self.kind.opened_outputs) if p.name == name)


def test_own_ports_are_there_with_nothing_plugged_in():
    plugged = Plugged()
    assert [p.name for p in plugged.manager.ports()] == ["lkjam_box in", "lkjam_box clock"]
    assert plugged.manager.names() == ("", "", "")
    plugged.port("lkjam_box in").play(1, note_on(0, 60, 9))
    plugged.port("lkjam_box clock").play(1, b"\xf8")
    plugged.port("lkjam_box clock").play(1, note_on(0, 60, 9))  # a clock port is no keyboard
    assert [h[0] for h in plugged.heard] == ["keyboard", "clock"]
    plugged.manager.send("synth", note_on(0, 60, 9))
    assert plugged.out("lkjam_box out").sent == [note_on(0, 60, 9)]


def test_roles_by_pattern():
    options = Ports(keyboard=("*keystep*",), clock=("*TR-8S*",), synth=("sylphyo*",))
    plugged = Plugged([KEYS, DRUMS], [SYNTH, DRUMS], options)
    plugged.port(KEYS).play(1, b"\xf8")  # its clock is not wanted
    plugged.port(DRUMS).play(1, note_on(9, 36, 99))  # nor these notes
    plugged.port(KEYS).play(1, note_on(0, 60, 9))
    plugged.port(DRUMS).play(2, b"\xfa")
    assert plugged.heard == [
        ("keyboard", note_on(0, 60, 9), "KeyStep"),
        ("clock", b"\xfa", "TR-8S"),
    ]
    assert plugged.manager.names() == ("KeyStep", "TR-8S", "Sylphyo")
    assert len(plugged.kind.opened_outputs) == 2  # ours and the synth


@pytest.mark.parametrize("channel", [0, 9, 15])
def test_a_machines_pattern_is_not_playing_but_its_pads_at_rest_are(channel):
    plugged = Plugged([DRUMS])
    drums = plugged.port(DRUMS)
    for data in (b"\xfa", b"\xf8", note_on(channel, 36, 99), note_off(channel, 36), b"\xfc"):
        drums.play(1, data)
    assert [h[1] for h in plugged.heard] == [b"\xfa", b"\xf8", b"\xfc"]
    drums.play(2, note_on(channel, 36, 99))
    assert plugged.heard[-1] == ("keyboard", note_on(channel, 36, 99), "TR-8S")
    drums.play(3, b"\xfa")
    drums.play(3, b"\xf8")
    drums.play(3, note_off(channel, 36))  # a key that is down can always go up
    assert plugged.heard[-1] == ("keyboard", note_off(channel, 36), "TR-8S")
    drums.play(3, note_on(channel, 36, 99))
    assert plugged.heard[-1][0] == "pattern"  # whoever follows its clock leaves it out


def test_unplugged_mid_note_lifts_its_keys_and_pedal_only():
    plugged = Plugged([KEYS, DRUMS])
    plugged.port(KEYS).play(1, note_on(0, 60, 9))
    plugged.port(KEYS).play(1, note_on(0, 64, 9))
    plugged.port(KEYS).play(1, note_off(0, 64))
    plugged.port(KEYS).play(1, control_change(0, 64, 127))
    plugged.port(DRUMS).play(1, note_on(2, 50, 9))
    plugged.heard.clear()
    plugged.kind.input_names.remove(KEYS)
    assert plugged.scan()
    assert plugged.heard == [
        ("keyboard", note_off(0, 60), "KeyStep"),
        ("keyboard", control_change(0, 64, 0), "KeyStep"),
    ]
    assert plugged.port(KEYS).closed
    assert plugged.lines[-1] == "unplugged: KeyStep MIDI 1"


def test_unplugged_lets_go_of_what_it_moved_and_of_nothing_else():
    plugged = Plugged([KEYS, DRUMS])
    bend, wheel = voice(PITCH_BEND, 0, 0, 90), control_change(0, 1, 90)
    for message in (bend, wheel, control_change(0, 7, 80), control_change(0, 10, 3)):
        plugged.port(KEYS).play(1, message)
    plugged.port(DRUMS).play(1, voice(PITCH_BEND, 3, 0, 90))
    plugged.heard.clear()
    plugged.kind.input_names.remove(KEYS)
    assert plugged.scan()
    assert [h[1] for h in plugged.heard] == [control_change(0, 1, 0), voice(PITCH_BEND, 0, 0, 64)]


def test_a_synth_that_returns_is_made_neutral_where_something_was_moved():
    plugged = Plugged([], [SYNTH])
    send = plugged.manager.send
    for message in (
        note_on(2, 60, 90),
        voice(PITCH_BEND, 2, 0, 90),
        voice(PITCH_BEND, 2, 0, 64),  # it may have missed this
        control_change(2, 7, 80),
        control_change(2, 7, 0),
        control_change(5, 64, 127),
    ):
        send("synth", message)
    plugged.kind.output_names[:] = []
    assert plugged.scan()
    plugged.kind.output_names[:] = [SYNTH]
    assert plugged.scan()
    sent = plugged.out(SYNTH).sent
    assert sent[0] == note_off(2, 60)
    assert sent[-3:] == [
        voice(PITCH_BEND, 2, 0, 64),
        control_change(2, 7, 80),
        control_change(5, 64, 0),
    ]
    assert len(sent) == 1 + 3 + 3


@pytest.mark.parametrize("again", [KEYS, "KeyStep:KeyStep MIDI 1 32:0"])
def test_replug_with_the_same_and_with_a_new_number(again):
    plugged = Plugged([KEYS])
    plugged.kind.input_names[:] = []
    assert plugged.scan()
    assert not plugged.scan()
    plugged.kind.input_names[:] = [again]
    assert plugged.scan()
    plugged.port(again).play(1, note_on(0, 60, 9))
    assert plugged.heard == [("keyboard", note_on(0, 60, 9), "KeyStep")]


def test_lost_synth_shows_at_the_next_send_and_the_others_still_get_it():
    plugged = Plugged([], [SYNTH, "Other:1 29:0"])
    plugged.out(SYNTH).broken = True
    plugged.manager.send("synth", note_on(0, 60, 9))
    assert plugged.out("Other:1 29:0").sent == [note_on(0, 60, 9)]
    assert plugged.manager.incomplete
    assert plugged.manager.names()[2] == "Other"
    assert plugged.scan()
    assert not plugged.manager.incomplete


def test_a_port_that_will_not_open_is_told_once_and_tried_again():
    plugged = Plugged()
    for _ in range(3):
        plugged.manager.update([KEYS], [])
    assert [line for line in plugged.lines if "cannot open" in line] == [
        f"cannot open KeyStep MIDI 1: no port {KEYS!r}; present: []"
    ]
    assert plugged.manager.incomplete
    plugged.kind.input_names.append(KEYS)
    assert plugged.scan()


def test_active_sensing_that_stops_lifts_the_keys_where_nothing_else_tells():
    plugged = Plugged([KEYS, "DIN"])
    for name in (KEYS, "DIN"):
        plugged.port(name).play(1.0, b"\xfe")
        plugged.port(name).play(1.1, note_on(0, 60, 9))
    plugged.manager.poll(1.8)  # two in a row may be late
    assert len(plugged.heard) == 2
    plugged.manager.poll(1.9)
    assert plugged.heard[2:] == [("keyboard", note_off(0, 60), "DIN")]
    plugged.port("DIN").play(9.0, note_on(0, 60, 9))
    plugged.manager.poll(99)
    assert len(plugged.heard) == 4


def test_after_a_crash_each_output_is_silenced_as_it_opens():
    held = Held()
    held.sent(note_on(1, 61, 9))
    plugged = Plugged([], [SYNTH], held=held, panic=True)
    for name in (SYNTH, "lkjam_box out"):
        assert plugged.out(name).sent[0] == note_off(1, 61)
        assert control_change(15, 123, 0) in plugged.out(name).sent
    assert held.notes() == []


def test_close_lifts_and_closes_everything():
    plugged = Plugged([KEYS], [SYNTH])
    plugged.port(KEYS).play(1, note_on(0, 60, 9))
    plugged.manager.close()
    assert plugged.heard[-1] == ("keyboard", note_off(0, 60), "KeyStep")
    assert all(p.closed for p in plugged.kind.opened_inputs + plugged.kind.opened_outputs)


def test_a_key_is_in_the_map_before_it_sounds_and_until_it_is_let_go(tmp_path):
    held = Held.open(tmp_path / "held")
    plugged = Plugged(outputs=[SYNTH], held=held)
    seen = []
    plugged.out(SYNTH).send = lambda message: seen.append((message, held.notes()))
    on, off = note_on(2, 60, 90), note_off(2, 60)
    plugged.manager.hold(on)
    plugged.manager.hold(off)
    assert held.notes() == [(2, 60)]  # killed here, the note can be ended
    plugged.manager.transmit(on)
    plugged.manager.transmit(off)
    assert seen == [(on, [(2, 60)]), (off, [(2, 60)])]
    assert held.notes() == []


def test_a_key_struck_anew_in_one_go_stays_known():
    held = Held()
    plugged = Plugged(outputs=[SYNTH], held=held)
    plugged.manager.send("synth", note_on(0, 60, 90))
    again = [note_off(0, 60), note_on(0, 60, 80)]
    for message in again:
        plugged.manager.hold(message)
    for message in again:
        plugged.manager.transmit(message)
    assert held.notes() == [(0, 60)]
