"""Every sounding note has an owner and an end."""

from hypothesis import given, settings
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


class ListLedger:
    """What a ledger does, said as plainly as can be: a list of (owner, key, origin, end), searched
    from end to end."""

    def __init__(self, tell):
        self.held, self.tell = [], tell

    def on(self, owner, channel, pitch, velocity, end_beats, origin):
        key, strike = (channel, pitch), note_on(channel, pitch, velocity, origin)
        again = [note_off(*key, origin=origin)] if any(h[1] == key for h in self.held) else []
        kept = [h for h in self.held if h[:3] != (owner, key, origin)]
        if len(kept) < len(self.held):
            self.tell(owner, *key, 0)
        self.tell(owner, *key, velocity)
        self.held = [*kept, (owner, key, origin, end_beats)]
        return [*again, strike]

    def off(self, owner, channel, pitch, origin, velocity):
        return self.release(lambda h: h[:3] == (owner, (channel, pitch), origin), velocity)

    def due(self, beat):
        return self.release(lambda h: h[3] <= beat)

    def close(self, owner):
        return self.release(lambda h: owner in (None, h[0]))

    def cut(self, owner, end):
        self.held = [(*h[:3], min(h[3], end)) if h[0] is owner else h for h in self.held]

    def release(self, ends, velocity=64):
        gone = [h for h in self.held if ends(h)]
        self.held = [h for h in self.held if not ends(h)]
        origins, messages = {}, []
        for owner, key, origin, _ in gone:
            self.tell(owner, *key, 0)
            origins.setdefault(key, set()).add(origin)
        for key, lifted in origins.items():
            others = {h[2] for h in self.held if h[1] == key}
            if not others:
                origin = lifted.pop() if len(lifted) == 1 else ""
                messages.append(note_off(*key, velocity, origin=origin))
            elif "" not in others and len(others) == 1 and lifted != others:
                messages.append(note_off(*key, velocity, only=others.pop()))
        return messages


OWNERS, DEVICES = st.sampled_from(Owner), st.sampled_from(["", "Piano", "Pad"])
KEY = st.tuples(st.integers(0, 1), st.integers(60, 62))
BEAT = st.sampled_from([1.0, 2.0, 2.5, 3.0, float("inf")])
asks = st.one_of(
    st.tuples(st.just("on"), OWNERS, KEY, BEAT, DEVICES),
    st.tuples(st.just("off"), OWNERS, KEY, st.integers(0, 127), DEVICES),
    st.tuples(st.just("due"), st.floats(0, 4)),
    st.tuples(st.just("cut"), OWNERS, BEAT),
    st.tuples(st.just("close"), st.sampled_from([None, *Owner])),
    st.tuples(st.just("copy")),
)


def as_sent(messages):
    return [(message, message.origin, message.only) for message in messages]


@settings(max_examples=400)
@given(st.lists(asks, max_size=60))
def test_it_sends_and_tells_what_a_plain_list_would(asks):
    told, plainly = [], []
    ledger, plain = Ledger(lambda *key: told.append(key)), ListLedger(lambda *k: plainly.append(k))
    for name, *what in asks:
        sent = expected = ()
        match name:
            case "on":
                owner, key, end, origin = what
                sent = ledger.on(owner, *key, 90, end, origin)
                expected = plain.on(owner, *key, 90, end, origin)
            case "off":
                owner, key, velocity, origin = what
                sent = ledger.off(owner, *key, origin, velocity)
                expected = plain.off(owner, *key, origin, velocity)
            case "due":
                sent, expected = ledger.due(*what), plain.due(*what)
            case "cut":
                ledger.cut(*what)
                plain.cut(*what)
            case "close":
                sent, expected = ledger.close(*what), plain.close(*what)
            case _:  # a copy knows the same, and what it is asked is its own affair
                other = ledger.copy()
                assert other.next_end_beats() == ledger.next_end_beats()
                other.cut(Owner.BOX, 0.5)
                other.on(Owner.HUMAN, 0, 60, 90)
                other.due(2.0)
                other.close()
        assert as_sent(sent) == as_sent(expected)
        assert told == plainly
        assert len(ledger) == len(plain.held)
        assert ledger.next_end_beats() == min((h[3] for h in plain.held), default=float("inf"))
        for owner in Owner:
            assert ledger.count(owner) == sum(h[0] is owner for h in plain.held)


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
