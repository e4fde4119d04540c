"""One answer of the Markov engine: phrases and rests over the changes, inside the turn. Pure.

Places are twelfths of a beat from the turn's first line: eighths, triplets and sixteenths
are all on that grid. Swing and lag are added last, so harmony is looked up by place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from ..music.harmony import Chord
from ..music.note import Note
from ..music.scales import key_mask, pitch_weights
from .engine import REGISTER_STEP, Dials, Feel, Scene, Strategy
from .licks import STEP_SHARES, STEPS, VOCABULARY
from .reply import Motif, centre_of, pace_of, said_again
from .suffixes import ORDER, START, Step, Suffixes, symbol

CLOSING_BEATS = 1 / 24  # silence kept before the turn's end
_FIRST_PLACES = (0, 0, 0, 0, 6, 6, 12, 18)
_SOON = (0, 0, 6)  # and where it goes on from the call
_LAST_MARGINS = (3, 6, 6, 12, 18)
_PHRASE_BEATS = (2.0, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0)
_REST_BEATS = (0.5, 1.0, 1.0, 1.5, 2.0, 2.5)
_END_BEATS = (0.4, 0.5, 0.9, 1.0, 1.5)
_MOTIF_SHARES = (0.7, 0.35)  # how often the first and a later phrase begins with a motif
_MOTIF_STEPS = (3, 8)  # of how many steps at least and at most
_NEWEST = 6  # how many of a context's followers are weighed for pitch, newest first
_NEWEST_STEPS = 24  # and drawn from for rhythm
_BENDS = ((0, 1.0), (1, 0.25), (-1, 0.25))  # a heard interval, and the next ones
_COPY_BENDS = ((0, 1.0), (1, 0.4), (-1, 0.4), (2, 0.1), (-2, 0.1))  # from a pitch said again
_OWN_WORDS = (Strategy.CONTINUATION, Strategy.CONTRAST)  # no motif is said again
_STRAIGHT = (Feel.LATIN, Feel.FUNK, Feel.EVEN)  # feels that do not swing
_SHARPNESS = (1.0, 1.15, 1.4, 1.6)  # pull to the chord: off the beat, on it, mid-bar, beat 1


@dataclass(frozen=True, slots=True)
class Taste:
    """What a line takes over from the player. Numbers are 0 while nothing was heard."""

    context: tuple[int, ...]
    motif: Motif  # the last phrase
    last_pitch: int
    pitch: float
    velocity: float
    offbeat: float  # place of the off-beat eighth in its beat
    phrases_beats: tuple[float, ...]
    rests_beats: tuple[float, ...]


class Line:
    """Makes one answer; every number it draws comes from ``random``."""

    def __init__(
        self, heard: Suffixes, taste: Taste, scene: Scene, dials: Dials, random: Random
    ) -> None:
        self._heard, self._taste, self._scene, self._random = heard, taste, scene, random
        low, high = dials.window
        self._low, self._high = max(0, low), min(127, high)
        temperature, self._top_p = dials.heated
        self._cool = 1 / max(temperature, 0.05)
        strategy, self._move = scene.strategy, REGISTER_STEP * dials.register
        self._said = said_again(strategy, taste.motif)
        self._pace = pace_of(strategy, scene.density, taste.motif.steps)
        harmony = scene.harmony
        metre = harmony.progression.metre
        self._swing = self._swing_beats() if metre.unit == 4 else 0.0
        self._key = key_mask(harmony.progression.key)
        self._fits: dict[tuple[int, float], list[float]] = {}
        self._bar = round(metre.bar_beats * 12)
        self._bar_shift = round(harmony.bar_place(scene.start_beats) * 12)
        self._pulse = 12 * 4 // metre.unit
        length = int((scene.end_beats - scene.start_beats) * 12)
        self._limit = length - min(random.choice(_LAST_MARGINS), length // 4)
        middle = (self._low + self._high) / 2
        pitch = self._fold(taste.pitch + self._move if taste.pitch else middle)
        self._centre = centre_of(strategy, pitch, self._low, self._high)
        self._before = -1  # the pitch before the last one

    def notes(self) -> Iterator[Note]:
        """The answer, each note as soon as the next one's onset is known."""
        random, taste = self._random, self._taste
        place = self._first_place()
        onset = self._onset(place)
        context, pitch = self._first(place)
        motif = self._motif(_MOTIF_SHARES[0], pitch)
        while place < self._limit:
            phrase_end = place + self._habit(taste.phrases_beats, _PHRASE_BEATS)
            if self._said.steps:
                phrase_end = place + self._said.twelfths + 6
            while True:
                target = None
                if motif:
                    step, target = motif.pop()
                    steps: Sequence[Step] = [step]
                elif self._said.steps:
                    break
                else:
                    steps = self._steps(context)
                _, twelfths, sounding = self._newest(steps)
                if target is None:
                    twelfths = self._pace.step(twelfths, random.random())
                after = self._after(place, twelfths)
                if after >= min(phrase_end, self._limit):
                    break
                then = max(self._onset(after), onset + 0.06)
                yield self._note(place, onset, pitch, (then - onset) * sounding)
                if target is None:
                    following = self._next_pitch(steps, pitch, after)
                else:
                    following = self._copied(target, after)
                context = [*context[1 - ORDER :], symbol(following - pitch, after - place)]
                self._before, pitch, place, onset = pitch, following, after, then
            pitch = self._on_chord(pitch, place)
            room = self._scene.end_beats - CLOSING_BEATS - onset
            if room <= 0.02:
                return
            last = min(random.choice(_END_BEATS), room)
            yield self._note(place, onset, pitch, last)
            rest = round(self._habit(taste.rests_beats, _REST_BEATS) * self._pace.rests)
            place = self._eighth(place + max(round(last * 12) + rest, 6))
            onset = max(self._onset(place), onset + last)
            if place >= self._limit - 12:
                return
            pitch = self._said_first(place) if self._said.steps else self._opening(place, pitch)
            context = [START]
            motif = self._motif(_MOTIF_SHARES[1], pitch)

    def _first_place(self) -> int:
        """Where the answer begins; what is said again, where it fell in its bar."""
        place = self._random.choice(
            _SOON if self._scene.strategy is Strategy.CONTINUATION else _FIRST_PLACES
        )
        if self._said.steps:
            place = (round(self._said.place_beats * 12) - self._bar_shift) % self._bar
        return self._eighth(place) if place < self._limit // 3 else 0

    def _first(self, place: int) -> tuple[list[int], int]:
        """The words before the first note, and its pitch."""
        taste, strategy = self._taste, self._scene.strategy
        heard = taste.context and strategy is not Strategy.CONTRAST
        keen = strategy is Strategy.CONTINUATION or self._random.random() < 0.4
        context = list(taste.context) if heard and keen else [START]
        if self._said.steps:
            return context, self._said_first(place)
        last = taste.last_pitch + self._move if taste.last_pitch else self._centre
        near = round(self._fold(last if strategy is not Strategy.CONTRAST else self._centre))
        if strategy is Strategy.CONTINUATION and taste.context:
            return context, self._next_pitch(self._steps(context), near, place)
        return context, self._opening(place, near)

    # --- rhythm

    def _swing_beats(self) -> float:
        """How much later than straight the off-beat eighth comes; the player's, or by tempo."""
        heard = self._taste.offbeat
        if self._scene.feel in _STRAIGHT:
            return 0.0
        if heard:
            return max(0.0, min(0.16, heard - 0.5))
        return 0.08 if 120 <= self._scene.bpm <= 240 else 0.04

    def _bar_place(self, place: int) -> int:
        return (place + self._bar_shift) % self._bar

    def _after(self, place: int, twelfths: int) -> int:
        """Where the next note falls: groups of three or four stay such, all else is eighths."""
        inside = self._bar_place(place) % 12
        if self._pulse == 6 and twelfths >= 4:  # n/8: the eighths are the triplets
            return self._eighth(place + twelfths, place + 2)
        if twelfths == 4 and inside in (0, 4, 8):
            return place + 4
        if twelfths < 4:
            return place + (4 if inside in (4, 8) else 3)
        return self._eighth(place + twelfths, place + 2)

    def _eighth(self, place: int, earliest: int = 0) -> int:
        """The nearest eighth of the bar, not before ``earliest``."""
        shift = self._bar_place(place) % 6
        nearest = place - shift + (6 if shift > 3 else 0)
        return nearest if nearest >= earliest else nearest + 6

    def _onset(self, place: int) -> float:
        late = 0.035 * self._random.random()
        if self._bar_place(place) % 12 == 6:
            late += self._swing
        return self._scene.start_beats + place / 12 + late

    def _habit(self, heard: Sequence[float], known: Sequence[float]) -> int:
        """A length in twelfths, the player's more often than not once there are some."""
        random = self._random
        lengths = heard if len(heard) > 2 and random.random() < 0.6 else known
        return max(3, round(random.choice(lengths) * 12))

    # --- steps

    def _motif(self, share: float, pitch: int) -> list[tuple[Step, int | None]]:
        """Steps to begin a phrase with, in reverse: of the player's last one, often none; or
        all that is said again, with the pitches that they lead to from ``pitch``."""
        if self._said.steps:
            reached = [pitch + offset for offset in self._said.offsets[1:]]
            return list(zip(self._said.steps, reached, strict=True))[::-1]
        heard, random = self._taste.motif.steps, self._random
        if not heard or self._scene.strategy in _OWN_WORDS or random.random() >= share:
            return []
        first = random.choice((0, 0, max(0, len(heard) - _MOTIF_STEPS[1])))
        taken = heard[first : first + random.randint(*_MOTIF_STEPS)]
        return [(step, None) for step in reversed(taken)]

    def _steps(self, context: Sequence[int]) -> Sequence[Step]:
        heard = self._scene.strategy is not Strategy.CONTRAST
        return (
            (self._heard.followers(context, self._random) if heard else ())
            or VOCABULARY.followers(context, self._random)
            or STEPS
        )

    def _newest(self, steps: Sequence[Step]) -> Step:
        """One of them, newer ones more often."""
        share = self._random.random()
        if steps is STEPS:
            return STEPS[int(share * len(STEPS))]
        return steps[-1 - int(share * share * min(len(steps), _NEWEST_STEPS))]

    # --- pitch

    def _fold(self, pitch: float) -> float:
        """The same note by octaves inside the register, or its edge."""
        while pitch < self._low and pitch + 12 <= self._high:
            pitch += 12
        while pitch > self._high and pitch - 12 >= self._low:
            pitch -= 12
        return max(self._low, min(self._high, pitch))

    def _chord(self, place: int) -> Chord:
        return self._scene.harmony.chord_at(self._beat(place))

    def _beat(self, place: int) -> float:
        return self._scene.start_beats + place / 12 + 1e-6

    def _fit(self, place: int) -> list[float]:
        """How well each pitch class sits at ``place``."""
        harmony = self._scene.harmony
        index = harmony.progression.index_at(self._beat(place) - harmony.origin_beats)
        sharpness = self._sharpness(place)
        fit = self._fits.get((index, sharpness))
        if fit is None:
            weights = pitch_weights(harmony.progression.chords[index], self._key)
            fit = self._fits[index, sharpness] = [weight**sharpness for weight in weights]
        return fit

    def _sharpness(self, place: int) -> float:
        inside = self._bar_place(place)
        if inside == 0:
            return _SHARPNESS[3]
        if inside % self._pulse:
            return _SHARPNESS[0]
        return _SHARPNESS[2] if inside * 2 == self._bar else _SHARPNESS[1]

    def _next_pitch(self, steps: Sequence[Step], pitch: int, place: int) -> int:
        """The heard intervals, each also bent a little, weighed by the chord at ``place``."""
        if steps is STEPS:
            return self._drawn({pitch + i: share for i, share in STEP_SHARES}, pitch, place)
        weights: dict[int, float] = {}
        for interval, _, _ in steps[-_NEWEST:]:
            for bend, share in _BENDS:
                reached = pitch + interval + bend
                weights[reached] = weights.get(reached, 0.0) + share
        return self._drawn(weights, pitch, place)

    def _said_first(self, place: int) -> int:
        """Where what is said again begins: moved by octaves, then to the chord."""
        said = self._said
        return self._copied(said.first_pitch(self._low, self._high, said.pitch + self._move), place)

    def _copied(self, pitch: int, place: int) -> int:
        """``pitch``, or one beside it that sits better on the chord."""
        fit = self._fit(place)
        return self._pick(
            [
                (share * fit[reached % 12], reached)
                for bend, share in _COPY_BENDS
                if self._low <= (reached := pitch + bend) <= self._high
            ]
            or [(1.0, round(self._fold(pitch)))]
        )

    def _opening(self, place: int, near: int) -> int:
        return self._drawn({near + d: 6.0 - abs(d) for d in range(-5, 6)}, near, place)

    def _drawn(self, weights: dict[int, float], pitch: int, place: int) -> int:
        fit = self._fit(place)
        low, high, centre, before = self._low, self._high, self._centre, self._before
        ranked = []
        for reached, share in weights.items():
            if not low <= reached <= high:
                continue
            weight = share * fit[reached % 12]
            if reached == pitch:
                weight *= 0.3
            elif reached == before:
                weight *= 0.6
            away = abs(reached - centre)
            if away > 8:
                weight *= 8 / away / (away - 7)
            ranked.append((weight, reached))
        if not ranked:
            return self._on_chord(round(self._fold(pitch)), place)
        return self._pick(ranked)

    def _pick(self, weighed: list[tuple[float, int]]) -> int:
        """One of (weight, pitch), by temperature and top-p."""
        cool = self._cool
        ranked = [(weight if cool == 1.0 else weight**cool, pitch) for weight, pitch in weighed]
        ranked.sort(reverse=True)
        kept = self._top_p * sum(weight for weight, _ in ranked)
        drawn = self._random.random() * kept
        for weight, pitch in ranked:
            drawn -= weight
            if drawn <= 0:
                return pitch
        return ranked[0][1]

    def _on_chord(self, pitch: int, place: int) -> int:
        """The nearest chord tone of the register, or the note itself where there is none."""
        chord = self._chord(place)
        for distance in range(7):
            for reached in (pitch - distance, pitch + distance):
                if self._low <= reached <= self._high and chord.core_has(reached):
                    return reached
        return pitch

    def _note(self, place: int, onset: float, pitch: int, duration_beats: float) -> Note:
        loud = (self._taste.velocity or 80) + 8 * (self._sharpness(place) - 1.2)
        loud += (pitch - self._centre) * 0.4 + 14 * (self._random.random() - 0.5)
        return Note(onset, pitch, max(20, min(120, round(loud))), duration_beats)
