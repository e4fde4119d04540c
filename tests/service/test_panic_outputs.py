"""Silence from outside the stage: through ports opened before, or only now."""

from lkjam_box.config.options import Ports
from lkjam_box.midi.messages import SUSTAIN_CC, control_change, note_off, note_on
from lkjam_box.ports.fake_ports import FakeKind
from lkjam_box.ports.held import Held
from lkjam_box.protocol.runtime_folder import held_path
from lkjam_box.service.panic_outputs import PanicOutputs, silence_all

SYNTHS = ["Sylphyo:1 28:0", "Nord:1 32:0"]


def outputs(tmp_path, kind):
    held = Held.open(held_path(tmp_path))
    return PanicOutputs(kind, Ports(), tmp_path), held


def test_what_sounds_ends_first_on_every_synth(tmp_path):
    kind = FakeKind([], [*SYNTHS, "Midi Through:Port-0 14:0"])
    ours, held = outputs(tmp_path, kind)
    ours.update(kind.outputs())
    assert not ours.sounds
    held.sent(note_on(3, 61, 9))
    held.sent(note_on(1, 40, 9))
    assert ours.sounds
    opened = len(kind.opened_outputs)
    assert sorted(ours.silence()) == ["Nord:1", "Sylphyo:1"]
    assert len(kind.opened_outputs) == opened == 2  # none was opened for it
    for port in kind.opened_outputs:
        assert port.sent[:2] == [note_off(1, 40), note_off(3, 61)]
        assert port.sent[2:4] == [
            control_change(1, SUSTAIN_CC, 0),
            control_change(3, SUSTAIN_CC, 0),
        ]
        assert len(port.sent) == 2 + 48
    assert not ours.sounds
    assert held.notes() == []


def test_it_follows_what_is_plugged_in_and_outlives_a_broken_port(tmp_path):
    kind = FakeKind([], list(SYNTHS))
    ours, held = outputs(tmp_path, kind)
    ours.update(kind.outputs())
    kind.output_names = SYNTHS[:1]
    ours.update(kind.outputs())
    assert [port.closed for port in kind.opened_outputs] == [False, True]
    kind.output_names = list(SYNTHS)
    ours.update(kind.outputs())
    kind.opened_outputs[0].broken = True
    held.sent(note_on(0, 60, 9))
    assert ours.silence() == ["Nord:1"]
    assert kind.opened_outputs[-1].sent[0] == note_off(0, 60)
    ours.update(kind.outputs())  # and it is tried again
    assert len(kind.opened_outputs) == 4


def test_a_port_that_does_not_open_is_left_for_later(tmp_path):
    kind = FakeKind()
    ours, _ = outputs(tmp_path, kind)
    ours.update(SYNTHS)
    assert ours.silence() == []
    kind.output_names = list(SYNTHS)
    ours.update(SYNTHS)
    assert len(ours.silence()) == 2
    ours.close()
    assert all(port.closed for port in kind.opened_outputs)


def test_without_a_box_matching_outputs_get_it_all_and_only_they(tmp_path):
    held = Held.open(held_path(tmp_path))
    held.sent(note_on(1, 61, 9))
    kind = FakeKind([], ["Sylphyo:1 28:0", "Midi Through:Port-0 14:0", "lkjam_box in"])
    assert silence_all(kind, Ports(), tmp_path) == ["Sylphyo:1"]
    (port,) = kind.opened_outputs
    assert port.closed
    assert port.sent[0] == note_off(1, 61)
    assert set(port.sent[1:]) == {
        control_change(c, n, 0) for c in range(16) for n in (64, 120, 123)
    }
    assert not held  # whoever starts next has nothing to end


def test_nothing_plugged_in_and_nothing_known(tmp_path):
    assert silence_all(FakeKind(), Ports(), tmp_path / "none yet") == []


def test_what_no_synth_was_there_to_hear_is_left_for_the_next_box_to_end(tmp_path):
    held = Held.open(held_path(tmp_path))
    held.sent(note_on(1, 61, 9))
    assert silence_all(FakeKind(), Ports(), tmp_path) == []
    assert held.notes() == [(1, 61)]
