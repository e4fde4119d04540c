"""The circuit, block by block as it is drawn. Nets between blocks carry the names of the pin map.

Where a value comes from: hardware/README.md. UNVERIFIED is printed beside what nobody here
has read in the standard's own text.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from lkjam_box.pinmap import GROUND_PINS, HEADER, POWER_3V3_PINS, POWER_5V_PINS

from .ksch import Part, Point, Sheet
from .parts import KINDS

ROOT = Path(__file__).parents[2]
BESIDE = {"texts": ((1.0, -0.5), (1.0, 0.5)), "align": "left"}  # of a part that stands upright
LYING = ("Device:D", "Device:D_TVS", "Device:LED")  # as their symbols are drawn
ABOVE = {"texts": ((0, -1.1), (0, 1.1))}  # of one that lies


def pin_map() -> dict[str, dict[str, Any]]:
    return tomllib.loads((ROOT / "lkjam_box/pinmap.toml").read_text())["pins"]


class Drawing(Sheet):
    """A sheet that knows our parts and counts them."""

    def part(self, ref: str, kind: str, at: Point, rotation: int = 0, **more: object) -> Part:
        """A part of the table; its kind is its value unless one is given."""
        found = KINDS[kind]
        fields = {"MPN": found.mpn, "Manufacturer": found.maker, "Kind": kind}
        more.setdefault("value", kind)
        return self.place(
            ref, found.lib_id, at, rotation, footprint=found.footprint, fields=fields, **more
        )

    def upright(self, ref: str, kind: str, at: Point, **more: object) -> Part:
        turned = 270 if KINDS[kind].lib_id in LYING else 0
        return self.part(ref, kind, at, turned, **{**BESIDE, **more})

    def lying(self, ref: str, kind: str, at: Point, **more: object) -> Part:
        turned = 0 if KINDS[kind].lib_id in LYING else 90
        return self.part(ref, kind, at, turned, **{**ABOVE, **more})


def draw() -> Drawing:
    """The whole sheet."""
    sheet = Drawing("lkjam_box: stage board for a Raspberry Pi")
    midi_in(sheet, (6, 6))
    midi_out(sheet, (6, 33), "OUT", "MIDI_OUT", 2)
    midi_out(sheet, (6, 68), "THRU", "MIDI_IN", 3)
    header(sheet, (62, 6))
    memory(sheet, (62, 37))
    screen(sheet, (62, 60))
    power_in(sheet, (62, 81))
    buttons(sheet, (103, 6))
    lights(sheet, (103, 29))
    knob(sheet, (132, 29))
    feet(sheet, (103, 45))
    holes(sheet, (103, 81))
    return sheet


def midi_in(s: Drawing, at: Point) -> None:
    """DIN and TRS in parallel, 220 ohm, the diode, the isolator (field notes: H11L1 at 3.3 V)."""
    x, y = at
    s.block(
        "MIDI IN", at, (55, 26),
        "One of the two jacks at a time. Current on = LED on = output low = UART 0: no inversion.\n"
        "Nothing left of U1's right side meets ground or supply; DIN pin 2 and shells stay open.\n"
        "DIN footprint UNVERIFIED. FB: 0 ohm fitted, ferrite 1k at 100 MHz where radios disturb.",
    )  # fmt: skip
    din = s.part("J2", "DIN-5", (x + 8, y + 8), 180, value="MIDI IN", texts=((-2, -4.4), (0, -3.2)))
    jack = s.part("J5", "TRS", (x + 7, y + 18), value="IN (TRS A)", texts=((-1, -3), (-1, 2.6)))
    upper, lower = y + 7, y + 13
    s.open_pin(din.pin(1), din.pin(2), din.pin(3), jack.pin("S"))
    s.wire(din.pin(4), (x + 13, y + 9), (x + 13, upper), (x + 14.5, upper))
    s.wire(din.pin(5), (x + 3, y + 9), (x + 3, lower), (x + 14.5, lower))
    s.wire(jack.pin("R"), (x + 13, y + 18), (x + 13, y + 9))
    s.wire(jack.pin("T"), (x + 11, y + 19), (x + 11, lower))
    for ref, level in (("FB1", upper), ("FB2", lower)):
        s.lying(ref, "0R", (x + 16, level), value="0R (FB)")
    s.lying("R1", "220R", (x + 25, upper))
    s.wire((x + 17.5, upper), (x + 23.5, upper))
    s.wire((x + 26.5, upper), (x + 34, upper), (x + 34, y + 9), (x + 37, y + 9))
    s.wire((x + 17.5, lower), (x + 34, lower), (x + 34, y + 11), (x + 37, y + 11))
    s.upright("D4", "PESD5V0", (x + 20, y + 10))
    s.wire((x + 20, upper), (x + 20, y + 8.5))
    s.wire((x + 20, y + 11.5), (x + 20, lower))
    s.upright("D5", "1N4148", (x + 29, y + 10))
    s.wire((x + 29, upper), (x + 29, y + 8.5))
    s.wire((x + 29, y + 11.5), (x + 29, lower))
    s.part("U1", "H11L1", (x + 40, y + 10), texts=((-4, -3), (-3, 3.6)))
    s.power("+3V3", (x + 40, y + 5))
    s.wire((x + 40, y + 5), (x + 40, y + 7))
    s.power("GND", (x + 40, y + 14))
    s.wire((x + 40, y + 13), (x + 40, y + 14))
    s.upright("R2", "470R", (x + 45, y + 7))
    s.power("+3V3", (x + 45, y + 5))
    s.wire((x + 45, y + 5), (x + 45, y + 5.5))
    s.wire((x + 45, y + 8.5), (x + 45, y + 10))
    s.wire((x + 43, y + 10), (x + 47, y + 10))
    s.label("MIDI_IN", (x + 47, y + 10))
    bypass(s, "C1", (x + 49, y + 16))


def bypass(s: Drawing, ref: str, at: Point) -> None:
    """100 nF between 3.3 V and ground."""
    s.upright(ref, "100n", at)
    for name, dy in (("+3V3", -2), ("GND", 2)):
        s.power(name, (at[0], at[1] + dy))
        s.wire((at[0], at[1] + dy), (at[0], at[1] + dy * 0.75))


def midi_out(s: Drawing, at: Point, name: str, net: str, unit: int) -> None:
    """A buffer, then a resistor a line for each jack (``midi_loop.py`` has the currents)."""
    x, y = at
    s.block(
        f"MIDI {name}", at, (55, 34),
        "100R at DIN 4 (ring), 75R at DIN 5 (tip): 4.1 to 6.0 mA into a receiver of 220R, and a "
        "shorted\ncable harms nothing. CA-033 is said to have 33R 0.5 W and 10R 0.25 W "
        "(UNVERIFIED, 7.4 mA): they\nfit the same pads. TRS type A: tip = DIN 5, ring = DIN 4, "
        "sleeve = DIN 2. DIN footprint UNVERIFIED.",
    )  # fmt: skip
    first = 10 * unit
    jack = {"OUT": ("J3", "J6"), "THRU": ("J4", "J7")}[name]
    s.label(net, (x + 5, y + 13), 180)
    s.wire((x + 5, y + 13), (x + 6, y + 13))
    s.part(f"U{unit}", "74LVC1G34", (x + 12, y + 13), texts=((1.4, -2.8), (4, 2.6)))
    s.open_pin((x + 11, y + 17))
    s.power("+3V3", (x + 10, y + 8))
    s.wire((x + 10, y + 8), (x + 10, y + 9))
    s.power("GND", (x + 10, y + 18))
    s.wire((x + 10, y + 17), (x + 10, y + 18))
    bypass(s, f"C{unit}", (x + 5, y + 7))
    s.wire((x + 17, y + 13), (x + 21, y + 13))
    s.wire((x + 21, y + 13), (x + 21, y + 11), (x + 22.5, y + 11))
    s.wire((x + 21, y + 13), (x + 21, y + 23), (x + 22.5, y + 23))
    # DIN
    s.lying(f"R{first}", "100R", (x + 24, y + 7))
    s.wire((x + 21, y + 7), (x + 22.5, y + 7))
    s.power("+3V3", (x + 21, y + 7), 90)
    s.lying(f"R{first + 1}", "75R", (x + 24, y + 11))
    din = s.part(
        jack[0], "DIN-5", (x + 43, y + 8), value=f"MIDI {name}", texts=((3.4, -3.2), (3.4, -2.2))
    )
    s.open_pin(din.pin(1), din.pin(3))
    s.wire((x + 25.5, y + 7), din.pin(4))
    s.wire((x + 25.5, y + 11), (x + 48, y + 11), (x + 48, y + 7), din.pin(5))
    s.wire(din.pin(2), (x + 43, y + 3.5), (x + 51, y + 3.5), (x + 51, y + 5))
    s.power("GND", (x + 51, y + 5))
    guard(s, f"D{first}", (x + 30, y + 7), -1)
    guard(s, f"D{first + 1}", (x + 34, y + 11), 1)
    # TRS
    s.lying(f"R{first + 2}", "100R", (x + 24, y + 19))
    s.wire((x + 22.5, y + 19), (x + 22, y + 19), (x + 22, y + 17.5))
    s.power("+3V3", (x + 22, y + 17.5))
    s.lying(f"R{first + 3}", "75R", (x + 24, y + 23))
    trs = s.part(
        jack[1], "TRS", (x + 48, y + 21), mirror=True, value=f"{name} (TRS A)",
        texts=((0, -3), (0, 2.6)),
    )  # fmt: skip
    s.wire(trs.pin("S"), (x + 44, y + 20), (x + 44, y + 17))
    s.wire((x + 44, y + 17), (x + 41, y + 17), (x + 41, y + 17.5))
    s.power("GND", (x + 41, y + 17.5))
    s.wire((x + 25.5, y + 19), (x + 39, y + 19), (x + 39, y + 21), trs.pin("R"))
    s.wire((x + 25.5, y + 23), (x + 44, y + 23), (x + 44, y + 22), trs.pin("T"))
    guard(s, f"D{first + 2}", (x + 30, y + 19), -1)
    guard(s, f"D{first + 3}", (x + 34, y + 23), 1)


def guard(s: Drawing, ref: str, at: Point, way: int) -> None:
    """A clamp from a line to ground, upwards (-1) or downwards (1)."""
    x, y = at
    s.upright(ref, "PESD5V0", (x, y + 2 * way))
    s.wire((x, y), (x, y + 0.5 * way))
    end = (x, y + 3.5 * way) if way > 0 else (x - 1, y - 3)
    if way > 0:
        s.power("GND", end)
    else:
        s.wire((x, y - 3.5), (x - 2, y - 3.5), (x - 2, y - 2.5))
        s.power("GND", (x - 2, y - 2.5))


def header(s: Drawing, at: Point) -> None:
    """The ribbon to the Pi; every line has the pin map's name."""
    x, y = at
    s.block(
        "RASPBERRY PI", at, (40, 29),
        "Ribbon of 40 wires, on the under side. The Pi is fed through its own USB-C.",
    )  # fmt: skip
    pi = s.part("J1", "PI", (x + 19, y + 14), value="Pi", texts=((0.5, -10.8), (0.5, 12)))
    places = {HEADER[pin["bcm"]]: name for name, pin in pin_map().items()}
    wired = {n for n, pin in pin_map().items() if pin.get("where") == "wired"}
    for number in range(1, 41):
        px, py = pi.pin(number)
        side = -1 if number % 2 else 1
        name = places.get(number, "")
        if number in SUPPLY:
            s.wire((px, py), (px + side, py))
            s.power(SUPPLY[number], (px + side, py), _sideways(SUPPLY[number], side))
        elif name in wired:
            s.open_pin((px, py))
        else:
            s.wire((px, py), (px + 4 * side, py))
            s.label(name.upper(), (px + 4 * side, py), 0 if side > 0 else 180)


