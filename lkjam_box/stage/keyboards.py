"""What each keyboard holds, so that its mode messages touch nothing else. Pure.

Old keyboards send All Notes Off when the last key goes up, sequencers send All Sound Off and All
Notes Off on every channel at PLAY. On a channel that others play on, too, either would end their
notes. So a mode message never travels on: it becomes the note-offs of that keyboard's own keys.
"""

from __future__ import annotations

from ..midi.controllers import VOLUME_CC, VOLUME_FINE_CC, Control, Controllers
from ..midi.messages import (
    ALL_SOUND_OFF_CC,
    CONTROL_CHANGE,
    FIRST_MODE_CC,
    NOTE_OFF,
    NOTE_ON,
    RESET_CONTROLLERS_CC,
    SUSTAIN_CC,
    Message,
    control_change,
    note_off,
)

_KEPT = (VOLUME_CC, VOLUME_FINE_CC)  # what Reset All Controllers leaves alone (RP-015)


class Keyboards:
    """``plain`` takes every channel message of the keyboards, each with its device."""

    def __init__(self) -> None:
        self._keys: dict[str, dict[tuple[int, int], None]] = {}
        self._controllers: dict[str, Controllers] = {}

    def plain(self, message: Message, device: str = "") -> list[Message]:
        """The message; where it is a mode message, those that do the same to what its device
        holds on that channel."""
        controllers = self._controllers.get(device)
        if controllers is None:
            self._keys[device], self._controllers[device] = {}, (controllers := Controllers())
        keys = self._keys[device]
        kind, channel = message.kind, message.channel
        messages = [message]
        if kind == NOTE_ON:
            controllers.take(message)
            keys[channel, message.pitch] = None
            return messages
        if kind == CONTROL_CHANGE and message.number >= FIRST_MODE_CC:
            if message.number == RESET_CONTROLLERS_CC:
                messages = [m for m in controllers.rest((channel,)) if not _is_kept(m)]
            else:
                messages = [note_off(*key) for key in keys if key[0] == channel]
            if message.number == ALL_SOUND_OFF_CC:  # what its pedal holds ends, too
                down = controllers.values.get(Control(channel, CONTROL_CHANGE, SUSTAIN_CC), 0)
                if down >= 64:
                    messages += [control_change(channel, SUSTAIN_CC, v) for v in (0, down)]
        for one in messages:
            controllers.take(one)
            if one.kind == NOTE_OFF:
                keys.pop((one.channel, one.pitch), None)
        return messages

    def clear(self) -> None:
        """No keyboard is left, or all was let go by other means."""
        self._keys.clear()
        self._controllers.clear()


def _is_kept(message: Message) -> bool:
    return message.kind == CONTROL_CHANGE and message.number in _KEPT
