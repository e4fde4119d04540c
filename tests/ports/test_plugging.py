"""Any order of plugging, playing and losing cables: what must hold whatever happens."""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from lkjam_box.config.options import Ports
from lkjam_box.midi.messages import CONTROL_CHANGE, NOTE_OFF, NOTE_ON, note_off, note_on
from lkjam_box.ports.fake_ports import FakeKind
from lkjam_box.ports.held import Held
from lkjam_box.ports.manager import PortManager
from lkjam_box.ports.names import driver_name, placed

SOCKETS = ("1-1.1", "1-1.2", "1-1.3", "1-1.4")
MODELS = ("Keys", "Keys", "Drums", "Synth")  # the first two are twins
PITCHES = st.integers(60, 64)


class Ear:
    """A synth with power of its own: it holds its notes when the cable is out."""

    def __init__(self):
        self.down, self.read = set(), 0

    def hear(self, messages):
        for message in messages[self.read :]:
            key = (message.channel, message.pitch)
            if message.kind == NOTE_ON:
                self.down.add(key)
            elif message.kind == NOTE_OFF:
                self.down.discard(key)
            elif message.kind == CONTROL_CHANGE and message.pitch in (120, 123):
                self.down = {k for k in self.down if k[0] != message.channel}
        self.read = len(messages)


class Plugging(RuleBasedStateMachine):
    """Sockets keep their path; client numbers, plug numbers and list order change as they like."""

    def __init__(self):
        super().__init__()
        self.kind, self.held, self.down = FakeKind(), Held(), set()
        self.ears = {socket: Ear() for socket in SOCKETS}
        self.there, self.plugs = {}, 0  # socket to full name
        self.started, self.played = set(), set()  # sockets whose transport runs; that were played
        self.manager = PortManager(self.kind, Ports(), self.take, held=self.held)
        self.manager.open_own()
        self.manager.update([], [])

    def take(self, _time_s, source, message, _port):
        """Thru, as the stage does it: the first key that goes up ends the note."""
        if source in ("keyboard", "pattern"):  # as when the clock of another device is followed
            self.manager.send("synth", message)

    def input(self, socket):
        name = self.there.get(socket)
        return next((p for p in self.kind.opened_inputs if p.name == name and not p.closed), None)

    # --- what happens

    @rule(at=st.integers(0, 3), client=st.integers(16, 19), front=st.booleans())
    def plug(self, at, client, front):
        socket = SOCKETS[at]
        taken = {driver_name(name) for name in self.there.values()}
        raw = f"{MODELS[at]}:{MODELS[at]} MIDI 1 {client}:0"
        if socket in self.there or raw in taken:
            return
        self.plugs += 1
        name = placed(raw, socket, self.plugs)
        self.there[socket] = name
        for names in (self.kind.input_names, self.kind.output_names):
            names.insert(0 if front else len(names), name)

    @rule(at=st.integers(0, 3))
    def unplug(self, at):
        name = self.there.pop(SOCKETS[at], None)
        self.started.discard(SOCKETS[at])
        if name is None:
            return
        self.kind.input_names.remove(name)
        self.kind.output_names.remove(name)
        for port in self.kind.opened_outputs:
            if port.name == name:
                port.broken = True

    @rule(order=st.randoms(use_true_random=False))
    def reorder(self, order):
        order.shuffle(self.kind.input_names)
        order.shuffle(self.kind.output_names)

    @rule()
    def look(self):
        self.manager.aim(self.kind.inputs(), self.kind.outputs())

    @rule()
    def work(self):
        self.manager.work()

    @rule(at=st.integers(0, 3), pitch=PITCHES, down=st.booleans())
    def play(self, at, pitch, down):
        if port := self.input(SOCKETS[at]):
            self.played.add(SOCKETS[at])
            port.play(1.0, note_on(at, pitch, 90) if down else note_off(at, pitch))

    @rule(at=st.integers(0, 3))
    def start(self, at):
        if port := self.input(SOCKETS[at]):
            port.play(1.0, b"\xfa")
            port.play(1.0, b"\xf8")
            self.started.add(SOCKETS[at])

    @rule(pitch=PITCHES)
    def drum_pattern(self, pitch):
        """Is heard from no device that runs and that hands never played."""
        for socket in self.started - self.played:
            if port := self.input(socket):
                port.play(1.0, note_on(9, pitch, 90))
                assert (9, pitch) not in self.held.notes()

    # --- what must hold

    @invariant()
    def no_port_is_open_twice(self):
        for ports in (self.kind.opened_inputs, self.kind.opened_outputs):
            open_now = [port.name for port in ports if not port.closed]
            assert len(open_now) == len(set(open_now))

    @invariant()
    def a_look_and_some_work_put_everything_right(self):
        """Nothing that is gone is open, all that is there is, and no note has lost its key."""
        if self.manager.busy:
            return
        self.manager.update(self.kind.inputs(), self.kind.outputs())
        there = set(self.there.values())
        own = {"lkjam_box in", "lkjam_box clock", "lkjam_box out"}
        for ports in (self.kind.opened_inputs, self.kind.opened_outputs):
            assert {port.name for port in ports if not port.closed} - own == there
        keys = {key for one in self.manager._inputs.values() for key in one.device.keys}
        assert set(self.held.notes()) == keys
        for socket, ear in self.ears.items():
            for port in self.kind.opened_outputs:
                if port.name == self.there.get(socket) and not port.closed:
                    if getattr(ear, "port", None) is not port:
                        ear.port, ear.read = port, 0
                    ear.hear(port.sent)
                    assert ear.down <= keys

    def teardown(self):
        self.manager.close()
        assert not self.held.notes()
        assert all(p.closed for p in (*self.kind.opened_inputs, *self.kind.opened_outputs))


TestPlugging = Plugging.TestCase
TestPlugging.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
