"""The card: how it is divided, which drivers it must carry, what is told about it, who judges."""

import copy
import json
import struct

import pytest

from firmware.image import config_txt, contents, emulate, judge, layout, sbom, tree
from tools.machine.steps import Failed

# --- device trees


def blob(node):
    """A flattened device tree of ``{"name": cells, text or another node}``."""
    strings, body = bytearray(), bytearray()

    def put(name, inside):
        body.extend(struct.pack(">I", tree.BEGIN) + pad(name.encode() + b"\0"))
        for key, value in inside.items():
            if isinstance(value, dict):
                put(key, value)
                continue
            data = value.encode() + b"\0" if isinstance(value, str) else b""
            data = struct.pack(f">{len(value)}I", *value) if isinstance(value, tuple) else data
            body.extend(struct.pack(">III", tree.PROP, len(data), len(strings)) + pad(data))
            strings.extend(key.encode() + b"\0")
        body.extend(struct.pack(">I", tree.END))

    put("", node)
    body.extend(struct.pack(">I", tree.DONE))
    head = struct.pack(">10I", tree.MAGIC, 0, 40, 40 + len(body), 0, 17, 16, 0, 0, 0)
    return head + bytes(body) + bytes(strings)


def pad(data):
    return data + b"\0" * (-len(data) % 4)


BOARD = {
    "clock": {"phandle": (1,), "#clock-cells": (1,), "compatible": "maker,clock"},
    "gpio": {"phandle": (2,), "#gpio-cells": (2,), "compatible": "maker,gpio"},
    "power": {"phandle": (3,), "compatible": "maker,power", "enable-gpios": (2, 4, 0)},
    "sound": {"compatible": "maker,sound"},
    "soc": {
        "compatible": "simple-bus",
        "mmc@1": {
            "compatible": "brcm,bcm2835-sdhost",
            "clocks": (1, 7),
            "vmmc-supply": (3,),
        },
        "mmc@2": {"compatible": "brcm,bcm2711-emmc2", "status": "disabled"},
    },
}
ALIASES = """\
alias of:N*T*Cbrcm,bcm2835-sdhost sdhost
alias of:N*T*Cbrcm,bcm2835-sdhostC* sdhost
alias of:N*T*Cbrcm,bcm2711-emmc2 emmc2
alias of:N*T*Cmaker,gpioC* gpio_maker
alias of:N*T*Cmaker,power fixed
alias of:N*T*Cmaker,soundC* sound
alias pci:v000014E4d* other
"""


@pytest.fixture
def board(tmp_path):
    (tmp_path / "board.dtb").write_bytes(blob(BOARD))
    (tmp_path / "modules.alias").write_text(ALIASES)
    return tmp_path


def test_all_that_stands_between_a_board_and_its_card_is_found(board):
    root = tree.read(board / "board.dtb")
    cards = tree.card_nodes(root)
    assert [node.name for node in cards] == ["mmc@1"]
    names = tree.compatibles(tree.closure(root, cards))
    assert tree.drivers(board / "modules.alias", names) == {"sdhost", "fixed", "gpio_maker"}


def test_what_is_no_device_tree_is_refused(tmp_path):
    (tmp_path / "x.dtb").write_bytes(b"nothing of the kind" * 9)
    with pytest.raises(ValueError, match=r"x\.dtb: found no device tree"):
        tree.read(tmp_path / "x.dtb")


# --- the table of partitions


def mbr(*entries):
    head = bytearray(512)
    for number, (start, count) in enumerate(entries):
        struct.pack_into("<II", head, 446 + 16 * number + 8, start, count)
    head[510:] = b"\x55\xaa"
    return bytes(head)


def test_partitions_are_found_where_the_table_says(tmp_path):
    (tmp_path / "i").write_bytes(mbr((8192, 524288), (532480, 8), (540672, 8), (548864, 8)))
    places = layout.places(tmp_path / "i")
    assert places["boot"] == layout.Place(4 * layout.MIB, 256 * layout.MIB)
    assert places["root"].offset == 532480 * 512


@pytest.mark.parametrize(
    ("data", "said"),
    [(bytes(512), "no partition table"), (mbr((8192, 8), (16384, 8)), "3 .drive. is missing")],
)
def test_a_broken_image_is_told_in_one_line(tmp_path, data, said):
    (tmp_path / "i.img").write_bytes(data)
    with pytest.raises(Failed, match=said):
        layout.places(tmp_path / "i.img")


# --- what the Pi's firmware reads


