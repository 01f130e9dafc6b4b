from dataclasses import dataclass, field

import numpy as np
import pytest
from PIL import Image as Pillow

from presslens.lab.training.datasets import STATE_MEDIA
from presslens.lab.training.faces.evaluate import (
    DRAWS,
    SIZES,
    doubt_measures,
    equal_error_rate,
    evaluate,
    leader_measures,
)
from presslens.lab.training.faces.specimens import CONTEXT, OTHER, Specimen
from presslens.lab.training.faces.train import OutOfFoldMatching, fit, whitened
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Face


@pytest.mark.parametrize(
    ("same", "others", "expected"),
    [
        ([0.8, 0.9], [0.1, 0.2], 0), ([0.1, 0.2], [0.8, 0.9], 1), ([0.5, 0.5], [0.5, 0.5], 0.5),
        ([0.3, 0.9], [0.1, 0.6], 0.5), ([0.3, 0.7, 0.8, 0.9], [0.1, 0.2, 0.25, 0.5], 0.25),
        ([0.9], [0.1] * 99, 0),
    ],
    ids=["apart", "turned round", "all alike", "crossed", "one in four", "few of one person"],
)  # fmt: skip
def test_equal_error_rate(same, others, expected):
    scores = np.array([*same, *others])
    truth = np.arange(len(scores)) < len(same)
    assert equal_error_rate(scores, truth) == pytest.approx(expected)
    order = np.random.default_rng(0).permutation(len(scores))
    assert equal_error_rate(scores[order], truth[order]) == pytest.approx(expected)


def test_equal_error_rate_of_two_normal_distributions():
    """One standard deviation each side of the middle: 16 % of either are on the wrong one."""
    rng = np.random.default_rng(0)
    scores = np.concatenate([rng.normal(1, 1, 9000), rng.normal(-1, 1, 30000)])
    assert equal_error_rate(scores, np.arange(39000) < 9000) == pytest.approx(0.1587, abs=0.01)


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
class Colours:
    """Takes photos of one red for one person's; reads synthetic specimens."""

    specimens: list[Specimen]
    looks: dict[int, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    @property
    def detector(self):
        return self

    networks = detector

    def read(self, data, *, shown):
        return self.specimens

    def detect(self, photos):
        marks = ((3.0, 4.0), (7.0, 4.0), (5.0, 6.0))
        faces = [Face(Box(0, 0, 60 - i, 60), 0.9, marks, 0.0, None) for i in range(2)]
        return [faces for _ in photos]

    def embeddable(self, photo, faces):
        return list(range(len(faces)))

    def raw(self, photo, faces):
        assert len(faces) == 1, "the largest face is the figure's"
        red, take = (int(value) // 20 for value in photo[0, 0, :2])
        rng = np.random.default_rng(red)
        dlib, faceres = rng.normal(0, 0.06, 128), rng.uniform(0, 1, 1024)
        noise = np.random.default_rng(100 * red + take)
        rows = dlib + noise.normal(0, 0.01, 128), faceres + noise.normal(0, 0.1, 1024)
        return tuple(row[None].astype(np.float32) for row in rows)


@pytest.fixture
def portraits(tmp_path):
    """Three figures with five photos each."""
    for person in range(3):
        folder = tmp_path / "lfw_10x10" / "images" / f"figure {person}"
        folder.mkdir(parents=True)
        for take in range(5):
            colour = (20 * person + 30, 20 * take + 30, 0)
            Pillow.new("RGB", (60, 60), colour).save(folder / f"{take}.jpg", quality=95)
    return tmp_path


def test_the_leader_and_figures_that_were_never_trained_on(days_of, portraits):
    specimens = days_of(10)
    whitening = whitened(specimens)
    matcher = fit([(s, s.seen(whitening)) for s in specimens])
    recipe = Recipe.load()
    measures = evaluate(
        portraits, recipe, reader=Colours(specimens), matcher=matcher, whitening=whitening
    )
    found = _by_name(measures)
    rules = recipe.interpret
    for threshold in (rules.sighting, rules.sure):
        for size in ("L", "M"):
            measure = found[f"leader found, face {SIZES[size]}, probability {threshold:g}"]
            assert (measure.value, measure.n) == (1, 10)
        reported = f"photos without the leader where he is reported, probability {threshold:g}"
        assert (found[reported].value, found[reported].n) == (0, 10)
    public = {m.what: (m.value, m.n) for m in measures if m.data == "lfw_10x10"}
    assert public == {
        "equal error rate, all pairs of public figures": (0, 15 * 14 // 2),
        "recall, public figures": (1, 3 * 2),
        "false accepts, pairs of public figures": (0, 3 * 2 * 5),
    }
    assert all("not trained on" in m.method for m in measures if m.data == "lfw_10x10")
    assert OTHER not in SIZES
