"""The folder of recordings: the journal of the set that plays, and the MIDI files of those before.

A journal (``.part``) is deleted only once its MIDI file is safe; one that a power cut leaves is
made into a MIDI file at the next start. Names carry how often the box was started and which set it
was, never a date: the box has no clock. Only names of that kind are ever counted or deleted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ..midi.messages import NOTE_ON
from ..state.disk import Disk
from . import journal
from .journal import Began, Ended, Entry, Message, Turned
from .take_file import midi_file

_STEP = 1 << 16  # bytes between two looks at the folder
SYNC_S = 2.0  # a power cut costs so much of a recording at most
_NAME = re.compile(r"(\d{4,})-(\d{2,})(-[a-z0-9-]*)?\.(mid|part)")


class Takes:
    """Entries go in with ``write``; ``tend`` now and then makes them safe.

    ``fault`` is one line when the disk refused; that set is recorded no more, the next is tried.
    ``keep_bytes`` and ``keep_sets`` bound the folder; the oldest go first. ``boot`` is how often
    the box was started, for the names; it is set higher where a recording says that it was more.
    """

    def __init__(self, disk: Disk, boot: int, keep_bytes: int, keep_sets: int) -> None:
        self.fault = ""
        self._disk, self.boot = disk, boot
        last = max((_place(name)[0] for name in disk.sizes()), default=-1)
        if last > boot:  # the count of starts was lost: what lies here is older all the same
            self.boot = last + 1
        self._keep_bytes, self._keep_sets = keep_bytes, keep_sets
        self._name = ""  # of the journal, '' before the first note
        self._number = 0  # of its next entry
        self._bytes = 0
        self._waiting: list[Entry] = []  # entries before the first note
        self._takes = False  # a set goes on and can be recorded
        self._note, self._title = False, ""  # of the set that waits
        self._roomy = 0  # bytes of the journal that there is room for
        self._synced, self._sync_s = True, 0.0

    @property
    def running(self) -> bool:
        return self._takes

    def recover(self) -> None:
        """At the start: go on with a journal of this boot that has no end, finish all others."""
        for name in sorted(self._disk.sizes()):
            if not _NAME.fullmatch(name) or not name.endswith(".part"):
                continue
            try:
                if not (_place(name)[0] == self.boot and self._goes_on(name)):
                    self._finish(name)
            except OSError as error:
                self._fail(error)

    def write(self, entries: Iterable[Entry]) -> None:
        """Take entries, in the order in which they were made. Never raises OSError."""
        frames = bytearray()
        try:
            for entry in entries:
                if isinstance(entry, Began):
                    self._close(frames)
                    self._takes, self._waiting, self._note = True, [], False
                    self._title = self.fault = ""
                if not self._takes:
                    continue
                if isinstance(entry, Ended):
                    if self._name:
                        self._put(frames, entry)
                    self._close(frames)
                elif self._name:
                    self._put(frames, entry)
                else:
                    self._wait(frames, entry)
            self._flush(frames)
        except OSError as error:
            self._fail(error)

    def tend(self, time_s: float) -> None:
        """Make safe on disk what was written; call it a few times a second."""
        if self._synced or time_s - self._sync_s < SYNC_S:
            return
        self._sync_s, self._synced = time_s, True
        try:
            self._disk.sync(self._name)
        except OSError as error:
            self._fail(error)

    def close(self) -> None:
        """End the set that plays: the box stops."""
        self.write([Ended(0.0)])

    # --- inside

    def _goes_on(self, name: str) -> bool:
        """Go on with a journal that a recorder killed in mid-set has left; False if it is none."""
        data = self._disk.read(name)
        count, last, end = 0, None, 0
        for entry, after in journal.read(data):
            count, last, end = count + 1, entry, after
        if self._name or last is None or isinstance(last, Ended) or end < len(data):
            return False
        self._name, self._number, self._bytes, self._takes = name, count, len(data), True
        return True

    def _wait(self, frames: bytearray, entry: Entry) -> None:
        """Keep entries until the first note: a set without one leaves no journal."""
        self._waiting.append(entry)
        if isinstance(entry, Turned):
            self._title = self._title or entry.title
        if isinstance(entry, Message) and (message := entry.message()) is not None:
            self._note |= message.kind == NOTE_ON
        if not (self._note and self._title):
            return
        name = self._new_name()
        self._name, self._number, self._bytes, self._roomy = name, 0, 0, 0
        frames += journal.MAGIC
        for early in self._waiting:
            self._put(frames, early)
        self._waiting = []
        self._flush(frames)
        self._disk.sync_folder()

    def _put(self, frames: bytearray, entry: Entry) -> None:
        frames += journal.frame(entry, self._number)
        self._number += 1

    def _flush(self, frames: bytearray) -> None:
        if not frames:
            return
        size = self._bytes + len(frames)
        if size > self._roomy:
            self._roomy = size + min(_STEP, self._keep_bytes // 8)
            # Its MIDI file, which is smaller, will have to lie beside the journal for a moment.
            if not self._make_room(2 * self._roomy, besides=self._name):
                raise OSError(0, "the folder is full of this one set (recorder.keep_mb)")
        self._disk.append(self._name, bytes(frames))
        self._bytes += len(frames)
        self._synced = False
        frames.clear()

    def _close(self, frames: bytearray) -> None:
        self._flush(frames)
        name, self._name, self._takes, self._synced = self._name, "", False, True
        if name:
            self._finish(name)

    def _finish(self, name: str) -> None:
        """Make a journal's MIDI file, then delete it; after a power cut it is all done again."""
        self._disk.sync(name)
        data = midi_file(entry for entry, _ in journal.read(self._disk.read(name)))
        if data:
            final = name.removesuffix("part") + "mid"
            self._make_room(len(data), besides=name, sets=1)
            self._disk.write(final, data)
            self._disk.sync(final)
            self._disk.sync_folder()
        self._disk.remove(name)
        self._disk.sync_folder()

    def _make_room(self, needed: int, besides: str, sets: int = 0) -> bool:
        """Delete the oldest until ``needed`` bytes and ``sets`` more fit; False if they cannot."""
        old = {name: size for name, size in self._disk.sizes().items() if _NAME.fullmatch(name)}
        old.pop(besides, None)
        total = sum(old.values())
        for name in sorted(old, key=_place):
            if total + needed <= self._keep_bytes and len(old) + sets <= self._keep_sets:
                break
            self._disk.remove(name)
            total -= old.pop(name)
        return total + needed <= self._keep_bytes

    def _new_name(self) -> str:
        sets = [_place(name)[1] for name in self._disk.sizes() if _place(name)[0] == self.boot]
        words = re.sub(r"[^a-z0-9]+", "-", self._title.lower().replace("#", "s")).strip("-")
        return f"{self.boot:04}-{max(sets, default=0) + 1:02}-{words[:48]}.part"

    def _fail(self, error: OSError) -> None:
        self.fault = f"not recorded: {reason(error)}; the next set is tried again"
        self._name, self._takes, self._synced, self._waiting = "", False, True, []


def _place(name: str) -> tuple[int, int]:
    """(boot, set) of a recording, (-1, -1) of any other file."""
    found = _NAME.fullmatch(name)
    return (int(found[1]), int(found[2])) if found else (-1, -1)


def reason(error: OSError) -> str:
    """Why a disk refused, and the file's name where it is known."""
    return f"{error.strerror or error}" + (f" ({error.filename})" if error.filename else "")


def listed(disk: Disk) -> list[tuple[str, int]]:
    """Names and bytes of the finished recordings, oldest first."""
    sizes = disk.sizes()
    files = [name for name in sizes if _NAME.fullmatch(name) and name.endswith(".mid")]
    finished = [name for name in files if name.removesuffix("mid") + "part" not in sizes]
    return [(name, sizes[name]) for name in sorted(finished, key=_place)]


def takes_folder(option: str, state: Path) -> Path:
    """Where recordings lie: what ``recorder.folder`` says, or beside the state."""
    return Path(option).expanduser() if option else state / "takes"