SUPPLY = {
    **dict.fromkeys(POWER_3V3_PINS, "+3V3"),
    **dict.fromkeys(POWER_5V_PINS, "+5V"),
    **dict.fromkeys(GROUND_PINS, "GND"),
}


def _sideways(name: str, side: int) -> int:
    """Rotation of a supply symbol that stands off to that side."""
    if name == "GND":
        return 90 if side > 0 else 270
    return 270 if side > 0 else 90


def memory(s: Drawing, at: Point) -> None:
    """The board's name card (HAT rules: 24Cxx at 0x50, 3.9k, write protected)."""
    x, y = at
    s.block(
        "BOARD MEMORY", at, (40, 22), "HAT rules. Bridge JP3 only to write. Fitting it is optional."
    )
    s.part("U4", "24LC32", (x + 12, y + 11), texts=((-3, -3.2), (-3.2, 3.2)))
    for pin in (10, 11, 12):
        s.wire((x + 8, y + pin), (x + 5, y + pin))
    s.wire((x + 5, y + 10), (x + 5, y + 15))
    s.power("GND", (x + 5, y + 15))
    s.power("+3V3", (x + 12, y + 6))
    s.wire((x + 12, y + 6), (x + 12, y + 8))
    s.power("GND", (x + 12, y + 16))
    s.wire((x + 12, y + 14), (x + 12, y + 16))
    for ref, px in (("R40", 20), ("R41", 24)):
        s.upright(ref, "3k9", (x + px, y + 7))
        s.power("+3V3", (x + px, y + 4.5))
        s.wire((x + px, y + 4.5), (x + px, y + 5.5))
    s.wire((x + 20, y + 8.5), (x + 20, y + 10))
    s.wire((x + 24, y + 8.5), (x + 24, y + 11))
    s.wire((x + 16, y + 10), (x + 29, y + 10))
    s.wire((x + 16, y + 11), (x + 29, y + 11))
    s.label("ID_SDA", (x + 29, y + 10))
    s.label("ID_SCL", (x + 29, y + 11))
    s.wire((x + 16, y + 12), (x + 18, y + 12), (x + 18, y + 15), (x + 21.5, y + 15))
    s.lying("R42", "1k", (x + 23, y + 15))
    s.wire((x + 24.5, y + 15), (x + 27, y + 15))
    s.power("+3V3", (x + 27, y + 15), 270)
    s.part("JP3", "WRITE", (x + 21, y + 18), texts=((0, -1), (0, 1.2)))
    s.wire((x + 18, y + 15), (x + 18, y + 18), (x + 19.5, y + 18))
    s.wire((x + 22.5, y + 18), (x + 23.5, y + 18), (x + 23.5, y + 18.5))
    s.power("GND", (x + 23.5, y + 18.5))
    bypass(s, "C4", (x + 35, y + 8))


