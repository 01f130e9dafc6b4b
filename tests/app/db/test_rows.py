"""What was seen in a photo is the same after it was put into rows."""

import numpy as np
import pytest

from app.db.rows import photo_observation, photo_row
from models.geometry import Box
from models.subjects.maps import MAPPED
from models.vocabulary import Detection, Face, Frame, PhotoObservation

FEATURES = np.linspace(0, 1, 1280, dtype=np.float32)
MAPS = np.arange(len(MAPPED) * 6, dtype=np.float32).reshape(len(MAPPED), 2, 3)


@pytest.mark.parametrize(
    "seen", [{}, {"objects": np.arange(110, dtype=np.float32), "maps": MAPS}], ids=["none", "some"]
)
def test_objects_and_maps_come_back_in_shape(seen):
    detection = Detection("building", Box(1, 2, 3, 4), 0.5)
    photo = PhotoObservation(Frame(Box(0, 0, 9, 9), 0.9), (detection,), (), FEATURES, **seen)

    again = photo_observation(photo_row(photo, 0))

    assert again.detections == photo.detections
    assert np.array_equal(again.objects, photo.objects)
    assert again.maps.shape == photo.maps.shape
    assert np.array_equal(again.maps, photo.maps)


def test_a_photo_that_was_seen_before_there_were_maps_has_none():
    photo = PhotoObservation(Frame(Box(0, 0, 9, 9), 0.9), (), (), FEATURES)
    row = photo_row(photo, 0)
    row.features.objects = row.features.maps = row.features.map_rows = None

    again = photo_observation(row)

    assert again.objects.shape == (0,)
    assert again.maps.shape == (len(MAPPED), 0, 0)


@pytest.mark.parametrize(
    ("embedding", "sharpness"), [(np.linspace(0, 1, 128, dtype=np.float32), 0.25), (None, None)]
)
def test_faces_come_back_as_they_were_seen(embedding, sharpness):
    marks = tuple((float(i), i / 3) for i in range(5))
    face = Face(Box(1, 2, 3, 4), 0.75, marks, 0.125, embedding, sharpness)
    photo = PhotoObservation(Frame(Box(0, 0, 9, 9), 0.9), (), (face,), FEATURES)

    (again,) = photo_observation(photo_row(photo, 0)).faces

    plain = [(f.box, f.score, f.landmarks, f.child, f.sharpness) for f in (face, again)]
    assert plain[0] == plain[1]
    assert np.array_equal(again.embedding, embedding)
