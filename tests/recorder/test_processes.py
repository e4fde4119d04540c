"""The real processes: a killed recorder, what is written to disk and what is not, a new start."""

import os
import signal
import stat

import pytest

from lkjam_box.midi.messages import STOP, note_off, note_on, real_time
from lkjam_box.protocol.choices import read_choices
from lkjam_box.protocol.records import (
    STEERED,
    Command,
    CommandId,
    ControlId,
    ControlSetting,
    EngineId,
    Part,
)
from lkjam_box.protocol.shared_state import Mode
from lkjam_box.recorder import journal
from lkjam_box.service.command_socket import send_command
from lkjam_box.state.disk import Folder
from lkjam_box.state.slots import NAMES, Slots
from lkjam_box.turns.grid import line_up_number
from tests.service.test_supervisor import LiveBox

from .gigs import notes_of, parsed


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def box(tmp_path, state):
    (tmp_path / "run").mkdir()
    box = LiveBox(tmp_path / "run", STATE_DIRECTORY=str(state))
    yield box
    box.close()


def play(box, pitch):
    box.keys.send(note_on(0, pitch, 90))
    box.until("thru", lambda now: (0, pitch) in box.held())
    box.keys.send(note_off(0, pitch))
    box.until("its end", lambda now: (0, pitch) not in box.held())


def journaled(state):
    """What of the set that is played is in the file."""
    entries = [e for p in state.glob("takes/*.part") for e, _ in journal.read(p.read_bytes())]
    return [e for e in entries if isinstance(e, journal.Message) and e.part == Part.HUMAN]


def written(folder):
    """(name, time of the last change) of every file below ``folder``."""
    return {(str(p), p.stat().st_mtime_ns) for p in folder.rglob("*") if p.is_file()}


def test_choices_and_recording_outlive_a_killed_recorder_and_the_box(box, state):
    box.until("ready", lambda now: now.engine == EngineId.MARKOV and now.keyboard)
    send_command(box.folder, Command(CommandId.NEXT_PROGRESSION))
    send_command(box.folder, Command(CommandId.KEY, -2))
    send_command(box.folder, Command(CommandId.OUTPUT_OFFSET, -7.5))
    send_command(box.folder, Command(CommandId.LINE_UP, line_up_number((0, 1, 2))))
    send_command(box.folder, ControlSetting(STEERED, ControlId.DENSITY, 4.0))
    box.roll()
    box.until("trading", lambda now: now.mode == Mode.TRADING)

    play(box, 61)
    recorder = box.child("recorder")
    box.until("the journal", lambda now: len(journaled(state)) == 2)
    os.kill(recorder, signal.SIGKILL)
    play(box, 63)  # while there is no recorder
    now = box.until("the recorder", lambda now: "recorder is back" in box.said())
    box.until("the gig", lambda later: later.answers > now.answers)
    play(box, 65)
    box.drums.send(real_time(STOP))
    box.until("recordings", lambda now: {p.suffix for p in state.glob("takes/*")} == {".mid"})
    takes = sorted(state.glob("takes/*"))  # more than one where a busy machine lost the clock
    tracks = [parsed(take.read_bytes()) for take in takes]
    assert [n[1] for track in tracks for n in notes_of(track["human"])] == [61, 63, 65]
    assert any(notes_of(track["box"]) for track in tracks)
    assert takes[0].name.startswith("0001-01-")
    assert box.look().unrecorded == box.look().dropped == 0

    # while nothing changes nothing is written, and only the recorder writes outside /run
    wanted = read_choices(box.look().choices)
    box.until("the state", lambda now: Slots(Folder(state)).state.choices == wanted)
    before, ticks = written(state), box.look().time_s
    box.until("some seconds", lambda now: now.time_s > ticks + 3)
    assert written(state) == before
    names = {os.path.relpath(path, state) for path, _ in before}
    assert names - set(NAMES) == {"options.json", *(f"takes/{take.name}" for take in takes)}
    for process in ("stage", "brain", "recorder"):
        assert outside(box.child(process), box.folder) == []
    assert outside(box.box.pid, box.folder) == []

    box.box.terminate()
    assert box.box.wait(10) == 0, box.said()
    first = written(state)
    box.start()
    now = box.until("ready", lambda now: now.engine == EngineId.MARKOV and now.pid)
    assert read_choices(now.choices) == wanted
    assert (now.progression, now.transpose, now.next_density) == (1, -2, 4)
    assert (wanted.line_up, wanted.offset_ms) == (("human", "A", "B"), -7.5)
    box.until("its count", lambda now: Slots(Folder(state)).state.boots == 2)
    new = {os.path.relpath(path, state) for path, _ in written(state) - first}
    assert len(new) == 1  # one slot: the options are the same, so is the recording
    assert new <= set(NAMES)
    assert "Traceback" not in box.said()


def outside(pid, folder):
    """Files on a disk, not below ``folder``, that a process could write to."""
    found = []
    for fd in sorted(os.listdir(f"/proc/{pid}/fd"), key=int)[3:]:  # standard output is the test's
        try:
            path, kind = os.readlink(f"/proc/{pid}/fd/{fd}"), os.stat(f"/proc/{pid}/fd/{fd}")
            with open(f"/proc/{pid}/fdinfo/{fd}") as file:
                flags = int(dict(line.split(":", 1) for line in file if ":" in line)["flags"], 8)
        except FileNotFoundError:  # closed meanwhile
            continue
        writes = flags & os.O_ACCMODE != os.O_RDONLY
        ours = path.startswith((str(folder), "/memfd:", "/dev/"))
        if writes and stat.S_ISREG(kind.st_mode) and not ours:
            found.append(path)
    return found