def screen(s: Drawing, at: Point) -> None:
    """Modules have VCC and GND in either order: two jumpers choose."""
    x, y = at
    s.block(
        "OLED", at, (40, 20),
        "Solder jumpers as drawn (1-2): GND VCC SCL SDA. Both on 2-3: VCC GND SCL SDA.",
    )  # fmt: skip
    oled = s.part("J10", "OLED", (x + 30, y + 10), value="OLED", texts=((0, -2.4), (0.4, 3.4)))
    s.wire(oled.pin(3), (x + 24, y + 11))
    s.label("OLED_SCL", (x + 24, y + 11), 180)
    s.wire(oled.pin(4), (x + 24, y + 12))
    s.label("OLED_SDA", (x + 24, y + 12), 180)
    for ref, py, left, right, target in (
        ("JP1", 5, "GND", "+3V3", 1), ("JP2", 15, "+3V3", "GND", 2),
    ):  # fmt: skip
        s.part(ref, "NORMAL", (x + 12, y + py), texts=((0, -1.2), (0, -2.1)))
        s.wire((x + 10, y + py), (x + 8, y + py))
        s.power(left, (x + 8, y + py), _sideways(left, -1))
        s.wire((x + 14, y + py), (x + 16, y + py))
        s.power(right, (x + 16, y + py), _sideways(right, 1))
        px, oy = oled.pin(target)
        turn = x + (20 if target == 1 else 19)
        down = y + py + 1.5
        s.wire((x + 12, down), (x + 12, down + 1), (turn, down + 1), (turn, oy), (px, oy))


