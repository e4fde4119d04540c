"""The library: the progressions the buttons step through; its number tells versions apart.

Reading files is :func:`load_library`; everything else is pure and needs no YAML.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from ..config.nodes import nearest
from ..config.options import Music
from ..errors import ProgressionError
from .harmony import Progression
from .progression import in_key, load_progressions, yaml_files

_Shelved = tuple[Progression, str]  # and the file it came from
KEPT = 4  # libraries that are kept, as files too: older turns have ended by then
SHIPPED = Path(__file__).parent / "progressions"


@dataclass(frozen=True)
class Library:
    """Progressions in order; ``sources[i]`` is the file that ``progressions[i]`` came from."""

    number: int
    progressions: tuple[Progression, ...]
    sources: tuple[str, ...] = ()
    _moved: dict[tuple[int, int], Progression] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def __len__(self) -> int:
        return len(self.progressions)

    def get(self, index: int, transpose: int = 0) -> Progression:
        """Progression ``index``, so many semitones up from its written key. Both wrap around."""
        place = (index % len(self.progressions), transpose % 12)
        found = self._moved.get(place)
        if found is None:
            found = self._moved[place] = in_key(self.progressions[place[0]], place[1])
        return found

    def find(self, name: str) -> int:
        """Index by name, in any case, or by a part of just one name. Empty is the first."""
        names = [p.name.casefold() for p in self.progressions]
        wanted = name.strip().casefold()
        if wanted in names:
            return names.index(wanted)
        within = [index for index, other in enumerate(names) if wanted in other]
        if within and (len(within) == 1 or not wanted):
            return within[0]
        known = [self.progressions[i].name for i in within] or [p.name for p in self.progressions]
        raise ProgressionError("progression", found=name, allowed=nearest(name, known))

    def encode(self) -> bytes:
        """JSON, for another process."""
        return msgspec.json.encode((self.number, self.progressions, self.sources))

    @staticmethod
    def decode(data: bytes) -> Library:
        parts = tuple[int, tuple[Progression, ...], tuple[str, ...]]
        return Library(*msgspec.json.decode(data, type=parts))


class Libraries:
    """The last few libraries by number: what plays may be of an older one than the newest.

    ``read`` looks for one that was not added yet; it gives None where there is none.
    """

    def __init__(
        self, newest: Library, read: Callable[[int], Library | None] = lambda _: None
    ) -> None:
        self.newest = newest
        self._read = read
        self._kept = {newest.number: newest}

    def add(self, library: Library) -> None:
        """Take the newest."""
        self.newest = library
        self._keep(library)

    def of(self, number: int) -> Library:
        """Library ``number``; the newest in its place once nobody has it any more."""
        found = self._kept.get(number) or self._read(number)
        if found is None:
            found = self.newest
        elif found.number not in self._kept:
            self._keep(found)
        return found

    def _keep(self, library: Library) -> None:
        self._kept.pop(library.number, None)
        self._kept[library.number] = library
        while len(self._kept) > KEPT:
            del self._kept[next(iter(self._kept))]


def load_library(
    music: Music,
    number: int = 0,
    keep: Library | None = None,
    between: Callable[[], object] = lambda: None,
) -> tuple[Library, tuple[ProgressionError, ...]]:
    """The box's own progressions and the user's, in the order of ``music.set``. ``between`` is
    called after each of the user's files, which may be thousands.

    A user's progression replaces a shipped one of the same name. A file (or the folder)
    that cannot be read gives one error; its progressions are then taken from ``keep``.
    """
    errors: list[ProgressionError] = []
    shelf: dict[str, _Shelved] = {
        p.name: (p, str(file)) for file in yaml_files(SHIPPED) for p in load_progressions(file)
    }
    own: dict[str, str] = {}
    folder = Path(music.folder).expanduser()
    try:
        files = yaml_files(folder) if music.folder else []
    except OSError as bad:
        errors.append(ProgressionError(f"music.folder: {bad.strerror}", file=folder))
        files = []
        shelf.update(_kept(keep, lambda source: Path(source).parent == folder))
    for file in files:
        try:
            found = load_progressions(file)
            for p in found:
                if own.setdefault(p.name, str(file)) != str(file):
                    raise ProgressionError(
                        "name", file=file, found=p.name, allowed=f"one not in {own[p.name]}"
                    )
            shelf.update((p.name, (p, str(file))) for p in found)
        except ProgressionError as error:
            errors.append(error)
            shelf.update(_kept(keep, str(file).__eq__))
        between()
    chosen = []
    for name in music.set:
        if name in shelf:
            chosen.append(shelf[name])
        else:
            errors.append(ProgressionError("music.set", found=name, allowed=nearest(name, shelf)))
    chosen = chosen or list(shelf.values())
    library = Library(number, tuple(p for p, _ in chosen), tuple(source for _, source in chosen))
    return library, tuple(errors)


def _kept(keep: Library | None, wanted: Callable[[str], bool]) -> dict[str, _Shelved]:
    """The progressions in ``keep``, by name, whose source is ``wanted``."""
    if keep is None:
        return {}
    pairs = zip(keep.progressions, keep.sources, strict=True)
    return {p.name: (p, source) for p, source in pairs if wanted(source)}
