"""What every part is: symbol, footprint, what to order, what it costs about.

Prices are estimates in euros, of one and of a hundred, from memory of distributors' pages; they
are there to choose by, not to order by. ``others`` are parts that fit the same pads.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One line of an order."""

    lib_id: str
    footprint: str
    maker: str
    mpn: str
    price_eur: float
    price_100_eur: float
    others: tuple[str, ...] = ()
    say: str = ""  # what the parts list says of it besides


_R = "Resistor_SMD:R_0805_2012Metric_Pad1.20x1.40mm_HandSolder"
_C = "Capacitor_SMD:C_0805_2012Metric_Pad1.18x1.45mm_HandSolder"
_YAGEO = "RC0805FR-07"


def resistor(code: str) -> Kind:
    return Kind("Device:R", _R, "Yageo", f"{_YAGEO}{code}L", 0.02, 0.005)


KINDS = {
    "0R": resistor("0R"),
    "220R": resistor("220R"),
    "390R": resistor("390R"),
    "470R": resistor("470R"),
    "1k": resistor("1K"),
    "3k9": resistor("3K9"),
    "10k": resistor("10K"),
    "47k": resistor("47K"),
    "100R": Kind(
        "Device:R", "Resistor_SMD:R_2010_5025Metric_Pad1.40x2.65mm_HandSolder", "Vishay",
        "CRCW2010100RFKEF", 0.25, 0.12, ("Yageo RC2010FK-07100RL", "Panasonic ERJ-12SF1000U"),
        "large pads, so that the 33R 0.5 W of CA-033 fits too",
    ),
    "75R": Kind(
        "Device:R", "Resistor_SMD:R_1206_3216Metric_Pad1.30x1.75mm_HandSolder", "Yageo",
        "RC1206FR-0775RL", 0.03, 0.01, ("Vishay CRCW120675R0FKEA", "Panasonic ERJ-8ENF75R0V"),
        "0.25 W, so that the 10R 0.25 W of CA-033 fits too",
    ),
    "100n": Kind("Device:C", _C, "Yageo", "CC0805KRX7R9BB104", 0.02, 0.006),
    "1N4148": Kind(
        "Device:D", "Diode_SMD:D_SOD-123", "Diodes", "1N4148W-7-F", 0.05, 0.02,
        ("onsemi 1N4148W", "Vishay 1N4148W-E3-08"),
    ),
    "PESD5V0": Kind(
        "Device:D_TVS", "Diode_SMD:D_SOD-323_HandSoldering", "Nexperia", "PESD5V0S1BA,115", 0.12,
        0.05, ("Bourns CDSOD323-T05SC", "Littelfuse SD05C-01FTG"),
    ),
    "H11L1": Kind(
        "Isolator:H11L1", "Package_DIP:DIP-6_W7.62mm", "onsemi", "H11L1M", 0.75, 0.45,
        ("Lite-On H11L1", "Isocom H11L1"), "in a socket; 6N138 does not work at 3.3 V",
    ),
    "74LVC1G34": Kind(
        "74xGxx:74LVC1G34", "Package_TO_SOT_SMD:SOT-23-5", "Texas Instruments",
        "SN74LVC1G34DBVR", 0.20, 0.08, ("Nexperia 74LVC1G34GV,125", "Diodes 74LVC1G34W5-7"),
    ),
    "24LC32": Kind(
        "Memory_EEPROM:24LC32", "Package_SO:SOIC-8_3.9x4.9mm_P1.27mm", "Microchip",
        "24LC32AT-I/SN", 0.40, 0.30, ("onsemi CAT24C32WI-GT3", "ST M24C32-WMN6TP"),
    ),
    "DIN-5": Kind(
        "Connector:DIN-5_180degree", "lkjam:DIN-5_MIDI_Horizontal", "Same Sky", "SDS-50J", 1.30,
        0.85, ("Lumberg 0107 05-1 (check the pads)", "Kycon KCDX-5S-N (check the pads)"),
        "footprint UNVERIFIED: lay the jack on the printed page first",
    ),
    "TRS": Kind(
        "Connector_Audio:AudioJack3", "lkjam:TRS_Jack_Horizontal", "Same Sky", "SJ1-3523N", 0.75,
        0.50,
        ("Same Sky SJ1-3523NS", "Kycon STX-3120-3B (check the pads)"),
    ),
    "FOOT": Kind(
        "Connector_Audio:NRJ6HF", "Connector_Audio:Jack_6.35mm_Neutrik_NRJ6HF_Horizontal",
        "Neutrik", "NRJ6HF", 1.60, 1.20, ("Neutrik NRJ6HF-AU", "Neutrik NRJ6HF-1 (plastic nut)"),
    ),
    "BUTTON": Kind(
        "Switch:SW_Push", "Button_Switch_THT:SW_PUSH-12mm", "Omron", "B3F-5050", 0.55, 0.38,
        ("Wuerth 430456073716", "TE 1825027-5"), "with cap B32-1310 or a printed one",
    ),
    "YOU": Kind(
        "Device:LED", "LED_THT:LED_D5.0mm", "Kingbright", "WP7113SGD", 0.15, 0.08,
        ("any diffuse green 5 mm LED",), "green",
    ),
    "BOX": Kind(
        "Device:LED", "LED_THT:LED_D5.0mm", "Kingbright", "WP7113SED", 0.15, 0.08,
        ("any diffuse orange 5 mm LED",), "orange",
    ),
    "BEAT": Kind(
        "Device:LED", "LED_THT:LED_D5.0mm", "Kingbright", "WP7113SRD", 0.15, 0.08,
        ("any diffuse red 5 mm LED",), "red",
    ),
    "KNOB": Kind(
        "Device:RotaryEncoder_Switch",
        "Rotary_Encoder:RotaryEncoder_Alps_EC11E-Switch_Vertical_H20mm_CircularMountingHoles",
        "Alps Alpine", "EC11E15244B2", 1.90, 1.30,
        ("Bourns PEC11R-4215F-S0024", "any EC11 with push, shaft 15 mm or longer"), "optional",
    ),
    "OLED": Kind(
        "Connector_Generic:Conn_01x04",
        "Connector_PinSocket_2.54mm:PinSocket_1x04_P2.54mm_Vertical", "Samtec",
        "SSW-104-01-T-S", 0.60, 0.35, ("any 4-pin 2.54 mm socket",),
    ),
    "PI": Kind(
        "Connector_Generic:Conn_02x20_Odd_Even", "Connector_IDC:IDC-Header_2x20_P2.54mm_Vertical",
        "Wuerth", "61204021621", 1.10, 0.75, ("Amphenol T821140A1S100CEU", "any 2 x 20 box header"),
        "on the under side",
    ),
    "5V IN": Kind(
        "Connector:Screw_Terminal_01x02",
        "TerminalBlock_Phoenix:TerminalBlock_Phoenix_MKDS-1,5-2-5.08_1x02_P5.08mm_Horizontal",
        "Phoenix", "1715721", 0.90, 0.60,
    ),
    "2.5A": Kind(
        "Device:Polyfuse", "Fuse:Fuse_1812_4532Metric", "Bourns", "MF-MSMF250/16X-2", 0.5, 0.3
    ),
    "SMBJ5.0CA": Kind("Device:D_TVS", "Diode_SMD:D_SMB", "Littelfuse", "SMBJ5.0CA", 0.35, 0.18),
    "DMG2305UX": Kind(
        "Transistor_FET:DMG2301L", "Package_TO_SOT_SMD:SOT-23", "Diodes", "DMG2305UX-13", 0.3, 0.1
    ),
    "DMMT5401": Kind(
        "Transistor_BJT:DMMT5401", "Package_TO_SOT_SMD:SOT-23-6", "Diodes", "DMMT5401-7-F", 0.4, 0.2
    ),
    "NORMAL": Kind(
        "Jumper:SolderJumper_3_Bridged12",
        "Jumper:SolderJumper-3_P1.3mm_Bridged12_RoundedPad1.0x1.5mm", "", "", 0, 0,
    ),
    "WRITE": Kind(
        "Jumper:SolderJumper_2_Open", "Jumper:SolderJumper-2_P1.3mm_Open_RoundedPad1.0x1.5mm", "",
        "", 0, 0,
    ),
    "M3": Kind("Mechanical:MountingHole", "MountingHole:MountingHole_3.2mm_M3", "", "", 0, 0),
}  # fmt: skip
