from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.datasets import LabelledPhoto
from models.geometry import Box
from models.subjects.children import DESCRIBED
from models.subjects.evaluate import among_dark, bucket, calibration_error, counts
from models.subjects.examples import Example
from models.subjects.features import LENGTH
from models.subjects.train import Judged, cross_validated, described, figures
from models.subjects.train_children import figures as child_figures
from models.subjects.train_children import fit, out_of_fold
from models.vocabulary import Detection, Frame, PhotoObservation, Subject

LABELS = ("children", "crowd", "fireworks", "building")


def example(i: int, *, printed: bool = False, labels: dict[str, str] | None = None) -> Example:
    """A photo of two persons whose first feature says everything that its labels say."""
    rng = np.random.default_rng([i, printed])
    shown = i % 2
    features = rng.normal(0, 0.1, LENGTH).astype(np.float32)
    features[:50] += 2 * shown
    rows = rng.normal(0, 0.1, (2, DESCRIBED)).astype(np.float32)
    rows[:, :50] += 2 * shown
    persons = tuple(Detection("person", Box(x, 0, x + 9, 40), 0.9) for x in (0, 20))
    row = dict.fromkeys(LABELS, str(shown)) | {"people_bucket": "2-5" if shown else "0"}
    return Example(
        LabelledPhoto("rodong_sinmun_photos", Path(f"{i}.jpg"), f"g{i // 2}", labels or row),
        printed,
        PhotoObservation(Frame(Box(0, 0, 60, 60), 1.0), persons if shown else (), (), features),
        np.arange(2 * shown),
        rows[: 2 * shown],
        np.array([1, 0][: 2 * shown]),
    )


@pytest.fixture(scope="module")
def examples() -> list[Example]:
    return [example(i, printed=p) for i in range(24) for p in (False, True)]


def separable(examples: list[Example]) -> list[Example]:
    """The examples with persons, told apart by their rows."""
    chosen = [e for e in examples if len(e.judged)]
    for e in chosen:
        e.described[:, 60:90] = 3.0 * e.opinions[:, None]
    return chosen


def test_children_are_told_without_the_photos_own_event(examples: list[Example]) -> None:
    chosen = separable(examples)

    child = out_of_fold(chosen)

    assert all(p[0] > 0.5 > p[1] for p in child)
    found = child_figures(chosen, child)
    assert found["auc_persons"] == 1.0
    assert found["persons"] == 2 * found["children"] == 2 * len(chosen)
    assert fit(chosen).n_features_in_ == DESCRIBED


def test_subjects_are_judged_by_readers_that_never_saw_the_event(examples: list[Example]) -> None:
    separable(examples)

    rows = described(examples, person_score=0.35)
    judged = {j.subject: j for j in cross_validated(examples, rows)}

    assert list(judged) == list(Subject)
    for subject, found in judged.items():
        assert len(found.truth) == len(examples), subject
        assert figures(found.of(printed=False))["auc"] == 1.0
        assert figures(found.of(printed=True, state_media=True))["n"] == 24


def judged(truth: list[int], probability: list[float], labels: list[dict[str, str]]) -> Judged:
    photos = tuple(example(i, labels=row) for i, row in enumerate(labels))
    return Judged(Subject.FIREWORKS, photos, np.array(truth, bool), np.array(probability))


def test_figures_that_need_both_answers_are_left_out() -> None:
    assert figures(judged([1, 1], [0.9, 0.8], [{}, {}])) == {"n": 2, "positive": 2}


def test_fireworks_are_compared_with_dark_pictures() -> None:
    labels = [{"kind": "fireworks"}, {"kind": "stage_lights"}, {"kind": "blossom_flowers"},
              {"kind": "fire", "dark": "1"}]  # fmt: skip

    found = among_dark(judged([1, 0, 0, 0], [0.9, 0.1, 0.2, 0.3], labels))

    assert found.probability.tolist() == [0.9, 0.1, 0.3]


@pytest.mark.parametrize(
    ("truth", "probability", "error"),
    [
        ([1, 0, 1, 0], [0.5, 0.5, 0.5, 0.5], 0.0),
        ([1, 1], [1.0, 1.0], 0.0),
        ([0, 0], [1.0, 1.0], 1.0),
        ([1, 0], [0.8, 0.3], (0.2 + 0.3) / 2),
    ],
)
def test_calibration_error(truth: list[int], probability: list[float], error: float) -> None:
    given: NDArray[np.bool_] = np.array(truth, bool)

    assert calibration_error(given, np.array(probability)) == pytest.approx(error)


@pytest.mark.parametrize(
    ("people", "name"),
    [(0, "0"), (1, "1"), (2, "2-5"), (5, "2-5"), (6, "6-15"), (50, "16-50"), (51, "50+")],
)
def test_bucket(people: int, name: str) -> None:
    assert bucket(people) == name


def test_counts_are_compared_with_buckets_and_points() -> None:
    labels = [
        {"people_bucket": "2-5"},
        {"people_bucket": "6-15"},
        {"people_bucket": "16-50"},
        {"n_points": "4"},
    ]
    photos = tuple(example(2 * i + 1, labels=row) for i, row in enumerate(labels))
    crowd = Judged(Subject.CROWD, photos, np.zeros(4, bool), np.array([0.1, 0.2, 0.9, 0.4]))

    found = counts(crowd, 0.35)

    assert [(m.n, m.value) for m in found] == [(3, pytest.approx(2 / 3)), (1, 0.5)]
