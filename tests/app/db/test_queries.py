"""The query kit: scopes, zones as the statistics have them, and paging."""

from datetime import date

import pytest
from sqlalchemy import select

from presslens.app.db.queries import EditionScope, Key, every, in_zone, paginate, printed_photos
from presslens.app.db.tables import EditionRow, PageRow, PhotoRow
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.catalogue.page_records import edition_records
from presslens.pipelines.statistics.measure import Zone
from presslens.pipelines.statistics.page import counted_photos

EARLY, LATE = date(2015, 1, 2), date(2015, 1, 4)


def test_a_scope_may_not_end_before_it_begins():
    with pytest.raises(InvalidRequest, match="from 2015-01-04 lies after to 2015-01-02"):
        EditionScope(first=LATE, last=EARLY)


@pytest.mark.parametrize(
    ("scope", "editions"),
    [
        (EditionScope(), {1, 2, 3, 4}), (EditionScope(publication="Minju Joson"), {2, 4}),
        (EditionScope(first=LATE), {3, 4}), (EditionScope(last=EARLY), {1}),
        (EditionScope(edition=3), {3}), (EditionScope(publication="x' OR 1=1"), set()),
    ],
)  # fmt: skip
def test_a_scope_selects_editions(archive, scope, editions):
    query = printed_photos(archive.recipe, EditionRow.id, PhotoRow.id).where(*scope.conditions())
    with archive.database.read() as session:
        rows = session.execute(query).all()
        photos = session.scalars(select(PhotoRow.id).where(*scope.photos(PhotoRow.id))).all()
    assert {edition for edition, _ in rows} == editions
    assert set(photos) == {photo for _, photo in rows}
    assert scope.whole == (scope == EditionScope())


@pytest.mark.parametrize("zone", list(Zone))
def test_zones_in_sql_are_those_of_the_statistics(archive, zone):
    query = printed_photos(archive.recipe, PhotoRow.area_share).where(in_zone(zone))
    for edition in range(1, 5):
        with archive.database.read() as session:
            records = edition_records(session, edition, archive.recipe)
            shares = session.scalars(query.where(PageRow.edition_id == edition)).all()
        counted = counted_photos(records, archive.recipe.aggregate, figures={})
        assert sorted(shares) == sorted(photo.area for photo in counted if zone in photo.zones)


@pytest.mark.parametrize("descending", [False, True])
def test_listings_follow_one_another_without_gap_or_repetition(archive, descending):
    keys = [Key(EditionRow.edition_date, date), Key(EditionRow.id, int)]
    limits = []

    def fetch(start):
        with archive.database.read() as session:
            page = paginate(
                session, select(EditionRow.id), keys, limit=3, start=start, descending=descending
            )
        limits.append(len(page.items))
        return page

    ids = [row[0] for row in every(fetch)]
    assert ids == ([4, 3, 2, 1] if descending else [1, 2, 3, 4])
    assert limits == [3, 1]


def test_a_cursor_of_another_list_is_rejected(archive):
    with archive.database.read() as session:
        pages = paginate(session, select(PageRow.id), [Key(PageRow.id, int)], limit=1)
        keys = [Key(EditionRow.edition_date, date), Key(EditionRow.id, int)]
        with pytest.raises(InvalidRequest):
            paginate(session, select(EditionRow.id), keys, limit=1, start=pages.next_cursor)
