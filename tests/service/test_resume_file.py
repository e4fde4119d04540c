"""Where the stage is, on disk and back; what is torn, old or another version's is left alone."""

import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from lkjam_box.config.options import Config
from lkjam_box.play.virtual_gig import Gig
from lkjam_box.service import resume_file
from lkjam_box.service.resume_file import OLDEST_S, ResumeFile
from lkjam_box.tempo.external_clock import ExternalClock
from lkjam_box.tempo.internal_clock import InternalClock
from tests.play.world import DrumMachine, Parrot, small_library


def places(clock=ExternalClock):
    """Where a stage was at some moments of a set."""
    gig = Gig(Config(), small_library(), clock(), lambda _: Parrot())
    drums = DrumMachine(gig)
    drums.start()
    drums.run(20, 120)
    found = []
    for second in range(1, 10):
        gig.run(float(second))
        found.append(gig.stage.place(gig.now_s, "drums"))
    return found


PLACES = places() + places(InternalClock)


def test_every_place_comes_back(tmp_path):
    with ResumeFile(tmp_path) as file:
        for place in PLACES:
            file.write(place)
            assert file.read(place.time_s + 1.0) == place
            assert file.read(place.time_s + OLDEST_S + 1.0) is None


@given(st.integers(0, 8191), st.integers(1, 255))
@settings(max_examples=50, deadline=None)
def test_a_writer_killed_midway_leaves_the_place_before(tmp_path_factory, at, by):
    folder = tmp_path_factory.mktemp("run")
    with ResumeFile(folder) as file:
        for place in PLACES[:2]:
            file.write(place)
        slot = file._number % 2 * 8192
        file._block[slot + at] = (file._block[slot + at] + by) % 256
        assert file.read(PLACES[1].time_s) in PLACES[:2]


def test_one_of_another_version_is_refused(tmp_path, monkeypatch):
    with ResumeFile(tmp_path) as file:
        file.write(PLACES[0])
        monkeypatch.setattr(resume_file, "_OURS", zlib.crc32(b"another"))
        assert file.read(PLACES[0].time_s) is None
