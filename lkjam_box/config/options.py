"""The option table.

Every option of the box stands here once: name, type, range, default and what it
does. Defaults, validation, the sample file and docs/options.md all come from it.
Values are frozen; a changed file gives a new :class:`Config`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from ..pinmap import HEADER, Pin, bcm, movable, pins

FootButton = Literal["off", "previous", "next", "key", "turn", "start", "line"]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A group of options."""


class Ports(Section, frozen=True):
    """MIDI wires."""

    kind: Annotated[
        Literal["auto", "alsa", "jack", "virtual"],
        Meta(description="Family of MIDI ports; auto takes ALSA where it works, else virtual."),
    ] = "auto"
    keyboard: Annotated[
        tuple[str, ...],
        Meta(
            description="Name patterns of inputs to play from (* and ?); all that fit are opened. "
            "NAME@PATH also asks for the USB socket, as in *@1-1.2."
        ),
    ] = ("*",)
    clock: Annotated[
        tuple[str, ...],
        Meta(description="Name patterns of inputs to take MIDI clock from, as for keyboard."),
    ] = ("*",)
    synth: Annotated[
        tuple[str, ...], Meta(description="Name patterns of outputs to play to, as for keyboard.")
    ] = ("*",)
    ignore: Annotated[
        tuple[str, ...], Meta(description="Name patterns of ports never to open.")
    ] = ("Midi Through*", "RtMidi*", "lkjam*", "system:*")
    interfaces: Annotated[
        tuple[str, ...],
        Meta(
            description="Name patterns of MIDI interfaces: cables and boxes with jacks, which are "
            "no instrument. What comes in on one of their ports may go out on it, too."
        ),
    ] = (
        "DIN*",
        "*Interface*",
        "*USB*MIDI*Cable*",
        "*USB2.0-MIDI*",
        "*CH345*",
        "UM-*",
        "mio*",
        "*iConnect*",
        "*MIDISPORT*",
        "*MIDIFACE*",
        "*MIDIMATE*",
        "*MIDI4x4*",
        "*Midihub*",
        "*MRCC*",
        "*U2MIDI*",
        "*U6MIDI*",
        "*WIDI*",
        "*Scarlett*",
        "*Clarett*",
        "UMC*",
        "US-*x*",
        "*AudioBox*",
        "*Komplete Audio*",
        "*CAPTURE*",
        "*Rubix*",
        "*MOTU*",
        "*Fireface*",
        "*Babyface*",
        "*Steinberg UR*",
        "*pisound*",
    )
    din: Annotated[
        str,
        Meta(
            pattern=r"auto|off|/.+",
            extra={"allowed": "auto, off or a path such as /dev/ttyAMA0"},
            description="Serial line of the DIN (and TRS) jacks; auto takes /dev/ttyAMA0, the "
            "header's own on every Raspberry Pi, where nothing else has it.",
        ),
    ] = "auto"


class ClockOptions(Section, frozen=True):
    """Tempo: whose clock, and how it is followed."""

    source: Annotated[
        Literal["external", "internal"],
        Meta(description="external follows MIDI clock; internal is the master and sends it."),
    ] = "external"
    bpm: Annotated[
        float, Meta(ge=40, le=300, description="Tempo of the internal clock, in BPM.")
    ] = 120.0
    output_offset_ms: Annotated[
        float,
        Meta(ge=-50, le=50, description="Plays this much later (or earlier, negative), in ms."),
    ] = 0.0
    freewheel_beats: Annotated[
        float, Meta(ge=0.5, le=16, description="Beats to play on without clock before NO CLOCK.")
    ] = 2.0
    jump: Annotated[
        Literal["trade", "song"],
        Meta(
            description="When a song jumps to another place without stopping (a DAW's cycle): "
            "trade goes on with the turns in their order, song follows the song's place."
        ),
    ] = "trade"
    forward: Annotated[
        bool, Meta(description="Pass the incoming clock, Start and Stop on to the synth.")
    ] = False


