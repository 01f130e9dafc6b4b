from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from models.errors import NoFace
from models.faces.enrol import reference_embedding
from models.geometry import Box
from models.vocabulary import Face, Frame, PhotoObservation


def photo(faces: Sequence[Face]) -> PhotoObservation:
    return PhotoObservation(Frame(Box(0, 0, 120, 80), 1.0), (), tuple(faces), np.zeros(1280))


def test_takes_the_largest_face(make_face: Callable[..., Face]) -> None:
    faces = [
        replace(make_face(side=side), embedding=np.full(128, side, np.float32))
        for side in (20, 50, 30)
    ]

    assert reference_embedding(photo(faces))[0] == 50


def test_says_what_to_do_when_there_is_no_face() -> None:
    with pytest.raises(NoFace, match="give a photo in which"):
        reference_embedding(photo([]))


def test_refuses_a_face_that_was_not_embedded(make_face: Callable[..., Face]) -> None:
    with pytest.raises(NoFace, match="child"):
        reference_embedding(photo([make_face(side=50)]))
