"""The screen: 128 x 64 dots drawn from a snapshot. Pure.

From the top: tempo and clock state, place in the turn; whose turn it is, large, beside the
current chord; the turn as bars that fill; the last notes, beside the next chord; the bottom
line, on which progression and warning alternate, beside the strategy. A control that was turned,
or the menu, stands large over the lower part (:mod:`.field`). Between turns there is room for the
note that was heard last, or how to reach the menu.

The picture is four bands, each drawn from a few words and numbers and kept: thirty times a second
they are compared, and only the band in which something moved is drawn (a bar that fills fills the
same way in the next turn).
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from ..health.warning_texts import said
from ..protocol.engine import Style
from ..protocol.shared_state import Mode, Snapshot, Sync, WarningId
from . import fonts
from .chordface import key_words, layout
from .control_words import short_strategy
from .field import Field, pitch_words, rests
from .strip import Notes, NoteStrip, reach

WIDTH, HEIGHT = 128, 64
_ROLE_TOP, _BAR_TOP, _NOTES_TOP, _FOOT_TOP = 10, 34, 40, 56
_UPPER_TOP, _LOWER_TOP, _FIELD_TOP = 9, 38, 39  # with _BAR_TOP, where the bands begin
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


# In Python 3.11 a member of an enum costs a call.
_IDLE, _COUNT_IN, _TRADING, _DONE = Mode.IDLE, Mode.COUNT_IN, Mode.TRADING, Mode.DONE
_NO_CLOCK, _NO_CLOCK_WARNING = Sync.NO_CLOCK, WarningId.NO_CLOCK
_SYNC_WORDS: dict[int, str] = {int(sync): words for sync, words in SYNC_WORDS.items()}


@lru_cache(maxsize=512)
def _stencil(text: str, size: int) -> Image.Image:
    image = Image.new("1", (max(fonts.width(text, size), 1), fonts.HEIGHT * size))
    x = 0
    for char in text:
        glyph = _glyph(char, size)
        image.paste(glyph, (x, 0))
        x += glyph.width + size
    return image


@cache
def _glyph(char: str, size: int) -> Image.Image:
    rows = fonts.glyph(char, size)
    image = Image.new("1", (len(rows[0]), len(rows)))
    image.putdata([dot for row in rows for dot in row])
    return image


def write(
    draw: ImageDraw.ImageDraw, x: int, y: int, text: str, size: int = 1, ink: int = 1
) -> None:
    """Set ``text`` with its top left dot at (x, y)."""
    if text:
        draw.bitmap((x, y), _stencil(text, size), fill=ink)


def _write_right(
    draw: ImageDraw.ImageDraw, right: int, y: int, text: str, size: int = 1, ink: int = 1
) -> None:
    write(draw, right - fonts.width(text, size), y, text, size, ink)


def role_of(snapshot: Snapshot) -> str:
    """The large word: whose turn it is, or what the box waits for."""
    mode = snapshot.mode
    if snapshot.sync == _NO_CLOCK:
        return "NO CLOCK"
    if mode == _TRADING:
        return SEAT_WORDS.get(snapshot.seat, "READY")
    if mode == _COUNT_IN:
        # Bar 0 is the last one counted in, bar -1 the one before.
        left = (1 - snapshot.bar) * snapshot.bar_pulses - snapshot.pulse + 1
        return f"IN {max(left, 1)}"
    return "DONE" if mode == _DONE else "STOP" if mode == _IDLE else "READY"


def draw(
    snapshot: Snapshot,
    strip: NoteStrip,
    field: Field | None = None,
    *,
    warned_s: float | None = None,
) -> Image.Image:
    """The whole picture, mode "1"; see :func:`dots`."""
    return image_of(dots(snapshot, strip, field, warned_s=warned_s))


def image_of(rows: bytes) -> Image.Image:
    return Image.frombytes("1", (WIDTH, HEIGHT), rows)


def dots(
    snapshot: Snapshot,
    strip: NoteStrip,
    field: Field | None = None,
    *,
    warned_s: float | None = None,
) -> bytes:
    """The picture's rows. ``strip`` is brought up to date with the snapshot. ``warned_s`` is how
    long the warning has been on: a new one is shown first, even in place of ``field``."""
    strip.update(snapshot.note_serial, snapshot.recent)
    resting, trading = rests(snapshot), _trading(snapshot)
    now, following = snapshot.chord, snapshot.next_chord
    if not trading:  # no turn yet: the first chord is the next one
        now, following = "", "" if snapshot.mode == _DONE else now
    if field is not None and field.help and resting:
        upper, following = _help(field.help), ""
    else:
        counting = snapshot.mode == _COUNT_IN and snapshot.sync != _NO_CLOCK
        begins = SEAT_WORDS.get(snapshot.next_seat, "") if counting else ""
        upper = _upper(role_of(snapshot), trading or counting, begins, now)
    following = following if following != now else ""
    news = warned_s is not None and warned_s < LINE_S and snapshot.warning in _AT_ONCE
    if field is not None and not news:
        lower = _field(field)
    else:
        notes = None if resting else strip.notes
        heard = (-1, 0, "")
        if resting:
            heard = snapshot.heard_pitch, snapshot.heard_velocity, snapshot.heard_device
        foot = _foot(snapshot, snapshot.time_s if warned_s is None else warned_s)
        lower = _lower(following, notes, heard, *foot)
    return _head_of(snapshot) + upper + _turn_of(snapshot) + lower


def message(text: str, small: str = "") -> Image.Image:
    """A picture with nothing but words; see :func:`message_dots`."""
    return image_of(message_dots(text, small))


@lru_cache(maxsize=8)
def message_dots(text: str, small: str = "") -> bytes:
    """The rows of a picture with nothing but words: while starting, or when the stage is lost."""
    image, pen = _band(0, HEIGHT)
    size = next((s for s in (3, 2) if fonts.fits(text, WIDTH, s)), 1)
    write(pen, (WIDTH - fonts.width(text, size)) // 2, 20, text, size)
    small = fonts.cut(small, WIDTH)
    write(pen, (WIDTH - fonts.width(small)) // 2, _FOOT_TOP, small)
    return image.tobytes()


def _band(top: int, bottom: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty band of the picture, and the pen to draw on it."""
    image = Image.new("1", (WIDTH, bottom - top))
    return image, ImageDraw.Draw(image)