def power_in(s: Drawing, at: Point) -> None:
    """Not fitted: the ideal diode of the HAT design guide, so that two supplies may meet."""
    x, y = at
    s.block(
        "5 V IN, NOT FITTED", at, (40, 26),
        "Leave it out: the Pi's USB-C is the supply. Fitted, Q1 and Q2 keep\n"
        "current from flowing back (HAT design guide). 5 V +-5 %, 2.5 A at least.\n"
        "Never with a Zero 2 W: it has no protection of its own.",
    )  # fmt: skip
    no = {"fitted": False}
    s.part("J11", "5V IN", (x + 5, y + 8), 180, texts=((0, -2.4), (-0.5, 2)), **no)
    s.wire((x + 7, y + 8), (x + 8, y + 8), (x + 8, y + 12))
    s.power("GND", (x + 8, y + 12))
    s.wire((x + 7, y + 7), (x + 8.5, y + 7))
    s.lying("F1", "2.5A", (x + 10, y + 7), **no)
    s.wire((x + 11.5, y + 7), (x + 20, y + 7))
    s.upright(
        "D40", "SMBJ5.0CA", (x + 14, y + 9.5), texts=((-1, -0.5), (-1, 0.5)), align="right", **no
    )
    s.wire((x + 14, y + 7), (x + 14, y + 8))
    s.wire((x + 14, y + 11), (x + 14, y + 12))
    s.power("GND", (x + 14, y + 12))
    fet = s.part("Q1", "DMG2305UX", (x + 22, y + 8), 90, texts=((0, -3.8), (0, -2.9)), **no)
    s.wire(fet.pin("3"), (x + 20, y + 7))
    s.wire(fet.pin("2"), (x + 33, y + 7))
    s.power("+5V", (x + 33, y + 7), 270)
    left = s.part(
        "Q2",
        "DMMT5401",
        (x + 18, y + 13),
        180,
        texts=((-2.2, 2.4), (-2.2, 3.4)),
        align="left",
        **no,
    )
    right = s.part(
        "Q2", "DMMT5401", (x + 27, y + 13), 180, mirror=True, unit=2,
        texts=((2.4, -0.5), (2.4, 0.5)), align="left", **no,
    )  # fmt: skip
    s.wire(left.pin(6), (x + 17, y + 7))
    s.wire(right.pin(5), (x + 28, y + 7))
    s.wire(left.pin(2), right.pin(3))
    s.wire((x + 21, y + 13), (x + 21, y + 15), left.pin(1))
    s.wire(fet.pin("1"), (x + 34, y + 10), (x + 34, y + 15), right.pin(4))
    for ref, kind, px in (("R80", "10k", 17), ("R81", "47k", 28)):
        s.upright(ref, kind, (x + px, y + 17.5), **no)
        s.wire((x + px, y + 15), (x + px, y + 16))
        s.power("GND", (x + px, y + 19))


