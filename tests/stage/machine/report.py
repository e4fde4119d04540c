"""One table of what was found, and the same as JSON."""

from __future__ import annotations

import json
from pathlib import Path

from tools.machine.steps import Steps


def show(results: Path, steps: Steps, kernel: str) -> int:
    """Print everything; 0 when every check that was to run ran and passed."""
    found = [
        json.loads(line)
        for path in sorted(results.glob("checks-*.jsonl"), reverse=True)  # play before cut
        for line in path.read_text().splitlines()
    ]
    planned = [
        name
        for path in sorted(results.glob("planned-*.json"), reverse=True)
        for name in json.loads(path.read_text())
    ]
    seen = {one["name"] for one in found}
    missing = [name for name in planned if name not in seen]
    failed = [one["name"] for one in found if not one["passed"]] + missing
    width = max((len(name) for name in planned), default=10)
    for one in found:
        figures = ", ".join(f"{name} {value}" for name, value in one["figures"].items())
        print(f"{one['name']:<{width}}  {'ok' if one['passed'] else 'FAILED':<6}  {figures}")
        for line in one["wrong"]:
            print(f"{'':<{width}}          {line}")
    for name in missing:
        print(f"{name:<{width}}  FAILED  it never came to that")
    for name, took_s in steps.taken:
        print(f"{took_s:7.1f} s  {name}")
    print(f"{steps.total_s():7.1f} s  in all; kernel {kernel or 'not booted'}")
    summary = {
        "kernel": kernel,
        "checks": found,
        "missing": missing,
        "seconds": dict(steps.taken) | {"all": round(steps.total_s(), 1)},
    }
    results.mkdir(parents=True, exist_ok=True)
    (results / "results.json").write_text(json.dumps(summary, indent=1) + "\n")
    passed = bool(found) and not failed
    print("passed" if passed else f"failed: {', '.join(failed) or 'nothing was checked'}")
    return 0 if passed else 1
