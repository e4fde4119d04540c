"""Mutated files and packets for everything that reads some.

A ``Taker`` may take what it is given or refuse it with an error of ours, in one line.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from lkjam_box.brain import model_file
from lkjam_box.config.load import load_config
from lkjam_box.config.reference import sample
from lkjam_box.errors import LkjamError
from lkjam_box.music.library import SHIPPED
from lkjam_box.music.progression import load_progressions, yaml_files
from lkjam_box.play.take_files import read_player
from lkjam_box.protocol.choices import Choices
from lkjam_box.protocol.records import SIZE, Command, ControlSetting, pack, unpack
from lkjam_box.state.remembered import State
from lkjam_box.state.slots import decode, encode


@dataclass(frozen=True, slots=True)
class Taker:
    """``share`` of all tries are its; ``seeds`` are good contents to mutate."""

    name: str
    share: float
    seeds: tuple[bytes, ...]
    take: Callable[[bytes], object]


def mutated(data: bytes, random: Random) -> bytes:
    """A few bytes changed, put in, taken out or doubled, or the end cut off."""
    out = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        at = random.randrange(len(out) + 1)
        match random.randrange(7):
            case 0 if out:
                out[at % len(out)] ^= 1 << random.randrange(8)
            case 1 if out:
                out[at % len(out)] = random.choice((0, 1, 0x7F, 0x80, 0xFF, 10, 32, 58, 91, 123))
            case 2:
                out[at:at] = random.randbytes(random.randrange(1, 9))
            case 3:
                del out[at : at + random.randrange(1, 32)]
            case 4:
                del out[at:]
            case 5:
                out[at:at] = out[max(at - random.randrange(1, 64), 0) : at]
            case 6 if len(out) > 8:
                struct.pack_into("<I", out, at % (len(out) - 4), random.getrandbits(32))
    return bytes(out)


def takers(folder: Path) -> Iterator[Taker]:
    """All of them; they write into ``folder``."""

    def by_path(name: str, read: Callable[[Path], object]) -> Callable[[bytes], object]:
        path = folder / name

        def take(data: bytes) -> object:
            path.write_bytes(data)
            return read(path)

        return take

    options = by_path("options.yaml", load_config)
    yield Taker("options", 0.2, (sample().encode(), b"brain:\n  engine: gru\n"), options)
    tunes = tuple(file.read_bytes() for file in yaml_files(SHIPPED))
    yield Taker("progressions", 0.25, tunes, by_path("tune.yaml", load_progressions))
    model = model_file.default_model().read_bytes()
    yield Taker("model", 0.05, (model,), by_path("model.tflite", model_file.read))
    states = [State(), State(boots=7, choices=Choices(progression="Blues", line_up=("human", "A")))]
    yield Taker("state slots", 0.15, tuple(encode(s, 3) for s in states), decode)
    records = (pack(Command(8)), pack(ControlSetting(1, 5, 3.0)), bytes(SIZE), b"")
    yield Taker("records and control packets", 0.2, records, unpack)
    yield Taker("MIDI files", 0.15, (_midi_file(),), by_path("player.mid", read_player))


def _midi_file() -> bytes:
    track = b"".join(
        bytes((0, 0x90, 60 + n % 12, 90, 0x60, 0x80, 60 + n % 12, 64)) for n in range(40)
    )
    track = b"\x00\xff\x51\x03\x07\xa1\x20" + b"\x00\xff\x58\x04\x04\x02\x18\x08" + track
    track += b"\x00\xff\x2f\x00"
    head = b"MThd" + struct.pack(">IHHH", 6, 0, 1, 96)
    return head + b"MTrk" + struct.pack(">I", len(track)) + track


def try_file(taker: Taker, random: Random) -> bool:
    """Feed it one mutated file: True when it took it. Raises what it may not raise."""
    data = mutated(random.choice(taker.seeds), random)
    try:
        taker.take(data)
    except LkjamError as error:
        if "\n" in str(error):
            raise AssertionError(f"more than one line: {error}") from error
        return False
    return True
