"""Each cable pulled at a random moment of a gig: nothing sounds on, and all of it comes back.

A few tries here; ``LKJAM_TRIES=1000 pytest tests/play/test_cables.py`` for as many as one likes.
"""

from __future__ import annotations

import os
from random import Random

import pytest

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.play.rig import SEEN_S
from lkjam_box.protocol.shared_state import Mode, Sync
from lkjam_box.tempo.external_clock import ExternalClock
from tests.play.cables import DRUMS, KEYS, SYNTH, CableGig
from tests.play.world import DrumMachine, Parrot, busy_player, small_library

TRIES = int(os.environ.get("LKJAM_TRIES", "4"))
CONFIG = override(Config(), {"brain.channel": 2, "thru.channel": 1, "metronome.when": "off"})
BPM, BEATS = 120, 40
BEAT_S = 60 / BPM
PLAYER = CONFIG.thru.channel - 1
ENDS_S = 0.02  # a note may sound on for so long


def play(what: str, seed: int) -> tuple[CableGig, float, float]:
    """A gig, when the cable went out, and when it was in again."""
    rng = Random(f"{what} {seed}")
    gig = CableGig(CONFIG, small_library(), ExternalClock(), lambda _: Parrot(), seed=seed)
    drum = DrumMachine(gig)
    drum.start()
    drum.run(BEATS, BPM)
    busy_player(gig, drum.now_s - 1.5, rng)
    out_s = rng.uniform(9, 20) * BEAT_S
    away_s = rng.choice((0.001, 0.003, rng.uniform(0.01, 1.0), rng.uniform(1.5, 3.0)))
    gig.pull(out_s, gig.by_name[what], away_s, client=rng.choice((20, 24)))
    gig.run(drum.now_s)
    return gig, out_s, out_s + away_s


def notes_left(what: str, seed: int) -> set[tuple[int, int]]:
    """What sounds 20 ms after it should have ended."""
    gig, out_s, in_s = play(what, seed)
    seen_s = ENDS_S + SEEN_S
    left: set[tuple[int, int]] = set()
    if what == KEYS:  # whatever was down then and is not struck again
        struck = {
            (s.message[0] & 15, s.message[1])
            for s in gig.sent
            if out_s < s.time_s <= out_s + seen_s and s.message[0] & 0xF0 == 0x90
        }
        held = {key for key in gig.sounded(out_s) if key[0] == PLAYER}
        left = held & gig.sounded(out_s + seen_s) - struck
    elif what == SYNTH:  # what it held while nobody could tell it, and what the box holds is right
        ours: set[tuple[int, int]] = set()
        for sent in gig.sent:
            key = (sent.message[0] & 15, sent.message[-2])
            if sent.time_s <= in_s + seen_s and sent.output == "synth":
                if sent.message[0] & 0xF0 == 0x90 and sent.message[2]:
                    ours.add(key)
                elif sent.message[0] & 0xF0 in (0x80, 0x90):
                    ours.discard(key)
        left = gig.sounded(in_s + seen_s) - ours
    return left | gig.sounded(gig.now_s)


@pytest.mark.parametrize("what", [KEYS, DRUMS, SYNTH])
def test_no_note_is_left(what):
    stuck = {seed: left for seed in range(TRIES) if (left := notes_left(what, seed))}
    assert not stuck


@pytest.mark.parametrize("what", [KEYS, DRUMS, SYNTH])
def test_it_comes_back_by_itself(what):
    for seed in range(min(TRIES, 20)):
        gig, _, in_s = play(what, seed)
        snapshot = gig.stage.snapshot(gig.now_s)
        assert snapshot.sync == Sync.LOCKED
        assert snapshot.mode == Mode.TRADING or what == DRUMS  # a lost clock ends the turns
        again_s = in_s + SEEN_S
        assert any(tone.end_s > again_s for tone in gig.by_name[SYNTH].ear.tones), "plays on"


def test_a_cable_that_stays_out_is_no_clock_and_silence():
    for seed in range(min(TRIES, 20)):
        gig = CableGig(CONFIG, small_library(), ExternalClock(), lambda _: Parrot(), seed=seed)
        drum = DrumMachine(gig)
        drum.start()
        drum.run(30, BPM)
        out_s = Random(seed).uniform(9, 20) * BEAT_S
        gig.at(out_s, lambda gig=gig: gig.unplug(gig.by_name[DRUMS]))
        lost_s = out_s + CONFIG.clock.freewheel_beats * BEAT_S + 2 * BEAT_S / 24
        gig.run(lost_s + ENDS_S)
        assert gig.stage.snapshot(gig.now_s).sync == Sync.NO_CLOCK
        assert not gig.sounded(gig.now_s)
