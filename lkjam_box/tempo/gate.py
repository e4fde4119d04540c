"""One clock at a time: the first source that speaks holds the box, others are vetoed. Pure."""

from __future__ import annotations

from ..midi.messages import CONTINUE, START, TICK, Message

HOLD_S = 2.0  # how long a silent master still holds the box
_CLAIMS = frozenset((TICK, START, CONTINUE))


class ClockGate:
    """Ask ``accepts`` for every clock message of every source; call ``release`` on LOST.

    ``master`` is the name of the source that holds the box; ``rival`` that of another that
    sent clock within the last ``HOLD_S``; '' for none.
    """

    def __init__(self) -> None:
        self.master = ""
        self._heard_s = 0.0
        self._rival = ""
        self._rival_s = 0.0

    def accepts(self, time_s: float, source: str, message: Message) -> bool:
        """Whether to follow this message. Only ticks, Start and Continue claim a free box."""
        if source != self.master and (not self.master or time_s - self._heard_s > HOLD_S):
            if message.kind not in _CLAIMS:
                return not self.master
            if self._rival == source:
                self._rival = ""
            self.master = source
        if source == self.master:
            self._heard_s = time_s
            return True
        if message.kind in _CLAIMS:
            self._rival, self._rival_s = source, time_s
        return False

    def rival(self, time_s: float) -> str:
        """The second master, or ''."""
        return self._rival if time_s - self._rival_s <= HOLD_S else ""

    def release(self) -> None:
        """The master is lost: the next source that speaks takes its place."""
        self.master = ""
