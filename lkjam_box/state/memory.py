"""What the box remembers of its last run, for the processes that it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from msgspec.structs import replace

from ..config.options import Config
from ..music.library import Library
from ..protocol.choices import Choices, Device, read_choices
from ..protocol.shared_state import Snapshot
from .disk import Folder
from .remembered import remembered, still_counts
from .slots import Slots


class Memory:
    """Read once, from ``folder``; only the recorder writes there. ``boot`` numbers the starts."""

    def __init__(self, folder: Path, config: Config, library: Library, log: Callable[[str], None]):
        state = Slots(Folder(folder)).state
        self.boot = state.boots + 1
        self.keeps = config.service.remember
        self.devices = state.devices if self.keeps else ()
        self._choices = still_counts(state, config) if self.keeps else Choices()
        name = self._choices.progression
        if name is not None and name not in [one.name for one in library.progressions]:
            log(f"{name}, played last, is not among the progressions any more")
            self._choices = replace(self._choices, progression=None, transpose=0)

    def choices(self, snapshot: Snapshot | None) -> Choices:
        """For a new stage: the last stage's choices, from ``snapshot``, or the remembered ones."""
        return read_choices(snapshot.choices) if snapshot and snapshot.choices else self._choices

    def learn(self, devices: Iterable[Device]) -> None:
        """Remember what role each plugged-in device turned out to have."""
        self.devices = remembered((*self.devices, *devices))
