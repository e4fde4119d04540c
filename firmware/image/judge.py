"""What an image must be like, held against what its proof told. Pure."""

from __future__ import annotations

from typing import Any

Facts = dict[str, Any]
HZ, BAUD = 400_000, 31_250
WATCHDOG_S = "15"  # as the image asks systemd; the emulated Pi cannot count it
STATE = "/var/lib/lkjam-box"
DEVICES = ("/dev/i2c-1", "/dev/ttyAMA0", "/dev/snd/seq", "/dev/watchdog0")
MAY_BE_WRITTEN = (STATE, "/tmp", "/var/tmp", "/var/log", "/var/lib/systemd", "/dev", "/run")


def wrong(facts: Facts, starts_before: int) -> list[str]:
    """A line for each thing that is not as it must be; none: the image is good."""
    found: list[str] = []
    for name in ("kernel", "mounts", "units", "ports", "logins", "machine", "midi", "check"):
        told = facts.get(name, {"error": "it never told"})
        if "error" in told:
            found.append(f"{name}: {told['error']}")
    if found:
        return found
    parts = (_kernel, _mounts, _units, _doors, _machine, _plays)
    found = [line for part in parts for line in part(facts)]
    if "cable" in facts:
        found += _cable(facts["cable"])
    if facts["kept"].get("starts_before") != starts_before:
        found.append(f"state: found {facts['kept']}, expected {starts_before} starts before")
    return found


def _kernel(facts: Facts) -> list[str]:
    kernel = facts["kernel"]
    found = [] if "PREEMPT_RT" in kernel["version"] else ["kernel: not a PREEMPT_RT one"]
    last = str(kernel["cores"] - 1)
    if kernel["isolated"] != last:
        found.append(f"kernel: isolated core {kernel['isolated'] or 'none'}, expected {last}")
    return found


def _mounts(facts: Facts) -> list[str]:
    mounts = facts["mounts"]
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


def _units(facts: Facts) -> list[str]:
    units = facts["units"]
    box = units["units"]["lkjam-box"]
    found = []
    if box.get("ActiveState") != "active" or box.get("NRestarts") != "0":
        how = f"{box.get('ActiveState')}, started anew {box.get('NRestarts')} times"
        found.append(f"lkjam-box.service: {how}")
    found += [f"{unit}: failed" for unit in units["failed"]]
    return found


def _doors(facts: Facts) -> list[str]:
    logins = facts["logins"]
    found = [f"open port: {port}" for port in facts["ports"]["open"]]
    found += [f"network: {link}" for link in facts["ports"]["network"] if link != "lo"]
    found += [f"password: {user} has one" for user in logins["passwords"]]
    found += [f"login: {program} runs" for program in logins["programs"]]
    if logins["hostname"] != "lkjam-box":
        found.append(f"hostname: {logins['hostname']}, expected lkjam-box")
    return found


def _machine(facts: Facts) -> list[str]:
    machine, midi = facts["machine"], facts["midi"]
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
    if midi["baud"] != [BAUD, BAUD] or "903c40" not in midi["heard"]:
        found.append(f"MIDI wire: {midi}")
    return found


def _plays(facts: Facts) -> list[str]:
    check = facts["check"]
    if check["returned"] or not check.get("plays"):
        return [f"lkjam-box check: {check.get('said') or check.get('findings')}"]
    return []


def _cable(cable: Facts) -> list[str]:
    if "error" in cable:
        return [f"cable: {cable['error']}"]
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
        f"MIDI wire  {facts['midi']}",
        f"check      returned {facts['check'].get('returned')}",
    ]
    lines += [
        f"           {finding['level']:<6} {finding['what']}: {finding['found']}"
        for finding in facts["check"].get("findings", [])
    ]
    if "cable" in facts:
        lines.append(f"cable      {facts['cable']}")
    return "\n".join([*lines, f"in all     {facts['boot_s']} s"])
