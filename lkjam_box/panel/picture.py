"""The screen: 128 x 64 dots drawn from a snapshot. Pure.

From the top: tempo and lock, place in the bar; whose turn it is, large, beside the chord
now and next; the turn as bars that fill; the last notes; the progression, or the one
thing the player must know.
"""

from __future__ import annotations

from functools import cache

from PIL import Image, ImageDraw

from ..stage.snapshot import Mode, Snapshot, Sync, Warning
from . import fonts
from .strip import NoteStrip

WIDTH, HEIGHT = 128, 64
_ROLE_TOP, _BAR_TOP, _NOTES_TOP, _FOOT_TOP = 11, 36, 43, 56
_CHORD_LEFT = 70

SYNC_WORDS = {
    Sync.WAITING: "WAITING",
    Sync.LOCKING: "LOCKING",
    Sync.LOCKED: "LOCKED",
    Sync.FREEWHEEL: "FREEWHEEL",
    Sync.NO_CLOCK: "NO CLOCK",
    Sync.STOPPED: "STOPPED",
    Sync.INTERNAL: "INTERNAL",
}
WARNING_WORDS = {
    Warning.NO_REALTIME: "NO REALTIME RIGHTS",
    Warning.TWO_CLOCKS: "TWO CLOCKS",
    Warning.NO_MODEL: "NO MODEL: MARKOV PLAYS",
    Warning.BRAIN_LATE: "BRAIN LATE",
    Warning.BRAIN_LOST: "BRAIN LOST: MARKOV PLAYS",
    Warning.BAD_FILE: "BAD FILE",
    Warning.NO_KEYBOARD: "NO KEYBOARD",
    Warning.NO_SYNTH: "NO SYNTH",
    Warning.NO_CLOCK: "NO CLOCK",
    Warning.LOW_VOLTAGE: "LOW VOLTAGE: CHECK POWER",
}


@cache
def _stencil(char: str, size: int) -> Image.Image:
    rows = fonts.glyph(char, size)
    image = Image.new("1", (len(rows[0]), len(rows)))
    image.putdata([dot for row in rows for dot in row])
    return image


def write(
    draw: ImageDraw.ImageDraw, x: int, y: int, text: str, size: int = 1, ink: int = 1
) -> None:
    """Set ``text`` with its top left dot at (x, y)."""
    for char in text:
        stencil = _stencil(char, size)
        draw.bitmap((x, y), stencil, fill=ink)
        x += stencil.width + size


def _write_right(
    draw: ImageDraw.ImageDraw, right: int, y: int, text: str, size: int = 1, ink: int = 1
) -> None:
    write(draw, right - fonts.width(text, size), y, text, size, ink)


def role_of(snapshot: Snapshot) -> str:
    """The large word: whose turn it is, or what the box waits for."""
    if snapshot.sync == Sync.NO_CLOCK:
        return "NO CLOCK"
    match snapshot.mode:
        case Mode.TRADING:
            return {0: "YOU", 1: "BOX", 2: "BOX B", 3: "BOX C"}.get(snapshot.seat, "READY")
        case Mode.COUNT_IN:
            return f"IN {max(snapshot.bar_pulses - snapshot.pulse + 1, 1)}"
        case Mode.DONE:
            return "DONE"
        case Mode.IDLE:
            return "STOP"
        case _:
            return "READY"


