"""Plug, unplug, replug: nothing hangs, nothing restarts."""

import pytest

from lkjam_box.config.options import Ports
from lkjam_box.midi.messages import control, note_off, note_on
from lkjam_box.ports.fake_ports import FakeKind
from lkjam_box.ports.held import Held
from lkjam_box.ports.manager import Rig
from lkjam_box.ports.names import label

KEYS, DRUMS, SYNTH = "KeyStep:KeyStep MIDI 1 20:0", "TR-8S:TR-8S MIDI 1 24:0", "Sylphyo:1 28:0"


class Desk:
    """A rig with everything it did."""

    def __init__(self, inputs=(), outputs=(), options=None, **more):
        self.kind = FakeKind(list(inputs), list(outputs))
        self.heard, self.lines = [], []
        self.rig = Rig(
            self.kind,
            options if options is not None else Ports(),
            lambda t, source, m, port: self.heard.append((source, m, port)),
            log=self.lines.append,
            **more,
        )
        self.rig.open_own()
        self.scan()

    def scan(self):
        return self.rig.update(self.kind.inputs(), self.kind.outputs())

    def port(self, name):
        return next(p for p in reversed(self.kind.opened_inputs) if p.name == name)

    def out(self, name):
        return next(p for p in reversed(self.kind.opened_outputs) if p.name == name)


def test_own_ports_are_there_with_nothing_plugged_in():
    desk = Desk()
    assert [p.name for p in desk.rig.ports()] == ["lkjam_box in", "lkjam_box clock"]
    assert desk.rig.names() == ("", "", "")
    desk.port("lkjam_box in").play(1, note_on(0, 60, 9))
    desk.port("lkjam_box clock").play(1, b"\xf8")
    desk.port("lkjam_box clock").play(1, note_on(0, 60, 9))  # a clock port is no keyboard
    assert [h[0] for h in desk.heard] == ["keyboard", "clock"]
    desk.rig.send("synth", note_on(0, 60, 9))
    assert desk.out("lkjam_box out").sent == [note_on(0, 60, 9)]


def test_roles_by_pattern():
    options = Ports(keyboard=("*keystep*",), clock=("*TR-8S*",), synth=("sylphyo*",))
    desk = Desk([KEYS, DRUMS], [SYNTH, DRUMS], options)
    desk.port(KEYS).play(1, b"\xf8")  # its clock is not wanted
    desk.port(DRUMS).play(1, note_on(9, 36, 99))  # nor these notes
    desk.port(KEYS).play(1, note_on(0, 60, 9))
    desk.port(DRUMS).play(2, b"\xfa")
    assert desk.heard == [
        ("keyboard", note_on(0, 60, 9), label(KEYS)),
        ("clock", b"\xfa", label(DRUMS)),
    ]
    assert desk.rig.names() == ("KeyStep MIDI 1", "TR-8S MIDI 1", "Sylphyo:1")
    assert len(desk.kind.opened_outputs) == 2  # ours and the synth


def test_a_clock_machines_drum_pattern_is_not_playing():
    desk = Desk([DRUMS])
    desk.port(DRUMS).play(1, b"\xf8")
    desk.port(DRUMS).play(1, note_on(9, 36, 99))
    desk.port(DRUMS).play(1, note_on(0, 60, 99))
    assert [h[1] for h in desk.heard] == [b"\xf8", note_on(0, 60, 99)]


def test_unplugged_mid_note_lifts_its_keys_and_pedal_only():
    desk = Desk([KEYS, DRUMS])
    desk.port(KEYS).play(1, note_on(0, 60, 9))
    desk.port(KEYS).play(1, note_on(0, 64, 9))
    desk.port(KEYS).play(1, note_off(0, 64))
    desk.port(KEYS).play(1, control(0, 64, 127))
    desk.port(DRUMS).play(1, note_on(2, 50, 9))
    desk.heard.clear()
    desk.kind.input_names.remove(KEYS)
    assert desk.scan()
    assert desk.heard == [
        ("keyboard", note_off(0, 60), label(KEYS)),
        ("keyboard", control(0, 64, 0), label(KEYS)),
    ]
    assert desk.port(KEYS).closed
    assert desk.lines[-1] == "unplugged: KeyStep MIDI 1"


