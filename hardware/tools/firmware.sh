#!/bin/sh
# Installs what building, proving and releasing the image for the card takes. Debian 12, as root;
# quiet when all is there.
set -eu

missing=''
need() { # program package
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
}
need qemu-system-aarch64 qemu-system-arm
need mmdebstrap mmdebstrap
need mke2fs e2fsprogs
need debugfs e2fsprogs
need mkfs.vfat dosfstools
need mcopy mtools
need sfdisk fdisk
need dtc device-tree-compiler
need fdtoverlay device-tree-compiler
need depmod kmod
need cpio cpio
need xz xz-utils
need zstd zstd
need systemd-sysusers systemd
[ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing="$missing debian-archive-keyring"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" != 0 ]; then
    echo "hardware/tools/firmware.sh: not root, and missing:$missing; run it with sudo" >&2
    exit 2
fi
apt-get update -q
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends $missing
