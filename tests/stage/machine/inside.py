"""What makes a root filesystem this machine: where its disks are, and what it does without."""

from __future__ import annotations

from pathlib import Path

UNWANTED = (  # units that a machine of two minutes does not need
    *("apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "fstrim.timer"),
    *("e2scrub_all.timer", "e2scrub_reap.service", "systemd-timesyncd.service"),
    *("systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "systemd-logind.service"),
    *("getty@tty1.service", "serial-getty@.service", "systemd-update-utmp.service"),
)
FSTAB = """\
/dev/vda / ext4 rw,noatime 0 1
guest /guest 9p ro,trans=virtio,version=9p2000.L,msize=262144 0 0
results /results 9p rw,trans=virtio,version=9p2000.L,msize=262144 0 0
"""
INIT = """\
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for module in /m/*; do /bin/busybox insmod $module; done
tries=0
while [ ! -b /dev/vda ] && [ $tries -lt 600 ]; do
  tries=$((tries+1)); /bin/busybox usleep 50000
done
/bin/busybox mount -t ext4 -o rw,noatime /dev/vda /newroot || exec /bin/busybox sh
/bin/busybox mount --move /dev /newroot/dev
exec /bin/busybox switch_root /newroot /sbin/init
"""


def settle(root: Path) -> None:
    """What any root filesystem needs to be this machine."""
    (root / "etc/fstab").write_text(FSTAB)
    (root / "etc/hostname").write_text("stage\n")
    (root / "etc/machine-id").write_text("")
    for name in ("guest", "results"):
        (root / name).mkdir(exist_ok=True)
    for unit in UNWANTED:
        link = root / "etc/systemd/system" / unit
        link.unlink(missing_ok=True)
        link.symlink_to("/dev/null")
