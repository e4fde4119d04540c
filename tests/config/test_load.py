"""Options files: what is taken, and the one line said about what is not."""

# ruff: noqa: E501 -- messages stand as they are printed

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.config.load import decode, encode, load_config, override, parse_config
from lkjam_box.config.options import Config
from lkjam_box.config.table import OPTIONS
from lkjam_box.errors import OptionError


@pytest.mark.parametrize("text", ["", "# nothing\n", "clock:\n", "clock: {}\nbrain:\n"])
def test_nothing_written_gives_the_defaults(text: str) -> None:
    assert parse_config(text) == Config()


def test_values_of_every_kind_are_taken() -> None:
    config = parse_config(
        "turns:\n  hand_over: off\n  line_up: [human, A, B]\n"
        "metronome: {when: off, velocity: 64}\n"
        "thru: {on: no}\n"
        "panel: {i2c_address: 0x3D, rotate: 180}\n"
        "clock: {bpm: 140, output_offset_ms: -2.5}\n"
        "ports: {keyboard: Stage Piano*}\n"
        "brain: {model: '7'}\n"
    )
    assert config.turns.hand_over == "off"
    assert config.turns.line_up == ("human", "A", "B")
    assert (config.metronome.when, config.metronome.velocity) == ("off", 64)
    assert config.thru.on is False
    assert (config.panel.i2c_address, config.panel.rotate) == (0x3D, 180)
    assert (config.clock.bpm, config.clock.output_offset_ms) == (140.0, -2.5)
    assert config.ports.keyboard == ("Stage Piano*",)
    assert config.brain.model == "7"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("clock:\n  bpm: 500", "box.yaml:2: clock.bpm: found 500, allowed: a number from 40 to 300"),
        ("clock:\n  bpm: fast", "box.yaml:2: clock.bpm: found 'fast', allowed: a number from 40 to 300"),
        ("clock:\n  bpm: .nan", "box.yaml:2: clock.bpm: found '.nan', allowed: a number from 40 to 300"),
        ("clock:\n  bpm: nan", "box.yaml:2: clock.bpm: found nan, allowed: a number from 40 to 300"),
        ("clock: {bpm: [1]}", "box.yaml:1: clock.bpm: found '[1]', allowed: a number from 40 to 300"),
        ("brain:\n  top_p: 0", "box.yaml:2: brain.top_p: found 0, allowed: a number from 0.1 to 1.0"),
        ("brain: {seed: 1.5}", "box.yaml:1: brain.seed: found 1.5, allowed: a whole number from 0 to 2147483647"),
        ("thru: {on: 3}", "box.yaml:1: thru.on: found '3', allowed: true, false"),
        ("brain:\n  engine: lstm", "box.yaml:2: brain.engine: found 'lstm', allowed: gru, markov, off"),
        ("panel:\n\n  rotate: 90", "box.yaml:3: panel.rotate: found 90, allowed: 0, 180"),
        ("turns: {hand_over: 'cc:200'}", "box.yaml:1: turns.hand_over: found 'cc:200', allowed: off, cc:0 to cc:127, note:0 to note:127"),
        ("turns: {line_up: []}", "box.yaml:1: turns.line_up: found (), allowed: a list of 1 to 8 of human, A, B, C"),
        ("clok:\n  bpm: 5", "box.yaml:1: unknown section: found 'clok', allowed: ports, clock, turns, thru, listen, metronome, brain, controls, panel, music, recorder, service (did you mean clock?)"),
        ("clock:\n  bmp: 5", "box.yaml:2: unknown option of clock: found 'bmp', allowed: source, bpm, output_offset_ms, freewheel_beats, jump, forward (did you mean bpm?)"),
        ("clock:\n  bpm: 90\n  bpm: 91", "box.yaml:3: clock: written twice: found 'bpm', allowed: once (first in line 2)"),
        ("clock: 3", "box.yaml:1: clock: found '3', allowed: name: value"),
        ("- clock", "box.yaml:1: options: found '[clock]', allowed: name: value"),
        ("brain:\n  low: 90", "box.yaml:2: brain.low: found 90, allowed: less than brain.high (84)"),
        ("brain:\n  low: 60\n  high: 60", "box.yaml:3: brain.high: found 60, allowed: more than brain.low (60)"),
        ("listen:\n  low: 60\n  high: 59", "box.yaml:3: listen.high: found 59, allowed: at least listen.low (60)"),
        ("controls:\n  strategy: 16\n  heat: 16", "box.yaml:3: controls.heat: found '16', allowed: a controller of its own (controls.strategy has 16)"),
        ("controls:\n  style: 17\nturns:\n  hand_over: cc:17", "box.yaml:4: turns.hand_over: found '17', allowed: a controller of its own (controls.style has 17)"),
        ("controls:\n  style: 120", "box.yaml:2: controls.style: found '120', allowed: off, 0 to 119"),
        ("panel:\n  pin_next: 5", "box.yaml:2: panel.pin_next: found 5, allowed: a pin of its own (panel.pin_previous has 5)"),
        ("panel:\n  pin_previous: 6", "box.yaml:2: panel.pin_previous: found 6, allowed: a pin of its own (panel.pin_next has 6)"),
        ("clock: {}\n---\nclock: {}", "box.yaml:3: a second document: allowed: one"),
    ],
)  # fmt: skip
def test_a_bad_file_gives_one_line(text: str, message: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_config(text, "box.yaml")
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["a: [", "clock:\n\tbpm: 3", "a: b: c", "\x00", "%", "*x", "@"])
def test_what_is_no_yaml_is_said_in_one_line(text: str) -> None:
    with pytest.raises(OptionError, match=r"^box\.yaml(:\d+)?: not YAML: [^\n]*$"):
        parse_config(text, "box.yaml")


