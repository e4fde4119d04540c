"""What goes where: never back to its device, no notes to a clock, and no key left down."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.config.options import Ports
from lkjam_box.midi.messages import NOTE_OFF, NOTE_ON, START, TICK, note_on, real_time, routed
from lkjam_box.ports.fake_ports import FakeKind
from lkjam_box.ports.manager import PortManager
from lkjam_box.stage.ledger import Ledger, Owner

PIANO, SYNTH, DRUMS = "FP-30X:FP-30X 20:0", "Sylphyo:Sylphyo 24:0", "TR-8S:TR-8S 28:0"


class Rig:
    """A piano, a synth and a drum machine, each on one cable with in and out."""

    def __init__(self, names=(PIANO, SYNTH, DRUMS), options=None, **more):
        self.now_s = 0.0
        self.kind = FakeKind(list(names), list(names))
        self.heard = []
        self.manager = PortManager(
            self.kind,
            options or Ports(),
            lambda time_s, what, message, device: self.heard.append((what, message, device)),
            now=lambda: self.now_s,
            **more,
        )
        self.manager.open_own()
        self.manager.update(self.kind.inputs(), self.kind.outputs())
        self.ledger = Ledger()

    def plays(self, name, *data):
        port = next(p for p in self.kind.opened_inputs if p.name == name)
        for one in data:
            self.now_s += 0.2
            port.play(self.now_s, one)

    def got(self, name):
        return next(p for p in self.kind.opened_outputs if p.name == name).sent

    def send(self, *messages):
        for message in messages:
            self.now_s += 0.2
            self.manager.send("synth", message)

    def down(self, name):
        keys = set()
        for message in self.got(name):
            key = (message.channel, message.pitch)
            if message.kind == NOTE_ON:
                keys.add(key)
            elif message.kind == NOTE_OFF:
                keys.discard(key)
        return keys


def test_what_a_device_played_goes_to_the_others_only():
    rig = Rig()
    rig.send(routed(note_on(0, 60, 90), "FP-30X"))
    assert not rig.got(PIANO)
    assert rig.got(SYNTH) == [note_on(0, 60, 90)]
    rig.send(note_on(0, 62, 90))  # the box's own
    assert rig.got(PIANO) == [note_on(0, 62, 90)]


def test_it_goes_back_where_told():
    rig = Rig()
    rig.manager.thru_back = True
    rig.send(routed(note_on(0, 60, 90), "FP-30X"))
    assert rig.got(PIANO) == [note_on(0, 60, 90)]


def test_what_comes_in_at_a_jack_goes_out_at_it():
    rig = Rig(["UM-ONE:UM-ONE MIDI 1 20:0"])
    rig.send(routed(note_on(0, 60, 90), "UM-ONE"))
    assert rig.got("UM-ONE:UM-ONE MIDI 1 20:0")


def test_a_machine_that_turns_out_to_be_a_clock_is_lifted_and_gets_no_more():
    rig = Rig()
    rig.send(note_on(0, 60, 90))
    assert rig.down(DRUMS)
    rig.plays(DRUMS, real_time(START), real_time(TICK))
    rig.manager.poll(rig.now_s)
    assert not rig.down(DRUMS)
    rig.send(note_on(0, 62, 90))
    assert not rig.down(DRUMS)
    assert rig.down(SYNTH) == {(0, 60), (0, 62)}


def test_a_name_pattern_overrules_what_was_learnt():
    rig = Rig(options=Ports(synth=("*TR-8S*", "*"), keyboard=("*TR-8S*", "*")))
    rig.plays(DRUMS, real_time(START), real_time(TICK), note_on(0, 36, 90))
    assert rig.heard[-1][0] == "keyboard"
    rig.send(note_on(0, 60, 90))
    assert rig.down(DRUMS) == {(0, 60)}


def test_a_loop_is_cut_named_and_heard_again_after_panic():
    lines = []
    rig = Rig(log=lines.append)
    rig.plays(SYNTH, note_on(5, 20, 1))
    for _ in range(40):
        rig.now_s -= 0.18
        rig.plays(SYNTH, note_on(0, 60, 90))
    assert rig.manager.loop == "Sylphyo"
    assert sum(line.startswith("LOOP: Sylphyo") for line in lines) == 1
    count = len(rig.heard)
    rig.plays(SYNTH, note_on(0, 72, 90))
    assert len(rig.heard) == count
    rig.manager.end_loops()
    rig.plays(SYNTH, note_on(0, 72, 90))
    assert len(rig.heard) == count + 1


ORIGINS = ("", "FP-30X", "Sylphyo")
HOLDERS = st.tuples(st.sampled_from(ORIGINS), st.integers(60, 61), st.booleans())


@given(st.lists(HOLDERS, max_size=30))
def test_each_wire_has_the_keys_down_that_the_ledger_says(steps):
    """A key is down at a device while somebody holds it who does not play it there."""
    rig, held = Rig([PIANO, SYNTH]), set()
    labels = {PIANO: "FP-30X", SYNTH: "Sylphyo"}
    for origin, pitch, down in steps:
        owner = Owner.HUMAN if origin else Owner.BOX
        if down:
            held.add((origin, pitch))
            rig.send(*rig.ledger.on(owner, 0, pitch, 90, origin=origin))
        else:
            held.discard((origin, pitch))
            rig.send(*rig.ledger.off(owner, 0, pitch, origin))
        for name, label in labels.items():
            assert rig.down(name) == {(0, key) for who, key in held if who != label}
