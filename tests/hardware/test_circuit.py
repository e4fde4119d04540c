"""The committed netlist: pins, MIDI circuits, parts list; and that a broken one is caught."""

import csv
import io
import re
from dataclasses import replace

import pytest

from hardware.gen import bom
from hardware.gen.midi_loop import (
    BUFFER_MA,
    NOMINAL_MA,
    TOLERANCE,
    Loop,
    short_ma,
    short_w,
    typical_ma,
)
from hardware.gen.netlist import Circuit, load
from lkjam_box.pinmap import GROUND_PINS, POWER_3V3_PINS, POWER_5V_PINS, pins

CIRCUIT = load()
SUPPLIES = {"GND", "+3V3", "+5V"}


def header_faults(circuit):
    """Pins of the ribbon that are not what the pin map says."""
    wanted = {
        pin.header: f"/{name.upper()}" for name, pin in pins().items() if pin.where != "wired"
    }
    wanted |= dict.fromkeys(GROUND_PINS, "GND") | dict.fromkeys(POWER_3V3_PINS, "+3V3")
    wanted |= dict.fromkeys(POWER_5V_PINS, "+5V")
    return [n for n in range(1, 41) if circuit.net_of("J1", n) != wanted.get(n, "")]


def midi_in_faults(circuit):
    """What is wrong with the isolated loop, in words."""
    faults = []
    plus, minus = circuit.net_of("J2", 4), circuit.net_of("J2", 5)
    if circuit.net_of("J2", 2) or circuit.net_of("J5", "S"):
        faults.append("pin 2 or sleeve of MIDI IN is joined to something")
    if (circuit.net_of("J5", "R"), circuit.net_of("J5", "T")) != (plus, minus):
        faults.append("TRS A wants ring = DIN 4, tip = DIN 5")
    plus, minus = circuit.through("FB1", plus), circuit.through("FB2", minus)
    anode = circuit.through("R1", plus)
    if circuit.parts["R1"].value != "220R" or anode == plus:
        faults.append("220 ohm are not in series")
    if (circuit.net_of("U1", 1), circuit.net_of("U1", 2)) != (anode, minus):
        faults.append("the LED of the isolator is not in the loop")
    if (circuit.net_of("D5", 1), circuit.net_of("D5", 2)) != (anode, minus):
        faults.append("the diode is not reversed across the LED")
    loop = {circuit.net_of("J2", 4), circuit.net_of("J2", 5), plus, minus, anode}
    if loop & SUPPLIES or any(net.startswith("/") for net in loop):
        faults.append("the loop touches a supply or a signal")
    if (circuit.net_of("U1", 6), circuit.net_of("U1", 5)) != ("+3V3", "GND"):
        faults.append("the isolator is not fed with 3.3 V")
    if not circuit.through("R2", "+3V3") == circuit.net_of("U1", 4) == "/MIDI_IN":
        faults.append("no pull-up at the isolator's output")
    return faults


def sender_faults(circuit, din, trs, buffer, source):
    faults = []
    if circuit.net_of(f"U{buffer}", 2) != source:
        faults.append(f"U{buffer} does not hear {source}")
    out = circuit.net_of(f"U{buffer}", 4)
    first = 10 * buffer
    for jack, upper, lower, ground, r in (
        (din, 4, 5, 2, first), (trs, "R", "T", "S", first + 2),
    ):  # fmt: skip
        if circuit.net_of(jack, ground) != "GND":
            faults.append(f"{jack}: no ground")
        if circuit.through(f"R{r}", circuit.net_of(jack, upper)) != "+3V3":
            faults.append(f"{jack}: DIN 4 (ring) is not fed through R{r}")
        if circuit.through(f"R{r + 1}", circuit.net_of(jack, lower)) != out:
            faults.append(f"{jack}: DIN 5 (tip) is not driven through R{r + 1}")
        if jack == din and (circuit.net_of(jack, 1) or circuit.net_of(jack, 3)):
            faults.append(f"{jack}: pins 1 and 3 are for nothing")
    return faults


