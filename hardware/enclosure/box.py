"""The case: a base that holds board and Pi, a stepped lid, a button cap. build123d.

    python -m hardware.enclosure [--only PART ...]

Prints without supports: the base as it stands, the lid on its face, the cap on its face.
"""

from __future__ import annotations

from build123d import (
    Align,
    Axis,
    Box,
    Cylinder,
    FontStyle,
    Mode,
    Part,
    Plane,
    Pos,
    Rot,
    Text,
    chamfer,
    extrude,
    fillet,
)

from .shape import Shape

LOW = (Align.CENTER, Align.CENTER, Align.MIN)
CORNER = (Align.MIN, Align.MIN, Align.MIN)
PLAY = 0.25  # between lid and base
TALL = 200.0


def block(low: tuple[float, float, float], high: tuple[float, float, float]) -> Part:
    size = [b - a for a, b in zip(low, high, strict=True)]
    return Pos(*low) * Box(*size, align=CORNER)


def rod(x: float, y: float, z: float, radius: float, height: float) -> Part:
    return Pos(x, y, z) * Cylinder(radius, height, align=LOW)


def rod_y(x: float, y: float, z: float, radius: float, length: float) -> Part:
    """Lying, from ``y`` towards the rear."""
    return Pos(x, y, z) * Rot(-90, 0, 0) * Cylinder(radius, length, align=LOW)


def base(s: Shape, model: str = "pi4", words: bool = True) -> Part:
    """Floor, walls, pillars and posts; with the openings of that Pi. ``words``: engraved."""
    left, front, right, rear = s.outer
    part = block((left, front, 0), (right, rear, s.rear_z))
    part = fillet(part.edges().filter_by(Axis.Z), 4)
    part -= block((left - 1, front - 1, s.front_z), (right + 1, s.step_y, TALL))
    il, if_, ir, irear = s.inner
    part -= block((il, if_, s.floor), (ir, irear, TALL))
    part = chamfer(part.faces().sort_by(Axis.Z)[0].edges(), 1.0)
    part += _stands(s, model)
    part -= _jack_holes(s) + _pi_holes(s, model) + _vents(s) + _feet(s)
    part -= _insert_holes(s)
    return part - _rear_words(s) if words else part


def _stands(s: Shape, model: str) -> Part:
    pillars, posts, pi = s.params["pillars"], s.params["posts"], s.params["pi"]
    found = Part()
    for x, board_y in s.board["holes"]["at"]:
        y = s.y(board_y)
        found += rod(x, y, s.floor - 0.1, pillars["radius"], s.under - s.floor + 0.1)
        found -= rod(x, y, s.under - 10, pillars["screw"] / 2, 11)
    for x in s.params["ledges"]["at"]:  # under the board's rear edge, where the Pi leaves no pillar
        half, deep = s.params["ledges"]["width"] / 2, s.params["ledges"]["depth"]
        ledge = block(
            (x - half, s.inner[3] - deep, s.under - 12), (x + half, s.outer[3] - 1, s.under)
        )
        slope = Pos(x, s.inner[3] - deep, s.under - 12 - 1) * Rot(45, 0, 0)
        found += ledge - slope * Box(10, 9, 22, align=(Align.CENTER, Align.MAX, Align.CENTER))
    table = s.params["models"][model]
    for x, y in table["holes"]:
        px, py = table["at"][0] + x, table["at"][1] + y
        found += rod(px, py, s.floor - 0.1, pi["stand_radius"], pi["stand"] + 0.1)
        found -= rod(px, py, s.floor - 0.1, pi["screw"] / 2, pi["stand"] + 1)
    for x, y in posts["at"]:
        top = s.under_lid(y) - 0.01
        found += rod(x, y, s.floor - 0.1, posts["radius"], top - s.floor + 0.1)
        wall = s.outer[0] + 1 if x < 0 else s.outer[2] - 1 if x > 100 else None
        if wall is not None:  # a rib to the wall
            low, high = min(x, wall), max(x, wall)
            found += block((low, y - 1.5, s.floor - 0.1), (high, y + 1.5, top))
        else:
            found += block((x - 1.5, s.outer[1] + 1, s.floor - 0.1), (x + 1.5, y, top))
    return found


def _insert_holes(s: Shape) -> Part:
    posts = s.params["posts"]
    found = Part()
    for x, y in posts["at"]:
        top = s.under_lid(y)
        depth = posts["insert_depth"]
        found += rod(x, y, top - depth, posts["insert"] / 2, depth + 1)
    return found


def _jack_holes(s: Shape) -> Part:
    """Through the rear wall; TRS plugs go into it up to their shoulder."""
    found = Part()
    for _, kind, x in s.jacks():
        z = s.top + kind["axis"]
        found += rod_y(x, s.inner[3] - 1, z, kind["hole"] / 2, s.side + 2)
        if kind["hole"] < 8:
            found += rod_y(x, s.outer[3] - 1.0, z, 5.6, 3)
    return found


