"""The supervisor's eye, over machines and shared states made of files."""

import pytest

from lkjam_box.health import box_run, health_file
from lkjam_box.health.firmware import HOLD_S
from lkjam_box.health.health_file import OLD_S, Health, overlay
from lkjam_box.health.losses import Losses
from lkjam_box.health.warning_texts import said
from lkjam_box.health.watch import FULL_MB, LOOK_S, SELDOM_S, SETTLED_S, Watch
from lkjam_box.machine.readings import Machine
from lkjam_box.panel import picture
from lkjam_box.panel.strip import NoteStrip
from lkjam_box.play import gallery
from lkjam_box.protocol.lives import Life, Lives
from lkjam_box.protocol.measures import Measures
from lkjam_box.protocol.runtime_folder import HEALTH, LAST_RUN
from lkjam_box.protocol.shared_state import SharedState, Snapshot, WarningId
from lkjam_box.service.panel_process import HEALTH_S

THROTTLED = "sys/devices/platform/soc/soc:firmware/get_throttled"


class Box:
    """A runtime folder with a stage's shared state in it, and the machine under it."""

    def __init__(self, folder):
        self.folder, self.root = folder / "run", folder / "root"
        self.folder.mkdir()
        (self.root / "var").mkdir(parents=True)
        self.say(THROTTLED, "0")
        self.watch = Watch(self.folder, self.root, Machine(self.root))
        self.losses = Losses(1.0, 10.0)
        self.fault = ""
        self.snapshot = Snapshot(time_s=1.0, pid=50)

    def say(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def play(self, **changes):
        shared_state = SharedState.create(self.folder / "shared-state")
        for name, value in changes.items():
            setattr(self.snapshot, name, value)
        Measures(shared_state.measures()).lateness.add(0.001)
        shared_state.write(self.snapshot)
        shared_state.close()

    @property
    def shared_state(self):
        return self.folder / "shared-state"

    def look(self, now_s, failing=(), **pids):
        self.watch.look(now_s, self.losses.lives(pids, failing, self.fault))
        return health_file.read(self.folder)


@pytest.fixture
def box(tmp_path):
    return Box(tmp_path)


def test_a_calm_machine(box):
    box.say("sys/class/thermal/thermal_zone0/temp", "51000")
    health = box.look(10.0, stage=50)
    assert (health.warning, health.throttled, health.celsius) == (WarningId.NONE, 0, 51.0)
    assert (health.watchdog_s, health.processes["stage"].starts) == (10.0, 1)


def test_low_voltage_is_on_the_screen_within_two_seconds(box):
    """The caretaker looks and writes; the panel reads; the next frame shows it."""
    assert LOOK_S + HEALTH_S + 1 / 30 < 2
    box.look(10.0)
    box.say(THROTTLED, "50005")
    health = box.look(10.0 + LOOK_S)
    shown = overlay(Snapshot(warning=WarningId.TWO_CLOCKS), health, health.time_s)
    assert shown.warning == WarningId.LOW_VOLTAGE
    calm, low = gallery.STATES["you"], gallery.STATES["low-voltage"]
    seen = picture.draw(overlay(calm, health, health.time_s), NoteStrip())
    assert seen.tobytes() == picture.draw(low, NoteStrip()).tobytes()
    box.say(THROTTLED, "50000")
    health = box.look(10.0 + LOOK_S + HOLD_S)
    assert (health.warning, health.low_times, health.slow_times) == (WarningId.NONE, 1, 1)


def test_the_more_urgent_warning_is_shown_and_an_old_report_is_not(box):
    low = Health(time_s=10.0, warning=WarningId.LOW_VOLTAGE)
    assert overlay(Snapshot(warning=WarningId.NO_SYNTH), low, 10.0).warning == WarningId.NO_SYNTH
    for below in (WarningId.NONE, WarningId.BRAIN_LOST, WarningId.BAD_FILE):
        assert overlay(Snapshot(warning=below), low, 10.0).warning == WarningId.LOW_VOLTAGE
    assert overlay(Snapshot(), low, 10.0 + OLD_S + 0.1).warning == WarningId.NONE
    assert overlay(Snapshot(), None, 10.0).warning == WarningId.NONE


def test_a_full_disk(box, monkeypatch):
    free = iter([FULL_MB + 1, FULL_MB - 1, FULL_MB - 2, FULL_MB + 1])
    monkeypatch.setattr(Machine, "free_mb", lambda self, folder: next(free))
    seen = [box.look(10.0 + n * SELDOM_S).warning for n in range(4)]
    assert seen == [WarningId.NONE, WarningId.DISK_FULL, WarningId.DISK_FULL, WarningId.NONE]
    assert health_file.read(box.folder).full_times == 1


def test_what_cannot_be_kept_is_told_with_its_cause(box):
    box.fault = "NOT KEPT: Read-only file system"
    health = box.look(10.0)
    shown = overlay(Snapshot(), health, 10.0)
    assert (said(shown), health.full_times) == ("NOT KEPT: Read-only file system", 1)
    box.fault = ""
    assert box.look(11.0).warning == WarningId.NONE


def test_growth_is_told_from_when_a_process_has_settled(box):
    def weighs(pages):
        box.say("proc/50/statm", f"9000 {pages} 0 0 0 0 0")

    weighs(256 * 10)
    box.look(10.0, stage=50)
    weighs(256 * 20)  # it loads
    assert box.look(10.0 + SELDOM_S, stage=50).processes["stage"].grew_mb == 0
    box.look(10.0 + SETTLED_S, stage=50)
    weighs(256 * 23)
    process = box.look(20.0 + SETTLED_S, stage=50).processes["stage"]
    assert process.grew_mb == pytest.approx(3.0)
    box.say("proc/51/statm", f"9000 {256 * 7} 0 0 0 0 0")
    process = box.look(21.0 + SETTLED_S, stage=51).processes["stage"]  # another one, at once
    assert (process.pid, process.rss_mb, process.grew_mb) == (51, 7.0, 0.0)


def test_lost_processes_are_counted_by_how(box):
    box.look(10.0, brain=40)
    box.losses.lost("brain", "killed by signal 9", None)
    box.look(11.0, brain=0)
    box.look(12.0, brain=41)
    box.losses.hangs("brain")
    box.losses.lost("brain", "killed by signal 9", None)
    box.losses.lost("brain", "killed by signal 9", None)
    process = box.look(13.0, brain=0).processes["brain"]
    assert process.ends == {"killed by signal 9": 2, "hung": 1}
    assert (process.starts, process.pid) == (2, 0)


def test_what_a_lost_stage_counted_is_not_lost_and_not_counted_twice(box):
    box.play(answers=7, answers_on_time=6, pid=50)
    box.look(10.0, stage=50)
    box.losses.lost("stage", "killed by signal 9", box.snapshot)
    health = box.look(11.0, stage=0)
    assert box_run.of(box.snapshot, health).count("answers") == 7  # the old one is still shown
    box.play(answers=2, answers_on_time=2, pid=51)
    run = box_run.of(box.snapshot, box.look(12.0, stage=51))
    assert (run.count("answers"), run.count("answers_on_time")) == (9, 8)


def test_a_stop_keeps_the_run_and_leaves_nothing_else(box):
    box.play(answers=3, time_s=61.0)
    box.look(61.0, stage=50)
    box_run.put_away(box.folder, box.shared_state, "stopped", {"stage": 20.0})
    assert [path.name for path in box.folder.iterdir()] == [LAST_RUN]
    run = box_run.last(box.folder)
    assert (run.how, run.count("answers"), run.seconds) == ("stopped", 3, 60.0)
    assert run.figures("lateness").total == 1
    assert run.health.processes["stage"].pss_mb == 20.0


def test_a_box_that_was_killed_is_found_by_the_next_one(box):
    box.play(answers=5, time_s=31.0)
    box.look(31.0, stage=50)
    box_run.put_away(box.folder, box.shared_state, "killed")
    run = box_run.last(box.folder)
    assert (run.how, run.count("answers"), run.seconds) == ("killed", 5, 30.0)
    assert not (box.folder / "shared-state").exists()


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"how": 3}', b'{"how": "stopped"}'])
def test_a_run_of_another_version_is_none(box, text):
    (box.folder / LAST_RUN).write_bytes(text)
    (box.folder / HEALTH).write_bytes(text)
    assert box_run.last(box.folder) is None
    assert health_file.read(box.folder) in (None, Health())


def test_a_folder_that_cannot_be_written_stops_nobody(tmp_path):
    nowhere = tmp_path / "gone"
    Watch(nowhere, tmp_path, Machine(tmp_path)).look(2.0, Lives(processes={"stage": Life(pid=3)}))
    box_run.put_away(nowhere, nowhere / "shared-state", "stopped")


def test_a_process_that_keeps_failing_is_on_the_screen_until_it_does_not(box):
    health = box.look(10.0, failing=("brain",))
    shown = overlay(Snapshot(warning=WarningId.BRAIN_LOST), health, 10.0)
    assert said(shown) == "BRAIN KEEPS FAILING"
    assert said(overlay(Snapshot(warning=WarningId.NO_SYNTH), health, 10.0)) == "NO SYNTH"
    assert box.look(11.0).warning == WarningId.NONE


def test_the_next_caretaker_goes_on_counting(box):
    box.look(10.0)
    box.say(THROTTLED, "50005")
    box.fault = "NOT KEPT: Read-only file system"
    box.look(11.0)
    box.watch = Watch(box.folder, box.root, Machine(box.root))
    health = box.look(12.0)
    assert (health.low_times, health.full_times) == (2, 2)
