"""A bouncing contact gives one press; pedals of every make, mono plugs, a knob."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.panel.contacts import Contact, Footswitch, Gesture, Knob

DEBOUNCE_S, LONG_S = 0.008, 1.0


def run(edges, until_s, step_s=0.001):
    """Feed edges and poll in between, as a 1 kHz loop would."""
    contact = Contact(DEBOUNCE_S, LONG_S)
    found, edges = [], sorted(edges)
    now_s = 0.0
    while now_s < until_s:
        while edges and edges[0][0] <= now_s:
            edge_s, down = edges.pop(0)
            found += [(round(edge_s, 4), gesture) for gesture in contact.edge(edge_s, down)]
        found += [(round(now_s, 4), gesture) for gesture in contact.poll(now_s)]
        now_s += step_s
    return found


def test_a_click():
    found = run([(0.1, True), (0.2, False)], 0.5)
    assert found == [(0.1, Gesture.DOWN), (0.2, Gesture.SHORT)]


def test_the_first_edge_counts_at_once():
    contact = Contact(DEBOUNCE_S, LONG_S)
    assert contact.edge(1.0, True) == (Gesture.DOWN,)


def test_a_long_press_is_told_while_it_is_held_and_its_release_says_nothing():
    found = run([(0.1, True), (1.5, False)], 2.0)
    assert [gesture for _, gesture in found] == [Gesture.DOWN, Gesture.LONG]
    assert abs(found[1][0] - 1.1) < 0.002


def test_a_press_shorter_than_the_bounce_still_ends():
    found = run([(0.1, True), (0.103, False)], 0.5)
    assert [gesture for _, gesture in found] == [Gesture.DOWN, Gesture.SHORT]


bounce = st.lists(st.floats(0.0001, DEBOUNCE_S * 0.9), max_size=8).map(sorted)


@given(st.lists(st.tuples(bounce, bounce), min_size=1, max_size=5))
def test_bounces_never_make_or_lose_a_press(presses):
    edges = []
    for number, (closing, opening) in enumerate(presses):
        down_s, up_s = 0.1 + number * 0.3, 0.25 + number * 0.3
        edges.append((down_s, True))
        for index, offset in enumerate(closing):
            edges.append((down_s + offset, index % 2 == 1))
        edges.append((down_s + DEBOUNCE_S * 0.95, True))
        edges.append((up_s, False))
        for index, offset in enumerate(opening):
            edges.append((up_s + offset, index % 2 == 0))
        edges.append((up_s + DEBOUNCE_S * 0.95, False))
    gestures = [gesture for _, gesture in run(edges, 0.4 + 0.3 * len(presses))]
    assert gestures == [Gesture.DOWN, Gesture.SHORT] * len(presses)


def clicks(edges):
    """What the panel makes of them."""
    contact, found = Contact(0.008, 1.0), []
    for time_s, down in edges:
        found += contact.edge(time_s, down)
    return found + list(contact.poll(99.0))


def stepped(foot, *edges):
    return [edge for time_s, closed in edges for edge in foot.edge(time_s, closed)]


def test_a_tip_acts_at_once_and_may_be_held():
    assert stepped(Footswitch(False, False), (1.0, True)) == [(1.0, True)]


def test_a_pedal_that_rests_closed_acts_when_it_opens():
    assert stepped(Footswitch(True, False), (1.0, False), (1.2, True)) == [
        (1.0, True),
        (1.2, False),
    ]


def test_a_mono_plug_from_the_start_never_acts_on_the_ring():
    assert stepped(Footswitch(True, True)) == []


def test_a_mono_plug_that_comes_later_never_acts_on_the_ring():
    assert stepped(Footswitch(False, True), (1.0, True), (60.0, False)) == []


def test_a_step_on_the_second_pedal_is_one_click():
    bouncing = [(1.0, True), (1.001, False), (1.002, True), (1.3, False), (1.301, True)]
    edges = stepped(Footswitch(False, True), *bouncing, (1.302, False))
    assert clicks(edges) == [Gesture.DOWN, Gesture.SHORT]


RIGHT = [(True, True), (False, True), (True, False), (False, False)]
LEFT = [(False, True), (True, True), (False, False), (True, False)]


def turned(edges):
    knob = Knob()
    return [step for is_a, closed in edges if (step := knob.edge(is_a, closed))]


def test_a_knob_tells_the_way():
    assert turned(RIGHT * 3) == [1, 1, 1]
    assert turned(LEFT * 2) == [-1, -1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(1, 3)), max_size=6))
def test_bounces_of_a_knob_add_nothing(bounces):
    edges = list(RIGHT)
    for place, times in bounces:
        is_a, closed = RIGHT[place]
        at = edges.index((is_a, closed)) + 1
        edges[at:at] = [(is_a, not closed), (is_a, closed)] * times
    assert turned(edges) == [1]


def test_half_a_turn_and_back_is_no_step():
    assert turned([RIGHT[0], RIGHT[1], (False, False), (True, False)]) == []
