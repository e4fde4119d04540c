"""Every sounding note has an owner and an end."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.messages import NOTE_OFF, NOTE_ON, note_off, note_on
from lkjam_box.stage.ledger import Ledger, Owner


def test_a_note_ends_when_its_beat_comes():
    ledger = Ledger()
    assert ledger.on(Owner.BOX, 0, 60, 90, end_beats=2.0) == [note_on(0, 60, 90)]
    assert ledger.due(1.99) == []
    assert ledger.due(2.0) == [note_off(0, 60)]
    assert len(ledger) == 0


def test_a_second_strike_ends_the_first():
    ledger = Ledger()
    ledger.on(Owner.BOX, 0, 60, 90)
    assert ledger.on(Owner.BOX, 0, 60, 80) == [note_off(0, 60), note_on(0, 60, 80)]
    assert len(ledger) == 1


def test_a_key_held_by_two_goes_up_when_the_last_lets_go():
    ledger = Ledger()
    ledger.on(Owner.HUMAN, 0, 60, 90)
    ledger.on(Owner.BOX, 0, 60, 90, end_beats=1.0)
    assert ledger.due(1.0) == []
    assert ledger.off(Owner.HUMAN, 0, 60) == [note_off(0, 60)]


def test_closing_one_owner_leaves_the_other():
    ledger = Ledger()
    ledger.on(Owner.HUMAN, 0, 60, 90)
    ledger.on(Owner.BOX, 1, 64, 90)
    assert ledger.close(Owner.BOX) == [note_off(1, 64)]
    assert ledger.count(Owner.HUMAN) == 1


def test_an_off_without_an_on_says_nothing():
    assert Ledger().off(Owner.HUMAN, 0, 60) == []


acts = st.one_of(
    st.tuples(st.just("on"), st.sampled_from(Owner), st.integers(0, 1), st.integers(60, 63)),
    st.tuples(st.just("off"), st.sampled_from(Owner), st.integers(0, 1), st.integers(60, 63)),
    st.tuples(st.just("due"), st.just(Owner.BOX), st.just(0), st.integers(0, 20)),
    st.tuples(st.just("close"), st.sampled_from([None, *Owner]), st.just(0), st.just(0)),
)


@given(st.lists(acts, max_size=80))
def test_the_wire_and_the_ledger_agree(acts):
    """Whatever happens, the keys down on the wire are those in the ledger."""
    ledger, wire = Ledger(), set()
    for number, (act, owner, channel, value) in enumerate(acts):
        match act:
            case "on":
                messages = ledger.on(owner, channel, value, 90, end_beats=number + 5)
            case "off":
                messages = ledger.off(owner, channel, value)
            case "due":
                messages = ledger.due(value + number / 2)
            case _:
                messages = ledger.close(owner)
        for message in messages:
            key = (message.channel, message.pitch)
            if message.kind == NOTE_ON:
                assert key not in wire
                wire.add(key)
            else:
                assert message.kind == NOTE_OFF
                wire.remove(key)
        assert bool(wire) == bool(len(ledger))
    for message in ledger.close():
        wire.remove((message.channel, message.pitch))
    assert not wire
