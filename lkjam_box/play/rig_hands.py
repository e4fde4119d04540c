"""How notes become messages on the instruments that people play, manners and all. Pure.

A hand takes notes in seconds (:class:`Stroke`) and gives timed messages.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from ..midi.messages import (
    CONTROL_CHANGE,
    NOTE_OFF,
    PITCH_BEND,
    PRESSURE,
    Message,
    control_change,
    note_off,
    note_on,
    voice,
)


@dataclass(frozen=True, slots=True)
class Stroke:
    """A note of a player: when its key goes down and up, in seconds."""

    start_s: float
    end_s: float
    pitch: int
    velocity: int = 90


Timed = tuple[float, Message]
Hand = Callable[[Sequence[Stroke]], list[Timed]]


def bend(channel: int, value: int) -> Message:
    """A pitch bend; 8192 is the middle."""
    return voice(PITCH_BEND, channel, value & 0x7F, value >> 7)


def keys(channel: int = 0) -> Hand:
    """Plain keys."""

    def play(strokes: Sequence[Stroke]) -> list[Timed]:
        ons = [(s.start_s, note_on(channel, s.pitch, s.velocity)) for s in strokes]
        return _sorted([*ons, *((s.end_s, note_off(channel, s.pitch)) for s in strokes)])

    return play


def breath(numbers: Sequence[int] = (2,), channel: int = 0, every_s: float = 0.01) -> Hand:
    """A wind controller: breath rises into each note, falls to 0 after it, on each of
    ``numbers`` (2, 7 or 11)."""

    def play(strokes: Sequence[Stroke]) -> list[Timed]:
        timed = keys(channel)(strokes)
        for stroke in strokes:
            steps = max(int((stroke.end_s - stroke.start_s) / every_s), 2)
            for step in range(steps):
                share = min(step + 1, 4) / 4
                value = max(round(stroke.velocity * share), 1)
                at_s = stroke.start_s - 0.003 + step * every_s
                timed += [(at_s, control_change(channel, n, value)) for n in numbers]
            timed += [(stroke.end_s + 0.004, control_change(channel, n, 0)) for n in numbers]
        return _sorted(timed)

    return play


def all_notes_off_after(channel: int = 0) -> Hand:
    """An old Roland: CC123 whenever the last key goes up."""

    def play(strokes: Sequence[Stroke]) -> list[Timed]:
        timed = keys(channel)(strokes)
        ends = (s.end_s for s in strokes if not any(o.start_s < s.end_s < o.end_s for o in strokes))
        return _sorted([*timed, *((end_s, control_change(channel, 123, 0)) for end_s in ends)])

    return play


def double_offs(channel: int = 0) -> Hand:
    """A keyboard that sends every note-off twice, the second as a note-on of velocity 0."""

    def play(strokes: Sequence[Stroke]) -> list[Timed]:
        again = ((s.end_s + 0.001, note_on(channel, s.pitch, 0)) for s in strokes)
        return _sorted([*keys(channel)(strokes), *again])

    return play


def fine_velocity(channel: int = 0) -> Hand:
    """A Casio: CC88, the low half of the velocity, before every note."""

    def play(strokes: Sequence[Stroke]) -> list[Timed]:
        fine = ((s.start_s, control_change(channel, 88, s.pitch * 7 % 128)) for s in strokes)
        return _sorted([*fine, *keys(channel)(strokes)])

    return play


def mpe(members: int = 15, announced: bool = True, lift: int = 33) -> Hand:
    """An MPE keyboard: each note on a member channel of its own (2 up), with bend, pressure and
    timbre of its own, lifted with velocity ``lift``; ``announced`` by the MPE message."""

    def play(strokes: Sequence[Stroke]) -> list[Timed]:
        timed: list[Timed] = []
        if announced and strokes:
            zone = ((101, 0), (100, 6), (6, members))
            at_s = min(s.start_s for s in strokes) - 0.2
            timed += [(at_s, control_change(0, *pair)) for pair in zone]
        for number, stroke in enumerate(strokes):
            channel = 1 + number % members
            slide = 8192 + 40 * (1 + number % 5)
            timed += [
                (stroke.start_s, bend(channel, slide)),
                (stroke.start_s, control_change(channel, 74, 64 + number % 7)),
                (stroke.start_s, voice(PRESSURE, channel, 0)),
                (stroke.start_s, note_on(channel, stroke.pitch, stroke.velocity)),
                (stroke.start_s + 0.02, voice(PRESSURE, channel, 50)),
                (stroke.start_s + 0.03, bend(channel, slide + 300)),
                (stroke.end_s, voice(NOTE_OFF, channel, stroke.pitch, lift)),
            ]
        return _sorted(timed)

    return play


def guitar(
    dice: Random, *, channels: Sequence[int] = (0,), ghosts: float = 0.5, string_s: float = 0.012
) -> Hand:
    """A MIDI guitar: strokes that begin together are strummed from the lowest string up, a ghost
    an octave or a twelfth up sounds beside every second note, softly and shortly."""

    def play(strokes: Sequence[Stroke]) -> list[Timed]:
        timed: list[Timed] = []
        for number, stroke in enumerate(strokes):
            below = [o for o in strokes if o.start_s == stroke.start_s and o.pitch < stroke.pitch]
            late_s = len(below) * string_s
            channel = channels[len(below) % len(channels)]
            at_s = stroke.start_s + late_s
            if dice.random() < 0.3:  # strings speak a little off the middle
                timed.append((at_s, bend(channel, 8192 + dice.randrange(-60, 61))))
            played = Stroke(at_s, max(stroke.end_s, at_s + 0.05), stroke.pitch, stroke.velocity)
            timed += keys(channel)([played])
            if dice.random() < ghosts:
                up, at_s = dice.choice((12, 19)), at_s + dice.uniform(0.004, 0.03)
                soft = dice.randrange(5, 24)
                length_s = dice.uniform(0.01, 0.035)
                ghost = channels[number % len(channels)]
                timed += keys(ghost)([Stroke(at_s, at_s + length_s, stroke.pitch + up, soft)])
        return _sorted(timed)

    return play


def drawbars(dice: Random, numbers: Sequence[int] = tuple(range(16, 25)), channel: int = 0) -> Hand:
    """An organ: a drawbar is moved between the notes, all through the range."""

    def play(strokes: Sequence[Stroke]) -> list[Timed]:
        timed = keys(channel)(strokes)
        for stroke in strokes:
            number = dice.choice(numbers)
            values = range(0, 128, 9) if dice.random() < 0.5 else range(127, -1, -9)
            timed += [
                (stroke.start_s + 0.01 * step, control_change(channel, number, value))
                for step, value in enumerate(values)
            ]
        return _sorted(timed)

    return play


def flood(
    channels: Sequence[int], numbers: Sequence[int], hz: float, span: tuple[float, float]
) -> list[Timed]:
    """Controllers that never rest: each of ``numbers`` on each channel ``hz`` times a second;
    -1 is the bend, -2 the pressure."""
    steps = int((span[1] - span[0]) * hz)
    moves = product(range(steps), channels, numbers)
    return [(span[0] + n / hz, _controller(c, number, n * 5 % 128)) for n, c, number in moves]


def _controller(channel: int, number: int, value: int) -> Message:
    if number == -1:
        return bend(channel, value << 7 | value)
    if number == -2:
        return voice(PRESSURE, channel, value)
    return voice(CONTROL_CHANGE, channel, number, value)


def _sorted(timed: Iterable[Timed]) -> list[Timed]:
    return sorted(timed, key=lambda item: item[0])
