"""An option that was edited since wins over what was chosen beside its old value."""

import msgspec
import pytest

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.protocol.choices import Choices, Device, read_choices
from lkjam_box.state.remembered import State, remembered, still_counts, told_by

CHOSEN = Choices(
    progression="Jazz blues",
    transpose=-3,
    turn_bars=2,
    line_up=("human", "A", "B"),
    offset_ms=-8.5,
    controls={"A": (1.0, 3.0, 2.0, -1.0, 0.4), "B": (0.0, 0.0, 5.0, 0.0, -1.0)},
    settings={"brain.channel": 3, "thru.back": True, "controls.heat": "74"},
)


def stored(config: Config = Config()) -> State:  # noqa: B008 - frozen
    state = State(boots=3, choices=CHOSEN, options=told_by(config))
    return msgspec.json.decode(msgspec.json.encode(state), type=State)


def test_what_was_chosen_is_there_again():
    assert still_counts(stored(), Config()) == CHOSEN
    edited_elsewhere = override(Config(), {"clock.bpm": 99, "thru.channel": 3})
    assert still_counts(stored(), edited_elsewhere) == CHOSEN


@pytest.mark.parametrize(
    ("option", "value", "gone"),
    [
        ("music.progression", "Rhythm", {"progression": None, "transpose": 0}),
        ("turns.turn_bars", 8, {"turn_bars": None}),
        ("turns.line_up", "human", {"line_up": None}),
        ("clock.output_offset_ms", 3, {"offset_ms": None}),
    ],
)
def test_an_edited_option_wins(option, value, gone):
    left = still_counts(stored(), override(Config(), {option: value}))
    assert left == msgspec.structs.replace(CHOSEN, **gone)


@pytest.mark.parametrize(
    ("option", "value"), [("brain.channel", 5), ("thru.back", True), ("controls.heat", "21")]
)
def test_an_edited_option_wins_over_its_setting_and_over_no_other(option, value):
    left = still_counts(stored(), override(Config(), {option: value}))
    settings = {name: kept for name, kept in CHOSEN.settings.items() if name != option}
    assert left == msgspec.structs.replace(CHOSEN, settings=settings)


def test_a_setting_of_another_version_is_left_out():
    odd = State(choices=Choices(settings={"brain.seed": 3}), options=told_by(Config()))
    assert still_counts(odd, Config()) == Choices()


def test_an_edited_control_wins_in_every_seat_and_alone():
    left = still_counts(stored(), override(Config(), {"brain.density": 4}))
    assert left.controls == {"A": (1.0, 3.0, 4.0, -1.0, 0.4), "B": (0.0, 0.0, 4.0, 0.0, -1.0)}


def test_edited_and_edited_back_is_not_noticed():
    assert still_counts(stored(), override(Config(), {"brain.density": 0})) == CHOSEN


def test_nothing_remembered_and_controls_of_another_version():
    assert still_counts(State(), Config()) == Choices()
    odd = State(choices=Choices(controls={"A": (1.0, 2.0)}), options=told_by(Config()))
    assert still_counts(odd, Config()) == Choices()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"transpose": "high"}', b"\xff", "null"])
def test_rubbish_is_no_choice(text):
    assert read_choices(text) == Choices()


def test_choices_travel_as_text():
    assert read_choices(CHOSEN.encode()) == CHOSEN


def test_the_newest_devices_are_kept_once_each():
    many = [Device("keyboard", f"keys {i % 40}", "1-1") for i in range(80)]
    kept = remembered(many)
    assert len(kept) == 32
    assert kept[-1] == many[-1]


@pytest.mark.parametrize("seats", [(), ("human", "D"), ("A",) * 9])
def test_seats_of_another_box_are_left_out(seats):
    odd = State(
        choices=Choices(line_up=seats, controls={"D": (0.0,) * 5, "": (0.0,) * 5}),
        options=told_by(Config()),
    )
    assert still_counts(odd, Config()) == Choices()


def test_what_an_older_box_remembered_still_counts():
    old = b'{"progression":"Bird blues","dials":{"A":[2.0,3.0,1.0,0.0,0.5]}}'
    assert read_choices(old).controls == {"A": (2.0, 3.0, 1.0, 0.0, 0.5)}
