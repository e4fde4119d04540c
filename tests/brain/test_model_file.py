import pytest

from lkjam_box.brain import features as f
from lkjam_box.brain.model_file import default_model, read, sealed
from lkjam_box.errors import ModelError


def test_the_shipped_model_fits_and_carries_its_weights():
    model = read()
    weights = model.weights
    assert weights["input.table"].shape[0] == f.ROWS
    assert weights["heads.weight"].shape[0] == f.OUTPUTS
    assert weights["gates.h.weight"].shape == (3 * model.hidden, model.hidden)
    assert sum(w.size for w in weights.values()) <= 700_000


def test_another_feature_version_is_refused_in_one_line(tmp_path):
    path = tmp_path / "old.tflite"
    mark = f'"features": {f.FEATURE_VERSION}'.encode()
    content = default_model().read_bytes()
    assert content.count(mark) == 1
    path.write_bytes(sealed(content[:-40].replace(mark, mark[:-1] + b"9")))
    with pytest.raises(ModelError, match="features 9, this box has") as error:
        read(path)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("content", [b"", b"hello there", b"\x1c\x00\x00\x00TFL3" + bytes(60)])
def test_what_is_no_model_of_ours_is_refused(tmp_path, content):
    path = tmp_path / "x.tflite"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"x\.tflite"):
        read(path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ModelError, match="cannot read the model"):
        read(tmp_path / "none.tflite")


@pytest.mark.parametrize(
    ("hurt", "said"),
    [
        (lambda c: c[: len(c) // 2], "cut short"),
        (lambda c: c[:-1], "cut short"),
        (lambda c: c[:100_000] + bytes((c[100_000] ^ 1,)) + c[100_001:], "checksum"),
        (lambda c: c[:-1] + bytes((c[-1] ^ 1,)), "checksum"),
    ],
)
def test_one_wrong_bit_or_a_missing_end_keeps_it_from_every_runtime(tmp_path, hurt, said):
    path = tmp_path / "hurt.tflite"
    path.write_bytes(hurt(default_model().read_bytes()))
    with pytest.raises(ModelError, match=said) as error:
        read(path)
    assert "\n" not in str(error.value)
