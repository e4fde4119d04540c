"""The kit: blind, balanced, the same from the same seed."""

import json
import re
import shutil
import subprocess
import wave
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from msgspec import structs

from lkjam_box.errors import FileError, LkjamError
from lkjam_box.lab.listening import kit
from lkjam_box.lab.listening.trials import ORDERS, SYSTEMS, candidates, choose, evened, lay_out
from tests.lab.listening import world


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("kits") / "one"
    planned, key = world.kit(out)
    return out, planned, key


def _files(out: Path) -> dict[str, bytes]:
    return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}


def test_nothing_for_listeners_tells_whose_clip_it_is(made):
    out, planned, key = made
    files = _files(out / kit.LISTENERS)
    assert not any("key" in name for name in files)
    names = [n for n in files if n != "index.html"]
    assert all(re.fullmatch(r"audio/[0-9a-f]{12}\.wav", name) for name in names)
    secrets = ["secret", "markov", "model", "_final", "tune of", "sha256", '"seed"']
    secrets += [str(trial.exchange.id).lower() for trial in planned]
    for name, content in files.items():
        text = content.lower()
        found = [s for s in secrets if s.encode() in text]
        assert not found, (name, found)
    data = json.loads(re.search(r'id="kit">(.*?)</script>', files["index.html"].decode())[1])
    assert set(data) == {"kit", "clips", "trials", "orders", "dimensions"}
    fields = {"trial", "clips", "call_s", "answer_s", "end_s"}
    assert all(set(trial) == fields for trial in data["trials"])
    assert len(key["trials"]) == len(data["trials"]) == 7


def test_wav_headers_sizes_and_times_are_alike_within_a_trial(made):
    out, planned, _ = made
    for trial in planned:
        paths = [out / kit.LISTENERS / kit.AUDIO / f"{token}.wav" for token in trial.tokens]
        heads = {path.read_bytes()[:44] for path in paths}
        assert len(heads) == 1  # format and length, no other chunk fits
        assert heads.pop()[36:40] == b"data"
        assert len({path.stat().st_size for path in paths}) == 1
        assert len({path.stat().st_mtime for path in paths}) == 1
        with wave.open(str(paths[0])) as file:
            assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        contents = {path.read_bytes() for path in paths}
        assert len(contents) == (1 if trial.catch else 3)


def test_the_same_seed_makes_the_same_kit_and_another_another(made, tmp_path):
    out, _, key = made
    world.kit(tmp_path / "again")
    assert _files(out) == _files(tmp_path / "again")
    _, other = world.kit(tmp_path / "other", seed=6)
    tokens = [{t for trial in k["trials"] for t in trial["clips"]} for k in (key, other)]
    assert not tokens[0] & tokens[1]
    assert other["kit"] != key["kit"]


def test_the_page_asks_no_network(made):
    text = (made[0] / kit.LISTENERS / kit.PAGE).read_text()
    assert not re.search(r"https?:|//[a-z]+\.|@import|fetch\(|XMLHttp|sendBeacon", text)


@pytest.mark.skipif(shutil.which("node") is None, reason="no node to read the page's script with")
def test_the_script_parses(made, tmp_path):
    text = (made[0] / kit.LISTENERS / kit.PAGE).read_text()
    script = tmp_path / "page.js"
    script.write_text(re.search(r"<script>\n(.*?)</script>", text, re.S)[1])
    done = subprocess.run(["node", "--check", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_words_in_the_data_cannot_close_the_script():
    from lkjam_box.lab.listening.listener_page import page

    hostile = "</script><b>"
    assert hostile not in page({"kit": hostile, "clips": 2, "trials": []})


def test_every_order_is_equally_frequent_for_every_listener_group():
    chosen = [(world.solo(f"s{i}"), world.exchange(i)) for i in range(24)]
    trials = lay_out(chosen, 0, Random(3))
    assert set(Counter(t.systems for t in trials).values()) == {4}
    for turn in ORDERS:  # as page.html turns them
        pairs = Counter(tuple(t.systems[i] for i in turn[:2]) for t in trials)
        assert len(pairs) == 6
        assert set(pairs.values()) == {4}
    for trial in trials:  # and all groups together hear each call in every order
        assert len({tuple(trial.systems[i] for i in turn) for turn in ORDERS}) == 6


def test_catch_trials_have_one_system_and_take_turns():
    chosen = [(world.solo(f"s{i}"), world.exchange(i)) for i in range(9)]
    trials = lay_out(chosen, 3, Random(3))
    assert sorted(t.systems[0] for t in trials if t.catch) == sorted(SYSTEMS)
    assert all(len(set(t.systems)) == 1 for t in trials if t.catch)
    assert [t.token for t in trials] == sorted(t.token for t in trials)


def test_every_tune_comes_once_before_any_comes_again():
    from lkjam_box.lab.training.calls import windows

    solos = [world.solo(f"s{i}", i, title=f"t{i % 4}") for i in range(8)]
    found = [(s, candidates(s, windows(s))) for s in solos]
    chosen = choose(found, 6, Random(1))
    assert len({solo.title for solo, _ in chosen[:4]}) == 4
    assert len(chosen) == 6
    spans = [(s.id, x.call_scene.start_beats, x.scene.end_beats) for s, x in chosen]
    for i, (name, start, end) in enumerate(spans):
        for other, begin, stop in spans[:i]:
            assert name != other or end <= begin or stop <= start


@pytest.mark.parametrize("bpm", [79.0, 241.0])
def test_extreme_tempi_are_left_out(bpm):
    solo = world.solo("s", bpm=bpm)
    assert candidates(solo, [world.exchange(bpm=bpm)]) == []


def test_an_answer_cut_by_the_line_and_a_thin_one_are_left_out():
    from dataclasses import replace

    fit, solo = world.exchange(), world.solo("s")
    assert candidates(solo, [fit]) == [fit]
    last = fit.answer[-1]
    held = structs.replace(last, duration_beats=32.0 - last.onset_beats)
    assert candidates(solo, [replace(fit, answer=(*fit.answer[:-1], held))]) == []
    assert candidates(solo, [replace(fit, answer=fit.answer[-7:])]) == []


def test_loudness_keeps_its_order_and_nothing_else():
    random = Random(2)
    quiet = world.line(random, 0.0)

    loud = tuple(structs.replace(n, velocity=n.velocity // 3 + 80) for n in quiet)
    flat = tuple(structs.replace(n, velocity=64) for n in quiet)
    ranks = [sorted(n.velocity for n in evened(notes)) for notes in (quiet, world.line(random, 9))]
    assert abs(sum(ranks[0]) - sum(ranks[1])) <= 12
    assert [n.velocity for n in evened(flat)] == [80] * 12
    assert [n.onset_beats for n in evened(loud)] == [n.onset_beats for n in quiet]
    top = max(quiet, key=lambda n: n.velocity)
    assert max(evened(quiet), key=lambda n: n.velocity).onset_beats == top.onset_beats


def test_too_few_calls_and_a_kit_in_the_way_are_said(tmp_path):
    with pytest.raises(LkjamError, match="ask for fewer --trials"):
        kit.plan([world.solo("s")], 24, 3, 4, 1)
    world.kit(tmp_path / "kit", trials=1, catches=0)
    with pytest.raises(FileError, match="there is a kit already"):
        world.kit(tmp_path / "kit", trials=1, catches=0)
