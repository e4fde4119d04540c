"""What is known of the wire that ticks come by: its noise, and whether it is to be trusted.

A grid does not move all the time, and few ticks are lost. Where hypotheses too often say that one
moved or some were lost, ticks come in blocks, as from a sound card (JACK hands over 21 ms at a
time with 1024 frames at 48 kHz); then nothing was lost, and the noise is that of a block.
"""

from __future__ import annotations

_START_S, _GAIN = 0.001, 0.02
_FLOOR_S, _CEILING_S = 0.00005, 0.006
_EARLY_TICKS = 8.0  # the noise is learned faster from the first ticks
_EARLY_IS_OVER = 1.0 / _GAIN - _EARLY_TICKS
_WORSE = 1.25
_CALM_RISE = 1.0005  # a tick
_LOST_SCORE, _MOVED_SCORE, _TOO_OFTEN = 1.0, 2.0, 5.0
_FORGIVEN_TICKS = 48.0  # to forget one lost tick
_BLOCK_SD = 0.3  # spread of arrivals in blocks, as part of a block (1/sqrt(12))
_BLOCK_MARGIN = 1.2
_BLOCK_DECAY, _DOUBT_DECAY = 0.997, 0.97  # at each tick; at one too exact for a block
_BLOCK_OVER = 0.1  # part of the noise of blocks below which ticks come in blocks no more


class TickNoise:
    """``noise_s`` is the standard deviation of arrivals."""

    def __init__(self, noise_s: float = _START_S) -> None:
        self.noise_s = noise_s
        self.calm_s = noise_s  # the least it was of late: what losses and stumbles add is left out
        self._least_s = _FLOOR_S
        self._block_s = 0.0  # 0: ticks do not come in blocks
        self._score = 0.0
        self._lost = 0  # ticks found lost since the score was 0

    def hear(self, error_s: float, spread: float, known_ticks: int) -> None:
        """Learn from a tick that came as foretold; ``spread`` is its expected size in sd."""
        noise_s = self.noise_s
        size_s = 1.25 * min(abs(error_s), 4.0 * noise_s) / spread  # mean size to sd
        gain = _GAIN if known_ticks > _EARLY_IS_OVER else 1.0 / (known_ticks + _EARLY_TICKS)
        noise_s += gain * (size_s - noise_s)
        if not self._least_s <= noise_s <= _CEILING_S:
            noise_s = min(max(noise_s, self._least_s), _CEILING_S)
        self.noise_s = noise_s
        self.calm_s *= _CALM_RISE
        if self.calm_s > noise_s:
            self.calm_s = noise_s
        if size_s < 0.5 * self._least_s:
            self._least_s *= _DOUBT_DECAY

    def forgive(self) -> None:
        """Call it at each tick: the score of lost and moved ticks, and of blocks, gets smaller."""
        self._score -= 1.0 / _FORGIVEN_TICKS
        if self._score <= 0.0:
            self._score, self._lost = 0.0, 0
        self._least_s *= _BLOCK_DECAY
        if self._least_s < max(_FLOOR_S, _BLOCK_OVER * _BLOCK_SD * self._block_s):
            self._least_s, self._block_s = _FLOOR_S, 0.0

    def worse(self) -> None:
        """Raise the noise: nothing else explains the last ticks."""
        self.noise_s = min(_WORSE * self.noise_s, _CEILING_S)

    def believes(self, moved_s: float, lost: int) -> bool:
        """Whether the grid may have moved by ``moved_s`` with ``lost`` ticks; if so, counts it."""
        score = self._score + (_LOST_SCORE if lost > 0 else _MOVED_SCORE)
        if moved_s < self._block_s or score > _TOO_OFTEN:
            return False
        self._score = score
        self._lost += lost
        return True

    def take_back(self, lost: int) -> None:
        """Count ``lost`` ticks as not lost: the last hypothesis was wrong after all."""
        self._lost -= lost

    def distrust(self, moved_s: float) -> int:
        """Take ticks to come in blocks; returns how many were called lost and were not."""
        block_s = max(moved_s, self._block_s / _BLOCK_MARGIN)
        self.noise_s = min(max(_BLOCK_SD * block_s, self.noise_s), _CEILING_S)
        self._least_s, self._block_s = self.noise_s, _BLOCK_MARGIN * block_s
        lost, self._lost, self._score = self._lost, 0, 0.0
        return lost
