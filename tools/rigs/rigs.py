"""The rigs of docs/your-rig.md, by the name of their picture."""

from __future__ import annotations

from .drawing import Cable, Device, Rig

_BOX = Device("LK JAM", "the box", 1, 1)
_DRUMS = Device("Drum machine", "the clock", 2, 0)
_SYNTH = Device("Synth", "your sound", 0.5, 2)
_MIXER = Device("Mixer", "or amp", 2, 2)
_DI = Device("DI box", "if it hums", 0, 2, is_maybe=True)

_DRUMS_IN = Cable(
    ("Drum machine", "bottom", -24), ("LK JAM", "right", 0), "DIN", "OUT to IN", at=0.42
)
_DRUMS_AUDIO = Cable(("Drum machine", "bottom", 40), ("Mixer", "top", 40), "audio", at=0.62)
_TO_SYNTH = Cable(("LK JAM", "bottom", -40), ("Synth", "top", 39), "DIN", "OUT to IN")
_SYNTH_AUDIO = Cable(("Synth", "right", 0), ("Mixer", "left", 0), "audio")
_MACHINES = (_DRUMS, _BOX, _SYNTH, _MIXER)
_THEIRS = (_DRUMS_IN, _TO_SYNTH, _SYNTH_AUDIO, _DRUMS_AUDIO)


def _usual(title: str, name: str, sound: str = "your sound") -> Rig:
    """Somebody plays at the upper left; a drum machine and a synth."""
    synth = Device("Synth", sound, _SYNTH.column, _SYNTH.row)
    player = Device(name, "you play", 0, 0)
    cable = Cable((name, "bottom", 0), ("LK JAM", "left", 0), "USB")
    return Rig(title, (player, _DRUMS, _BOX, synth, _MIXER), (cable, *_THEIRS))


def _sounds_itself(title: str, name: str) -> Rig:
    """An instrument that is keyboard and synth, and a drum machine."""
    both = Cable((name, "bottom", 30), ("LK JAM", "left", 0), "USB", "both ways", both=True)
    return Rig(
        title,
        (Device(name, "keys and sound", 0, 0), _DRUMS, _BOX, _DI, _MIXER),
        (
            both,
            _DRUMS_IN,
            Cable((name, "bottom", -44), ("DI box", "top", -44), "audio", at=0.62),
            Cable(("DI box", "right", 0), ("Mixer", "left", 0), "audio"),
            _DRUMS_AUDIO,
        ),
    )


RIGS: dict[str, Rig] = {
    "keyboard-drums-synth": _usual("Keyboard, drum machine, synth", "Keyboard"),
    "stage-piano": _sounds_itself("Stage piano on one cable", "Stage piano"),
    "groovebox": Rig(
        "A groovebox that is all three",
        (
            Device("Groovebox", "keys, clock, sound", 0, 0),
            Device("Keyboard", "if you like", 2, 0, is_maybe=True),
            _BOX,
            Device("Mixer", "or amp", 0, 2),
        ),
        (
            Cable(
                ("Groovebox", "bottom", 30), ("LK JAM", "left", 0), "USB", "both ways", both=True
            ),
            Cable(("Keyboard", "bottom", 0), ("LK JAM", "right", 0), "USB"),
            Cable(("Groovebox", "bottom", -44), ("Mixer", "top", -44), "audio", at=0.62),
        ),
    ),
    "daw": Rig(
        "DAW",
        (
            Device("Keyboard", "you play", 0, 0),
            Device("Laptop", "DAW: clock, sound", 2, 0),
            _BOX,
            Device("Interface", "audio and MIDI", 2, 2),
            Device("Mixer", "or amp", 0, 2),
        ),
        (
            Cable(("Keyboard", "bottom", 0), ("LK JAM", "left", 0), "USB"),
            Cable(
                ("Laptop", "bottom", 40), ("Interface", "top", 40), "USB", "both ways", both=True
            ),
            Cable(("Interface", "top", -40), ("LK JAM", "right", 0), "DIN", "OUT to IN", at=0.42),
            Cable(
                ("LK JAM", "bottom", 20), ("Interface", "left", -16), "DIN", "OUT to IN", at=0.42
            ),
            Cable(("Interface", "left", 18), ("Mixer", "right", 18), "audio"),
        ),
    ),
    "mpe": _usual("MPE keyboard", "MPE keyboard", "in MPE mode"),
    "wind": _usual("Wind controller", "Wind controller"),
    "guitar": Rig(
        "MIDI guitar",
        (
            Device("Guitar", "hex pickup", 0, 0),
            Device("Converter", "strings to MIDI", 0, 1),
            Device("Guitar amp", "its own sound", 0, 2, is_maybe=True),
            _DRUMS,
            Device("LK JAM", "the box", 1.5, 1),
            Device("Synth", "your sound", 1, 2),
            Device("Mixer", "or amp", 2, 2.8),
        ),
        (
            Cable(("Guitar", "bottom", 30), ("Converter", "top", 30), "hex", "its cable"),
            Cable(("Guitar", "bottom", -44), ("Guitar amp", "top", -44), "audio", at=0.18),
            Cable(("Converter", "right", 0), ("LK JAM", "left", 0), "USB"),
            Cable(("Drum machine", "bottom", -54), ("LK JAM", "top", 25), "DIN", "OUT to IN"),
            Cable(("LK JAM", "bottom", -40), ("Synth", "top", 39), "DIN", "OUT to IN"),
            Cable(("Synth", "bottom", 0), ("Mixer", "left", 0), "audio"),
            Cable(("Drum machine", "bottom", 50), ("Mixer", "top", 50), "audio", at=0.72),
        ),
    ),
    "organ": _sounds_itself("Organ", "Organ"),
    "two-keyboards": Rig(
        "Two keyboards",
        (
            Device("Keyboard 1", "your melody", 0, 0),
            Device("Keyboard 2", "your chords", 1, 0),
            *_MACHINES,
        ),
        (
            Cable(("Keyboard 1", "bottom", 0), ("LK JAM", "left", 0), "USB"),
            Cable(("Keyboard 2", "bottom", 0), ("LK JAM", "top", 0), "USB"),
            *_THEIRS,
        ),
    ),
}
