import pytest

from lkjam_box.brain.logit_bias import CHORD_TONES
from lkjam_box.lab.training import corpus, styles
from lkjam_box.protocol.engine import Style


def test_styles_lean_as_their_solos_do():
    folder = corpus.data_folder()
    if not folder.exists():
        pytest.skip("the shared data is not there")
    odds = styles.chord_tone_odds(corpus.load(folder, "train"))
    print(odds)
    for style, lean in CHORD_TONES.items():
        if style is not Style.POP:  # has no solos
            assert lean == pytest.approx(odds[style], abs=0.02)
