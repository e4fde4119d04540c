"""``make image-boot``: starts the card image in an emulated Pi 3 and tells how it came up.

    python firmware/image/boot.py [--image FILE] [--json FILE] [--limit SECONDS]

The emulator starts kernel, first memory disk and kernel's words from the image's own FIRMWARE
partition, as the Pi's firmware would; that firmware itself, and Pi 4 and 5, cannot be emulated.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

REPO = Path(__file__).resolve().parents[2]
BOOT_START = 4 << 20  # of the FIRMWARE partition, build.py
TREE = "bcm2837-rpi-3-b.dtb"
# Emulated, a start takes twenty times as long as on a Pi: systemd must not think the box dead.
WORDS = "console=ttyS1,115200 lkjam.report systemd.service_watchdogs=no"
LIMIT_S = 420.0


class Failed(Exception):
    """One line for people."""


def fetch(card: Path, folder: Path, *names: str) -> None:
    """Files of the FIRMWARE partition."""
    for name in names:
        command = ["mcopy", "-n", "-i", f"{card}@@{BOOT_START}", f"::/{name}", str(folder / name)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"{card}: no {name} on the FIRMWARE partition: make image builds it anew")


def boot(card: Path, console: Path, limit_s: float = LIMIT_S, words: str = "") -> float:
    """Until the report is written; returns the seconds that took. Raises Failed."""
    if shutil.which("qemu-system-aarch64") is None:
        raise Failed("qemu-system-aarch64 is missing: sh hardware/tools/firmware.sh installs it")
    with tempfile.TemporaryDirectory(prefix="lkjam-boot-") as name:
        folder = Path(name)
        fetch(card, folder, "vmlinuz", "initrd.img", TREE, "cmdline.txt")
        own = (folder / "cmdline.txt").read_text().strip().replace("quiet", "loglevel=4")
        command = [
            *("qemu-system-aarch64", "-M", "raspi3b", "-display", "none", "-no-reboot"),
            *("-kernel", str(folder / "vmlinuz"), "-initrd", str(folder / "initrd.img")),
            *("-dtb", str(folder / TREE), "-append", f"{own} {WORDS} {words}".strip()),
            *("-drive", f"file={card},if=sd,format=raw,snapshot=on"),
            *("-serial", "null", "-serial", f"file:{console}"),
        ]
        console.write_bytes(b"")
        began_s = time.monotonic()
        emulator = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while time.monotonic() - began_s < limit_s:
                if b"report end" in console.read_bytes():
                    return time.monotonic() - began_s
                if emulator.poll() is not None:
                    raise Failed(f"the emulator ended early ({emulator.returncode}): {console}")
                time.sleep(0.5)
        finally:
            emulator.kill()
            emulator.wait()
    last = console.read_text(errors="replace").splitlines()[-15:]
    raise Failed(f"no report after {limit_s:.0f} s; its console said last:\n" + "\n".join(last))


def read(console: str) -> dict[str, Any]:
    """The report in a console's words; lines of check, chain and log as lists."""
    found: dict[str, Any] = {"check": [], "chain": [], "log": [], "time": []}
    for line in console.replace("\r", "").splitlines():
        if match := re.search(r"report (\w+)(?: (.*))?$", line):
            name, words = match[1], (match[2] or "").strip()
            if isinstance(found.get(name), list):
                found[name].append(words)
            else:
                found[name] = words
    return found


def faults(report: dict[str, Any]) -> list[str]:
    """What is not as a box on a stage must be."""
    wanted = {
        "realtime": "1", "service": "active", "swap": "0", "ports": "", "writable": "no",
        "check_result": "0", "failed": "", "isolated": "3", "din": "/dev/ttyAMA0",
    }  # fmt: skip
    wrong = [
        f"{name}: {report.get(name)!r}, not {value!r}"
        for name, value in wanted.items()
        if report.get(name) != value
    ]
    if not str(report.get("root", "")).startswith("ro,"):
        wrong.append(f"root: {report.get('root')!r}, not read-only")
    if "rw," not in str(report.get("state", "")):
        wrong.append(f"state: {report.get('state')!r}, not a writable partition")
    if "PREEMPT_RT" not in str(report.get("kernel", "")):
        wrong.append(f"kernel: {report.get('kernel')!r}, not a realtime one")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0].partition(": ")[2])
    default = REPO / "build/image/out/lkjam-box.img"
    parser.add_argument("--image", type=Path, default=default, metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report there, too")
    parser.add_argument("--limit", type=float, default=LIMIT_S, metavar="SECONDS")
    args = parser.parse_args()
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    console = args.image.with_suffix(".console.log")
    try:
        if not args.image.is_file():
            raise Failed(f"{args.image} is not there: make image builds it")
        took_s = boot(args.image, console, args.limit)
    except Failed as error:
        print(f"image-boot: {error}", file=sys.stderr)
        return 2
    report = read(console.read_text(errors="replace"))
    for name, value in report.items():
        for line in value if isinstance(value, list) else [value]:
            print(f"{name:<13} {line}")
    if args.json:
        args.json.write_text(json.dumps(report, indent=1) + "\n")
    wrong = faults(report)
    print(f"emulated in {took_s:.0f} s; console: {console}")
    print("\n".join(f"NO  {fault}" for fault in wrong) or "all as it should be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