class Turns(Section, frozen=True):
    """Who plays when."""

    line_up: Annotated[
        tuple[Literal["human", "A", "B", "C"], ...],
        Meta(
            min_length=1, max_length=8, description="Who trades, in order; letters are box seats."
        ),
    ] = ("human", "A")
    turn_bars: Annotated[
        int, Meta(ge=0, le=16, description="Bars of a turn; 0 takes the progression's own.")
    ] = 0
    preroll_bars: Annotated[
        int, Meta(ge=0, le=4, description="Bars counted in before the first loop.")
    ] = 1
    loops: Annotated[
        int,
        Meta(
            ge=-1,
            le=1000,
            description="Loops of a set; 0 plays on, -1 takes the progression's own.",
        ),
    ] = -1
    hand_over: Annotated[
        str,
        Meta(
            pattern=r"^(off|(cc|note):(\d|[1-9]\d|1[01]\d|12[0-7]))$",
            extra={"allowed": "off, cc:0 to cc:127, note:0 to note:127"},
            description="Pedal or key that ends the human's turn at the next bar: off, cc:67.",
        ),
    ] = "off"
    early_beats: Annotated[
        float,
        Meta(
            ge=0,
            le=1,
            description="A note this little before the human's line belongs to the turn.",
        ),
    ] = 0.125


class Thru(Section, frozen=True):
    """What the human plays, passed on to the synth."""

    on: Annotated[bool, Meta(description="Pass the keyboard on.")] = True
    channel: Annotated[
        int, Meta(ge=0, le=16, description="MIDI channel 1-16; 0 keeps the keyboard's.")
    ] = 0
    transpose: Annotated[int, Meta(ge=-48, le=48, description="Semitones.")] = 0
    back: Annotated[
        bool,
        Meta(
            description="Pass an instrument's keys back to itself, too: for one whose local "
            "control is off."
        ),
    ] = False


class Listen(Section, frozen=True):
    """What of your playing is taken for the melody that is answered; all of it sounds."""

    channel: Annotated[
        int, Meta(ge=0, le=16, description="MIDI channel listened to; 0 is every one.")
    ] = 0
    low: Annotated[
        int,
        Meta(ge=0, le=127, description="Lowest MIDI note that can be melody; below is comping."),
    ] = 0
    high: Annotated[
        int, Meta(ge=0, le=127, description="Highest MIDI note that can be melody.")
    ] = 127
    least_velocity: Annotated[
        int,
        Meta(
            ge=1,
            le=127,
            description="Softer notes are not listened to: for a guitar or pads that trigger "
            "where nothing was meant. 1 listens to all.",
        ),
    ] = 1
    least_ms: Annotated[
        float,
        Meta(
            ge=0,
            le=200,
            description="Shorter notes are taken back when they end, for the same. A 32nd at 200 "
            "BPM lasts 37 ms.",
        ),
    ] = 0.0


class Metronome(Section, frozen=True):
    """A click as MIDI notes."""

    when: Annotated[Literal["off", "count-in", "always"], Meta(description="When it clicks.")] = (
        "count-in"
    )
    channel: Annotated[int, Meta(ge=1, le=16, description="MIDI channel.")] = 10
    bar_note: Annotated[int, Meta(ge=0, le=127, description="MIDI note of beat 1.")] = 76
    beat_note: Annotated[int, Meta(ge=0, le=127, description="MIDI note of other beats.")] = 77
    velocity: Annotated[int, Meta(ge=1, le=127, description="How loud.")] = 90


