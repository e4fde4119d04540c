"""Buttons, lights and screens together, with fakes."""

from itertools import pairwise

import pytest
from PIL import Image

from lkjam_box.config.options import Panel
from lkjam_box.panel import terminal
from lkjam_box.panel.contacts import Button, FakePad
from lkjam_box.panel.face import FRAME_S, LOOK_S, PanelFace, carried
from lkjam_box.panel.leds import Lights, lights
from lkjam_box.panel.picture import message
from lkjam_box.panel.screens import FakeScreen
from lkjam_box.play.gif import write_gif
from lkjam_box.protocol.records import Command, CommandId
from lkjam_box.protocol.shared_state import Mode, Snapshot, Sync, WarningId

_RUNS = (Sync.LOCKING, Sync.LOCKED, Sync.FREEWHEEL, Sync.INTERNAL)


def face():
    sent, pad, screen = [], FakePad(), FakeScreen()
    return PanelFace(Panel(), sent.append, [screen], pad), sent, pad, screen


def test_a_click_becomes_a_command():
    panel, sent, pad, _ = face()
    pad.press(1.0, Button.NEXT)
    panel.tend(1.2, Snapshot(time_s=1.2))
    assert sent == [Command(CommandId.NEXT_PROGRESSION)]


def test_holding_start_is_panic_before_it_is_let_go():
    panel, sent, pad, _ = face()
    pad.press(1.0, Button.START, for_s=9.0)
    pad._edges.pop()
    for frame in range(60):
        panel.tend(1.0 + frame / 30, Snapshot(time_s=1.0 + frame / 30))
    assert sent == [Command(CommandId.PANIC)]


def test_only_a_changed_picture_is_sent():
    panel, _, _, screen = face()
    for frame in range(5):
        panel.tend(frame / 30, Snapshot(time_s=frame / 30, title="Blues"))
    assert len(screen.images) == 1


def test_a_lost_screen_is_told_and_the_panel_goes_on():
    panel, sent, pad, screen = face()
    screen.broken = True
    assert panel.tend(0.0, Snapshot()) == [screen]
    pad.press(0.1, Button.TURN)
    panel.tend(0.3, Snapshot(time_s=0.3))
    assert sent == [Command(CommandId.TURN_BARS, 0)]


def test_no_stage_and_a_stale_stage_are_said():
    panel, _, pad, screen = face()
    panel.tend(0.0, None)
    assert screen.images[-1].tobytes() == message("LK JAM", "starting").tobytes()
    panel.tend(3.0, Snapshot(time_s=3.0, mode=Mode.TRADING, seat=0))
    assert pad.shown == [Lights(human=True)]
    panel.tend(5.0, Snapshot(time_s=3.0, mode=Mode.TRADING, seat=0))
    lost = message("STAGE LOST", "it is being started again")
    assert screen.images[-1].tobytes() == lost.tobytes()
    assert pad.shown[-1] == Lights()


def test_the_beat_is_carried_on_between_snapshots_while_the_clock_runs():
    seen = Snapshot(time_s=10.0, mode=Mode.TRADING, sync=Sync.LOCKED, bpm=120.0, beat=4.0)
    assert carried(seen, 10.1).beat == pytest.approx(4.2)
    assert carried(seen, 9.9).beat == 4.0
    assert carried(seen, 99.0).beat == pytest.approx(4.5)
    seen.sync = Sync.NO_CLOCK
    assert carried(seen, 10.1).beat == 4.0


def test_role_lights_follow_the_turn():
    def lit(**changes):
        return lights(Snapshot(sync=Sync.LOCKED, beat=0.5, **changes), 0.0)

    assert lit(mode=Mode.TRADING, seat=0) == Lights(human=True)
    assert lit(mode=Mode.TRADING, seat=1) == Lights(box=True)
    assert lit(mode=Mode.IDLE) == Lights()
    armed = [lights(Snapshot(mode=Mode.ARMED), t / 10) for t in range(10)]
    assert {light.human for light in armed} == {True, False}


def test_the_beat_light_is_longer_on_one():
    def share(pulse):
        start = pulse - 1.0
        shown = [
            lights(
                Snapshot(
                    mode=Mode.TRADING,
                    sync=Sync.LOCKED,
                    seat=0,
                    turn_bars=1,
                    turn_end_beats=4.0,
                    pulse=pulse,
                    beat=start + i / 100,
                ),
                0.0,
            ).beat
            for i in range(100)
        ]
        return sum(shown)

    assert share(1) > share(2) > 0


