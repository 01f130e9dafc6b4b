"""Average precision of detections by COCO's protocol, computed with pycocotools."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from presslens.lab.training.photos.score import excused, overlaps
from presslens.models.geometry import Box

THRESHOLDS = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
RECALLS = np.linspace(0, 1, 101)

_CATEGORY = 1
_DIGITS = 12
"""pycocotools adds the spacing of floats to each denominator: later digits mean nothing."""


class ScoredBox(Protocol):
    """A detection: where it is, and how sure the detector is of it."""

    @property
    def box(self) -> Box:
        """Its place in pixels."""
        ...

    @property
    def score(self) -> float:
        """Its confidence."""
        ...


@dataclass(frozen=True, slots=True)
class DetectedImage:
    """The detections on an image, with its ground truth.

    Attributes:
        detections: What was detected, in any order.
        truth: The boxes that are there.
        ignored: Regions in which an unmatched detection is neither right nor wrong.
    """

    detections: Sequence[ScoredBox]
    truth: Sequence[Box]
    ignored: Sequence[Box] = ()


def average_precision(
    images: Sequence[DetectedImage],
    thresholds: Sequence[float] = THRESHOLDS,
    *,
    every_recall: bool = False,
) -> float | None:
    """Return the area under the precision-recall curve, 0–1, averaged over IoU thresholds.

    Detections of all images are ranked by score. A detection takes the free box that it overlaps
    most; one that takes none is false, unless more than half of it lies in an ignored region.

    Args:
        images: Detections and ground truth.
        thresholds: Least intersection over union of a match, 0–1, one after the other.
        every_recall: Take the precision at every recall that can be reached, as PASCAL VOC has
            done since 2010, rather than at COCO's 101 recalls.

    Returns:
        None where there is no box to find.
    """
    boxes = sum(len(image.truth) for image in images)
    if boxes == 0:
        return None
    ranked = [sorted(image.detections, key=lambda d: -d.score) for image in images]
    with redirect_stdout(io.StringIO()):  # pycocotools prints what it is doing
        evaluation = COCOeval(_truth(images), _detections(ranked), "bbox")
        rules = evaluation.params
        rules.iouThrs = np.asarray(thresholds, dtype=np.float64)
        rules.recThrs = np.arange(1, boxes + 1) / boxes if every_recall else RECALLS
        rules.maxDets = [max(map(len, ranked))]
        rules.areaRng, rules.areaRngLbl = [[0, np.inf]], ["all"]
        matrices = [_overlaps(d, image) for d, image in zip(ranked, images, strict=True)]
        # COCO's own overlap with an ignored region grows with the threshold; ours is fixed.
        evaluation.computeIoU = lambda image, _category: matrices[image]
        evaluation.evaluate()
        evaluation.accumulate()
    return round(float(evaluation.eval["precision"].mean()), _DIGITS)


def _overlaps(detections: Sequence[ScoredBox], image: DetectedImage) -> np.ndarray[Any, Any]:
    """Return the IoU with each true box, then 1 or 0 for each ignored region: inside it or not."""
    boxes = [detection.box for detection in detections]
    inside = [[float(excused(box, [region])) for region in image.ignored] for box in boxes]
    regions = np.array(inside, dtype=np.float64).reshape(len(boxes), len(image.ignored))
    return np.hstack([overlaps(boxes, image.truth), regions])


def _truth(images: Sequence[DetectedImage]) -> COCO:
    return _index(
        [
            [(box, {"iscrowd": int(i >= len(image.truth))}) for i, box in enumerate(boxes)]
            for image in images
            for boxes in [(*image.truth, *image.ignored)]
        ]
    )


def _detections(ranked: Sequence[Sequence[ScoredBox]]) -> COCO:
    return _index([[(d.box, {"score": d.score}) for d in detections] for detections in ranked])


def _index(images: Sequence[Sequence[tuple[Box, dict[str, Any]]]]) -> COCO:
    """Return boxes with their further fields as a data set of pycocotools, images from 0 on."""
    rows = [(i, box, fields) for i, boxes in enumerate(images) for box, fields in boxes]
    coco = COCO()
    coco.dataset = {
        "images": [{"id": i} for i in range(len(images))],
        "categories": [{"id": _CATEGORY}],
        "annotations": [
            {
                "id": number,
                "image_id": image,
                "category_id": _CATEGORY,
                "bbox": [box.x0, box.y0, box.width, box.height],
                "area": box.area,
                **fields,
            }
            for number, (image, box, fields) in enumerate(rows, start=1)
        ],
    }
    coco.createIndex()
    return coco
