"""Sockets around the box: commands in, systemd out, and where the folder is."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from lkjam_box.errors import LkjamError
from lkjam_box.protocol.records import BrainReady, Command, CommandId, ControlSetting, pack
from lkjam_box.protocol.runtime_folder import LOCK, runtime_folder, state_folder
from lkjam_box.service.command_socket import CommandSocket, is_running, send_command
from lkjam_box.service.folder_lock import FolderLock
from lkjam_box.service.notify import Notifier

HOLDER = """
import sys, time, pathlib
from lkjam_box.service.folder_lock import FolderLock
lock = FolderLock(pathlib.Path(sys.argv[1]))
print("locked", flush=True)
time.sleep(60)
"""


def test_commands_arrive_and_nothing_else(tmp_path):
    box = CommandSocket(tmp_path)
    send_command(tmp_path, Command(CommandId.TEMPO, 132.5))
    send_command(tmp_path, ControlSetting(1, 1, 0.7))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as rude:
        rude.connect(str(tmp_path / "box.sock"))
        for junk in (b"", b"x", pack(BrainReady(1, 1)), b"\xff" * 900):
            rude.send(junk)
    assert box.drain() == [Command(CommandId.TEMPO, 132.5), ControlSetting(1, 1, 0.7)]
    box.close()
    assert not is_running(tmp_path)
    with CommandSocket(tmp_path):
        box.close()
        assert is_running(tmp_path), "the next box's socket was taken away"


def test_no_box_and_two_boxes_are_one_line(tmp_path):
    with pytest.raises(LkjamError, match="no box runs in"):
        send_command(tmp_path, Command(CommandId.PANIC))
    box = subprocess.Popen([sys.executable, "-c", HOLDER, tmp_path], stdout=subprocess.PIPE)
    assert box.stdout.readline() == b"locked\n"
    with pytest.raises(LkjamError, match=rf"a box runs here already \(pid {box.pid}\)") as wrong:
        FolderLock(tmp_path)
    assert "\n" not in str(wrong.value)
    box.kill()
    box.wait()
    box.stdout.close()
    assert (tmp_path / LOCK).exists()
    with FolderLock(tmp_path):  # what a kill -9 left is no obstacle
        assert (tmp_path / LOCK).read_text() == f"{os.getpid()}\n"
    CommandSocket(tmp_path)._sock.close()  # as a kill -9 leaves it
    CommandSocket(tmp_path).close()


def test_systemd_hears_us(tmp_path):
    path = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(path)
        notifier = Notifier({"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "10000000"})
        notifier.tell(READY="1", STATUS="playing")
        assert systemd.recv(100) == b"READY=1\nSTATUS=playing"
    assert notifier.watchdog_s == 5.0
    notifier.tell(WATCHDOG="1")  # systemd is gone: no error


def test_without_systemd_nothing_is_told():
    notifier = Notifier({})
    notifier.tell(READY="1")
    assert notifier.watchdog_s == 0


def test_another_process_has_the_watchdog():
    assert Notifier({"WATCHDOG_USEC": "1000000", "WATCHDOG_PID": "1"}).watchdog_s == 0


@pytest.mark.parametrize(
    ("option", "environ", "folder"),
    [
        ("/a", {"LKJAM_RUNTIME": "/b"}, "/a"),
        ("", {"LKJAM_RUNTIME": "/b", "RUNTIME_DIRECTORY": "/c"}, "/b"),
        ("", {"RUNTIME_DIRECTORY": "/run/lkjam-box:/run/x", "XDG_RUNTIME_DIR": "/d"}, None),
        ("", {"XDG_RUNTIME_DIR": "/d"}, "/d/lkjam-box"),
    ],
)
def test_runtime_folder(option, environ, folder):
    assert runtime_folder(option, environ) == Path(folder or "/run/lkjam-box")


@pytest.mark.parametrize(
    ("option", "environ", "folder"),
    [
        ("/a", {"STATE_DIRECTORY": "/s:/t", "LKJAM_RUNTIME": "/b"}, "/s"),
        ("/a", {"LKJAM_RUNTIME": "/b"}, "/a"),
        ("", {"LKJAM_RUNTIME": "/b", "XDG_STATE_HOME": "/x"}, "/b"),
        ("", {"XDG_STATE_HOME": "/x"}, "/x/lkjam-box"),
    ],
)
def test_state_folder(option, environ, folder):
    assert state_folder(option, environ) == Path(folder)
