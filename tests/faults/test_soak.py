"""Five minutes of set in virtual time; ``make soak-virtual`` plays twelve hours."""

from functools import partial

from lkjam_box.brain.engines import make_engine
from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.play.long_set import soak
from tests.play.world import small_library


def test_nothing_is_late_lost_or_left():
    config = override(Config(), {"brain.engine": "markov", "turns.turn_bars": 1})
    make = partial(make_engine, options=config.brain)
    done = soak(config, small_library(), make, hours=1 / 12)
    assert done.faults == []
    assert done.counts["answers"] > 70
    assert done.beats > 590
