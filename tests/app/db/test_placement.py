"""What follows from boxes is stored as the statistics compute it."""

from presslens.app.db.placement import placements
from presslens.models.geometry import Box
from presslens.pipelines.statistics.layout import Quadrant

SIZE = (200, 300)


def test_photos_are_placed_by_their_boxes():
    boxes = [Box(0, 0, 100, 100), Box(100, 0, 200, 100), Box(150, 160, 200, 300)]
    stored = placements(boxes, SIZE)
    assert [row["area_share"] for row in stored] == [1 / 6, 1 / 6, 50 * 140 / (200 * 300)]
    assert [row["above_fold"] for row in stored] == [True, True, False]
    assert [row["quadrant"] for row in stored] == [
        Quadrant.TOP_LEFT,
        Quadrant.TOP_RIGHT,
        Quadrant.BOTTOM_RIGHT,
    ]
    assert [row["is_lead"] for row in stored] == [True, False, False]
    assert placements([], SIZE) == []