def draw(snapshot: Snapshot, strip: NoteStrip) -> Image.Image:
    """The whole picture, mode "1". ``strip`` is brought up to date with the snapshot."""
    strip.update(snapshot.note_serial, snapshot.recent)
    image = Image.new("1", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(image)
    _head(pen, snapshot)
    _role(pen, snapshot)
    _chords(pen, snapshot)
    _turn(pen, snapshot)
    _notes(pen, strip)
    _foot(pen, snapshot)
    return image


def message(text: str, small: str = "") -> Image.Image:
    """A picture with nothing but words: while starting, or when the stage is lost."""
    image = Image.new("1", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(image)
    size = next((s for s in (3, 2) if fonts.fits(text, WIDTH, s)), 1)
    write(pen, (WIDTH - fonts.width(text, size)) // 2, 20, text, size)
    small = fonts.cut(small, WIDTH)
    write(pen, (WIDTH - fonts.width(small)) // 2, _FOOT_TOP, small)
    return image


def _head(pen: ImageDraw.ImageDraw, snapshot: Snapshot) -> None:
    if snapshot.bpm > 0:
        write(pen, 0, 0, f"{snapshot.bpm:.1f}")
    write(pen, 32, 0, SYNC_WORDS.get(Sync(snapshot.sync), ""))
    if snapshot.mode == Mode.TRADING:
        _write_right(pen, WIDTH, 0, f"{snapshot.bar}:{snapshot.pulse}")
    if snapshot.loops and snapshot.loop >= 0:
        _write_right(pen, WIDTH - 22, 0, f"{snapshot.loop + 1}/{snapshot.loops}")


def _role(pen: ImageDraw.ImageDraw, snapshot: Snapshot) -> None:
    """Large; the human's turn is a lit field, so that it reads from afar."""
    word = role_of(snapshot)
    room = WIDTH - 6 if word == "NO CLOCK" else _CHORD_LEFT - 8
    size = next(s for s in (3, 2, 1) if s == 1 or fonts.fits(word, room, s))
    height = fonts.CAP_HEIGHT * size
    y = _ROLE_TOP + (23 - height) // 2
    if word == "YOU":
        right = fonts.width(word, size) + 5
        pen.rectangle((0, _ROLE_TOP - 1, right, _ROLE_TOP + 22), fill=1)
        write(pen, 3, y, word, size, ink=0)
    else:
        write(pen, 3, y, word, size)


def _chords(pen: ImageDraw.ImageDraw, snapshot: Snapshot) -> None:
    if snapshot.sync == Sync.NO_CLOCK or snapshot.mode == Mode.DONE:
        return
    room = WIDTH - _CHORD_LEFT
    now = snapshot.chord
    size = 2 if fonts.fits(now, room, 2) else 1
    now = fonts.cut(now, room, size)
    _write_right(pen, WIDTH, _ROLE_TOP if size == 2 else _ROLE_TOP + 4, now, size)
    if snapshot.next_chord and snapshot.next_chord != snapshot.chord:
        following = fonts.cut(snapshot.next_chord, room - 8)
        _write_right(pen, WIDTH, _ROLE_TOP + 17, f"→{following}")


def _turn(pen: ImageDraw.ImageDraw, snapshot: Snapshot) -> None:
    """The turn as one box a bar, filled as far as it is played."""
    bars = max(snapshot.turn_bars, 1)
    length = snapshot.turn_end_beats - snapshot.turn_start_beats
    playing = snapshot.mode == Mode.TRADING and length > 0
    share = (snapshot.beat - snapshot.turn_start_beats) / length if playing else 0.0
    filled = round(min(max(share, 0.0), 1.0) * WIDTH)
    for bar in range(bars):
        left, right = bar * WIDTH // bars, (bar + 1) * WIDTH // bars - 2
        pen.rectangle((left, _BAR_TOP, right, _BAR_TOP + 4), outline=1)
        if filled > left:
            pen.rectangle((left, _BAR_TOP, min(filled, right), _BAR_TOP + 4), fill=1)


def _notes(pen: ImageDraw.ImageDraw, strip: NoteStrip) -> None:
    """The last notes, newest right: the human's hollow, the box's solid."""
    rows = _FOOT_TOP - _NOTES_TOP - 4
    left = WIDTH - len(strip.notes) * NoteStrip.STEP
    low, high = strip.range()
    for index, (pitch, is_box) in enumerate(strip.notes):
        x = left + index * NoteStrip.STEP
        y = _NOTES_TOP + round((high - pitch) * rows / max(high - low, 1))
        pen.rectangle((x, y, x + 3, y + 2), outline=1, fill=int(is_box))


def _foot(pen: ImageDraw.ImageDraw, snapshot: Snapshot) -> None:
    """A warning on a lit line, else what comes next, else what plays."""
    warning = WARNING_WORDS.get(Warning(snapshot.warning), "")
    if warning and snapshot.warning != Warning.NO_CLOCK:  # that stands large already
        if snapshot.warning == Warning.BAD_FILE and snapshot.message:
            warning = snapshot.message.rpartition("/")[2]
        pen.rectangle((0, _FOOT_TOP - 1, WIDTH - 1, HEIGHT - 1), fill=1)
        write(pen, 2, _FOOT_TOP, fonts.cut(warning, WIDTH - 4), ink=0)
    elif snapshot.pending_title:
        write(pen, 0, _FOOT_TOP, fonts.cut(f"next: {snapshot.pending_title}", WIDTH))
    else:
        key = snapshot.key
        room = WIDTH - fonts.width(key) - 4
        write(pen, 0, _FOOT_TOP, fonts.cut(snapshot.title, room))
        _write_right(pen, WIDTH, _FOOT_TOP, key)
