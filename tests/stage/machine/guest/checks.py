"""The checks, one after the other, in the machine. What each found goes to /results at once."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import box
import faults
import panel
import play
import power
import service
import wheels
from harness import RESULTS, Found, Stage

Check = Callable[[Stage], Found]
PARTS: dict[str, dict[str, Check]] = {
    "play": {
        "ready": play.ready,
        "screen": panel.screen,
        "thru": play.thru,
        "set": play.a_set,
        "buttons": panel.buttons,
        "screen_playing": panel.screen_playing,
        "lines": panel.lines,
        "security": service.security,
        "memory": service.memory,
        **faults.FAULTS,
        "realtime_rules": faults.realtime_rules,
        "exits": lambda stage: power.kills(stage, lambda line: tell("play", line)),
        "sigterm": faults.sigterm,
    },
    "foreign": {
        "ready": play.ready,
        "check": wheels.check,
        "runtimes": wheels.runtimes,
        "thru": play.thru,
        "trade": play.trade,
    },
    "trixie": {
        "ready": play.ready,
        "check": wheels.check,
        "pins": panel.pins,
        "thru": play.thru,
        "trade": play.trade,
    },
    "cut": {"power_cut": power.cut, "thru_again": play.thru},
}
ALWAYS = ("ready",)


def main() -> None:
    words = Path("/proc/cmdline").read_text().split()
    part = next(word.removeprefix("stage.part=") for word in words if "stage.part=" in word)
    plan = json.loads((RESULTS / "plan.json").read_text())
    checks = {
        name: check
        for name, check in PARTS[part].items()
        if not plan["only"] or name in plan["only"] or name in ALWAYS
    }
    (RESULTS / f"planned-{part}.json").write_text(json.dumps(list(checks)))
    tell(part, "the machine is up")
    stage = Stage(plan)
    for name, check in checks.items():
        began_s = time.monotonic()
        try:
            found = check(stage)
        except Exception as error:
            short = isinstance(error, box.Trouble)
            found = Found(wrong=[str(error) if short else traceback.format_exc()])
        took_s = round(time.monotonic() - began_s, 1)
        if found.wrong:
            found.wrong += box.words().splitlines()
        result = {
            "name": name,
            "passed": not found.wrong,
            "figures": found.figures,
            "wrong": found.wrong,
            "took_s": took_s,
        }
        with open(RESULTS / f"checks-{part}.jsonl", "a") as file:
            file.write(json.dumps(result) + "\n")
        tell(part, f"{name}: {'FAILED' if found.wrong else 'ok'} ({took_s:.1f} s)")
        if name == list(checks)[-1]:
            break  # the box may be off
        try:
            stage.rest()
        except box.Trouble as error:
            tell(part, f"after {name}: {error}")
    journal(part)
    if part == "play" and plan["cut"]:
        tell(part, "WRITING")
        power.write_on()


def tell(part: str, line: str) -> None:
    uptime = Path("/proc/uptime").read_text().split(".")[0]
    with open(RESULTS / f"progress-{part}", "a") as file:
        file.write(f"{uptime:>4} s  {line}\n")


def journal(part: str) -> None:
    (RESULTS / f"journal-{part}.log").write_text(box.words(2000))


if __name__ == "__main__":
    main()
