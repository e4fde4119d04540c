"""The kit on disk: ``listeners/`` with the page and its clips, and beside it ``key.json``."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from ...errors import FileError, LkjamError
from ..training.calls import windows
from ..training.corpus import Solo
from ..training.exchange import Exchange
from .clips import Clips, render
from .listener_page import page
from .sound import wav_bytes
from .trials import SYSTEMS, Trial, candidates, choose, lay_out

LISTENERS, KEY, PAGE, AUDIO = "listeners", "key.json", "index.html", "audio"
_STAMP_S = 946_684_800  # 2000-01-01: modification time of all files, so that it reveals nothing

Answerer = Callable[[Sequence[Exchange]], list[Exchange]]


def plan(solos: Sequence[Solo], count: int, catches: int, bars: int, seed: int) -> list[Trial]:
    """``count`` trials and ``catches`` more that are catch trials. Raises LkjamError."""
    found = [(solo, candidates(solo, windows(solo, bars))) for solo in solos]
    random = Random(seed)
    chosen = choose(found, count + catches, random)
    if len(chosen) < count + catches:
        raise LkjamError(
            f"calls for {len(chosen)} trials only, {count + catches} wanted: "
            "ask for fewer --trials, or give more solos"
        )
    return lay_out(chosen, catches, random)


def make(
    trials: Sequence[Trial],
    players: Mapping[str, Answerer],
    out: Path,
    clips_a_trial: int,
    made_with: Mapping[str, Any],
    progress: Callable[[float], None] = lambda share: None,
) -> dict[str, Any]:
    """Write the kit into the new folder ``out`` and return the key.

    ``players`` answers for every system but the human; ``progress`` is told the share done.
    Raises FileError.
    """
    calls = [trial.exchange for trial in trials]
    answers = {"human": calls, **{name: players[name](calls) for name in SYSTEMS[1:]}}
    name = hashlib.sha256("".join(t for x in trials for t in x.tokens).encode()).hexdigest()[:12]
    shown, kept = [], []
    try:
        audio = out / LISTENERS / AUDIO
        audio.mkdir(parents=True, exist_ok=False)
        for number, trial in enumerate(trials):
            clips = render(
                trial.exchange,
                [answers[system][number].answer for system in trial.systems],
                trial.solo.feel,
            )
            for token, sound in sorted(zip(trial.tokens, clips.sounds, strict=True), key=_token):
                _write(audio / f"{token}.wav", wav_bytes(sound))
            shown.append(_shown(trial, clips))
            kept.append(_kept(trial, [answers[s][number] for s in trial.systems]))
            progress((number + 1) / len(trials))
        data = {"kit": name, "clips": clips_a_trial, "trials": shown}
        _write(out / LISTENERS / PAGE, page(data).encode())
        key = {"kit": name, "clips": clips_a_trial, "made_with": dict(made_with), "trials": kept}
        _write(out / KEY, (json.dumps(key, indent=1) + "\n").encode())
    except FileExistsError as error:
        raise FileError("there is a kit already", file=out, allowed="a new folder") from error
    except OSError as error:
        raise FileError(f"cannot write: {error.strerror}", file=out) from error
    return key


def size_bytes(out: Path) -> int:
    """Size of the folder that goes to the listeners."""
    return sum(file.stat().st_size for file in (out / LISTENERS).rglob("*") if file.is_file())


def _shown(trial: Trial, clips: Clips) -> dict[str, Any]:
    """What the page may know of a trial: tokens and times, not the systems."""
    times = {"call_s": clips.call_s, "answer_s": clips.answer_s, "end_s": clips.end_s}
    return {
        "trial": trial.token,
        "clips": list(trial.tokens),
        **{name: round(value, 3) for name, value in times.items()},
    }


def _kept(trial: Trial, played: Sequence[Exchange]) -> dict[str, Any]:
    return {
        "trial": trial.token,
        "catch": trial.catch,
        "clips": dict(zip(trial.tokens, trial.systems, strict=True)),
        "id": trial.exchange.id,
        "tune": trial.solo.title,
        "bpm": round(trial.solo.bpm, 1),
        "notes": {token: len(x.answer) for token, x in zip(trial.tokens, played, strict=True)},
    }


def _token(pair: tuple[str, object]) -> str:
    return pair[0]


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    os.utime(path, (_STAMP_S, _STAMP_S))
