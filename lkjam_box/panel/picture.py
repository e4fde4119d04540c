"""The screen: 128 x 64 dots drawn from a snapshot. Pure.

From the top: tempo and clock state, place in the turn; whose turn it is, large, beside the
current chord; the turn as bars that fill; the last notes, beside the next chord; the bottom
line, on which progression and warning alternate, beside the strategy. A control that was turned,
or the menu, stands large over the lower part (:mod:`.field`). Between turns there is room for the
note that was heard last, or how to reach the menu.
"""

from __future__ import annotations

from functools import cache

from PIL import Image, ImageDraw

from ..health.warning_texts import said
from ..protocol.engine import Style
from ..protocol.shared_state import Mode, Snapshot, Sync, WarningId
from . import fonts
from .chordface import key_words, layout
from .control_words import short_strategy
from .field import Field, pitch_words, rests
from .strip import NoteStrip

WIDTH, HEIGHT = 128, 64
_ROLE_TOP, _BAR_TOP, _NOTES_TOP, _FOOT_TOP = 10, 34, 40, 56
_FIELD_TOP = 39
_HELP_TOPS = (9, 17, 25)
_MENU_HINT = ("hold TURN:", "menu")
_FOOT_GAP = 5  # dots between the bottom line's text and the strategy
_CHORD_LEFT = 66
LINE_S = 3.0  # a text on the bottom line is shown so long, longer if it has to slide
_SLIDE_PER_S = 40.0  # dots
_SLIDE_REST_S = 1.0  # without movement, before and after sliding

SYNC_WORDS = {
    Sync.WAITING: "WAITING",
    Sync.LOCKING: "LOCKING",
    Sync.LOCKED: "LOCKED",
    Sync.FREEWHEEL: "FREEWHEEL",
    Sync.NO_CLOCK: "NO CLOCK",
    Sync.STOPPED: "STOPPED",
    Sync.INTERNAL: "INTERNAL",
}
_AT_ONCE = (
    WarningId.NO_SYNTH,
    WarningId.NO_KEYBOARD,
    WarningId.LOOP,
    WarningId.LOW_VOLTAGE,
)  # shown at once, even in place of a control that was turned
SEAT_WORDS = {0: "YOU", 1: "BOX", 2: "BOX B", 3: "BOX C"}


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
            return SEAT_WORDS.get(snapshot.seat, "READY")
        case Mode.COUNT_IN:
            # Bar 0 is the last one counted in, bar -1 the one before.
            left = (1 - snapshot.bar) * snapshot.bar_pulses - snapshot.pulse + 1
            return f"IN {max(left, 1)}"
        case Mode.DONE:
            return "DONE"
        case Mode.IDLE:
            return "STOP"
        case _:
            return "READY"


