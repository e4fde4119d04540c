"""The human's side of the trade: thru, capture, the pedal that hands over. Pure."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from ..config.options import Config
from ..midi.messages import CONTROL_CHANGE, NOTE_OFF, NOTE_ON, Message
from ..music.note import Note
from ..protocol.engine import Role
from ..protocol.records import Heard, Record, Turn, TurnBegan, Withdrawn
from .capture import Capture, Telling
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
        to_brain: Callable[[Record], object],
    ) -> None:
        self.call: list[Note] = []  # the turn so far
        self._zones, self._keyboards = zones, Keyboards()
        self.plain = self._keyboards.plain  # what to take by ``message`` in place of a message
        self._thru = Thru(config.thru, ledger, guard, zones)
        self._capture = Capture(config.turns.early_beats, config.listen)
        self._view, self._send, self._to_brain = view, send, to_brain
        kind, _, number = config.turns.hand_over.partition(":")
        self._pedal_kinds = {"cc": (CONTROL_CHANGE,), "note": (NOTE_ON, NOTE_OFF)}.get(kind, ())
        self._pedal = int(number or -1)

    @property
    def count(self) -> int:
        """What the brain was told of the call, or the last one: notes, and notes taken back."""
        return self._capture.count

    @property
    def comping(self) -> list[Note]:
        """What was played beside the call, or the last one: see :meth:`Capture.comping`."""
        return self._capture.comping()

    def is_pedal(self, message: Message) -> bool:
        """Whether the message comes from the pedal or key that hands over, which never sounds."""
        return message.kind in self._pedal_kinds and message.number == self._pedal

    def presses_pedal(self, message: Message) -> bool:
        is_switch = message.kind == CONTROL_CHANGE
        pressed = message.value >= 64 if is_switch else message.kind == NOTE_ON
        return self.is_pedal(message) and pressed

    def use(self, config: Config) -> None:
        """Go on with other options for thru and listening."""
        self._capture.listen = config.listen
        self._out(self._thru.use(config.thru))

    def message(self, time_s: float, beat: float, message: Message, device: str = "") -> None:
        """Send a channel message of ``device`` on to the synth, and take its note into the call."""
        left_s = self._out(self._thru.pass_on(message, device))
        self._thru.look()
        if message.kind == NOTE_ON:
            if left_s is not None:
                self._view.measures.thru.add(left_s - time_s)
            self._view.pressed(message.pitch, message.velocity)
            self._tell(
                self._capture.press(time_s, beat, message.pitch, message.velocity, message.channel)
            )
            if self._capture.takes_last:
                self._view.heard(time_s, message.pitch, message.velocity, device)
        elif message.kind == NOTE_OFF:
            self._tell(self._capture.release(time_s, beat, message.pitch, message.channel))

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
        for record in self._capture.again():
            self._to_brain(record)

    def _out(self, messages: list[Message]) -> float | None:
        """Send them; returns when the last one left, None where that is not known."""
        left_s = None
        for message in messages:
            left_s = self._send(message)
        return left_s

    def _tell(self, records: list[Telling]) -> None:
        call = self.call
        for record in records:
            self._to_brain(record)
            known = call[record.seq - 1] if record.seq <= len(call) else None
            if isinstance(record, Heard):
                if known is None or known.pitch != record.pitch:
                    self._view.show_note(record.pitch, Role.HUMAN)
                note = Note(record.onset_beats, record.pitch, record.velocity, _UNKNOWN_BEATS)
                call[record.seq - 1 :] = [note]
            elif isinstance(record, Withdrawn):
                del call[record.seq - 1 :]
            elif known is not None:
                length = max(record.end_beats - known.onset_beats, 1 / 48)
                call[record.seq - 1] = replace(known, duration_beats=length)
