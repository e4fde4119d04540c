"""Does it fit? Each check takes what it looks at, so that a broken one can be given."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import trimesh

from .shape import Block

TOUCH_MM3 = 0.5  # numbers this small are the arithmetic's
RAYS = 1500


def solid(block: Block) -> trimesh.Trimesh:
    made = trimesh.creation.box(extents=block.size)
    made.apply_translation([(a + b) / 2 for a, b in zip(block.low, block.high, strict=True)])
    return made


def mesh_faults(mesh: trimesh.Trimesh, name: str) -> list[str]:
    """A printer wants one closed skin."""
    faults = [] if mesh.is_watertight else [f"{name}: not watertight"]
    count = mesh.body_count
    return faults + ([f"{name}: {count} loose bodies"] if count != 1 else [])


def thin_places(mesh: trimesh.Trimesh, least_mm: float, seed: int = 1) -> list[tuple[float, ...]]:
    """Where a ray straight into the wall leaves it too soon; edges and corners are left out."""
    np.random.seed(seed)
    points, faces = trimesh.sample.sample_surface(mesh, RAYS, seed=seed)
    normals = mesh.face_normals[faces]
    starts = points - normals * 0.01
    hits, rays, others = mesh.ray.intersects_location(starts, -normals, multiple_hits=False)
    thick = np.linalg.norm(hits - starts[rays], axis=1)
    square = np.einsum("ij,ij->i", mesh.face_normals[others], -normals[rays]) > 0.9
    bad = (thick < least_mm - 0.05) & square
    return [tuple(round(float(v), 1) for v in points[ray]) for ray in rays[bad]]


def collisions(mesh: trimesh.Trimesh, things: Iterable[Block]) -> list[str]:
    """Names of the things that the case is in the way of, with the volume, mm3."""
    found = []
    for thing in things:
        shared = trimesh.boolean.intersection([mesh, solid(thing)], engine="manifold")
        volume = 0.0 if shared.is_empty else float(shared.volume)
        if volume > TOUCH_MM3:
            found.append(f"{thing.name}: {volume:.1f} mm3 in the wall")
    return found


def clashes(first: list[Block], second: list[Block], room_mm: float) -> list[str]:
    """Pairs that come nearer than ``room_mm`` to each other."""
    found = []
    for a in first:
        for b in second:
            gaps = [max(b.low[k] - a.high[k], a.low[k] - b.high[k]) for k in range(3)]
            if max(gaps) < room_mm:
                found.append(f"{a.name} and {b.name}: {max(gaps):.1f} mm apart")
    return found


def hidden_dots(window: tuple[float, float], lit: tuple[float, float]) -> float:
    """Width or depth of lit dots behind the window's edge, mm; 0 when all are seen from above."""
    return max(0.0, lit[0] - window[0], lit[1] - window[1])