class Brain(Section, frozen=True):
    """What answers."""

    engine: Annotated[
        Literal["gru", "markov", "off"], Meta(description="What makes the answers.")
    ] = "gru"
    model: Annotated[
        str, Meta(description="Model file; empty takes the one that comes with the box.")
    ] = ""
    runtime: Annotated[
        Literal["auto", "litert", "tflite", "numpy"],
        Meta(description="What runs the model; auto takes the first one installed."),
    ] = "auto"
    temperature: Annotated[
        float, Meta(ge=0.1, le=2.0, description="Lower is safer, higher is wilder.")
    ] = 1.0
    top_p: Annotated[
        float, Meta(ge=0.1, le=1.0, description="Share of likely choices kept; 1 keeps all.")
    ] = 0.92
    strategy: Annotated[
        Literal["free", "continuation", "imitation", "inversion", "contrast"],
        Meta(description="What answers make of your call; free leaves it to the model."),
    ] = "free"
    style: Annotated[
        Literal[
            "any",
            "traditional",
            "swing",
            "bebop",
            "cool",
            "hardbop",
            "postbop",
            "fusion",
            "pop",
            "experimental",
        ],
        Meta(description="How answers play."),
    ] = "any"
    density: Annotated[int, Meta(ge=0, le=5, description="1 sparse to 5 busy; 0 as it comes.")] = 0
    register: Annotated[
        int, Meta(ge=-3, le=3, description="Steps of four semitones that low and high are moved.")
    ] = 0
    heat: Annotated[
        float, Meta(ge=-1, le=1, description="Bends temperature and top_p: -1 cool, 1 hot.")
    ] = 0.0
    low: Annotated[int, Meta(ge=0, le=127, description="Lowest MIDI note of answers.")] = 48
    high: Annotated[int, Meta(ge=0, le=127, description="Highest MIDI note of answers.")] = 84
    channel: Annotated[
        int, Meta(ge=1, le=16, description="MIDI channel of seat A; B and C take the next ones.")
    ] = 1
    seed: Annotated[
        int, Meta(ge=0, le=2**31 - 1, description="0 answers differently every night.")
    ] = 0
    prepare_ms: Annotated[
        float,
        Meta(ge=10, le=1000, description="How long before the line the first answer is made."),
    ] = 120.0
    grace_ms: Annotated[
        float,
        Meta(
            ge=0,
            le=20,
            description="How long after the line to wait for an answer that heard the last note.",
        ),
    ] = 4.0


_CC = r"^(off|\d|[1-9]\d|1[01]\d)$"
_CC_WORDS = "off, 0 to 119"


class Controls(Section, frozen=True):
    """MIDI controllers that choose how the box answers; they are not passed on to the synth."""

    strategy: Annotated[
        str,
        Meta(
            pattern=_CC,
            extra={"allowed": _CC_WORDS},
            description="Controller that chooses the strategy.",
        ),
    ] = "off"
    style: Annotated[
        str,
        Meta(
            pattern=_CC,
            extra={"allowed": _CC_WORDS},
            description="Controller that chooses the style.",
        ),
    ] = "off"
    density: Annotated[
        str,
        Meta(
            pattern=_CC,
            extra={"allowed": _CC_WORDS},
            description="Controller for the density.",
        ),
    ] = "off"
    register: Annotated[
        str,
        Meta(
            pattern=_CC,
            extra={"allowed": _CC_WORDS},
            description="Controller for the register, its middle being 0.",
        ),
    ] = "off"
    heat: Annotated[
        str,
        Meta(
            pattern=_CC,
            extra={"allowed": _CC_WORDS},
            description="Controller for the heat, its middle being 0.",
        ),
    ] = "off"
    program: Annotated[
        Literal["off", "strategy", "style"],
        Meta(description="What program changes choose, by their number; off passes them on."),
    ] = "off"
    channel: Annotated[
        int, Meta(ge=0, le=16, description="MIDI channel the controllers come on; 0 is any.")
    ] = 0
    seat: Annotated[
        Literal["all", "A", "B", "C", "each"],
        Meta(
            description="Box seats that buttons and controllers steer; each: controllers steer "
            "A on channel (0 counts as 1), B and C on the next ones."
        ),
    ] = "all"


def _pin_option(wire: Pin) -> tuple[str, object, int]:
    """(name, type, default) of the option that sets a wire's GPIO line."""
    words = f"GPIO (BCM) of {wire.what or wire.label}."
    meta = Meta(ge=min(HEADER), le=max(HEADER), description=words)
    return wire.option, Annotated[int, meta], wire.bcm


def _with_pins(section: type[msgspec.Struct]) -> type[msgspec.Struct]:
    """``section`` with, after its own options, one for each wire of :func:`~..pinmap.movable`."""
    return msgspec.defstruct(
        section.__name__,
        map(_pin_option, movable()),
        bases=(section,),
        module=__name__,
        namespace={"__doc__": section.__doc__},
        frozen=True,
        kw_only=True,
    )


