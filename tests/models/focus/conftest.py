"""Photos with persons, faces and a leader in known places."""

import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.models.subjects.objects import CLASSES as OBJECTS
from presslens.models.vocabulary import Detection, Face, Frame, PhotoObservation

FRAME = Box(100, 200, 300, 300)


@pytest.fixture(scope="session")
def make_photo():
    def make(persons=(), faces=(), *, frame=FRAME, feature=0.0, score=0.9):
        """Boxes are given in pixels of the photo, and come out in pixels of the page.

        All objects are surely there with a feature of 1, and surely not with 0.
        """
        moved = [box.moved(frame.x0, frame.y0) for box in (*persons, *faces)]
        return PhotoObservation(
            Frame(frame, 1.0),
            tuple(Detection("person", box, score) for box in moved[: len(persons)]),
            tuple(Face(box, 0.9, (), 0.0, None) for box in moved[len(persons) :]),
            np.zeros(1280, np.float32),
            objects=np.full(len(OBJECTS), 10 * feature - 5, np.float32),
        )

    return make
