"""Which lights are lit. Pure."""

from __future__ import annotations

from typing import NamedTuple

from ..protocol.shared_state import Mode, Snapshot, Sync

BLINK_S = 0.25
BEAT_SHARE = 0.15  # of a pulse that the beat light is lit; twice that on beat 1


# In Python 3.11 a member of an enum costs a call.
_ARMED, _COUNT_IN, _TRADING = Mode.ARMED, Mode.COUNT_IN, Mode.TRADING
_STILL = (Sync.WAITING, Sync.NO_CLOCK, Sync.STOPPED)


class Lights(NamedTuple):
    human: bool = False
    box: bool = False
    beat: bool = False


def lights(snapshot: Snapshot, time_s: float) -> Lights:
    """Role lights: whose turn it is; both blink while the box waits; dark when stopped."""
    mode, beat = snapshot.mode, _beat(snapshot)
    if mode == _TRADING:
        return Lights(snapshot.seat == 0, snapshot.seat > 0, beat)
    if mode == _COUNT_IN:
        return Lights(beat, False, beat)
    blink = mode == _ARMED and int(time_s / BLINK_S) % 2 == 0
    return Lights(blink, blink, beat)


def _beat(snapshot: Snapshot) -> bool:
    if snapshot.sync in _STILL:
        return False
    length = snapshot.turn_end_beats - snapshot.turn_start_beats
    pulses = max(snapshot.turn_bars * snapshot.bar_pulses, 1)
    pulse_beats = length / pulses if length > 0 else 1.0
    place = (snapshot.beat - snapshot.turn_start_beats) / pulse_beats % 1.0
    return place < BEAT_SHARE * (2 if snapshot.pulse == 1 else 1)
