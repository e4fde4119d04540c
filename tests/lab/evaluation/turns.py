"""Turns written by hand for the tests of the measures."""

from lkjam_box.lab.training.corpus_chords import parse_corpus_chord
from lkjam_box.lab.training.exchange import Exchange
from lkjam_box.music.harmony import NO_CHORD, Harmony, Metre, Progression
from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import Scene


def chord(symbol):
    return NO_CHORD if symbol == "NC" else parse_corpus_chord(symbol)


def harmony(*symbols, origin=0.0):
    """One chord a bar of 4/4."""
    starts = tuple(4.0 * i for i in range(len(symbols)))
    form = Progression("t", "C", Metre(), starts, tuple(map(chord, symbols)), len(symbols))
    return Harmony(form, origin)


def line(*notes):
    """Notes of (onset, pitch) or (onset, pitch, duration); half a beat long unless told."""
    return tuple(Note(at, pitch, 80, *(rest or (0.5,))) for at, pitch, *rest in notes)


def exchange(answer, call=(), *, over=None, bars=4, bpm=120.0, id="s:0", **more):
    over = over or harmony("Cj7")
    scene = Scene(0.0, 4.0 * bars, over, bpm, **{k: more.pop(k) for k in ("feel",) if k in more})
    return Exchange(id, tuple(call), scene, tuple(answer), scene, **more)
