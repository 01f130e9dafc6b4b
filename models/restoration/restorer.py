"""Restores printed photos, by filters where a screen stands out and by a network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.instruments import FeatureExtractor, RestoredPhoto, Restorer
from presslens.models.restoration.descreening import descreened
from presslens.models.restoration.screen import Printing, printing_of
from presslens.models.session import open_session
from presslens.models.vocabulary import Image

DISTANCE = 3.0
"""Coarser screens are reduced until their dots are so far apart, px. Nothing is lost: a screen
shows nothing that is finer than its dots."""

LONGEST = 1600
"""Longer side, px, to which larger photos are reduced before they are restored."""

COLOURS = 10.0
"""Spread of the differences between red, green and blue, 0-255, above which a print has several
inks: about where prints in black on yellowed paper end and four inks of a photo in colour begin."""

MULTIPLE = 8
"""The network takes sides that are multiples of so many pixels."""


class OnnxRestorer:
    """Restores prints with a network that learned the way back from them.

    Args:
        path: The network, an ONNX file (``models/cards/restoration.md``).
        threads: CPU threads for one photo.
    """

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        self._session = open_session(path, threads=threads)

    def restore(self, photo: Image) -> RestoredPhoto:
        """Return a photo, shape (height, width, 3), RGB, without dots: itself if none show."""
        printing = printing_of(photo)
        return RestoredPhoto.for_all(self.restored(photo, printing) if printing.visible else photo)

    def restored(self, photo: Image, printing: Printing) -> Image:
        """Return a printed photo without its dots, the same shape.

        Args:
            photo: Shape (height, width, 3), RGB.
            printing: How it was printed.
        """
        height, width = photo.shape[:2]
        scale = min(1.0, LONGEST / max(height, width))
        if printing.screen is not None:
            scale = min(scale, DISTANCE / printing.screen.distance)
        if scale == 1:
            return self._run(photo)
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        reduced = cv2.resize(photo, size, interpolation=cv2.INTER_AREA)
        restored = self._run(np.asarray(reduced, np.uint8))
        enlarged = cv2.resize(restored, (width, height), interpolation=cv2.INTER_CUBIC)
        return np.asarray(enlarged, np.uint8)

    def _run(self, photo: Image) -> Image:
        height, width = photo.shape[:2]
        bottom, right = (-side % MULTIPLE for side in (height, width))
        padded = cv2.copyMakeBorder(photo, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
        pixels = padded.astype(np.float32).transpose(2, 0, 1)[None] / 255
        restored = self._session.run(None, {"prints": pixels})[0][0, :, :height, :width]
        levels = np.clip(restored * 255, 0, 255).round().astype(np.uint8)
        return np.ascontiguousarray(levels.transpose(1, 2, 0))


@dataclass(frozen=True, slots=True)
class PrintRestorer:
    """Restores photos whose printing shows, each print in the ways that suit it.

    Faces are recognised better after filters. Subjects are read better after filters in prints of
    several inks, and after the network in prints of black alone (``models/cards/restoration.md``).
    """

    network: OnnxRestorer  # restores all prints but those of several inks on a screen

    def restore(self, photo: Image) -> RestoredPhoto:
        """Return a photo, shape (height, width, 3), RGB, without dots: itself if none show."""
        printing = printing_of(photo)
        if not printing.visible:
            return RestoredPhoto.for_all(photo)
        if printing.screen is None or printing.bitonal:
            return RestoredPhoto.for_all(self.network.restored(photo, printing))
        filtered = descreened(photo, printing.screen)
        if is_coloured(photo):
            return RestoredPhoto.for_all(filtered)
        return RestoredPhoto(self.network.restored(photo, printing), filtered)


def is_coloured(photo: Image) -> bool:
    """Return whether a print has several inks: paper that has yellowed is not enough."""
    red, green, blue = (plane.astype(np.int16) for plane in cv2.split(photo))
    return bool(max((red - green).std(), (green - blue).std()) > COLOURS)


@dataclass(frozen=True, slots=True)
class RestoredFeatures:
    """Extracts the features of photos after they were restored."""

    restorer: Restorer
    extractor: FeatureExtractor

    def extract(self, photo: Image) -> NDArray[np.float32]:
        """Return the features of each place of a photo in a grid, shape (1280, rows, columns)."""
        return self.extractor.extract(self.restorer.restore(photo).picture)
