"""All that differs between machines, in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Arch:
    """``debian``: its name there. ``host``: what ``platform.machine()`` calls it."""

    debian: str
    host: str
    qemu: str  # the emulator, and the Debian package it comes in
    qemu_package: str
    machine: tuple[str, ...]  # words for the emulator
    console: str
    wheels: str  # pip's name of the platform
    busybox_package: str = "busybox-static"
    modules: tuple[str, ...] = ()  # beside those of every machine


ARCHES = {
    arch.debian: arch
    for arch in (
        Arch(
            debian="amd64",
            host="x86_64",
            qemu="qemu-system-x86_64",
            qemu_package="qemu-system-x86",
            machine=("-M", "q35", "-cpu", "max"),
            console="ttyS0",
            wheels="x86_64",
            modules=("virtio_pci",),
        ),
        Arch(
            debian="arm64",
            host="aarch64",
            qemu="qemu-system-aarch64",
            qemu_package="qemu-system-arm",
            machine=("-M", "virt", "-cpu", "cortex-a72"),
            console="ttyAMA0",
            wheels="aarch64",
            modules=("virtio_mmio", "virtio_pci"),
        ),
    )
}

# In the first memory disk: what it takes to reach the root filesystem and the shared folders
# (loaded only when they are mounted, the second one may be missed).
BOOT_MODULES = ("virtio_blk", "ext4", "9pnet_virtio", "9p")
# In the machine: MIDI over USB from both ends, buttons, the I2C bridge, shared folders.
MODULES = (
    *("virtio_rng", "autofs4", "configfs"),
    *("snd-seq", "snd-seq-midi", "snd-hrtimer", "snd-usb-audio"),
    *("dummy_hcd", "libcomposite", "usb_f_midi"),
    *("gpio-sim", "i2c-dev", "uhid", "hid-mcp2221", "hid-generic"),
)
