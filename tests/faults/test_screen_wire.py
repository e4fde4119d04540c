"""I2C errors in bursts: the picture comes back, nothing but OSError leaves the driver."""

from random import Random

import pytest

from lkjam_box.config.options import Panel
from lkjam_box.panel.face import PanelFace
from lkjam_box.panel.oled import Oled
from lkjam_box.panel.picture import message
from lkjam_box.play import gallery

pytest.importorskip("luma.oled", reason="luma is not installed")


class BadWire:
    """Keeps the glass; of its transfers a share fails while ``bad``, some after half the data."""

    def __init__(self, random):
        self.random, self.bad, self.page, self.column = random, False, 0, 0
        self.memory = [bytes(128)] * 8

    def command(self, *cmd):
        self._fail()
        if cmd[0] == 0x21 and len(cmd) == 6:
            self.column, self.page = cmd[1], cmd[4]

    def data(self, data):
        if len(data) > 128:  # the driver's own cleared screen
            return
        lost = self.bad and self.random.random() < 0.5
        came = bytes(data[: len(data) // 2] if lost else data)
        page = self.memory[self.page]
        self.memory[self.page] = page[: self.column] + came + page[self.column + len(came) :]
        if lost:
            raise OSError("lost half way")

    def cleanup(self):
        pass

    def _fail(self):
        if self.bad and self.random.random() < 0.2:
            raise OSError("no answer")


@pytest.mark.parametrize("seed", range(5))
def test_after_a_burst_the_glass_shows_what_it_should(seed):
    random = Random(seed)
    wire, clean = BadWire(random), BadWire(random)
    oled, good = Oled(Panel(), wire), Oled(Panel(), clean)
    pictures = list(gallery.pictures().values())
    failed = 0
    for _ in range(60):
        wire.bad = random.random() < 0.7
        try:
            oled.show(random.choice(pictures))
        except OSError:
            failed += 1
    wire.bad = False
    oled.show(pictures[0])
    good.show(pictures[0])
    assert failed
    assert wire.memory == clean.memory


def test_a_screen_that_fails_is_named_and_the_others_are_drawn():
    wire = BadWire(Random(1))
    oled, drawn = Oled(Panel(), wire), []

    class Paper:
        def show(self, image):
            drawn.append(image)

    face = PanelFace(Panel(), lambda _: None, [oled, Paper()], None)
    wire.bad = True
    wire.command = wire.data = _dead
    assert face.tend(0.0, None) == [oled]
    assert len(drawn) == 1
    assert message("LK JAM", "starting").tobytes() == drawn[0].tobytes()


def _dead(*_):
    raise OSError("no answer")
