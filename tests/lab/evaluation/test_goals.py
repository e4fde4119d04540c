from copy import deepcopy

from lkjam_box.lab.evaluation.goals import FIRST, goals


def scores(**nll):
    return {
        head: {"nll": nll.get(head, 1.0), "ppl": 7.9, "acc": 0.35, "n": FIRST[head][0]}
        for head in FIRST
    }


def player(interval=0.3, correlation=0.0, closes=0.98):
    return {
        "motif": {"interval": {"mean": interval}, "correlation": {"mean": correlation}},
        "closing": {"own": closes, "unasked": closes, "n": 500},
        "tables": {
            "chord_tones": {
                "beats 1 and 3": {"share": 0.52},
                "all": {"share": 0.49},
                "last of phrase": {"share": 0.6},
            }
        },
    }


def result():
    """One in which everything is met."""
    own = scores(duration=1.8, position=0.19)
    others = {
        "without_role": scores(time_shift=1.1, duration=1.9, position=0.2),
        "without_position": scores(time_shift=1.2, duration=1.85, position=0.2),
        "wider": scores(time_shift=0.5, duration=0.5, position=0.1),
    }
    return {
        "pitch": {"ppl": 7.9, "acc": 0.35, "n": 19133},
        **own,
        "card": {"int8": 7.92, "float32": 7.9},
        "teacher": {
            name: {"whole": row, "exchanges": row} for name, row in {"model": own, **others}.items()
        },
        "free": {
            "model free": player(),
            "model imitation": player(interval=0.6),
            "model inversion": player(correlation=-0.5),
            "model contrast": player(interval=0.15),
            "without_role free": player(interval=0.2),
            "without_position free": player(closes=0.9),
        },
        "copying": {
            "human": {"intervals": {"p95": 12, "n": 400}},
            "model free": {"intervals": {"p95": 12, "n": 500}},
        },
    }


def row(found, name):
    (goal,) = [goal for goal in goals(found) if goal["name"].startswith(name)]
    return goal


def test_a_model_that_meets_all_meets_all():
    assert [goal["name"] for goal in goals(result()) if goal["met"] is not True] == []
    assert len(goals(result())) == 20


def test_each_goal_can_be_missed():
    breaks = {
        "next pitch, perplexity": (("pitch", "ppl"), 8.1),
        "next pitch, accuracy": (("pitch", "acc"), 0.33),
        "time-shift nll": (("time_shift", "nll"), 3.17),
        "duration nll": (("duration", "nll"), 1.93),
        "calls and answers, time-shift": (
            ("teacher", "model", "exchanges", "time_shift", "nll"),
            1.15,
        ),
        "position nll": (("position", "nll"), 0.199),
        "int8": (("card", "int8"), 7.95),
        "chord tones, all": (
            ("free", "model free", "tables", "chord_tones", "all", "share"),
            0.55,
        ),
        "interval similarity to the call, free": (
            ("free", "model free", "motif", "interval", "mean"),
            0.5,
        ),
        "contour correlation": (("free", "model inversion", "motif", "correlation", "mean"), -0.3),
        "answers that close by": (("free", "model free", "closing", "own"), 0.96),
        "longest copied run": (("copying", "model free", "intervals", "p95"), 13),
        "without position": (("free", "without_position free", "closing", "unasked"), 0.99),
        "without role": (("free", "without_role free", "motif", "interval", "mean"), 0.31),
    }
    for name, (path, value) in breaks.items():
        worse = deepcopy(result())
        at = worse
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value
        assert row(worse, name)["met"] is False, name


def test_a_role_that_is_missed_in_closing_counts_too():
    found = result()
    found["free"]["without_role free"] = player(interval=0.4, closes=0.9)
    assert row(found, "without role")["met"] is True


def test_the_first_model_is_a_rival_on_the_same_notes_only():
    found = result()
    found["duration"] = {"nll": 1.95, "n": FIRST["duration"][0]}
    assert row(found, "duration nll")["met"] is False
    found["duration"]["n"] = 5
    assert row(found, "duration nll")["met"] is None


def test_what_was_not_measured_is_neither_met_nor_missed():
    found = result()
    bare = {key: found[key] for key in ("pitch", *FIRST)}
    bare["teacher"] = {"model": found["teacher"]["model"]}
    for head in FIRST:
        bare[head] = {**bare[head], "n": 5}
    met = {goal["name"]: goal["met"] for goal in goals(bare)}
    assert met.pop("next pitch, perplexity") is True
    assert met.pop("next pitch, accuracy") is True
    assert set(met.values()) == {None}
