"""The page-layout model: where on a page a picture may be. It takes a grid for one picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import models.quiet  # noqa: F401 - before ultralytics
from models.geometry import Box
from models.vocabulary import Frame, Image

from ultralytics import YOLO  # isort: skip

PICTURE = 6
"""Class number of Picture in DocLayNet."""


class LayoutModel:
    """YOLOv8n on DocLayNet through ultralytics, class Picture only.

    Args:
        path: The ONNX file.
        size: Longer side of the page as the model sees it, in pixels.
        score: Lowest score of a candidate, 0–1.
    """

    def __init__(self, path: Path, *, size: int, score: float) -> None:
        self._model = YOLO(path, task="detect")
        self._size = size
        self._score = score

    def pictures(self, page: Image) -> list[Frame]:
        """Return the pictures of a page, best first, boxes in page pixels."""
        bgr = np.ascontiguousarray(page[:, :, ::-1])
        (result,) = self._model.predict(
            bgr,
            imgsz=self._size,
            conf=self._score,
            classes=[PICTURE],
            device="cpu",
            verbose=False,
        )
        rows = zip(result.boxes.xyxy.tolist(), result.boxes.conf.tolist(), strict=True)
        return [Frame(Box(*box), score) for box, score in rows]
