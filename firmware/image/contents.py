"""What is on the card: packages, drivers, and the files that make Debian this box."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

from tools.machine.image import Kernel
from tools.machine.steps import Failed, run

from ..drive import lkjam_sample
from . import tree

HERE = Path(__file__).resolve().parent
FIRMWARE = HERE.parent
REPO = FIRMWARE.parent

PACKAGES = (
    *("systemd", "systemd-sysv", "udev", "kmod", "procps", "util-linux"),
    *("e2fsprogs", "dosfstools", "python3", "libasound2", "libasound2-data"),
)
KEEP = ("/usr/share/doc/*/copyright",)  # the licences travel with the programs
PI_FIRMWARE = ("bootcode.bin", "start.elf", "fixup.dat", "start4.elf", "fixup4.dat")
PI_SUITE, PI_PART = "trixie", "non-free-firmware"
BOARDS = (
    *("bcm2837-rpi-3-a-plus", "bcm2837-rpi-3-b", "bcm2837-rpi-3-b-plus", "bcm2837-rpi-zero-2-w"),
    *("bcm2711-rpi-4-b", "bcm2711-rpi-400", "bcm2711-rpi-cm4-io"),
    *("bcm2712-rpi-5-b", "bcm2712-d-rpi-5-b"),
)
OVERLAYS = ("lkjam-box", "lkjam-box-pi5", "lkjam-box-spi")
# Of a board's own devices those that this box leaves alone: pictures, radio, network.
LEFT_ALONE = {
    *("vc4", "v3d", "vchiq", "pisp_be", "hci_uart", "genet", "macb", "mdio_bcm_unimac"),
    *("rp1_cfe", "bcm2835_unicam", "leds_gpio"),
}
MODULES = (  # what no device tree names, or only with an overlay
    *("ext4", "vfat", "nls_ascii", "nls_cp437", "nls_utf8", "loop", "autofs4", "configfs"),
    *("snd-seq", "snd-seq-midi", "snd-hrtimer", "snd-usb-audio"),
    *("i2c-dev", "i2c-bcm2835", "i2c-designware-platform", "spi-bcm2835", "spidev"),
    *("bcm2835_wdt", "raspberrypi-cpufreq", "cpufreq-dt", "raspberrypi-hwmon"),
    *("xhci-pci", "xhci-pci-renesas", "xhci-plat-hcd", "dwc2", "dwc3", "rp1_pci", "usb-storage"),
    *("hid-generic", "usbhid", "uas", "sd_mod"),
    *("libcomposite", "usb_f_midi", "usb_f_mass_storage", "dummy_hcd"),
)
OFF = (  # units of Debian's that have no work here
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer"),
    *("e2scrub_all.timer", "e2scrub_reap.service", "systemd-timesyncd.service"),
    *("systemd-networkd.service", "systemd-networkd.socket", "systemd-resolved.service"),
    *("systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "systemd-logind.service"),
    *("getty@.service", "getty@tty1.service", "serial-getty@.service", "console-getty.service"),
    *("container-getty@.service", "autovt@.service", "getty.target"),
    *("systemd-random-seed.service", "systemd-update-utmp.service", "systemd-pstore.service"),
    *("systemd-update-utmp-runlevel.service", "systemd-rfkill.socket", "systemd-rfkill.service"),
    *("rescue.service", "emergency.service", "ctrl-alt-del.target", "man-db.timer"),
    *("systemd-firstboot.service", "systemd-hwdb-update.service", "swap.target"),
    *("dev-hugepages.mount", "dev-mqueue.mount", "sys-kernel-debug.mount"),
    *("sys-kernel-tracing.mount", "sys-fs-fuse-connections.mount", "modprobe@fuse.service"),
    *("modprobe@dm_mod.service", "modprobe@drm.service", "systemd-user-sessions.service"),
    *("systemd-tmpfiles-clean.timer", "systemd-journal-flush.service"),
    *("systemd-machine-id-commit.service", "systemd-boot-system-token.service", "motd-news.timer"),
)
LEFT_OUT = ("lab", "play")  # of the package: for making and measuring, not for the stage
UNITS = {  # of ours, and what wants them
    "lkjam-box-state.service": "local-fs.target",
    "lkjam-box-drive.service": "multi-user.target",
    "lkjam-box-gadget.service": "multi-user.target",
}


def board_tree(kernel: Kernel, board: str) -> Path:
    path = kernel.modules / f"dtb/broadcom/{board}.dtb"
    if not path.exists():
        raise Failed(f"no device tree of {board} in kernel {kernel.release}")
    return path


def card_drivers(kernel: Kernel) -> list[str]:
    """For the memory disk: all that stands between any board and its card."""
    found: set[str] = set()
    for board in BOARDS:
        root = tree.read(board_tree(kernel, board))
        nodes = tree.closure(root, tree.card_nodes(root))
        found |= tree.drivers(kernel.modules / "modules.alias", tree.compatibles(nodes))
    return [*sorted(found), "bcm2835_wdt", "ext4"]


def all_drivers(kernel: Kernel) -> list[str]:
    """For the system: all boards' own devices but those left alone, and what comes by cable."""
    found: set[str] = set()
    for board in BOARDS:
        nodes = tree.read(board_tree(kernel, board)).walk()
        found |= tree.drivers(kernel.modules / "modules.alias", tree.compatibles(nodes))
    return [*sorted(found - LEFT_ALONE), *MODULES]