@pytest.mark.parametrize("again", [KEYS, "KeyStep:KeyStep MIDI 1 32:0"])
def test_replug_with_the_same_and_with_a_new_number(again):
    desk = Desk([KEYS])
    desk.kind.input_names[:] = []
    assert desk.scan()
    assert not desk.scan()
    desk.kind.input_names[:] = [again]
    assert desk.scan()
    desk.port(again).play(1, note_on(0, 60, 9))
    assert desk.heard == [("keyboard", note_on(0, 60, 9), label(KEYS))]


def test_lost_synth_shows_at_the_next_send_and_the_others_still_get_it():
    desk = Desk([], [SYNTH, "Other:1 29:0"])
    desk.out(SYNTH).broken = True
    desk.rig.send("synth", note_on(0, 60, 9))
    assert desk.out("Other:1 29:0").sent == [note_on(0, 60, 9)]
    assert desk.rig.incomplete
    assert desk.rig.names()[2] == "Other:1"
    assert desk.scan()
    assert not desk.rig.incomplete


def test_a_port_that_will_not_open_is_told_once_and_tried_again():
    desk = Desk()
    for _ in range(3):
        desk.rig.update([KEYS], [])
    assert [line for line in desk.lines if "cannot open" in line] == [
        f"cannot open KeyStep MIDI 1: no port {KEYS!r}; present: []"
    ]
    assert desk.rig.incomplete
    desk.kind.input_names.append(KEYS)
    assert desk.scan()


def test_active_sensing_that_stops_lifts_the_keys():
    desk = Desk([KEYS])
    keys = desk.port(KEYS)
    keys.play(1.0, b"\xfe")
    keys.play(1.1, note_on(0, 60, 9))
    desk.rig.poll(1.4)
    assert len(desk.heard) == 1
    desk.rig.poll(1.5)
    assert desk.heard[1:] == [("keyboard", note_off(0, 60), label(KEYS))]
    keys.play(9.0, note_on(0, 60, 9))
    desk.rig.poll(99)
    assert len(desk.heard) == 3


def test_after_a_crash_each_output_is_silenced_as_it_opens():
    held = Held()
    held.sent(note_on(1, 61, 9))
    desk = Desk([], [SYNTH], held=held, panic=True)
    for name in (SYNTH, "lkjam_box out"):
        assert desk.out(name).sent[0] == note_off(1, 61)
        assert control(15, 123, 0) in desk.out(name).sent
    assert held.notes() == []


def test_close_lifts_and_closes_everything():
    desk = Desk([KEYS], [SYNTH])
    desk.port(KEYS).play(1, note_on(0, 60, 9))
    desk.rig.close()
    assert desk.heard[-1] == ("keyboard", note_off(0, 60), label(KEYS))
    assert all(p.closed for p in desk.kind.opened_inputs + desk.kind.opened_outputs)


def test_a_key_is_in_the_map_before_it_sounds_and_until_it_is_let_go(tmp_path):
    held = Held.open(tmp_path / "held")
    desk = Desk(outputs=[SYNTH], held=held)
    seen = []
    desk.out(SYNTH).send = lambda message: seen.append((message, held.notes()))
    on, off = note_on(2, 60, 90), note_off(2, 60)
    desk.rig.hold(on)
    desk.rig.hold(off)
    assert held.notes() == [(2, 60)]  # killed here, the note can be ended
    desk.rig.fire(on)
    desk.rig.fire(off)
    assert seen == [(on, [(2, 60)]), (off, [(2, 60)])]
    assert held.notes() == []


def test_a_key_struck_anew_in_one_go_stays_known():
    held = Held()
    desk = Desk(outputs=[SYNTH], held=held)
    desk.rig.send("synth", note_on(0, 60, 90))
    again = [note_off(0, 60), note_on(0, 60, 80)]
    for message in again:
        desk.rig.hold(message)
    for message in again:
        desk.rig.fire(message)
    assert held.notes() == [(0, 60)]
