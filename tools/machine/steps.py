"""Running what others wrote: every step says how long it took, every failure what to do."""

from __future__ import annotations

import contextlib
import shlex
import subprocess
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

TAIL = 2000  # characters of a failed command's words that are shown


class Failed(Exception):
    """One line for people, perhaps with the last words of what failed under it."""


class Steps:
    """What was done, with seconds, printed as it goes."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, float]] = []
        self._began_s = time.monotonic()

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        print(f"  {name} ...", flush=True)
        began_s = time.monotonic()
        try:
            yield
        except BaseException:
            print(f"  {name}: failed after {time.monotonic() - began_s:.1f} s", flush=True)
            raise
        took_s = time.monotonic() - began_s
        self.taken.append((name, took_s))
        print(f"  {name}: {took_s:.1f} s", flush=True)

    def total_s(self) -> float:
        return time.monotonic() - self._began_s


def run(*command: str | Path, env: Mapping[str, str] | None = None, cwd: Path | None = None) -> str:
    """What the command prints. Raises Failed with its last words."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words, capture_output=True, text=True, errors="replace", env=env, cwd=cwd
        )
    except FileNotFoundError as error:
        raise Failed(f"{words[0]} is not installed (try --install)") from error
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip())[-TAIL:]
        raise Failed(f"{shlex.join(words)[:200]} ended with {done.returncode}:\n{said}")
    return done.stdout
