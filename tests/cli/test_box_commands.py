"""run, ports, monitor, panic, check: what they print and how they end."""

import json
import os
import threading
import time

import pytest

from lkjam_box.cli import main
from lkjam_box.errors import LkjamError
from lkjam_box.ports import rtmidi_ports
from lkjam_box.ports.virtual_ports import VirtualKind
from lkjam_box.protocol.records import Command, CommandId
from lkjam_box.protocol.runtime_folder import ports_folder, shared_state_path
from lkjam_box.protocol.shared_state import Mode, SharedState, Snapshot, Sync
from lkjam_box.service.command_socket import CommandSocket


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("LKJAM_RUNTIME", str(tmp_path))
    return tmp_path


@pytest.fixture
def kind(folder):
    return VirtualKind(ports_folder(folder))


def test_ports_says_what_would_be_opened_and_why(kind, capsys):
    held = [kind.create_output(name) for name in ("KeyStep 20:0", "Midi Through Port-0")]
    assert main(["ports", "--ports", "virtual", "--set", "ports.keyboard=*keystep*"]) == 0
    rows = [" ".join(line.split()) for line in capsys.readouterr().out.splitlines()]
    assert rows[:3] == [
        "KeyStep: player (named by a pattern)",
        "its keys go to no other device",
        "keyboard KeyStep 20:0 opened: matches '*keystep*'",
    ]
    assert "Midi Through Port-0: not opened" in rows
    assert "clock Midi Through Port-0 ignored: matches 'Midi Through*'" in rows
    assert main(["ports", "--ports", "virtual", "--json"]) == 0
    listing = json.loads(capsys.readouterr().out)
    assert listing["kind"] == "virtual"
    assert sum(port["open"] for port in listing["ports"]) == 2
    for port in held:
        port.close()


def test_ports_shows_devices_with_their_roles_and_routes(kind, capsys):
    held = [kind.create_output(name) for name in ("FP-30X:MIDI", "FP-30X:DAW", "KeyStep:MIDI")]
    sinks = ("FP-30X:MIDI", "Sylphyo:MIDI")
    held += [kind.create_input(name, lambda time_s, data: None) for name in sinks]
    assert main(["ports", "--ports", "virtual", "--json"]) == 0
    listing = json.loads(capsys.readouterr().out)
    piano = next(device for device in listing["devices"] if device["name"] == "FP-30X")
    assert piano["roles"] == "synth"
    assert piano["keys_go_to"] == ["Sylphyo"]  # never back
    daw = [port for port in piano["ports"] if port["name"] == "FP-30X:DAW"]
    assert not any(port["open"] for port in daw)
    assert "control port" in daw[0]["why"]
    keys = next(device for device in listing["devices"] if device["name"] == "KeyStep")
    assert sorted(keys["keys_go_to"]) == ["FP-30X", "Sylphyo"]
    for port in held:
        port.close()


