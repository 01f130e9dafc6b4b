from dataclasses import dataclass

import numpy as np
import pytest

from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.faces import evaluate as evaluation
from presslens.lab.training.faces.evaluate import (
    DRAWS,
    SIZES,
    doubt_measures,
    evaluate,
    leader_measures,
)
from presslens.lab.training.faces.specimens import CONTEXT, OTHER, Specimen
from presslens.lab.training.faces.train import OutOfFoldMatching
from presslens.models.recipe import Recipe


@pytest.fixture
def say(make_specimen):
    """Give a function that says what was judged of a photo with faces of some sizes."""

    def judged(photo, sizes, probability, *, by_face=None, missed=""):
        faces = [(size, np.zeros(128), np.zeros(1024)) for size in sizes]
        specimen = make_specimen(photo, faces, group=photo, missed=tuple(missed))
        told = [p >= 0.5 for p in probability] if by_face is None else by_face
        return OutOfFoldMatching(specimen, np.array(probability, float), np.array(told, bool))

    return judged


@pytest.fixture
def judged(say):
    """Four draws of one photo of each kind."""
    return DRAWS * [
        say("found", "-L-", [0.1, 0.9, 0.2]),
        say("small", "-S", [0.1, 0.75], by_face=[False, False]),
        say("small too", "S-", [0.9, 0.1]),
        say("small, missed", "-", [0.3], missed="S"),
        say("taken for another", "-M", [0.85, 0.7]),
        say("known by its place", "C-", [0.2, 0.1]),
        say("nobody", "--", [0.1, 0.3]),
        say("false report", "--", [0.1, 0.6]),
        say("no face", "", []),
    ]


def _by_name(measures):
    found = {measure.what: measure for measure in measures}
    assert len(found) == len(measures), "each has a name of its own"
    return found


@pytest.mark.parametrize(
    ("what", "value", "n"),
    [
        (f"leader found, face {SIZES['L']}, probability 0.5", 1, 1),
        (f"leader found, face {SIZES['M']}, probability 0.5", 0, 1),
        (f"leader found, face {SIZES['S']}, probability 0.5, 50% of them by context", 2 / 3, 3),
        (f"leader found, face {SIZES['S']}, probability 0.8", 1 / 3, 3),
        (f"leader found, face {SIZES['S']}, by likeness alone", 1 / 3, 3),
        (f"leader found, face {SIZES['T']}, probability 0.5", 0, 0),
        (f"leader found, face {SIZES[CONTEXT]}, probability 0.5", 0, 1),
        ("photos without the leader where he is reported, probability 0.5", 1 / 3, 3),
        ("photos without the leader where he is reported, probability 0.8", 0, 3),
        ("photos of the leader where another is taken for him, probability 0.5", 1 / 6, 6),
        ("photos of the leader where another is taken for him, probability 0.8", 1 / 6, 6),
        ("false accepts of 1,000 faces of others, probability 0.5", 2000 / 11, 11),
    ],
)
def test_figures_of_the_leader(judged, what, value, n):
    measure = _by_name(leader_measures(judged, thresholds=(0.5, 0.8)))[what]
    assert (measure.value, measure.n) == (pytest.approx(value), n)


def test_a_wrong_face_in_a_photo_of_the_leader_is_no_find(say):
    """Though he is in the photo, and likely enough himself."""
    right, wrong = say("a", "M-", [0.9, 0.8]), say("b", "M-", [0.8, 0.9])
    found = _by_name(leader_measures([right, wrong] * DRAWS, thresholds=(0.5,)))
    assert found[f"leader found, face {SIZES['M']}, probability 0.5"].value == 0.5
    another = "photos of the leader where another is taken for him, probability 0.5"
    assert (found[another].value, found[another].n) == (0.5, 2)


def test_a_share_over_draws_counts_a_photo_once(say):
    told, lost = say("a", "M-", [0.9, 0.1]), say("a", "M-", [0.4, 0.1])
    found = _by_name(leader_measures([told, told, told, lost], thresholds=(0.5,)))
    measure = found[f"leader found, face {SIZES['M']}, probability 0.5"]
    assert (measure.value, measure.n) == (0.75, 1)


