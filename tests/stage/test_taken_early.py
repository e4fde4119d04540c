"""What is taken early, to be sent exactly at its time, is what would have been sent at its time."""

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import NOTE_ON
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.records import Command, CommandId
from lkjam_box.service.work_time import WorkTime
from lkjam_box.tempo.external_clock import ExternalClock
from tests.play.world import DrumMachine, Parrot, busy_player, small_library


def gig_of(**changes) -> Gig:
    config = override(Config(), {"brain.channel": 2, "thru.channel": 1, **changes})
    return Gig(config, small_library(), ExternalClock(), lambda _: Parrot())


REQUESTS = st.lists(
    st.tuples(
        st.floats(0.1, 20),
        st.sampled_from(
            [
                Command(CommandId.HAND_OVER),
                Command(CommandId.NEXT_PROGRESSION),
                Command(CommandId.KEY, 1),
                Command(CommandId.TURN_BARS, 1),
                Command(CommandId.START_STOP),
                Command(CommandId.LINE_HERE),
                Command(CommandId.RESET),
                Command(CommandId.PANIC),
            ]
        ),
    ),
    max_size=4,
)


@settings(max_examples=25, deadline=None)
@given(
    requests=REQUESTS,
    seed=st.integers(0, 99),
    when=st.sampled_from(["always", "count-in", "off"]),
    offset_ms=st.sampled_from([0.0, 12.0, -12.0]),
    bpms=st.tuples(st.floats(60, 240), st.floats(60, 240)),
    dies_s=st.sampled_from([None, 5.0]),
    ahead_s=st.sampled_from([0.0, 0.002, 0.02]),
)
def test_whatever_is_asked_and_lost_no_note_stays(
    requests, seed, when, offset_ms, bpms, dies_s, ahead_s
):
    gig = gig_of(**{"metronome.when": when, "clock.output_offset_ms": offset_ms, "turns.loops": 5})
    gig.ahead_s = ahead_s
    dice = Random(seed)
    drum = DrumMachine(gig, late_s=lambda: dice.uniform(0, 0.001))
    drum.start()
    drum.run(48, bpms[0], bpms[1])
    busy_player(gig, drum.now_s, dice)
    for at_s, command in requests:
        gig.command(at_s, command)
    if dies_s is not None:
        gig.at(dies_s, lambda: gig.stage.brain_lost(gig.now_s))
    gig.run(drum.now_s)
    gig.stage.close(gig.now_s)
    assert gig.sounding() == []


def test_nearly_every_note_of_the_box_and_the_click_is_made_ready():
    gig, dice = gig_of(**{"metronome.when": "always"}), Random(1)
    drum = DrumMachine(gig, late_s=lambda: dice.uniform(0, 0.001))  # else ticks wake it on the dot
    drum.start()
    drum.run(72, 140)
    busy_player(gig, drum.now_s, dice)
    gig.run(drum.now_s)
    ready = [m for batch in gig.batches for m in batch.messages if m.kind == NOTE_ON]
    timed = [s for s in gig.sent if s.message.kind == NOTE_ON and s.message.channel in (1, 9)]
    assert len(timed) > 100
    assert len(ready) > 0.95 * len(timed)


def test_what_is_taken_early_is_what_a_wake_sends():
    def play(early: bool) -> list:
        gig = gig_of(**{"metronome.when": "always"})
        if not early:
            gig.stage.take_due = lambda *_: []
        drum = DrumMachine(gig)
        drum.start()
        drum.run(40, 150)
        busy_player(gig, drum.now_s, Random(2))
        gig.run(drum.now_s)
        return [(round(s.time_s, 5), bytes(s.message)) for s in gig.sent]

    assert sorted(play(True)) == sorted(play(False))


@given(st.lists(st.floats(0, 0.1), max_size=50))
def test_the_pace_keeps_its_limits_and_covers_what_was_just_needed(works):
    pace = WorkTime(0.001, 0.01)
    for work_s in works:
        pace.took(work_s)
        assert min(work_s, 0.01) <= pace.reach_s
        assert 0.001 <= pace.reach_s <= 0.01


def test_the_pace_forgets_an_outlier():
    pace = WorkTime(0.001, 0.01)
    pace.took(0.1)
    assert pace.reach_s == 0.01
    for _ in range(200):
        pace.took(0.0)
    assert pace.reach_s == 0.001
