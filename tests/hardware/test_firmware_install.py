"""The installer for Raspberry Pi OS, into trees that look like each Pi and each release of it."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from firmware.image import config_txt

SCRIPT = Path(__file__).parents[2] / "firmware/install.sh"
MODELS = {
    "pi3": "Raspberry Pi 3 Model B Rev 1.2",
    "pi4": "Raspberry Pi 4 Model B Rev 1.5",
    "pi5": "Raspberry Pi 5 Model B Rev 1.0",
    "zero2w": "Raspberry Pi Zero 2 W Rev 1.0",
}
CONFIG = "# For more options see the documentation\ndtparam=audio=on\n[cm4]\notg_mode=1\n[all]\n"
CMDLINE = (
    "console=serial0,115200 console=tty1 root=PARTUUID=4e2b-02 rootfstype=ext4 fsck.repair=yes "
    "rootwait cfg80211.ieee80211_regdom=DE\n"
)
pytestmark = pytest.mark.skipif(
    shutil.which("systemd-sysusers") is None, reason="systemd-sysusers is not on this machine"
)


def make(folder, model="pi4", release="bookworm", config=CONFIG):
    for name, text in {
        "boot/firmware/config.txt": config,
        "boot/firmware/cmdline.txt": CMDLINE,
        "etc/os-release": f'ID=debian\nVERSION_CODENAME={release}\nNAME="Debian"\n',
        "etc/hostname": "raspberrypi\n",
        "etc/hosts": "127.0.0.1\tlocalhost\n127.0.1.1\t\traspberrypi\n",
        "proc/device-tree/model": MODELS.get(model, model) + "\0",
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def root(tmp_path):
    return make(tmp_path / "root")


def install(root, *words, script=SCRIPT):
    command = ["sh", str(script), "--root", str(root), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def sums(root):
    """Every file and link, with what is in it."""
    return {
        str(path.relative_to(root)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


def config(root):
    return (root / "boot/firmware/config.txt").read_text()


def on(root, board):
    """The lines of config.txt that count on a board."""
    return config_txt.in_force(config(root), board)


@pytest.mark.parametrize("release", ["bookworm", "trixie"])
@pytest.mark.parametrize("model", MODELS)
def test_every_pi_gets_its_midi_wire_and_no_clock_trick(tmp_path, model, release):
    root = make(tmp_path / "root", model, release)
    done = install(root)
    assert done.returncode == 0, done.stderr
    lines = on(root, {"zero2w": "pi02"}.get(model, model))
    if model == "pi5":
        assert "dtparam=uart0=on" in lines
        assert "dtoverlay=disable-bt" not in lines
    else:
        assert {"enable_uart=1", "dtoverlay=disable-bt"} <= set(lines)
    assert "dtparam=i2c_arm=on,i2c_arm_baudrate=400000" in lines
    assert not any("midi-uart" in line or "init_uart_clock" in line for line in lines)
    words = (root / "boot/firmware/cmdline.txt").read_text().split()
    assert not [word for word in words if word.startswith(("console=serial", "console=ttyA"))]
    assert {"isolcpus=managed_irq,domain,3", "nohz_full=3", "rcu_nocbs=3"} <= set(words)
    assert {"console=tty1", "root=PARTUUID=4e2b-02", "rootwait"} <= set(words)
    assert ("python3-rtmidi" in done.stdout) == (release == "trixie")
    assert "lgpio" not in done.stdout  # Debian's archive has none
    assert ("--system-site-packages" in done.stdout) == (release == "trixie")


FIQ_OFF = {"dwc_otg.fiq_enable=0", "dwc_otg.fiq_fsm_enable=0"}


def words_of(root):
    return (root / "boot/firmware/cmdline.txt").read_text().split()


def realtime(root):
    """Raspberry Pi's realtime kernel is there."""
    (root / "boot/firmware/kernel8_rt.img").touch()
    return root


