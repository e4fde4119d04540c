"""The one thing the player must know: what the screen says, what to do. Most urgent first.

First what stops the music now, then what may stop it at any moment, then what makes it worse.
The order is that of :class:`Warning`; the table of the manual is held against this one.
"""

from __future__ import annotations

from ..protocol.shared_state import Snapshot, Warning

WARNINGS: dict[Warning, tuple[str, str]] = {
    Warning.NO_CLOCK: ("NO CLOCK", "mend the clock's cable, or press Start again"),
    Warning.NO_SYNTH: ("NO SYNTH", "plug the synth in; `lkjam-box ports` shows names"),
    Warning.NO_KEYBOARD: ("NO KEYBOARD", "plug the keyboard in; `lkjam-box ports` shows names"),
    Warning.LOW_VOLTAGE: ("LOW VOLTAGE, CHECK PSU", "a stronger supply, a shorter cable; now"),
    Warning.BAD_FILE: ("BAD FILE", "mend the file and line it names; the last good one plays"),
    Warning.BRAIN_LOST: ("BRAIN LOST: MARKOV PLAYS", "nothing, it is being started again"),
    Warning.BRAIN_LATE: (
        "BRAIN LATE: MARKOV PLAYS",
        "nothing; if it stays, `lkjam-box check`",
    ),
    Warning.THROTTLED: ("TOO HOT: SLOWED DOWN", "air, shade, a fan; answers may come late"),
    Warning.NO_MODEL: ("NO MODEL: MARKOV PLAYS", "`lkjam-box check` says why"),
    Warning.TWO_CLOCKS: ("TWO CLOCKS", "switch one machine's clock off; the first is followed"),
    Warning.DISK_FULL: ("DISK FULL: NOT KEPT", "take old recordings off the card"),
    Warning.NO_REALTIME: ("NO REALTIME RIGHTS", "`lkjam-box check` says which"),
}


def said(snapshot: Snapshot) -> str:
    """What the screen says of the warning; "" for none."""
    warning = Warning(snapshot.warning)
    if warning is Warning.NONE:
        return ""
    if warning is Warning.BAD_FILE and snapshot.message:
        return snapshot.message.rpartition("/")[2]
    if warning in (Warning.THROTTLED, Warning.DISK_FULL) and snapshot.message:
        return snapshot.message
    return WARNINGS[warning][0]
