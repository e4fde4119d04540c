"""What goes next over the wire: nothing lost that matters, nothing in another meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.midi.messages import (
    CONTINUE,
    CONTROL_CHANGE,
    NOTE_OFF,
    NOTE_ON,
    PITCH_BEND,
    POLY_PRESSURE,
    PRESSURE,
    PROGRAM,
    TICK,
    control_change,
    note_off,
    note_on,
    real_time,
    song_position,
    voice,
)
from lkjam_box.ports.din_queue import BYTE_S, DinQueue, Pace

channels = st.integers(0, 2)
data = st.integers(0, 127)
few = st.sampled_from((0, 1, 63, 64, 127))
controllers = st.sampled_from(
    (0, 1, 2, 6, 7, 11, 32, 33, 38, 39, 64, 65, 66, 74, 84, 88, 96, *range(98, 102), 120, 121, 123)
)
pitches = st.sampled_from((60, 61))
messages = st.one_of(
    st.builds(note_on, channels, pitches, st.integers(1, 127)),
    st.builds(note_off, channels, pitches),
    st.builds(control_change, channels, controllers, few),
    st.builds(lambda c, a, b: voice(PITCH_BEND, c, a, b), channels, data, data),
    st.builds(lambda c, a: voice(PRESSURE, c, a), channels, data),
    st.builds(lambda c, n, a: voice(POLY_PRESSURE, c, n, a), channels, pitches, data),
    st.builds(lambda c, a: voice(PROGRAM, c, a), channels, data),
    st.sampled_from((real_time(TICK), real_time(CONTINUE), song_position(8))),
)


def controls(*numbers):
    return st.builds(control_change, st.just(0), st.sampled_from(numbers), st.sampled_from((1, 2)))


def plays_of(some):
    """Messages put in, and numbers of messages taken out meanwhile."""
    return st.lists(st.one_of(some, some, some, st.integers(1, 2)), max_size=40)


parameters = controls(98, 99, 101, 6, 38, 96)
pairs = controls(1, 33, 7, 39)
walls = st.one_of(
    controls(1, 2, 121),
    st.builds(lambda a: voice(PITCH_BEND, 0, a, a), data),
    st.just(note_on(0, 60, 9)),
)
plays = plays_of(messages)


def through(play):
    """(all that was put in, all that came out)"""
    queue, came = DinQueue(), []
    for what in play:
        if isinstance(what, int):
            came += [message for message in (queue.take() for _ in range(what)) if message]
        else:
            queue.put(what)
    while queue:
        came.append(queue.take())
    assert queue.take() is None
    return [what for what in play if not isinstance(what, int)], came


def is_note(message):
    return message.kind in (NOTE_ON, NOTE_OFF)


class Synth:
    """All that a receiver keeps of what it was sent. ``resets``: a coarse value clears the fine."""

    def __init__(self, sent, resets):
        self.state, self.heard, self.selected = {}, [], {}
        for message in sent:
            if message.channel >= 0:
                self.take(message, resets)

    def take(self, message, resets):
        channel, kind = message.channel, message.kind
        if kind in (NOTE_ON, NOTE_OFF):
            self.heard.append((channel, bytes(message)))
        elif kind == POLY_PRESSURE:
            self.state[channel, kind, message.pitch] = message.value
        elif kind != CONTROL_CHANGE:
            self.state[channel, kind] = message[1:]
        elif message.number == 121:
            self.state[channel, PITCH_BEND] = self.state[channel, PRESSURE] = "neutral"
            for number in (1, 2, 11, *range(64, 70)):
                self.state[channel, "cc", number] = "neutral"
            self.selected[channel] = {}
        elif message.number in (98, 99, 100, 101):
            kind = "NRPN" if message.number < 100 else "RPN"
            now = self.selected.get(channel, {})
            kept = {n: v for n, v in now.items() if (n < 100) == (message.number < 100)}
            self.selected[channel] = {**kept, message.number: message.value}
        elif message.number in (6, 38, 96):
            parameter = (channel, *sorted(self.selected.get(channel, {}).items()))
            if message.number == 96:
                self.state[parameter, 96] = self.state.get((parameter, 96), 0) + 1
            else:
                self.state[parameter, message.number] = message.value
                if resets and message.number == 6:
                    self.state[parameter, 38] = 0
        else:
            self.state[channel, "cc", message.number] = message.value
            if resets and message.number < 32:
                self.state[channel, "cc", message.number + 32] = 0


@pytest.mark.parametrize(
    "some", [messages, parameters, pairs, walls], ids=("all", "parameters", "pairs", "walls")
)
@pytest.mark.parametrize("resets", [False, True])
@given(st.data())
def test_the_synth_ends_as_if_all_had_come(some, resets, draws):
    sent, came = through(draws.draw(plays_of(some)))
    ours, plain = Synth(came, resets), Synth(sent, resets)
    assert ours.state == plain.state
    assert ours.selected == plain.selected


@given(plays)
def test_notes_and_system_messages_come_all_and_in_order(play):
    sent, came = through(play)
    for wanted in (is_note, lambda m: m.channel < 0):
        assert [m for m in came if wanted(m)] == [m for m in sent if wanted(m)]


@given(plays)
def test_what_gives_a_note_its_meaning_stays_where_it_was(play):
    sent, came = through(play)

    def skeleton(stream, channel):
        down, ahead, found = {}, {}, []
        for message in (m for m in stream if m.channel == channel):
            kind, number = message.kind, message[1]
            if is_note(message) or kind == PROGRAM:
                found.append((message, dict(ahead)))
            elif kind == CONTROL_CHANGE and number in (0, 32, 84, 88):
                ahead[number] = message.value
            elif kind == CONTROL_CHANGE and number in (64, 65, 66):
                if down.get(number) != (message.value >= 64):
                    down[number] = message.value >= 64
                    found.append((number, down[number]))
            elif kind == CONTROL_CHANGE and number in (120, 121, 123):
                found.append(message)
        return found

    for channel in range(3):
        assert skeleton(came, channel) == skeleton(sent, channel)


@given(st.lists(st.one_of(st.sampled_from(("bend", "note")), st.integers(1, 3)), max_size=40))
def test_a_note_never_sounds_with_a_bend_older_than_its_own(play):
    bends, made = 0, []
    for what in play:
        if what == "bend":
            bends += 1
            made.append(voice(PITCH_BEND, 0, bends, 0))
        else:
            made.append(note_on(0, 60, 1 + bends) if what == "note" else what)
    bent = 0
    for message in through(made)[1]:
        if message.kind == PITCH_BEND:
            assert message[1] > bent
            bent = message[1]
        else:
            assert bent >= message.velocity - 1


def test_notes_overtake_values_of_every_channel_and_clock_overtakes_notes():
    queue = DinQueue()
    values = [control_change(c, n, 9) for c in range(16) for n in (1, 2, 7, 11)]
    for message in (*values, note_on(3, 60, 9), note_off(3, 60), real_time(TICK)):
        queue.put(message)
    assert queue.urgent
    assert [queue.take() for _ in range(3)] == [
        real_time(TICK),
        note_on(3, 60, 9),
        note_off(3, 60),
    ]
    assert not queue.urgent
    assert [queue.take() for _ in values] == values


@pytest.mark.parametrize("number", [0, 64, 88, 101, 120])
def test_what_is_set_up_on_another_channel_is_overtaken(number):
    queue = DinQueue()
    for _ in range(40):
        queue.put(control_change(5, number, 0))
        queue.put(voice(PROGRAM, 5, 0))
    assert queue.take().channel == 5
    queue.put(note_on(3, 60, 9))
    assert queue.take() == note_on(3, 60, 9)


def test_however_long_a_flood_no_more_than_the_newest_waits():
    queue = DinQueue()
    for value in range(128):
        for channel in range(6):
            queue.put(voice(PITCH_BEND, channel, value, value))
            queue.put(control_change(channel, 64, min(value, 63)))
            for number, now in ((99, 1), (98, 8), (6, value), (38, value)):
                queue.put(control_change(channel, number, now))
    came = []
    while queue:
        came.append(queue.take())
    assert len(came) == 6 * 6
    assert sorted(m[0] for m in came if m[1:] == bytes((127, 127))) == [0xE0 + c for c in range(6)]


@given(st.sets(st.tuples(st.integers(0, 15), st.integers(102, 119)), min_size=2, max_size=30))
def test_no_value_waits_longer_than_all_others_take(keys):
    queue = DinQueue()
    keys = sorted(keys)
    seen = []
    for turn in range(3 * len(keys)):
        for channel, number in keys:  # each is renewed between any two that go
            queue.put(control_change(channel, number, turn))
        for number, value in ((99, 0), (98, turn % 2), (6, turn)):  # and a knob turns besides
            queue.put(control_change(0, number, value))
        message = queue.take()
        seen.append((message.channel, message.number))
    assert set(keys) <= set(seen[: len(keys) + 1])
    assert set(keys) <= set(seen[-len(keys) - 2 :])


def test_a_pedal_that_goes_up_and_down_does_both():
    queue = DinQueue()
    for value in (10, 90, 127, 40, 0, 70, 100):
        queue.put(control_change(0, 64, value))
    assert [queue.take().value for _ in range(4)] == [10, 127, 0, 100]
    assert not queue


def test_the_kernel_is_given_little_before_its_time():
    pace = Pace()
    assert pace.due_s(False) < 0
    pace.gave(1.0, 3)
    assert pace.due_s(False) == pytest.approx(1.0 + BYTE_S)  # two bytes before the wire is free
    assert pace.due_s(True) < 1.0  # a note may follow at once ...
    pace.gave(1.0, 3)
    assert pace.due_s(True) == pytest.approx(1.0 + BYTE_S)  # ... but not a third message
    pace.gave(2.0, 3)
    assert pace.due_s(False) == pytest.approx(2.0 + BYTE_S)
    pace.queued(2.0, 10)
    assert pace.due_s(False) == pytest.approx(2.0 + 8 * BYTE_S)
