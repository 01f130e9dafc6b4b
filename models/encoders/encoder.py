"""Runs a user's image encoder: one photo at a time, so that its numbers hang on no other photo."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.errors import InvalidEncoder
from presslens.models.recipe import EncoderInput
from presslens.models.session import open_session
from presslens.models.vocabulary import Encoding, Image, Vector

LONGEST = 8192
"""Most numbers of an encoding: of a photo, 32 KB."""


class OnnxImageEncoder:
    """An image encoder in an ONNX file; see ``models.encoders.file`` for what may be in one."""

    def __init__(self, path: Path, rules: EncoderInput, name: str, *, threads: int = 1) -> None:
        """Open the network.

        Args:
            path: The file, whose hash was checked.
            rules: What it is given of a photo, and what is taken of its answer.
            name: The identity of the encodings.
            threads: CPU threads for one photo.

        Raises:
            InvalidEncoder: onnxruntime can't open it, or it has not the input or output.
        """
        self._rules, self._name = rules, name
        try:
            self._session = open_session(path, threads=threads)
        except Exception as error:  # onnxruntime has ten kinds of error, and no parent of them
            raise InvalidEncoder(f"{path.name} can't be opened: {_line(error)}") from error
        inputs = {one.name: one for one in self._session.get_inputs()}
        outputs = {one.name: one for one in self._session.get_outputs()}
        self._input = _chosen(path, "input", rules.input, inputs)
        self._output = _chosen(path, "output", rules.output, outputs)
        _check_input(path, inputs[self._input], rules)

    def encode(self, photo: Image) -> Encoding:
        """Return the encoding of a photo; empty where the network fails or gives no finite numbers.

        A page is not lost for that: ours tell what the photo shows.
        """
        try:
            vector = self.vector(photo)
        except InvalidEncoder:
            return Encoding(self._name, np.zeros(0, np.float32))
        finite = bool(np.isfinite(vector).all())
        return Encoding(self._name, vector if finite else np.zeros(0, np.float32))

    def vector(self, photo: Image) -> Vector:
        """Return the network's answer about a photo, shape (n,), finite or not.

        Raises:
            InvalidEncoder: The network fails, or its answer has another shape.
        """
        try:
            (answer,) = self._session.run([self._output], {self._input: pixels(photo, self._rules)})
        except Exception as error:
            raise InvalidEncoder(f"the network fails: {_line(error)}") from error
        return _taken(np.asarray(answer), self._rules.tokens)


def pixels(photo: Image, rules: EncoderInput) -> NDArray[np.float32]:
    """Return what a network is given of a photo, shape (1, 3, height, width)."""
    height, width = photo.shape[:2]
    if rules.fit == "crop":
        scale = rules.crop * min(width / rules.width, height / rules.height)
        part = round(rules.width * scale), round(rules.height * scale)
        x, y = (width - part[0]) // 2, (height - part[1]) // 2
        photo = photo[y : y + max(1, part[1]), x : x + max(1, part[0])]
    size = rules.width, rules.height
    if rules.fit == "pad":
        scale = min(rules.width / width, rules.height / height)
        size = max(1, round(width * scale)), max(1, round(height * scale))
    shrinks = photo.shape[1] >= size[0] and photo.shape[0] >= size[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(np.ascontiguousarray(photo), size, interpolation=way)
    mean, std = (np.array(values, np.float32) for values in (rules.mean, rules.std))
    values: NDArray[Any] = (resized.astype(np.float32) / 255 - mean) / std
    if rules.fit == "pad":  # with the mean colour, which is 0 now
        x, y = (rules.width - size[0]) // 2, (rules.height - size[1]) // 2
        padded = np.zeros((rules.height, rules.width, 3), np.float32)
        padded[y : y + size[1], x : x + size[0]] = values
        values = padded
    if rules.channels == "bgr":
        values = values[..., ::-1]
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def _taken(answer: NDArray[Any], tokens: str) -> Vector:
    """Return the vector of an answer: of one photo, pooled or a vector for each patch."""
    shape = answer.shape
    if answer.dtype.kind != "f" or not shape or shape[0] != 1:
        raise InvalidEncoder(
            f"its output is {_spelled(shape)} of {answer.dtype}, not (1, n) floats"
        )
    while answer.ndim > 2 and tokens == "pooled" and answer.shape[-1] == 1:
        answer = answer[..., 0]  # an average over places that keeps their axes
    if tokens == "pooled" and answer.ndim != 2:
        raise InvalidEncoder(
            f"its output has the shape {_spelled(shape)}: pooled is (1, n); say tokens ="
            ' "mean" or "first" of one that is (1, patches, n)'
        )
    if tokens != "pooled" and answer.ndim != 3:
        raise InvalidEncoder(f"its output has the shape {_spelled(shape)}, not (1, patches, n)")
    if tokens != "pooled":
        answer = answer.mean(axis=1) if tokens == "mean" else answer[:, 0]
    if not 0 < answer.shape[1] <= LONGEST:
        raise InvalidEncoder(f"an encoding has {answer.shape[1]} numbers; 1 to {LONGEST} may be")
    return np.asarray(answer[0], np.float32)


def _chosen(path: Path, what: str, name: str, present: dict[str, Any]) -> str:
    if name in present:
        return name
    names = ", ".join(present) or "none"
    if name:
        raise InvalidEncoder(f"{path.name} has no {what} {name!r}; it has: {names}")
    if len(present) != 1:
        raise InvalidEncoder(f"{path.name} has these: {names}; name one of them as its {what}")
    return next(iter(present))


def _check_input(path: Path, given: Any, rules: EncoderInput) -> None:
    """Check that a network takes one picture of the size of the card."""
    wanted = (1, 3, rules.height, rules.width)
    shape = given.shape
    fits = len(shape) == len(wanted) and all(
        side == size or not isinstance(side, int) for side, size in zip(shape, wanted, strict=True)
    )
    if not fits or given.type != "tensor(float)":
        raise InvalidEncoder(
            f"{path.name} takes {_spelled(shape)} of {given.type}; the card says"
            f" {_spelled(wanted)} of tensor(float)"
        )


def _spelled(shape: Any) -> str:
    return f"({', '.join(str(side) for side in shape)})"


def _line(error: Exception) -> str:
    """Return the first line of what onnxruntime says, which may be long."""
    lines = str(error).strip().splitlines()
    return (lines[0] if lines else type(error).__name__)[:200]
