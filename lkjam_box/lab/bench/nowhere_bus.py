"""An I2C bus that leads nowhere: luma and smbus2 do all they do, and the bytes end in /dev/null.

A module named ``smbus2`` stands before the real one on the path of imports; it is the real one,
with a bus that opens without hardware.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SOURCE = """\
import importlib.machinery, os, sys
_here = os.path.dirname(os.path.abspath(__file__))
_path = [folder for folder in sys.path if os.path.abspath(folder or ".") != _here]
_spec = importlib.machinery.PathFinder.find_spec("smbus2", _path)
if _spec is None:
    raise ImportError("smbus2 is not installed")
_real = importlib.util.module_from_spec(_spec)
sys.modules["smbus2"] = _real
_spec.loader.exec_module(_real)
from smbus2 import smbus2 as _module


class SMBus(_real.SMBus):
    def open(self, bus):
        self.fd = os.open(os.devnull, os.O_RDWR)

    def _set_address(self, address, force=None):
        pass

    def write_i2c_block_data(self, i2c_addr, register, data, force=None):
        os.write(self.fd, bytes((register, *data)))

    def i2c_rdwr(self, *i2c_msgs):
        _module.i2c_rdwr_ioctl_data.create(*i2c_msgs)
        for message in i2c_msgs:
            os.write(self.fd, bytes(message))


_real.SMBus = SMBus
"""


def write(folder: Path) -> None:
    """Put the module into ``folder``, for the PYTHONPATH of other processes."""
    (folder / "smbus2.py").write_text(SOURCE)


@contextmanager
def installed() -> Iterator[None]:
    """This process has it until the block ends."""
    with tempfile.TemporaryDirectory(prefix="lkjam-bus-") as name:
        write(Path(name))
        kept = sys.modules.pop("smbus2", None)
        sys.path.insert(0, name)
        try:
            yield
        finally:
            sys.path.remove(name)
            sys.modules.pop("smbus2", None)
            if kept is not None:
                sys.modules["smbus2"] = kept
