"""Linear ornamentation: tones that lead to a chord tone. Pure.

All within one phrase; chord tones and chords as in :mod:`.adherence`. With ``o`` a note over
a chord that is none of its tones and ``C`` a chord tone:

* double enclosure: four notes, two above and two below the ``C`` that follows them, each
  within a minor third of it: either two different notes of one side and then two of the
  other, or one of each side and then again one of each side;
* single enclosure: one note above and one below the ``C`` that follows them, either order,
  both within a whole step of it and at least one a half step;
* passing tone: ``C o C``, both moves a step (1 or 2 semitones) in the same direction;
* neighbour tone: ``C o C``, a step away and back to the same pitch;
* approach note: ``o C``, a half step, when none of the above holds for ``o``.

A target counts one enclosure, the longer one; a note of an enclosure is nothing else.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...music.note import Note
from ..training.exchange import Exchange
from .adherence import Tone, tones
from .overlap import Measure, edges
from .phrase import phrases

STEP = 2  # semitones
KINDS = ("approach", "enclosure", "double_enclosure", "passing", "neighbour")
MEASURES = (
    Measure("approach", "approach notes", "per 100 notes", edges(0, 40, 20)),
    Measure("enclosure", "single enclosures", "per 100 notes", edges(0, 30, 15)),
    Measure("double_enclosure", "double enclosures", "per 100 notes", edges(0, 10, 10)),
    Measure("passing", "passing tones", "per 100 notes", edges(0, 40, 20)),
    Measure("neighbour", "neighbour tones", "per 100 notes", edges(0, 30, 15)),
)


def found(notes: Sequence[Note], kinds: Sequence[Tone]) -> Counter[str]:
    """How many of each of ``KINDS`` one phrase has; ``kinds`` is what its notes are."""
    pitches = [note.pitch for note in notes]
    counts: Counter[str] = Counter()
    taken: set[int] = set()  # notes of an enclosure
    for i, kind in enumerate(kinds):
        if kind != Tone.CORE:
            continue
        if i >= 4 and double_enclosure(pitches[i - 4 : i], pitches[i]):
            counts["double_enclosure"] += 1
            taken.update(range(i - 4, i))
        elif i >= 2 and enclosure(pitches[i - 2 : i], pitches[i]):
            counts["enclosure"] += 1
            taken.update(range(i - 2, i))
    for i in range(len(notes) - 1):
        foreign = kinds[i] in (Tone.TENSION, Tone.CHROMATIC) and i not in taken
        if not foreign or kinds[i + 1] != Tone.CORE:
            continue
        leaving = pitches[i + 1] - pitches[i]
        arriving = pitches[i] - pitches[i - 1] if i and kinds[i - 1] == Tone.CORE else 0
        stepwise = 0 < abs(arriving) <= STEP and 0 < abs(leaving) <= STEP
        if stepwise and arriving * leaving > 0:
            counts["passing"] += 1
        elif stepwise and arriving == -leaving:
            counts["neighbour"] += 1
        elif abs(leaving) == 1:
            counts["approach"] += 1
    return counts


def enclosure(pair: Sequence[int], target: int) -> bool:
    """Whether two pitches enclose the next one: a step above and below, one a half step."""
    a, b = pair[0] - target, pair[1] - target
    return a * b < 0 and max(abs(a), abs(b)) <= STEP and min(abs(a), abs(b)) == 1


def double_enclosure(four: Sequence[int], target: int) -> bool:
    """Whether four pitches enclose the next one from both sides twice."""
    a, b, c, d = (pitch - target for pitch in four)
    near = all(0 < abs(side) <= STEP + 1 for side in (a, b, c, d))
    sides = a * b > 0 and c * d > 0 and a * c < 0 and a != b and c != d
    pairs = a * b < 0 and c * d < 0
    return near and (sides or pairs)


def values(exchange: Exchange) -> dict[str, list[float]]:
    """Every measure of one answer, per 100 of its notes."""
    total, count = _counted(exchange), len(exchange.answer)
    return {kind: [100.0 * total[kind] / count] if count else [] for kind in KINDS}


def ornament_table(exchanges: Sequence[Exchange]) -> dict[str, float]:
    """Per 100 notes of all answers together, and ``n``, how many notes those are."""
    count = sum(len(exchange.answer) for exchange in exchanges)
    total = sum((_counted(exchange) for exchange in exchanges), Counter[str]())
    per_100 = {kind: 100.0 * total[kind] / count for kind in KINDS} if count else {}
    return {**per_100, "n": count}


def _counted(exchange: Exchange) -> Counter[str]:
    scene = exchange.scene
    total: Counter[str] = Counter()
    for phrase in phrases(exchange.answer, scene.bpm):
        total += found(phrase, tones(phrase, scene.harmony))
    return total
