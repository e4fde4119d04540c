"""A process that cannot live is tried for ever, ever less often, and says why."""

import select
import signal

from lkjam_box.config.options import Config
from lkjam_box.protocol.process_messages import ProcessSetup
from lkjam_box.service.child import Child


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


def test_one_that_waits_for_its_setup_can_be_killed_and_is_told_of_once():
    child = Child("brain")
    child.start(0.0, ProcessSetup(process="", config=Config(), folder="", library=""), ())
    assert child.alive
    child.signal(signal.SIGKILL)
    assert ended(child, 1.0)[0] == "killed by signal 9"
    assert not child.alive
    assert child.died(2.0) == ""
    child.signal(signal.SIGKILL)  # nobody is there: no error
    assert child.wait(0.0)
