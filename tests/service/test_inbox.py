"""Messages from the ports' threads, and whose clock counts."""

import select
import threading
from itertools import islice

from lkjam_box.midi.messages import START, TICK, note_on, real_time
from lkjam_box.service.inbox import Inbox

TICKED, STARTED, NOTE = real_time(TICK), real_time(START), note_on(0, 60, 64)


def test_another_thread_wakes_the_loop():
    inbox = Inbox(wakes=True, follows=True)
    thread = threading.Thread(target=inbox.put, args=(1.0, "keyboard", NOTE, "keys"))
    thread.start()
    assert select.select([inbox], [], [], 5)[0]
    thread.join()
    inbox.heard()
    assert list(inbox.take()) == [(1.0, "keyboard", NOTE, "keys")]
    assert not select.select([inbox], [], [], 0)[0]


def test_one_master_at_a_time():
    inbox = Inbox(wakes=False, follows=True)
    for time_s, port in ((1.0, "A"), (1.01, "B"), (1.02, "A"), (9.0, "B")):
        inbox.put(time_s, "clock", TICKED, port)
    assert [port for _, _, _, port in inbox.take()] == ["A", "A", "B"]
    assert inbox.gate.master == "B"


def test_a_start_that_was_held_comes_with_its_tick_though_one_is_taken_at_a_time():
    inbox = Inbox(wakes=False, follows=True)
    inbox.put(1.0, "clock", STARTED, "A")
    assert not list(inbox.take())
    inbox.put(1.01, "clock", TICKED, "A")
    inbox.put(1.02, "keyboard", NOTE, "keys")
    taken = []
    while inbox.waits:
        taken += islice(inbox.take(), 1)
    assert taken == [
        (1.01, "clock", STARTED, "A"),
        (1.01, "clock", TICKED, "A"),
        (1.02, "keyboard", NOTE, "keys"),
    ]


def test_a_master_follows_nobody_but_hears_the_keys():
    inbox = Inbox(wakes=False, follows=False)
    inbox.put(1.0, "clock", TICKED, "A")
    inbox.put(1.0, "keyboard", NOTE, "A")
    assert [source for _, source, _, _ in inbox.take()] == ["keyboard"]
