"""What people read: the page and the verdicts, letter by letter; drawn anew by running this."""

from math import exp
from pathlib import Path
from random import Random

import msgspec
import pytest

from lkjam_box.cli.check import _MARKS
from lkjam_box.health import box_run, words
from lkjam_box.health.health_file import Health, ProcessHealth
from lkjam_box.health.monitor_page import bars, page, table
from lkjam_box.health.warning_texts import WARNINGS, said
from lkjam_box.protocol.histogram import Histogram
from lkjam_box.protocol.measures import Measures
from lkjam_box.protocol.shared_state import SharedState, Snapshot, Sync, WarningId

HERE = Path(__file__).parent / "golden"
PLACE = "YOU       loop 801  2:3  132.0 LOCKED         Dm7 > G7       free"
MANUAL = Path(__file__).parents[2] / "docs" / "manual.md"


def run(folder, *, well, how=""):
    """An hour on stage: a good one, or one with all that can go wrong."""
    random, worse = Random(5), 1.0 if well else 8.0
    shared_state = SharedState.create(folder / ("well" if well else "ill"))
    measures = Measures(shared_state.measures())
    for histogram, middle_ms, count in (
        (measures.lateness, 0.08, 9000),
        (measures.thru, 0.15, 5000),
        (measures.jitter, 0.3, 20000),
        (measures.brain_first, 1.4, 700),
        (measures.brain_whole, 4.0, 700),
        (measures.lag, 0.06, 30000),
    ):
        for _ in range(count // 50):
            histogram.add(worse * middle_ms / 1000 * exp(random.gauss(0, 0.5)))
    measures.sync_ms[Sync.WAITING], measures.sync_times[Sync.WAITING] = 20_000, 1
    measures.sync_ms[Sync.LOCKED], measures.sync_times[Sync.LOCKED] = 3_500_000, 2
    measures.warning_times[WarningId.NO_KEYBOARD] = 1
    shown = Snapshot(time_s=3700.0, turns=800, answers=400, answers_on_time=400, pid=9)
    shown.notes_in, shown.notes_out, shown.notes_asked = 4000, 5200, 5200
    processes = {
        "supervisor": ProcessHealth(pid=7, rss_mb=20.0, pss_mb=14.0, files=19, starts=1),
        "brain": ProcessHealth(pid=8, rss_mb=51.0, pss_mb=45.0, grew_mb=0.2, files=5, starts=1),
        "stage": ProcessHealth(pid=9, rss_mb=24.0, pss_mb=18.0, files=20, starts=1),
        "panel": ProcessHealth(pid=10, rss_mb=40.0, pss_mb=30.0, files=12, starts=1),
    }
    health = Health(
        time_s=3700.0,
        began_s=100.0,
        throttled=0,
        celsius=54.0,
        hottest=61.0,
        free_mb=12000.0,
        watchdog_s=10.0,
        processes=processes,
    )
    if not well:
        measures.sync_ms[Sync.NO_CLOCK], measures.sync_times[Sync.NO_CLOCK] = 600_000, 3
        measures.warning_times[WarningId.BRAIN_LOST] = 2
        shown.answers_on_time, shown.fallbacks, shown.dropped = 391, 9, 3
        shown.completed, shown.cut_short, shown.never_arrived = 2, 1, 1
        shown.notes_asked, shown.dropped_late = 5209, 9
        shown.warning = WarningId.LOW_VOLTAGE
        ends = {"killed by signal 9": 1, "hung": 1}
        processes["brain"] = ProcessHealth(
            rss_mb=None, pss_mb=100.0, grew_mb=31.0, starts=3, ends=ends
        )
        health = msgspec.structs.replace(
            health, throttled=0x50005, hottest=83.0, low_times=4, slow_times=2
        )
    shared_state.write(shown)
    seen = SharedState.look(folder / ("well" if well else "ill"))
    return box_run.of(seen, health, how)


def texts(folder):
    warning = f"{WARNINGS[WarningId.LOW_VOLTAGE][0]}  -> {WARNINGS[WarningId.LOW_VOLTAGE][1]}"
    well, ill = run(folder, well=True), run(folder, well=False)
    return {
        "page-well": page(well, PLACE, ""),
        "page-ill": page(ill, PLACE, warning),
        "run-well": table(words.findings(run(folder, well=True, how="stopped")), _MARKS),
        "run-ill": table(words.findings(run(folder, well=False, how="killed")), _MARKS),
    }


@pytest.mark.parametrize("name", ["page-well", "page-ill", "run-well", "run-ill"])
def test_it_reads_as_it_did(tmp_path, name):
    assert texts(tmp_path)[name] + "\n" == (HERE / f"{name}.txt").read_text()


def test_a_good_hour_has_nothing_to_mend(tmp_path):
    found = words.findings(run(tmp_path, well=True, how="stopped"))
    assert all(finding.level == "ok" and not finding.mend for finding in found)


def test_whatever_is_worse_says_what_to_do(tmp_path):
    found = words.findings(run(tmp_path, well=False, how="killed"))
    worse = {finding.what: finding.mend for finding in found if finding.level == "worse"}
    assert all(worse.values())
    assert {"run", "late notes", "clock lock", "answers", "processes", "memory", "power"} <= set(
        worse
    )


def test_a_box_that_did_nothing_yet_can_be_shown(tmp_path):
    idle = box_run.of(Snapshot(), None)
    assert "nobody looks" in page(idle, "", "")
    assert words.findings(idle)


def test_the_page_fits_a_terminal(tmp_path):
    assert max(map(len, texts(tmp_path)["page-ill"].splitlines())) <= 80


def test_one_outlier_among_a_million_is_seen():
    histogram = Histogram()
    for _ in range(1000):
        histogram.add(0.0001)
    histogram.add(0.05)
    drawn = bars(histogram.read())
    assert len(drawn) == 21
    assert [column for column in range(21) if drawn[column] != " "] == [7, 18]


def test_times_are_told_as_people_do():
    assert [words.lasted(t) for t in (3, 59.4, 61, 3600 * 3 + 120)] == [
        "3 s",
        "59 s",
        "1 min",
        "3 h 2 min",
    ]


def test_the_manual_shows_the_page(tmp_path):
    shown = "".join(f"    {row}".rstrip() + "\n" for row in texts(tmp_path)["page-ill"].split("\n"))
    assert shown in MANUAL.read_text()


def test_the_manual_lists_what_the_screen_says_most_urgent_first():
    rows = [line.split("|") for line in MANUAL.read_text().splitlines() if line.startswith("| `")]
    told = {row[1].strip().strip("`"): row[-2].strip() for row in rows}
    ours = {words: do for words, do in WARNINGS.values() if words != "BAD FILE"}
    assert {words: told.get(words) for words in ours} == ours
    places = [MANUAL.read_text().rindex(f"| `{words}` |") for words in ours]
    assert places == sorted(places)


def test_every_warning_has_words_and_a_remedy():
    assert list(WARNINGS) == sorted(set(WarningId) - {WarningId.NONE}, reverse=True)
    for warning in WarningId:
        assert bool(said(Snapshot(warning=warning))) == bool(warning)
    assert said(Snapshot(warning=WarningId.BAD_FILE, message="/a/b.yaml:3: x")) == "b.yaml:3: x"


if __name__ == "__main__":
    import tempfile

    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name, text in texts(Path(scratch)).items():
            (HERE / f"{name}.txt").write_text(text + "\n")


def test_a_bad_file_is_named_whatever_the_fault_says():
    fault = "tunes/mine.yaml:4: chord: found 'H7', allowed C/G, N.C."
    shown = said(Snapshot(warning=WarningId.BAD_FILE, message=fault))
    assert shown == "mine.yaml:4: chord: found 'H7', allowed C/G, N.C."
