"""Detects faces with five landmarks: CenterFace on onnxruntime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.tools.update_model_dims import update_inputs_outputs_dims

from presslens.models.geometry import Box, suppress
from presslens.models.recipe import FaceRules
from presslens.models.session import open_session
from presslens.models.vocabulary import Face, Image

MOST_UPSCALING = 2.5
"""Beyond this, enlarging a photo of 560 × 400 px finds no more true faces but tiny ones."""

MOST_FINE_UPSCALING = 4.0
"""The same for a second pass over tiny faces."""

_TINY_FACES = 6
"""So many tiny faces call for a second pass: one or two in a background do not."""

_STRIDE = 4
"""Pixels of the network's input per cell of its heat map."""

_MULTIPLE = 32
"""The network's input sides are multiples of this."""

_OVERLAP = 0.3
_OUTPUTS = {
    "537": ["batch", 1, "h", "w"],
    "538": ["batch", 2, "h", "w"],
    "539": ["batch", 2, "h", "w"],
    "540": ["batch", 10, "h", "w"],
}


class CenterFace:
    """A ``FaceDetector``: small photos are enlarged first, since small faces are the hard ones.

    A photo in which many faces are tiny, a mass photo, is enlarged more for a second pass. A
    portrait that is enlarged shows the traces of its print as large as eyes: each photo is looked
    at reduced, too.
    """

    def __init__(self, path: Path, rules: FaceRules, *, threads: int) -> None:
        """Open the network.

        Args:
            path: The ONNX file.
            rules: Sizes and the lowest score.
            threads: CPU threads of one call; 0 takes all.
        """
        self._session = open_session(_with_free_size(path), threads=threads)
        self._rules = rules

    def detect(self, photos: Sequence[Image]) -> list[list[Face]]:
        """Return the faces of each photo, largest first, in that photo's pixels.

        Every face comes with ``child=0.0`` and without an embedding.
        """
        return [self._detect(photo) for photo in photos]

    def _detect(self, photo: Image) -> list[Face]:
        rules = self._rules
        height, width = photo.shape[:2]
        faces = self._pass(photo, enlargement(width, height, rules.size))
        if sum(face.box.height < rules.tiny for face in faces) >= _TINY_FACES:
            fine = enlargement(width, height, rules.fine_size, most=MOST_FINE_UPSCALING)
            faces = merged(self._pass(photo, fine), faces)
        if rules.coarse_size:
            coarse = enlargement(width, height, rules.coarse_size)
            faces = merged(faces, self._pass(photo, coarse))
        return sorted(faces, key=lambda face: -face.box.area)

    def _pass(self, photo: Image, scale: float) -> list[Face]:
        height, width = photo.shape[:2]
        maps = self._session.run(list(_OUTPUTS), {"input.1": _blob(photo, scale)})
        faces = [
            _in_photo(face, scale, width=width, height=height)
            for face in decode(*maps, score=self._rules.score)
        ]
        return [face for face in faces if face.box.area > 0]


def merged(fine: Sequence[Face], coarse: Sequence[Face]) -> list[Face]:
    """Return the faces of two passes; of a face that both detect, the finer pass's box."""
    every = [*fine, *coarse]
    order = [1 + face.score for face in fine] + [face.score for face in coarse]
    return [every[i] for i in suppress([face.box for face in every], order, _OVERLAP)]


def enlargement(width: int, height: int, size: int, *, most: float = MOST_UPSCALING) -> float:
    """Return the factor that brings the longer side to ``size`` px, at most ``most``."""
    return min(size / max(width, height, 1), most)


def decode(
    heat: NDArray[np.float32],
    scale: NDArray[np.float32],
    offset: NDArray[np.float32],
    landmark: NDArray[np.float32],
    *,
    score: float,
) -> list[Face]:
    """Return the faces that the network's four maps hold, in pixels of its input.

    Args:
        heat: Where the middle of a face is, 0–1, shape (1, 1, h, w).
        scale: Logarithm of the face's height and width in cells, shape (1, 2, h, w).
        offset: Shift of the middle, y and x, in cells, shape (1, 2, h, w).
        landmark: Five (y, x) pairs in shares of the face's box, shape (1, 10, h, w).
        score: The lowest value of ``heat`` that is a face.
    """
    grid = heat[0, 0]
    peaks = (grid >= score) & (grid == cv2.dilate(grid, np.ones((3, 3), np.uint8)))
    rows, columns = np.nonzero(peaks)
    middles = np.stack([columns, rows], axis=1) + offset[0, ::-1, rows, columns] + 0.5
    sizes = np.exp(scale[0, ::-1, rows, columns])
    starts = middles - sizes / 2
    points = landmark[0, :, rows, columns].reshape(-1, 5, 2)[:, :, ::-1]
    boxes = [Box(*row) for row in (np.hstack([starts, starts + sizes]) * _STRIDE).tolist()]
    marks = (points * sizes[:, None] + starts[:, None]) * _STRIDE
    scores = grid[rows, columns].tolist()
    return [
        Face(boxes[i], scores[i], _pairs(marks[i]), child=0.0, embedding=None)
        for i in suppress(boxes, scores, _OVERLAP)
    ]


def _pairs(points: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    return tuple((float(x), float(y)) for x, y in points)


def _in_photo(face: Face, scale: float, *, width: int, height: int) -> Face:
    return Face(
        face.box.scaled(1 / scale).clipped(width, height),
        face.score,
        tuple((x / scale, y / scale) for x, y in face.landmarks),
        child=0.0,
        embedding=None,
    )


def _blob(photo: Image, scale: float) -> NDArray[np.float32]:
    height, width = (max(1, round(side * scale)) for side in photo.shape[:2])
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    resized = cv2.resize(photo, (width, height), interpolation=method)
    blob = np.zeros((1, 3, _up(height), _up(width)), np.float32)
    blob[0, :, :height, :width] = resized.transpose(2, 0, 1)
    return blob


def _up(side: int) -> int:
    return -(-side // _MULTIPLE) * _MULTIPLE


def _with_free_size(path: Path) -> bytes:
    """Return the network with a free input size; the file fixes ten images of 32 × 32.

    The file also lists its weights as inputs, as old exports do. onnxruntime must then expect
    other weights with each call, and does without most of its optimisations: half the speed.
    """
    model = onnx.load(path)
    weights = {weight.name for weight in model.graph.initializer}
    for value in [value for value in model.graph.input if value.name in weights]:
        model.graph.input.remove(value)
    free = update_inputs_outputs_dims(model, {"input.1": ["batch", 3, "H", "W"]}, dict(_OUTPUTS))
    return bytes(free.SerializeToString())
