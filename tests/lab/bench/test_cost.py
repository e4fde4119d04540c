"""What was counted, as time on a Raspberry Pi, beside deadlines and beside what was committed."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.cli import main
from lkjam_box.lab.bench import cost, nowhere_bus
from lkjam_box.lab.bench.cost_boards import BOARDS, DEADLINES_MS, SLOWEST, Board
from lkjam_box.lab.bench.cost_clock import Stopwatch
from lkjam_box.lab.bench.cost_events import brain_events, stage_and_panel
from lkjam_box.lab.bench.cost_figures import INSTRUCTIONS, NANOSECONDS, Figure, Found, spread
from lkjam_box.lab.bench.cost_gig import Moment, kind_of
from lkjam_box.lab.bench.cost_processes import Spent
from lkjam_box.lab.bench.cost_service import thru_ns
from lkjam_box.lab.bench.cost_table import (
    MORE,
    NOISE_OF_EVENT,
    Committed,
    estimate,
    events,
    markdown,
    seconds,
    text,
    verdict,
)
from lkjam_box.midi.messages import TICK, note_off, note_on, real_time
from lkjam_box.protocol.records import Heard, Prepare, Turn, TurnBegan

REPO = Path(__file__).parents[3]
TURN = Turn(1, 0, 1, 0, 0, 0, 0.0, 16.0, 0.0, 120.0)


def found(**figures: float) -> Found:
    return Found(INSTRUCTIONS, "here", {name: Figure(value) for name, value in figures.items()})


# --- arithmetic


def test_a_time_is_instructions_over_rate():
    assert Board("b", "c", 2.0, 0.5, "").seconds(1e6) == (0.0005, 0.002)
    assert estimate(235_000, SLOWEST) == "276-603 us"
    assert estimate(3_330_000_000, SLOWEST) == "3.92-8.54 s"
    assert estimate(9_000, BOARDS[-1]) == "1.45-3.10 us"


@given(st.floats(1, 1e12))
def test_no_board_is_faster_cold_than_hot_and_each_is_faster_than_the_one_before(n):
    times = [board.seconds(n) for board in BOARDS]
    assert all(least < most for least, most in times)
    assert times == sorted(times, reverse=True)


@given(st.lists(st.floats(0, 1e9), min_size=1))
def test_a_spread_lies_within_what_was_counted(values):
    figure = spread(values)
    assert min(values) <= figure.value <= max(values)
    assert figure.n == len(values)
    assert len(values) == 1 or figure.value <= figure.p99 <= max(values)


def test_nothing_counted_is_no_figure():
    with pytest.raises(ValueError, match="nothing"):
        spread([])


def test_a_deadline_is_judged_by_the_worst_on_the_slowest():
    limit_ms, _ = DEADLINES_MS["tick"]
    most = limit_ms / 1e3 * SLOWEST.cold * 1e9
    assert "holds" in verdict("tick", Figure(most * 0.1, most * 0.99, 100))
    assert "MISSED" in verdict("tick", Figure(most * 0.1, most * 1.01, 100))
    assert "MISSED" in verdict("tick", Figure(most * 1.01))
    assert verdict("packing a record", Figure(1e12)) == ""


# --- what may be spent


@given(st.floats(1e5, 1e9), st.floats(0.5, 2.0))
def test_ten_per_cent_more_is_too_much(before, times):
    committed = Committed(found(tick=before), {"tick": before})
    lines = committed.dearer(found(tick=before * times))
    assert bool(lines) == (before * times > MORE * before + NOISE_OF_EVENT)


def test_many_small_steps_are_one_large_step():
    committed = Committed(found(tick=1e6), {"tick": 1e6})
    for value in (1.05e6, 1.09e6):
        committed = committed.renewed(found(tick=value))
    assert committed.dearer(found(tick=1.14e6))
    assert not committed.dearer(found(tick=1.08e6))


def test_what_became_cheaper_may_not_become_dear_again():
    committed = Committed(found(tick=1e6), {"tick": 1e6}).renewed(found(tick=0.5e6))
    assert committed.dearer(found(tick=0.6e6))


def test_an_event_that_is_not_counted_any_more_is_told():
    committed = Committed(found(tick=1e6, frame=1e6), {"tick": 1e6, "frame": 1e6})
    assert committed.dearer(found(tick=1e6)) == ["frame: not counted any more"]


def test_a_raise_wants_words_that_stand_in_the_decisions():
    pages = {"realtime.md": "- **A tick says more.** It costs that."}
    dear = Committed(found(tick=2e6), {"tick": 1e6})
    assert dear.unfounded(pages)
    allowed = Committed(dear.found, dear.least, {"tick": "realtime.md: A tick says more."})
    assert not allowed.unfounded(pages)
    assert not allowed.dearer(found(tick=2.1e6))
    assert allowed.dearer(found(tick=2.3e6))
    invented = Committed(dear.found, dear.least, {"tick": "realtime.md: A tick says less."})
    assert invented.unfounded(pages)


def test_what_is_shown_only_is_held_to_nothing():
    name = "second, idle: the machine"
    committed = Committed(found(**{name: 1e6}), {name: 1e6})
    assert not committed.dearer(found(**{name: 9e6}))


def test_the_committed_figures_have_their_decisions():
    pages = {page.name: page.read_text() for page in (REPO / "docs/decisions").glob("*.md")}
    assert cost.committed(REPO / "docs/cost.json").unfounded(pages) == []


def test_the_page_is_printed_from_the_committed_figures(capsys):
    assert main(["bench", "cost", "--from", str(REPO / "docs/cost.json"), "--markdown"]) == 0
    assert (REPO / "docs/cost.md").read_text().endswith(capsys.readouterr().out)


# --- tables and files


def whole() -> Found:
    states = ("idle", "clock alone", "trading")
    figures = {f"second, {s}: {p}": Figure(67e6) for s in states for p in ("stage", "the box")}
    figures["wake-ups, idle: stage"] = Figure(66.4)
    return Found(INSTRUCTIONS, "here", figures | {"tick": Figure(297e3, 400e3, 90)})


def test_a_second_is_told_by_process_and_as_a_share_of_the_slowest():
    head, stage, box, share = seconds(whole())
    assert stage == ["stage", "67.0", "67.0", "67.0", "66"]
    assert box[0] == "the box"
    assert share[1] == "17 %"
    assert len({len(row) for row in (head, stage, box, share)}) == 1


def test_without_counted_instructions_nothing_is_estimated():
    here = Found(NANOSECONDS, "a laptop", whole().figures)
    assert "Zero" not in text(here)
    assert events(here)[1] == ["tick", "297.0", "400.0", "90"]


def test_a_run_is_a_file_and_back(tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(cost.encode(whole()))
    assert cost.read(path) == whole()
    both = Committed(whole(), {"tick": 1.0}, {"tick": "a.md: b"})
    path.write_bytes(cost.encode(both))
    assert cost.committed(path) == both
    assert cost.read(path) == whole()


def test_a_file_of_something_else_is_told_in_one_line(tmp_path, capsys):
    path = tmp_path / "run.json"
    path.write_text("{}")
    assert main(["bench", "cost", "--from", str(path)]) != 0
    assert str(path) in capsys.readouterr().err
    assert main(["bench", "cost", "--from", str(tmp_path / "none")]) != 0


def test_the_command_says_1_where_something_is_dearer(tmp_path, capsys):
    now, before = tmp_path / "now.json", tmp_path / "before.json"
    now.write_bytes(cost.encode(found(tick=2e6)))
    before.write_bytes(cost.encode(Committed(found(tick=1e6), {"tick": 1e6})))
    words = ["bench", "cost", "--from", str(now), "--against"]
    assert main([*words, str(before)]) == 1
    assert "tick" in capsys.readouterr().out.splitlines()[-1]
    before.write_bytes(cost.encode(Committed(found(tick=2e6), {"tick": 2e6})))
    assert main([*words, str(before)]) == 0


def test_markdown_has_as_many_cells_in_every_row():
    blocks = markdown(whole()).split("\n\n")
    for block in (b for b in blocks if b.startswith("|")):
        assert len({line.count("|") for line in block.splitlines()}) == 1


# --- counting


def test_a_moment_is_what_is_rarest_in_it():
    tick, key, end = real_time(TICK), note_on(0, 60, 80), note_off(0, 60)
    assert kind_of(Moment(came=[tick])) == "stage: tick"
    assert kind_of(Moment(came=[tick], sent=[key])) == "stage: scheduled note"
    assert kind_of(Moment(came=[tick], told=[Prepare(TURN)])) == "stage: prepare before a line"
    assert kind_of(Moment(sent=[key], told=[TurnBegan(TURN)])) == "stage: line"
    assert kind_of(Moment(came=[key], sent=[key], told=[Heard(1, 1, 60, 80, 0.0)])) == (
        "stage: thru note"
    )
    assert kind_of(Moment(came=[end], sent=[end])) == ""
    assert kind_of(Moment()) == ""


def test_what_is_left_out_does_not_count():
    watch = Stopwatch()

    def busy() -> None:
        sum(range(200_000))

    def mostly_left_out() -> None:
        with watch.left_out():
            busy()

    all_of_it = min(watch.count(busy)[0] for _ in range(5))
    assert min(watch.count(mostly_left_out)[0] for _ in range(5)) < all_of_it / 2


def test_thru_is_from_a_key_to_the_boxs_note_of_its_pitch():
    keys = [
        (1.000, False, 60),
        (1.0002, True, 60),
        (1.100, False, 62),
        (1.1001, True, 50),  # a note of an answer
        (1.1004, True, 62),
        (1.200, False, 64),  # went nowhere
        (1.300, True, 64),
    ]
    assert [round(ns) for ns in thru_ns(keys)] == [200_000, 400_000]
    assert [round(ns) for ns in thru_ns(keys, 2)] == [400_000]


def test_rates_are_of_the_time_between():
    before = Spent(10.0, Counter(stage=100), Counter(stage=5), 1000)
    after = Spent(12.0, Counter(stage=300, panel=50), Counter(stage=9), 5000)
    ns, wakes, busy = after.rates(before)
    assert ns == {"panel": 25.0, "stage": 100.0}
    assert wakes == {"stage": 2.0}
    assert busy == 2000.0


def test_every_event_of_the_stage_happens_in_its_set():
    pytest.importorskip("luma.oled", reason="luma is not installed")
    figures = stage_and_panel(Stopwatch(), loops=2)
    kinds = ("tick", "thru note", "scheduled note", "prepare before a line", "line", "snapshot")
    assert {*(f"stage: {kind}" for kind in kinds), "panel: frame"} <= figures.keys()
    assert figures["stage: longest work"].value >= figures["stage: line"].value
    assert all(figure.value > 0 for figure in figures.values())


def test_an_answer_is_counted_whatever_the_link_is_told():
    figures = brain_events(Stopwatch())
    assert figures["brain: answer of 32 notes"].value > figures["brain: heard note"].value > 0


def test_the_bus_that_leads_nowhere_takes_a_whole_picture():
    with nowhere_bus.installed():
        pytest.importorskip("luma.oled", reason="luma is not installed")
        from PIL import Image

        from lkjam_box.config.options import Panel
        from lkjam_box.panel.oled import Oled

        with Oled(Panel(screen="ssd1306")) as oled:
            oled.show(Image.new("1", (128, 64), 1))
