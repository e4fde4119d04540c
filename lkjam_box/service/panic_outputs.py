"""Silence the synth from outside the stage: when it cannot, was killed, or no box runs at all.

The supervisor keeps these outputs open, and opens them whenever the list of ports changes, so that
silence is one write away: opening an ALSA port at that moment costs milliseconds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from ..closing import Closing
from ..config.options import Ports
from ..errors import LkjamError
from ..ports.held import Held, silence
from ..ports.names import choose, short
from ..ports.port import OutputPort, PortKind
from ..protocol.runtime_folder import held_path

_FLUSH_S = 0.05  # jack takes what was written at its next period


def silence_all(kind: PortKind, options: Ports, folder: Path) -> list[str]:
    """End every note through outputs opened for this; returns the names of those reached. Where
    no synth is plugged in, the held map stays: the next box ends those notes."""
    with PanicOutputs(kind, options, folder) as outputs:
        outputs.update(kind.outputs())
        reached = outputs.silence() if outputs.reach else []
        if reached and kind.name != "virtual":
            time.sleep(_FLUSH_S)
    return reached


class PanicOutputs(Closing):
    """The supervisor's own outputs to the synths that the stage plays to."""

    def __init__(self, kind: PortKind, options: Ports, folder: Path) -> None:
        self._kind, self._options = kind, options
        self._held = Held.open(held_path(folder)) if folder.is_dir() else Held()
        self._outputs: dict[str, OutputPort] = {}

    @property
    def sounds(self) -> bool:
        """Whether the held map knows of a note."""
        return bool(self._held)

    @property
    def reach(self) -> bool:
        """Whether any synth can be reached."""
        return bool(self._outputs)

    def update(self, plugged: Sequence[str]) -> None:
        """Open and close outputs to fit ``plugged``; one that failed is tried at the next call."""
        wanted = choose(plugged, self._options.synth, self._options.ignore)
        for name in [name for name in self._outputs if name not in wanted]:
            self._drop(name)
        for name in wanted:
            if name not in self._outputs:
                try:
                    self._outputs[name] = self._kind.open_output(name)
                except (LkjamError, OSError):
                    continue

    def silence(self) -> list[str]:
        """End every note on every synth, those known to sound first; returns the names reached.

        The held map is empty afterwards. Harmless to a stage that lives: its ledger ends the
        same notes once more.
        """
        messages = silence(self._held)
        notes = len(self._held.notes())
        for part in (messages[:notes], messages[notes:]):
            for name in list(self._outputs):
                try:
                    for message in part:
                        self._outputs[name].send(message)
                except OSError:
                    self._drop(name)
        for message in messages:
            self._held.sent(message)
        return [short(name) for name in self._outputs]

    def _close(self) -> None:
        for name in list(self._outputs):
            self._drop(name)
        self._held.close()

    def _drop(self, name: str) -> None:
        try:
            self._outputs.pop(name).close()
        except OSError:
            pass