def leave_out(home: Path) -> None:
    """Take the rooms off that the box never imports; ``home`` is its environment."""
    for package in home.glob("lib/python3*/site-packages/lkjam_box"):
        for name in LEFT_OUT:
            shutil.rmtree(package / name)


def settle(root: Path) -> None:
    """Files of ours over Debian's, and nothing that writes, listens or asks for a login."""
    for name in ("lib/systemd/system-generators/systemd-gpt-auto-generator",):
        (root / name).unlink(missing_ok=True)
    shutil.copytree(HERE / "files", root, dirs_exist_ok=True)
    drive = root / "usr/lib/lkjam-box/drive"
    drive.mkdir(parents=True, exist_ok=True)
    for path in (FIRMWARE / "drive").glob("*.py"):
        shutil.copy(path, drive)
    units = root / "etc/systemd/system"
    for path in (FIRMWARE / "drive").glob("*.service"):
        shutil.copy(path, units)
    dropin = units / "lkjam-box.service.d"
    dropin.mkdir(exist_ok=True)
    shutil.copy(FIRMWARE / "drive/drive.conf", dropin)
    for unit, wanted_by in UNITS.items():
        wants = units / f"{wanted_by}.wants"
        wants.mkdir(exist_ok=True)
        _link(wants / unit, f"../{unit}")
    for unit in OFF:
        _link(units / unit, "/dev/null")
    _link(units / "default.target", "/lib/systemd/system/multi-user.target")
    _link(root / "etc/mtab", "../proc/self/mounts")
    _link(root / "etc/lkjam-box.yaml", "/var/lib/lkjam-box/player/lkjam-box.yaml")
    for name in ("run", "run/lock"):  # Debian's own scripts would have made these
        _link(root / "var" / Path(name).name, f"/{name}")
    for name in ("srv", "root/.ssh", "var/lib/private", "var/cache/private", "etc/tmpfiles.d"):
        (root / name).mkdir(parents=True, exist_ok=True)
    _link(root / "etc/tmpfiles.d/systemd-network.conf", "/dev/null")
    (root / "etc/machine-id").write_text("")  # a new one at each start, in memory
    (root / "var/lib/lkjam-box").mkdir(parents=True, exist_ok=True)
    shutil.rmtree(root / "etc/apt", ignore_errors=True)  # it is replaced whole, never updated
    for name in ("var/cache/apt", "var/lib/apt", "var/log/apt"):
        shutil.rmtree(root / name, ignore_errors=True)
    of_the_builder = (  # what its own machine left in it
        *(root / "etc" / name for name in ("resolv.conf", "passwd-", "group-", ".pwd.lock")),
        *(root / "opt").rglob("direct_url.json"),
    )
    for path in of_the_builder:
        path.unlink(missing_ok=True)
    issue = f"lkjam_box\n{(root / 'etc/debian_version').read_text()}"
    (root / "usr/lib/lkjam-box/made-of").write_text(issue)


def _link(path: Path, target: str) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def player_files(command: list[str | Path], folder: Path) -> None:
    """What the player's drive begins with. ``command`` prints the sample of all options."""
    lkjam_sample.fill(folder, run(*command))


def state_files(player: Path, folder: Path) -> None:
    """The same, already taken over, so that the first start has nothing to do."""
    shutil.copytree(player, folder / "player")
    (folder / "player/README.txt").unlink()


def make_boot(
    kernel: Kernel, first_disk: Path, firmware: Path, size_mib: int, label: str, out: Path
) -> None:
    """The partition that the Pi's own firmware reads, and nothing of ours after that. The kernel
    is packed, which the firmware sees by its first bytes: a third to read from the card."""
    overlays = out.with_suffix(".overlays") / "overlays"
    shutil.rmtree(overlays.parent, ignore_errors=True)
    overlays.mkdir(parents=True)
    for name in OVERLAYS:
        source = FIRMWARE / f"overlays/{name}.dts"
        run("dtc", "-q", "-@", "-I", "dts", "-O", "dtb", "-o", overlays / f"{name}.dtbo", source)
    packed = overlays.parent / "vmlinuz"
    packed.write_bytes(gzip.compress(kernel.image.read_bytes(), 9, mtime=0))
    shutil.copy(first_disk, overlays.parent / "initrd.img")
    licence = next(firmware.glob("usr/share/doc/raspi-firmware/copyright"))
    shutil.copy(licence, overlays.parent / "LICENCE.raspi-firmware")
    files = [
        *sorted(overlays.parent.iterdir()),
        *(FIRMWARE / "boot" / name for name in ("config.txt", "cmdline.txt")),
        *(firmware / "usr/lib/raspi-firmware" / name for name in PI_FIRMWARE),
        *(board_tree(kernel, board) for board in BOARDS),
    ]
    make_fat(out, size_mib, label, files)
    shutil.rmtree(overlays.parent)


def make_fat(out: Path, size_mib: int, label: str, files: list[Path]) -> None:
    """A FAT file system with those files and folders in its root."""
    out.unlink(missing_ok=True)
    with open(out, "wb") as file:
        file.truncate(size_mib * 1024 * 1024)
    kind = "32" if size_mib >= 128 else "16"
    run("mkfs.vfat", "-F", kind, "-n", label, out)
    run("mcopy", "-s", "-i", out, *files, "::/")
