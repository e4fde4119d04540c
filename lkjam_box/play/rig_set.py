"""A whole set on a rig, in virtual time, and what the box made of the rig."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from ..config.load import override
from ..midi.messages import NOTE_OFF, NOTE_ON, Message, note_off, note_on
from ..protocol import records
from ..protocol.engine import Engine
from ..protocol.shared_state import Snapshot, WarningId
from .plan import Plan
from .rig import RigGig
from .rig_ear import LOCAL
from .rig_hands import Stroke
from .rig_instruments import Instrument
from .rig_sequencer import FIRST_TICK_S
from .rigs import Band, Rig
from .sent_notes import BOX_CHANNEL, CLICK_CHANNEL, PLAYER_CHANNEL, Sent
from .take import Take
from .tempo_map import TempoMap
from .virtual_set import SCREEN_HZ, START_S, TAIL_S, take_of

SETTLE_S = 1.0  # from power-on to Start: ports are opened, roles are told


@dataclass(frozen=True, slots=True)
class Heard:
    """What an instrument sent and what was heard of it."""

    name: str
    sounds: bool  # it has a sound
    sent: int  # keys and notes of its own pattern
    got: int  # note-ons
    thru: int  # keys of the player's that sounded on it by the box
    twice: int  # of its own keys, those that the box gave back
    box: int  # notes and clicks of the box that sounded on it
    faults: dict[str, int]  # of these, how many were silent, bent, cut ...

    @property
    def text(self) -> str:
        wrong = ", ".join(f"{count} {word}" for word, count in self.faults.items()) or "all clean"
        words = [
            f"sent {self.sent} notes" if self.sent else "",
            f"{self.twice} OF THEM TWICE" if self.twice else "",
            f"sounded {self.thru} of your keys" if self.thru else "",
            f"{self.box} of the box's notes, {wrong}" if self.box else "",
            f"got {self.got}, which nobody hears" if self.got and not self.sounds else "",
            "got none" if not self.got else "",
        ]
        return "; ".join(filter(None, words))


@dataclass(frozen=True, slots=True)
class RigReport:
    """``devices`` are lines of the port manager's: what each is for and where its keys go."""

    devices: tuple[str, ...]
    heard: tuple[Heard, ...]
    in_call: int  # notes of the player's that were taken for melody
    strokes: int  # that he played
    warnings: tuple[str, ...]  # that the screen showed

    @property
    def well(self) -> bool:
        """Whether no key sounded twice and no note of the box had a fault."""
        return not any(one.twice or one.faults for one in self.heard)

    def lines(self) -> list[str]:
        width = max((len(one.name) for one in self.heard), default=0)
        return [
            "devices:",
            *(f"  {line}" for line in self.devices),
            "heard:",
            *(f"  {one.name:<{width}}  {one.text}" for one in self.heard),
            f"melody: {self.in_call} notes taken, {self.strokes} played",
            f"the screen said: {', '.join(self.warnings) or 'nothing'}",
        ]


def play_on(
    rig: Rig,
    plan: Plan,
    make_engine: Callable[[records.EngineId], Engine],
    *,
    on_snapshot: Callable[[float, Snapshot], None] = lambda time_s, snapshot: None,
    progress: Callable[[float], None] | None = None,
) -> tuple[Take, RigReport]:
    """Trade the plan's loops on ``rig``, with the options of the plan."""
    band = rig.build(Random(plan.seed))
    config = override(plan.config, {"turns.loops": plan.loops, "clock.source": "external"})
    gig = RigGig(band.instruments, config, plan.library, make_engine, seed=plan.seed)
    for instrument in band.instruments:
        instrument.gig = gig
    grid = gig.stage.scheduler.grid
    preroll, end = grid.start_beats, grid.start_beats + plan.loops * grid.turn_beats
    changes = [(0.0, plan.tempo[0][1])]
    changes += [(preroll + beat, bpm) for beat, bpm in plan.tempo if beat > 0]
    tempo = TempoMap(changes, SETTLE_S + START_S)
    _start(gig, band, tempo, end)
    strokes = [
        Stroke(tempo.time_of(n.onset_beats + preroll), tempo.time_of(n.end_beats + preroll),
               n.pitch, n.velocity)
        for n in plan.calls
        if -preroll <= n.onset_beats < end - preroll
    ]  # fmt: skip
    band.play(strokes)
    seen: dict[str, None] = {}

    def look(time_s: float, snapshot: Snapshot) -> None:
        if snapshot.warning:
            seen[WarningId(snapshot.warning).name.replace("_", " ")] = None
        on_snapshot(time_s, snapshot)

    until_s = tempo.time_of(end) + TAIL_S
    gig.watch(1 / SCREEN_HZ, until_s, lambda time_s, _: look(time_s, gig.snapshot()))
    gig.run(until_s, progress and (lambda now_s: progress(now_s / until_s)))
    take = take_of(gig, tempo, end, _parted(gig))
    report = RigReport(
        devices=tuple(gig.manager.routes()),
        heard=tuple(_heard(one) for one in band.instruments),
        in_call=len({(r.serial, r.seq) for _, r in gig.told if isinstance(r, records.Heard)}),
        strokes=len(strokes),
        warnings=tuple(seen),
    )
    gig.stage.close(until_s)
    return take, report


def _start(gig: RigGig, band: Band, tempo: TempoMap, end_beats: float) -> None:
    """Switch everything on, say what the player chose, start and stop the machine."""
    machine = band.machine
    machine.bpm = tempo.bpm_at(0)
    for sequencer in (band.idle, machine):
        if sequencer is not None:
            sequencer.power(0.05)
    for instrument, roles in band.told.items():
        gig.tell_role(SETTLE_S / 2, instrument, int(roles))
    for beat, bpm in tempo.changes[1:]:
        gig.at(tempo.time_of(beat), partial(setattr, machine, "bpm", bpm))
    machine.start(tempo.time_of(0) - FIRST_TICK_S)
    machine.stop(tempo.time_of(end_beats) + 0.01)


def _parted(gig: RigGig) -> list[Sent]:
    """What the stage sent, with the channels that a take tells its parts by."""
    options = gig.stage.options.metronome
    clicks = {options.bar_note, options.beat_note}
    melody = {s.message.channel for s in gig.sent if _is_key(s.message, clicks)}
    parted = []
    for sent in gig.sent:
        message = sent.message
        if sent.output != "synth" or message.kind not in (NOTE_ON, NOTE_OFF):
            continue
        click = message.pitch in clicks and message.channel not in melody
        channel = CLICK_CHANNEL if click else PLAYER_CHANNEL if message.origin else BOX_CHANNEL
        moved = note_off(channel - 1, message.pitch)
        if message.kind == NOTE_ON:
            moved = note_on(channel - 1, message.pitch, message.velocity)
        parted.append(Sent(sent.time_s, sent.output, moved))
    return parted


def _is_key(message: Message, clicks: set[int]) -> bool:
    return message.kind == NOTE_ON and message.pitch not in clicks


def _heard(one: Instrument) -> Heard:
    sent = [message.pitch for _, _, message in one.sent if message.kind == NOTE_ON]
    box = [tone for tone in one.ear.tones if not tone.origin]
    thru = [tone for tone in one.ear.tones if tone.origin not in ("", LOCAL)]
    twice = sum(tone.pitch in sent for tone in thru) if one.sounds and one.local else 0
    faults = Counter(word for tone in box for word in tone.faults)
    got = one.strikes()
    return Heard(one.client, one.sounds, len(sent), got, len(thru), twice, len(box), dict(faults))
