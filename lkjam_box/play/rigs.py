"""Rigs by name, as players own them: those of the manual, and some with bad manners."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from ..errors import LkjamError
from ..protocol.choices import Role
from .rig_hands import Hand, Stroke, breath, drawbars, guitar, mpe
from .rig_instruments import Instrument
from .rig_sequencer import JUMPS, Pattern, Sequencer

_SPLIT = 66  # two keyboards: keys from here up are played on the second one


@dataclass(slots=True)
class Band:
    """The instruments of a rig; ``told`` are the roles that its player chose in the menu."""

    player: Instrument
    machine: Sequencer
    others: Sequence[Instrument] = ()
    idle: Sequencer | None = None  # ticks from power-on, and is never started
    second: Instrument | None = None  # keyboard for the high notes
    told: dict[Instrument, Role] = field(default_factory=dict)

    @property
    def instruments(self) -> list[Instrument]:
        every = [self.player, self.machine.instrument, *self.others]
        every += [self.second] if self.second else []
        return list(dict.fromkeys(every))

    def play(self, strokes: Sequence[Stroke]) -> None:
        if self.second is None:
            self.player.play(*strokes)
        else:
            self.player.play(*(stroke for stroke in strokes if stroke.pitch < _SPLIT))
            self.second.play(*(stroke for stroke in strokes if stroke.pitch >= _SPLIT))


@dataclass(frozen=True, slots=True)
class Rig:
    """``words`` is one line for the player; ``build`` makes the instruments anew."""

    words: str
    build: Callable[[Random], Band]


def _keys(client: str = "Arturia KeyStep 37", hand: Hand | None = None) -> Instrument:
    return Instrument(client, path="1-1.1", hand=hand)


def _synth(client: str = "minilogue xd") -> Instrument:
    return Instrument(client, path="1-1.3", sounds=True)


def _drums(client: str = "TR-8S", ports: int = 1, idle: bool = False) -> Sequencer:
    drums = Instrument(client, [""] * ports, path="1-1.2", sounds=True)
    return Sequencer(drums, idle=idle, ports=range(ports), pattern=Pattern())


def _trio(player: Instrument) -> Band:
    return Band(player, _drums(), [_synth()])


def _stage_piano(_: Random) -> Band:
    return Band(Instrument("Roland Digital Piano", path="1-1.1", sounds=True), _drums())


def _groovebox(_: Random) -> Band:
    machine = _drums("MC-101")
    everything = Role.PLAYER | Role.CLOCK | Role.SYNTH
    return Band(machine.instrument, machine, told={machine.instrument: everything})


def _daw(_: Random) -> Band:
    machine = Sequencer(Instrument("Logic Pro Virtual Out", path="1-1.2"))
    machine.cycle, machine.jump = (0, 8 * 96), JUMPS["stop"]
    return Band(_keys(), machine, [_synth()])


def _two_keyboards(_: Random) -> Band:
    band = _trio(_keys("Keystation 49"))
    band.second = Instrument("MicroFreak", path="1-1.4")
    return band


def _idle_clock(_: Random) -> Band:
    band = _trio(_keys("Digital Piano"))
    band.idle = Sequencer(band.player, 97.0, idle=True)
    return band


def _echo(dice: Random) -> Band:
    synth = Instrument(
        "minilogue xd", path="1-1.3", sounds=True, returns_s=lambda: dice.uniform(0.001, 0.06)
    )
    return Band(_keys(), _drums(), [synth])


def _control_port(_: Random) -> Band:
    ports = ("Oxygen Pro 61 USB MIDI", "Oxygen Pro 61 Mackie/HUI")
    return _trio(Instrument("Oxygen Pro 61", ports, path="1-1.1"))


def _interface(_: Random) -> Band:
    interface = Instrument("UM-ONE", path="1-1.1")
    keys, synth = (Instrument(name, via=interface, sounds=name == "synth") for name in _BEHIND)
    return Band(keys, _drums(), [interface, synth])


_BEHIND = ("keys", "synth")

RIGS = {
    "trio": Rig("keyboard, drum machine and synth", lambda _: _trio(_keys())),
    "stage-piano": Rig("stage piano on one cable, and a drum machine", _stage_piano),
    "groovebox": Rig("groovebox that is keyboard, clock and synth", _groovebox),
    "daw": Rig("DAW as drum machine, cycling 8 bars", _daw),
    "mpe": Rig("MPE keyboard", lambda _: _trio(_keys("Seaboard RISE 2", mpe()))),
    "wind": Rig(
        "wind controller, whose breath falls to 0",
        lambda _: _trio(_keys("EWI USB", breath((2, 11)))),
    ),
    "guitar": Rig(
        "MIDI guitar with ghosts", lambda dice: _trio(_keys("Fishman TriplePlay", guitar(dice)))
    ),
    "organ": Rig(
        "organ, drawbars in motion", lambda dice: _trio(_keys("Nord Stage 3", drawbars(dice)))
    ),
    "two-keyboards": Rig("two keyboards, one player", _two_keyboards),
    "interface": Rig("keyboard and synth at the jacks of one interface", _interface),
    "idle-clock": Rig("keyboard that ticks from power-on", _idle_clock),
    "two-ports": Rig(
        "drum machine that ticks on two ports",
        lambda _: Band(_keys(), _drums("Deluge", ports=2), [_synth()]),
    ),
    "echo": Rig("synth that returns what it gets", _echo),
    "control-port": Rig("keyboard with a port for a DAW's buttons", _control_port),
}


def rig_named(name: str) -> Rig:
    """Raises LkjamError, which says what there is."""
    if name not in RIGS:
        raise LkjamError(f"no rig {name!r}: there are {', '.join(RIGS)}")
    return RIGS[name]


def rig_list() -> str:
    """One line a rig."""
    width = max(map(len, RIGS))
    return "\n".join(f"  {name:<{width}}  {rig.words}" for name, rig in RIGS.items())
