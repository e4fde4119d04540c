"""Solos laid out as turns and encoded, ready for the network.

The encoder is the box's own; only transposition to other keys happens afterwards, on
the encoded numbers (``transpose`` equals encoding the transposed solo: tested).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...brain import features as f
from ...brain.encoder import Encoder
from ...brain.heads import duration_logits, pitch_logits
from ...brain.model_runtime import Stepper
from ...brain.phrases import positions
from ...brain.sampler import Sampler
from ...music.note import Note
from ...protocol.engine import DENSITIES, Position, Role, Scene, Strategy
from .corpus import Solo

TARGETS = 5  # position, pitch, velocity, duration bin, time-shift bin (-1: none)
# Upper bounds of notes a beat, near the fifths of the Weimar four-bar windows.
DENSITY_EDGES = (0.9, 1.25, 1.6, 2.1)
CLEAN_BEATS = 0.25  # silence before a line where a turn may end, at least
_PITCH, _ROOT = 0, 8  # columns of ids that hold an absolute pitch
_HEIGHT = f.CHORD_FLOATS + f.PHASE_FLOATS + 3  # column of floats that holds one


@dataclass(frozen=True, slots=True)
class Stream:
    """One encoded solo: a row per note.

    ids [n, IDS], floats [n, FLOATS], last [n] (pitch before, -1 none), root [n] (-1 none),
    targets [n, TARGETS]; ``low`` and ``high`` bound transposition.
    """

    ids: f.I32
    floats: f.F32
    last: f.I32
    root: f.I32
    targets: f.I32
    low: int = 36
    high: int = 97

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Notes ``first`` to ``last`` (excluded) of a solo, played as one turn."""

    first: int
    last: int
    role: Role
    end_beats: float  # the line; infinite: there is none
    start_beats: float = 0.0
    strategy: Strategy = Strategy.FREE
    density: int = 0


@dataclass(slots=True)
class OwnEvents:
    """Scheduled sampling (Bengio et al. 2015): with probability ``share`` a note of the box's
    is fed back not as it is, but as ``stepper`` draws it at that onset, as on stage. Onsets
    stay the true ones, and so do the targets.
    """

    stepper: Stepper
    share: float
    seed: int


def whole(solo: Solo, role: Role = Role.BOX) -> list[Stretch]:
    """The solo as one turn without a line: how ``evaluate`` reads it."""
    return [Stretch(0, len(solo.notes), role, math.inf)]


def density_of(notes: int, beats: float) -> int:
    """The density label of so many notes in so many beats: 1 sparse .. 5 busy."""
    per_beat = notes / beats
    return 1 + sum(per_beat > edge for edge in DENSITY_EDGES[: DENSITIES - 1])


def turns(solo: Solo, rng: random.Random, dense_share: float = 0.0) -> list[Stretch]:
    """The solo cut at bar lines into turns of 1, 2, 4 or 8 bars, roles alternating.

    A turn ends only where its player rests before the line, so that "beats left" means
    what it means on stage. Where no such line is near, the stretch has no line. The share
    ``dense_share`` of turns are labelled with their density.
    """
    notes, origin = solo.notes, solo.harmony.origin_beats
    onsets = [note.onset_beats for note in notes]
    bar = solo.harmony.progression.metre.bar_beats
    line = origin + bar * math.floor((onsets[0] - origin) / bar)
    role = Role(rng.randrange(2))
    out: list[Stretch] = []
    first = 0
    while first < len(notes):
        lengths = [1, 2, 4, 4, 8]
        rng.shuffle(lengths)
        for bars in dict.fromkeys(lengths):
            end = line + bars * bar
            last = int(np.searchsorted(onsets, end - 0.05))
            if first < last and (notes[last - 1].end_beats <= end - CLEAN_BEATS):
                stretch = Stretch(first, last, role, end, line)
                if rng.random() < dense_share:
                    stretch = replace(stretch, density=density_of(last - first, end - line))
                out.append(stretch)
                role = Role(1 - role)
                break
        else:
            end = line + bar
            last = int(np.searchsorted(onsets, end - 0.05))
            if last > first:
                open_before = out and out[-1].end_beats == math.inf
                if open_before:
                    out[-1] = replace(out[-1], last=last)
                else:
                    out.append(Stretch(first, last, role, math.inf, line))
        line, first = end, last
    return out


