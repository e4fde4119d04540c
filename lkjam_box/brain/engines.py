"""From an engine's id to an engine; each is imported only when asked for."""

from __future__ import annotations

from ..config.options import Brain
from ..stage.records import EngineId
from .engine import Engine


def make_engine(which: EngineId, options: Brain) -> Engine:
    """A new engine without memory. For the GRU raises MissingLibrary or ModelError."""
    if which is EngineId.GRU:
        from .gru import GruEngine

        return GruEngine.open(options.model, options.runtime)
    from .markov import MarkovEngine

    return MarkovEngine()
