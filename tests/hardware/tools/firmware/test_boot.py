"""The image on an emulated Pi 3: it plays; after a power cut it plays again, and what was broken on
its card meanwhile is told, all of it and nothing else."""

import re

import pytest

from firmware.image import contents, emulate, judge

KEEP = contents.REPO / "build/card-boot"
UNITS = "/etc/systemd/system"
FAULTS = {
    "writable.service": """\
[Unit]
After=local-fs.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/sbin/blockdev --setrw /dev/mmcblk0p2
ExecStart=/bin/mount -o remount,rw /
""",
    "fails.service": "[Service]\nType=oneshot\nExecStart=/bin/false\n",
    "listens.socket": "[Socket]\nListenStream=22\nAccept=yes\n",
    "listens@.service": "[Service]\nExecStart=/bin/cat\nStandardInput=socket\n",
}
TOLD = (
    r"root: mounted rw,.*, expected ro",
    r"root: a file could be written to it",
    r"root: its device takes writes",
    r"mounts: / is writable",
    r"fails\.service: failed",
    r"open port: tcp6? 0+:0016",
)


@pytest.fixture(scope="module")
def booted(firmware_image, tmp_path_factory):
    """Both boots; between them the power goes and the card is broken."""
    card = emulate.Card(firmware_image, KEEP)
    card.spy()
    first, second = emulate.BOOTS
    found = {"first": emulate.facts(card, first, emulate.BOOTS[first])}
    folder, wants = tmp_path_factory.mktemp("faults"), f"{UNITS}/multi-user.target.wants"
    for name, text in FAULTS.items():
        (folder / name).write_text(text)
        card.change_root(f"write {folder / name} {UNITS}/{name}")
        if "@" not in name:
            card.change_root(f"symlink {wants}/{name} ../{name}")
    found["second"] = emulate.facts(card, second, emulate.BOOTS[second])
    yield found
    card.image.unlink()


def test_it_starts_plays_and_shuts_all_doors(booted):
    print(judge.page("first", booted["first"]))
    assert judge.wrong(booted["first"], starts_before=0) == []


def test_after_a_power_cut_while_it_writes_only_what_was_broken_is_wrong(booted):
    """A root that takes writes, a unit that fails, an open port; the box plays all the same."""
    print(judge.page("after the power cut", booted["second"]))
    told = judge.wrong(booted["second"], starts_before=1)
    for words in TOLD:
        assert any(re.fullmatch(words, line) for line in told), (words, told)
    assert len(told) == len(TOLD), told


def test_what_was_remembered_is_there_after_the_power_cut(booted):
    assert {"player", "proof-starts", "options.json"} <= set(booted["second"]["kept"]["there"])


def test_the_log_of_the_boot_is_kept(booted):
    log = (KEEP / "boot-first.log").read_text()
    assert "PREEMPT_RT" in log
    assert "lkjam-box: stage: priority FIFO 70" in log
