"""Kill realtime processes that hold an ALSA input, and see that each is really gone.

On PREEMPT_RT such a process can spin in its exit for ever, waiting for a timer thread of lower
priority on its own core. Run as a program: ``exits.py N``; 3 when one hung.
"""

from __future__ import annotations

import os
import signal
import sys
import time

import rtmidi

PRIORITY, CORE = 70, 1
STUCK_S = 8.0


def hold() -> int:
    """A child with an open port, at the box's priority; returns once the port is open."""
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        os.sched_setaffinity(0, {CORE})
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
        midi = rtmidi.MidiIn(rtmidi.API_LINUX_ALSA, name="exits")
        midi.open_virtual_port("in")
        os.write(tell, b"!")
        time.sleep(60)
        os._exit(0)
    os.close(tell)
    os.read(told, 1)
    os.close(told)
    return child


def main() -> int:
    os.sched_setaffinity(0, {0})
    count, worst_s = int(sys.argv[1]), 0.0
    for number in range(1, count + 1):
        child = hold()
        time.sleep(0.01)
        os.kill(child, signal.SIGKILL)
        killed_s = time.monotonic()
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if time.monotonic() - killed_s > STUCK_S:
                print(f"process {number} of {count} hangs in its exit")
                return 3
            time.sleep(0.005)
        worst_s = max(worst_s, time.monotonic() - killed_s)
        if number % 25 == 0:
            print(number, flush=True)
    print(f"{worst_s * 1000:.0f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
