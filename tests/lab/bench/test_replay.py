"""Recorded clocks: the file, the song position, and the command."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from lkjam_box.cli import main
from lkjam_box.errors import FileError
from lkjam_box.lab.bench.replay import read_trace, replay
from lkjam_box.play.clock_jitter import MODELS, arrive, steady, ticks_at

TICK_S = 60 / 120 / 24


def lines(start_s: float, count: int) -> list[str]:
    return [f"{start_s + n * TICK_S:.6f},f8" for n in range(count)]


def test_a_header_comments_and_blank_lines_are_skipped() -> None:
    text = ["\ufefftime_s,hex", "", "# Start", " 1.5 , FA ", "1.6,0xF8  # first", "1.7,f2 10 00"]
    assert list(read_trace(text)) == [(1.5, b"\xfa"), (1.6, b"\xf8"), (1.7, b"\xf2\x10\x00")]


@pytest.mark.parametrize(
    "bad", ["1.0", "1.0,zz", "x,f8", "nan,f8", "1.0,", "1.0,f8,f8", "1.0;f8", "0.5,f8"]
)
def test_a_bad_line_is_told_with_its_number(bad: str) -> None:
    with pytest.raises(FileError, match=r"^t\.csv:3: ") as caught:
        list(read_trace(["time_s,hex", "0.9,f8", bad], "t.csv"))
    assert "\n" not in str(caught.value)


def test_every_tick_has_an_entry_and_a_place() -> None:
    text = [
        *lines(1.0, 30),  # before Start: counted
        "1.63,fa",
        *lines(1.0 + 31 * TICK_S, 24),
        "2.14,fc",
        *lines(1.0 + 55 * TICK_S, 3),  # after Stop: stays
        "2.19,f21000",
        "2.19,fb",
        *lines(1.0 + 58 * TICK_S, 2),
    ]
    ticks, moves = replay(read_trace(text))
    assert [t.tick for t in ticks] == [*range(30), *range(24), 23, 23, 23, 96, 97]
    assert [(m.event, m.tick) for m in moves] == [
        ("started", 0),
        ("stopped", 23),
        ("located", 96),
        ("continued", 96),
    ]
    assert ticks[40].predicted_beat_s == pytest.approx(ticks[40].time_s + 0.5, abs=1e-4)
    assert ticks[-1].bpm == pytest.approx(120, abs=0.01)
    assert (ticks[0].state, ticks[29].state) == ("locking", "locked")
    assert ticks[55].state == "locked"  # for two ticks, as a song may go on from elsewhere


def test_a_dropout_is_told_when_it_happened() -> None:
    ticks, moves = replay(read_trace(["0.0,fa", *lines(0.1, 48), "4.0,f8"]))
    assert [m.event for m in moves] == ["started", "lost", "found"]
    assert moves[1].time_s == pytest.approx(0.1 + 47 * TICK_S + 1.0)
    assert ticks[-1].tick == pytest.approx((4.0 - 0.1) / TICK_S, abs=0.5)


def test_garbage_never_raises() -> None:
    rng, now_s, text = Random(5), 0.0, []
    for _ in range(2000):
        now_s += rng.choice([0.0, 0.001, 0.02, rng.expovariate(1)])
        text.append(f"{now_s:.6f},{rng.randbytes(rng.randint(1, 3)).hex()}")
        text.append(f"{now_s:.6f},{rng.choice(['f8', 'f8', 'fa', 'fb', 'fc', 'f20500', 'fe'])}")
    ticks, _ = replay(read_trace(text))
    assert len(ticks) > 500


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    due_s = ticks_at(steady(120, 480), 20.0)
    arrived_s = arrive(due_s, MODELS["USB"], Random(1))
    trace = tmp_path / "trace.csv"
    trace.write_text("19.9,fa\n" + "".join(f"{t:.6f},f8\n" for t in arrived_s))
    assert main(["clock-replay", str(trace), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert len(found["ticks"]) == len(arrived_s)
    assert set(found["ticks"][0]) == {"time_s", "tick", "predicted_beat_s", "bpm", "state"}
    later = found["ticks"][400]
    assert later["tick"] == 400
    assert later["predicted_beat_s"] == pytest.approx(due_s[424] + 0.0007, abs=0.001)
    assert found["transport"] == [
        {"time_s": found["ticks"][0]["time_s"], "event": "started", "tick": 0}
    ]
    assert main(["clock-replay", str(trace)]) == 0
    assert "481 ticks, 120.0" in capsys.readouterr().out


def test_the_command_tells_of_a_bad_file_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("1.0,f8\nwhat\n")
    assert main(["clock-replay", str(trace)]) == 2
    assert f"{trace}:2: " in capsys.readouterr().err
    assert main(["clock-replay", str(tmp_path / "none.csv")]) == 2
    trace.write_bytes(b"\xff\xfe\x00\x80")
    assert main(["clock-replay", str(trace)]) == 2
    assert capsys.readouterr().err.count("\n") == 2
    trace.write_text("# nothing\n")
    assert main(["clock-replay", str(trace)]) == 0
