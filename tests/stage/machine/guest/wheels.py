"""Checks of what was installed: does it all load on this processor."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from harness import Found, Stage

COMMAND = "/opt/lkjam-box/bin/lkjam-box"
PYTHON = "/opt/lkjam-box/bin/python"
LOAD = """
from lkjam_box.brain.engines import make_engine
from lkjam_box.config.options import Brain
from lkjam_box.protocol.records import EngineId
print(type(make_engine(EngineId.GRU, Brain(runtime="{0}"))).__name__)
"""
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
    """The model loads on every runtime that is there."""
    paths = {"litert": "", "numpy": ""} | ({"tflite": SECOND} if Path(SECOND).exists() else {})
    found = Found()
    for name, path in paths.items():
        words = [PYTHON, "-B", "-c", LOAD.format(name)]
        where = dict(os.environ, PYTHONPATH=path)
        done = subprocess.run(words, capture_output=True, text=True, env=where)
        found.figures[name] = done.stdout.strip()
        found.expect(done.returncode == 0, f"{name}: {done.stderr.strip().splitlines()[-1:]}")
    return found


def _check() -> dict[str, list[dict[str, str]]]:
    where = dict(os.environ, LKJAM_RUNTIME="/run/stage/check")
    done = subprocess.run([COMMAND, "check", "--json"], capture_output=True, text=True, env=where)
    return json.loads(done.stdout)  # type: ignore[no-any-return]
