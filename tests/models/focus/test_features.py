from dataclasses import replace

import numpy as np
import pytest

from presslens.models.focus.features import NAMES, SCENES, cover, describe
from presslens.models.geometry import Box
from presslens.models.vocabulary import Detection, Sighting

BODY = Box(90, 20, 130, 100)
FACE = Box(100, 30, 120, 50)
OTHER = Box(0, 40, 20, 80)
SEEN = (Sighting("Leader", 0.9, FACE.moved(100, 200)),)


def _named(photo, sightings=(), leaders=("Leader",), doubt=0.0):
    scenes = (0.25, 0.5, 0.75, 1.0)
    row = describe(photo, sightings, leaders=leaders, doubt=doubt, scenes=scenes)
    assert row.shape == (len(NAMES),)
    return dict(zip(NAMES, row, strict=True))


def test_leader_is_measured_against_the_photo_not_the_page(make_photo):
    named = _named(make_photo([BODY, OTHER], [FACE]), SEEN)
    assert named["leader_probability"] == 0.9
    assert named["leader_face_height"] == pytest.approx(20 / 100)
    assert named["leader_area_share"] == pytest.approx(40 * 80 / 20_000)
    assert named["leader_centrality"] == pytest.approx(0.9)
    assert named["leader_face_rank"] == 1


def test_leader_without_a_persons_box_takes_the_share_of_the_face(make_photo):
    named = _named(make_photo([OTHER], [FACE]), SEEN)
    assert named["leader_area_share"] == pytest.approx(20 * 20 / 20_000)


def test_leader_with_a_small_face_ranks_below_a_large_one(make_photo):
    named = _named(make_photo([], [Box(0, 0, 50, 80), FACE]), SEEN)
    assert named["leader_face_rank"] == pytest.approx(20 / 80)


@pytest.mark.parametrize(
    ("sightings", "leaders"), [((), ("Leader",)), (SEEN, ()), (SEEN, ("Somebody else",))]
)
def test_features_of_the_leader_are_zero_where_none_is_seen(make_photo, sightings, leaders):
    named = _named(make_photo([BODY], [FACE]), sightings, leaders=leaders)
    assert [value for name, value in named.items() if name.startswith("leader")] == [0] * 9
    assert named["people_attention"] > 0


def test_people_are_measured(make_photo):
    named = _named(make_photo([BODY, OTHER]))
    assert named["people_count"] == pytest.approx(np.log(3))
    assert named["largest_person_share"] == pytest.approx(40 * 80 / 20_000)
    assert named["people_cover"] == pytest.approx(0.2, abs=0.02)
    assert [named[f"{scene}_scene"] for scene in SCENES] == [0.25, 0.5, 0.75, 1.0]


def test_doubtful_persons_are_left_out(make_photo):
    named = _named(make_photo([BODY], score=0.2))
    assert named["people_count"] == named["people_cover"] == 0


def test_a_leader_who_was_not_matched_may_be_there(make_photo):
    assert _named(make_photo([BODY]), doubt=0.3)["leader_doubt"] == 0.3


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([], 0.0), ([Box(10, 10, 110, 60)], 1.0), ([Box(10, 10, 60, 60)], 0.5),
        ([Box(10, 10, 60, 60), Box(10, 10, 60, 60)], 0.5),
        ([Box(10, 10, 60, 60), Box(35, 10, 85, 60)], 0.75), ([Box(-50, -50, 35, 35)], 0.125),
        ([Box(200, 200, 300, 300)], 0.0),
    ],
)  # fmt: skip
def test_cover_counts_each_part_once(boxes, expected):
    assert cover(boxes, Box(10, 10, 110, 60)) == pytest.approx(expected, abs=0.02)


def test_empty_frames_are_described(make_photo):
    named = _named(make_photo([BODY], [FACE], frame=Box(5, 5, 5, 5)), SEEN)
    assert np.isfinite(list(named.values())).all()


def _drawn(photo, saliency, sharpness):
    """All of the saliency, and of the fine detail, in one column of ten each, 20 px wide."""
    grids = np.zeros((2, 5, 10), np.float32)
    grids[0, :, saliency] = grids[1, :, sharpness] = 1 / 5
    return replace(photo, attention=grids)


def _built(box, score):
    return Detection("building", box.moved(100, 200), score)


def test_the_leader_draws_the_eye_as_far_as_his_body_does(make_photo):
    photo = make_photo([BODY, OTHER], [FACE])
    on_him, on_the_other = (_named(_drawn(photo, column, 0), SEEN) for column in (5, 0))
    assert on_him["leader_attention"] == pytest.approx(0.8)
    assert on_him["people_attention"] == pytest.approx(0.8)
    assert on_the_other["leader_attention"] == 0
    assert on_the_other["people_attention"] == pytest.approx(0.4)
    assert on_him["people_sharpness"] == pytest.approx(0.4)


def test_the_leader_is_taken_as_he_was_shown(make_photo):
    named = _named(make_photo([BODY, OTHER], [FACE]), SEEN)
    assert named["leader_alone"] == 0.5
    assert named["leader_face_share"] == pytest.approx(30 / 80)
    assert _named(make_photo([BODY], [FACE]), SEEN)["leader_alone"] == 1


@pytest.mark.parametrize(("score", "cover"), [(0.25, 0.5), (0.24, 0.0)])
def test_buildings_are_those_boxed_surely(make_photo, score, cover):
    photo = replace(make_photo(), detections=(_built(Box(0, 0, 100, 100), score),))
    named = _named(_drawn(photo, 2, 0))
    assert named["building_score"] == score
    assert named["building_cover"] == pytest.approx(cover, abs=0.02)
    assert named["buildings_attention"] == pytest.approx(1.0 if cover else 0.0)
