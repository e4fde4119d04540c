"""A chord as a player reads it from afar: the root large, the rest as large as fits. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import fonts

_PARTS = re.compile(r"([A-G])([#b♯♭]?)(.*?)(?:/([A-G])([#b♯♭]?))?")
_SIGNS = {"#": "♯", "b": "♭"}
# As on a lead sheet: a triangle is major seven, a crossed circle half diminished.
_SHORT = (
    (re.compile(r"(?:maj|Maj|M|\^|Δ)7?(?=\D|$)|(?:maj|Maj|M|\^)(?=\d)"), "Δ"),
    (re.compile(r"^(?:min|m|-)7[b♭]5"), "ø"),
    (re.compile(r"^ø7"), "ø"),
    (re.compile(r"^(?:dim|o)"), "°"),
    (re.compile(r"^(?:min|-)"), "m"),
    (re.compile(r"[b♭](?=\d)"), "♭"),
    (re.compile(r"[#♯](?=\d)"), "♯"),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """``text`` at ``size``; its top left dot is ``x``, ``y`` dots from the field's."""

    x: int
    y: int
    text: str
    size: int


def key_words(key: str) -> str:
    """The key with real flat and sharp signs: ``Bbm`` -> ``B♭m``."""
    return key[:1] + key[1:].replace("b", "♭").replace("#", "♯")


def spelled(symbol: str) -> tuple[str, str, str]:
    """Root, quality and bass in lead-sheet signs: ``Ebmaj7#11/G`` -> ``E♭``, ``Δ♯11``, ``/G``.

    A text that is no chord symbol (``N.C.``) is returned whole as the root.
    """
    match = _PARTS.fullmatch(symbol)
    if match is None:
        return symbol, "", ""
    root, sign, quality, bass, bass_sign = match.groups(default="")
    for pattern, short in _SHORT:
        quality = pattern.sub(short, quality)
    sign, bass_sign = _SIGNS.get(sign, sign), _SIGNS.get(bass_sign, bass_sign)
    return root + sign, quality, f"/{bass}{bass_sign}" if bass else ""


def layout(symbol: str, room: int, height: int) -> tuple[Piece, ...]:
    """The largest setting of a chord in a field of ``room`` x ``height`` dots.

    Either all on one line, or a larger root with the quality beside it and the bass under the
    quality; the latter only where no part gets smaller by it.
    """
    root, quality, bass = spelled(symbol)
    whole, largest = root + quality + bass, height // fonts.CAP_HEIGHT
    size = next((s for s in range(largest, 1, -1) if fonts.fits(whole, room, s)), 1)
    for root_size in range(largest, size, -1):
        for rest_size in range(root_size - 1, size - 1, -1):
            pieces = _beside(root, quality, bass, root_size, rest_size)
            if _fit(pieces, room, height):
                return pieces
    return (Piece(0, 0, fonts.cut(whole, room, size), size),)


def _beside(
    root: str, quality: str, bass: str, root_size: int, rest_size: int
) -> tuple[Piece, ...]:
    x = fonts.width(root, root_size) + root_size
    low = fonts.CAP_HEIGHT * (root_size - rest_size)
    pieces = [Piece(0, 0, root, root_size)]
    if quality:
        pieces.append(Piece(x, 0 if bass else low, quality, rest_size))
    if bass:
        under = fonts.CAP_HEIGHT * rest_size + 1 if quality else 0
        pieces.append(Piece(x, max(low, under), bass, rest_size))
    return tuple(pieces)


def _fit(pieces: tuple[Piece, ...], room: int, height: int) -> bool:
    return all(
        fonts.fits(piece.text, room - piece.x, piece.size)
        and piece.y + fonts.CAP_HEIGHT * piece.size <= height
        for piece in pieces
    )
