"""What an image must be like, held against what its proof told. Pure."""

from __future__ import annotations

import re
from typing import Any

Facts = dict[str, Any]
HZ, BAUD = 400_000, 31_250
WATCHDOG_S = "15"  # as the image asks systemd; the emulated Pi cannot count it
STATE = "/var/lib/lkjam-box"
DEVICES = ("/dev/i2c-1", "/dev/ttyAMA0", "/dev/snd/seq", "/dev/watchdog0")
MAY_BE_WRITTEN = (STATE, "/tmp", "/var/tmp", "/var/log", "/var/lib/systemd", "/dev", "/run")


def wrong(facts: Facts, starts_before: int) -> list[str]:
    """A line for each thing that is not as it must be; none: the image is good."""
    skipped = re.findall(r"proof\.skip=(\w+)", facts["kernel"].get("command_line", ""))
    parts = {name: part for name, part in PARTS.items() if name not in skipped}
    found = []
    for name, part in parts.items():
        told = facts.get(name, {"error": "it never told"})
        found += [f"{name}: {told['error']}"] if "error" in told else part(told)
    if facts["kept"].get("starts_before") != starts_before:
        found.append(f"state: found {facts['kept']}, expected {starts_before} starts before")
    return found


def _kernel(kernel: Facts) -> list[str]:
    found = [] if "PREEMPT_RT" in kernel["version"] else ["kernel: not a PREEMPT_RT one"]
    last = str(kernel["cores"] - 1)
    if kernel["isolated"] != last:
        found.append(f"kernel: isolated core {kernel['isolated'] or 'none'}, expected {last}")
    return found


def _mounts(mounts: Facts) -> list[str]:
    found = []
    if "ro" not in mounts["root"][3].split(","):
        found.append(f"root: mounted {mounts['root'][3]}, expected ro")
    if not mounts["write_refused"]:
        found.append("root: a file could be written to it")
    if not mounts["root_device_read_only"]:
        found.append("root: its device takes writes")
    if mounts["state"][2:3] != ["ext4"] or "rw" not in mounts["state"][3].split(","):
        found.append(f"state: found {mounts['state'] or 'nothing'} at {STATE}, expected ext4, rw")
    more = [w for w in mounts["writable"] if not w.startswith(MAY_BE_WRITTEN)]
    found += [f"mounts: {where} is writable" for where in more]
    return found + [f"swap: {line}" for line in mounts["swap"]]


def _units(units: Facts) -> list[str]:
    box = units["units"]["lkjam-box"]
    found = []
    if box.get("ActiveState") != "active" or box.get("NRestarts") != "0":
        how = f"{box.get('ActiveState')}, started anew {box.get('NRestarts')} times"
        found.append(f"lkjam-box.service: {how}")
    found += [f"{unit}: failed" for unit in units["failed"]]
    return found


def _ports(ports: Facts) -> list[str]:
    found = [f"open port: {port}" for port in ports["open"]]
    return found + [f"network: {link}" for link in ports["network"] if link != "lo"]


def _logins(logins: Facts) -> list[str]:
    found = [f"password: {user} has one" for user in logins["passwords"]]
    found += [f"login: {program} runs" for program in logins["programs"]]
    if logins["hostname"] != "lkjam-box":
        found.append(f"hostname: {logins['hostname']}, expected lkjam-box")
    return found


def _machine(machine: Facts) -> list[str]:
    found = [
        f"module {name}: not loaded" for name, there in machine["modules"].items() if not there
    ]
    if machine["i2c_hz"] != HZ:
        found.append(f"i2c: {machine['i2c_hz']} Hz, expected {HZ}")
    found += [f"{path}: not there" for path in DEVICES if path not in machine["devices"]]
    if machine["watchdog_s"] != WATCHDOG_S:
        found.append(f"watchdog: {machine['watchdog_s'] or 'none'}, expected {WATCHDOG_S} s")
    if machine["usb_autosuspend"] != "-1":
        found.append(f"usb: autosuspend {machine['usb_autosuspend']}, expected -1")
    found += [f"timers: {line}" for line in machine["timers"] if line.split()[0] != "90"]
    found += [f"pin {name}: {who}" for name, who in machine["pins"].items() if "refused" in who]
    if "error" in machine["pins"]:
        found.append(f"pins: {machine['pins']['error']}")
    return found


def _midi(midi: Facts) -> list[str]:
    if midi["baud"] != [BAUD, BAUD] or "903c40" not in midi["heard"]:
        return [f"MIDI wire: {midi}"]
    return []


def _check(check: Facts) -> list[str]:
    if check["returned"] or not check.get("plays"):
        return [f"lkjam-box check: {check.get('said') or check.get('findings')}"]
    return []


def _cable(cable: Facts) -> list[str]:
    found = []
    if not cable["drive"]:
        return [f"cable: no drive: {cable.get('said', '')}"]
    if "lkjam-box.yaml" not in cable["there"]:
        found.append(f"drive: found {cable['there']}, expected lkjam-box.yaml")
    if "laptop.yaml" not in cable["in_the_box"]:
        found.append(f"drive: what was written on it was not taken: {cable['in_the_box']}")
    if "broken.yaml" in cable["in_the_box"] or "broken.yaml" not in cable["report"]:
        found.append(f"drive: a broken file was not refused: {cable['report']}")
    if not any("lkjam_box" in line for line in cable["instruments"]):
        found.append(f"cable: no instrument lkjam_box: {cable['instruments']}")
    return found


PARTS = {
    "kernel": _kernel,
    "mounts": _mounts,
    "units": _units,
    "ports": _ports,
    "logins": _logins,
    "machine": _machine,
    "midi": _midi,
    "check": _check,
    "cable": _cable,
}


def page(name: str, facts: Facts) -> str:
    """What was seen, for people."""
    kernel, mounts, units = facts["kernel"], facts["mounts"], facts["units"]
    box = units["units"]["lkjam-box"]
    ready_s = int(box.get("ActiveEnterTimestampMonotonic") or 0) / 1e6
    user_s = int(units["manager"].get("UserspaceTimestampMonotonic") or 0) / 1e6
    lines = [
        f"--- {name}: {kernel['model']}, {kernel['cores']} cores (emulated)",
        f"kernel     {kernel['release']} {kernel['version']}",
        f"root       {' '.join(mounts['root'])}; a write: {mounts['write_refused'] or 'done!'}",
        f"state      {' '.join(mounts['state'])}",
        f"box        {box.get('ActiveState')} {ready_s:.1f} s after the kernel's start "
        f"(systemd at {user_s:.1f} s), started anew {box.get('NRestarts')} times",
        f"failed     {', '.join(units['failed']) or 'none'}",
        f"ports      {', '.join(facts['ports']['open']) or 'none open'}; network links: "
        f"{', '.join(facts['ports']['network'])}",
        f"logins     {', '.join(facts['logins']['programs']) or 'none'}; passwords: "
        f"{', '.join(facts['logins']['passwords']) or 'none'}",
    ]
    for name in ("midi", "machine"):
        lines += [f"{name:<10} {facts[name]}"] if name in facts else []
    check = facts.get("check", {})
    lines += [f"check      returned {check['returned']}"] if check else []
    lines += [
        f"           {finding['level']:<6} {finding['what']}: {finding['found']}"
        for finding in check.get("findings", [])
    ]
    if "cable" in facts:
        lines.append(f"cable      {facts['cable']}")
    return "\n".join([*lines, f"in all     {facts['boot_s']} s"])
