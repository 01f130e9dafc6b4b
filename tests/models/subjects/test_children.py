from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from models.geometry import Box
from models.registry import Registry
from models.subjects.children import (
    DESCRIBED,
    MOST,
    SMALLEST,
    CropChildEstimator,
    described,
    judged,
)
from models.subjects.features import LENGTH, EfficientNetFeatures
from models.vocabulary import Image


class Zeros:
    """Features that are all zero, and the shapes of what they were asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def extract(self, photos: Sequence[Image], *, size: int = 260) -> NDArray[np.float32]:
        self.asked += [photo.shape for photo in photos]
        return np.zeros((len(photos), LENGTH), np.float32)


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([], []),
        ([Box(0, 0, 20, SMALLEST - 1), Box(0, 0, 20, SMALLEST)], [1]),
        ([Box(0, 0, 20, 40), Box(0, 0, 30, 90), Box(0, 0, 20, 50)], [1, 2, 0]),
        ([Box(5, 0, 5, 90)], []),
    ],
)
def test_those_large_enough_are_judged_largest_first(boxes: list[Box], expected: list[int]) -> None:
    assert judged(boxes) == expected


def test_of_many_only_the_largest_are_judged() -> None:
    boxes = [Box(0, 0, 20, 30 + i) for i in range(MOST + 10)]

    assert sorted(judged(boxes)) == list(range(10, MOST + 10))


def test_a_person_is_described_by_features_and_size_among_others() -> None:
    photo = np.zeros((200, 300, 3), np.uint8)
    boxes = [Box(0, 0, 50, 100), Box(100, 100, 150, 200), Box(200, 150, 225, 200)]
    features = Zeros()

    rows = described(photo, boxes, [0, 2], features)

    assert rows.shape == (2, DESCRIBED)
    assert rows[:, LENGTH:] == pytest.approx(np.log([[0.5, 1.0, 0.5], [0.25, 0.5, 0.5]]))
    assert features.asked == [(108, 54, 3), (54, 29, 3)]


@pytest.mark.weights("features")
def test_everybody_gets_a_probability(registry: Registry, texture: Callable[..., Image]) -> None:
    features = EfficientNetFeatures(registry.path("features"))
    estimator = CropChildEstimator(registry.path("children"), features)
    boxes = [Box(10, 10, 60, 120), Box(-5, 0, 400, 300), Box(0, 0, 5, 5)]

    probabilities = estimator.estimate(texture(200, 300), boxes)

    assert len(probabilities) == 3
    assert all(p is None or 0 <= p <= 1 for p in probabilities)
    assert probabilities[2] is None
    assert estimator.estimate(texture(20, 20), []) == []