def joined(circuit, net, pin):
    """A copy in which ``pin`` hangs on ``net`` instead."""
    nets = {name: pins_ - {pin} for name, pins_ in circuit.nets.items()}
    nets[net] = nets.get(net, frozenset()) | {pin}
    return Circuit(circuit.parts, nets)


def valued(circuit, ref, value):
    return Circuit(circuit.parts | {ref: replace(circuit.parts[ref], value=value)}, circuit.nets)


def test_the_ribbon_is_the_pin_maps():
    assert header_faults(CIRCUIT) == []


def test_a_ribbon_with_two_wires_swapped_is_caught():
    assert header_faults(joined(CIRCUIT, "/NEXT", ("J1", "29"))) == [29]


def test_midi_in_is_a_loop_of_its_own():
    assert midi_in_faults(CIRCUIT) == []


@pytest.mark.parametrize(
    ("net", "pin", "said"),
    [
        ("GND", ("J2", "2"), "pin 2"),
        ("GND", ("D5", "2"), "not reversed"),
        ("Net-(D5-K)", ("D5", "2"), "not reversed"),
        ("GND", ("U1", "2"), "LED"),
        ("Net-(FB2-Pad1)", ("J5", "R"), "ring = DIN 4"),
        ("+5V", ("U1", "6"), "3.3 V"),
        ("GND", ("R2", "2"), "pull-up"),
    ],
)
def test_a_broken_midi_in_is_caught(net, pin, said):
    assert any(said in fault for fault in midi_in_faults(joined(CIRCUIT, net, pin)))


def test_a_wrong_resistor_in_midi_in_is_caught():
    assert midi_in_faults(valued(CIRCUIT, "R1", "22R")) == ["220 ohm are not in series"]


@pytest.mark.parametrize(
    ("din", "trs", "buffer", "source"),
    [("J3", "J6", 2, "/MIDI_OUT"), ("J4", "J7", 3, "/MIDI_IN")],
)
def test_senders_drive_both_their_jacks(din, trs, buffer, source):
    assert sender_faults(CIRCUIT, din, trs, buffer, source) == []
    type_b = joined(CIRCUIT, CIRCUIT.net_of(trs, "T"), (trs, "R"))
    assert sender_faults(type_b, din, trs, buffer, source)
    assert sender_faults(joined(CIRCUIT, "+3V3", (din, "2")), din, trs, buffer, source)


def ohm(value):
    return float(re.match(r"([\d.]+)R", value)[1])


def loops():
    for first in (20, 22, 30, 32):
        values = [ohm(CIRCUIT.parts[f"R{first + i}"].value) for i in (0, 1)]
        yield Loop(3.3, *values)


def test_lines_carry_5_ma_whatever_is_off():
    for loop in loops():
        least, most = loop.range_ma()
        assert least >= NOMINAL_MA * (1 - TOLERANCE)
        assert most <= NOMINAL_MA * (1 + TOLERANCE)


@pytest.mark.parametrize(("source", "sink"), [(33, 10), (220, 220), (47, 47)])
def test_values_for_other_supplies_are_caught(source, sink):
    least, most = Loop(3.3, source, sink).range_ma()
    assert least < NOMINAL_MA * (1 - TOLERANCE) or most > NOMINAL_MA * (1 + TOLERANCE)


def test_currents_by_hand():
    assert typical_ma(Loop(3.3, 100, 75)) == pytest.approx(1000 * 2.05 / 410)
    assert short_w(Loop(3.3, 33, 10)) == pytest.approx(0.357, abs=0.01)  # why CA-033 wants 0.5 W


def test_a_shorted_cable_does_the_buffer_no_harm():
    assert all(short_ma(loop) < BUFFER_MA for loop in loops())
    assert short_ma(Loop(3.3, 150, 27)) > BUFFER_MA