def test_only_lines_of_all_and_of_the_board_count():
    text = (
        "kernel=k\ninitramfs i.img followkernel\n#dtoverlay=off\n[pi4]\ndtoverlay=four\n"
        "[pi3]\ndtoverlay=three,x=1\n[all]\ndtoverlay=both\n"
    )
    found = emulate.parse_config(text, "pi3")
    assert found == emulate.Config("k", "i.img", ("three", "both"))


@pytest.mark.parametrize(
    ("text", "board", "counts"),
    [
        ("a=1\n[pi3]\nb=1\n[pi4]\nc=1", "pi3", ["a=1", "b=1"]),  # the next model ends it
        ("[pi3]\na=1\n[pi3+]\nb=1", "pi3+", ["a=1", "b=1"]),  # a 3B+ is a 3 as well
        ("[pi3]\na=1\n[pi3+]\nb=1", "pi3", ["a=1"]),
        ("[pi0]\na=1\n[pi3]\nb=1\n[pi02]\nc=1", "pi02", ["a=1", "c=1"]),
        ("[pi4]\na=1\n[cm4]\nb=1", "cm4", ["a=1", "b=1"]),
        ("[pi4]\na=1\n[cm4]\nb=1", "pi4", ["a=1"]),
        ("[gpio4=1]\n[pi3]\na=1\n[all]\nb=1", "pi3", ["b=1"]),  # of another type: both count
        ("[gpio4=1]\n[pi3]\n[pi4]\na=1", "pi4", []),
        ("[none]\na=1\n[pi3]\nb=1\n[all]\nc=1", "pi3", ["c=1"]),
        (" [ALL] # x\n a=1 # y\n", "pi5", ["a=1"]),
    ],
)
def test_filters_of_one_type_replace_each_other_and_others_add_up(text, board, counts):
    assert config_txt.in_force(text, board) == counts


@pytest.mark.parametrize("board", config_txt.ALIKE)
def test_each_board_gets_its_wires_by_one_overlay_and_debians_own_usb_driver(board):
    boot = contents.FIRMWARE / "boot"
    lines = config_txt.in_force((boot / "config.txt").read_text(), board)
    own = "lkjam-box-pi5" if board == "pi5" else "lkjam-box"
    assert config_txt.overlays(lines) == [own]  # Debian's kernel has no dwc_otg to be kept from
    assert {own, "lkjam-box-spi"} <= set(contents.OVERLAYS)
    found = config_txt.settings(lines)
    assert (found["kernel"], found["arm_64bit"]) == ("vmlinuz", "1")
    assert (found["enable_uart"], found["init_uart_clock"]) == ("1", "48000000")
    assert "dwc_otg" not in (boot / "cmdline.txt").read_text()


# --- the bill of materials


def test_the_bill_names_every_package_once(tmp_path):
    (tmp_path / "a.tsv").write_text(
        "zlib1g\t1:1.2.13\tarm64\tzlib\t1:1.2.13\nlibc6\t2.36+x\tarm64\tglibc\t2.36+x\n"
    )
    (tmp_path / "b.tsv").write_text("libc6\t2.36+x\tarm64\tglibc\t2.36+x\n")
    about = tmp_path / "site/thing-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Name: Thing_X\nVersion: 1.0\nLicense-Expression: MIT\n\nx\n")
    bill = sbom.document([tmp_path / "a.tsv", tmp_path / "b.tsv"], [tmp_path / "site"], "7.3")
    names = [package["name"] for package in bill["packages"]]
    assert names == ["lkjam-box-image", "libc6", "zlib1g", "Thing_X"]
    ids = [package["SPDXID"] for package in bill["packages"]]
    assert len(set(ids)) == len(ids)
    related = {pair["relatedSpdxElement"] for pair in bill["relationships"]}
    assert related == set(ids)
    purls = [p["externalRefs"][0]["referenceLocator"] for p in bill["packages"][1:]]
    assert "pkg:deb/debian/libc6@2.36%2Bx?arch=arm64" in purls
    assert "pkg:pypi/thing-x@1.0" in purls
    assert json.loads(sbom.write(bill, tmp_path / "i.img").read_text()) == bill


# --- the judge


