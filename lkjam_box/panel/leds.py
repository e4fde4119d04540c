"""Which lights are lit. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from ..protocol.shared_state import Mode, Snapshot, Sync

BLINK_S = 0.25
BEAT_SHARE = 0.15  # of a pulse that the beat light is lit; twice that on beat 1


@dataclass(frozen=True, slots=True)
class Lights:
    human: bool = False
    box: bool = False
    beat: bool = False


def lights(snapshot: Snapshot, time_s: float) -> Lights:
    """Role lights: whose turn it is; both blink while the box waits; dark when stopped."""
    blink = int(time_s / BLINK_S) % 2 == 0
    beat = _beat(snapshot)
    match snapshot.mode:
        case Mode.TRADING:
            return Lights(snapshot.seat == 0, snapshot.seat > 0, beat)
        case Mode.COUNT_IN:
            return Lights(beat, False, beat)
        case Mode.ARMED:
            return Lights(blink, blink, beat)
        case _:
            return Lights(beat=beat)


def _beat(snapshot: Snapshot) -> bool:
    if snapshot.sync in (Sync.WAITING, Sync.NO_CLOCK, Sync.STOPPED):
        return False
    length = snapshot.turn_end_beats - snapshot.turn_start_beats
    pulses = max(snapshot.turn_bars * snapshot.bar_pulses, 1)
    pulse_beats = length / pulses if length > 0 else 1.0
    place = (snapshot.beat - snapshot.turn_start_beats) / pulse_beats % 1.0
    return place < BEAT_SHARE * (2 if snapshot.pulse == 1 else 1)
