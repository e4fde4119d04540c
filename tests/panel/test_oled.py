"""The OLED through luma's drivers, on a wire that keeps the controller's memory."""

import pytest

from lkjam_box.config.options import Panel
from lkjam_box.panel import oled
from lkjam_box.panel.oled import Oled, page_bytes
from lkjam_box.panel.picture import message
from lkjam_box.play import gallery

pytest.importorskip("luma.oled", reason="luma is not installed")


class Wire:
    """Follows the addressing commands of both controllers; counts the bytes of data."""

    def __init__(self):
        self.memory = [bytearray(132) for _ in range(8)]
        self.page = self.column = self.first = 0
        self.last, self.last_page, self.sent, self.broken = 127, 7, 0, False

    def command(self, *cmd):
        if self.broken:
            raise OSError("no answer")
        if cmd[0] == 0x21 and len(cmd) == 6:
            self.first, self.last, self.page, self.last_page = cmd[1], cmd[2], cmd[4], cmd[5]
            self.column = self.first
        elif 0xB0 <= cmd[0] <= 0xB7 and len(cmd) == 3:
            self.page, self.column = cmd[0] - 0xB0, cmd[1] | (cmd[2] & 0x0F) << 4
            self.first, self.last = 0, 131

    def data(self, data):
        self.sent += len(data)
        for byte in data:
            self.memory[self.page % 8][self.column] = byte
            self.column += 1
            if self.column > self.last:
                self.column, self.page = self.first, self.page + 1

    def cleanup(self):
        pass


def glass(wire, driver):
    left = 2 if driver == "sh1106" else 0
    return b"".join(bytes(page[left : left + 128]) for page in wire.memory)


@pytest.mark.parametrize("rotate", [0, 180])
@pytest.mark.parametrize("driver", ["ssd1306", "sh1106"])
def test_pages_come_out_as_lumas_own_whole_pictures(driver, rotate):
    from luma.oled import device

    ours, lumas = Wire(), Wire()
    oled = Oled(Panel(screen=driver, rotate=rotate), ours)
    reference = getattr(device, driver)(lumas, rotate=rotate // 90)
    for image in gallery.pictures().values():
        oled.show(image)
        reference.display(image)
        assert glass(ours, driver) == glass(lumas, driver)


def test_only_changed_columns_are_sent():
    wire = Wire()
    oled = Oled(Panel(), wire)
    oled.show(message("LK JAM"))
    wire.sent = 0
    oled.show(message("LK JAM"))
    assert wire.sent == 0
    oled.show(message("LK JAM", "starting"))  # words at the foot
    words = message("", "starting").getbbox()
    assert 0 < wire.sent <= words[2] - words[0]


def test_after_a_fault_everything_unsure_is_sent_again():
    wire = Wire()
    oled = Oled(Panel(), wire)
    wire.broken = True
    with pytest.raises(OSError, match="no answer"):
        oled.show(message("LK JAM", "starting"))
    wire.broken = False
    oled.show(message("LK JAM", "starting"))
    image = message("LK JAM", "starting")
    assert glass(wire, "ssd1306") == b"".join(page_bytes(image))


def test_no_oled_is_one_line():
    with pytest.raises(OSError, match="OLED on i2c: I2C device not found: /dev/i2c-29"):
        Oled(Panel(i2c_port=29))


@pytest.mark.parametrize("driver", ["ssd1306", "sh1106"])
def test_it_is_as_bright_as_asked_for_from_the_start_and_says_when_it_is_gone(driver):
    told = []

    class Contrast(Wire):
        def command(self, *cmd):
            super().command(*cmd)
            if cmd[0] == 0x81 and len(cmd) == 2:
                told.append(cmd[1])

    wire = Contrast()
    oled = Oled(Panel(screen=driver, brightness=5), wire)
    for brightness in (1, 10):
        oled.dim(brightness)
    dark, half, full = told[-2], told[-3], told[-1]
    assert 0 < dark < half < full == 255
    wire.broken = True
    with pytest.raises(OSError, match="no answer"):
        oled.dim(5)


def test_one_program_at_a_time_draws(tmp_path):
    """The splash may still draw when the panel comes; the panel tries again."""
    path = tmp_path / "i2c-1"
    path.touch()
    with oled.hold(path), pytest.raises(OSError, match="another program draws on it"):
        oled.hold(path)
    oled.hold(path).close()
    assert oled.hold(tmp_path / "i2c-9") is None


def test_the_screen_is_held_where_its_bus_is():
    assert str(oled.bus(Panel(i2c_port=3))) == "/dev/i2c-3"
    assert str(oled.bus(Panel(bus="spi"))) == "/dev/spidev0.0"
