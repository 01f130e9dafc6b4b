"""What people say of a sighting holds in every list of sightings, and outlives re-analysis."""

import io

import pytest
from sqlalchemy import select

from app.db.reviews import SettledAnswerRow
from app.db.tables import FaceRow, PhotoRow, SightingRow
from app.errors import NotFound
from app.services.catalogue.facets import count_facets
from app.services.catalogue.photo_filter import AppearanceFilter, PhotoFilter
from app.services.catalogue.photo_index import photo_index
from app.services.catalogue.photos import list_photos
from app.services.catalogue.sightings import SightingCounts, count_sightings, list_sightings
from app.services.figures.figures import add_figure, add_references
from app.services.ingest.upload import Incoming
from app.services.pictures.pictures import figure_picture
from app.services.reviews.reviews import NewReview, review_photo
from app.services.statistics.edition_composition import edition_composition
from models.geometry import Box
from models.vocabulary import Answer

KIM = "figure:Kim"


@pytest.fixture
def kim(home, worker, put, scans, make, now):
    """A figure that is seen in the first of three photos."""
    figure = add_figure(home, "Kim", now=now)
    reference = Incoming("a.png", io.BytesIO(make(faces=1)))
    add_references(home, figure, [reference], now=now)
    put(scans)
    worker.drain()
    return figure


def photos(home):
    """Return the ids of the photo with a face, and of another one of the same observation."""
    with home.database.read() as session:
        query = select(PhotoRow.id).order_by(PhotoRow.id)
        newest = list(session.scalars(query))[-3:]
        seen = select(FaceRow.photo_id).where(FaceRow.photo_id.in_(newest))
        (face,) = session.scalars(seen.distinct())
    return face, next(photo for photo in newest if photo != face)


def listed(home, figure, **appearance):
    """Return the photos of a figure by the list, and check that the gallery and facets agree."""
    criteria = PhotoFilter(
        figures=("Kim",), min_probability=0.0, appearance=AppearanceFilter(**appearance)
    )
    by_list = {photo.id for photo in list_photos(home, criteria, limit=9).photos}
    index = photo_index(home)
    places = index.columns.photo[index.select(criteria)]
    assert set(index.columns.photos[places].tolist()) == by_list
    options = count_facets(home, PhotoFilter(min_probability=0.0)).facets["figure"]
    if not appearance:
        assert sum(option.count for option in options) == len(by_list)
        (said,) = [{one["photo"]["id"] for one in list_sightings(home, figure, limit=9).sightings}]
        assert said == by_list
        counts = count_sightings(home).get(figure, SightingCounts())
        assert counts.sure + counts.unsure == len(by_list)
    return by_list


def say(home, photo, shows, now, **given):
    review_photo(home, NewReview(photo, "A", {KIM: shows}, **given), now=now)


def test_a_rejected_sighting_is_listed_nowhere_and_stays_rejected(home, kim, now, anew):
    face, _ = photos(home)
    assert listed(home, kim) == {face}
    use = edition_composition(home, 1).report.figures[0]
    assert (use.photos.sure, use.area_share is None) == (1, False)
    say(home, face, False, now)
    assert listed(home, kim) == set()
    use = edition_composition(home, 1).report.figures[0]
    assert (use.photos.sure, use.area_share) == (0, None)
    (row,) = [one.row() for one in list_photos(home, PhotoFilter(page=1), limit=9).photos]
    assert row["figures"] == ""
    with pytest.raises(NotFound, match="people say"):
        figure_picture(home, face, kim)
    with anew() as (later, worker):
        worker.drain()
        again, _ = photos(later)
        assert again != face
        with later.database.read() as session:
            key = again, later.recipe.id, kim
            assert session.get(SightingRow, key) is not None  # the machine sees it again
            settled = session.get(SettledAnswerRow, (again, KIM))
            assert settled.shows is False
        assert listed(later, kim) == set()


def test_whom_people_see_is_listed_where_they_say(home, kim, now):
    face, other = photos(home)
    place = Box(30, 30, 60, 90)
    say(home, other, True, now, places={KIM: place})
    say(home, face, True, now)
    assert listed(home, kim) == {face, other}
    assert listed(home, kim, answer=Answer.YES) == {face, other}
    assert listed(home, kim, answer=Answer.UNSURE) == set()
    assert listed(home, kim, alone=False) == {face}  # how others stand there is not known
    told = {one["photo"]["id"]: one for one in list_sightings(home, kim, limit=9).sightings}
    assert told[other]["box"] == pytest.approx(place.to_list(), abs=0.1)
    assert (told[other]["told_by"], told[other]["probability"]) == ("people", None)
    assert told[face]["settled"] is True
