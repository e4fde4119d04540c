"""How long the brain takes, as the stage sees it: both ways through the link included. Pure."""

from __future__ import annotations

from ..protocol.measures import Measures
from ..protocol.records import Answered, Heard, Prepare, Record, TurnBegan, Withdrawn


class ResponseTime:
    """``tell`` takes what goes to the brain, ``hear`` what comes back, each with its time.

    The brain answers anew after every note it hears: the time runs from the last note, or from
    :class:`Prepare` if that came later. Answers that heard less are not counted.
    """

    def __init__(self, measures: Measures) -> None:
        self._measures = measures
        self._asked_s = 0.0
        self._version = -1  # heard last
        self._heard = 0  # what the brain was told of the call: notes, and notes taken back

    def tell(self, time_s: float, record: Record) -> None:
        match record:
            case Heard() | Withdrawn():
                self._asked_s, self._heard = time_s, self._heard + 1
            case Prepare():
                self._asked_s = time_s
            case TurnBegan(turn) if turn.seat == 0:
                self._heard = 0
            case _:
                pass

    def hear(self, time_s: float, record: Record) -> None:
        if not isinstance(record, Answered) or record.heard != self._heard:
            return
        waited_s = time_s - self._asked_s
        if record.version != self._version:
            self._version = record.version
            self._measures.brain_first.add(waited_s)
        if record.whole:
            self._measures.brain_whole.add(waited_s)
