"""Extracts image features: the last layer of an ImageNet network at each place of a photo.

A photo is scaled so that its longer side has a set size and both are multiples of the network's
stride (its aspect is lost by a few per cent), area-averaged when it shrinks, and its values to
(value - 127) / 128 as EfficientNet-Lite was trained. The photo's own features are the mean of its
places'.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.instruments import FeatureExtractor
from presslens.models.session import open_session
from presslens.models.vocabulary import Image

LENGTH = 1280
"""Numbers in a feature vector."""

SIZE = 384
"""The longer side that a photo is scaled to, px: bursts and buildings far away stay visible."""

STRIDE = 32
"""Pixels a place, each way."""

WAITING = 64
"""Of so many photos the features wait to be asked for a second time, half a megabyte each."""

SHORTEST = 2
"""Places that a photo has at least, each way."""


class EfficientNetFeatures:
    """EfficientNet-Lite2 without its class layer.

    Args:
        path: The network, an ONNX file (``models/cards/features.md``).
        threads: CPU threads for one photo.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session = open_session(path, threads=threads)

    def extract(self, photo: Image) -> NDArray[np.float32]:
        """Return the features of each place of a photo in a grid, shape (1280, rows, columns)."""
        places = self._session.run(None, {"pixels": _scaled(photo)[None]})[0][0]
        return np.asarray(places, np.float32)


class SharedFeatures:
    """Extracts the features of a photo once where two instruments ask for them one after the other.

    Args:
        extractor: Extracts the features.
    """

    def __init__(self, extractor: FeatureExtractor) -> None:
        self._extractor = extractor
        self._waiting: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()

    def extract(self, photo: Image) -> NDArray[np.float32]:
        """Return the features of each place of a photo in a grid, shape (1280, rows, columns)."""
        pixels = np.ascontiguousarray(photo)
        key = hashlib.blake2b(repr(pixels.shape).encode() + pixels.tobytes()).digest()
        if key in self._waiting:
            return self._waiting.pop(key)
        features = self._extractor.extract(pixels)
        self._waiting[key] = features
        if len(self._waiting) > WAITING:
            self._waiting.popitem(last=False)
        return features


def _scaled(photo: Image) -> NDArray[np.float32]:
    scale = SIZE / max(photo.shape[:2]) / STRIDE
    rows, columns = (max(SHORTEST, round(side * scale)) for side in photo.shape[:2])
    shrinks = min(photo.shape[:2]) >= min(rows, columns) * STRIDE
    resized = cv2.resize(
        photo,
        (columns * STRIDE, rows * STRIDE),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    planes = np.array(resized.transpose(2, 0, 1), np.float32, order="C")
    planes -= 127
    planes /= 128
    return planes