def test_gpio_buttons_and_lights_through_gpiozeros_mock():
    pytest.importorskip("gpiozero", reason="gpiozero is not installed")
    from gpiozero.pins.mock import MockFactory

    from lkjam_box.panel.gpio import GpioPad
    from lkjam_box.panel.gpiozero_header import GpiozeroHeader

    factory, options = MockFactory(), Panel()
    pad = GpioPad(options, GpiozeroHeader(options, factory))
    factory.pin(options.pin_next).drive_low()
    factory.pin(options.pin_next).drive_high()
    assert [(button, down) for _, button, down in pad.edges()] == [
        (Button.NEXT, True),
        (Button.NEXT, False),
    ]
    pad.light(Lights(box=True))
    assert factory.pin(options.pin_led_box).state
    assert not factory.pin(options.pin_led_human).state
    pad.close()
    assert not factory.pin(options.pin_led_box).state


def test_the_terminal_shows_every_dot():
    image = Image.new("1", (128, 64))
    image.putpixel((0, 0), 1)
    image.putpixel((3, 3), 1)
    rows = terminal.braille(image)
    assert (len(rows), len(rows[0])) == (16, 64)
    assert (rows[0][0], rows[0][1]) == ("⠁", "⢀")
    rows = terminal.halves(image)
    assert (len(rows), len(rows[0])) == (32, 128)
    assert (rows[0][0], rows[1][3]) == ("▀", "▄")


def test_a_gif_keeps_its_time(tmp_path):
    frames = [message("ONE"), message("ONE"), message("TWO")]
    write_gif(tmp_path / "a.gif", frames, fps=20)
    gif = Image.open(tmp_path / "a.gif")
    assert gif.n_frames == 2
    assert gif.size == (384, 192)
    durations = []
    for number in range(gif.n_frames):
        gif.seek(number)
        durations.append(gif.info["duration"])
    assert durations == [100, 50]


def test_a_new_warning_has_the_first_word():
    panel, _, _, screen = face()

    def foot(time_s, warning):
        panel.tend(time_s, Snapshot(time_s=time_s, title="Blues", warning=warning))
        return screen.images[-1].crop((0, 55, 128, 64)).tobytes()

    calm, number = foot(1.0, WarningId.NONE), 0
    for tenth in range(80):
        if foot(10.0 + tenth / 10, WarningId.NO_SYNTH) == calm:
            number = tenth
            break
    assert number == 30  # three seconds of it before the tune is told again
    assert foot(14.0, WarningId.LOW_VOLTAGE) != calm  # and the next one at once


def test_why_the_stage_is_lost_is_said_where_it_is_known():
    panel, _, _, screen = face()
    panel.fault = "OSError: no such thing"
    panel.tend(5.0, Snapshot(time_s=3.0))
    why = message("STAGE LOST", "OSError: no such thing")
    assert screen.images[-1].tobytes() == why.tobytes()


def test_lights_are_set_only_where_they_change():
    panel, _, pad, _ = face()
    for frame in range(30):
        panel.tend(frame / 30, Snapshot(time_s=frame / 30, mode=Mode.TRADING, seat=frame // 10))
    assert pad.shown == [Lights(human=True), Lights(box=True)]


def test_where_nothing_moves_the_next_frame_waits_and_a_press_hurries_it():
    panel, _, pad, _ = face()
    resting = {"mode": Mode.IDLE, "sync": Sync.STOPPED}
    panel.tend(10.0, Snapshot(time_s=10.0, **resting))
    panel.tend(11.0, Snapshot(time_s=11.0, **resting))
    assert panel.wait_s(11.0) == LOOK_S
    pad._edges.append((12.0, Button.START, True))  # and held
    panel.tend(12.0, Snapshot(time_s=12.0, **resting))
    assert panel.wait_s(14.0) == FRAME_S
    pad._edges.append((14.0, Button.START, False))
    panel.tend(14.0, Snapshot(time_s=14.0, **resting))
    assert panel.wait_s(14.5) == FRAME_S  # what the press does shows at once
    panel.tend(16.0, Snapshot(time_s=16.0, **resting))
    assert panel.wait_s(16.0) == LOOK_S


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("sync", Sync)
def test_no_frame_is_missed_that_would_show_something_else(mode, sync):
    """Whoever looks as seldom as he may, sees what one sees who looks thirty times a second."""

    def shown(waits):
        panel, _, pad, screen = face()
        now_s, seen = 20.0, {}
        while now_s < 30.0:
            beat = (now_s - 20.0) * 2 if sync in _RUNS else 1.0
            panel.tend(now_s, Snapshot(time_s=now_s, mode=mode, sync=sync, bpm=120.0, beat=beat))
            seen[now_s] = (screen.images[-1].tobytes(), pad.shown[-1:])
            now_s += panel.wait_s(now_s) if waits else FRAME_S
        return seen

    def changes(seen):
        values = list(seen.values())
        return [values[0], *(b for a, b in pairwise(values) if a != b)]

    seldom, often = shown(waits=True), shown(waits=False)
    assert changes(seldom) == changes(often)
    moves = mode in (Mode.COUNT_IN, Mode.TRADING, Mode.ARMED) or sync in _RUNS
    assert moves or len(seldom) < len(often) / 2
