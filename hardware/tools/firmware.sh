#!/bin/sh
# Installs what the card image, its overlays and their checks need. Wants root on the first run.
set -eu
. "$(dirname "$0")/common.sh"
PATH=$PATH:/usr/sbin:/sbin
need qemu-system-aarch64 qemu-system-arm
need mmdebstrap mmdebstrap
need mke2fs e2fsprogs
need depmod kmod
need cpio cpio
need mkfs.vfat dosfstools
need mcopy mtools
need sfdisk fdisk
need dtc device-tree-compiler
need xz xz-utils
need busybox busybox-static
