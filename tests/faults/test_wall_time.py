"""Nothing in the box asks what time of day it is: a step of the system's clock is no fault."""

import ast
from pathlib import Path

import pytest

import lkjam_box

ROOT = Path(lkjam_box.__file__).parent
WALL = {
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
    "datetime": {"now", "utcnow", "today", "fromtimestamp"},
    "date": {"today"},
}


def asked(source):
    """(line, what) of every look at the wall's clock."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.attr in WALL.get(node.value.id, ()):
                yield node.lineno, f"{node.value.id}.{node.attr}"
            if node.attr == "CLOCK_REALTIME":
                yield node.lineno, node.attr
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "datetime"):
            for name in node.names:
                if node.module == "datetime" or name.name in WALL["time"]:
                    yield node.lineno, f"{node.module}.{name.name}"


def test_only_monotonic_time_is_asked_for():
    found = [
        f"{file.relative_to(ROOT)}:{line}: {what}"
        for file in sorted(ROOT.rglob("*.py"))
        for line, what in asked(file.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    ["import time\ntime.time()", "from time import time", "from datetime import datetime"],
)
def test_it_would_be_found(source):
    assert list(asked(source))
