"""The rigs of the tests: a band on cables at default options, and what is asked of a gig."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import CONTROL_CHANGE
from lkjam_box.music.library import Library
from lkjam_box.music.note import Note
from lkjam_box.play.rig import WIRE_S, RigGig
from lkjam_box.play.rig_ear import Tone
from lkjam_box.play.rig_hands import Stroke
from lkjam_box.play.rig_instruments import Instrument, Port
from lkjam_box.play.rig_sequencer import FIRST_TICK_S, Sequencer
from lkjam_box.protocol.engine import Role
from lkjam_box.protocol.records import EngineId
from lkjam_box.protocol.shared_state import WarningId
from tests.play.world import small_library

BOX = (79, 81, 83, 84)  # pitches that only the box plays
CLICKS = (76, 77)
PLAYER = (60, 62, 64, 65, 67, 69, 65, 62, 67, 64, 60, 57, 59, 60)
START_S = 1.0  # when drum machines start
PREROLL, TURN = 4.0, 8.0  # beats of the count-in and of a turn
ON_TIME_S = 0.006


class Answerer:
    """Answers eighths on pitches of its own, and remembers what it heard of whom."""

    id = EngineId.GRU

    def __init__(self) -> None:
        self.heard: list[tuple[float, Note, Role]] = []  # start of the turn, note, who

    def hear(self, note, position, role, scene):
        self.heard.append((scene.start_beats, note, role))

    def answer(self, question):
        scene, onset = question.scene, question.scene.start_beats
        number = 0
        while onset < scene.end_beats - 0.25:
            yield Note(onset, BOX[number % len(BOX)], 90, 0.4)
            onset, number = onset + 0.5, number + 1

    def forget(self):
        self.heard.clear()


def library(turn_bars: int = 2) -> Library:
    """Tunes whose own turns are so long: what a player chooses by choosing the tune."""
    tunes = small_library().progressions
    return Library(0, tuple(replace(tune, turn_bars=turn_bars) for tune in tunes))


def gig_of(*instruments: Instrument, turn_bars: int = 2, **options: object) -> RigGig:
    """A gig at default options, but for those named."""
    config = override(Config(), options) if options else Config()
    engines: list[Answerer] = []

    def make(_: EngineId) -> Answerer:
        engines.append(Answerer())
        return engines[-1]

    gig = RigGig(instruments, config, library(turn_bars), make)
    gig.engines = engines
    return gig


# --- instruments without bad manners


def keyboard(client="Arturia KeyStep 37", **more) -> Instrument:
    return Instrument(client, path=more.pop("path", "1-1.1"), **more)


def synth(client="minilogue xd", **more) -> Instrument:
    ports = more.pop("ports", [Port("", sends=False)])
    return Instrument(client, ports, path=more.pop("path", "1-1.3"), sounds=True, **more)


def drums(client="TR-8S", **more) -> Instrument:
    """A drum machine: it plays a sample for every note that it gets."""
    return Instrument(client, path=more.pop("path", "1-1.2"), sounds=True, **more)


# --- when things are


def when(beat: float, bpm: float = 120.0, start_s: float = START_S) -> float:
    """When a beat falls of a drum machine started at ``start_s``."""
    return start_s + FIRST_TICK_S + beat * 60 / bpm


def human_lines(count: int, turn: float = TURN) -> list[float]:
    """Beats at which the human's turns begin."""
    return [PREROLL + 2 * turn * number for number in range(count)]


def melody(
    line: float,
    bpm: float = 120.0,
    start_s: float = START_S,
    pitches: Sequence[int] = PLAYER,
    step: float = 0.5,
    length: float = 0.4,
) -> list[Stroke]:
    """Eighths in the turn that begins at ``line``; they end before the next line."""
    return [
        Stroke(
            when(line + 0.25 + step * n, bpm, start_s),
            when(line + 0.25 + step * n + length, bpm, start_s),
            pitch,
            80 + n % 20,
        )
        for n, pitch in enumerate(pitches)
    ]


