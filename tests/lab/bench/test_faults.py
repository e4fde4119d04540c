"""A few of the faults that ``bench faults --virtual`` tries a thousand times."""

import pytest

from lkjam_box.lab.bench import faults_virtual
from lkjam_box.lab.bench.faults import FAULTS, Row, line


@pytest.mark.parametrize("name", faults_virtual.NAMES)
def test_nothing_sounds_on_and_the_next_turn_is_answered(name, monkeypatch):
    monkeypatch.setattr(faults_virtual, "PER_GIG", 4)
    tries, sounding, most, later = faults_virtual.run(name, 4)
    assert (tries, sounding, later) == (4, 0, 0)
    assert most == 0 if "brain" in name else most <= 2


def test_the_count_sees_a_note_that_sounds_on_and_a_turn_without_an_answer(monkeypatch):
    monkeypatch.setattr(faults_virtual, "PER_GIG", 2)
    monkeypatch.setattr(faults_virtual.Faulty, "_silence", lambda self: None)
    _, sounding, _, _ = faults_virtual.run("stage killed", 4)
    assert sounding > 0


def test_a_row_of_the_table():
    row = Row("stage killed", 20.0, 2, 1, [0, 1], [0.002, 0.03], [0.5, 0.9])
    words = " ".join(line(row).split())
    assert words == "stage killed 2 1 30.0 / 30.0 (20) 1 (1) 0.90 / 0.90"  # the upper of two is p50
    assert {fault.within_s for fault in FAULTS if "stopped" not in fault.name} == {0.02}
