"""Model clocks for tests and benchmarks: when ticks are due, and when they arrive. Pure.

Arrivals are never early: the wire, the driver or the sender makes a tick late. The three models
have the spread and the lateness of field measurements: a drum machine on DIN (sd 0.18 ms), one on
USB (1 ms frames and 2 % of spikes, sd 0.63 ms), and a laptop's sequencer (gamma, sd 2.09 ms).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise
from random import Random

from ..midi.messages import TICKS_PER_BEAT

Late = Callable[[float, Random], float]

_FRAME_S = 0.001


def _din(due_s: float, rng: Random) -> float:
    """Bytes wait for bytes before them: half a normal curve, mean 0.24 ms, sd 0.18 ms."""
    return abs(rng.gauss(0.0, 0.0003))


def _usb(due_s: float, rng: Random) -> float:
    """Sent with the next frame; 2 % come 2 to 6 ms later. Mean 0.7 ms, sd 0.65 ms."""
    sent_s = due_s + abs(rng.gauss(0.0, 0.00015))
    frame_s = -(-sent_s // _FRAME_S) * _FRAME_S
    if rng.random() < 0.02:
        frame_s += rng.uniform(0.002, 0.006)
    return frame_s - due_s


def _laptop(due_s: float, rng: Random) -> float:
    """Gamma of shape 2: mean 2.96 ms, sd 2.09 ms."""
    return rng.gammavariate(2.0, 0.00209 / 2**0.5)


MODELS: dict[str, Late] = {"DIN": _din, "USB": _usb, "laptop": _laptop}


def arrive(due_s: Iterable[float], late: Late, rng: Random) -> list[float]:
    """When each tick arrives: late, and never before the one before it."""
    return list(accumulate((t + late(t, rng) for t in due_s), max))


def ticks_at(bpms: Iterable[float], start_s: float = 0.0) -> list[float]:
    """Due times of ticks; ``bpms`` holds the tempo from each tick to its next."""
    steps = (60.0 / TICKS_PER_BEAT / bpm for bpm in bpms)
    return list(accumulate(steps, initial=start_s))


def steady(bpm: float, ticks: int) -> list[float]:
    """Tempo of each tick for :func:`ticks_at`: one tempo."""
    return [bpm] * ticks


def ramp(first_bpm: float, last_bpm: float, ticks: int) -> list[float]:
    """Tempo of each tick: from one to the other, by the same BPM every tick."""
    return [first_bpm + (last_bpm - first_bpm) * n / ticks for n in range(ticks)]


def stall(arrivals_s: Sequence[float], at: int, length_s: float, byte_s: float) -> list[float]:
    """``arrivals_s`` with nothing for ``length_s`` after tick ``at``, then all of it in a burst."""
    end_s = arrivals_s[at] + length_s
    held = (max(t, end_s) if n > at else t for n, t in enumerate(arrivals_s))
    return list(accumulate(held, lambda before, t: max(t, before + byte_s)))


def without(arrivals_s: Sequence[float], lost: Iterable[int]) -> list[float]:
    """``arrivals_s`` without the ticks numbered ``lost``."""
    gone = set(lost)
    return [t for n, t in enumerate(arrivals_s) if n not in gone]


def doubled(arrivals_s: Sequence[float], twice: Iterable[int], gap_s: float = 0.001) -> list[float]:
    """``arrivals_s`` with the ticks numbered ``twice`` sent again ``gap_s`` later."""
    extra = [arrivals_s[n] + gap_s for n in twice]
    return sorted([*arrivals_s, *extra])


def intervals(times_s: Sequence[float]) -> list[float]:
    return [b - a for a, b in pairwise(times_s)]
