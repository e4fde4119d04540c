"""A gig of keyboard, drum machine and synth, each on a cable of its own that may be pulled."""

from __future__ import annotations

from collections.abc import Callable

from lkjam_box.config.options import Config
from lkjam_box.midi.messages import Message
from lkjam_box.music.library import Library
from lkjam_box.play.rig import RigGig
from lkjam_box.play.rig_ear import Key
from lkjam_box.play.rig_instruments import Instrument, Port
from lkjam_box.protocol.engine import Engine
from lkjam_box.protocol.records import EngineId
from lkjam_box.tempo.clock import Clock

KEYS, DRUMS, SYNTH = "keys", "drums", "synth"


class CableGig(RigGig):
    """``pull`` the cable of ``by_name[KEYS]`` and so on; hear the synth with ``sounded``."""

    def __init__(
        self,
        config: Config,
        library: Library,
        clock: Clock,
        make_engine: Callable[[EngineId], Engine],
        *,
        seed: int = 1,
    ) -> None:
        self.by_name = {
            KEYS: Instrument(KEYS, [Port("", takes=False)], path="1-1.1"),
            DRUMS: Instrument(DRUMS, [Port("", takes=False)], path="1-1.2"),
            SYNTH: Instrument(SYNTH, [Port("", sends=False)], path="1-1.3", sounds=True),
        }
        rig = list(self.by_name.values())
        super().__init__(rig, config, library, make_engine, clock=clock, seed=seed)

    def key(self, time_s: float, message: Message) -> None:
        self.by_name[KEYS].do([(time_s, message)])

    def clock_byte(self, time_s: float, *messages: Message) -> None:
        self.by_name[DRUMS].do([(time_s, message) for message in messages])

    def sounded(self, time_s: float) -> set[Key]:
        """The keys that sounded at the synth at ``time_s``."""
        tones = self.by_name[SYNTH].ear.tones
        return {tone.key for tone in tones if tone.start_s <= time_s < tone.end_s}
