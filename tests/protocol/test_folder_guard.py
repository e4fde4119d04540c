"""A runtime folder that somebody else prepared is refused in one line, no link in it followed."""

import os
import stat
import subprocess
import sys

import pytest

from lkjam_box.cli import main
from lkjam_box.errors import LkjamError
from lkjam_box.health import box_run, health_file
from lkjam_box.ports.held import Held
from lkjam_box.protocol.folder_guard import claim, open_plain, trusted
from lkjam_box.protocol.runtime_folder import held_path, shared_state_path
from lkjam_box.protocol.shared_state import SharedState

STRANGER = 54321
LINK = "not a plain file|symbolic links|Is a directory|No such device"
root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what another user owns")


@pytest.fixture
def tmp(tmp_path):
    """A folder as /tmp is: everybody may put things there."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


@pytest.fixture
def victim(tmp_path):
    """A file of ours that nobody may write through a link."""
    path = tmp_path / "victim"
    path.write_bytes(b"precious")
    return path


def refused(folder, what):
    """Both who begins a box there and who looks for one get one line, and nothing was changed."""
    before = folder.lstat()
    for ask in (claim, trusted):
        with pytest.raises(LkjamError, match=what) as wrong:
            ask(folder)
        assert "\n" not in str(wrong.value)
        assert "LKJAM_RUNTIME" in str(wrong.value)
    after = folder.lstat()
    assert (after.st_mode, after.st_uid, after.st_mtime) == (
        before.st_mode,
        before.st_uid,
        before.st_mtime,
    )


def test_a_new_folder_is_ours_alone_whatever_the_umask(tmp):
    umask = os.umask(0)
    try:
        claim(tmp / "box")
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp / "box").stat().st_mode) == 0o700
    assert trusted(tmp / "box") == tmp / "box"


def test_one_of_ours_that_others_may_read_is_shut_and_systemds_keeps_its_mode(tmp):
    for made_by_systemd, mode in ((True, 0o755), (False, 0o700)):
        folder = tmp / str(mode)
        folder.mkdir()
        folder.chmod(0o755)
        claim(folder, made_by_systemd)
        assert stat.S_IMODE(folder.stat().st_mode) == mode


def test_nobody_there_is_nothing_wrong(tmp):
    assert trusted(tmp / "none") == tmp / "none"


@root
def test_a_folder_of_another_user_is_refused(tmp):
    folder = tmp / "box"
    folder.mkdir(mode=0o700)
    os.chown(folder, STRANGER, STRANGER)
    refused(folder, f"belongs to another user .uid {STRANGER}.")


@root
def test_root_looks_into_the_folder_of_a_service_but_begins_no_box_there(tmp_path):
    """As /run is: only root can have made that folder, for whoever owns it."""
    folder = tmp_path / "service"
    folder.mkdir()
    os.chown(folder, STRANGER, STRANGER)
    tmp_path.chmod(0o755)
    assert trusted(folder) == folder
    with pytest.raises(LkjamError, match="another user"):
        claim(folder)


def test_a_link_in_its_place_is_refused(tmp, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp / "box").symlink_to(tmp_path / "elsewhere")
    refused(tmp / "box", "a link or a file")
    (tmp / "gone").symlink_to(tmp_path / "nowhere")
    refused(tmp / "gone", "a link or a file|cannot be used")
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("mode", [0o777, 0o1777, 0o770])
def test_one_that_others_may_write_to_is_refused(tmp, mode):
    folder = tmp / "box"
    folder.mkdir()
    folder.chmod(mode)
    refused(folder, "others may write there: chmod 700")


def test_one_that_others_may_replace_is_refused(tmp):
    tmp.chmod(0o777)  # not sticky
    (tmp / "box").mkdir(mode=0o700)
    refused(tmp / "box", "put another in its place")


NAMES = ["held", "shared-state", "resume", "health.json", "health.json.new", "last.json", "lock"]


@pytest.mark.parametrize("name", [*NAMES, "box.sock", "ports", "library-1.json"])
def test_a_link_or_a_pipe_under_one_of_our_names_is_refused(tmp, victim, name):
    folder = tmp / "box"
    claim(folder)
    makes = {
        "link": lambda path: path.symlink_to(victim),
        "pipe": os.mkfifo,
        "second name": lambda path: os.link(victim, path),
    }
    for make in makes.values():
        make(folder / name)
        with pytest.raises(LkjamError, match=f"{name}: not a plain file of ours: remove it"):
            claim(folder)
        (folder / name).unlink()
    (folder / ".lgd-nfy0").symlink_to(victim)  # not our name
    claim(folder)
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("flags", [os.O_RDONLY, os.O_RDWR | os.O_CREAT])
def test_no_link_is_followed_and_no_pipe_waited_for_whenever_it_came(tmp, victim, flags):
    path = tmp / "file"
    for make in (lambda: path.symlink_to(victim), lambda: os.mkfifo(path), path.mkdir):
        make()
        with pytest.raises(OSError, match=LINK):
            open_plain(path, flags)
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    os.link(victim, path)
    with pytest.raises(OSError, match="not a plain file"):
        open_plain(path, flags)


def test_whoever_reads_or_writes_a_box_keeps_to_that(tmp, victim):
    pairs = {
        "held": lambda: Held.open(held_path(tmp)),
        "shared-state": lambda: SharedState.create(shared_state_path(tmp)),
        "health.json.new": lambda: health_file.put(tmp / "health.json", b"{}"),
    }
    for name, write in pairs.items():
        (tmp / name).symlink_to(victim)
        with pytest.raises(OSError, match=LINK):
            write()
    for name in ("shared-state", "health.json", "last.json"):
        (tmp / name).unlink(missing_ok=True)
        os.mkfifo(tmp / name)  # a reader that opened it would wait for ever
    assert SharedState.look(shared_state_path(tmp)) is None
    assert health_file.read(tmp) is None
    assert box_run.last(tmp) is None
    assert victim.read_bytes() == b"precious"


@root
@pytest.mark.parametrize(
    "command", [["run"], ["monitor", "--once"], ["panic"], ["ports"], ["check"]], ids=" ".join
)
def test_every_command_says_so(tmp, victim, command, monkeypatch, capsys):
    folder = tmp / "box"
    folder.mkdir()
    for name in ("held", "shared-state", "health.json"):
        (folder / name).symlink_to(victim)
    os.chown(folder, STRANGER, STRANGER)
    monkeypatch.setenv("LKJAM_RUNTIME", str(folder))
    assert main([*command, "--ports", "virtual"]) != 0
    said = capsys.readouterr()
    assert f"{folder}: belongs to another user" in said.out + said.err
    assert victim.read_bytes() == b"precious"
    assert {path.name for path in folder.iterdir()} == {"held", "shared-state", "health.json"}


@root
def test_a_box_of_a_common_user_is_refused_in_a_strangers_folder(tmp):
    """The other way round: the stranger's folder lies in wait, the box is a common user's."""
    folder = tmp / "box"
    folder.mkdir(mode=0o755)
    os.chown(folder, STRANGER, STRANGER)
    code = (
        "import os, sys; from lkjam_box.protocol.folder_guard import claim, trusted; "
        "from pathlib import Path; os.setuid(54322)\n"
        "for ask in (claim, trusted):\n"
        "    try: ask(Path(sys.argv[1]))\n"
        "    except Exception as error: print(type(error).__name__, error)\n"
    )
    for above in folder.parents:  # the child is to come as far as that
        if above.owner() == "root" and not above.stat().st_mode & 0o001:
            above.chmod(above.stat().st_mode | 0o011)
    said = subprocess.run(
        [sys.executable, "-c", code, folder], capture_output=True, text=True, check=True
    )
    assert said.stdout.count(f"LkjamError {folder}: belongs to another user") == 2
