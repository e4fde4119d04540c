"""Checks of what was installed: does it all load on this processor."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from harness import Found, Stage

COMMAND = "/opt/lkjam-box/bin/lkjam-box"
SECOND = "/opt/tflite"  # modules of the other runtime, where they were put


def check(stage: Stage) -> Found:
    """lkjam-box check finds nothing that keeps it from playing."""
    said = _check()
    findings = {one["what"]: one for one in said["findings"]}
    found = Found({name: findings[name]["found"] for name in ("python", "numpy", "kernel")})
    bad = [
        f"{one['what']}: {one['found']}" for one in findings.values() if one["level"] == "cannot"
    ]
    found.wrong += bad
    found.expect(said["plays"], "it says that it cannot play here")
    return found


def runtimes(stage: Stage) -> Found:
    """The model loads, and answers, on every runtime that is there."""
    paths = {"litert": "", "numpy": ""} | ({"tflite": SECOND} if Path(SECOND).exists() else {})
    found = Found()
    for name, path in paths.items():
        model = next(
            one
            for one in _check("--set", f"brain.runtime={name}", path=path)["findings"]
            if one["what"] == "model"
        )
        found.figures[name] = model["found"]
        found.expect(model["level"] == "ok", f"{name}: {model['found']}")
    return found


def _check(*words: str, path: str = "") -> dict[str, list[dict[str, str]]]:
    done = subprocess.run(
        [COMMAND, "check", "--json", *words],
        capture_output=True,
        text=True,
        env=dict(os.environ, PYTHONPATH=path, LKJAM_RUNTIME="/run/stage/check"),
    )
    return json.loads(done.stdout)  # type: ignore[no-any-return]
