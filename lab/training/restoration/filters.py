"""Restores prints by filters alone, without learning. For comparison alone."""

from __future__ import annotations

import cv2
import numpy as np

from presslens.models.instruments import RestoredPhoto
from presslens.models.restoration.descreening import descreened
from presslens.models.restoration.screen import printing_of
from presslens.models.vocabulary import Image

BLUR = 1.0
"""Spread of the blur of prints without a screen, px."""


class FilterRestorer:
    """Takes the waves of a screen out of the spectrum; blurs what has no screen."""

    def restore(self, photo: Image) -> RestoredPhoto:
        """Return a photo without its dots, the same shape; itself if none show."""
        printing = printing_of(photo)
        if printing.screen is not None:
            photo = descreened(photo, printing.screen)
        elif printing.visible:
            photo = np.asarray(cv2.GaussianBlur(photo, (0, 0), BLUR), np.uint8)
        return RestoredPhoto.for_all(photo)
