"""The power goes while state is written; then the box comes up with the old or the new."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import box
from harness import RESULTS, Found, Stage

from lkjam_box.protocol.choices import Choices
from lkjam_box.state.disk import Folder
from lkjam_box.state.remembered import State
from lkjam_box.state.slots import NAMES, Slots, decode

HERE = Path(__file__).parent
BESIDE = Path("/var/lib/stage-cut")
SAFE = RESULTS / "last-safe"  # on the host: it outlives the machine
OPTIONS = Path("/var/lib/lkjam-box/options.json")


def kills(stage: Stage, tell: Callable[[str], None]) -> Found:
    """Realtime processes with ports die without a hang of their core."""
    count = int(str(stage.plan["kills"]))
    command = [sys.executable, "-B", str(HERE / "exits.py"), str(count)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = ""
        for said in map(str.strip, process.stdout):
            if said.isdigit():
                tell(f"exits: {said}")
    found = Found({"killed": count, "slowest_exit_ms": said})
    found.expect(process.returncode == 0, said)
    return found


def write_on() -> None:
    """Until the power goes: the box's own slots, beside its own; each safe write is told."""
    slots, number = Slots(Folder(BESIDE)), 0
    while True:
        number += 1
        slots.save(State(boots=number, choices=Choices(progression=f"tune {number}" * 40)))
        told = SAFE.with_suffix(".new")
        told.write_text(str(number))
        told.rename(SAFE)  # never half a number, whenever the power goes


def cut(stage: Stage) -> Found:
    """What was told to be safe is there, whole; and the box itself is up."""
    safe = int(SAFE.read_text())
    found_slots = [decode(Folder(BESIDE).read(name)) for name in NAMES]
    whole = [slot.state for slot in found_slots if slot and slot.state]
    newest = max((state.boots for state in whole), default=0)
    found = Found({"writes_safe": safe, "newest_found": newest, "slots_whole": len(whole)})
    found.expect(newest >= safe, f"write {safe} was safe, but {newest} is the newest there is")
    for state in whole:
        wanted = f"tune {state.boots}" * 40
        found.expect(state.choices.progression == wanted, f"slot {state.boots} is half a state")
    began_s = time.monotonic()
    box.wait("the whole box", box.whole, every_s=0.5)
    found.figures["up_again_s"] = round(time.monotonic() - began_s, 1)
    if OPTIONS.exists():
        json.loads(OPTIONS.read_bytes())
    found.expect(box.shown("ActiveState") == "active", f"it is {box.shown('ActiveState')}")
    return found
