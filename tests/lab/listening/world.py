"""Solos, players and a kit small enough to make in a second."""

from random import Random

from lkjam_box.lab.listening.kit import make, plan
from lkjam_box.lab.training.corpus import Solo
from lkjam_box.lab.training.exchange import Exchange
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import Harmony, Metre, Progression
from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import Scene

CHANGES = ("Dm7", "G7", "Cmaj7", "A7")


def harmony(symbols=CHANGES, bars=16):
    chords = [parse_chord(symbols[i % len(symbols)]) for i in range(bars)]
    starts = tuple(4.0 * i for i in range(bars))
    return Harmony(Progression("form", "C", Metre(4, 4), starts, tuple(chords), bars), 0.0)


def line(random, start, beats=14.0, notes=12):
    onsets = sorted(random.uniform(0, beats - 0.5) for _ in range(notes))
    ends = [*onsets[1:], beats]
    return tuple(
        Note(start + on, random.randrange(50, 80), random.randrange(40, 110), (end - on) * 0.8)
        for on, end in zip(onsets, ends, strict=True)
    )


def solo(name, seed=1, bpm=180.0, title=""):
    random = Random(seed)
    notes = tuple(n for turn in range(4) for n in line(random, 16.0 * turn))
    return Solo(name, "valid", bpm, harmony(), notes, title=title or f"Tune of {name}")


def exchange(seed=1, bpm=180.0):
    random, form = Random(seed), harmony()
    return Exchange(
        "secret_FINAL:0",
        line(random, 0.0),
        Scene(0.0, 16.0, form, bpm),
        line(random, 16.0),
        Scene(16.0, 32.0, form, bpm),
    )


def player(seed):
    """Answers something of its own to every call."""
    from dataclasses import replace

    def answers(calls):
        random = Random(seed)
        return [replace(x, answer=line(random, x.scene.start_beats, notes=9)) for x in calls]

    return answers


PLAYERS = {"model": player(11), "markov": player(12)}


def kit(out, trials=6, catches=1, clips=2, seed=5):
    solos = [solo(f"SecretPlayer{i}_SecretTune{i}", i) for i in range(trials + catches)]
    planned = plan(solos, trials, catches, 4, seed)
    return planned, make(planned, PLAYERS, out, clips, {"seed": seed})
