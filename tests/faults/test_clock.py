"""Every fault of the clock, a few tries each; ``make faults`` makes a thousand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults.__main__ import wrong
from tests.faults.clock import FAULTS, try_fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_nothing_sounds_on_and_the_gig_goes_on(fault):
    for seed in range(2):
        result = try_fault(fault, seed)
        assert not wrong(fault, result)


@settings(max_examples=10, deadline=None)
@given(fault=st.sampled_from(FAULTS), seed=st.integers(1000, 1 << 30))
def test_at_any_moment(fault, seed):
    assert not try_fault(fault, seed).sounding


SAYS = {
    "two masters": "TWO CLOCKS",
    "another machine started": "TWO CLOCKS",
    "machine switched off and on": "NO CLOCK",
    "clock cable pulled and back": "FREEWHEEL",
    "50 times Stop, Continue": "STOPPED",
}


@pytest.mark.parametrize("name", SAYS)
def test_the_screen_says_it(name):
    fault = next(fault for fault in FAULTS if fault.name == name)
    assert SAYS[name] in try_fault(fault, 1).said
