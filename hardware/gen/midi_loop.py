"""The current of a MIDI line from its values, over what they may be off. Pure.

The loop: our supply, the resistor at DIN 4, the receiver's 220 ohm and LED, the resistor at
DIN 5, our buffer pulling down. 5 mA is MIDI 1.0's figure. For 3.3 V the standard's supplement
CA-033 is said to have 33 and 10 ohm (UNVERIFIED): with a receiver of 220 ohm that makes 7.4 mA.
Ours are 100 and 75 ohm: nearer to each other than those, so that neither the supply nor the
buffer is overloaded by a shorted cable. With a supply 5 % off, 4.01 to 6.06 mA.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

NOMINAL_MA, TOLERANCE = 5.0, 0.20
RECEIVER_OHM = 220.0  # MIDI 1.0: in every receiver
LED_V = (1.1, 1.25, 1.4)  # at 5 mA: H11L1 typical 1.1, older 6N138 and PC900 up to 1.4; UNVERIFIED
BUFFER_MA = 50.0  # the most that a 74LVC output bears (TI's absolute maximum ratings)
DRIVER_OHM = (8.0, 15.0, 25.0)  # 74LVC at 3.3 V, 24 mA for 0.55 V at the most; typical UNVERIFIED


@dataclass(frozen=True, slots=True)
class Loop:
    """Values of one line; tolerances as shares."""

    supply_v: float
    source_ohm: float
    sink_ohm: float
    supply_off: float = 0.04  # of the Pi's own regulator; UNVERIFIED
    resistor_off: float = 0.01

    def currents_ma(self) -> Iterator[float]:
        """At every corner of what may be off."""
        supplies = [self.supply_v * (1 + side * self.supply_off) for side in (-1, 0, 1)]
        shares = [1 + side * self.resistor_off for side in (-1, 0, 1)]
        theirs = [1 + side * 0.05 for side in (-1, 0, 1)]  # receivers have 5 % parts
        for supply, led, driver, own, other in product(supplies, LED_V, DRIVER_OHM, shares, theirs):
            ohm = (self.source_ohm + self.sink_ohm) * own + driver + RECEIVER_OHM * other
            yield 1000 * (supply - led) / ohm

    def range_ma(self) -> tuple[float, float]:
        """(least, most)."""
        found = sorted(self.currents_ma())
        return found[0], found[-1]


def typical_ma(loop: Loop) -> float:
    """With nothing off."""
    ohm = loop.source_ohm + loop.sink_ohm + DRIVER_OHM[1] + RECEIVER_OHM
    return 1000 * (loop.supply_v - LED_V[1]) / ohm


def short_w(loop: Loop) -> float:
    """Heat in the resistor at DIN 4 when a bad cable joins DIN 4 and DIN 2, W."""
    return (loop.supply_v * (1 + loop.supply_off)) ** 2 / loop.source_ohm


def short_ma(loop: Loop) -> float:
    """Current of the buffer when a bad cable joins DIN 5 and DIN 2, mA."""
    least = loop.sink_ohm * (1 - loop.resistor_off) + DRIVER_OHM[0]
    return 1000 * loop.supply_v * (1 + loop.supply_off) / least
