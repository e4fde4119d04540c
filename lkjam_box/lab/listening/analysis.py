"""Results of a listening test: ratings and choices by system, with intervals. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

import numpy as np

from .intervals import F64, crossed_means, krippendorff_alpha, wilson
from .sheets import DIMENSIONS, Answer, Key, Sheet
from .trials import SYSTEMS

COLUMNS = (*DIMENSIONS, "overall")  # overall: the mean of the six
ATTENTIVE = 1.0  # rating steps by which two ratings of one clip may differ, on average
ROUNDS = 2000


def attention(sheet: Sheet, key: Key) -> float:
    """Mean distance between a listener's ratings of the same clip, which catch trials play twice;
    NaN without a catch trial. Random ratings of 1 to 7 give 2.3."""
    apart = [
        abs(x - y)
        for answer in sheet.answers
        if _catch(answer, key)
        for one, other in combinations(answer.order, 2)
        for x, y in zip(answer.ratings[one], answer.ratings[other], strict=True)
    ]
    return float(np.mean(apart)) if apart else math.nan


def analyse(
    key: Key, sheets: Sequence[Sheet], attentive_only: bool = False, seed: int = 1
) -> dict[str, Any]:
    """Everything the report shows; estimates are ``{value, low, high, count}`` at 95 %.

    ``ratings``: mean per system and dimension, by :func:`.intervals.crossed_means`.
    ``differences``: the same of one system minus another within listener and trial.
    ``preferences``: how often the first of two was preferred, of those who preferred either
    (``undecided`` did neither). ``detection``: how often the human's clip was taken for the
    human's, where there was one; ``taken_for_human``: the same per system, of all clips heard.
    ``agreement``: Krippendorff's alpha per dimension. Catch trials count for attention only.
    """
    distances = {sheet.listener: attention(sheet, key) for sheet in sheets}
    doubtful = [name for name, distance in distances.items() if distance > ATTENTIVE]
    if attentive_only:
        sheets = [sheet for sheet in sheets if sheet.listener not in doubtful]
    answers = [a for sheet in sheets for a in sheet.answers if not _catch(a, key)]
    marks = _marks(key, sheets)
    pairs = list(combinations(range(len(SYSTEMS)), 2))
    stacked = [marks[:, :, i] for i in range(len(SYSTEMS))]
    stacked += [marks[:, :, i] - marks[:, :, j] for i, j in pairs]
    found = iter(crossed_means(np.concatenate(stacked, axis=2), ROUNDS, seed))
    ratings = {s: {c: asdict(next(found)) for c in COLUMNS} for s in SYSTEMS}
    names = [f"{SYSTEMS[i]} - {SYSTEMS[j]}" for i, j in pairs]
    differences = {name: {c: asdict(next(found)) for c in COLUMNS} for name in names}
    return {
        "kit": key.kit,
        "listeners": len(sheets),
        "judgements": len(answers),
        "clips_a_trial": key.clips_a_trial,
        "ratings": ratings,
        "differences": differences,
        "preferences": {
            f"{SYSTEMS[i]} over {SYSTEMS[j]}": _preference(answers, key, SYSTEMS[i], SYSTEMS[j])
            for i, j in pairs
        },
        "detection": _detection(answers, key),
        "taken_for_human": {
            s: asdict(
                wilson(*_counts(_system(a.human, key) == s for a in answers if _has(a, key, s)))
            )
            for s in SYSTEMS
        },
        "agreement": _agreement(key, answers),
        "attention": {"distance": distances, "doubtful": doubtful, "left_out": attentive_only},
        "background": [{"listener": s.listener, **s.background} for s in sheets],
    }


def _marks(key: Key, sheets: Sequence[Sheet]) -> F64:
    """[listener, trial, system, column] of ratings, NaN where a clip was not rated."""
    trials = {trial: i for i, trial in enumerate(key.trials)}
    marks = np.full((len(sheets), len(trials), len(SYSTEMS), len(COLUMNS)), np.nan)
    for row, sheet in enumerate(sheets):
        for answer in sheet.answers:
            if not _catch(answer, key):
                for token, given in answer.ratings.items():
                    place = row, trials[answer.trial], SYSTEMS.index(_system(token, key))
                    marks[place] = (*given, sum(given) / len(given))
    heard = ~np.isnan(marks).all(axis=(0, 2, 3))
    return marks[:, heard]


def _preference(answers: Iterable[Answer], key: Key, one: str, other: str) -> dict[str, Any]:
    both = [a for a in answers if _has(a, key, one) and _has(a, key, other)]
    won = [_system(a.preferred, key) if a.preferred else "" for a in both]
    decided = won.count(one) + won.count(other)
    return {**asdict(wilson(won.count(one), decided)), "undecided": len(won) - decided}


def _detection(answers: Iterable[Answer], key: Key) -> dict[str, Any]:
    """``sure_right`` and ``sure_wrong``: mean confidence, 1 to 7."""
    told = [a for a in answers if _has(a, key, "human")]
    right = [_system(a.human, key) == "human" for a in told]
    sure: dict[bool, list[int]] = {True: [], False: []}
    for answer, hit in zip(told, right, strict=True):
        sure[hit].append(answer.confidence)
    return {
        **asdict(wilson(*_counts(right))),
        "chance": 1 / key.clips_a_trial,
        "sure_right": float(np.mean(sure[True])) if sure[True] else math.nan,
        "sure_wrong": float(np.mean(sure[False])) if sure[False] else math.nan,
    }


def _agreement(key: Key, answers: Sequence[Answer]) -> dict[str, float]:
    units = {token: i for i, token in enumerate(key.clips)}
    raters = {name: i for i, name in enumerate(sorted({a.listener for a in answers}))}
    marks = np.full((len(DIMENSIONS), len(units), max(1, len(raters))), np.nan)
    for answer in answers:
        for token, given in answer.ratings.items():
            marks[:, units[token], raters[answer.listener]] = given
    return {name: krippendorff_alpha(marks[i]) for i, name in enumerate(DIMENSIONS)}


def _counts(hits: Iterable[bool]) -> tuple[int, int]:
    listed = list(hits)
    return sum(listed), len(listed)


def _system(token: str, key: Key) -> str:
    return key.clips[token].system


def _has(answer: Answer, key: Key, system: str) -> bool:
    return any(_system(token, key) == system for token in answer.order)


def _catch(answer: Answer, key: Key) -> bool:
    return key.clips[answer.order[0]].catch