def _pi_holes(s: Shape, model: str) -> Part:
    table, pi = s.params["models"][model], s.params["pi"]
    x0, y0 = table["at"]
    z0 = s.floor + pi["stand"] + pi["thickness"]
    found = Part()
    for name in ("power", "data"):
        if port := table.get(name):
            w, h = port["width"], port["height"]
            x, z = x0 + port["x"], z0 + port["z"]
            low = (x - w / 2, s.inner[3] - 1, z - h / 2)
            found += block(low, (x + w / 2, s.outer[3] + 1, z + h / 2))
    if power := table.get("power"):  # a cable tie holds the cable
        for dx in (-4.0, 4.0):
            x = x0 + power["x"] + 14 + dx
            low = (x - 1.2, s.inner[3] - 1, z0 - 1)
            found += block(low, (x + 1.2, s.outer[3] + 1, z0 + 4))
    if left := table.get("left"):
        low = (s.outer[0] - 1, y0 + left["from"], z0 - 0.6)
        high = (s.inner[0] + 1, y0 + left["to"], z0 + left["height"])
        found += block(low, high)
    return found


def _vents(s: Shape) -> Part:
    """Slots under the Pi and in the right wall: warm air leaves at the side."""
    vents = s.params["vents"]
    found = Part()
    for index in range(vents["floor_count"]):
        x = 8 + vents["pitch"] * index
        length = vents["floor_length"]
        low = (x - vents["width"] / 2, 52, -1)
        found += block(low, (x + vents["width"] / 2, 52 + length, s.floor + 1))
    for index in range(vents["side_count"]):
        y = 36 + vents["pitch"] * index
        low = (s.inner[2] - 1, y - vents["width"] / 2, 12)
        high = (s.outer[2] + 1, y + vents["width"] / 2, 12 + vents["side_height"])
        found += block(low, high)
    return found


def _feet(s: Shape) -> Part:
    feet = s.params["feet"]
    left, front, right, rear = s.outer
    edge = feet["from_edge"]
    found = Part()
    for x in (left + edge, right - edge):
        for y in (front + edge, rear - edge):
            found += rod(x, y, -1, feet["diameter"] / 2, 1 + feet["depth"])
    return found


def _words(text: str, plane: Plane, size: float, depth: float) -> Part:
    drawn = Text(text, font_size=size, font_style=FontStyle.BOLD, mode=Mode.PRIVATE)
    return extrude(plane * drawn, amount=-depth)


def _rear_words(s: Shape) -> Part:
    """Under the large jacks, over the small ones in two lines; readable from behind."""
    size, depth = s.params["words"]["size"], s.params["words"]["depth"]
    found = Part()
    for name, kind, x in s.jacks():
        if kind["hole"] > 8:
            lines = [(name, 0.8, -3.4 if kind["hole"] > 15 else -4.2)]
        else:
            first, _, second = name.strip(")").partition(" (")
            lines = [(first, 0.68, 15.4), (second, 0.68, 11.2)]
        for text, share, z in lines:
            plane = Plane(origin=(x, s.outer[3], s.top + z), x_dir=(-1, 0, 0), z_dir=(0, 1, 0))
            found += _words(text, plane, size * share, depth)
    return found


def lost_words_mm3(s: Shape, model: str = "pi4") -> float:
    """How much of the engraved words at the rear falls into the holes beside them."""
    return float((_rear_words(s) & (_jack_holes(s) + _pi_holes(s, model))).volume)


def lid(s: Shape, words: bool = True) -> Part:
    """High over the jacks, low over the player's side; a lip goes into the base."""
    left, front, right, rear = s.outer
    thick = s.params["walls"]["lid"]
    part = block((left, s.step_y, s.rear_z), (right, rear, s.rear_z + thick))
    part += block((left, front, s.front_z), (right, s.step_y + s.side, s.front_z + thick))
    part += block((left, s.step_y, s.front_z), (right, s.step_y + s.side, s.rear_z + thick))
    part = fillet(_corners(part, s), 4)
    part -= block((left - 1, s.step_y, s.front_z - 1), (s.inner[0] + PLAY, rear, s.rear_z))
    part -= block((s.inner[2] - PLAY, s.step_y, s.front_z - 1), (right + 1, rear, s.rear_z))
    part += _lip(s)
    part -= _screws(s) + _buttons(s) + _lights(s) + _window(s) + _knob(s)
    return part - _lid_words(s) if words else part


def _corners(part: Part, s: Shape) -> list[object]:
    left, front, right, rear = s.outer
    upright = part.edges().filter_by(Axis.Z)
    return [
        edge
        for edge in upright
        if abs(edge.center().X - left) + abs(edge.center().X - right) < right - left + 0.01
        and (abs(edge.center().Y - front) < 0.01 or abs(edge.center().Y - rear) < 0.01)
    ]


