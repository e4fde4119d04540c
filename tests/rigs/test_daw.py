"""A DAW as drum machine: its cycle jumps, and the turns go on in their order."""

from __future__ import annotations

from itertools import pairwise

import pytest

from lkjam_box.play.rig_sequencer import JUMPS, Sequencer
from lkjam_box.protocol.records import HUMAN, TurnBegan
from tests.rigs.house import (
    PLAYER,
    PREROLL,
    box_tones,
    drums,
    gig_of,
    human_lines,
    keyboard,
    melody,
    pitches,
    synth,
    when,
)

BAR, TURN_BARS = 4.0, 4
TURN = BAR * TURN_BARS


def looped(jump, cycle_bars, bars, first_bar=0, bpm=120.0, idle=False, **options):
    """A DAW that plays ``bars`` bars in all, cycling; me in each of my turns."""
    keys, daw, sound = keyboard(), drums("DAW", path="1-1.2"), synth()
    gig = gig_of(keys, daw, sound, turn_bars=TURN_BARS, **options)
    sequencer = Sequencer(daw, bpm, idle=idle)
    sequencer.power(0.1)
    if cycle_bars:
        sequencer.cycle = (first_bar * 96, (first_bar + cycle_bars) * 96)
        sequencer.jump = JUMPS[jump]
    sequencer.start(1.0)
    for line in human_lines(int(bars // (2 * TURN_BARS)) + 1, TURN):
        keys.play(*melody(line + 0.5, bpm))
    gig.run(when(bars * BAR, bpm))
    return gig, sound, sequencer


def began(gig):
    return [(time_s, record.turn) for time_s, record in gig.told if isinstance(record, TurnBegan)]


@pytest.mark.parametrize("idle", [False, True])
@pytest.mark.parametrize(
    ("jump", "cycle_bars"),
    [
        *(("stop", bars) for bars in (1, 2, 3, 4, 5, 8, 9, 16)),
        *(("locate", bars) for bars in (2, 4, 7, 8)),
        *(("start", bars) for bars in (1, 3, 4, 6, 8)),
        *(("continue", bars) for bars in (3, 4, 8)),
    ],
)
def test_in_a_cycle_no_turn_is_lost(jump, cycle_bars, idle):
    """Turns of 4 bars over a cycle of any length: me and the box in turn for ever."""
    bars = 1 + 8 * 4 + 0.5  # count-in, four trades
    gig, sound, _ = looped(jump, cycle_bars, bars, idle=idle)
    turns = began(gig)
    assert [turn.seat != HUMAN for _, turn in turns] == [False, True] * 4 + [False]
    for number, (time_s, _) in enumerate(turns):
        assert time_s == pytest.approx(when(PREROLL + TURN * number), abs=0.15), f"turn {number}"
    assert pitches(gig)[:4] == [list(PLAYER)] * 4
    assert len(gig.answers) == 4
    for answer, (time_s, _) in zip(gig.answers, turns[1::2], strict=True):
        assert answer.played == 2 * TURN, "a whole turn is answered"
        inside = [t for t in box_tones(sound) if time_s - 0.01 <= t.start_s < time_s + TURN / 2]
        assert len(inside) == answer.played
        assert not [tone for tone in inside if tone.faults]
        gaps = [b.start_s - a.start_s for a, b in pairwise(inside)]
        assert max(gaps) < 0.45, "no hole at a jump"


def test_a_continue_from_the_middle_begins_with_the_human():
    """Live: the arrangement is started at bar 9 with Song Position and Continue."""
    for sixteenths in (16 * 8, 16 * 5, 16 * 12, 16 * 8 + 4, 16 * 31):
        keys, daw, sound = keyboard(), drums("DAW"), synth()
        gig = gig_of(keys, daw, sound, turn_bars=TURN_BARS)
        sequencer = Sequencer(daw, 120.0)
        sequencer.go_on(1.0, sixteenths)
        gig.run(1.0 + 40)
        turns = began(gig)
        assert turns, "it plays"
        assert turns[0][1].seat == HUMAN
        lengths = [turn.end_beats - turn.start_beats for _, turn in turns[:-1]]
        assert lengths[1:] == [TURN] * len(lengths[1:])
        assert len(gig.answers) >= 1
        assert gig.answers[0].played == 2 * TURN


def test_a_long_stop_is_a_stop():
    """Stop, half a second of nothing, Continue: no jump, and nothing sounds between."""
    gig, sound, sequencer = looped("stop", 0, 8)
    sequencer.stop(gig.now_s + 0.01)
    stopped_s = gig.now_s + 0.01
    gig.run(stopped_s + 0.3)
    assert not sound.ear.sounding
    assert not [tone for tone in sound.ear.tones if tone.start_s > stopped_s + 0.05]


def test_with_jump_song_the_songs_place_says_whose_turn_it_is():
    """A song begun again after 7 bars, in the middle of the box's turn: it is the human's again,
    and the box's where the song has it, a count-in and a turn after its beginning."""
    gig, _, _ = looped("start", 7, 13.5, **{"clock.jump": "song"})
    again_s = when(7 * BAR)
    playing = [turn.seat for time_s, turn in began(gig) if time_s < again_s + 0.1]
    assert playing[-1] == HUMAN
    after = [(time_s, turn.seat) for time_s, turn in began(gig) if time_s > again_s + 0.1]
    assert [seat for _, seat in after] == [1]
    assert after[0][0] == pytest.approx(again_s + (PREROLL + TURN) / 2, abs=0.1)
