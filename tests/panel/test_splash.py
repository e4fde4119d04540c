"""The first picture: drawn, left lit, and never in the way of the box."""

import subprocess
import sys

import pytest

from lkjam_box.config.options import Panel
from lkjam_box.errors import MissingLibrary
from lkjam_box.panel import splash


class Screen:
    def __init__(self, panel):
        self.images, self.left = [], False

    def show(self, image):
        self.images.append(image)

    def leave(self):
        self.left = True


class Clock:
    now_s = 0.0

    def read(self):
        return self.now_s

    def sleep(self, seconds):
        self.now_s += seconds


def test_the_picture_fills_the_screen_and_stays():
    made = []

    def connect(panel):
        made.append(Screen(panel))
        return made[-1]

    assert splash.show(Panel(), connect=connect) == "lit"
    (screen,) = made
    assert screen.left
    (image,) = screen.images
    assert (image.size, image.mode) == ((128, 64), "1")
    assert image.getbbox() == (11, 6, 117, 64)


def test_a_bus_that_comes_late_is_waited_for():
    clock, tries = Clock(), []

    def connect(panel):
        tries.append(clock.now_s)
        if len(tries) < 4:
            raise OSError("OLED on i2c: no such device")
        return Screen(panel)

    assert splash.show(Panel(), 1.0, connect, clock.read, clock.sleep) == "lit"
    assert len(tries) == 4


def test_no_screen_ends_in_time():
    clock = Clock()

    def connect(panel):
        raise OSError("OLED on i2c: no such device")

    said = splash.show(Panel(), 1.0, connect, clock.read, clock.sleep)
    assert said == "no picture: OLED on i2c: no such device"
    assert 1.0 <= clock.now_s < 1.5


@pytest.mark.parametrize("screen", ["off", "terminal"])
def test_none_wanted_none_tried(screen):
    assert splash.show(Panel(screen=screen), connect=pytest.fail).startswith("nothing to light")


def test_without_luma_it_says_so_at_once():
    def connect(panel):
        raise MissingLibrary("luma is not installed")

    assert splash.show(Panel(), 9.0, connect, sleep=pytest.fail) == "luma is not installed"


def test_luma_leaves_the_dots_when_told(monkeypatch):
    """luma clears the screen as the process ends unless told not to."""
    pytest.importorskip("luma.oled", reason="luma is not installed")
    from lkjam_box.panel.oled import Oled

    class Wire:
        cleaned = False

        def command(self, *words):
            pass

        def data(self, data):
            pass

        def cleanup(self):
            self.cleaned = True

    sent = []
    oled = Oled(Panel(), Wire())
    oled.leave()
    monkeypatch.setattr(oled._device, "hide", lambda: sent.append("dark"))
    oled.close()
    assert not sent


def test_it_loads_no_more_than_it_draws_with():
    code = "import lkjam_box.cli.splash, lkjam_box.panel.splash, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & {"numpy", "luma", "gpiozero", "rtmidi", "PIL.ImageDraw"}
    assert not {name for name in loaded if name.startswith(("lkjam_box.stage", "lkjam_box.brain"))}


def test_wrong_options_do_not_keep_it_dark(tmp_path, capsys, monkeypatch):
    from lkjam_box.cli import main

    wrong = tmp_path / "box.yaml"
    wrong.write_text("panle: {}\n")
    monkeypatch.setattr(splash, "show", lambda panel, wait_s: f"{panel.screen} {wait_s}")
    assert main(["splash", "--wait", "1", "--config", str(wrong)]) == 0
    assert capsys.readouterr().out == "splash: auto 1.0\n"
