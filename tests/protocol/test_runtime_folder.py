"""Where a box is looked for."""

import pytest

from lkjam_box.protocol.runtime_folder import found_folder


@pytest.mark.parametrize("trace", ["shared-state", "last.json"])
def test_the_service_is_found_unless_we_ran_one_ourselves(tmp_path, trace):
    ours, service = tmp_path / "user" / "lkjam-box", tmp_path / "service"
    environ = {"XDG_RUNTIME_DIR": str(tmp_path / "user")}
    ours.mkdir(parents=True)
    service.mkdir()
    assert found_folder("", environ, service) == ours
    (service / trace).touch()
    assert found_folder("", environ, service) == service
    chosen = tmp_path / "chosen"
    assert found_folder(str(chosen), environ, service) == chosen
    assert found_folder("", {"LKJAM_RUNTIME": str(chosen)}, service) == chosen
    (ours / trace).touch()
    assert found_folder("", environ, service) == ours
