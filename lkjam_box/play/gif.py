"""The screen as an animated GIF, in an OLED's colours."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

DARK, LIT = (6, 8, 14), (190, 236, 255)


def write_gif(path: Path, frames: Sequence[Image.Image], fps: float, scale: int = 3) -> None:
    """``frames`` of mode "1", each shown 1/``fps`` seconds; equal neighbours become one.

    GIF counts in hundredths of a second, so ``fps`` of 10, 20 or 25 come out exactly.
    """
    if not frames:
        raise ValueError("a GIF needs at least one frame")
    kept: list[Image.Image] = []
    held_ms: list[int] = []
    for number, frame in enumerate(frames):
        length_ms = round((number + 1) * 100 / fps) * 10 - round(number * 100 / fps) * 10
        if kept and frame.tobytes() == kept[-1].tobytes():
            held_ms[-1] += length_ms
        else:
            kept.append(frame)
            held_ms.append(length_ms)
    large = [_coloured(frame, scale) for frame in kept]
    large[0].save(
        path, save_all=True, append_images=large[1:], duration=held_ms, loop=0, optimize=False
    )


def _coloured(frame: Image.Image, scale: int) -> Image.Image:
    size = (frame.width * scale, frame.height * scale)
    image = frame.convert("P").resize(size, Image.Resampling.NEAREST)
    lit = image.point([1 if value else 0 for value in range(256)], "P")
    lit.putpalette([*DARK, *LIT])
    return lit
