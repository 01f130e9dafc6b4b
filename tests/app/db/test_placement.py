"""What follows from boxes and page numbers is stored as the statistics compute it."""

import pytest
from sqlalchemy import select, update

from app.db.placement import mark_front_pages, placements
from app.db.tables import EditionRow, PageRow, PublicationRow
from models.geometry import Box
from pipelines.statistics.layout import Quadrant

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


@pytest.fixture
def editions(home, now):
    """Add two editions whose first pages have the numbers 3 and 1; return their ids."""
    with home.database.write() as session:
        paper = PublicationRow(name="Rodong")
        ids = []
        for i, numbers in enumerate(((5, 3), (1, 2))):
            edition = EditionRow(
                publication=paper, edition_date=now.date(), content_key=str(i), created_at=now
            )
            edition.pages = [
                PageRow(number=n, source=str(n), status="failed", reason="lost") for n in numbers
            ]
            session.add(edition)
            session.flush()
            ids.append(edition.id)
        mark_front_pages(session)
    return ids


def fronts(home):
    query = select(PageRow.number).where(PageRow.is_front).order_by(PageRow.edition_id)
    with home.database.read() as session:
        return list(session.scalars(query))


def test_the_front_page_is_the_lowest_whatever_its_number(home, editions):
    assert fronts(home) == [3, 1]


def test_the_front_page_follows_pages_that_are_added_or_renumbered(home, editions):
    first, second = editions
    with home.database.write() as session:
        session.add(PageRow(edition_id=first, number=2, source="2", status="failed", reason="lost"))
        session.execute(update(PageRow).filter_by(edition_id=second, number=1).values(number=9))
        mark_front_pages(session, [first])
    assert fronts(home) == [2, 9]  # the second edition was not asked of
    with home.database.write() as session:
        mark_front_pages(session, [second])
    assert fronts(home) == [2, 2]
