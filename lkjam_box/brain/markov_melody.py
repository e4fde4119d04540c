"""One answer of the Markov engine: phrases and rests over the changes, inside the turn. Pure.

Places are twelfths of a beat from the turn's first line: eighths, triplets and sixteenths
are all on that grid. Swing and lag are added last, so harmony is looked up by place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from ..music.note import Note
from ..protocol.engine import REGISTER_STEP, ControlValues, Feel, Scene, Strategy
from .markov_licks import STEPS, VOCABULARY
from .markov_reply import Motif, pace_of, said_again
from .markov_tones import Tones
from .suffixes import ORDER, START, Step, Suffixes, symbol

CLOSING_BEATS = 1 / 24  # silence kept before the turn's end
_FIRST_PLACES = (0, 0, 0, 0, 6, 6, 12, 18)  # an answer begins at one of these
_SOON = (0, 0, 6)  # the same for an answer that continues the call
_LAST_MARGINS = (3, 6, 6, 12, 18)
_PHRASE_BEATS = (2.0, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0)
_REST_BEATS = (0.5, 1.0, 1.0, 1.5, 2.0, 2.5)
_END_BEATS = (0.4, 0.5, 0.9, 1.0, 1.5)
_MOTIF_SHARES = (0.7, 0.35)  # how often the first and a later phrase begins with a motif
_MOTIF_STEPS = (3, 8)  # steps taken of a motif, at least and at most
_NEWEST_STEPS = 24  # of the steps that may follow, how many a rhythm is drawn from
_NO_MOTIF = (Strategy.CONTINUATION, Strategy.CONTRAST)  # their phrases begin with no motif
_STRAIGHT = (Feel.LATIN, Feel.FUNK, Feel.EVEN)  # feels that do not swing


@dataclass(frozen=True, slots=True)
class Taste:
    """What an answer takes over from the player. Numbers are 0 while nothing was heard."""

    context: tuple[int, ...]
    motif: Motif  # the last phrase
    last_pitch: int
    pitch: float
    velocity: float
    offbeat: float  # place of the off-beat eighth in its beat
    phrases_beats: tuple[float, ...]
    rests_beats: tuple[float, ...]


class Melody:
    """Makes one answer; every number it draws comes from ``random``."""

    def __init__(
        self, heard: Suffixes, taste: Taste, scene: Scene, controls: ControlValues, random: Random
    ) -> None:
        self._heard, self._taste, self._scene, self._random = heard, taste, scene, random
        strategy, self._move = scene.strategy, REGISTER_STEP * controls.register
        heard_pitch = taste.pitch + self._move if taste.pitch else 0.0
        self._tones = Tones(scene, controls, heard_pitch, random)
        self._said = said_again(strategy, taste.motif)
        self._pace = pace_of(strategy, scene.density, taste.motif.steps)
        self._swing = self._swing_beats() if scene.harmony.progression.metre.unit == 4 else 0.0
        length = int((scene.end_beats - scene.start_beats) * 12)
        self._limit = length - min(random.choice(_LAST_MARGINS), length // 4)

    def notes(self, begun: Note | None = None) -> Iterator[Note]:
        """The answer, each note as soon as the next one's onset is known. With ``begun``, the rest
        of an answer of which that note was the last: the same phrase goes on."""
        random, taste = self._random, self._taste
        if begun is None:
            place = self._first_place()
            onset = self._onset(place)
            context, pitch = self._first(place)
            motif = self._motif(_MOTIF_SHARES[0], pitch)
        else:
            place, context, pitch = self._next(begun)
            onset = max(self._onset(place), begun.end_beats)
            motif = []
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
                    twelfths = self._pace.step(twelfths, random)
                after = self._after(place, twelfths)
                if after >= min(phrase_end, self._limit):
                    break
                then = max(self._onset(after), onset + 0.06)
                yield self._note(place, onset, pitch, (then - onset) * sounding)
                if target is None:
                    following = self._tones.following(steps, pitch, after)
                else:
                    following = self._tones.copied(target, after)
                context = [*context[1 - ORDER :], symbol(following - pitch, after - place)]
                self._tones.before, pitch, place, onset = pitch, following, after, then
            pitch = self._tones.resting(pitch, place)
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
            context, pitch = [START], self._opening(place, pitch)
            motif = self._motif(_MOTIF_SHARES[1], pitch)

    def _first_place(self) -> int:
        """Place of the first note; of a motif that is repeated, its place in the bar."""
        place = self._random.choice(
            _SOON if self._scene.strategy is Strategy.CONTINUATION else _FIRST_PLACES
        )
        if self._said.steps:
            place = (round(self._said.place_beats * 12) - self._tones.bar_shift) % self._tones.bar
        return self._eighth(place) if place < self._limit // 3 else 0

    def _first(self, place: int) -> tuple[list[int], int]:
        """The context of the first note, and its pitch."""
        taste, strategy = self._taste, self._scene.strategy
        goes_on = strategy is Strategy.CONTINUATION
        heard = taste.context and strategy is not Strategy.CONTRAST
        keen = heard and (goes_on or self._random.random() < 0.4)
        context = list(taste.context) if keen else [START]
        if goes_on and taste.context:
            last = round(self._tones.fold(taste.last_pitch + self._move))
            return context, self._tones.following(self._steps(context), last, place)
        near = self._tones.centre
        if taste.last_pitch and strategy is not Strategy.CONTRAST:
            near = taste.last_pitch + self._move
        return context, self._opening(place, round(self._tones.fold(near)))

    def _next(self, after: Note) -> tuple[int, list[int], int]:
        """Place, context and pitch of the note that follows ``after`` in its phrase."""
        before = round((after.onset_beats - self._scene.start_beats) * 12)
        context = list(self._taste.context) or [START]
        steps = self._steps(context)
        _, twelfths, _ = self._newest(steps)
        place = self._after(before, self._pace.step(twelfths, self._random))
        ends = round((after.end_beats - self._scene.start_beats) * 12)
        if place < ends:
            place = self._eighth(ends, ends)
        self._tones.before = after.pitch
        pitch = self._tones.following(steps, round(self._tones.fold(after.pitch)), place)
        return place, [*context[1 - ORDER :], symbol(pitch - after.pitch, place - before)], pitch

    def _opening(self, place: int, near: int) -> int:
        """A phrase's first pitch: near ``near``, or that of the motif that is repeated, moved by
        octaves and then to the chord."""
        said, tones = self._said, self._tones
        if not said.steps:
            return tones.opening(place, near)
        return tones.copied(said.first_pitch(tones.low, tones.high, said.pitch + self._move), place)

    # --- rhythm

    def _swing_beats(self) -> float:
        """Beats that the off-beat eighth comes after straight: the player's swing, or by tempo."""
        heard = self._taste.offbeat
        if self._scene.feel in _STRAIGHT:
            return 0.0
        if heard:
            return max(0.0, min(0.16, heard - 0.5))
        return 0.08 if 120 <= self._scene.bpm <= 240 else 0.04

    def _after(self, place: int, twelfths: int) -> int:
        """Place of the next note: triplets and sixteenths stay such, all else moves to eighths."""
        inside = self._tones.bar_place(place) % 12
        if self._tones.pulse == 6 and twelfths >= 4:  # n/8: the eighths are the triplets
            return self._eighth(place + twelfths, place + 2)
        if twelfths == 4 and inside in (0, 4, 8):
            return place + 4
        if twelfths < 4:
            return place + (4 if inside in (4, 8) else 3)
        return self._eighth(place + twelfths, place + 2)

    def _eighth(self, place: int, earliest: int = 0) -> int:
        """The nearest eighth of the bar, not before ``earliest``."""
        shift = self._tones.bar_place(place) % 6
        nearest = place - shift + (6 if shift > 3 else 0)
        return nearest if nearest >= earliest else nearest + 6

    def _onset(self, place: int) -> float:
        late = 0.035 * self._random.random()
        if self._tones.bar_place(place) % 12 == 6:
            late += self._swing
        return self._scene.start_beats + place / 12 + late

    def _habit(self, heard: Sequence[float], known: Sequence[float]) -> int:
        """A length in twelfths, from ``heard`` (60 %, if more than 2) or ``known``, in beats."""
        random = self._random
        lengths = heard if len(heard) > 2 and random.random() < 0.6 else known
        return max(3, round(random.choice(lengths) * 12))

    # --- steps

    def _motif(self, share: float, pitch: int) -> list[tuple[Step, int | None]]:
        """Steps to begin a phrase with, last first: some of the player's last phrase, often none;
        or all of the motif that is repeated, with the pitches they lead to from ``pitch``."""
        if self._said.steps:
            reached: list[int | None] = [pitch + offset for offset in self._said.offsets[1:]]
            return list(zip(self._said.steps, reached, strict=True))[::-1]
        heard, random = self._taste.motif.steps, self._random
        if not heard or self._scene.strategy in _NO_MOTIF or random.random() >= share:
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
        """One of ``steps``, newer ones more often."""
        share = self._random.random()
        if steps is STEPS:
            return STEPS[int(share * len(STEPS))]
        return steps[-1 - int(share * share * min(len(steps), _NEWEST_STEPS))]

    def _note(self, place: int, onset: float, pitch: int, duration_beats: float) -> Note:
        loud = (self._taste.velocity or 80) + 8 * (self._tones.sharpness(place) - 1.2)
        loud += (pitch - self._tones.centre) * 0.4 + 14 * (self._random.random() - 0.5)
        return Note(onset, pitch, max(20, min(120, round(loud))), duration_beats)
