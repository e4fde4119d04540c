"""Shaded pictures of triangles, with numpy and Pillow alone: no screen, no graphics driver."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

Triangles = npt.NDArray[np.float64]  # (n, 3 corners, 3 coordinates)
LIGHT = np.array([-0.45, 0.55, 0.7])  # to the right, up, towards the eye
PAPER = (250, 249, 245)


@dataclass(frozen=True)
class Thing:
    """Something to draw, in one colour (0 to 255)."""

    triangles: Triangles
    colour: tuple[int, int, int]

    def moved(self, x: float = 0, y: float = 0, z: float = 0) -> Thing:
        return Thing(self.triangles + np.array([x, y, z]), self.colour)


def box(low: tuple[float, ...], high: tuple[float, ...], colour: tuple[int, int, int]) -> Thing:
    """A block as twelve triangles."""
    corners = np.array([[(low, high)[i >> k & 1][k] for k in range(3)] for i in range(8)])
    faces = [(0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5)]
    index = [tri for a, b, c, d in faces for tri in ((a, b, c), (a, c, d))]
    return Thing(corners[np.array(index)], colour)


def turned(azimuth: float, height: float) -> npt.NDArray[np.float64]:
    """Rows: to the right, up, towards the eye, of one who looks from there (degrees)."""
    a, h = np.radians(azimuth), np.radians(height)
    eye = np.array([np.sin(a) * np.cos(h), -np.cos(a) * np.cos(h), np.sin(h)])
    right = np.array([np.cos(a), np.sin(a), 0.0])
    return np.stack([right, np.cross(eye, right), eye])


def draw(
    things: list[Thing], azimuth: float, height: float, width_px: int = 1400, edge: float = 0.05
) -> Image.Image:
    """Seen from ``azimuth`` (0: from the front, 90: from the right) and ``height`` degrees."""
    view = turned(azimuth, height)
    every = np.concatenate([thing.triangles for thing in things])
    colours = np.concatenate(
        [np.tile(np.array(thing.colour, float), (len(thing.triangles), 1)) for thing in things]
    )
    normals = np.cross(every[:, 1] - every[:, 0], every[:, 2] - every[:, 0])
    lengths = np.linalg.norm(normals, axis=1)
    every, colours, normals = (part[lengths > 1e-9] for part in (every, colours, normals))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    facing = normals @ view[2] > 1e-6
    every, colours, normals = every[facing], colours[facing], normals[facing]
    shade = 0.52 + 0.48 * np.clip(normals @ (LIGHT / np.linalg.norm(LIGHT) @ view), 0, 1)
    seen = every @ view.T
    low, high = seen.reshape(-1, 3).min(0), seen.reshape(-1, 3).max(0)
    big = 2  # drawn twice as large, for smooth edges
    scale = big * width_px * (1 - 2 * edge) / (high[0] - low[0])
    margin = big * width_px * edge
    tall = round((high[1] - low[1]) * scale + 2 * margin)
    flat = np.empty_like(seen)
    flat[..., 0] = (seen[..., 0] - low[0]) * scale + margin
    flat[..., 1] = (high[1] - seen[..., 1]) * scale + margin
    flat[..., 2] = seen[..., 2]
    picture = np.full((tall, big * width_px, 3), PAPER, np.uint8)
    depth = np.full((tall, big * width_px), -np.inf)
    for corners, colour in zip(flat, np.clip(colours * shade[:, None], 0, 255), strict=True):
        _fill(picture, depth, corners, colour.astype(np.uint8))
    image = Image.fromarray(picture)
    return image.resize((width_px, tall // big), Image.Resampling.LANCZOS)


def _fill(
    picture: npt.NDArray[np.uint8],
    depth: npt.NDArray[np.float64],
    corners: npt.NDArray[np.float64],
    colour: npt.NDArray[np.uint8],
) -> None:
    """One triangle, where it is the nearest so far."""
    (x1, y1, z1), (x2, y2, z2), (x3, y3, z3) = corners
    left, right = int(max(min(x1, x2, x3), 0)), int(min(max(x1, x2, x3) + 1, depth.shape[1]))
    top, end = int(max(min(y1, y2, y3), 0)), int(min(max(y1, y2, y3) + 1, depth.shape[0]))
    area = (x2 - x1) * (y3 - y1) - (x3 - x1) * (y2 - y1)
    if left >= right or top >= end or abs(area) < 1e-9:
        return
    x = np.arange(left, right)[None, :] + 0.5
    y = np.arange(top, end)[:, None] + 0.5
    b = ((x - x1) * (y3 - y1) - (x3 - x1) * (y - y1)) / area
    c = ((x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)) / area
    z = z1 + b * (z2 - z1) + c * (z3 - z1)
    here = depth[top:end, left:right]
    nearer = (b >= -1e-6) & (c >= -1e-6) & (b + c <= 1 + 1e-6) & (z > here)
    here[nearer] = z[nearer]
    picture[top:end, left:right][nearer] = colour
