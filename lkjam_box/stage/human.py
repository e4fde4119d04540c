"""The human's side of the trade: thru, capture, the pedal that hands over. Pure."""

from __future__ import annotations

from collections.abc import Callable

from ..config.options import Config
from ..midi.messages import CONTROL_CHANGE, NOTE_OFF, NOTE_ON, Message
from ..music.note import Note
from ..protocol.engine import Role
from ..protocol.records import Heard, Record, Released, Turn, TurnBegan
from .capture import Capture
from .channel_guard import ChannelGuard
from .keyboards import Keyboards
from .ledger import Ledger
from .mpe import Zones
from .thru import Thru
from .view import View

_UNKNOWN_BEATS = 0.25  # length of a note of the call while it is held


class Human:
    """``message`` takes what the keyboard sends; the brain is told of every note of a turn."""

    def __init__(
        self,
        config: Config,
        *,
        ledger: Ledger,
        guard: ChannelGuard,
        zones: Zones,
        view: View,
        send: Callable[[Message], float | None],
        to_brain: Callable[[Record], None],
    ) -> None:
        self.call: list[Note] = []  # the turn so far
        self._zones, self._keyboards = zones, Keyboards()
        self._thru = Thru(config.thru, ledger, guard, zones)
        self._capture = Capture(config.turns.early_beats)
        self._view, self._send, self._to_brain = view, send, to_brain
        kind, _, number = config.turns.hand_over.partition(":")
        self._pedal_kinds = {"cc": (CONTROL_CHANGE,), "note": (NOTE_ON, NOTE_OFF)}.get(kind, ())
        self._pedal = int(number or -1)

    @property
    def count(self) -> int:
        """Notes of the present or the last turn."""
        return self._capture.count

    def is_pedal(self, message: Message) -> bool:
        """Whether the message comes from the pedal or key that hands over, which never sounds."""
        return message.kind in self._pedal_kinds and message.number == self._pedal

    def presses_pedal(self, message: Message) -> bool:
        is_switch = message.kind == CONTROL_CHANGE
        pressed = message.value >= 64 if is_switch else message.kind == NOTE_ON
        return self.is_pedal(message) and pressed

    def plain(self, message: Message, device: str = "") -> list[Message]:
        """The messages to take with :meth:`message` in place of this one of a keyboard's."""
        return self._keyboards.plain(message, device)

    def message(self, time_s: float, beat: float, message: Message, device: str = "") -> None:
        """Send a channel message of ``device`` on to the synth, and take its note into the call."""
        left_s = self._out(self._thru.pass_on(message, device))
        if message.kind == NOTE_ON:
            if left_s is not None:
                self._view.measures.thru.add(left_s - time_s)
            self._view.figures.notes_in += 1
            self._tell(self._capture.press(time_s, beat, message.pitch, message.velocity))
        elif message.kind == NOTE_OFF:
            self._tell(self._capture.release(beat, message.pitch))

    def lost(self, beat: float) -> None:
        """No keyboard is left: lift the keys, make neutral what was moved."""
        self.release()
        self._zones.forget_shown()
        self._tell(self._capture.lift(beat))

    def release(self, *, every: bool = False) -> None:
        """Let go of all that sounds; see :meth:`.thru.Thru.release`."""
        self._keyboards.clear()
        self._out(self._thru.release(every=every))

    def begin(self, turn: Turn) -> None:
        self._tell(self._capture.begin(turn))

    def end(self, line_beats: float) -> list[Note]:
        """End the turn; returns the notes that were played in it."""
        self._tell(self._capture.end(line_beats))
        call, self.call = self.call, []
        return call

    def retell(self, turn: Turn) -> None:
        """Tell a brain that has just come up what was played in ``turn`` before it could hear."""
        self._to_brain(TurnBegan(turn))
        for seq, note in enumerate(self.call, 1):
            self._to_brain(Heard(turn.serial, seq, note.pitch, note.velocity, note.onset_beats))
            if seq < len(self.call) or not self._capture.held:
                self._to_brain(Released(turn.serial, seq, note.end_beats))

    def _out(self, messages: list[Message]) -> float | None:
        """Send them; returns when the last one left, None where that is not known."""
        left_s = None
        for message in messages:
            left_s = self._send(message)
        return left_s

    def _tell(self, records: list[Heard | Released]) -> None:
        for record in records:
            self._to_brain(record)
            if isinstance(record, Heard):
                self._view.show_note(record.pitch, Role.HUMAN)
                note = Note(record.onset_beats, record.pitch, record.velocity, _UNKNOWN_BEATS)
                self.call[record.seq - 1 :] = [note]
            elif record.seq == len(self.call):
                note = self.call[-1]
                length = max(record.end_beats - note.onset_beats, 1 / 48)
                self.call[-1] = Note(note.onset_beats, note.pitch, note.velocity, length)
