"""The tempo a screen shows: one decimal that stands still until the tempo really moves."""

from __future__ import annotations

_HYSTERESIS_BPM = 0.08  # more than half a step, so that 120.05 does not flicker
_SURE_SD = 4.0
_WORTH_SHOWING_BPM = 2.0  # known worse than this, a first tempo is not shown


class StickyBpm:
    """``shown`` is 0 until there is a tempo worth showing."""

    def __init__(self) -> None:
        self.shown = 0.0

    def see(self, bpm: float, sd_bpm: float) -> float:
        """Take the estimate and its standard deviation; returns the tempo to show."""
        if not self.shown:
            if sd_bpm < _WORTH_SHOWING_BPM:
                self.shown = round(bpm, 1)
        elif abs(bpm - self.shown) > max(_HYSTERESIS_BPM, _SURE_SD * sd_bpm):
            self.shown = round(bpm, 1)
        return self.shown
