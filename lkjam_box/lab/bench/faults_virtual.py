"""The faults of ``bench faults`` a thousand times each, in virtual time: the real stage and brain
die at random moments; a delay stands for the supervisor."""

from __future__ import annotations

from random import Random

from ...brain.markov import MarkovEngine
from ...config.load import override
from ...config.options import Config
from ...midi.messages import NOTE_ON, START, STOP, TICK, note_off, note_on, real_time
from ...music.library import Library, load_library
from ...play.clock_jitter import MODELS
from ...play.crash import SILENT_S, CrashGig
from ...play.sent_notes import sounding
from ...service.stage_progress import QUIET_S, STUCK_S
from ...tempo.external_clock import ExternalClock

PER_GIG = 25
APART_S = 12.0
BPM = 180.0
TURN_S = 4 * 60 / BPM
BACK_S = (0.05, 0.5)  # until a new stage plays: `bench faults` measured 0.08 s
SETTLED_S = 0.3  # from a stage's return: three ticks, and the brain's answer
WITHIN_S = 0.02
HANG_S = 5.0  # after which a silent brain is killed
NAMES = ("stage killed", "stage stopped", "brain killed", "brain stopped")
CHANGES = {
    "turns.turn_bars": 1,
    "turns.preroll_bars": 0,
    "brain.channel": 2,
    "thru.channel": 1,
    "brain.engine": "markov",
}


class Faulty(CrashGig):
    """A set with faults ``APART_S`` apart; ``spans``: (fault, all is well again) in seconds."""

    def __init__(self, config: Config, library: Library, name: str, rng: Random) -> None:
        super().__init__(config, library, ExternalClock, lambda _: MarkovEngine())
        self.spans: list[tuple[float, float]] = []
        self.silences: list[float] = []
        self._lost_as = {
            "stage killed": self._stage_killed,
            "stage stopped": self._stage_stopped,
            "brain killed": self._brain_killed,
            "brain stopped": self._brain_stopped,
        }[name]
        self.end_s = (PER_GIG + 1) * APART_S
        self._play(rng)
        for number in range(PER_GIG):
            self._lost_as((number + 1) * APART_S + rng.uniform(0, 4), rng)

    def _play(self, rng: Random) -> None:
        late = MODELS["DIN"]
        self.clock_byte(0.09, real_time(START))
        for tick in range(int(self.end_s * BPM * 24 / 60)):
            due_s = 0.1 + tick * 60 / BPM / 24
            self.clock_byte(due_s + late(due_s, rng), real_time(TICK))
        now_s = 0.2
        while now_s < self.end_s - 2:
            pitch = rng.randrange(55, 80)
            self.key(now_s, note_on(0, pitch, 90))
            self.key(now_s + rng.uniform(0.05, 0.8), note_off(0, pitch))
            now_s += rng.uniform(0.1, 0.5)
        self.clock_byte(self.end_s - 0.1, real_time(STOP))

    def _stage_killed(self, at_s: float, rng: Random) -> None:
        away_s = rng.uniform(*BACK_S)
        self.kill(at_s, away_s)
        self._note(at_s, away_s, SILENT_S)

    def _stage_stopped(self, at_s: float, rng: Random) -> None:
        away_s = STUCK_S + rng.uniform(*BACK_S)
        silent_s = QUIET_S + rng.uniform(0.0, 0.05)
        self.kill(at_s, away_s, silent_s)
        self._note(at_s, away_s, silent_s)

    def _note(self, at_s: float, away_s: float, silent_s: float) -> None:
        self.silences.append(at_s + (silent_s if silent_s > WITHIN_S else 0.0) + WITHIN_S)
        self.spans.append((at_s, at_s + away_s + SETTLED_S))

    def _brain_killed(self, at_s: float, rng: Random) -> None:
        self._brain_gone(at_s, 0.005, rng)

    def _brain_stopped(self, at_s: float, rng: Random) -> None:
        self._brain_gone(at_s, HANG_S, rng)

    def _brain_gone(self, at_s: float, seen_s: float, rng: Random) -> None:
        self.kill_brain_at(at_s, seen_s, rng.uniform(0.5, 4.0))
        self.spans.append((at_s, at_s))


def run(name: str, tries: int, seed: int = 1) -> tuple[int, int, int, int]:
    """(tries, notes that sounded on, most turns lost by one fault, turns lost after recovery)."""
    config = override(Config(), CHANGES)
    library, _ = load_library(config.music)
    rng = Random(f"{name} {seed}")
    done = sounds = most = later = 0
    while done < tries:
        played = Faulty(config, library, name, rng)
        played.run(played.end_s)
        for silence_s in played.silences:
            sounds += len(sounding(sent for sent in played.sent if sent.time_s <= silence_s))
        sounds += len(played.sounding())
        answered = {
            int((sent.time_s - 0.1 + 0.01) // TURN_S)
            for sent in played.sent
            if (sent.output, sent.message.kind, sent.message.channel) == ("synth", NOTE_ON, 1)
        }
        for at_s, back_s in played.spans:
            first, back = (int((time_s - 0.1) // TURN_S) for time_s in (at_s, back_s))
            until = int((at_s + APART_S - 5) // TURN_S)
            lost = [n for n in range(first, until) if n % 2 and n not in answered]
            most = max(most, len(lost))
            later += sum(n > back or back_s == at_s for n in lost)
        done += len(played.spans)
    return done, sounds, most, later
