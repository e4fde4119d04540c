"""A broken image on an emulated Pi 3 is caught; a file of its own, for the other core."""

from firmware.image import emulate, judge

BROKEN = """\
[Unit]
After=local-fs.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/sbin/blockdev --setrw /dev/mmcblk0p2
ExecStart=/bin/mount -o remount,rw /
"""
LISTENS = """\
[Socket]
ListenStream=22
Accept=yes
"""
NO_BOX = "[Service]\nExecStart=\nExecStart=/bin/false\nStartLimitIntervalSec=0\n"
OTHERS = ("tune", "splash", "drive", "gadget")  # of no weight there, and slow to emulate
BRIEF = " ".join(
    (
        emulate.BOOTS["after-power-cut"],
        *(f"systemd.mask=lkjam-box-{name}.service" for name in OTHERS),
    )
)


def test_a_broken_image_is_caught(firmware_copy, tmp_path):
    """Its root is writable, a port is open, its service fails: all three are told."""
    units = "/etc/systemd/system"
    for name, text in {
        f"{units}/broken.service": BROKEN,
        f"{units}/listens.socket": LISTENS,
        f"{units}/listens@.service": "[Service]\nExecStart=/bin/cat\nStandardInput=socket\n",
        f"{units}/lkjam-box.service.d/zz-broken.conf": NO_BOX,
    }.items():
        file = tmp_path / name.rpartition("/")[2]
        file.write_text(text)
        firmware_copy.change_root(f"write {file} {name}")
    wants = f"{units}/multi-user.target.wants"
    firmware_copy.change_root(
        f"symlink {wants}/broken.service ../broken.service",
        f"symlink {wants}/listens.socket ../listens.socket",
    )
    firmware_copy.spy()
    found = judge.wrong(emulate.facts(firmware_copy, "broken", BRIEF), starts_before=0)
    for said in ("root: mounted", "root: a file could be written", "root: its device takes writes"):
        assert any(said in line for line in found), found
    assert any("open port: tcp" in line and "0016" in line for line in found), found
    assert any(line.startswith("lkjam-box.service: ") for line in found), found