def trade(
    gig: RigGig,
    player: Instrument,
    machine: Sequencer,
    turns: int = 3,
    start_s: float = START_S,
    pitches: Sequence[int] = PLAYER,
) -> float:
    """Start the machine, play in each turn, run past the last answer; returns when that is."""
    machine.start(start_s)
    for line in human_lines(turns):
        player.play(*melody(line, machine.bpm, start_s, pitches))
    until_s = when(PREROLL + 2 * TURN * turns + 0.5, machine.bpm, start_s)
    gig.run(until_s)
    return until_s


# --- what came of it


def calls(gig: RigGig) -> list[list[Note]]:
    """What the box took for the call in each human turn in which it heard something."""
    found: list[list[Note]] = []
    last: float | None = None
    for line, note, role in gig.engines[0].heard:
        if role is Role.HUMAN:
            if line != last:
                found.append([])
            found[-1].append(note)
        last = line if role is Role.HUMAN else None  # an answer between them parts two calls
    return found


def pitches(gig: RigGig) -> list[list[int]]:
    return [[note.pitch for note in call] for call in calls(gig)]


def answers(gig: RigGig) -> Iterator[Note]:
    """The notes of every answer that is over."""
    for answer in gig.answers:
        yield from answer.notes


def box_tones(instrument: Instrument) -> list[Tone]:
    return [tone for tone in instrument.ear.tones if tone.pitch in BOX]


def thru_tones(instrument: Instrument) -> list[Tone]:
    """What sounded that neither the box nor the click played."""
    return [tone for tone in instrument.ear.tones if tone.pitch not in (*BOX, *CLICKS)]


def assert_answered(gig: RigGig, sound: Instrument, machine: Sequencer, turns: int) -> None:
    """``turns`` answers, each heard whole at its time by the machine's clock, once and clean."""
    assert len(gig.answers) == turns, f"{len(gig.answers)} answers, not {turns}"
    due = list(answers(gig))
    assert len(due) == turns * 2 * TURN, "the engine's eighths"
    heard = box_tones(sound)
    assert [tone.pitch for tone in heard] == [note.pitch for note in due]
    for note, tone in zip(due, heard, strict=True):
        off_s = tone.start_s - WIRE_S - machine.time_of(note.onset_beats)
        assert abs(off_s) < ON_TIME_S, f"{note} is {1000 * off_s:.1f} ms off"
        long_s = note.duration_beats * 60 / machine.bpm
        assert abs(tone.key_up_s - tone.start_s - long_s) < 2 * ON_TIME_S, f"{note} cut: {tone}"
        assert not tone.faults, f"{tone}: {tone.faults}"


def assert_silence(gig: RigGig, *instruments: Instrument) -> None:
    """Nothing sounds, as the ledger knows it, on the wires, and at the instruments."""
    assert not gig.sounding()
    assert not any(gig.wires().values()), gig.wires()
    for instrument in instruments:
        assert not instrument.ear.sounding, (instrument.client, instrument.ear.sounding)


def warnings(gig: RigGig, until_s: float, every_s: float = 0.25) -> list[WarningId]:
    """Ask before running: the warnings that the screen shows, filled in as the gig runs."""
    seen: list[WarningId] = []

    def look() -> None:
        seen.append(WarningId(gig.snapshot().warning))
        if gig.now_s + every_s < until_s:
            gig.at(gig.now_s + every_s, look)

    gig.at(gig.now_s, look)
    return seen


def controllers(instrument: Instrument, *numbers: int) -> list[tuple[int, int]]:
    """(number, value) of the controllers that it got."""
    return [
        (m.number, m.value)
        for _, _, m in instrument.got
        if m.kind == CONTROL_CHANGE and (not numbers or m.number in numbers)
    ]


def dice(*words: object) -> Random:
    return Random(" ".join(map(str, words)))
