"""Scripted instruments: they see coloured blocks, so that a test knows what they will see.

A page's photos are its solid blocks of ink; a photo's persons are its pure red blocks, its faces
the pure green ones; letters are blocks too. Everything is computed from the pixels, with no
weights, in milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import cv2
import numpy as np
from numpy.typing import NDArray

from presslens.models.faces.embedding import FACERES, LENGTH, RESNET
from presslens.models.geometry import Box
from presslens.models.instruments import Instruments, RestoredPhoto
from presslens.models.photos.finder import reading_order
from presslens.models.photos.paper import ink_mask, solid_mask
from presslens.models.vocabulary import (
    Detection,
    Face,
    Folio,
    Frame,
    Heads,
    Image,
    Maps,
    Objects,
    PageFrames,
    TextSource,
    Transcript,
    Vector,
)

FEATURES = 1280
OBJECTS = 110
LEAST = 24
"""Shortest side of a photo, px."""

HEAD = 20
"""Rows of a page that are its head."""

NARROWEST = 4
"""Width of the block that is an "a", px; one that is a pixel wider is a "b", and so on."""


class BlockFinder:
    """Finds solid blocks of ink."""

    def find(self, page: Image) -> PageFrames:
        """Return the blocks of a page as photos."""
        blocks = _blocks(solid_mask(ink_mask(page), LEAST))
        return PageFrames(tuple(reading_order([Frame(box, 1.0) for box in blocks])))


class NoRestoration:
    """Sees no print."""

    def restore(self, photo: Image) -> RestoredPhoto:
        """Return the photo."""
        return RestoredPhoto.for_all(photo)


class ColourFeatures:
    """The mean colour, repeated."""

    def extract(self, photo: Image) -> NDArray[np.float32]:
        """Return the mean colour of the photo as the features of its only place."""
        colour = np.resize(photo.mean(axis=(0, 1)) / 255, FEATURES)
        return colour.astype(np.float32).reshape(FEATURES, 1, 1)


class NoMaps:
    """Sees fireworks, buildings and crowds nowhere."""

    def map(self, features: NDArray[np.float32]) -> Maps:
        """Return small odds for each place."""
        return np.full((3, *features.shape[1:]), -8, np.float32)


class GreenObjects:
    """Sees an adult in each pure green block, and nothing else."""

    def detect(self, photo: Image) -> Objects:
        """Return the lowest score for each class, and an anchor for each green block."""
        blocks = _blocks(_pure(photo, channel=1))
        aged = [(box.x0, box.y0, box.x1, box.y1, 0.0, 0.9) for box in blocks]
        rows = np.array(aged, np.float32).reshape(-1, 6)
        return Objects(np.full(OBJECTS, -8, np.float32), rows, ())


class RedPersons:
    """Takes pure red blocks for persons."""

    def detect(self, photo: Image, objects: Objects) -> list[Detection]:  # noqa: ARG002
        """Return the red blocks of a photo."""
        return [Detection("person", box, 0.9) for box in _blocks(_pure(photo, channel=0))]


class NoChildren:
    """Takes everybody for an adult."""

    def persons(self, objects: Objects, boxes: Sequence[Box]) -> list[float]:  # noqa: ARG002
        """Return 0 for each person."""
        return [0.0] * len(boxes)

    def faces(self, objects: Objects, boxes: Sequence[Box]) -> list[float]:  # noqa: ARG002
        """Return 0 for each face."""
        return [0.0] * len(boxes)


class GreenFaces:
    """Takes pure green blocks for faces."""

    def detect(self, photos: Sequence[Image]) -> list[list[Face]]:
        """Return the green blocks of each photo, largest first."""
        return [
            sorted((_face(b) for b in _blocks(_pure(p, channel=1))), key=lambda f: -f.box.area)
            for p in photos
        ]


class ShapeIdentity:
    """Takes faces of one width and height for one person's."""

    def look(self, photo: Image, faces: Sequence[Face]) -> Heads:  # noqa: ARG002
        """Return nothing about each face."""
        nothing = np.zeros((len(faces), 0), np.float32)
        return Heads(nothing, nothing)

    def embed(self, photo: Image, faces: Sequence[Face], heads: Heads) -> list[Vector]:  # noqa: ARG002
        """Return a unit vector for each face."""
        return [_direction(face.box) for face in faces]


