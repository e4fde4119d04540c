"""Silence from outside the box."""

from lkjam_box.config.options import Ports
from lkjam_box.midi.messages import control, note_off, note_on
from lkjam_box.ports.fake_ports import FakeKind
from lkjam_box.ports.held import Held
from lkjam_box.service.panic import left_sounding, silence_all


def test_matching_outputs_get_it_all_and_only_they(tmp_path):
    held = Held.open(tmp_path / "held")
    held.sent(note_on(1, 61, 9))
    assert left_sounding(tmp_path)
    kind = FakeKind([], ["Sylphyo:1 28:0", "Midi Through:Port-0 14:0", "lkjam_box in"])
    assert silence_all(kind, Ports(), tmp_path) == ["Sylphyo:1"]
    (port,) = kind.opened_outputs
    assert port.closed
    assert port.sent[0] == note_off(1, 61)
    assert {m for m in port.sent if m[0] == 0xB0} == {control(0, n, 0) for n in (64, 120, 123)}


def test_nothing_plugged_in_and_nothing_known(tmp_path):
    assert silence_all(FakeKind(), Ports(), tmp_path / "none yet") == []
    assert not left_sounding(tmp_path)
