"""A summary is of what an edition is, whoever changes the edition meanwhile."""

import pytest
from sqlalchemy import select

from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import PageRow, PhotoRow
from presslens.app.services.analysis import summarise
from presslens.app.services.catalogue.facets import count_facets
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photos import iterate_photos
from presslens.app.services.corrections.photos import draw_photo, remove_photo
from presslens.models.geometry import Box
from presslens.pipelines.statistics.measure import Zone

pytestmark = pytest.mark.sqlite_alone


def test_what_is_changed_while_an_edition_is_summarised_counts(home, edition, now, monkeypatch):
    with home.database.read() as session:
        photos = list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))
    count, removed = summarise.counted_photos, []

    def count_and_be_overtaken(*args, **options):
        if not removed:
            removed.append("once")
            remove_photo(home, photos[1], coder="B", now=now)
        return count(*args, **options)

    monkeypatch.setattr(summarise, "counted_photos", count_and_be_overtaken)
    remove_photo(home, photos[0], coder="A", now=now)
    with home.database.read() as session:
        summary = session.scalars(select(EditionSummaryRow).filter_by(edition_id=edition)).one()
        assert (summary.photos, summary.photo_ids) == (1, photos[2:])


def test_facets_follow_a_photo_that_takes_the_lead(home, edition, worker, now):
    count_facets(home, PhotoFilter())
    with home.database.read() as session:
        page = session.scalar(select(PageRow.id).order_by(PageRow.number))
    draw_photo(home, page, Box(10, 180, 310, 430), coder="A", now=now)
    worker.drain()
    leads = [photo.id for photo in iterate_photos(home, PhotoFilter(zone=Zone.LEAD))]
    facets = count_facets(home, PhotoFilter(zone=Zone.LEAD))
    assert facets.photos == len(leads) == 2