def din_faults(text):
    """Where the jack's pads are not as three footprints of others have them (opening to -y)."""
    pads = {m[1]: (float(m[2]), float(m[3])) for m in PAD.finditer(text)}
    wanted = {"1": (-7.5, 0), "2": (0, 0), "3": (7.5, 0), "4": (-5, 2.5), "5": (5, 2.5)}
    return sorted(name for name, place in wanted.items() if pads.get(name) != place)


PAD = re.compile(r'\(pad "(\d)" thru_hole \w+ \(at ([-\d.]+) ([-\d.]+)\)')


def test_the_din_jack_looks_out_of_the_box():
    file = bom.FILE.parent / "kicad/lkjam.pretty/DIN-5_MIDI_Horizontal.kicad_mod"
    text = file.read_text()
    assert din_faults(text) == []
    turned = PAD.sub(lambda m: m[0].replace(f"(at {m[2]} {m[3]})", f"(at {m[2]} -{m[3]})"), text)
    assert din_faults(turned) == ["4", "5"]


def test_lights_take_no_more_than_4_ma():
    for ref in ("R50", "R51", "R52"):
        assert (3.3 - 1.8) / ohm(CIRCUIT.parts[ref].value) < 0.0040


def foot_faults(circuit):
    faults = []
    for jack, side in (("J8", "A"), ("J9", "B")):
        if circuit.net_of(jack, "S") != "GND":
            faults.append(f"{jack}: sleeve")
        for pin, name in (("T", "TIP"), ("R", "RING")):
            net = circuit.net_of(jack, pin)
            refs = {ref for ref, _ in circuit.nets.get(net, ())}
            if net in SUPPLIES or not any(ref.startswith("D") for ref in refs):
                faults.append(f"{jack}.{pin}: a supply, or no clamp")
            series = [r for r in refs if r.startswith("R") and circuit.parts[r].value == "1k"]
            if not series or circuit.through(series[0], net) != f"/FOOT_{side}_{name}":
                faults.append(f"{jack}.{pin}: no 1k on its way to the Pi")
    return faults


def test_footswitches_bear_a_mono_plug_and_a_foreign_pedal():
    assert foot_faults(CIRCUIT) == []
    assert foot_faults(joined(CIRCUIT, "+3V3", ("J8", "R")))
    assert foot_faults(joined(CIRCUIT, "/FOOT_A_TIP", ("J8", "T")))


def test_nothing_of_ours_feeds_the_5_volts_unless_it_is_fitted():
    feeding = {ref for ref, _ in CIRCUIT.nets["+5V"]} - {"J1"}
    assert feeding
    assert not any(CIRCUIT.parts[ref].fitted for ref in feeding)


def bom_faults(circuit, text):
    """Parts that the list has not, or has twice, or that the circuit has not."""
    listed = [ref for row in csv.DictReader(io.StringIO(text)) for ref in row["ref"].split()]
    wanted = [ref for ref, part in circuit.parts.items() if part.mpn]
    return sorted(set(listed) ^ set(wanted)) + [ref for ref in listed if listed.count(ref) > 1]


def test_the_parts_list_is_the_circuits():
    text = bom.FILE.read_text()
    assert bom_faults(CIRCUIT, text) == []
    assert text == bom.text(CIRCUIT), "python -m hardware.gen schematic"
    assert bom_faults(CIRCUIT, text.replace("U1,", "U9,")) == ["U1", "U9"]


def test_what_may_be_scarce_has_two_others():
    rows = {row["value"]: row for row in csv.DictReader(io.StringIO(bom.FILE.read_text()))}
    for value in ("H11L1", "DIN-5", "FOOT", "74LVC1G34", "100R", "24LC32"):
        assert rows[value]["alternatives"].count(";") >= 1, value


def test_costs_add_up():
    rows = [line.split("|") for line in bom.cost(CIRCUIT).splitlines()[2:]]
    ones = [float(row[2]) for row in rows]
    assert sum(ones[:-1]) == pytest.approx(ones[-1], abs=0.06)
    assert 60 < ones[-1] < 250
    readme = (bom.FILE.parent / "README.md").read_text()
    assert bom.cost(CIRCUIT) in readme, "python -m hardware.gen cost"
