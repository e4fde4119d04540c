"""From the button to the disk and back: the menu on the real stage, in virtual time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lkjam_box.config.load import override
from lkjam_box.config.options import Config
from lkjam_box.midi.messages import NOTE_ON, control_change, note_off, note_on
from lkjam_box.panel.contacts import Button, FakePad
from lkjam_box.panel.face import PanelFace
from lkjam_box.panel.menu import OPEN_S
from lkjam_box.panel.menu_entries import entries
from lkjam_box.panel.screens import FakeScreen
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.protocol.choices import read_choices
from lkjam_box.protocol.controls import CHOICES
from lkjam_box.protocol.records import (
    Command,
    CommandId,
    ControlId,
    ControlSetting,
    RoleSetting,
    Setting,
    SettingId,
)
from lkjam_box.protocol.settings import CONTROLLER, OFF, overlaid
from lkjam_box.protocol.shared_state import Mode
from lkjam_box.stage.stage import Stage
from lkjam_box.state.disk import FakeDisk
from lkjam_box.state.remembered import State, still_counts, told_by
from lkjam_box.state.slots import Slots
from lkjam_box.tempo.external_clock import ExternalClock

from .world import DrumMachine, Parrot, small_library

FRAME_S = 1 / 30
CONFIG = override(Config(), {"turns.turn_bars": 2})
DEVICES = ((1, "KeyStep", 1, False), (2, "TR-8S", 2, False))


class Box:
    """The stage, and the panel before it: press, and look at what became of it."""

    def __init__(self, config: Config = CONFIG, beats: float = 0.0) -> None:
        self.config = config
        self.gig = Gig(config, small_library(), ExternalClock(), lambda _: Parrot())
        self.drum = DrumMachine(self.gig)
        if beats:
            self.drum.start()
            self.drum.run(beats, 120)
        self.pad, self.screen = FakePad(), FakeScreen()
        self.asked: list[object] = []
        self.devices = list(DEVICES)
        self.face = PanelFace(config.panel, self._ask, [self.screen], self.pad)
        self.rest(0.1)

    def _ask(self, request: object) -> None:
        stage, now_s = self.gig.stage, self.gig.now_s
        self.asked.append(request)
        match request:
            case Command():
                stage.command(now_s, request)
            case ControlSetting():
                stage.control(now_s, request)
            case Setting():
                stage.setting(now_s, request)
            case RoleSetting(number, roles):  # as the ports do
                self.devices = [
                    (n, name, roles if n == number and roles >= 0 else bits, n == number)
                    for n, name, bits, _ in self.devices
                ]

    @property
    def snapshot(self):
        shown = self.gig.stage.snapshot(self.gig.now_s)
        return replace(shown, devices=tuple(self.devices))

    def rest(self, for_s: float) -> None:
        """Let time pass, the panel looking at the stage meanwhile."""
        until_s = self.gig.now_s + for_s
        while self.gig.now_s < until_s - 1e-9:
            self.gig.run(min(self.gig.now_s + FRAME_S, until_s))
            self.face.tend(self.gig.now_s, self.snapshot)

    def click(self, *buttons: Button) -> None:
        for button in buttons:
            self.pad.press(self.gig.now_s, button, 0.06)
            self._let_go(0.06)

    def hold(self, button: Button) -> None:
        self.pad.press(self.gig.now_s, button, 1.1)
        self._let_go(1.1)

    def _let_go(self, for_s: float) -> None:
        """The contact opens when its time has come."""
        down, up = self.pad.edges()
        self.pad._edges.append(down)
        self.rest(for_s)
        self.pad._edges.append(up)
        self.rest(0.06)

    def key(self, *messages) -> None:
        for message in messages:
            self.gig.key(self.gig.now_s + 0.01, message)
            self.rest(0.04)

    def value(self, key: str) -> float:
        snapshot = self.snapshot
        return next(e.value(snapshot) for e in entries(snapshot) if e.key == key)

    def after_power_cut(self) -> Box:
        """A new box that has what this one wrote to its disk, of which nothing else is left."""
        disk = FakeDisk()
        choices = read_choices(self.snapshot.choices)
        Slots(disk).save(State(choices=choices, options=told_by(self.config)))
        kept = still_counts(Slots(disk.restarted(lambda _: 0)).state, self.config)
        new = Box(self.config)
        new.gig.stage = Stage(
            overlaid(self.config, kept.settings),
            small_library(),
            send=lambda *_: None,
            to_brain=lambda _: None,
            clock=ExternalClock(),
            choices=kept,
        )
        return new


def go_to(box: Box, key: str, by_knob: bool) -> None:
    """From the idle screen to an entry whose value is turned."""
    box.hold(Button.TURN)
    every = entries(box.snapshot)
    place = next(at for at, entry in enumerate(every) if entry.key == key)
    if not by_knob:
        group, here = every[place].group, 0
        box.click(*[Button.KEY] * group)
        here = next(at for at, entry in enumerate(every) if entry.group == group)
        place -= here
    box.click(*[Button.NEXT] * place)
    box.click(Button.TURN)


KEYS = [entry.key for entry in entries(Box().snapshot)]


@pytest.mark.parametrize("by_knob", [False, True], ids=["buttons", "knob"])
@pytest.mark.parametrize("key", KEYS)
def test_every_entry_is_reached_changed_and_remembered_over_a_power_cut(key, by_knob):
    box = Box()
    before = box.value(key)
    go_to(box, key, by_knob)
    box.click(Button.NEXT, Button.NEXT)
    if box.value(key) == before:  # it was the last of its choices
        box.click(Button.PREVIOUS, Button.PREVIOUS)
    changed = box.value(key)
    assert changed != before
    box.click(Button.TURN)
    box.hold(Button.TURN)
    asked = len(box.asked)
    box.click(Button.NEXT)
    assert box.asked[asked:] == [Command(CommandId.NEXT_PROGRESSION)]  # the menu is closed
    if key.startswith("device"):  # those the ports remember
        assert box.asked[asked - 1] == RoleSetting(int(key.split()[1]), int(changed))
        return
    assert box.after_power_cut().value(key) == changed


@pytest.mark.parametrize("control", CHOICES)
def test_a_knob_is_learnt_for_every_dial_remembered_and_given_back(control):
    box = Box()
    go_to(box, control.name.lower(), by_knob=True)
    box.key(*(control_change(4, 21, value) for value in range(0, 120, 6)))
    setting = CONTROLLER[control]
    assert box.snapshot.settings[setting] == 21
    box.click(Button.TURN)
    box.hold(Button.TURN)
    new = box.after_power_cut()
    assert new.snapshot.settings[setting] == 21
    before = new.value(control.name.lower())
    new.gig.stage.midi(new.gig.now_s, "keyboard", control_change(0, 21, 127 if not before else 0))
    assert new.value(control.name.lower()) != before
    go_to(new, control.name.lower(), by_knob=True)
    new.hold(Button.TURN)
    assert new.snapshot.settings[setting] == OFF
    assert new.after_power_cut().snapshot.settings[setting] == OFF


def test_the_range_is_played():
    box = Box()
    go_to(box, "listen.low", by_knob=False)
    box.key(note_on(0, 48, 80), note_off(0, 48))
    box.click(Button.KEY)
    box.key(note_on(0, 84, 70), note_off(0, 84))
    shown = box.snapshot.settings
    assert (shown[SettingId.LISTEN_LOW], shown[SettingId.LISTEN_HIGH]) == (48, 84)
    box.rest(OPEN_S + 1)
    box.key(note_on(0, 40, 80), note_off(0, 40))
    assert box.snapshot.heard_pitch == -1
    assert box.snapshot.settings[SettingId.LISTEN_LOW] == 48  # the menu is closed
    box.key(note_on(0, 50, 80), note_off(0, 50))
    assert box.snapshot.heard_pitch == 50


def test_a_menu_left_open_in_a_set_lands_on_the_line_and_gives_the_screen_back():
    box = Box(beats=4 + 8 * 6)
    box.click(Button.START)  # the drum machine plays; the box is stopped
    go_to(box, "brain.channel", by_knob=False)
    box.click(Button.START)  # and begins at the next bar, the menu being open
    while box.snapshot.mode != Mode.TRADING:
        box.rest(0.1)
    box.click(Button.NEXT)
    assert box.snapshot.settings[SettingId.BOX_CHANNEL] == 2
    assert box.gig.stage.options.brain.channel == 1
    line_s = box.drum.time_of(box.snapshot.turn_end_beats)
    box.rest(line_s - box.gig.now_s + 0.1)
    assert box.gig.stage.options.brain.channel == 2
    box.rest(OPEN_S)
    box.hold(Button.TURN)
    assert box.asked[-1] == ControlSetting(0, ControlId.STRATEGY, 1, relative=True)
    struck = [s for s in box.gig.sent if s.message.kind == NOTE_ON and s.message.channel == 1]
    assert struck
    box.gig.stage.close(box.gig.now_s)
    assert box.gig.sounding() == []


def test_the_offset_is_found_by_ear():
    box = Box(beats=80)
    box.rest(0.5)
    box.click(Button.START)
    go_to(box, "offset", by_knob=True)
    begin = len(box.gig.sent)
    box.rest(4.0)
    clicks = [s.time_s for s in box.gig.sent[begin:] if s.message.kind == NOTE_ON]
    assert len(clicks) in (7, 8, 9)
    box.click(*[Button.PREVIOUS] * 8)
    assert box.snapshot.offset_ms == -8.0
    box.click(Button.TURN)
    begin = len(box.gig.sent)
    box.rest(3.0)
    assert not [s for s in box.gig.sent[begin:] if s.message.kind == NOTE_ON]
    assert box.gig.sounding() == []


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(list(Button)), st.booleans(), st.sampled_from([0.05, 1.0, 6.0])),
        max_size=30,
    )
)
def test_any_walk_over_the_buttons_leaves_a_sound_box(presses):
    box = Box(beats=4 * 200)
    for button, held, wait_s in presses:
        (box.hold if held else box.click)(button)
        box.rest(wait_s)
    box.rest(OPEN_S + 20.0)
    snapshot = box.snapshot
    assert not snapshot.learning
    assert overlaid(box.config, read_choices(snapshot.choices).settings) == box.gig.stage.options
    box.hold(Button.START)
    assert box.asked[-1] == Command(CommandId.PANIC)
    box.gig.stage.close(box.gig.now_s)
    assert box.gig.sounding() == []