@pytest.mark.parametrize(
    "text",
    ["clock: &a [*a]", "clock: {bpm: &a [*a]}", "[" * 3000, "brain: {seed: " + "9" * 5000 + "}"],
)
def test_text_that_means_harm_is_refused_in_one_short_line(text: str) -> None:
    with pytest.raises(OptionError) as caught:
        parse_config(text, "box.yaml")
    assert len(str(caught.value)) < 200


@given(st.text(max_size=60))
def test_any_text_is_taken_or_refused_in_one_line(text: str) -> None:
    said = ""
    try:
        parse_config(text, "f")
    except OptionError as error:
        said = str(error)
    assert len(said.splitlines()) <= 1


def test_file_is_read_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfclock: {bpm: 99}\r\n")  # as Windows writes it
    assert load_config(tmp_path / "a.yaml").clock.bpm == 99
    assert load_config(None) == Config()
    with pytest.raises(OptionError, match="cannot read"):
        load_config(tmp_path / "b.yaml")
    (tmp_path / "c.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(OptionError, match="UTF-8"):
        load_config(tmp_path / "c.yaml")


def test_command_line_overrides_are_read_and_checked_like_the_file() -> None:
    config = override(
        Config(),
        {"clock.bpm": "140", "thru.on": "off", "turns.line_up": "human,A,B", "brain.low": 50},
    )
    assert (config.clock.bpm, config.thru.on, config.brain.low) == (140.0, False, 50)
    assert config.turns.line_up == ("human", "A", "B")
    assert config.clock.source == Config().clock.source
    for values, message in [
        ({"clock.bpm": 500}, "clock.bpm: found 500, allowed: a number from 40 to 300"),
        ({"clock.bmp": 1}, r"\(did you mean clock\.bpm\?\)"),
        ({"clok.bpm": 1}, r"\(did you mean clock\?\)"),
        ({"clock": 1}, "unknown option: found 'clock'"),
        ({"brain.low": 90}, r"brain\.high: found 84, allowed: more than brain\.low \(90\)"),
    ]:
        with pytest.raises(OptionError, match=message):
            override(Config(), values)


def test_config_survives_the_way_to_another_process() -> None:
    config = override(Config(), {"clock.bpm": 77, "music.set": "Blues, Waltz", "panel.rotate": 180})
    assert decode(encode(config)) == config


def test_every_default_passes_its_own_check_and_is_described() -> None:
    for section in OPTIONS.values():
        for option in section.values():
            assert option.check(option.default) == option.default
            assert option.description.endswith(".")
