"""The panel process: asleep where nothing moves, awake at once for a press."""

import os
import socket

import pytest

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.panel.contacts import Button, FakePad
from lkjam_box.panel.face import FRAME_S, LOOK_S
from lkjam_box.protocol.link import Link
from lkjam_box.protocol.process_messages import ProcessSetup
from lkjam_box.protocol.records import Command, CommandId
from lkjam_box.protocol.shared_state import Mode, SharedState, Snapshot, Sync
from lkjam_box.service.panel_process import LEAST_WAIT_S, PanelProcess

FOREVER_S = 600.0  # a test that waits so long has failed


class Pad(FakePad):
    def __init__(self):
        super().__init__()
        self.bell = os.eventfd(0)

    def press(self, *about):
        super().press(*about)
        os.eventfd_write(self.bell, 1)

    def fds(self):
        return (self.bell,)

    def edges(self):
        if found := super().edges():
            os.eventfd_read(self.bell)
        return found

    def _close(self):
        os.close(self.bell)


@pytest.fixture
def box(tmp_path, monkeypatch):
    """A panel process, its pad, the stage's end of its link, and the stage's board."""
    clock = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr(PanelProcess, "_open_pad", lambda _: Pad())
    supervisor, ours = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    commands, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    setup = ProcessSetup(
        process="panel",
        config=override(Config(), {"panel.screen": "off"}),
        folder=str(tmp_path),
        library="",
        supervisor=ours.detach(),
        commands=theirs.detach(),
    )
    board = SharedState.create(setup.shared_state)
    process = PanelProcess(setup)
    yield process, process._face.pad, Link(commands), board, clock
    process.close()
    process.supervisor.close()
    supervisor.close()
    commands.close()
    board.close()


def frames(process, board, clock, for_s, **shown):
    """Frames in ``for_s`` of virtual time, while the stage writes what is ``shown``."""
    count, until_s = 0, clock[0] + for_s
    while clock[0] < until_s:
        board.write(Snapshot(time_s=clock[0], **shown))
        process.work(clock[0], False)
        clock[0] += process.wait_s
        count += 1
    return count


def test_it_looks_seldom_where_nothing_moves_and_often_where_something_does(box):
    process, _, _, board, clock = box
    frames(process, board, clock, 1.0, mode=Mode.IDLE, sync=Sync.STOPPED)
    assert frames(process, board, clock, 10.0, mode=Mode.IDLE, sync=Sync.STOPPED) <= 110
    playing = {"mode": Mode.TRADING, "sync": Sync.LOCKED, "bpm": 120.0, "turn_end_beats": 16.0}
    assert frames(process, board, clock, 10.0, **playing) >= 290
    assert LEAST_WAIT_S < FRAME_S < LOOK_S


def test_a_press_ends_the_wait(box):
    process, pad, stage, board, clock = box
    board.write(Snapshot(time_s=clock[0], mode=Mode.IDLE, sync=Sync.STOPPED))
    process.wait_s = FOREVER_S
    pad.press(clock[0], Button.NEXT)
    process.step()
    assert list(stage.drain()) == [Command(CommandId.NEXT_PROGRESSION)]
    assert process.wait_s <= FRAME_S  # what the press does shows in the next frame
