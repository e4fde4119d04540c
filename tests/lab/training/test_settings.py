import pytest

from lkjam_box.cli.train import _set
from lkjam_box.errors import OptionError

pytest.importorskip("torch", reason="torch is in the train extra")
from lkjam_box.lab.training.schedule import Settings


def test_single_numbers_can_be_set():
    settings = Settings()
    assert _set(settings, "dropout=0.4").dropout == 0.4
    assert _set(settings, "keys=1").keys == 1
    assert _set(settings, "size.hidden=64").size.hidden == 64
    assert _set(settings, "size.hidden=64").size.input == settings.size.input


@pytest.mark.parametrize(
    "given", ["droput=1", "dropout", "dropout=x", "keys=1.5", "size=3", "blind=role", "a.b=1", ""]
)
def test_what_cannot_be_set_is_one_line(given):
    with pytest.raises(OptionError):
        _set(Settings(), given)
