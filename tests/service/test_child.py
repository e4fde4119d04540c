"""A process that cannot live is tried for ever, ever less often, and says why."""

import os
import select

from lkjam_box.config.options import Config
from lkjam_box.protocol.process_messages import ProcessSetup
from lkjam_box.service.child import Child
from lkjam_box.service.process import running


def ended(child, now):
    """Wait for its end, as the supervisor does."""
    said = []
    while True:
        said += child.says(now)
        how = child.died(now)
        if how:
            return how, said
        select.select(child.fds(), (), (), 20.0)


def setup(tmp_path):
    return ProcessSetup(
        process="",
        config=Config(),
        folder=str(tmp_path),
        library=str(tmp_path / "none"),
        supervisor=-1,
    )


def test_a_process_that_fails_says_why(tmp_path):
    child = Child("brain")
    child.start(0.0, setup(tmp_path), ())
    how, said = ended(child, 1.0)
    assert how == "ended with code 1"
    assert child.gone
    assert child.wrong == "ValueError: negative file descriptor"  # the setup names no link
    assert [says.wrong for says in said if says.wrong] == [child.wrong]


def test_one_that_waits_takes_over_when_the_other_is_lost(tmp_path):
    child = Child("brain")
    child.start_standby(())
    waits = child.standby_pid
    assert waits
    assert running(os.getpid()) == {}  # it is no brain yet
    child.start(0.0, setup(tmp_path), ())
    assert (child.pid, child.standby_pid) == (waits, 0)
    how, _ = ended(child, 1.0)
    assert how == "ended with code 1"
    child.start(1.0, setup(tmp_path), ())
    assert child.pid != waits
    ended(child, 2.0)


def test_one_that_waited_and_died_is_no_use(tmp_path):
    child = Child("brain")
    child.start_standby(())
    dead = child._standby[0]
    dead.kill()
    dead.wait()
    child.start(0.0, setup(tmp_path), ())
    assert child.pid != dead.pid
    assert ended(child, 1.0)[0] == "ended with code 1"


def test_one_that_waits_ends_when_it_is_dismissed():
    child = Child("brain")
    child.start_standby(())
    process = child._standby[0]
    child.end_standby()
    assert process.returncode == 0


def test_a_process_is_settled_when_it_has_been_ready_for_a_while():
    child = Child("stage")
    assert not child.settled(100.0)
    child.ready = True
    assert not child.settled(1.0)
    assert child.settled(6.0)
