"""Average precision is that of pycocotools, to the last digit that it means."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import pytest

from presslens.pipelines.benchmark.matching import (
    MOST_BOXES,
    ImageMatches,
    average_precisions,
    match_image,
)
from presslens.pipelines.benchmark.predictions import PredictedBoxes

pycocotools = pytest.importorskip("pycocotools.coco")

Case = list[tuple[PredictedBoxes, np.ndarray[Any, Any], np.ndarray[Any, Any]]]


def boxes(rng: np.random.Generator, count: int) -> np.ndarray[Any, Any]:
    return np.column_stack([rng.uniform(0, 300, (count, 2)), rng.uniform(20, 120, (count, 2))])


def random_case(seed: int) -> Case:
    """Return found, true and ignored boxes of pictures, many of them nearly right."""
    rng = np.random.default_rng(seed)
    case: Case = []
    for _ in range(6):
        there = boxes(rng, int(rng.integers(0, 9)))
        near = there[rng.random(len(there)) < 0.8]
        near = near + rng.normal(0, 6, near.shape)
        found = np.concatenate([near, near + rng.normal(0, 2, near.shape), boxes(rng, 3)])
        found[:, 2:] = np.maximum(found[:, 2:], 1)
        scores = np.round(rng.random(len(found)), 1)  # many are equal
        order = np.argsort(-scores, kind="stable")
        ignored = rng.random(len(there)) < 0.2
        case.append((PredictedBoxes(found[order], scores[order]), there, ignored))
    return case


def by_pycocotools(case: Case) -> np.ndarray[Any, Any]:
    from pycocotools.cocoeval import COCOeval

    truth, results = [], []
    for image, (found, there, ignored) in enumerate(case, start=1):
        for box, crowd in zip(there.tolist(), ignored.tolist(), strict=True):
            area = box[2] * box[3]
            truth.append({"image_id": image, "bbox": box, "iscrowd": int(crowd), "area": area})
        for box, score in zip(found.boxes.tolist(), found.scores.tolist(), strict=True):
            results.append({"image_id": image, "bbox": box, "score": score, "category_id": 1})
    coco = pycocotools.COCO()
    coco.dataset = {
        "images": [{"id": image} for image in range(1, len(case) + 1)],
        "categories": [{"id": 1}],
        "annotations": [{"id": i, "category_id": 1, **t} for i, t in enumerate(truth, start=1)],
    }
    with redirect_stdout(io.StringIO()):
        coco.createIndex()
        evaluation = COCOeval(coco, coco.loadRes(results), "bbox")
        evaluation.params.maxDets = [MOST_BOXES]
        evaluation.params.areaRng, evaluation.params.areaRngLbl = [[0, 1e10]], ["all"]
        evaluation.evaluate()
        evaluation.accumulate()
    return np.asarray(evaluation.eval["precision"][:, :, 0, 0, 0].mean(axis=1))


def matched(case: Case) -> list[ImageMatches]:
    return [match_image(*image) for image in case]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_average_precision_is_that_of_pycocotools(subtests: pytest.Subtests) -> None:
    for seed in range(12):
        with subtests.test(str(seed)):
            case = random_case(seed)
            ours = average_precisions(matched(case))
            assert ours is not None
            np.testing.assert_allclose(ours, by_pycocotools(case), rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_average_precision_has_the_best_boxes_of_a_picture_as_that_of_pycocotools() -> None:
    case = random_case(3)
    found, there, ignored = case[0]
    far = np.tile([400.0, 400, 5, 5], (MOST_BOXES - 2, 1))
    boxes = np.concatenate([found.boxes[:1], far, found.boxes[1:]])
    many = PredictedBoxes(boxes, np.linspace(1, 0, len(boxes)))
    case[0] = (many, there, ignored)
    ours = average_precisions(matched(case))
    assert ours is not None
    np.testing.assert_allclose(ours, by_pycocotools(case), rtol=0, atol=1e-12)
    assert len(matched(case)[0].scores) == len(boxes) > MOST_BOXES


def test_a_weight_counts_a_picture_so_many_times() -> None:
    case = random_case(3)
    matches = matched(case)
    weights = np.array([[1, 2, 0, 1, 3, 1.0], [1, 1, 1, 1, 1, 1.0]])
    drawn = [
        image for image, count in zip(matches, weights[0], strict=True) for _ in range(int(count))
    ]
    weighted = average_precisions(matches, weights)
    assert weighted is not None
    # Equal scores of two copies of a picture are counted together here, one after the other there.
    np.testing.assert_allclose(weighted[0], average_precisions(drawn), atol=0.02)
    np.testing.assert_allclose(weighted[1], average_precisions(matches), atol=1e-12)


def test_nothing_to_find_has_no_precision() -> None:
    case = [
        (
            PredictedBoxes(np.array([[0, 0, 5, 5.0]]), np.array([0.4])),
            np.empty((0, 4)),
            np.empty(0, bool),
        )
    ]
    assert average_precisions(matched(case)) is None


def test_found_nothing_is_zero() -> None:
    nothing = PredictedBoxes(np.empty((0, 4)), np.empty(0))
    case = [(nothing, np.array([[0, 0, 5, 5.0]]), np.array([False]))]
    values = average_precisions(matched(case))
    assert values is not None
    assert values.tolist() == [0.0] * 10
