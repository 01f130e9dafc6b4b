"""Other ways to tell reprints, to compare with: perceptual hashes and image features alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.instruments import FeatureExtractor
from presslens.models.reprints.comparison import compare
from presslens.models.reprints.fingerprint import fingerprint
from presslens.models.reprints.stored import Fingerprint
from presslens.models.vocabulary import Image


@dataclass(frozen=True, slots=True)
class Route:
    """A way to tell reprints.

    Attributes:
        describe: Returns what is stored of a photo.
        alike: Returns how alike two photos are by what is stored of them; more is more alike.
    """

    describe: Callable[[Image], Any]
    alike: Callable[[Any, Any], float]


def routes(extractor: FeatureExtractor) -> Mapping[str, Route]:
    """Return the ways by their names; the last one is the project's."""
    return {
        "perceptual hash, 64 bits": Route(lambda photo: _hash(photo, 8), _same_bits),
        "perceptual hash, 256 bits": Route(lambda photo: _hash(photo, 16), _same_bits),
        "image features": Route(lambda photo: _unit(extractor.extract(photo)), _cosine),
        "agreeing places": Route(fingerprint, lambda a, b: compare(a, b).places),
        "places and likeness": Route(fingerprint, _probability),
    }


def _hash(photo: Image, side: int) -> NDArray[np.bool_]:
    """Return the perceptual hash of a photo: cosines above their median (Zauner 2010)."""
    tone = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY).astype(np.float32)
    tone = np.asarray(cv2.resize(tone, (4 * side, 4 * side), interpolation=cv2.INTER_AREA))
    low = cv2.dct(tone)[:side, :side].ravel()
    return np.asarray(low > np.median(low[1:]))


def _same_bits(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    return float((a == b).mean())


def _unit(places: NDArray[np.float32]) -> NDArray[np.float32]:
    features: NDArray[np.float32] = places.mean((1, 2))
    return features / max(float(np.linalg.norm(features)), 1e-12)


def _cosine(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    return float(a @ b)


def _probability(a: Fingerprint, b: Fingerprint) -> float:
    return compare(a, b).probability
