"""The graph of the model file against the reference in NumPy, on the same outputs and noise."""

import random

import numpy as np
import pytest

from lkjam_box.brain import features as f
from lkjam_box.brain import model_runtime
from lkjam_box.brain.draw import Draw, GraphDraw
from lkjam_box.brain.encoder import Encoder
from lkjam_box.brain.heads import duration_logits, pitch_logits, time_logits
from lkjam_box.brain.logit_bias import LogitBias
from lkjam_box.brain.ports import NotePort
from lkjam_box.brain.sampler import Sampler, softmax
from lkjam_box.errors import LkjamError
from lkjam_box.music.chords import parse_chord
from lkjam_box.music.harmony import NO_CHORD, Harmony, Metre, Progression
from lkjam_box.protocol.engine import ControlValues, Position, Role, Scene, Strategy

CHORDS = (*map(parse_chord, ("Dm7", "G7", "Cmaj7")), NO_CHORD)
HARMONY = Harmony(Progression("x", "C", Metre(), (0.0, 4.0, 8.0, 12.0), CHORDS, 4), 0.0)
CALL = Scene(0.0, 16.0, HARMONY, 120.0)
SETTINGS = (
    ControlValues(),
    ControlValues(temperature=0.5, top_p=0.6, strategy=Strategy.IMITATION),
    ControlValues(temperature=1.4, top_p=1.0, low=60, high=123, density=4),
    ControlValues(top_p=0.3, low=20, high=83, register=3, strategy=Strategy.CONTRAST),
    ControlValues(low=100, high=127, strategy=Strategy.INVERSION),
)


@pytest.fixture(scope="module", params=sorted(model_runtime.RUNTIMES))
def stepper(request):
    try:
        return model_runtime.load(runtime=request.param)
    except (LkjamError, AttributeError) as error:
        pytest.skip(f"{request.param} does not run here: {error}")


class Walk:
    """A call, then an answer drawn at random, note by note, written to a port."""

    def __init__(self, stepper, controls, seed):
        self.rng = random.Random(seed)
        self.encoder, self.stepper = Encoder(), stepper
        self.scene = controls.over(Scene(16.0, 48.0, HARMONY, 120.0))
        self.encoder.write_to(stepper.note.ids, stepper.note.floats)
        stepper.note.state[:] = 0.0
        for i in range(self.rng.randrange(12)):
            self.encoder.onset(i * 0.75, Role.HUMAN, CALL)
            self.encoder.note(self.rng.randrange(55, 75), 80, 0.5, Position(i % 3))
        self.onset = 16.0

    def step(self):
        self.onset += self.rng.choice((0.25, 0.5, 1.0))
        self.encoder.onset(self.onset, Role.BOX, self.scene)

    def take(self, drawn):
        self.encoder.note(drawn[1], 80, 0.25, Position.END if drawn[0] else Position.CONTINUE)
        self.stepper.note.state[:] = self.stepper.note.out


def _told(port):
    """A port that says what the graph has just said."""
    out = port.outputs.copy()
    return NotePort(port.ids, port.floats, port.state, port.out, lambda: None, out)


@pytest.mark.parametrize("controls", SETTINGS)
def test_the_graph_draws_what_the_reference_draws(stepper, controls):
    differing = 0
    for seed in range(12):
        walk = Walk(stepper, controls, seed)
        ours, theirs = (Sampler(seed, *controls.heated) for _ in range(2))
        draw = GraphDraw(stepper.note, walk.encoder, walk.scene, controls, ours)
        for i in range(20):
            walk.step()
            asked = (i == 0, walk.rng.randrange(f.TIME_BINS), walk.rng.random() < 0.5)
            drawn = draw.note(*asked)
            told = _told(stepper.note)
            reference = Draw(told, walk.encoder, walk.scene, controls, theirs).note(*asked)
            assert drawn[5:] == pytest.approx(reference[5:], rel=1e-3, abs=1e-6)
            if drawn[:5] != reference[:5]:  # the noise fell where two choices meet
                differing += 1
                theirs.uniform.__self__.setstate(ours.uniform.__self__.getstate())
            walk.take(drawn)
    assert differing <= 1  # of 240 notes of five choices