@pytest.mark.parametrize("gadget", [False, True])
@pytest.mark.parametrize("board", config_txt.ALIKE)
def test_a_realtime_kernel_gets_a_usb_driver_it_can_run_on_each_board(tmp_path, board, gadget):
    """Where a board's sockets hang on dwc_otg, dwc2 is taken; only there, once, as a host but
    for a cable to a computer. What still would run dwc_otg runs it without fast interrupts."""
    root = realtime(make(tmp_path / "root"))
    assert install(root, *["--gadget"] * gadget).returncode == 0
    lines = on(root, board)
    assert config_txt.settings(lines)["kernel"] == "kernel8_rt.img"
    usb = [one for one in config_txt.overlays(lines) if one.startswith("dwc")]
    device = ["dwc2,dr_mode=peripheral"] if gadget else []
    otg = ["dwc2,dr_mode=otg"] if gadget else ["dwc2,dr_mode=host"]
    host = ["dwc2,dr_mode=host"]
    expected = {"pi3": host, "pi3+": host, "pi02": otg}
    assert usb == expected.get(board, device)
    assert set(words_of(root)) >= FIQ_OFF


@pytest.mark.parametrize("board", config_txt.ALIKE)
def test_without_a_realtime_kernel_usb_is_left_as_it_is(root, board):
    install(root)
    lines = on(root, board)
    assert "kernel" not in config_txt.settings(lines)
    assert not [one for one in config_txt.overlays(lines) if one.startswith("dwc")]
    assert not FIQ_OFF & set(words_of(root))


@pytest.mark.parametrize("tail", ["[pi4]\narm_boost=1\n", "[gpio4=1]\n[none]\n", "[cm5]\n"])
@pytest.mark.parametrize("board", config_txt.ALIKE)
def test_a_section_that_the_user_left_open_changes_nothing(tmp_path, board, tail):
    """And none of ours is left open: what the user adds below counts everywhere."""
    plain = realtime(make(tmp_path / "plain"))
    left_open = realtime(make(tmp_path / "open", config=CONFIG + tail))
    for root in (plain, left_open):
        install(root)
        path = root / "boot/firmware/config.txt"
        path.write_text(path.read_text() + "mine=1\n")
    ours = [line for line in on(left_open, board) if line != "arm_boost=1"]
    assert ours == on(plain, board)
    assert ours[-1] == "mine=1"


def test_the_kernels_words_are_there_once(tmp_path):
    root = realtime(make(tmp_path / "root"))
    path = root / "boot/firmware/cmdline.txt"
    path.write_text(f"dwc_otg.fiq_enable=0 dwc_otg.lpm_enable=0 {CMDLINE}")
    for _ in range(3):
        install(root)
    words = words_of(root)
    assert len(words) == len(set(words))
    assert "dwc_otg.lpm_enable=0" in words  # the user's own


def test_no_login_no_port_no_swap(root):
    assert install(root).returncode == 0
    units = root / "etc/systemd/system"
    for unit in ("serial-getty@ttyAMA0", "getty@tty1", "ssh", "avahi-daemon", "NetworkManager"):
        assert (units / f"{unit}.service").readlink() == Path("/dev/null")
    assert (units / "swap.target").readlink() == Path("/dev/null")
    assert (units / "dphys-swapfile.service").readlink() == Path("/dev/null")
    assert (root / "etc/hostname").read_text() == "lkjam-box\n"
    assert "127.0.1.1\tlkjam-box" in (root / "etc/hosts").read_text()
    watchdog = (root / "etc/systemd/system.conf.d/lkjam-box.conf").read_text()
    assert "RuntimeWatchdogSec=15" in watchdog
    assert (units / "multi-user.target.wants/lkjam-box.service").is_symlink()
    assert (units / "multi-user.target.wants/lkjam-box-tune.service").is_symlink()


def test_ssh_is_kept_only_when_asked_and_then_with_keys_only(root):
    assert install(root, "--keep-ssh").returncode == 0
    assert not (root / "etc/systemd/system/ssh.service").is_symlink()
    assert not (root / "etc/systemd/system/NetworkManager.service").is_symlink()
    rules = (root / "etc/ssh/sshd_config.d/00-lkjam-box.conf").read_text()
    assert "PasswordAuthentication no" in rules


