"""What the harmony is at a beat: chord, progression and their place in time. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord as pitch classes; bit *n* of a mask is pitch class *n* (C = 0).

    ``core`` is triad plus sixth or seventh, ``tensions`` what the symbol adds.
    ``N.C.`` has both masks 0 and ``root`` -1.
    """

    symbol: str
    root: int  # pitch class 0..11, -1 for N.C.
    bass: int  # pitch class 0..11, -1 for N.C.
    core: int  # 12-bit mask
    tensions: int = 0  # 12-bit mask

    @property
    def silent(self) -> bool:
        return self.root < 0

    def core_has(self, pitch: int) -> bool:
        return bool(self.core >> (pitch % 12) & 1)


NO_CHORD = Chord("N.C.", -1, -1, 0)


@dataclass(frozen=True, slots=True)
class Metre:
    """``count`` notes of ``unit`` a bar: 4/4, 3/4, 6/8, 7/8."""

    count: int = 4
    unit: int = 4

    @property
    def bar_beats(self) -> float:
        """Length of a bar in quarter-note beats."""
        return self.count * 4 / self.unit

    @property
    def pulse_beats(self) -> float:
        """Length of one counted beat of the bar in quarter-note beats."""
        return 4 / self.unit

    def __str__(self) -> str:
        return f"{self.count}/{self.unit}"


@dataclass(frozen=True, slots=True)
class Progression:
    """A form: chords in order, each from ``starts_beats[i]`` to the next start.

    ``starts_beats[0]`` is 0; the form repeats every ``form_bars`` bars.
    ``key`` is written as players do: ``Bb``, ``F#m``.
    """

    name: str
    key: str
    metre: Metre
    starts_beats: tuple[float, ...]
    chords: tuple[Chord, ...]
    form_bars: int
    turn_bars: int = 4
    loops: int = 0  # total loops of a set, 0 = until stopped

    @property
    def form_beats(self) -> float:
        return self.form_bars * self.metre.bar_beats

    def index_at(self, form_beat: float) -> int:
        """Which chord sounds ``form_beat`` beats into the form (any chorus, also negative)."""
        return bisect_right(self.starts_beats, form_beat % self.form_beats) - 1

    def chord_at(self, form_beat: float) -> Chord:
        return self.chords[self.index_at(form_beat)]

    def next_chord(self, form_beat: float) -> tuple[Chord, float]:
        """The next *different* chord and how many beats until it sounds.

        A form of one chord returns that chord and the form's length.
        """
        here = self.index_at(form_beat)
        now = self.chords[here]
        count = len(self.chords)
        place = form_beat % self.form_beats
        for step in range(1, count + 1):
            index = here + step
            if self.chords[index % count] != now:
                wait = self.starts_beats[index % count] - place
                return self.chords[index % count], wait + self.form_beats * (index // count)
        return now, self.form_beats

    def renamed(self, name: str) -> Progression:
        return replace(self, name=name)


@dataclass(frozen=True, slots=True)
class Harmony:
    """A progression laid on the box's timeline: form beat 0 is ``origin_beats``."""

    progression: Progression
    origin_beats: float = 0.0

    def chord_at(self, beat: float) -> Chord:
        return self.progression.chord_at(beat - self.origin_beats)

    def next_chord(self, beat: float) -> tuple[Chord, float]:
        return self.progression.next_chord(beat - self.origin_beats)

    def bar_place(self, beat: float) -> float:
        """Beats since the bar line before ``beat``."""
        return (beat - self.origin_beats) % self.progression.metre.bar_beats
