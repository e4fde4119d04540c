"""What the firmware of a Raspberry Pi says of power and heat, and when the player must know. Pure.

``get_throttled`` is a number: bits 0 to 3 hold now, bits 16 to 19 the same since boot
(documentation of the Raspberry Pi, computers/os, ``vcgencmd get_throttled``).
"""

from __future__ import annotations

from enum import IntFlag

from ..protocol.shared_state import WarningId

HOLD_S = 10.0  # a warning stays so long: a dip lasts milliseconds, a player looks up rarely
HOT_C = 80.0  # here the firmware begins to slow the processor


class Firmware(IntFlag):
    LOW_VOLTAGE = 1  # the supply is below 4.63 V
    CAPPED = 2  # the clock may not rise
    SLOWED = 4  # the clock was lowered
    HOT = 8  # the soft limit of temperature is reached


_WORDS = {
    Firmware.LOW_VOLTAGE: "low voltage",
    Firmware.CAPPED: "clock capped",
    Firmware.SLOWED: "slowed down",
    Firmware.HOT: "hot",
}


def now(bits: int) -> Firmware:
    return Firmware(bits & 0xF)


def since_boot(bits: int) -> Firmware:
    return Firmware(bits >> 16 & 0xF)


def words(bits: int) -> str:
    """The bits in words, such as "now low voltage, hot; since boot low voltage, hot"."""
    if not now(bits) | since_boot(bits):
        return "no trouble since boot"
    here, past = (
        ", ".join(text for bit, text in _WORDS.items() if bit in some) or "well"
        for some in (now(bits), since_boot(bits))
    )
    return f"now {here}; since boot {past}"


class Power:
    """Feed ``see`` the firmware's bits; ``warning`` is what the player must know.

    A dip between two calls of ``see`` is known by its bit since boot; dips before the first
    call are ignored. ``low_times`` and ``slow_times`` count the dips, not the calls.
    """

    def __init__(self, low_times: int = 0, slow_times: int = 0) -> None:
        self.low_times, self.slow_times = low_times, slow_times  # counted so far
        self._low_until_s = self._slow_until_s = 0.0
        self._since: Firmware | None = None
        self._hot = False

    def see(self, time_s: float, bits: int, celsius: float = 0.0) -> None:
        known = since_boot(bits) if self._since is None else self._since
        news = now(bits) | (since_boot(bits) & ~known)
        self._since = since_boot(bits)
        if Firmware.LOW_VOLTAGE in news:
            self.low_times += time_s >= self._low_until_s
            self._low_until_s = time_s + HOLD_S
        if news & ~Firmware.LOW_VOLTAGE:
            self.slow_times += time_s >= self._slow_until_s
            self._slow_until_s = time_s + HOLD_S
            self._hot = Firmware.HOT in news or celsius >= HOT_C

    def warning(self, time_s: float) -> tuple[WarningId, str]:
        """The warning, and words for the screen where the warning's own do not tell the cause."""
        if time_s < self._low_until_s:
            return WarningId.LOW_VOLTAGE, ""
        if time_s < self._slow_until_s:
            return WarningId.THROTTLED, "" if self._hot else "SLOWED DOWN, CHECK PSU"
        return WarningId.NONE, ""
