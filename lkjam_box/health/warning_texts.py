"""Texts of the warnings: what the screen says, what the player can do. Most urgent first.

First what stops the music now, then what may stop it at any moment, then what makes it worse.
The order is that of :class:`WarningId`; a test compares the manual's table with this one.
"""

from __future__ import annotations

from ..protocol.shared_state import Snapshot, WarningId

WARNINGS: dict[WarningId, tuple[str, str]] = {
    WarningId.NO_CLOCK: ("NO CLOCK", "mend the clock's cable, or press Start again"),
    WarningId.NO_PORTS: ("NO MIDI: DRIVER MISSING", "`lkjam-box check` says how to get it"),
    WarningId.NO_SYNTH: ("NO SYNTH", "plug the synth in; `lkjam-box ports` shows names"),
    WarningId.NO_KEYBOARD: ("NO KEYBOARD", "plug the keyboard in; `lkjam-box ports` shows names"),
    WarningId.LOOP: ("LOOP", "switch the thru or echo of the device it names off, then PANIC"),
    WarningId.LOW_VOLTAGE: ("LOW VOLTAGE, CHECK PSU", "a stronger supply, a shorter cable; now"),
    WarningId.BAD_FILE: ("BAD FILE", "mend the file and line it names; the last good one plays"),
    WarningId.FAILING: (
        "A PROCESS KEEPS FAILING",
        "`lkjam-box check` says which, `journalctl -u lkjam-box` why; tell the makers",
    ),
    WarningId.BRAIN_LOST: ("BRAIN LOST: MARKOV PLAYS", "nothing, it is being started again"),
    WarningId.BRAIN_LATE: (
        "BRAIN LATE: MARKOV PLAYS",
        "nothing; if it stays, `lkjam-box check`",
    ),
    WarningId.THROTTLED: ("TOO HOT: SLOWED DOWN", "air, shade, a fan; answers may come late"),
    WarningId.NO_MODEL: ("NO MODEL: MARKOV PLAYS", "`lkjam-box check` says why"),
    WarningId.TWO_CLOCKS: (
        "TWO CLOCKS",
        "switch one machine's clock off; the one started last is followed",
    ),
    WarningId.DISK_FULL: ("DISK FULL: NOT KEPT", "take old recordings off the card"),
    WarningId.NO_REALTIME: ("NO REALTIME RIGHTS", "`lkjam-box check` says which"),
}


def said(snapshot: Snapshot) -> str:
    """What the screen says of the warning; "" for none."""
    warning = WarningId(snapshot.warning)
    if warning is WarningId.NONE:
        return ""
    if warning is WarningId.BAD_FILE and snapshot.message:
        where, colon, what = snapshot.message.partition(": ")
        return where.rpartition("/")[2] + colon + what  # without the file's folder
    if warning is WarningId.LOOP and snapshot.loop_device:
        return f"LOOP: {snapshot.loop_device}"
    if (
        warning in (WarningId.THROTTLED, WarningId.DISK_FULL, WarningId.FAILING)
        and snapshot.message
    ):
        return snapshot.message
    return WARNINGS[warning][0]