def _lip(s: Shape) -> Part:
    """2.4 mm thick, 3 mm deep, inside the walls, away from posts."""
    il, if_, ir, irear = s.inner
    found = Part()
    for z, low_y, high_y in (
        (s.front_z, if_, s.step_y - 1),
        (s.rear_z, s.step_y + s.side + 1, irear),
    ):
        for x in (il + PLAY, ir - PLAY - 2.4):
            found += block((x, low_y + 1, z - 3), (x + 2.4, high_y - 1, z))
    found += block((il + 6, if_ + PLAY, s.front_z - 3), (ir - 6, if_ + PLAY + 2.4, s.front_z))
    for x, y in s.params["posts"]["at"]:
        found -= rod(x, y, s.front_z - 4, s.params["posts"]["radius"] + 2.2, 60)
        if x > 100 or x < 0:
            found -= block((x - 12, y - 2.2, s.front_z - 4), (x + 12, y + 2.2, s.rear_z))
        else:
            found -= block((x - 2.2, y - 12, s.front_z - 4), (x + 2.2, y + 12, s.rear_z))
    return found


def _screws(s: Shape) -> Part:
    posts = s.params["posts"]
    found = Part()
    for x, y in posts["at"]:
        z = s.under_lid(y)
        found += rod(x, y, z - 5, posts["screw"] / 2, 20)
        found += rod(x, y, z + s.params["walls"]["lid"] - 1.0, posts["head"] / 2, 5)
    return found


def _buttons(s: Shape) -> Part:
    half = s.board["buttons"]["cap"] / 2 + 0.5
    y = s.y(s.board["buttons"]["y"])
    found = Part()
    for _, x in s.buttons():
        low = (x - half, y - half, s.front_z - 1)
        found += block(low, (x + half, y + half, s.front_z + 10))
    return found


def _lights(s: Shape) -> Part:
    table = s.board["lights"]
    found = Part()
    for x in table["at"].values():
        found += rod(x, s.y(table["y"]), s.front_z - 1, table["diameter"] / 2 + 0.15, 10)
    return found


def window_size(s: Shape) -> tuple[float, float]:
    """Width and depth of the opening over the screen."""
    margin = s.params["window"]["lit_margin"]
    width, depth = s.board["oled"]["lit"]
    return width + 2 * margin, depth + 2 * margin


def _window(s: Shape) -> Part:
    oled, window = s.board["oled"], s.params["window"]
    x, y = oled["glass"][0], s.y(oled["glass"][1])
    w, d = window_size(s)
    opening = block((x - w / 2, y - d / 2, s.front_z - 1), (x + w / 2, y + d / 2, s.front_z + 10))
    w, d = window["pane"]
    high = (x + w / 2, y + d / 2, s.front_z + window["pane_depth"])
    return opening + block((x - w / 2, y - d / 2, s.front_z - 1), high)


def _knob(s: Shape) -> Part:
    """Only marked from below: who fits a knob drills it open."""
    table = s.board["encoder"]
    return rod(table["x"], s.y(table["y"]), s.front_z - 1, table["hole"] / 2, 2.0)


def _lid_words(s: Shape) -> Part:
    words, labels = s.params["words"], s.labels()
    z = s.front_z + s.params["walls"]["lid"]
    found = Part()
    places = [(labels[n], x, s.y(s.board["buttons"]["y"]) + 10.5) for n, x in s.buttons()]
    lights = s.board["lights"]
    places += [(labels[n], x, s.y(lights["y"]) + 6.5) for n, x in lights["at"].items()]
    for text, x, y in places:
        plane = Plane(origin=(x, y, z), x_dir=(1, 0, 0), z_dir=(0, 0, 1))
        size = words["size"] * (0.72 if len(text) > 7 else 0.9)
        found += _words(text, plane, size, words["depth"])
    plane = Plane(origin=(132, 84, s.rear_z + s.params["walls"]["lid"]), z_dir=(0, 0, 1))
    found += _words("lkjam_box", plane, 9, words["depth"])
    return found


def cap(s: Shape, words: bool = True) -> Part:
    """Stands on a button's stem, held by its rim under the lid."""
    del words  # it has none
    side, stem = s.board["buttons"]["cap"], s.board["buttons"]["height"]
    rim_z = s.board["case"]["front"] - 1.8 - stem
    top = s.board["case"]["front"] - stem + s.params["walls"]["lid"] + 2.2
    part = block((-side / 2, -side / 2, 0), (side / 2, side / 2, top))
    part = fillet(part.faces().sort_by(Axis.Z)[-1].edges(), 1.2)
    rim = side / 2 + 1.6
    part += block((-rim, -rim, max(rim_z - 1.6, 0)), (rim, rim, max(rim_z, 1.6)))
    part -= block((-2.1, -2.1, -1), (2.1, 2.1, 1.8))
    return part


PARTS = {
    "base-pi4-pi5": lambda s, words=True: base(s, "pi4", words),
    "base-zero2w": lambda s, words=True: base(s, "zero2w", words),
    "lid": lid,
    "cap": cap,
}
