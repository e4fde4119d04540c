"""The menu: every entry within reach, every word within the screen, never in the way."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lkjam_box.config.options import Panel
from lkjam_box.panel import fonts
from lkjam_box.panel.contacts import Button, FakePad, Gesture
from lkjam_box.panel.face import PanelFace
from lkjam_box.panel.field import pitch_words
from lkjam_box.panel.menu import OPEN_S, Menu
from lkjam_box.panel.menu_entries import LINE_UPS, entries
from lkjam_box.panel.screens import FakeScreen
from lkjam_box.panel.terminal import keys_help, press_of
from lkjam_box.play.gallery import MENU
from lkjam_box.protocol.choices import Role
from lkjam_box.protocol.controls import CHOICES
from lkjam_box.protocol.records import (
    STEERED,
    Command,
    CommandId,
    ControlId,
    ControlSetting,
    RoleSetting,
    Setting,
    SettingId,
)
from lkjam_box.protocol.settings import OFF, RANGES
from lkjam_box.protocol.shared_state import Mode, Snapshot
from lkjam_box.turns.grid import line_up_number

IDLE = replace(MENU["menu"][0], line_up=(0, 1), offset_ms=0.0)
SHORT, LONG, DOWN = Gesture.SHORT, Gesture.LONG, Gesture.DOWN


def opened(snapshot=IDLE, key=""):
    """A menu that shows the entry ``key``."""
    menu = Menu()
    menu.look(0.0, snapshot)
    assert menu.press(0.0, Button.TURN, LONG) == ()
    for entry in entries(snapshot):
        if entry.key == key:
            break
        menu.press(0.0, Button.NEXT, SHORT)
    return menu


def turned(key, *presses, snapshot=IDLE, time_s=0.1):
    """What presses on an entry whose value is turned ask for."""
    menu = opened(snapshot, key)
    menu.press(time_s, Button.TURN, SHORT)
    return [request for press in presses for request in menu.press(time_s, *press)]


def settings_asked(requests):
    return [request for request in requests if isinstance(request, (Setting, RoleSetting))]


UP, DOWN_ONE = (Button.NEXT, SHORT), (Button.PREVIOUS, SHORT)


@pytest.mark.parametrize("mode", [Mode.IDLE, Mode.ARMED, Mode.DONE])
def test_a_long_turn_opens_it_between_turns(mode):
    assert opened(replace(IDLE, mode=mode)).is_open(0.0)


@pytest.mark.parametrize("mode", [Mode.COUNT_IN, Mode.TRADING])
def test_in_a_turn_the_buttons_are_what_they_were(mode):
    menu = Menu()
    assert menu.press(0.0, Button.TURN, LONG) is None  # nothing seen yet
    menu.look(0.0, replace(IDLE, mode=mode))
    for button in Button:
        for gesture in Gesture:
            assert menu.press(0.0, button, gesture) is None


def test_every_setting_and_every_device_has_an_entry():
    keys = {entry.key for entry in entries(IDLE)}
    controllers = {f"controls.{control.name.lower()}" for control in CHOICES}
    assert {kind.option.dotted for kind in RANGES.values()} - controllers <= keys
    assert {"strategy", "style", "density", "register", "heat", "line-up", "offset"} <= keys
    assert {"device 1", "device 2", "device 3"} <= keys
    assert len(keys) == len(entries(IDLE))


def test_next_goes_through_all_and_previous_back():
    menu, names = opened(), []
    for _ in entries(IDLE):
        names.append(menu.field(0.0).name)
        menu.press(0.0, Button.NEXT, SHORT)
    assert names == [entry.name for entry in entries(IDLE)]
    assert menu.field(0.0).name == names[0]
    menu.press(0.0, Button.PREVIOUS, SHORT)
    assert menu.field(0.0).name == names[-1]


def test_key_goes_to_the_next_group_or_turns_the_next_entry():
    menu, groups = opened(), []
    by_name = {entry.name: entry.group for entry in entries(IDLE)}
    for _ in range(6):
        groups.append(by_name[menu.field(0.0).name])
        menu.press(0.0, Button.KEY, SHORT)
    assert groups == [0, 1, 2, 3, 4, 5]
    assert menu.field(0.0).name == "strategy"
    menu.press(0.0, Button.TURN, SHORT)
    asked = menu.press(0.0, Button.KEY, SHORT)
    assert menu.field(0.0).name == "style"
    assert menu.field(0.0).lit
    assert asked == (Command(CommandId.LEARN, 0), Command(CommandId.LEARN, ControlId.STYLE))


@pytest.mark.parametrize("key", [entry.key for entry in entries(IDLE)])
def test_every_choice_of_every_entry_is_reached_and_has_words_that_fit(key):
    entry = next(entry for entry in entries(IDLE) if entry.key == key)
    asked = set()
    for press in (UP, DOWN_ONE):
        for request in turned(key, *[press] * 2 * len(entry.choices)):
            asked.add(request)
    reached = {entry.value(IDLE)} | {r.value for r in asked if hasattr(r, "value")}
    reached |= {r.roles for r in asked if isinstance(r, RoleSetting)}
    if entry.presses == 1:
        assert set(entry.choices) <= reached | {entry.value(IDLE)}
    assert {min(entry.choices), max(entry.choices)} <= reached
    for value in entry.choices:
        words = entry.words(IDLE, value)
        assert fonts.fits(words, 124), words


def test_the_help_fits_and_the_names_do_beside_their_marks():
    for entry in entries(IDLE):
        menu = opened(key=entry.key)
        lines = menu.field(0.0).help
        menu.press(0.0, Button.TURN, SHORT)
        field = menu.field(0.0)
        for line in (*lines, *field.help):
            assert fonts.fits(line, 128), line
        if not entry.key.startswith("device"):
            assert fonts.fits(f"next: {field.name}  {field.mark}", 128), field


def test_quick_presses_count_though_the_stage_has_told_of_none_yet():
    assert settings_asked(turned("brain.channel", UP, UP, UP)) == [
        Setting(SettingId.BOX_CHANNEL, value) for value in (2.0, 3.0, 4.0)
    ]


def test_what_the_stage_refused_is_not_shown_for_long():
    menu = opened(key="brain.channel")
    menu.press(1.0, Button.TURN, SHORT)
    menu.press(1.0, Button.NEXT, SHORT)
    assert menu.field(1.5).value == "2"
    assert menu.field(2.5).value == "1"


def test_roles_and_line_ups_go_round():
    roles = [request.roles for request in turned("device 1", *[UP] * 9)]
    every = [int(Role.PLAYER), 2, 4, 5, 3, 6, 7, 0, -1]
    assert roles == every
    asked = [r.value for r in turned("line-up", *[UP] * len(LINE_UPS))]
    assert asked == [float(line_up_number(s)) for s in (*LINE_UPS[1:], LINE_UPS[0])]


def test_held_it_is_as_it_came():
    told = replace(IDLE, settings=tuple(5 for _ in SettingId), offset_ms=-9.0)
    for button in (Button.TURN, Button.KEY):
        for key, which in (("brain.channel", SettingId.BOX_CHANNEL), ("thru.channel", 0)):
            assert turned(key, (button, LONG), snapshot=told) == [
                Setting(which, RANGES[SettingId(which)].default)
            ]
        assert turned("offset", (button, LONG), snapshot=told) == [
            Command(CommandId.OUTPUT_OFFSET, 0.0)
        ]
        assert turned("device 2", (button, LONG)) == [RoleSetting(2, -1)]


def test_a_dial_is_turned_learns_a_knob_and_forgets_it():
    menu = opened(key="density")
    assert menu.press(0.0, Button.TURN, SHORT) == (Command(CommandId.LEARN, ControlId.DENSITY),)
    assert menu.press(0.0, Button.NEXT, SHORT) == (
        ControlSetting(STEERED, ControlId.DENSITY, 1.0),
        Command(CommandId.LEARN, ControlId.DENSITY),  # it learns on
    )
    assert menu.press(0.0, Button.TURN, LONG) == (Setting(SettingId.DENSITY_CC, OFF),)
    assert menu.press(0.0, Button.KEY, LONG) == (ControlSetting(STEERED, ControlId.DENSITY, 0.0),)
    assert menu.press(0.0, Button.TURN, SHORT) == (Command(CommandId.LEARN, 0),)


def test_a_played_key_sets_the_range_only_where_it_is_asked_for():
    menu = opened(key="listen.low")
    played = replace(IDLE, notes_in=IDLE.notes_in + 1, key_pitch=53, key_velocity=31)
    assert menu.look(0.1, played) == ()
    menu.press(0.2, Button.TURN, SHORT)
    assert menu.look(0.3, played) == ()
    played = replace(played, notes_in=played.notes_in + 1)
    assert menu.look(0.4, played) == (Setting(SettingId.LISTEN_LOW, 53),)
    assert menu.field(0.4).value == pitch_words(53) == "F3"
    assert menu.look(0.5, replace(played, notes_in=0)) == ()  # another stage, which counts anew
    menu.press(0.6, Button.KEY, SHORT)
    assert menu.look(0.7, replace(played, notes_in=1)) == (Setting(SettingId.LISTEN_HIGH, 53),)
    for _ in range(2):
        menu.press(0.8, Button.KEY, SHORT)
    assert menu.look(0.9, replace(played, notes_in=2)) == (Setting(SettingId.LEAST_VELOCITY, 31),)


@pytest.mark.parametrize(
    ("key", "begin", "end"),
    [
        ("offset", Command(CommandId.TEST_CLICK, 1), Command(CommandId.TEST_CLICK, 0)),
        ("heat", Command(CommandId.LEARN, ControlId.HEAT), Command(CommandId.LEARN, 0)),
    ],
)
def test_what_an_entry_begins_ends_with_it(key, begin, end):
    menu = opened(key=key)
    assert menu.press(0.0, Button.TURN, SHORT) == (begin,)
    assert menu.press(0.0, Button.TURN, SHORT) == (end,)
    menu.press(0.0, Button.TURN, SHORT)
    assert menu.look(OPEN_S - 0.1, IDLE) == ()
    assert menu.look(OPEN_S, IDLE) == (end,)
    assert not menu.is_open(OPEN_S)
    assert menu.look(OPEN_S + 1, IDLE) == ()


def test_a_device_that_is_pulled_out_leaves_the_menu():
    menu = opened(key="device 2")
    menu.press(0.0, Button.TURN, SHORT)
    gone = replace(IDLE, devices=IDLE.devices[:1])
    menu.look(0.1, gone)
    assert not menu.field(0.1).lit
    assert settings_asked(menu.press(0.2, Button.NEXT, SHORT)) == []
    menu.press(0.3, Button.KEY, SHORT)


def test_it_stays_open_when_a_turn_begins_under_who_plays_and_closes_by_itself():
    menu = opened(key="brain.channel")
    menu.press(0.0, Button.TURN, SHORT)
    menu.look(1.0, replace(IDLE, mode=Mode.TRADING, seat=0))
    assert settings_asked(menu.press(2.0, Button.NEXT, SHORT)) == [
        Setting(SettingId.BOX_CHANNEL, 2.0)
    ]
    assert menu.press(2.0, Button.TURN, SHORT) == ()
    assert menu.field(2.0 + OPEN_S) is None
    assert menu.press(2.0 + OPEN_S, Button.NEXT, SHORT) is None


def test_the_keys_of_a_terminal_say_how():
    assert "Menu: p entry before" in keys_help()
    assert press_of("T") == (Button.TURN, LONG)


def face_at(snapshot):
    sent, pad, screen = [], FakePad(), FakeScreen()
    face = PanelFace(Panel(), sent.append, [screen], pad)
    face.tend(0.0, snapshot)
    return face, sent, pad, screen


PRESSES = st.lists(
    st.tuples(
        st.sampled_from([Button.PREVIOUS, Button.NEXT, Button.KEY, Button.TURN]),
        st.sampled_from([0.1, 1.2]),
        st.sampled_from([0.2, 2.0, 20.0]),
        st.sampled_from(list(Mode)),
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(PRESSES)
def test_wherever_one_is_start_panic_and_line_act_and_the_menu_closes(presses):
    face, sent, pad, screen = face_at(IDLE)
    now_s, mode = 0.1, Mode.IDLE

    def look():
        face.tend(now_s, replace(IDLE, time_s=now_s, mode=mode))

    def press(button, for_s):
        nonlocal now_s
        pad.press(now_s, button, for_s)
        pad_edges = pad.edges()
        for edge_s, which, down in pad_edges:
            pad._edges.append((edge_s, which, down))
            now_s = edge_s + 0.01
            look()

    for button, for_s, wait_s, mode in presses:  # noqa: B007 - looked at by look
        press(button, for_s)
        now_s += wait_s
        look()
    for button, for_s, command in (
        (Button.START, 0.1, CommandId.START_STOP),
        (Button.START, 1.2, CommandId.PANIC),
        (Button.LINE, 0.1, CommandId.LINE_HERE),
    ):
        before = len(sent)
        press(button, for_s)
        assert sent[before:] == [Command(command)]
        now_s += 0.1
    now_s, mode = now_s + OPEN_S + 1, Mode.IDLE
    look()
    closed = face_at(IDLE)[3].images[-1].tobytes()
    now_s += 4.0
    look()
    assert screen.images[-1].tobytes() == closed
    learns = [r.value for r in sent if isinstance(r, Command) and r.command == CommandId.LEARN]
    clicks = [r.value for r in sent if isinstance(r, Command) and r.command == CommandId.TEST_CLICK]
    assert not any((*learns[-1:], *clicks[-1:]))


def test_the_screens_are_as_bright_as_asked_for_and_a_new_one_too():
    face, _, _, screen = face_at(IDLE)
    assert screen.brightness == RANGES[SettingId.BRIGHTNESS].default
    numbers = list(IDLE.settings)
    numbers[SettingId.BRIGHTNESS] = 3
    drawn = len(screen.images)
    face.tend(0.1, replace(IDLE, settings=tuple(numbers)))
    assert (screen.brightness, len(screen.images)) == (3, drawn)
    late = FakeScreen()
    face.screens.append(late)
    face.redraw()
    face.tend(0.2, replace(IDLE, settings=tuple(numbers)))
    assert (late.brightness, len(late.images)) == (3, 1)


def test_a_snapshot_of_a_stage_without_settings_is_no_trouble():
    menu = opened(Snapshot())
    for _ in range(30):
        menu.press(0.0, Button.TURN, SHORT)
        menu.press(0.0, Button.NEXT, SHORT)
        assert menu.field(0.0) is not None
        menu.press(0.0, Button.KEY, SHORT)
        menu.press(0.0, Button.TURN, SHORT)
        menu.press(0.0, Button.NEXT, SHORT)
