"""Model, Markov engine, ablations and humans on the same calls, side by side. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ...protocol.engine import Engine, Strategy
from ..training.corpus import Solo
from ..training.exchange import Exchange
from . import diversity, free
from .copying import Copying
from .dimensions import against, figures

MakeEngine = Callable[[], Engine]
Players = dict[str, list[Exchange]]
Section = dict[str, Any]

HUMAN, MODEL, MARKOV, RANDOM = "human", "model free", "markov", "random pairing"
HALVES = "human halves"
OTHERS = (Strategy.FREE, Strategy.IMITATION)  # strategies by which ablations answer
SEED_CALLS, SEEDS = 24, 6  # calls answered with several seeds, and how many seeds


def named(player: str, strategy: Strategy) -> str:
    return f"{player} {strategy.name.lower()}"


def play(
    calls: Sequence[Exchange],
    model: MakeEngine,
    markov: MakeEngine,
    others: Mapping[str, MakeEngine],
    seed: int = 0,
    report: Callable[[float], None] = lambda share: None,
) -> Players:
    """Every player's answers to ``calls``; ``report`` is told the share done.

    "human" (every call once), "model free" … "model contrast", "markov", "random pairing",
    and of each of ``others`` the strategies of :data:`OTHERS`.
    """
    jobs = [(named("model", strategy), model, strategy) for strategy in Strategy]
    jobs.append((MARKOV, markov, Strategy.FREE))
    jobs += [(named(name, s), make, s) for name, make in others.items() for s in OTHERS]
    human = list({call.id: call for call in calls}.values())
    out: Players = {HUMAN: human, RANDOM: free.random_pairing(human, seed)}
    for number, (name, make, strategy) in enumerate(jobs):

        def told(done: int, before: int = number) -> None:
            report((before + done / len(calls)) / len(jobs))

        out[name] = free.answers(make, calls, strategy, seed=seed, report=told)
    return out


def free_section(players: Players, seed: int = 0) -> Section:
    """``{player: figures}``: see :func:`.dimensions.figures`; with ``closing``, the shares of
    answers that are ``closed`` and ``unasked``: see :class:`..training.exchange.Exchange`.
    """
    return {
        name: {**figures(exchanges, seed), "closing": _closing(exchanges)}
        for name, exchanges in players.items()
    }


def _closing(exchanges: Sequence[Exchange]) -> dict[str, float]:
    count = max(1, len(exchanges))
    return {
        "own": sum(e.closed for e in exchanges) / count,
        "unasked": sum(e.unasked for e in exchanges) / count,
        "n": len(exchanges),
    }


def overlap_section(players: Players) -> Section:
    """``{player: distances from the human's}``: see :func:`.dimensions.against`.

    "human halves" compares every other human answer with the rest: how far apart two samples
    of one source are by chance, each of half the number.
    """
    human = players[HUMAN]
    out = {name: against(human, played) for name, played in players.items() if name != HUMAN}
    return {HALVES: against(human[::2], human[1::2]), **out}


def diversity_section(players: Players) -> Section:
    """``{player: see diversity.figures}``; distinct n-grams at the same number for everybody."""
    answers = {name: [e.answer for e in played] for name, played in _own(players).items()}
    limits = [min(counts) for counts in zip(*map(diversity.counts, answers.values()), strict=True)]
    return {name: diversity.figures(notes, limits) for name, notes in answers.items()}


def seeds_section(
    calls: Sequence[Exchange], engines: Mapping[str, MakeEngine], seed: int = 0
) -> Section:
    """``{engine: see diversity.across_seeds}``: some calls, answered with several seeds."""
    some = free.chosen(calls, min(SEED_CALLS, len(calls)), seed)
    out = {}
    for name, make in engines.items():
        takes = [free.answers(make, some, seed=seed + take) for take in range(SEEDS)]
        by_call = zip(*takes, strict=True)
        out[name] = diversity.across_seeds([[e.answer for e in row] for row in by_call])
    return out


def copying_section(players: Players, train: Sequence[Solo], solos: Iterable[Solo]) -> Section:
    """``{player: see Copying.figures}``: the longest run of each answer found in ``train``.

    Of the human's answers only those to tunes that ``train`` lacks count, of the others' all.
    """
    index = Copying(solo.notes for solo in train)
    known = {solo.title for solo in train}
    old = {solo.id for solo in solos if solo.title in known}
    out = {}
    for name, played in _own(players).items():
        kept = played
        if name == HUMAN:
            kept = [e for e in played if e.id.rpartition(":")[0] not in old]
        out[name] = index.figures(e.answer for e in kept)
    return out


def _own(players: Players) -> Players:
    """All but the random pairing, whose answers are the human's."""
    return {name: played for name, played in players.items() if name != RANDOM}
