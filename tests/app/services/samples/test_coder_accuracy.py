"""The accuracy of labels, from photos that were drawn and coded twice."""

import pytest
from sqlalchemy import select

from presslens.app.db.tables import PhotoRow
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.coder_accuracy import measured_labels
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.period import period_composition
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.misclassification import CoderAccuracy

from ...first_states import made_once

BLOCKS = [
    (20 + 100 * x, 20 + 100 * y, 110 + 100 * x, 110 + 100 * y) for y in (0, 1) for x in (0, 1)
]


@pytest.fixture
@made_once
def photos(home, worker, put, make):
    put({f"{i}.png": make(BLOCKS, tint=i) for i in range(6)})
    worker.drain()
    with home.database.read() as session:
        return list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))


@pytest.fixture
def say(home, now):
    def review(photo, coder, shows, **given):
        return review_photo(home, NewReview(photo, coder, {"people": shows}, **given), now=now)

    return review


@pytest.fixture
def accuracy(home):
    def found(measure="people"):
        with home.database.read() as session:
            return measured_labels(session, measure)

    return found


def test_picked_photos_tell_nothing(photos, say, accuracy):
    for photo in photos:
        say(photo, "A", True)
        say(photo, "B", True)
    assert not accuracy().measured


def test_drawn_photos_that_two_coded_tell(home, photos, say, accuracy, now):
    draw_sample(home, SampleOrder(Question(("people",)), len(photos), second=0.0), now=now)
    assert not accuracy().measured
    for i, photo in enumerate(photos):
        say(photo, "A", i % 2 == 0)
    assert not accuracy().measured
    say(photos[0], "B", False)
    assert "1 photo coded by two people, and it takes 5 to know" in accuracy().method
    for i, photo in enumerate(photos[:4]):
        say(photo, "B", i % 2 == 0)
    few = accuracy()
    assert not few.measured
    assert "4 photos coded by two people, and it takes 5" in few.method
    for i, photo in enumerate(photos[4:20]):
        say(photo, "B", i % 2 == 0)
    agreed = accuracy()
    assert (agreed.n, agreed.adjudicated) == (20, 0)
    say(photos[0], "B", False)
    say(photos[0], "C", True, adjudicates=True)
    apart = accuracy()
    assert (apart.n, apart.adjudicated) == (20, 1)
    assert apart.sensitivity.mean() < agreed.sensitivity.mean()
    assert not accuracy("crowd").measured


def test_who_codes_alone_is_measured_by_photos_that_were_known_before(
    home, photos, say, accuracy, now
):
    draw_sample(home, SampleOrder(Question(("people",)), len(photos), second=0.0), now=now)
    for i, photo in enumerate(photos):
        say(photo, "A", i != 0) if i >= 5 else say(photo, "C", True, adjudicates=True)
    for photo in photos[5:12]:
        say(photo, "C", False, adjudicates=True)  # of what was answered, the mistakes
    assert not accuracy().measured
    for i, photo in enumerate(photos[:5]):
        say(photo, "A", i != 0)
    found = accuracy()
    assert found.measured
    for photo in photos[12:]:
        say(photo, "A", True, adjudicates=True)  # who settles the own answers says them again
    assert accuracy().rates == found.rates
    assert found.rates == CoderAccuracy.of_cells(*(rate.cell for rate in found.rates)).rates


def test_a_period_carries_the_errors_of_its_coders(home, photos, say, worker, now):
    draw_sample(home, SampleOrder(Question(("people",)), len(photos), second=0.0), now=now)
    for i, photo in enumerate(photos):
        say(photo, "A", i % 2 == 0)

    def share():
        criteria = EditionCriteria()
        found = period_composition(
            home, criteria, measures=["people"], inference=Inference.THESE
        ).shares["people"]
        low, high = found.interval or (found.value, found.value)
        return found.value, high - low, found.method

    value, width, method = share()
    assert (value, width) == (0.5, 0.0)
    assert "count as right: no photo was coded by two people" in method
    for i, photo in enumerate(photos):
        say(photo, "B", i % 2 == 0 if i > 3 else i % 2 == 1)
        if i <= 3:
            say(photo, "C", i % 2 == 0, adjudicates=True)
    value, width, method = share()
    assert value == pytest.approx(0.5, abs=0.03)
    assert 0.01 < width < 0.4
    assert "errors of coders taken out, by 24 photos" in method
