"""Checks of buttons, lights and screen."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

import box
from harness import BEATS, RESULTS, Found, Stage
from PIL import Image

from lkjam_box.config.options import Panel
from lkjam_box.panel.face import carried
from lkjam_box.panel.gpiod_header import GpiodHeader
from lkjam_box.panel.header import Tell, library
from lkjam_box.panel.picture import HEIGHT, WIDTH, draw
from lkjam_box.panel.strip import NoteStrip
from lkjam_box.protocol.shared_state import Mode, Snapshot

PINS = Panel()
FREE = (0, 1, 2)  # EEPROM and I2C of a real header: none of the box's own
OLED = Path("/run/stage/oled")
SLOW_BPM = 70.0  # an emulated bus takes a third of a second for a whole picture
HEAD = (0, 0, WIDTH, 33)  # tempo, lock, place; whose turn; the chord: what stands for a beat
RIGHT = 0.3  # of all looks: on a slow machine a look takes as long as half a turn
SLACK_BEATS = 1.0  # from a line to the shared state that first shows what changed there


def dots() -> Image.Image:
    """The picture on the glass."""
    ram = OLED.read_bytes()
    image = Image.new("1", (WIDTH, HEIGHT))
    image.putdata(
        [ram[y // 8 * WIDTH + x] >> y % 8 & 1 for y in range(HEIGHT) for x in range(WIDTH)]
    )
    return image


def expected(snapshot: Snapshot) -> Image.Image:
    return draw(snapshot, NoteStrip())


def reads(
    area: tuple[int, int, int, int], wanted: object, limit_s: float
) -> tuple[Image.Image, int]:
    """The glass, and by how many dots it differs from what our own code draws from a snapshot of
    the last second, at best, within the limit. ``wanted(snapshot)`` chooses snapshots."""
    drawn: deque[tuple[float, bytes]] = deque()
    best = (dots(), WIDTH * HEIGHT)
    until_s = time.monotonic() + limit_s
    while time.monotonic() < until_s and best[1]:
        now = box.snapshot()
        if now is not None and wanted(now):  # type: ignore[operator]
            own = expected(carried(now, time.monotonic())).crop(area)
            drawn.append((time.monotonic(), own.tobytes()))
        while drawn and drawn[0][0] < time.monotonic() - 1.0:
            drawn.popleft()
        glass = dots()
        seen = glass.crop(area).tobytes()
        for _, own_dots in {data: (t, data) for t, data in drawn}.values():
            differ = sum((a ^ b).bit_count() for a, b in zip(seen, own_dots, strict=True))
            if differ < best[1]:
                best = (glass, differ)
        time.sleep(0.02)
    return best


def pins(stage: Stage) -> Found:
    """START begins and ends a set through whatever library reaches the pins; a light is lit."""
    found = Found({"by": library()})
    stage.run()
    box.wait("trading", lambda: (n := box.snapshot()) and n.mode == Mode.TRADING)
    lit = (PINS.pin_led_human, PINS.pin_led_box)
    box.wait("a light", lambda: any(stage.lit(pin) for pin in lit), 30.0)
    for what, mode in (("STOP", Mode.IDLE), ("START", None)):
        stage.press(PINS.pin_start, True)
        time.sleep(0.15)
        stage.press(PINS.pin_start, False)
        ready = lambda m=mode: (n := box.snapshot()) and (n.mode == m) is (m is not None)  # noqa: E731
        found.figures[f"{what.lower()}_s"] = round(box.wait(what, ready, 30.0), 2)
    return found


def lines(stage: Stage) -> Found:
    """The kernel's lines by gpiod, on pins that the box leaves alone: levels, edges in their order
    with the kernel's time, an output, and a line that the box has."""
    first, second, out = FREE
    told: list[tuple[float, int, bool]] = []

    def tell(pin: int) -> Tell:
        return lambda time_s, closed: told.append((time_s, pin, closed))

    found = Found()
    with GpiodHeader(stage.gpio_chip) as header:
        closed = header.contacts({pin: tell(pin) for pin in (first, second)})
        found.expect(closed == {first: False, second: False}, f"at rest: {closed}")
        header.outputs((out,))
        for high in (True, False):
            header.drive(out, high)
            found.expect(stage.lit(out) is high, f"GPIO {out} is not {'high' if high else 'low'}")
        moves = [(first, True), (second, True), (first, False), (second, False)] * 8
        began_s = time.monotonic()
        for pin, down in moves:
            stage.press(pin, down)
        ended_s = time.monotonic()
        header.collect()
        times = [time_s for time_s, _, _ in told]
        found.figures |= {"edges": len(told), "moves": len(moves)}
        found.expect([(pin, down) for _, pin, down in told] == moves, f"edges: {told[:6]} ...")
        found.expect(times == sorted(times), "not in their order")
        found.expect(
            times and began_s <= times[0] <= times[-1] <= ended_s, "times of another clock"
        )
        try:
            header.contacts({PINS.pin_next: print})
        except OSError as error:
            found.figures["taken"] = str(error)
        found.expect("is taken by" in str(found.figures.get("taken")), "a taken line was opened")
    return found


