"""Makes an engine from its id; imports an engine's module only when that engine is asked for."""

from __future__ import annotations

from ..config.options import Brain
from ..music.harmony import NO_CHORD, Harmony, Metre, Progression
from ..protocol.engine import ControlValues, Engine, Question, Scene
from ..protocol.records import EngineId

_REST = Progression("rest", "C", Metre(), (0.0,), (NO_CHORD,), 4)


def make_engine(which: EngineId, options: Brain) -> Engine:
    """A new engine without memory. For the GRU raises MissingLibrary or ModelError."""
    if which is EngineId.GRU:
        from .gru import GruEngine

        return warmed(GruEngine.open(options.model, options.runtime))
    from .markov import MarkovEngine

    return MarkovEngine()


def warmed(engine: Engine) -> Engine:
    """``engine`` after an unused answer: a process's first takes 20 times as long as the next."""
    scene = Scene(0.0, 16.0, Harmony(_REST), 120.0)
    for _ in engine.answer(Question((), scene, scene, ControlValues(), 0)):
        pass
    return engine
