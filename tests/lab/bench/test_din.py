"""DIN under floods, in virtual time: the box's order and pace, without the machine's wake-ups."""

import pytest

from lkjam_box.lab.bench import din


@pytest.fixture(scope="module")
def rows():
    return {(row["flood"], row["through"]): row for row in din.measure(6.0)}


@pytest.mark.parametrize("flood", din.FLOODS)
def test_our_notes_are_on_time_in_a_flood_and_last_values_arrive(rows, flood):
    row = rows[flood, "the box"]
    assert row["notes"]["p99_us"] <= 1000 * din.GOAL_MS
    assert row["ticks"]["max_us"] <= 1000 * din.GOAL_MS
    assert row["wrong"] == 0
    assert row["last_ms"] < 30
    assert rows[flood, "plain queue"]["notes"]["p99_us"] > 50 * row["notes"]["p99_us"]


@pytest.mark.parametrize("flood", din.FLOODS)
def test_the_wire_is_kept_busy_with_values(rows, flood):
    """Overtaking costs the flood nothing: as many values come as the wire has room for."""
    plain, ours = (rows[flood, way] for way in ("plain queue", "the box"))
    over_s = 6.0 + plain["last_ms"] / 1000
    assert ours["values"] > 0.95 * plain["values"] * 6.0 / over_s
