import math
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lkjam_box.lab.evaluation import plots, tables
from lkjam_box.lab.evaluation.evaluation_page import page
from lkjam_box.lab.training.exchange import Exchange
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import Harmony, Metre, Progression
from lkjam_box.music.note import Note
from lkjam_box.protocol.engine import Scene

SHARES = st.lists(st.floats(0, 1), min_size=4, max_size=4)


def svg(text):
    return ElementTree.fromstring(text)


def boxes(text, colour):
    return [box for box in svg(text).iter("rect") if box.get("fill") == colour]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.2234, "0.223"), (8.628, "8.63"), (1234.0, "1,234"), (-0.05, "-0.050"),
        (0.00004, "0.000"), (0, "0"), (None, "–"), (math.nan, "–"), (math.inf, "–"),
    ],
)  # fmt: skip
def test_figures_read_well(value, words):
    assert plots.number(value) == words


@given(st.dictionaries(st.text(max_size=5), SHARES, max_size=3), st.text(max_size=9))
def test_any_name_and_any_shares_draw_one_sound_element(shares, title):
    clean = {re.sub(r"[^\x20-\x7e<&>]", "", name): curve for name, curve in shares.items()}
    title = re.sub(r"[^\x20-\x7e<&>]", "", title)
    drawn = svg(plots.distribution(title, "<&>", (0, 1, 2, 3, 4), clean))
    assert drawn.tag == "svg"
    assert len(list(drawn.iter("polyline"))) == len(clean)


def test_the_tallest_bin_reaches_highest():
    drawn = svg(plots.distribution("x", "u", (0, 1, 2), {"model": [0.25, 0.75]}))
    (line,) = drawn.iter("polyline")
    points = [tuple(map(float, p.split(","))) for p in line.get("points").split()]
    left, right = points[1][1], points[3][1]
    base = points[0][1]
    assert (base - right) == pytest.approx(3 * (base - left), abs=0.2)


def test_whole_numbers_and_answers_label_their_bins():
    assert plots._bin_labels((-0.5, 0.5, 1.5)) == [(0.5, "no"), (1.5, "yes")]
    assert plots._bin_labels((0.5, 1.5, 2.5, 3.5)) == [(0.5, "1"), (1.5, "2"), (2.5, "3")]
    assert plots._bin_labels((0, 0.5, 1)) == [(0, "0"), (1, "0.50"), (2, "1")]


def test_dots_keep_to_the_scale_and_leave_out_what_is_unknown():
    rows = [("a", 2.0, "red"), ("b", math.nan, "red"), ("c", 0.5, "red")]
    drawn = svg(plots.dots("t", rows, 0.0, 1.0, {"c": (0.25, 0.75)}))
    circles = list(drawn.iter("circle"))
    assert len(circles) == 2
    xs = [float(c.get("cx")) for c in circles]
    (band,) = drawn.iter("rect")
    middle = float(band.get("x")) + float(band.get("width")) / 2
    assert xs[1] == pytest.approx(middle, abs=0.2)
    assert xs[0] > xs[1]


def exchange():
    harmony = Harmony(
        Progression("x", "C", Metre(), (0.0, 8.0), (parse_chord("C7"), parse_chord("F7")), 4)
    )
    return Exchange(
        "<b>&solo:0",
        (Note(0.0, 60, 80, 1.0), Note(2.0, 64, 80, 1.0)),
        Scene(0.0, 8.0, harmony, 120.0),
        (Note(8.0, 67, 80, 2.0),),
        Scene(8.0, 16.0, harmony, 120.0),
    )


def test_a_piano_roll_has_every_note_where_it_sounds():
    drawn = plots.piano_roll(exchange(), "free", 60, 67, plots.MODEL)
    call, (answer,) = boxes(drawn, plots.PLAYER), boxes(drawn, plots.MODEL)
    assert len(call) == 2
    first, second = (float(box.get("x")) for box in call)
    bar = (second - first) * 2
    assert float(answer.get("x")) - first == pytest.approx(2 * bar, abs=0.5)
    assert float(answer.get("y")) < float(call[1].get("y")) < float(call[0].get("y"))
    words = [text.text for text in svg(drawn).iter("text")]
    assert words == ["free", "C7", "F7"]


def result():
    score = {"nll": 2.0, "ppl": 7.4, "acc": 0.3, "n": 10}
    forced = dict.fromkeys(tables.HEADS, score)
    return {
        **forced,
        "solos": 1,
        "seed": 0,
        "train": 0,
        "model": {"name": "<script>x</script>.tflite", "sha256": "0" * 64, "runtime": "numpy"},
        "given": {"pitch": "a < b"},
        "teacher": {"model": {"whole": forced}},
        "ngram": {},
        "markov": {"pitch": {"on stage": score}, "given": {}},
        "goals": [{"name": "one & two", "goal": "< 3", "seen": 2.0, "met": True}],
    }


class Outside(HTMLParser):
    """Collects what a page would load from elsewhere, and tags that are not closed."""

    def __init__(self):
        super().__init__()
        self.loads, self.open = [], []

    def handle_starttag(self, tag, attrs):
        self.loads += [
            value for name, value in attrs if name in ("src", "href") and value[0] != "#"
        ]
        if tag not in ("meta", "!doctype"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def sound(text):
    reader = Outside()
    reader.feed(text)
    assert (reader.loads, reader.open) == ([], [])
    assert "<script" not in text
    assert "url(" not in text
    return True


def test_a_page_of_what_needs_no_answers_loads_nothing_and_escapes_names():
    text = page(result(), {})
    assert sound(text)
    assert "&lt;script&gt;x" in text
    assert "one &amp; two" in text
    assert "1 of 1 goals met" in text


def test_tables_for_the_terminal_line_up():
    text = tables.plain("T", (["who", "x"], [["a", "1.0"], ["bcd", "10.0"]]))
    assert text.splitlines() == ["T", "  who     x", "  a     1.0", "  bcd  10.0"]
    assert tables.plain("T", (["who"], [])) == ""


def test_missing_sections_are_empty_tables():
    assert (
        tables.free(result())[1] == tables.copying(result())[1] == tables.seeds(result())[1] == []
    )
    assert tables.diversity(result())[1] == tables.overlaps(result())[1] == []
    assert [row[0] for row in tables.heads(result())[1]] == ["model, whole", "markov, on stage"]
    assert tables.goals(result())[1] == [["one & two", "< 3", "2", "met"]]