def buttons(s: Drawing, at: Point) -> None:
    """Contacts to ground; the Pi's own pull-ups hold them open."""
    x, y = at
    s.block("BUTTONS", at, (57, 22), "The pins' own pull-ups hold them open; debounce is software.")
    names = [name for name, pin in pin_map().items() if pin["use"] == "button"]
    for index, name in enumerate(names):
        px, py = x + 11 + 28 * (index // 3), y + 5 + 5 * (index % 3)
        label = str(pin_map()[name]["label"])
        s.part(f"SW{index + 1}", "BUTTON", (px, py), value=label, texts=((-1.6, -1.4), (2.2, -1.4)))
        s.wire((px - 2, py), (px - 4, py))
        s.label(name.upper(), (px - 4, py), 180)
        s.wire((px + 2, py), (px + 4, py), (px + 4, py + 1))
        s.power("GND", (px + 4, py + 1))


def lights(s: Drawing, at: Point) -> None:
    """Under 4 mA each; a GPIO gives 16, all of them together 50."""
    x, y = at
    s.block("LIGHTS", at, (28, 15))
    for index, (name, kind) in enumerate(
        (("led_human", "YOU"), ("led_box", "BOX"), ("led_beat", "BEAT"))
    ):
        py = y + 4 + 4 * index
        s.label(name.upper(), (x + 9, py), 180)
        s.wire((x + 9, py), (x + 10.5, py))
        s.lying(f"R{50 + index}", "390R", (x + 12, py))
        s.wire((x + 13.5, py), (x + 17.5, py))
        s.part(f"D{50 + index}", kind, (x + 19, py), 180, texts=((0, -1.2), (0, 1.3)))
        s.wire((x + 20.5, py), (x + 23, py), (x + 23, py + 0.5))
        s.power("GND", (x + 23, py + 0.5))


def knob(s: Drawing, at: Point) -> None:
    x, y = at
    s.block("KNOB (optional)", at, (28, 15))
    s.part("SW7", "KNOB", (x + 15, y + 7), texts=((0, -3), (0, 3.2)), value="KNOB")
    for name, py in (("ENCODER_A", 6), ("ENCODER_B", 8)):
        s.label(name, (x + 10, y + py), 180)
        s.wire((x + 10, y + py), (x + 12, y + py))
    s.wire((x + 12, y + 7), (x + 11, y + 7), (x + 11, y + 10))
    s.power("GND", (x + 11, y + 10))
    s.wire((x + 18, y + 6), (x + 19, y + 6))
    s.label("ENCODER_PUSH", (x + 19, y + 6))
    s.wire((x + 18, y + 8), (x + 20, y + 8), (x + 20, y + 10))
    s.power("GND", (x + 20, y + 10))


def feet(s: Drawing, at: Point) -> None:
    """Tip and ring to ground through whatever pedal; 1k and a clamp a line, no supply."""
    x, y = at
    s.block(
        "FOOTSWITCHES", at, (57, 35),
        "A mono plug shorts the ring: that line rests closed and does nothing. No supply here.",
    )  # fmt: skip
    for index, name in enumerate(("A", "B")):
        py = y + 9 + 13 * index
        number = 60 + 10 * index
        jack = s.part(
            f"J{8 + index}", "FOOT", (x + 5, py), value=f"FOOT {name}", texts=((0, -4), (0, 4.4))
        )
        s.open_pin(jack.pin("SN"), jack.pin("RN"), jack.pin("TN"))
        s.wire(jack.pin("S"), (x + 11, py - 2), (x + 11, py - 4), (x + 13, py - 4))
        s.wire((x + 13, py - 4), (x + 13, py - 3.5))
        s.power("GND", (x + 13, py - 3.5))
        for offset, (pin, level, way) in enumerate((("R", py, -1), ("T", py + 2, 1))):
            net = f"FOOT_{name}_{'RING' if pin == 'R' else 'TIP'}"
            s.wire(jack.pin(pin), (x + 26.5, level))
            guard(s, f"D{number + offset}", (x + 19, level), way)
            s.lying(f"R{number + offset}", "1k", (x + 28, level), texts=_outside(way))
            s.wire((x + 29.5, level), (x + 44, level))
            s.label(net, (x + 44, level))
            turn = x + 34 + 4 * offset
            s.upright(f"R{number + 2 + offset}", "10k", (turn, level + 2 * way))
            s.wire((turn, level), (turn, level + 0.5 * way))
            end = (turn, level + 3.5 * way)
            if way > 0:
                s.wire(end, (turn + 5, end[1]))
            s.power("+3V3", end if way < 0 else (turn + 5, end[1]))


def _outside(way: int) -> tuple[Point, Point]:
    """Reference and value both above (-1) or both below (1) a lying part."""
    return ((-0.8, 1.1 * way), (1.2, 1.1 * way))


def holes(s: Drawing, at: Point) -> None:
    """What is only mechanics, and where the supplies come from."""
    x, y = at
    s.block("HOLES AND SUPPLIES", at, (57, 14), "Power comes from the Pi, through the ribbon.")
    for index in range(5):
        s.part(f"H{index + 1}", "M3", (x + 5 + 5 * index, y + 6), texts=((0, -2), (0, 2)))
    for index, name in enumerate(("+3V3", "+5V", "GND")):
        px = x + 33 + 7 * index
        s.flag((px, y + 6))
        s.wire((px, y + 6), (px, y + 7))
        s.power(name, (px, y + 7), 0 if name == "GND" else 180)
