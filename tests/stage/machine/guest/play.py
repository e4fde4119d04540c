"""Checks of the box at work."""

from __future__ import annotations

import time
from bisect import bisect_left

import box
from harness import BEATS, BOX, BPM, CLICK, HUMAN, TICKS, Found, Stage, line, spread_ms

TUNE = (62, 65, 69, 72, 71, 67, 65, 64)  # an eighth each
LOOPS = 6
EARLY_MS, LATE_MS = 10.0, 25.0  # a click's distance from its tick at the drum machine
STEADY = 0.75  # of its ticks, from which on the tempo shown is judged
UNEVEN_S = 0.008  # where its ticks themselves were further off their line, nobody can judge


def ready(stage: Stage) -> Found:
    """The service comes up by itself and says so."""
    box.wait("the whole box", box.whole, every_s=0.5)
    began, active = (
        int(box.shown(name)) / 1e6
        for name in ("InactiveExitTimestampMonotonic", "ActiveEnterTimestampMonotonic")
    )
    found = Found({"start_s": round(active - began, 2), "after_boot_s": round(active, 2)})
    found.expect(box.shown("ActiveState") == "active", f"it is {box.shown('ActiveState')}")
    now = box.snapshot()
    found.expect(now and now.realtime > 0, "the stage process has no realtime priority")
    return found


def thru(stage: Stage) -> Found:
    """From the keyboard's socket to the synth's."""
    taken = []
    for pitch in (48 + n % 24 for n in range(60)):
        sent_s = time.monotonic()
        stage.play(pitch)
        box.wait("a note thru", lambda s=sent_s: stage.synth.notes(HUMAN, s), 3.0)
        taken.append(stage.synth.notes(HUMAN, sent_s)[0][0] - sent_s)
        stage.release(pitch)
        time.sleep(0.02)
    time.sleep(0.2)
    found = Found({"notes": len(taken), **spread_ms(taken)})
    found.expect(not stage.synth.sounding(), f"sounds on: {sorted(stage.synth.sounding())}")
    return found


def trade(stage: Stage) -> Found:
    """Start, a bar each, every answer in its bar: all that a machine too slow to be on time can
    show."""
    return a_set(stage, on_time=False)


def a_set(stage: Stage, on_time: bool = True) -> Found:
    """Start, a bar each, every answer in its bar; the click where the drum machine ticks."""
    began_s = time.monotonic()
    stage.run()
    for loop in range(LOOPS):
        for step, pitch in enumerate(TUNE):
            tick = line(loop) + step * TICKS // 2
            stage.sleep_until(tick)
            if loop % 2 == 0:
                stage.play(pitch, 80 + step)
                stage.sleep_until(tick + 8)
                stage.release(pitch)
    stage.sleep_until(line(LOOPS) + 6)
    last = box.snapshot()
    lines = [stage.drums.time_of(line(loop)) for loop in range(LOOPS + 1)]
    beats = [stage.drums.time_of(t) for t in range(0, line(LOOPS), TICKS)]
    stage.drums.stop()
    time.sleep(0.5)
    notes = [time_s for time_s, _ in stage.synth.notes(BOX, began_s)]
    clicks = [time_s for time_s, _ in stage.synth.notes(CLICK, began_s)]
    early_s = EARLY_MS / 1000
    answers, firsts, strays = 0, [], 0
    for loop in range(LOOPS):
        mine = [t for t in notes if lines[loop] - early_s <= t < lines[loop + 1] - early_s]
        if loop % 2:
            answers += bool(mine)
            firsts += [mine[0] - lines[loop]] if mine else []
        else:
            strays += len(mine)
    even = stage.drums.even(UNEVEN_S)
    steady = len(even) > STEADY * stage.drums.count
    off = []
    for t in clicks:
        tick = bisect_left(beats, t - (beats[1] - beats[0]) / 2) * TICKS
        if tick in even:
            off.append(t - stage.drums.time_of(tick))
    ticks = {f"tick_uneven_{k}": v for k, v in spread_ms(stage.drums.uneven_s()).items()}
    found = Found(
        {
            **ticks,
            "answers": f"{answers}/{LOOPS // 2}",
            "notes": len(notes),
            "first_after_line_ms": [round(1000 * s, 1) for s in firsts],
            "clicks": f"{len(off)} judged of {len(clicks)}",
            **{f"click_{name}": value for name, value in spread_ms(off).items()},
            "click_min_ms": round(1000 * min(off, default=0.0), 2),
        }
    )
    if last is not None:
        found.figures["bpm_shown"] = round(last.bpm, 2)
        found.figures["by_fallback"] = last.fallbacks
        found.expect(not last.dropped, f"{last.dropped} records dropped")
        found.figures["ticks_even"] = f"{len(even)} of {stage.drums.count}"
        if steady and on_time:
            found.expect(
                abs(last.bpm - BPM) < 0.01 * BPM, f"it shows {last.bpm:.1f} BPM, not {BPM:.0f}"
            )
    found.expect(answers == LOOPS // 2, f"only {answers} answers of {LOOPS // 2}")
    found.expect(not (strays and steady), f"{strays} notes of the box in the player's bars")
    found.expect(not stage.synth.sounding(), f"sounds on: {sorted(stage.synth.sounding())}")
    if not on_time or not steady:
        found.figures["times"] = "not judged: the ticks themselves came unevenly"
        return found
    found.expect(len(clicks) >= BEATS * LOOPS, f"only {len(clicks)} clicks")
    found.expect(off, "no click could be judged: the host lets no tick come evenly")
    ordered = sorted(off) or [0.0]
    found.expect(ordered[0] * 1000 > -EARLY_MS, f"a click over {EARLY_MS} ms early")
    found.expect(ordered[len(ordered) // 2] * 1000 < LATE_MS, f"clicks over {LATE_MS} ms late")
    return found