def _nucleus(logits, top_p):
    odds = softmax(logits.astype(np.float64))
    odds = np.where([odds[odds > own].sum() < top_p for own in odds], odds, 0.0)
    return odds / odds.sum()


@pytest.mark.parametrize("controls", SETTINGS[:3])
def test_the_graphs_draws_have_the_distribution_that_the_outputs_say(stepper, controls):
    walk = Walk(stepper, controls, 5)
    walk.step()
    sampler = Sampler(9, *controls.heated)
    draw = GraphDraw(stepper.note, walk.encoder, walk.scene, controls, sampler)
    room, count = 40, 6000
    drawn = [draw.note(False, room, True) for _ in range(count)]
    closing = np.mean([choices[0] for choices in drawn])
    inside, push = drawn[0][5], 1.0 / inside_odds(stepper, controls, walk.encoder)
    assert closing == pytest.approx(1.0 / (1.0 + inside * push), abs=0.02)

    bias = LogitBias(walk.scene, controls)
    out = stepper.note.outputs[0] * draw._warmth
    low, width = bias.low, bias.width
    pitches, shifts, lengths = np.zeros(width), np.zeros(f.TIME_BINS), np.zeros(f.DURATION_BINS)
    for closes, share in ((False, 1.0 - closing), (True, closing)):
        logits = pitch_logits(out, closes, walk.encoder, low, width, bias.follow)
        over = logits + bias.pitches(walk.encoder.chord)[closes]
        pitches += share * _nucleus(over, sampler.top_p)
        times = time_logits(out, closes, walk.encoder) + bias.times(room, True)[closes]
        after = _nucleus(times, sampler.top_p)
        shifts += share * after
        for shift in np.flatnonzero(after):
            long = _nucleus(duration_logits(out, closes, int(shift)), sampler.top_p)
            lengths += share * after[shift] * long
    for column, meant in ((1, pitches), (2, shifts), (3, lengths)):
        start = low if column == 1 else 0
        found = [choices[column] - start for choices in drawn]
        seen = np.bincount(found, minlength=len(meant)) / count
        assert 0.5 * np.abs(seen - meant).sum() < 0.04
        assert seen[meant < 1e-9].sum() == 0
    loud = softmax(out[f.VELOCITY])
    seen = np.bincount([choices[4] for choices in drawn], minlength=len(loud)) / count
    assert 0.5 * np.abs(seen - loud).sum() < 0.04


def inside_odds(stepper, controls, encoder):
    """Odds of closing against going on, room left aside."""
    heat = np.float32((1.0 / controls.heated[0]) ** (1 / 3))
    out = stepper.note.outputs[0]
    return float(np.exp((out[2] - out[1]) * heat))


def test_answers_that_take_turns_on_one_port_do_not_mix(stepper):
    one, other = ControlValues(), ControlValues(temperature=0.4, low=70, high=90)
    walk = Walk(stepper, one, 1)
    walk.step()
    draws = [
        GraphDraw(stepper.note, walk.encoder, walk.scene, controls, Sampler(2, *controls.heated))
        for controls in (one, other)
    ]
    for _ in range(30):
        for draw, controls in zip(draws, (one, other), strict=True):
            low, high = controls.window
            assert low <= draw.note(False, 60, True)[1] <= high


def test_a_window_wider_than_the_graphs_is_drawn_by_the_reference(stepper):
    assert GraphDraw.serves(stepper.note, ControlValues(low=30, high=93))
    assert not GraphDraw.serves(stepper.note, ControlValues(low=30, high=94))
    assert not GraphDraw.serves(model_runtime.load(runtime="numpy").note, ControlValues())
