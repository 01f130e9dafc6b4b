import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.models.faces.cohort import Resemblance
from presslens.models.faces.evidence import LIKENESS, SETTING, SIDES, likeness, setting, side
from presslens.models.geometry import Box
from presslens.models.vocabulary import Face

FRAME = Box(300, 200, 700, 400)
"""A photo of 400 × 200 px on its page; boxes in the tests are in its own pixels."""

FRONTAL = ((0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8))


def _face(x, y, height=20, *, width=None):
    """A face with its middle at a place of the photo."""
    wide = height if width is None else width
    left, top = FRAME.x0 + x - wide / 2, FRAME.y0 + y - height / 2
    marks = tuple((left + a * wide, top + b * height) for a, b in FRONTAL)
    return Face(Box(left, top, left + wide, top + height), 0.9, marks, 0.0, None)


def _turned(face):
    """The same face in profile: the nose above an eye."""
    left, right, nose, *mouth = face.landmarks
    return replace(face, landmarks=(left, right, (right[0], nose[1]), *mouth))


def _like(faces, distance, cosine, *, strangers=(0.9, 0.1), typical=(0.8, 0.2)):
    count = len(faces)
    usual = Resemblance(*(np.full(count, value) for value in strangers))
    figure = Resemblance(np.array(distance, float), np.array(cosine, float))
    references = Resemblance(*(np.full(2, value) for value in typical))
    rows = likeness(faces, figure, usual, references)
    return dict(zip(LIKENESS, rows.T.tolist(), strict=True))


def _placed(faces, frame=FRAME):
    return dict(zip(SETTING, setting(faces, frame).T.tolist(), strict=True))


def test_side_of_a_face():
    assert side(_face(50, 50, 25)) == pytest.approx(25)
    assert side(_face(50, 50, 40, width=10)) == pytest.approx(20)


def test_a_large_frontal_face_alone():
    found = _like([_face(200, 100, 90)], [0.3], [0.7])
    assert {name: values[0] for name, values in found.items()} == pytest.approx(
        {
            "distance": 0.3 - 0.85,
            "cosine": 0.7 - 0.15,
            "size": 6,
            "distance_by_size": 6 * (0.3 - 0.85),
            "cosine_by_size": 6 * (0.7 - 0.15),
            "distance_lead": 0,
            "cosine_lead": 0,
            "turned": 0,
            "cosine_by_turn": 0,
        }
    )


@pytest.mark.parametrize(("height", "size"), [(3, 3), (8, 3), (16, 4), (64, 6), (65, 6), (900, 6)])
def test_sizes_beyond_both_ends_say_no_more(height, size):
    assert _like([_face(50, 50, height)], [0.4], [0.5])["size"] == [pytest.approx(size)]
    assert SIDES == (2**3, 2**6)


def test_a_face_like_everybody_must_be_more_like_the_figure():
    face = [_face(50, 50)]
    usual, generic = (_like(face, [0.5], [0.5], strangers=s) for s in ((0.9, 0.1), (0.6, 0.4)))
    assert usual["distance"][0] < generic["distance"][0] < 0
    assert usual["cosine"][0] > generic["cosine"][0] > 0


def test_a_profile_weakens_the_cosine():
    face = _face(50, 50)
    found = _like([face, _turned(face)], [0.4, 0.4], [0.5, 0.5])
    assert found["turned"] == pytest.approx([0, 1])
    assert found["cosine_by_turn"] == pytest.approx([0, 0.5 - 0.15])


@pytest.mark.parametrize(
    ("distance", "leads"),
    [
        ([0.4, 0.5], [0.1, -0.1]),
        ([0.5, 0.45, 0.7], [-0.05, 0.05, -0.25]),
        ([0.4, 0.4, 0.6], [0, 0, -0.2]),
        ([0.1, 0.9], [0.15, -0.3]),
    ],
    ids=["two", "three", "a draw", "no more than so much"],
)
def test_the_nearest_face_leads_the_next_and_the_others_trail_it(distance, leads):
    faces = [_face(50 * i, 50) for i in range(len(distance))]
    found = _like(faces, distance, [0.0] * len(distance))
    assert found["distance_lead"] == pytest.approx(leads)


def test_who_leads_by_cosine_is_most_alike():
    faces = [_face(50 * i, 50) for i in range(3)]
    found = _like(faces, [0.5] * 3, [0.1, 0.9, 0.3])
    assert found["cosine_lead"] == pytest.approx([-0.4, 0.3, -0.4])
    assert found["distance_lead"] == pytest.approx([0, 0, 0])


numbers = st.floats(0, 1.4).map(lambda value: round(value, 3))


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=12))
def test_at_most_one_face_leads(pairs):
    distance, cosine = zip(*pairs, strict=True)
    found = _like([_face(9 * i, 50) for i in range(len(pairs))], distance, cosine)
    for name, best in (
        ("distance_lead", int(np.argmin(distance))),
        ("cosine_lead", int(np.argmax(cosine))),
    ):
        leads = found[name]
        assert leads[best] >= 0
        assert all(lead <= 0 for i, lead in enumerate(leads) if i != best)


places = st.tuples(
    st.integers(0, 400).map(float), st.integers(0, 200).map(float), st.integers(4, 90).map(float)
)


