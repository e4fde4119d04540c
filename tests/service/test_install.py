"""The install script, into the root filesystem of a machine that is being built."""

import shutil
import subprocess
from pathlib import Path

import pytest

from lkjam_box.config.load import load_config
from lkjam_box.config.options import Config

SCRIPT = Path(__file__).parents[2] / "systemd/install.sh"
UNITS = "etc/systemd/system"
pytestmark = pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not on this machine"
)


@pytest.fixture
def root(tmp_path):
    (tmp_path / "root/etc").mkdir(parents=True)
    return tmp_path / "root"


def install(root, *words):
    command = ["sh", SCRIPT, "--root", root, *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def files(root):
    return {
        str(path.relative_to(root)): path.read_text()
        for path in root.rglob("*")
        if path.is_file() or path.is_symlink()
        if not path.name.startswith(".")
    }


def stale(root):
    """A link cannot be read where its target is not: made of relative ones, all can."""
    return [path for path in root.rglob("*") if path.is_symlink() and not path.exists()]


def test_everything_is_there_and_enabled(root):
    done = install(root)
    assert done.returncode == 0, done.stderr
    assert (root / UNITS / "multi-user.target.wants/lkjam-box.service").is_symlink()
    assert (root / UNITS / "sysinit.target.wants/lkjam-box-splash.service").is_symlink()
    assert not stale(root)
    users = (root / "etc/passwd").read_text()
    assert users.startswith("lkjam:")
    assert "nologin" in users
    for group in ("audio", "gpio", "i2c", "spi"):
        assert f"\n{group}:" in "\n" + (root / "etc/group").read_text()
    assert load_config(root / "etc/lkjam-box.yaml") == Config()
    assert not any("new" in name for name in files(root))


def test_again_changes_nothing(root):
    install(root)
    before = files(root)
    again = install(root)
    assert again.stdout.count("\n") == 1  # only how it ended
    assert files(root) == before


def test_options_are_kept_and_units_brought_up_to_date(root):
    install(root)
    (root / "etc/lkjam-box.yaml").write_text("clock:\n  bpm: 99\n")
    (root / UNITS / "lkjam-box.service").write_text("old")
    assert "write" in install(root).stdout
    assert load_config(root / "etc/lkjam-box.yaml").clock.bpm == 99
    assert "Type=notify" in (root / UNITS / "lkjam-box.service").read_text()


def test_a_dry_run_writes_nothing(root):
    done = install(root, "--dry-run")
    assert done.returncode == 0
    assert "lkjam-box.service" in done.stdout
    assert files(root) == {}


def test_away_again_but_for_what_is_the_players(root):
    install(root)
    done = install(root, "--uninstall")
    assert done.returncode == 0
    left = {name for name in files(root) if "lkjam" in name}
    assert left == {"etc/lkjam-box.yaml"}
    assert install(root, "--uninstall").returncode == 0


def test_another_prefix(root):
    install(root, "--prefix", "/srv/box")
    unit = (root / UNITS / "lkjam-box.service").read_text()
    assert "ExecStart=/srv/box/bin/lkjam-box run" in unit
    assert "/opt/" not in unit


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--frobnicate"], "--frobnicate: unknown; allowed: --dry-run"),
        (["--prefix"], "--prefix: a folder must follow"),
        (["--prefix", "box"], "--prefix box: must begin with /"),
        (["--root", "/no/such"], "--root /no/such: no such folder"),
    ],
)
def test_wrong_is_one_line(root, words, says):
    done = install(root, *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1
    assert files(root) == {}
