"""The real processes: two boxes in one folder, and the folder they live in."""

import os
import stat
import subprocess
import sys

from lkjam_box.cli import main
from lkjam_box.midi.messages import note_on
from tests.service.test_supervisor import LiveBox


def test_the_second_is_told_of_the_first_which_plays_on(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("LKJAM_RUNTIME", str(tmp_path))
    tmp_path.chmod(0o755)
    live = LiveBox(tmp_path)
    try:
        live.until("ready", lambda now: now.keyboard and now.engine)
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
        second = subprocess.run(live.box.args, env=dict(os.environ), capture_output=True, text=True)
        assert second.returncode != 0
        assert f"a box runs here already (pid {live.box.pid})" in second.stderr
        assert len(second.stderr.splitlines()) == 1
        live.keys.send(note_on(0, 61, 90))
        live.until("thru", lambda now: (0, 61) in live.held())
        assert main(["monitor", "--once"]) == 0
        assert main(["panic"]) == 0
        assert "the box ended every note" in capsys.readouterr().out
        live.until("silence", lambda now: not live.held())
        before = live.look()
        live.box.kill()
        live.box.wait()
        live.start()  # the lock of the one that was killed is no obstacle
        live.until("ready", lambda now: now.pid != before.pid and now.keyboard and now.engine)
    finally:
        assert live.close() == 0, live.said()


def test_a_reader_of_the_log_that_stands_still_holds_up_nobody(tmp_path):
    """Ctrl-S in the terminal, a journal that waits for its disk."""
    read, write = os.pipe()
    with open(read, "rb"), open(write, "wb") as end:
        code = (
            "import fcntl, os, sys\n"
            "from lkjam_box.service.supervisor import log\n"
            "os.dup2(int(sys.argv[1]), 2)\n"
            "for number in range(20_000): log(f'line {number}')\n"
            "print('through')\n"
        )
        words = [sys.executable, "-c", code, str(end.fileno())]
        done = subprocess.run(
            words, pass_fds=(end.fileno(),), capture_output=True, text=True, timeout=60
        )
    assert done.stdout == "through\n"
