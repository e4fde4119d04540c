"""The case is whole, thick enough, in nobody's way; and broken ones are caught.

Run in the project's environment; what wants build123d and trimesh runs in .venv-hardware.
"""

import json
import re
import subprocess
from pathlib import Path

import pytest

REPO = Path(__file__).parents[4]
PYTHON = REPO / ".venv-hardware/bin/python"
BASES = {"pi4": "base-pi4-pi5", "pi5": "base-pi4-pi5", "zero2w": "base-zero2w"}


def ask(code):
    """What the last line of ``code`` prints as JSON, with the case's modules at hand."""
    if not PYTHON.exists():
        pytest.fail("no .venv-hardware: sh hardware/tools/enclosure.sh makes it", pytrace=False)
    head = (
        "import json, trimesh\n"
        "from hardware.enclosure import checks\n"
        "from hardware.enclosure.shape import Block, Shape\n"
        "s = Shape.load()\n"
        "def part(name): return trimesh.load_mesh(f'hardware/enclosure/parts/{name}.stl')\n"
    )
    done = subprocess.run([PYTHON, "-c", head + code], cwd=REPO, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ["base-pi4-pi5", "base-zero2w", "lid", "cap"])
def test_parts_are_one_closed_skin(name):
    assert ask(f"print(json.dumps(checks.mesh_faults(part('{name}'), '{name}')))") == []


def test_a_part_with_a_hole_in_its_skin_is_caught():
    code = "m = part('cap'); m.update_faces([i > 3 for i in range(len(m.faces))])\n"
    assert ask(code + "print(json.dumps(checks.mesh_faults(m, 'cap')))") != []


@pytest.mark.parametrize("name", ["base-pi4-pi5", "base-zero2w", "lid"])
def test_walls_are_thick_enough(name, tmp_path):
    """Without the engraved words, between whose strokes thin ridges stand half a mm high."""
    code = (
        "from build123d import export_stl\n"
        "from hardware.enclosure.box import PARTS\n"
        f"export_stl(PARTS['{name}'](s, words=False), '{tmp_path}/plain.stl', tolerance=0.05)\n"
        f"mesh = trimesh.load_mesh('{tmp_path}/plain.stl')\n"
        "print(json.dumps(checks.thin_places(mesh, s.params['walls']['smallest'])))"
    )
    assert ask(code) == []


def test_a_thin_wall_is_caught():
    code = "m = part('lid'); m.apply_scale([1, 1, 0.4])\n"
    assert ask(code + "print(json.dumps(checks.thin_places(m, s.params['walls']['smallest'])))")


@pytest.mark.parametrize("model", ["pi4", "pi5", "zero2w"])
def test_board_pi_and_plugs_find_room(model):
    code = (
        f"base, lid, things = part('{BASES[model]}'), part('lid'), s.board_parts()\n"
        "board = [t.moved(z=0.01) if t.name == 'board' else t for t in things]\n"
        f"pi = [t.moved(z=0.01) for t in s.pi_parts('{model}')]\n"
        f"inside = board + pi + s.plugs('{model}')\n"
        "found = checks.collisions(base, inside) + checks.collisions(lid, inside)\n"
        "found += checks.clashes(board, pi, 0.5)\n"
        f"plugs = s.plugs('{model}')\n"
        "for n, plug in enumerate(plugs): found += checks.clashes([plug], plugs[n + 1:], 0.5)\n"
        "print(json.dumps(found))"
    )
    assert ask(code) == []


@pytest.mark.parametrize(
    ("move", "said"),
    [("x=9", "board"), ("y=3", "MIDI"), ("z=6", "foot|FOOT|MIDI")],
)
def test_a_board_in_another_place_is_caught(move, said):
    code = (
        "base, lid = part('base-pi4-pi5'), part('lid')\n"
        f"board = [t.moved({move}) for t in s.board_parts()]\n"
        "print(json.dumps(checks.collisions(base, board) + checks.collisions(lid, board)))"
    )
    found = ask(code)
    assert any(word in line for line in found for word in said.split("|"))


def test_a_plug_beside_its_hole_is_caught():
    code = (
        "plugs = [t.moved(x=4) for t in s.plugs('pi4') if t.name.startswith('plug MIDI')]\n"
        "print(json.dumps(checks.collisions(part('base-pi4-pi5'), plugs)))"
    )
    assert len(ask(code)) == 3


def test_no_word_runs_into_a_hole():
    """One that is too long does."""
    code = (
        "from hardware.enclosure.box import lost_words_mm3\n"
        "from dataclasses import replace\n"
        "rear = s.board['rear']\n"
        "jacks = [dict(jack, name='FOOTSWITCH ' + jack['name']) for jack in rear['jacks']]\n"
        "long = replace(s, board=dict(s.board, rear=dict(rear, jacks=jacks)))\n"
        "print(json.dumps([lost_words_mm3(s), lost_words_mm3(long)]))"
    )
    as_it_is, long = ask(code)
    assert as_it_is == 0
    assert long > 1


