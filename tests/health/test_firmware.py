"""Power and heat: every value the firmware can give, and dips between two looks."""

import pytest

from lkjam_box.health.firmware import HOLD_S, Power, words
from lkjam_box.machine.readings import Machine
from lkjam_box.protocol.shared_state import WarningId

NODE = "sys/devices/platform/soc/soc:firmware/get_throttled"
EVERY = [held | past << 16 for held in range(16) for past in range(16)]


def pi(root, bits):
    node = root / NODE
    node.parent.mkdir(parents=True, exist_ok=True)
    node.write_text(f"{bits:x}\n")  # as the kernel writes it, without 0x
    return Machine(root)


@pytest.mark.parametrize("bits", EVERY, ids=hex)
def test_every_value(tmp_path, bits):
    machine = pi(tmp_path, bits)
    assert machine.throttled() == bits
    power = Power()
    power.see(1.0, bits)
    warning, _ = power.warning(1.0)
    if bits & 1:
        assert warning is WarningId.LOW_VOLTAGE
    elif bits & 0b1110:
        assert warning is WarningId.THROTTLED
    else:
        assert warning is WarningId.NONE  # what was before we looked is for `check`
    assert power.warning(1.0 + HOLD_S)[0] is WarningId.NONE
    here, _, past = words(bits).partition(";")
    for number, word in enumerate(("low voltage", "clock capped", "slowed down", "hot")):
        assert (word in here) == bool(bits >> number & 1)
        assert (word in past) == bool(bits >> 16 + number & 1)


@pytest.mark.parametrize("bit", range(4))
def test_a_dip_between_two_looks_is_known_by_its_bit_since_boot(bit):
    power = Power()
    power.see(1.0, 0)
    power.see(1.5, 1 << 16 + bit)
    wanted = WarningId.LOW_VOLTAGE if bit == 0 else WarningId.THROTTLED
    assert power.warning(1.5)[0] is wanted
    power.see(2.0, 1 << 16 + bit)
    assert power.warning(1.5 + HOLD_S - 0.01)[0] is wanted
    assert power.warning(1.5 + HOLD_S)[0] is WarningId.NONE


def test_one_dip_that_lasts_is_counted_once_and_the_next_one_again():
    power = Power()
    for tenth in range(300):
        power.see(tenth / 10, 0x50005 if tenth < 50 or tenth > 250 else 0x50000)
    assert (power.low_times, power.slow_times) == (2, 2)


def test_the_cause_of_slowness_is_told():
    power = Power()
    power.see(1.0, 1 << 3)
    assert power.warning(1.0) == (WarningId.THROTTLED, "")
    power = Power()
    power.see(1.0, 1 << 2, celsius=85.0)
    assert power.warning(1.0) == (WarningId.THROTTLED, "")
    power = Power()
    power.see(1.0, 1 << 2, celsius=50.0)
    assert power.warning(1.0) == (WarningId.THROTTLED, "SLOWED DOWN, CHECK PSU")


def test_words():
    assert words(0) == "no trouble since boot"
    assert words(0xD0000) == "now well; since boot low voltage, slowed down, hot"