@st.composite
def shuffled(draw):
    """Up to twenty faces that differ in height and place, and another order of them."""
    heights = draw(st.lists(st.integers(4, 90), min_size=1, max_size=20, unique=True))
    faces = [
        _face(draw(st.integers(0, 400)), draw(st.integers(0, 200)) + i / 37, height)
        for i, height in enumerate(heights)
    ]
    return faces, draw(st.permutations(range(len(faces))))


@given(shuffled())
def test_the_order_of_faces_does_not_count(case):
    faces, order = case
    rng = np.random.default_rng(len(faces))
    pairs = [Resemblance(*rng.uniform(-0.2, 0.9, (2, len(faces)))) for _ in range(2)]
    other = [faces[i] for i in order]
    turned = [Resemblance(pair.distance[order], pair.cosine[order]) for pair in pairs]
    np.testing.assert_allclose(
        likeness(other, *turned, pairs[0]), likeness(faces, *pairs, pairs[0])[order]
    )
    usual, again = (setting(seen, FRAME)[:, :6] for seen in (faces, other))
    np.testing.assert_allclose(again, usual[order])


@given(st.lists(places, min_size=1, max_size=30))
def test_a_setting_is_within_bounds(where):
    found = _placed([_face(*place) for place in where])
    count = len(where)
    assert all(math.isfinite(value) for values in found.values() for value in values)
    assert all(0 <= value <= 1 for value in found["centrality"])
    assert sorted(found["size_rank"]) == pytest.approx([math.log2(1 + i) for i in range(count)])
    assert found["faces"] == pytest.approx([math.log2(count)] * count)
    shares = sorted(found["front_and_centre"], reverse=True)
    assert shares == pytest.approx(
        [0] * count if count < 12 else [1 / (1 + i) for i in range(count)]
    )


@pytest.mark.parametrize(("x", "centrality"), [(0, 0), (100, 0.5), (200, 1), (300, 0.5), (400, 0)])
def test_a_face_alone_in_its_photo(x, centrality):
    found = _placed([_face(x, 50)])
    assert {name: values[0] for name, values in found.items()} == pytest.approx(
        {
            "centrality": centrality,
            "centrality_in_group": 0,
            "relative_size": 0,
            "size_rank": 0,
            "faces": 0,
            "height_in_photo": 0.25,
            "front_and_centre": 0,
        }
    )


def test_the_largest_face_ranks_first_and_the_median_is_the_measure():
    found = _placed([_face(50, 50, 20), _face(150, 50, 80), _face(250, 50, 10)])
    assert found["relative_size"] == pytest.approx([0, 2, -1])
    assert found["size_rank"] == pytest.approx([1, 0, math.log2(3)])
    assert found["centrality_in_group"] == pytest.approx(
        [value * math.log2(3) for value in found["centrality"]]
    )


def _group(columns, rows):
    """People in rows, the front row at the bottom, the last row listed first."""
    return [
        _face(200 + 20 * (column - (columns - 1) / 2), 60 + 30 * row)
        for row in range(rows)
        for column in range(columns)
    ]


@pytest.mark.parametrize(("columns", "rows"), [(13, 1), (13, 2), (13, 3), (5, 4), (15, 3)])
def test_in_a_group_the_middle_of_the_front_row_stands_out(columns, rows):
    faces = _group(columns, rows)
    shares = _placed(faces)["front_and_centre"]
    middle = (rows - 1) * columns + columns // 2
    assert shares[middle] == 1
    assert sorted(shares, reverse=True)[:3] == pytest.approx([1, 1 / 2, 1 / 3])
    # both neighbours of the middle come before the ends of its row
    ends = shares[(rows - 1) * columns], shares[-1]
    assert min(shares[middle - 1], shares[middle + 1]) > max(ends)


def test_the_middle_is_the_groups_not_the_photos():
    faces = [_face(face.box.centre[0] - FRAME.x0 - 60, 150) for face in _group(13, 1)]
    shares = _placed(faces)["front_and_centre"]
    assert shares[6] == 1
    assert np.argmax(_placed(faces)["centrality"]) != 6


@pytest.mark.parametrize("count", [1, 2, 11])
def test_a_few_people_stand_in_no_rows(count):
    assert _placed([_face(30 * i, 50) for i in range(count)])["front_and_centre"] == [0] * count


@given(st.integers(-2000, 2000), st.integers(-2000, 2000), st.sampled_from([0.5, 2, 7]))
def test_a_setting_is_the_same_wherever_and_however_large_a_photo_is_printed(dx, dy, scale):
    faces = _group(7, 3)
    moved = [replace(face, box=face.box.scaled(scale).moved(dx, dy)) for face in faces]
    again = setting(moved, FRAME.scaled(scale).moved(dx, dy))
    np.testing.assert_allclose(again[:, :6], setting(faces, FRAME)[:, :6], atol=1e-9)
    assert np.argmax(again[:, 6]) == np.argmax(setting(faces, FRAME)[:, 6])


def test_an_empty_frame_divides_by_nothing():
    assert np.isfinite(setting([_face(5, 5)], Box(300, 200, 300, 200))).all()


@pytest.mark.parametrize("heights", [(0,), (0, 0), (0, 20, 30), (0, 0, 30)])
def test_faces_without_a_height_are_the_lowest(heights):
    rows = setting([_face(40 * i, 50, height) for i, height in enumerate(heights)], FRAME)
    assert np.isfinite(rows).all()
    sizes = rows[:, SETTING.index("relative_size")]
    assert sizes[0] == sizes.min()