def test_a_pi_that_stands_too_high_is_caught():
    code = (
        "pi = [t.moved(z=12) for t in s.pi_parts('pi4')]\n"
        "print(json.dumps(checks.clashes(s.board_parts(), pi, 0.5)))"
    )
    assert ask(code) != []


def test_every_dot_of_both_screens_is_seen():
    code = (
        "from hardware.enclosure.box import window_size\n"
        "w = window_size(s)\n"
        "both = (s.board['oled']['lit'], (21.7, 10.9))\n"
        "print(json.dumps([checks.hidden_dots(w, lit) for lit in both]"
        " + [checks.hidden_dots((w[0] - 3, w[1]), s.board['oled']['lit'])]))"
    )
    seen, smaller, shrunk = ask(code)
    assert (seen, smaller) == (0, 0)
    assert shrunk > 0


@pytest.mark.parametrize("name", ["base-pi4-pi5", "lid", "cap"])
def test_what_is_committed_is_what_is_described(name):
    code = (
        "from hardware.enclosure.box import PARTS\n"
        f"made, mesh = PARTS['{name}'](s), part('{name}')\n"
        "size = made.bounding_box().size\n"
        "print(json.dumps([made.is_valid, len(made.solids()), made.volume, float(mesh.volume),\n"
        "    [size.X, size.Y, size.Z], [float(v) for v in mesh.extents]]))"
    )
    valid, solids, volume, meshed, size, extents = ask(code)
    assert (valid, solids) == (True, 1)
    assert meshed == pytest.approx(volume, rel=2e-3)
    assert extents == pytest.approx(size, abs=0.02)


def measures(path):
    """The measuring lines of a drawing."""
    group = re.search(r'<g [^>]*id="lines".*?</g>', path.read_text(), re.DOTALL)
    return sorted(line.strip() for line in group[0].splitlines()[1:-1])


@pytest.mark.parametrize("name", ["base-pi4-pi5-top", "base-pi4-pi5-rear", "lid-top"])
def test_drawings_have_the_measures_as_they_are(name, tmp_path):
    """Lines are where a block of the part's size would have them; what moved is seen."""
    code = (
        "import copy\n"
        "from pathlib import Path\n"
        "from hardware.enclosure import drawing\n"
        "from hardware.enclosure.box import block, window_size\n"
        "moved = copy.deepcopy(s)\n"
        "for kind in ('din', 'trs'): moved.board['rear'][kind]['axis'] += 1\n"
        "moved.board['buttons']['y'] += 1\n"
        "moved.board['holes']['at'][0][0] += 1\n"
        "for shape, out in ((s, 'now'), (moved, 'moved')):\n"
        "    views = drawing.base_views(shape) + drawing.lid_views(shape, window_size(shape))\n"
        "    left, front, right, rear = shape.outer\n"
        "    body = block((left, front, 0), (right, rear, shape.rear_z))\n"
        f"    view = views[{['base-pi4-pi5-top', 'base-pi4-pi5-rear', 'lid-top'].index(name)}]\n"
        f"    drawing.draw(body, view, Path('{tmp_path}'), out)\n"
        "print(json.dumps(True))"
    )
    assert ask(code)
    committed = REPO / f"hardware/docs/drawing-{name}.svg"
    assert measures(tmp_path / "now.svg") == measures(committed)
    assert measures(tmp_path / "moved.svg") != measures(committed)


def test_the_board_as_kicad_exports_it_lies_in_the_case_on_its_holes():
    """Its solid meets neither part of the case, nor an M3 screw in any pillar; moved, it does."""
    code = (
        "from build123d import Pos, import_step\n"
        "from hardware.enclosure.box import PARTS, rod\n"
        "step = import_step('hardware/kicad/board.step')\n"
        "box = step.bounding_box()\n"
        "board = (Pos(-box.min.X, -box.min.Y, s.under + 0.05) * step).solids()[0]\n"
        "screws = [rod(x, s.y(y), s.under - 20, 1.5, 30) for x, y in s.board['holes']['at']]\n"
        "bodies = [PARTS[name](s, words=False) for name in ('base-pi4-pi5', 'lid')]\n"
        "def meets(thing, there):\n"
        "    shared = there & thing\n"
        "    return 0.0 if shared is None else float(shared.volume)\n"
        "def found(x):\n"
        "    there = Pos(x, 0, 0) * board\n"
        "    return [sum(meets(t, there) for t in things) for things in (bodies, screws)]\n"
        "print(json.dumps([[box.size.X, box.size.Y, box.size.Z], found(0), found(9)]))"
    )
    size, as_it_is, moved = ask(code)
    assert size[:2] == pytest.approx([160, 100], abs=0.01)
    assert 1.4 < size[2] <= 1.6  # without copper and mask
    assert as_it_is == [0, 0]
    assert min(moved) > 1
