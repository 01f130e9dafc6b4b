"""The photos of an edition as arrays, and what is stored of them."""

import numpy as np
import pytest

from presslens.models.geometry import Box
from presslens.pipelines.statistics.edition_photos import EditionPhotos
from presslens.pipelines.statistics.figure_photos import FigurePhoto
from presslens.pipelines.statistics.measure import BITS, Zone, in_zone
from presslens.pipelines.statistics.page import CountedPhoto


@pytest.fixture
def photos(make_photo):
    """A front page's lead, a photo inside, and one that nobody looked at for people."""
    _, interpretation = make_photo()

    def counted(area, zones, read, decided=frozenset(), settled=None):
        return CountedPhoto(
            area, frozenset({Zone.ALL, *zones}), read, frozenset(decided), settled or {},
            interpretation, FigurePhoto(Box(0, 0, 1, 1)),
        )  # fmt: skip

    return EditionPhotos.of(
        [
            counted(
                0.4, {Zone.FRONT, Zone.LEAD}, {"people": 0.9, "leader": 0.2}, {"people"},
                {"people": False},
            ),
            counted(0.1, {Zone.INSIDE}, {"people": 0.123456789}),
            counted(0.2, {Zone.INSIDE}, {"leader": 0.7}, {"leader"}),
        ]
    )  # fmt: skip


def test_sums_are_of_photos_that_were_read_in_a_zone(photos):
    everywhere, front = photos.sums("people", Zone.ALL), photos.sums("people", Zone.FRONT)
    assert (everywhere.n, everywhere.decided) == (2, 1)
    assert everywhere.expected == pytest.approx(0.9 + 0.123456789)
    assert everywhere.area == pytest.approx(0.5)
    assert everywhere.area_expected == pytest.approx(0.4 * 0.9 + 0.1 * 0.123456789)
    assert (front.n, front.area_decided) == (1, 0.4)
    assert photos.sums("leader", Zone.INSIDE).n == 1
    assert photos.sums("leader", Zone.ABOVE_FOLD) == photos.sums("fireworks", Zone.ALL)
    assert photos.sums("fireworks", Zone.ALL).n == 0


def test_what_was_not_read_is_stored_as_nothing(photos):
    measures = {row["measure"]: row for row in photos.stored_measures()}
    assert measures["people"]["probabilities"] == [0.9, 0.123457, None]
    assert measures["people"]["decided"] == [1, 0, 0]
    assert measures["leader"]["probabilities"] == [0.2, None, 0.7]
    assert photos.stored()["photo_areas"] == [0.4, 0.1, 0.2]
    zones = np.array(photos.stored()["photo_zones"], np.uint8)
    assert in_zone(zones, Zone.LEAD).tolist() == [True, False, False]
    assert in_zone(zones, Zone.ALL).all()
    assert len(set(BITS.values())) == len(Zone)


def test_settled_answers_are_picks_of_an_edition(photos):
    table, areas, zones = photos.table("people")
    assert len(table) == 2
    assert table.label[0] == 0.0
    assert np.isnan(table.label[1])
    assert table.picked.tolist() == [True, False]
    assert areas.tolist() == [0.4, 0.1]
    assert in_zone(zones, Zone.INSIDE).tolist() == [False, True]


def test_an_edition_without_photos_has_an_empty_table():
    nothing = EditionPhotos.of([])
    table, areas, _ = nothing.table("people")
    assert (len(table), len(areas)) == (0, 0)
    assert nothing.sums("people", Zone.ALL).n == 0
    assert list(nothing.stored_measures()) == []
