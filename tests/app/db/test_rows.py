"""What was seen in a photo is the same after it was put into rows."""

import json

import numpy as np
import pytest

from app.db.rows import focus_reasons, photo_interpretation, photo_observation, photo_row
from app.db.tables import Interpretation
from models.geometry import Box
from models.subjects.maps import MAPPED
from models.vocabulary import Detection, FocusReading, Frame, PhotoObservation, Verdict

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


@pytest.mark.parametrize("levels", [(), (2.0, -0.5)], ids=["before there were levels", "now"])
def test_the_reasons_of_a_focus_come_back(levels):
    focus = FocusReading(
        Verdict.LEADER, 0.75, 0.25, (("leader_area_share", 0.5), ("people_count", -0.125)), levels
    )
    row = Interpretation(
        verdict=focus.verdict,
        leader=focus.leader,
        facility=focus.facility,
        reasons=json.loads(json.dumps(focus_reasons(focus))),
    )
    assert photo_interpretation(row).focus == focus