class OpenGate:
    """Leaves the probability that a face is a child's as it is."""

    def judge(self, faces: Sequence[Face], heads: Heads) -> list[float]:  # noqa: ARG002
        """Return the probability that each face has."""
        return [face.child for face in faces]


class BlockReader:
    """Takes blocks of ink in a row for letters, by their width."""

    def why_not(self, languages: Sequence[str]) -> str | None:  # noqa: ARG002
        """Return None: blocks are letters in any language, or in none."""
        return None

    def read(self, page: Image, box: Box, languages: Sequence[str]) -> Transcript:  # noqa: ARG002
        """Return the letters in a box of a page, from left to right."""
        x0, y0, x1, y1 = box.pixels()
        blocks = sorted(_blocks(ink_mask(page)[y0:y1, x0:x1]), key=lambda block: block.x0)
        widths = (min(25, round(block.width) - NARROWEST) for block in blocks)
        text = "".join(chr(ord("a") + width) for width in widths)
        return Transcript(text=text, source=TextSource.TESSERACT)


class BlueFolios:
    """Takes pure blue blocks at the head of a page for the letters of its folio.

    They are read as by ``BlockReader``; "a" to "j" are the digits, "k" is a hyphen and "l" a blank:
    a day, a page number and a name.
    """

    def why_not(self, languages: Sequence[str]) -> str | None:  # noqa: ARG002
        """Return None: blocks are letters in any language, or in none."""
        return None

    def read(
        self,
        page: Image,
        photos: Sequence[Box],  # noqa: ARG002
        languages: Sequence[str],  # noqa: ARG002
        *,
        skew: float,  # noqa: ARG002
    ) -> Folio:
        """Return the folio of a page, in the highest row of blue blocks."""
        blocks = sorted(_blocks(_pure(page[:HEAD], channel=2)), key=lambda block: block.x0)
        codes = [min(25, round(block.width) - NARROWEST) for block in blocks]
        letters = "0123456789- mnopqrstuvwxyz"
        text = "".join(letters[code] for code in codes)
        day, _, rest = text.partition(" ")
        number, _, name = rest.partition(" ")
        if not text:
            return Folio("")
        return Folio(text, date.fromisoformat(day), 1.0, int(number), 1.0, name, 1.0)


def scripted_instruments() -> Instruments:
    """Return the complete set."""
    return Instruments(
        photos=BlockFinder(),
        restorer=NoRestoration(),
        features=ColourFeatures(),
        maps=NoMaps(),
        objects=GreenObjects(),
        persons=RedPersons(),
        children=NoChildren(),
        faces=GreenFaces(),
        gate=OpenGate(),
        identity=ShapeIdentity(),
        captions=BlockReader(),
        folios=BlueFolios(),
    )


def _pure(photo: Image, channel: int) -> NDArray[np.bool_]:
    others = [c for c in range(3) if c != channel]
    return np.asarray((photo[:, :, channel] > 200) & (photo[:, :, others].max(axis=2) < 60))


def _blocks(mask: NDArray[np.bool_]) -> list[Box]:
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    rows = (tuple(int(v) for v in stats[i, :4]) for i in range(1, count))
    return [Box(x, y, x + w, y + h) for x, y, w, h in rows if min(w, h) >= 4]


def _face(box: Box) -> Face:
    x, y = box.centre
    return Face(box, 0.9, ((x, y),) * 5, child=0.0, embedding=None)


def _direction(box: Box) -> Vector:
    rng = np.random.default_rng(round(box.width) * 1000 + round(box.height))
    vector = rng.normal(size=LENGTH)
    for part in (RESNET, FACERES):
        vector[part] /= np.linalg.norm(vector[part])
    return vector.astype(np.float32)