def screen(stage: Stage) -> Found:
    """While nothing plays, every dot is right."""
    glass, differ = reads((0, 0, WIDTH, HEIGHT), lambda now: True, 25.0)
    glass.save(RESULTS / "oled-waiting.png")
    lit = sum(bool(dot) for dot in glass.getdata())
    found = Found({"dots_differ": differ, "lit": lit})
    found.expect(not differ, f"{differ} dots differ from what picture.py draws: oled-waiting.png")
    found.expect(lit > 50, f"only {lit} dots are lit")
    return found


def screen_playing(stage: Stage) -> Found:
    """Whose turn, chord, tempo and place, in either's bar."""
    stage.run(SLOW_BPM)
    found = Found()
    for name, seat in (("you", 0), ("box", 1)):

        def mine(now: Snapshot, seat: int = seat) -> bool:
            return now.mode == Mode.TRADING and now.seat == seat

        glass, differ = reads(HEAD, mine, 30.0)
        glass.save(RESULTS / f"oled-{name}.png")
        found.figures[f"{name}_differ"] = differ
        found.expect(not differ, f"{differ} dots differ in the {name} picture: oled-{name}.png")
    return found


def buttons(stage: Stage) -> Found:
    """NEXT changes the progression on a line, START stops; the lights tell whose turn it is."""
    stage.run()
    box.wait("trading", lambda: (n := box.snapshot()) and n.mode == Mode.TRADING)
    before = box.snapshot()
    assert before is not None
    stage.press(PINS.pin_next, True)
    time.sleep(0.15)
    stage.press(PINS.pin_next, False)
    pressed_s = time.monotonic()
    title, changed_beat = before.title, None
    lights, agreed, looked = {22: set(), 23: set()}, 0, 0
    while time.monotonic() - pressed_s < 8.0:
        now = box.snapshot()
        if now is None or now.mode != Mode.TRADING:
            continue
        if changed_beat is None and now.title != title:
            changed_beat, title = now.beat, now.title
        lit = {pin: stage.lit(pin) for pin in lights}
        for pin, value in lit.items():
            lights[pin].add(value)
        looked += 1
        agreed += lit[PINS.pin_led_human] == (now.seat == 0) and lit[PINS.pin_led_box] == (
            now.seat > 0
        )
        time.sleep(0.02)
    after_line = changed_beat % BEATS if changed_beat is not None else None
    found = Found({"from": before.title, "to": title, "lights_right": f"{agreed}/{looked}"})
    found.expect(changed_beat is not None, "NEXT changed nothing")
    if after_line is not None:
        found.figures["shown_after_line_beats"] = round(after_line, 2)
        found.expect(after_line < SLACK_BEATS, f"the change came {after_line:.1f} beats off a line")
    for pin, seen in lights.items():
        found.expect(seen == {True, False}, f"the light on GPIO {pin} never changed")
    found.expect(agreed > RIGHT * looked, "the lights show the wrong turn most of the time")
    stage.press(PINS.pin_start, True)
    time.sleep(0.15)
    stage.press(PINS.pin_start, False)
    took_s = box.wait("STOP", lambda: (n := box.snapshot()) and n.mode == Mode.IDLE, 5.0)
    found.figures["stop_ms"] = round(took_s * 1000)
    stage.press(PINS.pin_start, True)
    time.sleep(0.15)
    stage.press(PINS.pin_start, False)
    box.wait("START", lambda: (n := box.snapshot()) and n.mode != Mode.IDLE, 5.0)
    return found