@_with_pins
class Panel(Section, frozen=True):
    """Buttons, lights and screen."""

    screen: Annotated[
        Literal["auto", "off", "terminal", "ssd1306", "sh1106"], Meta(description="The display.")
    ] = "auto"
    bus: Annotated[Literal["i2c", "spi"], Meta(description="How the OLED is wired.")] = "i2c"
    i2c_port: Annotated[int, Meta(ge=0, le=30, description="I2C bus number.")] = 1
    i2c_address: Annotated[int, Meta(ge=0x08, le=0x77, description="OLED address, 60 is 0x3C.")] = (
        0x3C
    )
    brightness: Annotated[
        int, Meta(ge=1, le=10, description="Brightness of the OLED, 10 is all it can.")
    ] = 10
    rotate: Annotated[Literal[0, 180], Meta(description="Turn the picture.")] = 0
    buttons: Annotated[
        Literal["auto", "off", "gpio", "keys"],
        Meta(description="GPIO buttons, or keys of a terminal."),
    ] = "auto"
    gpio_chip: Annotated[
        int,
        Meta(
            ge=-1,
            le=15,
            description="Number of the GPIO chip of buttons and lights (0 for /dev/gpiochip0), "
            "on any board; -1 is the header of a Raspberry Pi.",
        ),
    ] = -1
    debounce_ms: Annotated[
        float, Meta(ge=1, le=100, description="A contact is deaf this long after an edge.")
    ] = 8.0
    long_press_ms: Annotated[
        float, Meta(ge=300, le=5000, description="Holding a button this long is a long press.")
    ] = 1000.0
    feet: Annotated[
        bool, Meta(description="Footswitches; false where another board has their pins.")
    ] = True
    foot_a_tip: Annotated[FootButton, Meta(description="Button that footswitch A stands for.")] = (
        "start"
    )
    foot_a_ring: Annotated[
        FootButton, Meta(description="The same for its second contact, which acts when let go.")
    ] = "next"
    foot_b_tip: Annotated[FootButton, Meta(description="Button that footswitch B stands for.")] = (
        "line"
    )
    foot_b_ring: Annotated[FootButton, Meta(description="The same for its second contact.")] = (
        "previous"
    )
    encoder: Annotated[
        bool,
        Meta(description="A knob that stands for PREVIOUS and NEXT, its push for TURN."),
    ] = True

    def pin(self, wire: str) -> int:
        """GPIO (BCM) number of a wire: from its option, or from the pin map if it has none."""
        option = pins()[wire].option
        return int(getattr(self, option)) if option else bcm(wire)


class Music(Section, frozen=True):
    """Progressions."""

    folder: Annotated[
        str, Meta(description="Folder of your own progressions (YAML), added to those of the box.")
    ] = ""
    progression: Annotated[
        str, Meta(description="Name of the one to begin with; empty begins with the first.")
    ] = ""
    set: Annotated[
        tuple[str, ...],
        Meta(description="Names, in the order the buttons step through; empty is all."),
    ] = ()


class Recorder(Section, frozen=True):
    """What you and the box played, as MIDI files."""

    on: Annotated[
        bool, Meta(description="Record every set; the oldest recordings make room for new ones.")
    ] = True
    folder: Annotated[
        str, Meta(description="Where recordings go; empty is the folder takes where the state is.")
    ] = ""
    keep_mb: Annotated[
        float, Meta(ge=0.1, le=100000, description="Megabytes of recordings kept at most.")
    ] = 64.0
    keep_sets: Annotated[int, Meta(ge=1, le=9999, description="Recordings kept at most.")] = 200


class Service(Section, frozen=True):
    """The machine under it."""

    remember: Annotated[
        bool,
        Meta(
            description="Begin with what was chosen last; an option edited since then wins. "
            "false begins with the options."
        ),
    ] = True
    runtime_folder: Annotated[
        str, Meta(description="Where the processes meet; empty takes the system's.")
    ] = ""
    priority: Annotated[
        int,
        Meta(ge=0, le=80, description="SCHED_FIFO priority of the stage process; 0 asks for none."),
    ] = 70
    stage_core: Annotated[
        int,
        Meta(
            ge=-2,
            le=255,
            description="Core of the stage process; -1 the isolated one if any, -2 none.",
        ),
    ] = -1
    lock_memory: Annotated[
        bool, Meta(description="Keep the stage process's memory from being paged.")
    ] = True


class Config(Section, frozen=True):
    """All options, by section."""

    ports: Ports = Ports()
    clock: ClockOptions = ClockOptions()
    turns: Turns = Turns()
    thru: Thru = Thru()
    listen: Listen = Listen()
    metronome: Metronome = Metronome()
    brain: Brain = Brain()
    controls: Controls = Controls()
    panel: Panel = Panel()
    music: Music = Music()
    recorder: Recorder = Recorder()
    service: Service = Service()