def test_spi_and_the_cable_to_a_computer_are_choices(tmp_path):
    plain, full = (make(tmp_path / name) for name in ("plain", "full"))
    install(plain)
    install(full, "--spi", "--gadget")
    assert "dtparam=spi=on" not in config(plain)
    assert "dtparam=spi=on" in on(full, "pi4")
    assert "dtoverlay=dwc2,dr_mode=peripheral" in on(full, "pi4")
    assert "dtoverlay=dwc2,dr_mode=otg" in on(full, "pi02")
    unit = (full / "etc/systemd/system/lkjam-box-gadget.service").read_text()
    assert "drive offer /var/lib/lkjam-box-drive.img\n" in unit
    assert (full / "usr/lib/lkjam-box/drive/__main__.py").exists()
    wants = full / "etc/systemd/system/multi-user.target.wants"
    assert (wants / "lkjam-box-gadget.service").exists()
    assert not (plain / "usr/lib/lkjam-box/drive").exists()


def test_a_dry_run_changes_nothing(root):
    before = sums(root)
    done = install(root, "--dry-run", "--gadget", "--spi")
    assert done.returncode == 0, done.stderr
    assert "write" in done.stdout
    assert sums(root) == before


def test_twice_is_once(root):
    install(root, "--gadget")
    before = sums(root)
    done = install(root, "--gadget")
    assert sums(root) == before
    assert "nothing was to be changed" in done.stdout


LEFT = ("etc/passwd", "etc/group", "etc/shadow", "etc/gshadow", "etc/lkjam-box.yaml")


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n\n"])
def test_uninstalling_brings_every_file_back_byte_for_byte(tmp_path, end):
    root = make(tmp_path / "root", config=CONFIG.rstrip("\n") + end)
    before = sums(root)
    install(root, "--gadget", "--keep-ssh")
    assert sums(root) != before
    install(root)  # with other choices, over it
    done = install(root, "--uninstall")
    assert done.returncode == 0, done.stderr
    after = {
        name: one
        for name, one in sums(root).items()
        if name not in LEFT and not Path(name).name.startswith(".")
    }
    assert after == before


def test_what_the_user_changed_meanwhile_is_not_lost(root):
    install(root)
    path = root / "boot/firmware/config.txt"
    path.write_text(path.read_text() + "dtoverlay=my-own\n")
    (root / "etc/hostname").write_text("mine\n")
    done = install(root, "--uninstall")
    assert path.read_text() == CONFIG + "dtoverlay=my-own\n"
    assert (root / "etc/hostname").read_text() == "mine\n"
    assert "changed since" in done.stderr


def test_units_that_were_off_before_stay_off(root):
    link = root / "etc/systemd/system/ssh.service"
    link.parent.mkdir(parents=True)
    link.symlink_to("/dev/null")
    install(root)
    install(root, "--uninstall")
    assert link.readlink() == Path("/dev/null")


@pytest.mark.parametrize(
    ("words", "change", "said"),
    [
        (["--frob"], {}, "--frob: unknown; allowed: --dry-run"),
        ([], {"etc/os-release": "VERSION_CODENAME=bullseye\n"}, "system: found 'bullseye'"),
        (
            [],
            {"proc/device-tree/model": "Raspberry Pi 2 Model B\0"},
            "model: found 'Raspberry Pi 2",
        ),
        (
            [],
            {"boot/firmware/config.txt": CONFIG + "dtoverlay=midi-uart0\n"},
            "found dtoverlay=midi-uart",
        ),
    ],
)
def test_wrong_use_is_one_line(root, words, change, said):
    for name, text in change.items():
        (root / name).write_text(text)
    done = install(root, *words)
    assert done.returncode == 2
    own = [line for line in done.stderr.splitlines() if "still to come" not in line]
    assert len(own) == 1
    assert said in own[0]


def test_another_system_is_refused(tmp_path):
    (tmp_path / "etc").mkdir()
    done = install(tmp_path)
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 1)
    assert "config.txt" in done.stderr
    assert install(tmp_path / "none").returncode == 2
