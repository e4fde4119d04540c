"""Records between processes: whole, in order, never waiting."""

import socket

from lkjam_box.protocol.link import Link
from lkjam_box.protocol.records import BrainReady, Heard, Released


def test_order_and_content():
    one, other = Link.pair()
    sent = [Heard(1, 1, 60, 90, 4.25), Released(1, 1, 4.75), BrainReady(1, 2)]
    assert all(one.send(record) for record in sent)
    assert list(other.drain()) == sent
    assert list(other.drain()) == []


def test_full_queue_drops_and_counts():
    one, other = Link.pair()
    sent = sum(one.send(BrainReady(1, n % 100)) for n in range(5000))
    assert one.dropped == 5000 - sent > 0
    assert len(list(other.drain())) == sent
    assert one.send(BrainReady(1, 1))


def test_what_is_not_ours_is_counted_and_skipped():
    raw, sock = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    link = Link(sock)
    raw.send(b"hello")
    raw.send(b"\xff" * 64)
    raw.send(b"x" * 500)
    Link(raw).send(BrainReady(1, 1))
    assert list(link.drain()) == [BrainReady(1, 1)]
    assert link.garbled == 3


def test_lost_peer():
    one, other = Link.pair()
    other.close()
    assert not one.send(BrainReady(1, 1))
    assert list(one.drain()) == []
    assert one.gone
