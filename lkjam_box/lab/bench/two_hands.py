"""Two hands and a guitar, made of human solos: what else a player's keys do beside his line. Pure.

The line is a solo's, as it is or with the hand's own ways (legato, octaves, ornaments); what is
added is drawn from a seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from ..training.corpus import Solo
from . import left_hand as left
from .left_hand import BESIDE_S, TOP, Stab, left_hand
from .played_keys import Key, line_of, near_velocity


def take(solo: Solo, kind: str, seed: int) -> list[Key]:
    """The solo with what ``kind`` adds, in order of onset."""
    rng = Random(f"{kind} {solo.id} {seed}")
    keys = KINDS[kind](solo, line_of(solo), rng)
    return sorted(_one_key_at_a_time(keys), key=lambda key: key.on_s)


def _one_key_at_a_time(keys: Sequence[Key]) -> list[Key]:
    """A key is down once: of two that overlap on one pitch the line's stays, or the first."""
    kept: list[Key] = []
    until: dict[int, list[Key]] = {}
    for key in sorted(keys, key=lambda key: (not key.line, key.on_s)):
        others = until.setdefault(key.pitch, [])
        if all(key.off_s <= o.on_s - 0.01 or key.on_s >= o.off_s + 0.01 for o in others):
            others.append(key)
            kept.append(key)
        elif key.line:
            kept.append(key)
    return kept


# --- the right hand


def legato(line: Sequence[Key], rng: Random) -> list[Key]:
    """Some keys let go a little after the next one went down, as on a piano."""
    held = []
    for i, key in enumerate(line):
        after = line[i + 1] if i + 1 < len(line) else None
        joined = after is not None and after.on_s - key.off_s < 0.03 and after.pitch != key.pitch
        if after is not None and joined and rng.random() < 0.4:
            room_s = (after.off_s - after.on_s) * 0.4
            key = replace(key, off_s=after.on_s + min(rng.uniform(0.005, 0.05), room_s))
        held.append(key)
    return held


def _thickened(line: Sequence[Key], rng: Random) -> list[Key]:
    """Octaves, sixths or block chords under most notes of the line: the top is the line."""
    keys = list(line)
    below: tuple[int, ...] = (12,)
    for key in line:
        if rng.random() < 0.1:
            below = rng.choice(((12,), (12,), (9,), (4,), (12, 8), (12, 8, 5)))
        if rng.random() < 0.6:
            for down in below:
                late_s = rng.uniform(-0.012, 0.012)
                velocity = near_velocity(key.velocity, rng)
                keys.append(
                    Key(
                        key.on_s + late_s,
                        max(key.off_s, key.on_s + 0.04),
                        key.pitch - down,
                        velocity,
                    )
                )
    return keys


def _ornamented(line: Sequence[Key], rng: Random) -> list[Key]:
    """Grace notes before some notes of the line, let go before or just after it."""
    keys: list[Key] = []
    for i, key in enumerate(line):
        free_s = key.on_s - line[i - 1].on_s if i else 1.0
        if free_s > 0.12 and rng.random() < 0.15:
            before_s = rng.uniform(0.01, 0.06)
            off_s = key.on_s + rng.choice((-0.003, 0.01, 0.03))
            pitch = key.pitch + rng.choice((-1, -1, -2, 1))
            grace = Key(
                key.on_s - before_s, off_s, pitch, near_velocity(key.velocity - 12, rng), grace=True
            )
            keys.append(grace)
        keys.append(key)
    return keys


def _hands(
    stabs: Callable[[Solo, Random], Iterator[Stab]],
    gaps: Callable[[Random], int] = left.wide,
    right: Callable[[Sequence[Key], Random], list[Key]] = legato,
    top: int = TOP,
    beside_s: tuple[float, float] = BESIDE_S,
) -> Callable[[Solo, list[Key], Random], list[Key]]:
    def played(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
        held = legato(line, rng)
        keys = right(held, rng) if right is not legato else held
        return keys + left_hand(solo, line, stabs(solo, rng), rng, gaps, top, beside_s)

    return played


# --- the guitar


def _guitar(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    """Strums of up to six strings under some notes of the line, up or down; ghosts above others."""
    keys: list[Key] = []
    for i, key in enumerate(line):
        free_s = min(
            key.on_s - line[i - 1].on_s if i else 1.0,
            line[i + 1].on_s - key.on_s if i + 1 < len(line) else 1.0,
        )
        draw = rng.random()
        if draw < 0.15 and free_s > 0.2:
            strings = rng.randint(2, 5)
            step_s, pitch = rng.uniform(0.006, 0.014), key.pitch
            down = rng.random() < 0.6  # low strings first: the line's note comes last
            for string in range(1, strings + 1):
                pitch -= rng.choice((3, 4, 5, 5))
                on_s = key.on_s + (-string if down else string) * step_s
                keys.append(Key(on_s, key.off_s - 0.01, pitch, near_velocity(key.velocity, rng)))
        elif draw < 0.45:
            on_s = key.on_s + rng.uniform(0.008, min(0.05, (key.off_s - key.on_s) * 0.7 + 0.009))
            ghost = Key(
                on_s,
                on_s + rng.uniform(0.015, 0.05),
                key.pitch + rng.choice((12, 12, 19)),
                max(round(key.velocity * rng.uniform(0.12, 0.4)), 3),
            )
            if on_s < key.off_s:
                keys.append(ghost)
        keys.append(key)
    return keys


def _alone(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    return line


def _alone_legato(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    return legato(line, rng)


def _low(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    """The left hand alone: the line two octaves down."""
    return [replace(key, pitch=max(key.pitch - 24, 12)) for key in legato(line, rng)]


def _right_alone(solo: Solo, line: list[Key], rng: Random) -> list[Key]:
    return _thickened(legato(line, rng), rng)


ALONE = ("alone", "alone, legato", "low, legato")
KINDS: dict[str, Callable[[Solo, list[Key], Random], list[Key]]] = {
    "stabs": _hands(left.stabs),
    "shells": _hands(left.shells),
    "pads": _hands(left.pads),
    "stride": _hands(left.stride),
    "octave bass": _hands(left.octaves),
    "walking bass": _hands(left.walking),
    "beside": _hands(left.beside),
    "between": _hands(left.between),
    "close": _hands(left.stabs, left.narrow),
    "following": _hands(left.mixed, left.wide, top=90),
    "scattered": _hands(left.scattered, top=90),
    "mixed": _hands(left.mixed),
    "together": _hands(left.mixed, beside_s=(0.0, 0.004)),
    "broken chords": _hands(left.broken),
    "ornaments": _hands(left.mixed, right=_ornamented),
    "octaves and chords right": _hands(left.mixed, right=_thickened),
    "chords right, no left": _right_alone,
    "guitar": _guitar,
    "alone": _alone,
    "alone, legato": _alone_legato,
    "low, legato": _low,
}