def test_every_measure_says_its_data_its_n_and_its_method(judged):
    for measure in leader_measures(judged, thresholds=(0.5, 0.8)):
        assert measure.station == "faces"
        assert measure.data in (", ".join(STATE_MEDIA), "sets without the leader", "all sets")
        assert "cross-validated in 5 folds" in measure.method
        assert f"{DRAWS} draws" in measure.method
        assert measure.n > 0 or SIZES["T"] in measure.what
        if measure.interval is not None:
            scale = 1000 if "of 1,000" in measure.what else 1
            low, high, value = (v / scale for v in (*measure.interval, measure.value))
            # Wilson's interval is of whole photos, the share of photos in several draws.
            assert 0 <= low <= value + 1 / measure.n
            assert value - 1 / measure.n <= high <= 1


def test_calibration_is_perfect_where_probabilities_are_kept(say):
    right = [say(f"{i}", "M" if i < 8 else "-", [0.8]) for i in range(10)] * DRAWS
    wrong = [say(f"{i}", "M" if i < 2 else "-", [0.8]) for i in range(10)] * DRAWS
    for judged, error in ((right, 0), (wrong, 0.6)):
        found = _by_name(leader_measures(judged, thresholds=(0.5,)))
        measure = found["calibration error of the probability"]
        assert (measure.value, measure.n) == (pytest.approx(error), 10)


def test_doubts_are_held_against_who_is_there_without_a_sighting(say):
    unseen = [
        say("his, doubted", "-M", [0.1, 0.3]),
        say("his, too weak to keep", "M", [0.004]),
        say("his, no face found", "", [], missed="S"),
        say("a stranger's", "-", [0.1]),
    ]
    seen = say("found", "M", [0.9])
    found = _by_name(leader_measures([*unseen, seen] * DRAWS, thresholds=(0.5,)))
    at = "photos of state media without a sighting, probability 0.5"
    there = found[f"{at}: share that show the leader"]
    expected = found[f"{at}: mean doubt"]
    assert (there.value, there.n) == (0.75, 4)
    assert (expected.value, expected.n) == (pytest.approx((0.3 + 0.1) / 4), 4)
    error = found["calibration error of the doubts"]
    assert error.value == pytest.approx((2 / 4) * 1 + (1 / 4) * 0.1 + (1 / 4) * 0.7)


def test_where_he_is_always_seen_there_is_no_doubt(say):
    (measure,) = doubt_measures([say("found", "M", [0.9])] * DRAWS, 0.5)
    assert (measure.what, measure.n) == ("calibration error of the doubts", 0)


@dataclass
class Album:
    """Reads synthetic specimens, and no face of known age."""

    specimens: list[Specimen]

    def read(self, data, *, shown):
        return self.specimens

    def observe(self, data, *, shown):
        return []


def test_the_leader_and_statesmen_that_were_never_trained_on(days_of, make_portraits, monkeypatch):
    monkeypatch.setattr(evaluation, "aged_faces", lambda examples: examples)
    monkeypatch.setattr(evaluation, "countries", lambda _data: {"statesman 0": "FRA"})
    recipe = Recipe.load()
    album = Album([*days_of(10), *make_portraits(12)])
    measures = evaluate(None, recipe, reader=album, observer=album)
    found = {(measure.what, measure.data): measure for measure in measures}
    assert len(found) == len(measures)
    state_media = ", ".join(STATE_MEDIA)
    for threshold in (recipe.interpret.sighting, recipe.interpret.sure):
        for size in ("L", "M"):
            what = f"leader found, face {SIZES[size]}, probability {threshold:g}"
            measure = found[what, state_media]
            assert (measure.value, measure.n) == (1, 10)
    named = found["found at 0.5", "portraits, as it is"]
    assert named.value > 0.9
    assert OTHER not in SIZES
