"""The fork server: what it forks is a child of the supervisor and leaves nothing behind."""

import json
import subprocess
import sys

import pytest

BEGIN = """
import json, os, select, signal, sys
from pathlib import Path
from lkjam_box.config.options import Config
from lkjam_box.protocol.process_messages import ProcessSetup
from lkjam_box.service import fork_server
from lkjam_box.service.child import Child

fork_server.ANSWER_S = 20.0  # a busy computer
forks = fork_server.ForkServer()
child = Child("brain", forks)

def start(now_s=0.0):
    setup = ProcessSetup(process="", config=Config(), folder="", library="", parent=os.getpid())
    child.start(now_s, setup, ())

def end():
    while not (how := child.died(0.0)):
        child.says(0.0)
        select.select(child.fds(), (), (), 20.0)
    return how

def stat(pid):  # state, parent
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]

def children(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

def fds(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
"""


def said(code):
    """What ``code``, run after BEGIN in a Python of its own, prints as JSON."""
    result = subprocess.run(
        [sys.executable, "-c", f"{BEGIN}\n{code}"], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_what_it_forks_is_a_child_of_ours_and_says_why_it_ends():
    found = said("""
start()
parent = int(stat(child.pid)[1]) == os.getpid()
print(json.dumps([parent, child.pid != forks.pid, end(), child.wrong]))
""")
    assert found == [True, True, "ended with code 1", "ValueError: negative file descriptor"]


@pytest.mark.parametrize("kill", [True, False])
def test_fifty_lives_leave_neither_descriptors_nor_zombies(kill):
    found = said(f"""
def live():
    start()
    if {kill}:
        child.signal(signal.SIGKILL)
    return end()
live()
before = fds("self"), fds(forks.pid)
ends = [live() for _ in range(50)]
print(json.dumps([
    sorted(set(ends)), [fds("self"), fds(forks.pid)] == list(before),
    children(os.getpid()) == [forks.pid], children(forks.pid),
]))
""")
    # one that is killed may have died of its empty setup before
    assert set(found[0]) <= {"ended with code 1", *(["killed by signal 9"] if kill else [])}
    assert found[1:] == [True, True, []]


@pytest.mark.parametrize("fault", ["SIGKILL", "SIGSTOP"])
def test_without_it_processes_start_as_programs(fault):
    found = said(
        f"""
start(); end()
forks._socket.settimeout(0.3)
server = forks.pid
os.kill(server, signal.{fault})
start()
first = child.pid, end()
start()
second = child.pid, end()
print(json.dumps([first[0] > 0, first[1], second[0] > 0, second[1], forks.pid, children("self")]))
""".replace('children("self")', "children(os.getpid())")
    )
    assert found == [True, "ended with code 1", True, "ended with code 1", 0, []]


def test_it_forks_what_has_the_stage_loaded_and_nothing_else():
    found = said("""
import socket
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
pid = forks.fork("stage", theirs)
theirs.close()
maps = Path(f"/proc/{pid}/maps").read_text()
comm = Path(f"/proc/{pid}/comm").read_text().strip()
inherited = {os.readlink(f"/proc/{pid}/fd/{fd}")  # it holds a duplicate while it waits
             for fd in os.listdir(f"/proc/{pid}/fd") if int(fd) > 2}
ours.close()
code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
print(json.dumps([comm, len(inherited), "numpy" in maps, "libasound" in maps, code]))
""")
    assert found == ["lkjam-forks", 1, False, False, 0]
