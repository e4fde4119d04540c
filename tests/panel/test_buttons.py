"""A bouncing contact gives one press; every gesture asks for what the table says."""

from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.panel.actions import ACTIONS, Button, command_for
from lkjam_box.panel.contacts import Contact, Gesture
from lkjam_box.panel.terminal import keys_help, press_of
from lkjam_box.protocol.records import Command, CommandId

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


def test_start_held_long_is_panic():
    assert command_for(Button.START, Gesture.SHORT) == Command(CommandId.START_STOP)
    assert command_for(Button.START, Gesture.LONG) == Command(CommandId.PANIC)
    assert command_for(Button.START, Gesture.DOWN) is None


def test_the_line_button_acts_on_the_way_down():
    assert command_for(Button.LINE, Gesture.DOWN) == Command(CommandId.LINE_HERE)
    assert command_for(Button.LINE, Gesture.SHORT) is None


def test_every_button_has_an_action_and_a_key_of_its_own():
    assert set(ACTIONS) == set(Button)
    for button in Button:
        click = Gesture.DOWN if ACTIONS[button].at_once else Gesture.SHORT
        assert press_of(button.value) == (button, click)
        assert command_for(button, click) == ACTIONS[button].click
        if button.value.isalpha():
            assert press_of(button.value.upper()) == (button, Gesture.LONG)
    assert press_of("0") == (Button.START, Gesture.LONG)
    assert press_of("x") is None


def test_the_terminals_help_names_every_press():
    words = keys_help()
    for action in ACTIONS.values():
        assert action.words in words
        assert action.long_words in words
        assert action.page_words in words
