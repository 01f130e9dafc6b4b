"""Who is a child in a training photo: the opinion of a detector trained on Open Images.

It is used for training alone. Its raw class scores are read: a prediction keeps one class an
anchor, and hides boys and girls behind their clothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file

import models.quiet  # noqa: F401  (before ultralytics)

# isort: split
from ultralytics.nn.tasks import DetectionModel

from models.geometry import Box
from models.vocabulary import Image
from models.yolo import fitted, network_input

WEIGHTS = "weights/yolov8n_openimages_dequantised.safetensors"
"""The detector, below the data folder."""

CHILD = (63, 216)
"""Boy and Girl."""

ADULT = (322, 594)
"""Man and Woman."""

SIZE = 960
CLASSES = 601
CHILD_LEAST, CHILD_SHARE = 0.05, 0.15
"""A child's own score, and its score over an adult's, from which a person is taken for a child.

The detector leans to adults: it gives 0.00-0.02 to state media's adults, and about half of an
adult's score to pupils of eleven.
"""

ADULT_LEAST, ADULT_SHARE = 0.3, 0.04
"""An adult's own score from which, and a child's over it up to which, a person is an adult."""


class ChildTeacher(Protocol):
    """Has opinions on who is a child."""

    def opinions(self, photo: Image, persons: Sequence[Box]) -> list[bool | None]:
        """Return for each person's box: a child (True), an adult (False), or not clear (None)."""
        ...


class OpenImagesTeacher:
    """YOLOv8n on Open Images V7."""

    def __init__(self, data: Path) -> None:
        network = DetectionModel("yolov8n.yaml", nc=CLASSES, verbose=False)
        weights = load_file(data / WEIGHTS)
        network.load_state_dict(
            {k: v.float() if v.is_floating_point() else v for k, v in weights.items()}
        )
        self._network = network.eval()

    def opinions(self, photo: Image, persons: Sequence[Box]) -> list[bool | None]:
        """Return for each person's box: a child (True), an adult (False), or not clear (None)."""
        pixels, scale = fitted(photo, SIZE)
        with torch.inference_mode():
            rows = self._network(torch.from_numpy(network_input(pixels)))[0][0].T.numpy()
        rows = rows[rows[:, 4 + np.array(CHILD + ADULT)].max(1) >= 0.02]
        corners = (
            np.hstack([rows[:, :2] - rows[:, 2:4] / 2, rows[:, :2] + rows[:, 2:4] / 2]) / scale
        )
        child = rows[:, 4 + np.array(CHILD)].max(1, initial=0)
        adult = rows[:, 4 + np.array(ADULT)].max(1, initial=0)
        return [_opinion(_overlaps(person, corners) > 0.5, child, adult) for person in persons]


def _overlaps(box: Box, corners: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the IoU of a box with each row (x0, y0, x1, y1)."""
    return np.array([box.iou(Box(*map(float, row))) for row in corners], np.float64).reshape(-1)


def _opinion(
    near: NDArray[np.bool_], child: NDArray[np.float32], adult: NDArray[np.float32]
) -> bool | None:
    young, grown = float(child[near].max(initial=0)), float(adult[near].max(initial=0))
    if young >= max(CHILD_LEAST, CHILD_SHARE * grown):
        return True
    if grown >= ADULT_LEAST and young <= ADULT_SHARE * grown:
        return False
    return None