def draw(
    snapshot: Snapshot,
    strip: NoteStrip,
    field: Field | None = None,
    *,
    warned_s: float | None = None,
) -> Image.Image:
    """The whole picture, mode "1". ``strip`` is brought up to date with the snapshot. ``warned_s``
    is how long the warning has been on: a new one is shown first, even in place of ``field``."""
    strip.update(snapshot.note_serial, snapshot.recent)
    image = Image.new("1", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(image)
    _head(pen, snapshot)
    if field is not None and field.help and rests(snapshot):
        for y, line in zip(_HELP_TOPS, field.help, strict=False):
            write(pen, 0, y, line)
    else:
        _role(pen, snapshot)
        _chords(pen, snapshot)
    _turn(pen, snapshot)
    news = warned_s is not None and warned_s < LINE_S and snapshot.warning in _AT_ONCE
    if field is not None and not news:
        _field(pen, field)
    else:
        if rests(snapshot):
            _heard(pen, snapshot)
        else:
            _notes(pen, strip)
        _foot(image, snapshot, snapshot.time_s if warned_s is None else warned_s)
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
    write(pen, 32 if snapshot.bpm > 0 else 0, 0, SYNC_WORDS[Sync(snapshot.sync)])
    if snapshot.mode == Mode.TRADING:
        _write_right(pen, WIDTH, 0, f"{snapshot.bar}:{snapshot.pulse}")
    if snapshot.loops and snapshot.loop >= 0:
        _write_right(pen, WIDTH - 22, 0, f"{snapshot.loop + 1}/{snapshot.loops}")


def _role(pen: ImageDraw.ImageDraw, snapshot: Snapshot) -> None:
    """Write :func:`role_of` large; on a lit field in the human's turn, to be read from afar."""
    word = role_of(snapshot)
    counting = snapshot.mode == Mode.COUNT_IN and snapshot.sync != Sync.NO_CLOCK
    room = (_CHORD_LEFT if _trading(snapshot) or counting else WIDTH) - 6
    size = next(s for s in (3, 2, 1) if s == 1 or fonts.fits(word, room, s))
    y = _ROLE_TOP + (fonts.CAP_HEIGHT * 3 - fonts.CAP_HEIGHT * size) // 2
    if word == "YOU":
        right = fonts.width(word, size) + 5
        pen.rectangle((0, _ROLE_TOP - 1, right, _ROLE_TOP + 21), fill=1)
        write(pen, 3, y, word, size, ink=0)
    else:
        write(pen, 3, y, word, size)
    if counting:  # who begins
        write(pen, _CHORD_LEFT, _ROLE_TOP + 4, SEAT_WORDS.get(snapshot.next_seat, ""), 2)


def _trading(snapshot: Snapshot) -> bool:
    return snapshot.mode == Mode.TRADING and snapshot.sync != Sync.NO_CLOCK


def _chords(pen: ImageDraw.ImageDraw, snapshot: Snapshot) -> None:
    """The current chord and, under it and smaller, the next: both begin in the same column."""
    now, following = snapshot.chord, snapshot.next_chord
    if not _trading(snapshot):  # no turn yet: the first chord is the next one
        now, following = "", "" if snapshot.mode == Mode.DONE else now
    tall = fonts.CAP_HEIGHT * 3
    if now:
        _write_chord(pen, _CHORD_LEFT, _ROLE_TOP, now, WIDTH - _CHORD_LEFT, tall)
    if following and following != now:
        write(pen, _CHORD_LEFT, _NOTES_TOP + 4, "→")
        left = _CHORD_LEFT + 8
        _write_chord(pen, left, _NOTES_TOP, following, WIDTH - left, fonts.CAP_HEIGHT * 2)


def _write_chord(
    pen: ImageDraw.ImageDraw, x: int, y: int, symbol: str, room: int, height: int
) -> None:
    """Write a chord into a field of ``room`` x ``height`` dots at (x, y), centred vertically."""
    pieces = layout(symbol, room, height)
    used = max(piece.y + fonts.CAP_HEIGHT * piece.size for piece in pieces)
    for piece in pieces:
        write(pen, x + piece.x, y + (height - used) // 2 + piece.y, piece.text, piece.size)


def _turn(pen: ImageDraw.ImageDraw, snapshot: Snapshot) -> None:
    """The turn as one frame for each bar, filled as far as it has been played."""
    bars = max(snapshot.turn_bars, 1)
    length = snapshot.turn_end_beats - snapshot.turn_start_beats
    playing = snapshot.mode == Mode.TRADING and length > 0
    share = (snapshot.beat - snapshot.turn_start_beats) / length if playing else 0.0
    filled = round(min(max(share, 0.0), 1.0) * WIDTH)
    for bar in range(bars):
        left, right = bar * WIDTH // bars, (bar + 1) * WIDTH // bars - 2
        pen.rectangle((left, _BAR_TOP, right, _BAR_TOP + 3), outline=1)
        if filled > left:
            pen.rectangle((left, _BAR_TOP, min(filled, right), _BAR_TOP + 3), fill=1)


def _notes(pen: ImageDraw.ImageDraw, strip: NoteStrip) -> None:
    """The last notes, newest right: the human's hollow, the box's solid."""
    rows = _FOOT_TOP - _NOTES_TOP - 4 - 1
    low, high = strip.range()
    for index, (pitch, is_box) in enumerate(strip.notes):
        x = index * NoteStrip.STEP
        y = _NOTES_TOP + round((high - pitch) * rows / max(high - low, 1))
        pen.rectangle((x, y, x + 3, y + 2), outline=1, fill=int(is_box))


def _heard(pen: ImageDraw.ImageDraw, snapshot: Snapshot) -> None:
    """The key that was taken for melody a moment ago; else how to reach the menu."""
    if snapshot.heard_pitch < 0:
        for y, line in zip((_NOTES_TOP - 1, _NOTES_TOP + 7), _MENU_HINT, strict=True):
            write(pen, 0, y, line)
        return
    pen.rectangle((0, _NOTES_TOP - 1, WIDTH - 1, _FOOT_TOP - 2), fill=0)
    pen.rectangle((0, _NOTES_TOP, 12, _NOTES_TOP + 8), fill=1)
    write(pen, 2, _NOTES_TOP + 1, "IN", ink=0)
    write(pen, 17, _NOTES_TOP, pitch_words(snapshot.heard_pitch), 2)
    write(pen, _CHORD_LEFT - 4, _NOTES_TOP, f"{snapshot.heard_velocity}")
    device = fonts.cut(snapshot.heard_device, WIDTH - _CHORD_LEFT + 4)
    write(pen, _CHORD_LEFT - 4, _NOTES_TOP + 8, device)


def _field(pen: ImageDraw.ImageDraw, field: Field) -> None:
    """Its name small, its value as large as fits; on a lit field while it is turned."""
    ink = int(not field.lit)
    pen.rectangle((0, _FIELD_TOP, WIDTH - 1, HEIGHT - 1), fill=1 - ink)
    _write_right(pen, WIDTH - 2, _FIELD_TOP + 1, field.mark, ink=ink)
    room = WIDTH - 5 - (fonts.width(field.mark) + _FOOT_GAP if field.mark else 0)
    write(pen, 3, _FIELD_TOP + 1, fonts.cut(field.name, room), ink=ink)
    size = 2 if fonts.fits(field.value, WIDTH - 4, 2) else 1
    y = _FIELD_TOP + (10 if size == 2 else 13)
    write(pen, 3, y, fonts.cut(field.value, WIDTH - 4, size), size, ink=ink)


def _foot(image: Image.Image, snapshot: Snapshot, time_s: float) -> None:
    """The bottom line: a warning on a lit field, alternating with the tune that plays or comes
    next; on the right the strategy, unless the warning needs its place."""
    strategy = short_strategy(snapshot)
    beside = WIDTH - (fonts.width(strategy) + _FOOT_GAP if strategy else 0)
    lines = [(_plain_line(snapshot), False, beside)]
    warning = _warning_line(snapshot)
    if snapshot.notice:  # something was just plugged in: nothing else is shown meanwhile
        notice = fonts.cut(snapshot.notice, WIDTH - 4)
        lines = [(notice, True, beside if fonts.fits(notice, beside - 4) else WIDTH)]
    elif warning:
        lines.insert(0, (warning, True, beside if fonts.fits(warning, beside - 4) else WIDTH))
    over = [max(fonts.width(text) - room + 4, 0) for text, _, room in lines]
    stands_s = [max(LINE_S, dots / _SLIDE_PER_S + 2 * _SLIDE_REST_S) for dots in over]
    since_s, number = time_s % sum(stands_s), 0
    if number + 1 < len(lines) and since_s >= stands_s[0]:
        since_s, number = since_s - stands_s[0], 1
    text, lit, room = lines[number]
    slid = min(max(round((since_s - _SLIDE_REST_S) * _SLIDE_PER_S), 0), over[number])
    _write_right(ImageDraw.Draw(image), WIDTH, _FOOT_TOP, strategy)
    foot = Image.new("1", (room, HEIGHT - _FOOT_TOP + 1), int(lit))
    write(ImageDraw.Draw(foot), 2 * lit - slid, 1, text, ink=int(not lit))
    image.paste(foot, (0, _FOOT_TOP - 1))


def _plain_line(snapshot: Snapshot) -> str:
    if snapshot.pending_title:
        return f"next: {snapshot.pending_title}"
    tune = f"{snapshot.title} in {key_words(snapshot.key)}" if snapshot.key else snapshot.title
    return f"{tune}, {Style(snapshot.style).name.lower()}" if snapshot.style else tune


def _warning_line(snapshot: Snapshot) -> str:
    if snapshot.warning == WarningId.NO_CLOCK:
        return ""  # ``role_of`` shows it large already
    return said(snapshot)