def encode(
    solo: Solo,
    layout: Sequence[Stretch],
    blind: tuple[str, ...] = (),
    own: OwnEvents | None = None,
) -> Stream:
    """Run the box's encoder over a solo laid out as ``layout``."""
    count = len(solo.notes)
    ids = np.empty((count, f.IDS), np.int32)
    floats = np.empty((count, f.FLOATS), np.float32)
    last, root = np.empty(count, np.int32), np.empty(count, np.int32)
    targets = np.empty((count, TARGETS), np.int32)
    encoder = Encoder(blind=blind)
    feed = _Feed(own, solo) if own else None
    places = _positions(solo, layout)
    row = 0
    for stretch in layout:
        scene = Scene(
            stretch.start_beats,
            stretch.end_beats,
            solo.harmony,
            solo.bpm,
            stretch.strategy,
            solo.style,
            solo.feel,
            stretch.density,
        )
        for note in solo.notes[stretch.first : stretch.last]:
            encoder.onset(note.onset_beats, stretch.role, scene)
            ids[row], floats[row] = encoder.ids, encoder.floats[0]
            last[row], root[row] = encoder.last_pitch, encoder.root
            targets[row] = _target(solo.notes, row, places[row])
            fed = note
            if feed is not None:
                fed = feed.note(encoder, note, places[row], targets[row, 4], stretch.role)
            encoder.take(fed, places[row])
            row += 1
    return Stream(ids, floats, last, root, targets, solo.low, solo.high)


class _Feed:
    """Runs the network beside the encoder and replaces some notes by ones that it draws."""

    def __init__(self, own: OwnEvents, solo: Solo) -> None:
        self._stepper, self._share = own.stepper, own.share
        self._sampler = Sampler(own.seed, 1.0, 1.0)
        self._x = np.zeros((1, f.FLOATS + own.stepper.hidden), np.float32)
        self._low = solo.low
        self._width = solo.high + 1 - solo.low

    def note(
        self, encoder: Encoder, true: Note, position: Position, shift: int, role: Role
    ) -> Note:
        """``true``, or what the network would have played at this onset."""
        self._x[0, : f.FLOATS] = encoder.floats[0]
        out = self._stepper.step(encoder.ids, self._x)[0]
        self._x[0, f.FLOATS :] = out[f.OUTPUTS :]
        sampler = self._sampler
        if role == Role.HUMAN or sampler.uniform() >= self._share:
            return true
        closing = position == Position.END
        pitches = pitch_logits(out, closing, encoder, self._low, self._width)
        pitch = self._low + sampler.softmax(pitches)
        length = sampler.softmax(duration_logits(out, closing, max(0, shift)))
        velocity = min(127, 8 * sampler.softmax(out[f.VELOCITY]) + 4)
        duration = min(sampler.between(*f.DURATION_SPANS[length]), 2 * true.duration_beats + 0.5)
        return Note(true.onset_beats, pitch, velocity, duration)


def _positions(solo: Solo, layout: Sequence[Stretch]) -> list[Position]:
    out: list[Position] = []
    for i, stretch in enumerate(layout):
        notes = solo.notes[stretch.first : stretch.last]
        if stretch.end_beats < math.inf or i + 1 == len(layout):
            out += positions(notes, solo.bpm)
        else:  # without a line its last phrase may go on in the next: look one note further
            following = solo.notes[stretch.first : stretch.last + 1]
            out += positions(following, solo.bpm)[: len(notes)]
    return out


def _target(notes: Sequence[Note], i: int, position: Position) -> tuple[int, int, int, int, int]:
    note = notes[i]
    shift = -1
    if i + 1 < len(notes):
        shift = f.time_bin(notes[i + 1].onset_beats - note.onset_beats)
    return (
        int(position),
        note.pitch,
        f.velocity_bin(note.velocity),
        f.duration_bin(note.duration_beats),
        shift,
    )


def transpose(stream: Stream, semitones: int) -> Stream:
    """The stream transposed by ``semitones``, an octave away where that leaves its register."""
    pitches = stream.targets[:, 1]
    if semitones > 0 and pitches.max() + semitones > stream.high:
        semitones -= 12
    elif semitones < 0 and pitches.min() + semitones < stream.low:
        semitones += 12
    if semitones == 0 or not 0 <= pitches.min() + semitones <= pitches.max() + semitones < 128:
        return stream
    ids, floats = stream.ids.copy(), stream.floats.copy()
    last, root = stream.last.copy(), stream.root.copy()
    targets = stream.targets.copy()
    heard = last >= 0
    ids[heard, _PITCH] += semitones
    last[heard] += semitones
    floats[heard, _HEIGHT] += semitones / 16
    harmonic = root >= 0
    root[harmonic] = (root[harmonic] + semitones) % 12
    ids[harmonic, _ROOT] = f.OFFSET["root"] + root[harmonic]
    targets[:, 1] += semitones
    return Stream(ids, floats, last, root, targets, stream.low, stream.high)
