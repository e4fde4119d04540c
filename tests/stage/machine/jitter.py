"""How late notes are on the wire, where no host can disturb: a machine with deterministic time.

    python tests/stage/machine/jitter.py [--install] [--seconds S] [--load N] [--apart-only]

The machine of ``stage_vm.py`` on one emulated core whose time is what it computed (QEMU's
``-icount``), its realtime kernel and the ALSA sequencer. Inside, ``lkjam-box bench lateness``
trades in several processes and then in one, beside cyclictest and a load. Prints its table;
1 when the goal is missed or it was not the network that answered, 2 when there was no machine.
"""

from __future__ import annotations

import argparse
import json
import platform
import shutil
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[3]))
import emulator
from stage_vm import HERE, REPO, Stage, prepare

from tools.machine.arches import ARCHES
from tools.machine.steps import Failed, run

LIMIT_S = 600.0
TIMES_MAX = 10.0
MASKED = ("stage-devices", "stage-oled", "lkjam-box")


def main() -> int:
    here = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), "amd64")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--install", action="store_true", help="get what is missing by apt-get")
    parser.add_argument("--seconds", type=float, default=30, help="of playing, in its own time")
    parser.add_argument("--load", type=int, default=1, metavar="N", help="busy processes beside")
    parser.add_argument("--apart-only", action="store_true", help="not also in one process")
    folder = REPO / "build/stage-machine"
    parser.add_argument("--folder", type=Path, default=folder, help="where the machine is kept")
    args = parser.parse_args()
    stage = Stage(ARCHES[here], args.folder / here, fresh=False)
    stage.results = args.folder / "jitter"
    try:
        prepare(stage.arch, args.install)
        kernel = stage.build()
        shutil.rmtree(stage.results, ignore_errors=True)
        stage.results.mkdir(parents=True)
        plan = {"seconds": args.seconds, "load": args.load, "one_process": not args.apart_only}
        (stage.results / "plan.json").write_text(json.dumps(plan))
        disk = stage.folder / "jitter.ext4"
        print(f"  the machine ... (at most {LIMIT_S / 60:.0f} minutes)", flush=True)
        run("cp", "--sparse=always", "--reflink=auto", stage.disk, disk)
        try:
            with emulator.boot(
                *(stage.arch, kernel.image, stage.first_disk, disk),
                *(HERE / "jitter_guest", stage.results, "jitter"),
                processor=emulator.DETERMINISTIC,
                words=" ".join(f"systemd.mask={unit}.service" for unit in MASKED),
            ) as machine:
                machine.wait(LIMIT_S)
        finally:
            disk.unlink()
        told = (stage.results / "lateness.txt").read_text()
        if not (stage.results / "lateness.json").exists():
            raise Failed(f"the bench was not through: {told.strip()}")
        rows = json.loads((stage.results / "lateness.json").read_text())
    except (Failed, OSError, ValueError) as error:
        print(f"stage-jitter: {error}", file=sys.stderr)
        return 2
    print(told)
    apart = rows[0]
    limit_us = TIMES_MAX * apart["cyclictest"]["max_us"]
    worst_us = max(apart["clicks"]["max_us"], apart["answers"]["max_us"])
    met = worst_us <= limit_us and apart["engine"] == "gru" and not apart["fallbacks"]
    word = "met" if met else "MISSED"
    print(f"{word}  latest note {worst_us:.0f} us (limit {limit_us:.0f} us); {kernel.release}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
