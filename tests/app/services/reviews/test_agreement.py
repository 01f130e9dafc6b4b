"""Agreement on drawn photos, and codebooks that are kept apart."""

import pytest
from sqlalchemy import select, update

from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import ReviewRow
from presslens.app.services.reviews.agreement import reliability
from presslens.app.services.reviews.consensus import update_scan_consensus
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, photo_reviews, review_photo
from presslens.app.services.reviews.sampling_frame import Question


def draw(home, now):
    """Draw all photos there are, for anybody who codes."""
    draw_sample(home, SampleOrder(Question(("people",)), 3, second=0.0), now=now)


@pytest.fixture
def say(home, now):
    """Review a photo; under an earlier codebook on request."""

    def review(photo, coder, shows, *, codebook=None, **given):
        number = review_photo(home, NewReview(photo, coder, {"people": shows}, **given), now=now)
        if codebook is not None:
            with home.database.write() as session:
                mine = ReviewRow.id == number
                session.execute(update(ReviewRow).where(mine).values(codebook=codebook))
                update_scan_consensus(
                    session, session.scalars(select(ReviewRow.scan_id).where(mine)).one()
                )

    return review


def test_codebooks_are_kept_apart(home, photos, say, now):
    draw(home, now)
    for photo in photos[:2]:
        say(photo, "A", True, codebook="0")
        say(photo, "B", False, codebook="0")
    say(photos[1], "A", True)
    say(photos[1], "B", True)
    say(photos[2], "A", False, codebook="0")
    found = reliability(home, EditionScope())
    today, earlier = found.agreements
    assert (today.codebook, today.coded_twice, today.agreed) == (home.recipe.codebook, 1, 1)
    assert (earlier.codebook, earlier.coded_twice, earlier.agreed) == ("0", 2, 0)
    document = found.to_json()
    assert [row["codebook"] for row in document["measures"]] == [home.recipe.codebook, "0"]
    assert [row["machine"] is None for row in document["measures"]] == [False, True]
    assert document["estimates"]["codebooks"] == {"people": {home.recipe.codebook: 1, "0": 1}}
    assert "people 1; code these again" in document["estimates"]["words"]
    assert len(list(found.rows())) == 2


def test_what_was_said_under_an_earlier_codebook_disputes_nothing(home, photos, say):
    say(photos[0], "A", True, codebook="0")
    say(photos[0], "B", False)
    assert photo_reviews(home, photos[0]).settled["people"][0] is False