def _head_of(snapshot: Snapshot) -> bytes:
    return _head(
        f"{snapshot.bpm:.1f}" if snapshot.bpm > 0 else "",
        _SYNC_WORDS[snapshot.sync],
        f"{snapshot.bar}:{snapshot.pulse}" if snapshot.mode == _TRADING else "",
        f"{snapshot.loop + 1}/{snapshot.loops}" if snapshot.loops and snapshot.loop >= 0 else "",
    )


@lru_cache(maxsize=64)
def _head(tempo: str, sync: str, place: str, loop: str) -> bytes:
    image, pen = _band(0, _UPPER_TOP)
    write(pen, 0, 0, tempo)
    write(pen, 32 if tempo else 0, 0, sync)
    _write_right(pen, WIDTH, 0, place)
    _write_right(pen, WIDTH - 22, 0, loop)
    return image.tobytes()


@lru_cache(maxsize=8)
def _help(lines: tuple[str, ...]) -> bytes:
    image, pen = _band(_UPPER_TOP, _BAR_TOP)
    for y, line in zip(_HELP_TOPS, lines, strict=False):
        write(pen, 0, y - _UPPER_TOP, line)
    return image.tobytes()


@lru_cache(maxsize=64)
def _upper(word: str, narrow: bool, begins: str, chord: str) -> bytes:
    """``word`` large, on a lit field in the human's turn, to be read from afar; beside it who
    begins, or the current chord."""
    image, pen = _band(_UPPER_TOP, _BAR_TOP)
    room, top = (_CHORD_LEFT if narrow else WIDTH) - 6, _ROLE_TOP - _UPPER_TOP
    size = next(s for s in (3, 2, 1) if s == 1 or fonts.fits(word, room, s))
    y = top + (fonts.CAP_HEIGHT * 3 - fonts.CAP_HEIGHT * size) // 2
    if word == "YOU":
        right = fonts.width(word, size) + 5
        pen.rectangle((0, top - 1, right, top + 21), fill=1)
        write(pen, 3, y, word, size, ink=0)
    else:
        write(pen, 3, y, word, size)
    write(pen, _CHORD_LEFT, top + 4, begins, 2)
    if chord:
        _write_chord(pen, _CHORD_LEFT, top, chord, WIDTH - _CHORD_LEFT, fonts.CAP_HEIGHT * 3)
    return image.tobytes()