@pytest.mark.parametrize("words", ["KeyStep=player", "KeyStep=drummer", "KeyStep"])
def test_a_role_for_nobody_or_that_is_none_is_one_line(folder, capsys, words):
    assert main(["ports", "--role", words]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_no_ports_is_no_error(folder, capsys):
    assert main(["ports", "--ports", "virtual"]) == 0
    assert capsys.readouterr().out.count("\n") == 1


def test_a_missing_driver_is_one_line_and_exit_2(folder, monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "rtmidi", None)
    assert main(["ports", "--ports", "alsa"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "lkjam-box[midi]" in error or "python3-rtmidi" in error
    for words in (["ports"], ["run", "--dry-run"]):  # auto falls back to virtual, and says so
        assert main(words) == 0
        error = capsys.readouterr().err
        assert error.count("\n") == 1
        assert "no MIDI device is heard" in error
        assert "python-rtmidi is not installed" in error


@pytest.mark.parametrize("words", [["--set", "clock.bpm"], ["--set", "clock.bpm=fast"]])
def test_wrong_options_are_one_line_and_exit_2(folder, words, capsys):
    assert main(["run", "--dry-run", "--ports", "virtual", *words]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_dry_run_tells_a_wrong_file_but_would_play(folder, capsys):
    options = folder / "options.yaml"
    options.write_text("clock:\n  bpm: 9999\n")
    words = ["run", "--dry-run", "--ports", "virtual", "--config", str(options)]
    assert main(words) == 1
    out = capsys.readouterr().out
    assert f"{options}:2" in out
    assert "progressions, first" in out
    options.write_text("clock:\n  bpm: 99\n")
    assert main(words) == 0


def test_panic_asks_the_box_or_does_it_itself(kind, folder, capsys):
    assert main(["panic", "--ports", "virtual"]) == 1  # nobody there at all
    got = []
    synth = kind.create_input("synth", lambda t, m: got.append(m))
    assert main(["panic", "--ports", "virtual"]) == 0
    for _ in range(2):
        synth.drain()
    assert bytes((0xB0, 123, 0)) in got
    box = CommandSocket(folder)
    assert main(["panic"]) == 0
    assert box.drain() == [Command(CommandId.PANIC)]
    box.close()
    synth.close()
    capsys.readouterr()


def test_monitor(folder, capsys):
    assert main(["monitor", "--once"]) == 2
    assert "no box runs in" in capsys.readouterr().err
    shared_state = SharedState.create(shared_state_path(folder))
    shown = Snapshot(
        time_s=time.monotonic(), mode=Mode.TRADING, sync=Sync.LOCKED, seat=1, loop=4, bar=2,
        pulse=3, bpm=132.0, chord="Dm7", next_chord="G7", message="one line",
    )  # fmt: skip
    shared_state.write(shown)
    assert main(["monitor", "--once"]) == 0
    line = capsys.readouterr().out
    for word in ("BOX A", "loop 5", "2:3", "132.0", "LOCKED", "Dm7 > G7", "one line"):
        assert word in line
    assert main(["monitor", "--once", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["chord"] == "Dm7"
    shown.time_s -= 60
    shared_state.write(shown)
    assert main(["monitor", "--once"]) == 2
    assert "stopped or hangs" in capsys.readouterr().err


def test_clock_trace(kind, folder, capsys):
    drums = kind.create_output("drums")
    start = time.monotonic()
    messages = [b"\xfa", b"\xf8", b"\x90\x24\x40", b"\xf2\x10\x00", b"\xf8", b"\xfc"]

    def send():
        while not drums._peers:
            drums.send(b"\xfe")
        for number, message in enumerate(messages):
            drums.send(message, start + number / 1000)

    sender = threading.Thread(target=send)
    sender.start()
    trace = folder / "clock.csv"
    words = ["--ports", "virtual", "--clock-csv", str(trace), "--seconds", "0.3"]
    assert main(["monitor", *words]) == 0
    sender.join()
    rows = [row.split(",") for row in trace.read_text().splitlines()]
    rows = [row for row in rows if row[1] != "fe"]
    assert [row[1] for row in rows] == ["fa", "f8", "f21000", "f8", "fc"]
    times = [float(row[0]) for row in rows]
    assert times == sorted(times)
    assert times[-1] - times[0] == pytest.approx(0.005, abs=1e-5)
    drums.close()
    assert "messages in" in capsys.readouterr().err


def test_check_is_honest_about_wires(folder, monkeypatch, capsys):
    def no_driver(api):
        raise LkjamError(f"no {api} ports on this machine: mend it so")

    monkeypatch.setattr(rtmidi_ports, "RtMidiKind", no_driver)
    assert main(["check", "--ports", "virtual", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["plays"] is True
    levels = {finding["what"]: finding["level"] for finding in found["findings"]}
    assert levels["alsa"] == levels["jack"] == "worse"
    assert main(["check"]) == 1
    out = capsys.readouterr().out
    assert "NO  alsa" in out
    assert "-> mend it so" in out
    assert "it cannot play here yet" in out


def test_check_needs_a_folder_it_can_write(folder, monkeypatch, capsys):
    (folder / "file").touch()
    monkeypatch.setenv("LKJAM_RUNTIME", str(folder / "file"))
    assert main(["check", "--ports", "virtual"]) == 1
    assert "LKJAM_RUNTIME" in capsys.readouterr().out
    assert os.path.isfile(folder / "file")
