"""Whatever people do with two machines, the box is with the one started last, within one bar.

A few orders here; ``LKJAM_TRIES=1000 pytest tests/tempo/test_gate_orders.py`` for as many as one
likes.
"""

from __future__ import annotations

import os
from heapq import merge
from random import Random

from tests.tempo.orders import Box, order, truth

TRIES = int(os.environ.get("LKJAM_TRIES", "150"))
LOOK_S = 0.1
SETTLES_S = 0.5  # after a change of hands: a stall is noticed, the tempo is another
NEAR_BEATS = 0.05


def wrong(seed: int) -> list[str]:
    """Where the box was not with the machine that was started last."""
    machines, hands = order(Random(seed))
    last_s = max((hand.time_s + hand.length_s for hand in hands), default=9.0)
    end_s = last_s + max(one.bar_s for one in machines.values()) + 1.0
    box, found, look_s = Box(), [], 0.0
    sent = merge(*(one.sends(hands, end_s) for one in machines.values()), key=lambda one: one[0])
    for time_s, name, message in sent:
        while look_s < time_s:
            found += _at(box, look_s, truth(hands, look_s, machines), machines)
            look_s += LOOK_S
        box.put(time_s, name, message)
    return found


def _at(box, time_s, true, machines):
    master, _, beat = box.look(time_s)
    if time_s < true.since_s + SETTLES_S:
        return []
    if not true.runs:
        return [f"{time_s:.1f} s: runs with {master}"] if box.clock.running else []
    should = machines[true.box].beat(time_s)
    if master == true.box and box.clock.running and abs(beat - should) < NEAR_BEATS:
        return []
    return [f"{time_s:.1f} s: {master} at {beat:.2f}, not {true.box} at {should:.2f}"]


def test_the_box_is_with_the_machine_that_was_started_last():
    assert not {seed: found[:3] for seed in range(TRIES) if (found := wrong(seed))}
