"""The real processes, with very many tunes, one of them edited all the time."""

import os
import signal
import statistics
import threading
import time

import pytest

from lkjam_box.midi.messages import NOTE_OFF, note_off, note_on
from tests.service.test_supervisor import LiveBox

TUNE = "name: Tune {0}\nkey: C\nbars:\n  - Dm7 | G7 | Cmaj7 | Cmaj7 # {1}\n"
SOUNDS_S = 0.02  # a note may sound on for so long after its stage was killed
KILLS = 4


class Editor:
    """A player who saves one of his tunes again and again."""

    def __init__(self, folder, count):
        self._folder, self._saves = folder, 0
        for number in range(count):
            self._write(number)
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._edit, daemon=True)

    def _write(self, number):
        self._saves += 1
        text = TUNE.format(number, "x" * (self._saves % 50))
        (self._folder / f"tune-{number:04}.yaml").write_text(text)

    def _edit(self):
        while not self._ends.wait(0.05):
            self._write(7)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ends.set()
        self._thread.join()


@pytest.mark.parametrize("count", [400, 2000])
def test_a_killed_stages_note_ends_at_once_while_they_are_read(tmp_path, count):
    tunes = tmp_path / "tunes"
    tunes.mkdir()
    editor = Editor(tunes, count)
    live = LiveBox(tmp_path)
    try:
        live.until("ready", lambda now: now.keyboard and now.engine)
        sounded_s = []
        with editor:
            live.until("an edit", lambda now: "progressions read again" in live.said())
            for number in range(KILLS):
                before = live.said().count("stage: priority")
                stage = live.child("stage")
                live.keys.send(note_on(0, 62, 90))
                live.until("thru", lambda now: (0, 62) in live.held())
                time.sleep(0.21 * number)  # here and there between two looks at the files
                os.kill(stage, signal.SIGKILL)
                killed_s = time.monotonic()
                live.until("silence", lambda now, since=killed_s: note_offs(live, since))
                sounded_s.append(note_offs(live, killed_s)[0] - killed_s)
                live.keys.send(note_off(0, 62))
                live.until("a stage", lambda now, n=before: live.said().count("stage: p") > n)
                live.until("its keyboard", lambda now, old=stage: now.pid != old and now.keyboard)
        # The computer's other work may delay one of them; a supervisor that reads delays most.
        assert statistics.median_low(sounded_s) <= SOUNDS_S, sounded_s
        (tunes / "tune-0007.yaml").write_text(TUNE.format("of mine", ""))
        live.until("the last edit", lambda now: edited(live))
    finally:
        assert live.close() == 0, live.said()


def note_offs(live, since_s):
    """When note-offs came since then."""
    return [time_s for time_s, m in live.stamped if m.kind == NOTE_OFF and time_s > since_s]


def edited(live):
    return any(b"Tune of mine" in path.read_bytes() for path in live.folder.glob("library-*.json"))