GOOD = {
    "kernel": {
        "release": "7.3.4",
        "version": "#1 SMP PREEMPT_RT Debian",
        "model": "Pi",
        "cores": 4,
        "isolated": "3",
        "command_line": "root=LABEL=lkjam-root ro",
    },
    "mounts": {
        "root": ["/dev/mmcblk0p2", "/", "ext4", "ro,noatime"],
        "root_device_read_only": True,
        "write_refused": "Read-only file system",
        "state": ["/dev/mmcblk0p4", judge.STATE, "ext4", "rw,noatime"],
        "writable": ["/run", "/tmp", judge.STATE],
        "swap": [],
    },
    "units": {
        "units": {"lkjam-box": {"ActiveState": "active", "NRestarts": "0"}},
        "failed": [],
        "manager": {},
    },
    "ports": {"open": [], "network": ["lo"]},
    "logins": {"passwords": [], "programs": [], "hostname": "lkjam-box", "machine_id": "1"},
    "machine": {
        "i2c_hz": 400000,
        "devices": list(judge.DEVICES),
        "watchdog_s": "15",
        "modules": {"snd_hrtimer": True},
        "usb_autosuspend": "-1",
        "timers": ["90 ktimers/0"],
        "pins": {"next": "free"},
    },
    "midi": {"baud": [31250, 31250], "heard": "903c40"},
    "check": {"returned": 0, "plays": True, "findings": []},
    "cable": {
        "drive": "LKJAM",
        "there": ["lkjam-box.yaml"],
        "in_the_box": ["laptop.yaml"],
        "instruments": ["USB-Audio - lkjam_box"],
        "report": "broken.yaml:2: key",
    },
    "kept": {"starts_before": 0},
    "boot_s": 1.0,
}


def test_a_good_image_passes():
    assert judge.wrong(GOOD, 0) == []
    assert "Read-only file system" in judge.page("first", GOOD)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("kernel/version", "#1 SMP PREEMPT_DYNAMIC", "PREEMPT_RT"),
        ("kernel/isolated", "", "isolated core none"),
        ("mounts/root", ["/dev/mmcblk0p2", "/", "ext4", "rw,noatime"], "expected ro"),
        ("mounts/write_refused", "", "could be written"),
        ("mounts/root_device_read_only", False, "takes writes"),
        ("mounts/state", [], "expected ext4, rw"),
        ("mounts/writable", ["/etc"], "/etc is writable"),
        ("mounts/swap", ["/swap file"], "swap"),
        ("units/units/lkjam-box/ActiveState", "failed", "lkjam-box.service: failed"),
        ("units/units/lkjam-box/NRestarts", "2", "started anew 2"),
        ("units/failed", ["x.service"], "x.service: failed"),
        ("ports/open", ["tcp 00000000:0016"], "open port"),
        ("ports/network", ["eth0", "lo"], "network: eth0"),
        ("logins/passwords", ["root"], "password: root"),
        ("logins/programs", ["agetty"], "login: agetty"),
        ("logins/hostname", "debian", "hostname"),
        ("machine/i2c_hz", 100000, "100000 Hz"),
        ("machine/devices", ["/dev/i2c-1"], "/dev/ttyAMA0: not there"),
        ("machine/watchdog_s", "", "watchdog"),
        ("machine/modules", {"snd_hrtimer": False}, "snd_hrtimer: not loaded"),
        ("machine/usb_autosuspend", "2", "autosuspend"),
        ("machine/timers", ["1 ktimers/0"], "timers"),
        ("machine/pins", {"next": "refused: busy"}, "pin next"),
        ("midi/baud", [38400, 38400], "MIDI wire"),
        ("midi/heard", "", "MIDI wire"),
        ("check/returned", 1, "lkjam-box check"),
        ("cable/in_the_box", [], "not taken"),
        ("cable/report", "All files are good.", "not refused"),
        ("cable/instruments", [], "no instrument"),
        ("cable", {"error": "OSError"}, "cable: OSError"),
        ("kept/starts_before", 1, "expected 0"),
    ],
)
def test_each_fault_is_seen(path, value, said):
    facts = copy.deepcopy(GOOD)
    *folders, last = path.split("/")
    inside = facts
    for folder in folders:
        inside = inside[folder]
    inside[last] = value
    found = judge.wrong(facts, 0)
    assert any(said in line for line in found), found


def test_what_never_told_is_no_pass():
    facts = {name: value for name, value in GOOD.items() if name != "ports"}
    assert judge.wrong(facts, 0) == ["ports: it never told"]


# --- what is on it


def test_licences_are_on_it_and_doors_are_not():
    assert "/usr/share/doc/*/copyright" in contents.KEEP
    for unit in ("getty@tty1.service", "serial-getty@.service", "systemd-networkd.socket"):
        assert unit in contents.OFF
    names = set(contents.PACKAGES)
    assert not names & {
        "openssh-server",
        "dropbear",
        "ifupdown",
        "dhcpcd",
        "sudo",
        "network-manager",
    }
