"""The list of ports, made anew when something may have changed, not again and again."""

from __future__ import annotations

from ..ports.port import PortKind

Plugged = tuple[tuple[str, ...], tuple[str, ...]]
"""Names of inputs and outputs."""

MARK_S = 1.0  # between two questions whether something changed; to list is ten times as dear
SETTLES_S = 2.0  # the ports of a device come one after the other: for so long after a change
AGAIN_S = 0.25  # they are listed so often
SWEEP_S = 10.0  # and so often in any case


class PortList:
    """``plugged`` is the list as it was made last."""

    def __init__(self, kind: PortKind, now_s: float) -> None:
        self._kind = kind
        self._mark = kind.mark()
        self._marked_s = self._listed_s = now_s
        self._changed_s = -SETTLES_S
        self.plugged: Plugged = self._list()

    def look(self, now_s: float, news: bool, again: bool = False) -> bool:
        """Whether the list was made anew, changed or not. ``news``: it shall be, at once;
        ``again``: it does not fit somebody, and shall be every :data:`AGAIN_S`."""
        blind = False
        if now_s - self._marked_s >= MARK_S:
            self._marked_s = now_s
            mark, self._mark = self._mark, self._kind.mark()
            news, blind = news or mark != self._mark, self._mark is None
        if news:
            self._changed_s = now_s
        news = news or blind
        settles = again or now_s - self._changed_s < SETTLES_S
        if not news and now_s - self._listed_s < (AGAIN_S if settles else SWEEP_S):
            return False
        self._listed_s = now_s
        self.plugged = self._list()
        return True

    def next_s(self) -> float:
        """When to look again at the latest."""
        settles = self._marked_s - self._changed_s < SETTLES_S
        return self._listed_s + AGAIN_S if settles else self._marked_s + MARK_S

    def _list(self) -> Plugged:
        return tuple(self._kind.inputs()), tuple(self._kind.outputs())
