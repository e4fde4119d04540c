"""The benchmark of the follower: its figures are what it says, and rivals do what they do."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf

import pytest

from lkjam_box.cli import main
from lkjam_box.lab.bench.clock import (
    FILTERS,
    STEPS,
    Row,
    goals,
    measure,
    p99_ms,
    relock_beats,
    table,
)


@pytest.fixture(scope="module")
def row() -> Row:
    return measure("ours", 1)


def test_our_goals_are_met(row: Row) -> None:
    found = goals(row)
    assert len(found) == 3 + 3 * len(STEPS)
    assert [g for g in found if not g.met] == []
    assert row.us_per_tick > 0


def test_a_missed_goal_is_called_so(row: Row) -> None:
    worse = replace(row, p99_ms={**row.p99_ms, "USB": 0.3}, relock_beats={"a": {"DIN": None}})
    assert [g.what for g in goals(worse) if not g.met] == [
        "next-beat error p99, USB (ms)",
        "re-lock a, DIN (beats)",
    ]
    assert "never" in "".join(table([replace(row, relock_beats={"a": dict.fromkeys(row.p99_ms)})]))


# Published figures of the same filters on such clocks (their draws, not ours).
@pytest.mark.parametrize(
    ("name", "din", "usb"),
    [
        ("EMA 0.2", 3.1, 25.0),
        ("EMA 0.05", 1.1, 9.2),
        ("mean 24", 1.1, 8.3),
        ("least squares 48", 0.24, 1.1),
        ("DLL 0.0314", 0.12, 0.48),
        ("adaptive DLL", 0.16, 0.19),
    ],
)
def test_rivals_do_as_published(name: str, din: float, usb: float) -> None:
    assert p99_ms(FILTERS[name], "DIN", 1) == pytest.approx(din, rel=0.25)
    assert p99_ms(FILTERS[name], "USB", 1) == pytest.approx(usb, rel=0.3)


def test_relock_of_rivals() -> None:
    assert relock_beats(FILTERS["EMA 0.2"], "laptop", 1, 120, 126) == inf
    assert relock_beats(FILTERS["mean 24"], "DIN", 1, 120, 90) == pytest.approx(1.0, abs=0.1)
    assert relock_beats(FILTERS["DLL 0.0314"], "DIN", 1, 120, 90) == pytest.approx(8.5, abs=0.3)


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "clock", "--json", "--ours", "--seeds", "1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["met"] is True
    assert found["filters"][0]["name"] == "ours"
    with pytest.raises(SystemExit):
        main(["bench", "tea"])
    assert "no benchmark 'tea'" in capsys.readouterr().err