def _trading(snapshot: Snapshot) -> bool:
    return snapshot.mode == _TRADING and snapshot.sync != _NO_CLOCK


def _write_chord(
    pen: ImageDraw.ImageDraw, x: int, y: int, symbol: str, room: int, height: int
) -> None:
    """Write a chord into a field of ``room`` x ``height`` dots at (x, y), centred vertically."""
    pieces = layout(symbol, room, height)
    used = max(piece.y + fonts.CAP_HEIGHT * piece.size for piece in pieces)
    for piece in pieces:
        write(pen, x + piece.x, y + (height - used) // 2 + piece.y, piece.text, piece.size)


def _turn_of(snapshot: Snapshot) -> bytes:
    length = snapshot.turn_end_beats - snapshot.turn_start_beats
    playing = snapshot.mode == _TRADING and length > 0
    share = (snapshot.beat - snapshot.turn_start_beats) / length if playing else 0.0
    return _turn(max(snapshot.turn_bars, 1), round(min(max(share, 0.0), 1.0) * WIDTH))


@lru_cache(maxsize=512)
def _turn(bars: int, filled: int) -> bytes:
    """The turn as one frame for each bar, filled as far as it has been played."""
    image, pen = _band(_BAR_TOP, _LOWER_TOP)
    for bar in range(bars):
        left, right = bar * WIDTH // bars, (bar + 1) * WIDTH // bars - 2
        pen.rectangle((left, 0, right, 3), outline=1)
        if filled > left:
            pen.rectangle((left, 0, min(filled, right), 3), fill=1)
    return image.tobytes()


Heard = tuple[int, int, str]
"""Pitch, velocity and device of the key that was taken for melody a moment ago; pitch -1: none."""


@lru_cache(maxsize=64)
def _middle(chord: str, notes: Notes | None, heard: Heard) -> Image.Image:
    """The lower band without its bottom line: the next chord beside the last notes, or between
    turns (``notes`` None) the key ``heard``, else how to reach the menu."""
    image, pen = _band(_LOWER_TOP, HEIGHT)
    top = _NOTES_TOP - _LOWER_TOP
    if chord:
        write(pen, _CHORD_LEFT, top + 4, "→")
        left = _CHORD_LEFT + 8
        _write_chord(pen, left, top, chord, WIDTH - left, fonts.CAP_HEIGHT * 2)
    if notes is not None:
        _notes(pen, top, notes)
    elif heard[0] >= 0:
        _heard(pen, top, *heard)
    else:
        for y, line in zip((top - 1, top + 7), _MENU_HINT, strict=True):
            write(pen, 0, y, line)
    return image


def _notes(pen: ImageDraw.ImageDraw, top: int, notes: Notes) -> None:
    """The last notes, newest right: the human's hollow, the box's solid."""
    rows = _FOOT_TOP - _NOTES_TOP - 4 - 1
    low, high = reach(notes)
    for index, (pitch, is_box) in enumerate(notes):
        x = index * NoteStrip.STEP
        y = top + round((high - pitch) * rows / max(high - low, 1))
        pen.rectangle((x, y, x + 3, y + 2), outline=1, fill=int(is_box))


def _heard(pen: ImageDraw.ImageDraw, top: int, pitch: int, velocity: int, device: str) -> None:
    pen.rectangle((0, top - 1, WIDTH - 1, _FOOT_TOP - 2 - _LOWER_TOP), fill=0)
    pen.rectangle((0, top, 12, top + 8), fill=1)
    write(pen, 2, top + 1, "IN", ink=0)
    write(pen, 17, top, pitch_words(pitch), 2)
    write(pen, _CHORD_LEFT - 4, top, f"{velocity}")
    write(pen, _CHORD_LEFT - 4, top + 8, fonts.cut(device, WIDTH - _CHORD_LEFT + 4))


@lru_cache(maxsize=32)
def _field(field: Field) -> bytes:
    """Its name small, its value as large as fits; on a lit field while it is turned."""
    image, pen = _band(_LOWER_TOP, HEIGHT)
    ink, top = int(not field.lit), _FIELD_TOP - _LOWER_TOP
    pen.rectangle((0, top, WIDTH - 1, HEIGHT - 1), fill=1 - ink)
    _write_right(pen, WIDTH - 2, top + 1, field.mark, ink=ink)
    room = WIDTH - 5 - (fonts.width(field.mark) + _FOOT_GAP if field.mark else 0)
    write(pen, 3, top + 1, fonts.cut(field.name, room), ink=ink)
    size = 2 if fonts.fits(field.value, WIDTH - 4, 2) else 1
    y = top + (10 if size == 2 else 13)
    write(pen, 3, y, fonts.cut(field.value, WIDTH - 4, size), size, ink=ink)
    return image.tobytes()


@lru_cache(maxsize=128)
def _lower(
    chord: str,
    notes: Notes | None,
    heard: Heard,
    strategy: str,
    line: _Line,
    slid: int,
) -> bytes:
    image = _middle(chord, notes, heard).copy()
    pen, foot_top = ImageDraw.Draw(image), _FOOT_TOP - _LOWER_TOP
    _write_right(pen, WIDTH, foot_top, strategy)
    foot = Image.new("1", (line.room, fonts.HEIGHT + 1), int(line.lit))
    write(ImageDraw.Draw(foot), 2 * line.lit - slid, 1, line.text, ink=int(not line.lit))
    image.paste(foot, (0, foot_top - 1))
    return image.tobytes()


class _Line(NamedTuple):
    """A text on the bottom line. It stands for ``stands_s``, in which it slides by ``over`` dots
    where ``room`` does not hold it."""

    text: str
    lit: bool
    room: int
    over: int
    stands_s: float


def _foot(snapshot: Snapshot, time_s: float) -> tuple[str, _Line, int]:
    """The bottom line: a warning on a lit field, alternating with the tune that plays or comes
    next; on the right the strategy, unless the warning needs its place. And how far it slid."""
    strategy = short_strategy(snapshot)
    lines = _lines(
        snapshot.notice,
        _warning_line(snapshot) if snapshot.warning else "",
        snapshot.pending_title,
        snapshot.title,
        snapshot.key,
        snapshot.style,
        strategy,
    )
    line, since_s = lines[0], 0.0
    if len(lines) > 1 or line.over:
        since_s = time_s % sum(line.stands_s for line in lines)
        if len(lines) > 1 and since_s >= line.stands_s:
            since_s, line = since_s - line.stands_s, lines[1]
    slid = min(max(round((since_s - _SLIDE_REST_S) * _SLIDE_PER_S), 0), line.over)
    return strategy, line, slid


@lru_cache(maxsize=8)
def _lines(
    notice: str, warning: str, coming: str, title: str, key: str, style: int, strategy: str
) -> tuple[_Line, ...]:
    """The texts that take turns on the bottom line."""
    beside = WIDTH - (fonts.width(strategy) + _FOOT_GAP if strategy else 0)

    def line(text: str, lit: bool, room: int) -> _Line:
        over = max(fonts.width(text) - room + 4, 0)
        stands_s = max(LINE_S, over / _SLIDE_PER_S + 2 * _SLIDE_REST_S)
        return _Line(text, lit, room, over, stands_s)

    def lit(text: str) -> _Line:
        return line(text, True, beside if fonts.fits(text, beside - 4) else WIDTH)

    if notice:  # something was just plugged in: nothing else is shown meanwhile
        return (lit(fonts.cut(notice, WIDTH - 4)),)
    tune = f"{title} in {key_words(key)}" if key else title
    tune = f"{tune}, {Style(style).name.lower()}" if style else tune
    plain = line(f"next: {coming}" if coming else tune, False, beside)
    return (lit(warning), plain) if warning else (plain,)


def _warning_line(snapshot: Snapshot) -> str:
    if snapshot.warning == _NO_CLOCK_WARNING:
        return ""  # ``role_of`` shows it large already
    return said(snapshot)
