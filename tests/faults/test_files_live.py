"""The files of a real box go bad while it trades: some, once; `tests.faults.live` strikes all."""

import pytest

from tests.faults.live import run


@pytest.mark.parametrize("only", ["options", "OLED", "model cut short", "libraries deleted"])
def test_it_trades_on_and_says_so(only):
    for row in run(only).values():
        assert row.tries, row
        assert not row.wrong, row
        assert row.lost < row.turns, row
