"""Now, as the stage sees it: worked out once a wake and passed on. Pure."""

from __future__ import annotations

from typing import NamedTuple


class Moment(NamedTuple):
    """``beat`` is the timeline's, ``out_beat`` the one on the wire: the output offset is off."""

    time_s: float
    beat: float
    out_beat: float
    bpm: float
