"""Reads the sheets that listeners return: an error in one gives a message, the others count."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import FileError
from .trials import SYSTEMS

SCALE = range(1, 8)
DIMENSIONS = {  # of a rating: what the listener reads
    "motif": ("Answers the call", "takes up something of it, does not just play on"),
    "phrase": ("Breathes and closes", "phrases begin, rest and come to an end"),
    "harmony": ("Fits the chords", "its notes suit the changes, tensions lead somewhere"),
    "ornamentation": ("Line and approach", "leads into its goals, notes on the way make sense"),
    "rhythm": ("Swings, is lively", "sits in the time, varied without stumbling"),
    "contour": ("Shape of the line", "rises and falls as if it were sung"),
}


@dataclass(frozen=True, slots=True)
class Clip:
    """What the key says of a clip, which listeners know by its token only."""

    trial: str
    system: str
    catch: bool


@dataclass(frozen=True, slots=True)
class Key:
    kit: str
    clips_a_trial: int
    clips: Mapping[str, Clip]  # by token

    @property
    def trials(self) -> list[str]:
        return sorted({clip.trial for clip in self.clips.values()})


@dataclass(frozen=True, slots=True)
class Answer:
    """A trial as one listener judged it; ``preferred`` is "" for no difference."""

    listener: str
    trial: str
    order: tuple[str, ...]  # tokens, as heard
    ratings: Mapping[str, tuple[int, ...]]  # by token, in the order of DIMENSIONS
    preferred: str
    human: str
    confidence: int


@dataclass(frozen=True, slots=True)
class Sheet:
    listener: str
    background: Mapping[str, str]
    answers: tuple[Answer, ...]


def read_key(path: Path) -> Key:
    """The key of a kit, from its key.json. Raises FileError."""
    data = _json(path)
    try:
        clips = {
            str(token): Clip(str(trial["trial"]), str(system), bool(trial["catch"]))
            for trial in data["trials"]
            for token, system in trial["clips"].items()
        }
        key = Key(str(data["kit"]), int(data["clips"]), clips)
        if {clip.system for clip in clips.values()} - set(SYSTEMS) or not clips:
            raise ValueError("unknown systems")
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FileError("not the key of a listening kit", file=path, found=str(error)) from None
    return key


def read_sheets(paths: Iterable[Path], key: Key) -> tuple[list[Sheet], list[str]]:
    """(sheets, complaints). Of several sheets of one listener the fullest counts; an invalid
    answer is left out of its sheet. A complaint is one line and names the file."""
    sheets: dict[str, Sheet] = {}
    complaints: list[str] = []
    for path in paths:
        try:
            sheet, wrong = _sheet(_json(path), key, path)
        except FileError as error:
            complaints.append(str(error))
            continue
        if wrong:
            complaints.append(f"{path}: left out {len(wrong)} answers: {wrong[0]}")
        other = sheets.get(sheet.listener)
        if other is not None:
            complaints.append(
                f"{path}: a second sheet of {sheet.listener!r}: the fuller one counts"
            )
        if not sheet.answers:
            complaints.append(f"{path}: no answers in it")
        elif other is None or len(other.answers) < len(sheet.answers):
            sheets[sheet.listener] = sheet
    return list(sheets.values()), complaints


def _sheet(data: Any, key: Key, path: Path) -> tuple[Sheet, list[str]]:
    if not isinstance(data, dict) or not isinstance(data.get("answers"), list):
        raise FileError("not a listener's sheet", file=path, allowed="the JSON the page saves")
    if data.get("kit") != key.kit:
        raise FileError("sheet of another kit", file=path, found=data.get("kit"), allowed=key.kit)
    listener = _line(data.get("listener"))
    if not listener:
        raise FileError("sheet without a listener", file=path)
    answers: dict[str, Answer] = {}
    wrong: list[str] = []
    for item in data["answers"]:
        try:
            answer = _answer(item, listener, key)
            if answer.trial in answers:
                raise ValueError(f"trial {answer.trial} twice")
            answers[answer.trial] = answer
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            wrong.append(f"{type(error).__name__}: {error}"[:120])
    given = data.get("background")
    background = {_line(k): _line(v) for k, v in given.items()} if isinstance(given, dict) else {}
    return Sheet(listener, background, tuple(answers.values())), wrong


def _answer(item: Any, listener: str, key: Key) -> Answer:
    """``item`` as an Answer. Raises KeyError, TypeError, ValueError, AttributeError."""
    trial, order = item["trial"], tuple(item["order"])
    if len(set(order)) != key.clips_a_trial or any(key.clips[t].trial != trial for t in order):
        raise ValueError(f"clips that are not of trial {trial!r}")
    ratings = {t: tuple(_mark(item["ratings"][t][name]) for name in DIMENSIONS) for t in order}
    if item["preferred"] not in ("none", *order) or item["human"] not in order:
        raise ValueError(f"a choice that is no clip of trial {trial}")
    preferred = "" if item["preferred"] == "none" else item["preferred"]
    confidence = _mark(item["confidence"])
    return Answer(listener, trial, order, ratings, preferred, item["human"], confidence)


def _line(text: Any) -> str:
    """``text`` on one line that any terminal can print, cut to 60; "" for what is no text."""
    if not isinstance(text, str):
        return ""
    return " ".join(text.encode("utf-8", "replace").decode().split())[:60]


def _mark(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value not in SCALE:
        raise ValueError(f"rating {value!r}, allowed 1 to 7")
    return value


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise FileError(f"cannot read: {error.strerror}", file=path) from None
    except (ValueError, RecursionError) as error:
        raise FileError("not JSON", file=path, found=str(error)[:80]) from None
