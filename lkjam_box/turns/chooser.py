"""What is chosen: progression, key and turn length, as the buttons step through them. Pure."""

from __future__ import annotations

from ..config.options import Turns
from ..music.library import Library
from .grid import Tune

TURN_CHOICES = (1, 2, 4, 8)
LONGEST_TURN_BARS = 16


class Chooser:
    """Begins with the progression called ``name``; raises ProgressionError if there is none."""

    def __init__(self, library: Library, options: Turns, name: str) -> None:
        self.library = library
        self._loops = options.loops
        self._turn_bars = options.turn_bars  # 0: the progression's own
        self._index = library.find(name)
        self._transpose = 0

    def recall(self, name: str | None, transpose: int, turn_bars: int | None) -> None:
        """Choose again what ``chosen`` gave; None or a name not in the library changes nothing."""
        names = [progression.name for progression in self.library.progressions]
        if name in names:
            self._index = names.index(name)
            self._transpose = 0
            self.move_key(transpose)
        if turn_bars is not None:
            self._turn_bars = min(max(turn_bars, 0), LONGEST_TURN_BARS)

    def step(self, by: int) -> None:
        self.choose((self._index + by) % len(self.library))

    def choose(self, index: int) -> None:
        """Choose a progression, in its own key; an index not in the library changes nothing."""
        if 0 <= index < len(self.library):
            self._index, self._transpose = index, 0

    def move_key(self, semitones: int) -> None:
        self._transpose = (self._transpose + semitones + 6) % 12 - 6

    def set_turn_bars(self, bars: int) -> None:
        """Choose a turn length of 1 to 16 bars; 0 steps on to the next of 1, 2, 4, 8."""
        now = self.turn_bars
        following = next((choice for choice in TURN_CHOICES if choice > now), TURN_CHOICES[0])
        self._turn_bars = min(bars, LONGEST_TURN_BARS) if bars >= 1 else following

    def replace(self, library: Library) -> bool:
        """Take a new library; False when it lacks the chosen progression: the first is chosen."""
        name = self.library.progressions[self._index].name
        names = [progression.name for progression in library.progressions]
        self.library = library
        self._index = names.index(name) if name in names else 0
        return name in names

    @property
    def chosen(self) -> tuple[str, int, int]:
        """Name, semitones and bars (0: the progression's own), as ``recall`` takes them."""
        return self.library.progressions[self._index].name, self._transpose, self._turn_bars

    @property
    def tune(self) -> Tune:
        progression = self.library.get(self._index, self._transpose)
        return Tune(progression, self._index, self._transpose, self.library.number)

    @property
    def turn_bars(self) -> int:
        return self._turn_bars or self.tune.progression.turn_bars

    @property
    def loops(self) -> int:
        """Loops of a set, 0 for no end."""
        return self.tune.progression.loops if self._loops < 0 else self._loops
