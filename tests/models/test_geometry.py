import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.models.geometry import Box, suppress

TOLERANCE = 1e-6


def boxes(least=1.0):
    corner = st.floats(-2000, 2000)
    side = st.floats(least, 2000)
    return st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), corner, corner, side, side)


scores = st.floats(0, 1)


@pytest.mark.parametrize(
    ("box", "width", "height", "area"),
    [
        (Box(0, 0, 3, 4), 3, 4, 12),
        (Box(-1, -1, 1, 1), 2, 2, 4),
        (Box(5, 5, 5, 9), 0, 4, 0),
        (Box(5, 5, 2, 9), 0, 4, 0),  # the wrong way round is empty, not negative
    ],
)
def test_sides(box, width, height, area):
    assert (box.width, box.height, box.area) == (width, height, area)


@pytest.mark.parametrize(
    ("a", "b", "intersection", "iou"),
    [
        (Box(0, 0, 2, 2), Box(0, 0, 2, 2), 4, 1.0),
        (Box(0, 0, 2, 2), Box(1, 0, 3, 2), 2, 1 / 3),
        (Box(0, 0, 4, 4), Box(1, 1, 3, 3), 4, 0.25),
        (Box(0, 0, 2, 2), Box(2, 0, 4, 2), 0, 0.0),  # half-open: neighbours share nothing
        (Box(0, 0, 2, 2), Box(9, 9, 11, 11), 0, 0.0),
        (Box(1, 1, 1, 1), Box(1, 1, 1, 1), 0, 0.0),
    ],
)
def test_overlap(a, b, intersection, iou):
    assert a.intersection(b) == intersection
    assert a.iou(b) == pytest.approx(iou)


@pytest.mark.parametrize(
    ("inner", "outer", "share"),
    [
        (Box(1, 1, 3, 3), Box(0, 0, 4, 4), 1.0),
        (Box(0, 0, 4, 4), Box(1, 1, 3, 3), 0.25),
        (Box(0, 0, 2, 2), Box(1, 0, 9, 9), 0.5),
        (Box(1, 1, 1, 1), Box(0, 0, 4, 4), 0.0),
    ],
)
def test_share_inside(inner, outer, share):
    assert inner.share_inside(outer) == pytest.approx(share)


@pytest.mark.parametrize(
    ("box", "clipped"),
    [
        (Box(-5, -5, 5, 5), Box(0, 0, 5, 5)),
        (Box(90, 40, 200, 80), Box(90, 40, 100, 50)),
        (Box(-9, -9, 999, 999), Box(0, 0, 100, 50)),
        (Box(300, 300, 400, 400), Box(100, 50, 100, 50)),
        (Box(10, 10, 20, 20), Box(10, 10, 20, 20)),
        (Box(-9, -9, -1, -1), Box(0, 0, 0, 0)),
    ],
)
def test_clipped(box, clipped):
    assert box.clipped(100, 50) == clipped


def test_whole_pixels_and_tenths():
    box = Box(0.4, 0.6, 10.26, 19.94)
    assert box.pixels() == (0, 1, 10, 20)
    assert box.to_list() == [0.4, 0.6, 10.3, 19.9]
    assert box.centre == (pytest.approx(5.33), pytest.approx(10.27))


def test_boxes_move_grow_and_scale_side_by_side():
    box = Box(1, 2, 3, 5)
    assert box.moved(10, 20) == Box(11, 22, 13, 25)
    assert box.scaled(2) == Box(2, 4, 6, 10)
    assert box.padded(1) == Box(0, 1, 4, 6)


@given(boxes(), boxes())
def test_a_union_is_the_smallest_box_that_holds_both(a, b):
    both = a.union(b)
    assert both == b.union(a)
    assert (both.x0, both.y0) == (min(a.x0, b.x0), min(a.y0, b.y0))
    assert (both.x1, both.y1) == (max(a.x1, b.x1), max(a.y1, b.y1))
    assert a.share_inside(both) == pytest.approx(1)


@given(boxes(), boxes())
def test_overlap_is_symmetric_and_bounded(a, b):
    assert a.iou(b) == pytest.approx(b.iou(a))
    assert 0 <= a.iou(b) <= 1 + TOLERANCE
    assert a.intersection(b) <= min(a.area, b.area) + TOLERANCE * a.area


@given(boxes())
def test_a_box_is_itself(box):
    assert box.iou(box) == pytest.approx(1)
    assert box.share_inside(box) == pytest.approx(1)


@given(boxes(), boxes(), st.floats(-500, 500), st.floats(-500, 500))
def test_moving_both_changes_no_overlap(a, b, dx, dy):
    assert a.moved(dx, dy).iou(b.moved(dx, dy)) == pytest.approx(a.iou(b), abs=1e-6)


@given(boxes(), boxes(), st.floats(0.1, 10))
def test_scaling_both_changes_no_overlap(a, b, factor):
    assert a.scaled(factor).iou(b.scaled(factor)) == pytest.approx(a.iou(b), abs=1e-6)
    assert a.scaled(factor).area == pytest.approx(a.area * factor**2)


@given(boxes(), st.floats(0, 100))
def test_padding_holds_the_box(box, margin):
    padded = box.padded(margin)
    assert box.share_inside(padded) == pytest.approx(1)
    assert padded.width == pytest.approx(box.width + 2 * margin)


@given(boxes(), st.floats(1, 3000), st.floats(1, 3000))
def test_clipping_is_idempotent_and_stays_inside(box, width, height):
    once = box.clipped(width, height)
    assert once.clipped(width, height) == once
    assert once.area <= box.area
    assert 0 <= once.x0 <= once.x1 <= width
    assert 0 <= once.y0 <= once.y1 <= height


@pytest.mark.parametrize(
    ("boxes", "scores", "kept"),
    [
        ([], [], []),
        ([Box(0, 0, 9, 9)], [0.1], [0]),
        ([Box(0, 0, 9, 9), Box(0, 0, 9, 8)], [0.5, 0.9], [1]),
        ([Box(0, 0, 9, 9), Box(20, 0, 29, 9)], [0.5, 0.9], [1, 0]),
        ([Box(0, 0, 4, 4), Box(0, 0, 4, 2)], [0.9, 0.5], [0, 1]),  # by half, not by more
        # the middle box goes, so the third, which overlaps only the middle one, stays
        ([Box(0, 0, 10, 9), Box(3, 0, 13, 9), Box(6, 0, 16, 9)], [0.9, 0.8, 0.7], [0, 2]),
    ],
)
def test_suppress(boxes, scores, kept):
    assert suppress(boxes, scores, 0.5) == kept


@given(st.lists(st.tuples(boxes(), scores), max_size=12), st.floats(0, 1))
def test_suppression_leaves_no_rivals_and_loses_nothing(scored, iou):
    found = [box for box, _ in scored]
    kept = suppress(found, [score for _, score in scored], iou)
    assert [scored[i][1] for i in kept] == sorted((scored[i][1] for i in kept), reverse=True)
    for i in range(len(found)):
        rivals = [k for k in kept if k != i and found[k].iou(found[i]) > iou]
        assert (i not in kept) == bool(rivals)
