"""What was seen in a photo is the same after it was put into rows."""

import json
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import insert

from presslens.app.db.columns import Status
from presslens.app.db.placement import placements
from presslens.app.db.rows import (
    focus_reasons,
    interpretation_values,
    photo_interpretation,
    photo_observation,
    photo_row,
)
from presslens.app.db.tables import FigureRow, InterpretationRow, OutcomeRow, ScanRow
from presslens.models.faces.embedding import LENGTH
from presslens.models.geometry import Box
from presslens.models.subjects.maps import MAPPED
from presslens.models.vocabulary import (
    Answer,
    Appearance,
    DepthRow,
    Detection,
    Face,
    Facing,
    Focus,
    FocusReading,
    Frame,
    PhotoInterpretation,
    PhotoObservation,
    ShotSize,
    Sighting,
    SightingEvidence,
)

PLACED = placements([Box(0, 0, 9, 9)], (90, 180))[0]
FEATURES = np.linspace(0, 1, 1280, dtype=np.float32)
ATTENTION = np.arange(2 * 15, dtype=np.float32).reshape(2, 3, 5)
MAPS = np.arange(len(MAPPED) * 6, dtype=np.float32).reshape(len(MAPPED), 2, 3)


@pytest.mark.parametrize(
    "seen",
    [{}, {"objects": np.arange(110, dtype=np.float32), "maps": MAPS, "attention": ATTENTION}],
    ids=["none", "some"],
)
def test_objects_maps_and_attention_come_back_in_shape(seen):
    detection = Detection("building", Box(1, 2, 3, 4), 0.5)
    photo = PhotoObservation(Frame(Box(0, 0, 9, 9), 0.9), (detection,), (), FEATURES, **seen)
    again = photo_observation(photo_row(photo, 0, PLACED))
    assert again.detections == photo.detections
    assert np.array_equal(again.objects, photo.objects)
    assert again.maps.shape == photo.maps.shape
    assert np.array_equal(again.maps, photo.maps)
    assert again.attention.shape == photo.attention.shape
    assert np.array_equal(again.attention, photo.attention)


def test_a_photo_that_was_seen_before_there_were_maps_has_none():
    photo = PhotoObservation(Frame(Box(0, 0, 9, 9), 0.9), (), (), FEATURES)
    row = photo_row(photo, 0, PLACED)
    row.features.objects = row.features.maps = row.features.map_rows = None
    row.features.attention = row.features.attention_rows = None
    again = photo_observation(row)
    assert again.objects.shape == (0,)
    assert again.maps.shape == (len(MAPPED), 0, 0)
    assert again.attention.shape == (2, 0, 0)


SHOWN = Appearance(
    body=Box(5, 6, 25, 66.5),
    body_found=False,
    area_share=0.25,
    face_share=0.4,
    centrality=0.75,
    size_rank=2,
    people_beside=7,
    row=DepthRow.BACK,
    shot_size=ShotSize.CLOSE,
    facing=Facing.RIGHT,
)


@pytest.mark.parametrize(
    "shown",
    [
        None,
        SHOWN,
        replace(SHOWN, face_share=None, row=None, shot_size=None, facing=None),
        replace(SHOWN, area_share=0.0, centrality=0.0, people_beside=0, body_found=True),
    ],
    ids=["not looked at", "all", "not told", "nought"],
)
def test_how_a_figure_is_shown_comes_back(home, now, shown):
    sighting = Sighting("Kim", 0.9, Box(1, 2, 3, 4), shown)
    assert come_back(home, now, sighting) == sighting


def test_whether_a_sighting_is_sure_and_why_comes_back(home, now):
    sighting = Sighting(
        "Kim",
        0.625,
        Box(1, 2, 3, 4),
        answer=Answer.UNSURE,
        told_by=SightingEvidence.CONTEXT,
        reasons=(("likeness", -2.5), ("place", 1.75)),
    )
    assert come_back(home, now, sighting) == sighting


def come_back(home, now, sighting):
    """Write a photo with one sighting, and return the sighting as it is read."""
    with home.database.write() as session:
        figure = FigureRow(name="Kim", created_at=now)
        scan = ScanRow(sha256="a" * 64, frame=0)
        seen = photo_row(PhotoObservation(Frame(Box(0, 0, 9, 9), 0.9), (), (), FEATURES), 0, PLACED)
        outcome = OutcomeRow(
            scan=scan, observation_id="b" * 64, status=Status.DONE, seen_at=now, photos=[seen]
        )
        session.add_all([figure, outcome])
        session.flush()
        focus = FocusReading(Focus.NEITHER, 0.0, 0.0, ())
        meaning = PhotoInterpretation((), (sighting,), focus)
        key = (seen.id, home.recipe.id)
        session.add(
            InterpretationRow(
                photo_id=key[0],
                recipe_id=key[1],
                gallery="c" * 64,
                verdict=Focus.NEITHER,
                leader=0.0,
                facility=0.0,
                reasons=[],
            )
        )
        for table, rows in interpretation_values(meaning, key, {"Kim": figure.id}).items():
            if rows:
                session.execute(insert(table), rows)
    with home.database.read() as session:
        again = photo_interpretation(session.get_one(InterpretationRow, key))
    (found,) = again.sightings
    return found


@pytest.mark.parametrize("levels", [(), (2.0, -0.5)], ids=["before there were levels", "now"])
def test_the_reasons_of_a_focus_come_back(levels):
    focus = FocusReading(
        Focus.LEADER, 0.75, 0.25, (("leader_area_share", 0.5), ("people_count", -0.125)), levels
    )
    row = InterpretationRow(
        verdict=focus.verdict,
        leader=focus.leader,
        facility=focus.facility,
        reasons=json.loads(json.dumps(focus_reasons(focus))),
    )
    assert photo_interpretation(row).focus == focus


@pytest.mark.parametrize(
    ("embedding", "sharpness"), [(np.linspace(0, 1, LENGTH, dtype=np.float32), 0.25), (None, None)]
)
def test_faces_come_back_as_they_were_seen(embedding, sharpness):
    marks = tuple((float(i), i / 3) for i in range(5))
    face = Face(Box(1, 2, 3, 4), 0.75, marks, 0.125, embedding, sharpness)
    photo = PhotoObservation(Frame(Box(0, 0, 9, 9), 0.9), (), (face,), FEATURES)
    (again,) = photo_observation(photo_row(photo, 0, PLACED)).faces
    plain = [(f.box, f.score, f.landmarks, f.child, f.sharpness) for f in (face, again)]
    assert plain[0] == plain[1]
    assert np.array_equal(again.embedding, embedding)
