"""The benchmark of the box's ears: its takes are what they say, its counts count."""

from __future__ import annotations

import json
from dataclasses import replace
from random import Random

import pytest

from lkjam_box.cli import main
from lkjam_box.lab.bench.left_hand import BESIDE_S, NEAR_S
from lkjam_box.lab.bench.listen import compare, goals, imitated, measure, overall, us_per_key
from lkjam_box.lab.bench.listen_fit import fit
from lkjam_box.lab.bench.listen_rules import RULES, Call, calls, ours
from lkjam_box.lab.bench.played_keys import line_of
from lkjam_box.lab.bench.two_hands import ALONE, KINDS, take
from lkjam_box.lab.training.corpus import Solo, data_folder
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import Harmony, Metre, Progression
from lkjam_box.music.note import Note


def solo(seed: int = 1, bars: int = 16) -> Solo:
    """Eighths that wander, with a rest now and then, over two chords."""
    rng, notes, pitch = Random(seed), [], 70
    for eighth in range(8 * bars):
        pitch = min(max(pitch + rng.choice((-4, -3, -2, -1, 1, 2, 3, 4)), 62), 82)
        if eighth % 16 < 13:
            notes.append(Note(4 + eighth / 2, pitch, rng.randrange(60, 100), 0.45))
    chords = (parse_chord("Dm7"), parse_chord("G7"))
    form = Progression("two chords", "C", Metre(4, 4), (0.0, 4.0), chords, 2)
    return Solo(f"made up {seed}", "valid", 120.0, Harmony(form, 0.0), tuple(notes))


@pytest.mark.parametrize("kind", KINDS)
def test_a_take_is_the_line_and_the_same_every_time(kind):
    played = solo()
    keys = take(played, kind, 3)
    assert keys == take(played, kind, 3)
    assert [key.on_s for key in keys] == sorted(key.on_s for key in keys)
    line = [key for key in keys if key.line]
    down = 24 if kind.startswith("low") else 0
    assert [(key.on_s, key.pitch + down) for key in line] == [
        (key.on_s, key.pitch) for key in line_of(played)
    ]
    assert (len(keys) == len(line)) == (kind in ALONE)
    assert all(key.off_s > key.on_s and 0 < key.velocity < 128 for key in keys)


def test_the_left_hand_comes_beside_the_line():
    keys = take(solo(), "beside", 1)
    onsets = [key.on_s for key in keys if key.line]
    near = [min(abs(key.on_s - at_s) for at_s in onsets) for key in keys if not key.line]
    assert len(near) > 30
    assert all(distance < NEAR_S for distance in near)
    assert sum(distance >= BESIDE_S[0] - 1e-9 for distance in near) > 0.7 * len(near)


def test_the_box_hears_what_the_yardsticks_do_not():
    rows = {row.rule: row for row in measure("stabs", list(RULES), [solo(), solo(2)], 0)}
    assert rows["the box"].strangers <= 2 < 10 < rows["top of 25 ms"].strangers
    assert rows["the box"].cut <= 2 < 5 < rows["top of 25 ms"].cut
    assert rows["skyline"].lost > 5 > rows["the box"].lost
    assert rows["the box"].kept > 0.9 > rows["top of 25 ms"].kept
    alone = measure("alone", ["the box"], [solo()], 0)
    few = replace(rows["the box"], strangers=0.9)
    found = {goal.what: goal.met for goal in goals([few, *alone])}
    assert all(found.values())
    assert overall(list(rows.values()), "skyline").lost == rows["skyline"].lost


def test_what_is_counted():
    played = solo()
    call = calls(played, take(played, "alone", 0))[0]
    assert (call.start, call.end) == (0.0, 16.0)
    line = list(call.line)
    assert +compare(call, line) == {"calls": 1, "notes": len(line)}
    assert imitated(call, line) > 0
    stranger = Note(line[-1].onset_beats + 0.2, 40, 80, 0.1)
    short = Note(line[1].onset_beats, line[1].pitch, 80, line[1].duration_beats * 0.8)
    counts = compare(call, [line[0], short, *line[3:], stranger])
    assert counts == {
        "calls": 1,
        "notes": len(line),
        "lost": 1,
        "cut": 1,
        "strangers": 1,
        "last": 1,
    }


def test_a_grace_note_is_no_stranger():
    played = solo()
    keys = take(played, "ornaments", 0)
    call = next(call for call in calls(played, keys) if any(key.grace for key in call.keys))
    grace = next(key for key in call.keys if key.grace)
    note = Note(grace.on_s / call.beat_s, grace.pitch, grace.velocity, 0.05)
    assert isinstance(call, Call)
    assert compare(call, sorted([*call.line, note], key=lambda n: n.onset_beats))["strangers"] == 0


def test_weights_are_fitted():
    weights = fit([solo(seed) for seed in range(3)], ["stabs"])
    assert len(weights) == 17
    assert weights[1] < 0  # the farther from the line, the less of it


def test_the_box_hears_each_turn_of_a_take():
    played = solo()
    keys = take(played, "alone", 0)
    turns = calls(played, keys)
    assert [[n.pitch for n in call] for call in ours(turns, keys)] == [
        [n.pitch for n in call.line] for call in turns
    ]


def test_a_key_costs_time():
    assert us_per_key(solo(), "alone") > 0


def test_without_solos_it_says_so(tmp_path, capsys):
    assert main(["bench", "listen", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("no solos to play two-handed: ")


@pytest.mark.skipif(not (data_folder() / "wjazzd").is_dir(), reason="no corpus: see CONTRIBUTING")
def test_the_command(capsys):
    words = ["bench", "listen", "--json", "--ours", "--solos", "1"]
    assert main([*words, "--kind", "stabs", "--kind", "alone"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["met"]
    assert {row["rule"] for row in found["rows"]} == {"the box", "first call"}
