"""What each stage trains on: encoded, transposed streams, epoch by epoch."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from ...music.harmony import Progression
from ...protocol.engine import Feel, Role, Style
from .basics import generate
from .corpus import Solo
from .expert import exchanges, paired
from .pairs import Pair
from .streams import OwnEvents, Stream, encode, transpose, turns, whole
from .styles import far_out

STAGES = ("basic", "advanced", "expert")
LAYOUTS = ("whole", "turns", "pairs", "exchanges")
_BASICS = 150  # solos by rule an epoch of the first stage
_MADE_SHARE = 0.12  # solos of vocabulary, and as many of motifs, for each solo of the corpus
_DENSE = 0.5  # share of turns that are labelled with their density
_LAYOUTS = 3  # ways in which each solo is cut into turns, beside whole
_UNLABELLED = 0.3  # share of solos encoded without style and feel
# Shares of an epoch's solos: left whole, cut into turns, as exchanges, as annotated pairs.
_PARTS = {"advanced": (0.5, 0.5, 0.0, 0.0), "expert": (0.3, 0.2, 0.42, 0.08)}


class Mix:
    """Data of all stages from the solos of split ``train``; ``valid`` holds the other part.

    ``progressions`` are what generated vocabulary is played over. The same seed gives the
    same streams.
    """

    def __init__(
        self,
        solos: Sequence[Solo],
        pairs: Sequence[Pair] = (),
        progressions: Sequence[Progression] = (),
        seed: int = 1,
        blind: tuple[str, ...] = (),
        keys: int = 12,
    ) -> None:
        self._keys = range(-(keys // 2), keys - keys // 2)  # semitones
        self._blind, self._progressions = blind, progressions
        self._train = [solo for solo in solos if solo.split != "valid"]
        self._pairs: dict[str, list[Pair]] = {}
        for pair in pairs:
            self._pairs.setdefault(pair.solo, []).append(pair)
        self._far = far_out(self._train)
        rng = random.Random(seed)
        self._ready: list[tuple[Stream, ...]] = []
        for solo in self._train:
            bare = _unlabelled(solo)
            self._ready.append(
                (
                    encode(solo, whole(solo), blind),
                    encode(bare, whole(bare, Role.HUMAN), blind),
                    encode(bare, whole(bare), blind),
                    *(
                        encode(self._labelled(solo, rng), turns(solo, rng, _DENSE), blind)
                        for _ in range(_LAYOUTS)
                    ),
                )
            )
        self.valid = layouts([s for s in solos if s.split == "valid"], pairs, blind)

    def epoch(
        self, stage: str, number: int, rng: random.Random, own: OwnEvents | None
    ) -> list[Stream]:
        """One pass of ``stage``, each stream in a random key. ``own``: see
        :class:`.streams.OwnEvents`."""
        if stage == "basic":
            solos = generate(_BASICS, rng.randrange(1 << 30))
            streams = [encode(solo, turns(solo, rng), self._blind) for solo in solos]
        else:
            streams = [
                self._stream(stage, i, rng, own) for i in range(len(self._train))
            ] + self._made(rng)
        return [transpose(stream, rng.choice(self._keys)) for stream in streams]

    def _stream(self, stage: str, i: int, rng: random.Random, own: OwnEvents | None) -> Stream:
        solo = self._train[i]
        part = rng.choices(range(4), _PARTS[stage])[0]
        pairs = self._pairs.get(solo.id)
        if part == 3 and not pairs:
            part = 2
        if part < 2 and (own is None or rng.random() < 0.5):
            ready = self._ready[i]
            return ready[rng.randrange(3)] if part == 0 else rng.choice(ready[3:])
        solo = self._labelled(solo, rng)
        if part == 0:
            layout = whole(solo)
        elif part == 1:
            layout = turns(solo, rng, _DENSE)
        elif part == 2:
            solo, layout = exchanges(solo, rng)
        else:
            layout = paired(solo, pairs or (), rng)
        if not layout:
            return self._ready[i][0]
        fresh = replace(own, seed=rng.randrange(1 << 30)) if own else None
        return encode(solo, layout, self._blind, fresh)

    def _labelled(self, solo: Solo, rng: random.Random) -> Solo:
        """At random: the solo as it is, without style and feel, or (far out) as EXPERIMENTAL."""
        said = rng.random()
        if said < _UNLABELLED:
            return _unlabelled(solo)
        if solo.id in self._far and said < 0.65:
            return replace(solo, style=Style.EXPERIMENTAL, feel=Feel.ANY)
        return solo

    def _made(self, rng: random.Random) -> list[Stream]:
        """Streams of generated vocabulary and motifs over the lead sheets, and of basic pop."""
        if not self._progressions:
            return []
        from .motifs import motif_solos
        from .vocabulary import vocabulary_solos

        count = max(1, int(_MADE_SHARE * len(self._train)))
        seed = rng.randrange(1 << 30)
        solos = vocabulary_solos(self._progressions, count, seed)
        solos += motif_solos(self._progressions, count, seed + 1)
        basics = generate(5 * count, seed + 2)
        solos += [solo for solo in basics if solo.style == Style.POP][:count]  # or pop is forgotten
        return [encode(solo, turns(solo, rng, _DENSE), self._blind) for solo in solos]


def layouts(
    solos: Sequence[Solo], pairs: Sequence[Pair] = (), blind: tuple[str, ...] = ()
) -> dict[str, list[Stream]]:
    """Streams to score on, by name: solos whole, cut into turns, annotated pairs as call and
    answer, and every other window as a call with an answer by the player or by rule."""
    rng = random.Random(20)
    of: dict[str, list[Pair]] = {}
    for pair in pairs:
        of.setdefault(pair.solo, []).append(pair)
    return {
        "whole": [encode(solo, whole(solo), blind) for solo in solos],
        "turns": [encode(solo, turns(solo, rng), blind) for solo in solos],
        "pairs": [
            encode(solo, paired(solo, of[solo.id], rng), blind) for solo in solos if solo.id in of
        ],
        "exchanges": [encode(*laid, blind) for solo in solos if (laid := exchanges(solo, rng))[1]],
    }


def _unlabelled(solo: Solo) -> Solo:
    return replace(solo, style=Style.ANY, feel=Feel.ANY)
