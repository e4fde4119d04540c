"""One channel for two players: while the box plays on it, it is neutral. Pure.

What the human moves there meanwhile is kept back and given when the box is done: so neither his
bend nor his breath, pedal or wheel is in the answer, and all of them are as he has them when his
turn begins. A note that he holds over the line, or plays into the box's turn, sounds at the level
he plays with, unbent and without pedal, until he lets it go.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..midi.controllers import Control, Controllers
from ..midi.messages import Message, routed


class ChannelGuard:
    """Of messages as they are sent: the human's go through ``pass_on``, ``guard`` says on which
    channels the box plays. Channels on which the human moved nothing are left alone."""

    def __init__(self) -> None:
        self._human = Controllers()
        self._sent: dict[Control, int] = {}
        self._guarded: frozenset[int] = frozenset()

    def pass_on(self, message: Message) -> list[Message]:
        """What to send of a message of the human's; notes are only looked at."""
        moved = self._human.take(message)
        if moved is None:
            return [message]
        if message.channel in self._guarded:
            # a piano that is keyboard and synth has moved it by itself, under the box's notes, too
            back = moved[0].at(self._human.neutral(moved[0]))
            return [routed(back, only=message.origin)] if message.origin else []
        self._sent[moved[0]] = moved[1]
        return [message]

    def guard(self, channels: Iterable[int]) -> list[Message]:
        """The box plays on ``channels`` from now on, and on no others. Returns what makes them
        neutral, and what gives the human back how he has those that it leaves."""
        before, self._guarded = self._guarded, frozenset(channels)
        if before == self._guarded:
            return []
        messages = []
        for control, value in sorted(self._human.values.items()):
            if control.channel in self._guarded:
                neutral = self._human.neutral(control)
                messages += self._send(control, neutral, self._sent.get(control, neutral))
            elif control.channel in before:
                messages += self._send(control, value, self._sent.get(control))
        for channel in before - self._guarded:
            self._human.begin_phrase(channel)
        return messages

    def reset(self, *, every: bool = False) -> list[Message]:
        """Nothing is moved any more: what makes neutral all that is not, or with ``every`` all
        that ever was moved, in case the synth missed something."""
        messages = []
        for control in sorted(self._human.values):
            neutral = self._human.neutral(control)
            sent = self._sent.setdefault(control, neutral)
            messages += self._send(control, neutral, None if every else sent)
            self._human.take(control.at(neutral))
        return messages

    def _send(self, control: Control, value: int, sent: int | None) -> list[Message]:
        if value == sent:
            return []
        self._sent[control] = value
        return [control.at(value)]
