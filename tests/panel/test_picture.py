"""The screen against reference pictures; ``python -m tests.panel.test_picture`` draws them anew."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image

from lkjam_box.health.warning_texts import WARNINGS
from lkjam_box.panel import picture
from lkjam_box.panel.field import Field
from lkjam_box.panel.strip import NoteStrip
from lkjam_box.play import gallery
from lkjam_box.protocol.shared_state import Mode, Snapshot, Sync, WarningId

REFERENCE = Path(__file__).parent / "reference"
PICTURES = gallery.pictures()
PICTURES_OF = gallery.STATES
BANDS = [made for made in vars(picture).values() if hasattr(made, "cache_clear")]


@pytest.mark.parametrize("name", PICTURES)
def test_the_picture_is_the_reference(name):
    reference = Image.open(REFERENCE / f"{name}.png").convert("1")
    assert PICTURES[name].tobytes() == reference.tobytes()


def test_every_reference_is_drawn():
    assert {path.stem for path in REFERENCE.glob("*.png")} == set(PICTURES)


def test_every_mode_sync_and_warning_can_be_drawn():
    for mode in Mode:
        for sync in Sync:
            for warning in WarningId:
                snapshot = Snapshot(mode=mode, sync=sync, warning=warning, turn_bars=3)
                assert picture.draw(snapshot, NoteStrip()).size == (128, 64)


def test_every_warning_has_words():
    assert list(WARNINGS) == sorted(set(WarningId) - {WarningId.NONE}, reverse=True)
    assert set(picture.SYNC_WORDS) == set(Sync)


def test_the_bar_fills_as_the_turn_goes_on():
    def lit(beat):
        snapshot = Snapshot(
            mode=Mode.TRADING, beat=beat, turn_start_beats=0, turn_end_beats=16, turn_bars=4
        )
        row = picture.draw(snapshot, NoteStrip()).crop((0, 35, 128, 36))
        return sum(map(bool, row.tobytes())) and sum(bin(b).count("1") for b in row.tobytes())

    counts = [lit(beat) for beat in (0, 4, 8, 12, 16)]
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def foot(**changes):
    snapshot = Snapshot(mode=Mode.TRADING, title="Blues", key="Bb", **changes)
    return picture.draw(snapshot, NoteStrip()).crop((0, 55, 128, 64)).tobytes()


def test_a_warning_and_the_tune_take_turns():
    calm = foot()
    shown = [foot(warning=WarningId.NO_SYNTH, time_s=t / 2) == calm for t in range(24)]
    assert shown == ([False] * 6 + [True] * 6) * 2


def test_an_urgent_warning_does_not_wait_behind_a_control():
    def seen(warning, warned_s):
        snapshot = Snapshot(mode=Mode.TRADING, controls_seat=1, warning=warning)
        drawn = picture.draw(snapshot, NoteStrip(), Field("heat", "0"), warned_s=warned_s)
        return drawn.crop((0, 39, 128, 64)).tobytes()

    control = seen(WarningId.NONE, 0.0)
    assert seen(WarningId.LOW_VOLTAGE, 0.0) != control
    assert seen(WarningId.LOW_VOLTAGE, picture.LINE_S) == control
    assert seen(WarningId.BRAIN_LATE, 0.0) == control


def test_a_long_line_slides_to_its_end_and_a_short_one_stands():
    assert len({foot(time_s=t / 10) for t in range(100)}) == 1
    long = "Rhythm changes with a very long name"
    pictures = [foot(pending=1, pending_title=long, time_s=t / 30) for t in range(300)]
    assert pictures[0] == pictures[20]  # it rests before it slides
    assert len(set(pictures)) > 20


@given(st.lists(st.sampled_from(sorted(PICTURES_OF)), min_size=2, max_size=6), st.data())
@settings(deadline=None)
def test_a_band_that_was_kept_is_as_one_drawn_now(names, data):
    """Whatever was shown before, every field of the snapshot that is drawn is looked at."""
    fields = {
        "beat": st.sampled_from([0.0, 5.0, 5.01, 16.0]),
        "bpm": st.sampled_from([0.0, 99.5, 120.0]),
        "heard_pitch": st.sampled_from([-1, 60, 61]),
        "heard_device": st.sampled_from(["", "grand piano", "keys"]),
        "next_strategy": st.sampled_from([0, 1, 2]),
        "notice": st.sampled_from(["", "SYNTH one"]),
        "style": st.sampled_from([0, 1]),
        "time_s": st.sampled_from([0.0, 1.0, 2.5, 4.0]),
        "next_chord": st.sampled_from(["", "C7", "gypsy"]),
        "seat": st.sampled_from([-1, 0, 1, 2]),
    }
    strip, shown = NoteStrip(), []
    for name in names:
        changes = {field: data.draw(values) for field, values in fields.items()}
        shown.append(replace(PICTURES_OF[name], **changes))
    kept = [picture.draw(snapshot, strip).tobytes() for snapshot in shown]
    strip = NoteStrip()
    for snapshot, dots in zip(shown, kept, strict=True):
        for band in BANDS:
            band.cache_clear()
        assert picture.draw(snapshot, strip).tobytes() == dots


def test_the_count_in_counts_down_to_the_line():
    words = [
        picture.role_of(Snapshot(mode=Mode.COUNT_IN, sync=Sync.LOCKED, bar=bar, pulse=pulse))
        for bar in (-1, 0)
        for pulse in (1, 2, 3, 4)
    ]
    assert words == [f"IN {left}" for left in range(8, 0, -1)]


def test_at_most_five_notes_a_refresh():
    strip = NoteStrip()
    strip.update(8, tuple(range(60, 68)))
    assert [pitch for pitch, _ in strip.notes] == [63, 64, 65, 66, 67]
    strip.update(9, (*range(61, 68), 128 + 70))
    assert list(strip.notes)[-1] == (70, True)
    assert len(strip.notes) == 6


def test_a_new_stage_begins_a_new_strip():
    strip = NoteStrip()
    strip.update(8, tuple(range(60, 68)))
    strip.update(1, (72, 0, 0, 0, 0, 0, 0, 0))
    assert list(strip.notes)[-1] == (72, False)
    assert len(strip.notes) == 1


if __name__ == "__main__":
    REFERENCE.mkdir(exist_ok=True)
    for name, image in PICTURES.items():
        image.save(REFERENCE / f"{name}.png", optimize=True)
