"""The stage process stays small: what its process imports is checked in a fresh interpreter."""

import subprocess
import sys


def modules_after(code):
    result = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint('\\n'.join(sys.modules))"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return set(result.stdout.split())


def test_the_stage_process_loads_no_numpy_and_no_driver():
    loaded = modules_after("import lkjam_box.service.stage_process, lkjam_box.ports.rtmidi_ports")
    heavy = {"numpy", "torch", "rtmidi", "gpiozero", "luma", "PIL", "mido", "asyncio", "yaml"}
    assert not loaded & heavy
    assert "lkjam_box.stage.stage" in loaded


def test_the_package_and_the_supervisor_load_no_numpy():
    loaded = modules_after("import lkjam_box, lkjam_box.service.supervisor")
    assert not loaded & {"numpy", "torch", "rtmidi"}
