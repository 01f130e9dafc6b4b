from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from models.errors import NoFace
from models.faces.enrol import reference_embedding
from models.vocabulary import Face, Image, Vector

PHOTO = np.zeros((80, 120, 3), np.uint8)


@dataclass
class FakeDetector:
    faces: list[Face]

    def detect(self, photos: Sequence[Image]) -> list[list[Face]]:
        return [self.faces for _ in photos]


class SideEmbedder:
    """Embeds a face as its side, so that a test sees which face it was."""

    def embed(self, photo: Image, faces: Sequence[Face]) -> list[Vector]:
        return [np.full(128, face.box.width, np.float32) for face in faces]


def test_takes_the_largest_face(make_face: Callable[..., Face]) -> None:
    detector = FakeDetector([make_face(side=20), make_face(side=50), make_face(side=30)])

    vector = reference_embedding(PHOTO, detector, SideEmbedder())

    assert vector[0] == 50


def test_says_what_to_do_when_there_is_no_face() -> None:
    with pytest.raises(NoFace, match="120 x 80 pixels: give one in which"):
        reference_embedding(PHOTO, FakeDetector([]), SideEmbedder())
