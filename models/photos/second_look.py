"""A second look at a found frame: whether what is in it is a photograph.

The segmenter sees a page so small that the lines of an engraving run together into the tones of a
photograph. Here the frame is seen by itself, by the network of the image features and, at the
scan's full resolution, by its texture.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presslens.models.estimators import load_estimators
from presslens.models.instruments import FeatureExtractor
from presslens.models.photos.texture import texture
from presslens.models.regression import ScaledRegression
from presslens.models.vocabulary import Image

LEAST = 16
"""A frame with a side below this many pixels is not looked at again."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """Tells photographs from other pictures.

    Attributes:
        features: Extracts the image features.
        regression: Of ``described`` pictures (see ``models/cards/photographs.md``).
    """

    features: FeatureExtractor
    regression: ScaledRegression

    @classmethod
    def load(cls, path: Path, features: FeatureExtractor) -> SecondLook:
        """Read the regression from a ``.skops`` file."""
        return cls(features, ScaledRegression.of(load_estimators(path)))

    def probability(self, crop: Image) -> float:
        """Return the probability, 0-1, that a frame's pixels (RGB) are a photograph's.

        It is 1 for a frame that is too small to tell.
        """
        if min(crop.shape[:2]) < LEAST:
            return 1.0
        row = described(crop, self.features)[None].astype(np.float64)
        return 1 / (1 + math.exp(-float(self.regression.values(row)[0])))


def described(crop: Image, features: FeatureExtractor) -> NDArray[np.float32]:
    """Return the image features of a picture, RGB, and the measures of its texture, shape (n,)."""
    return np.concatenate([features.extract(crop).mean((1, 2)), texture(crop)])
