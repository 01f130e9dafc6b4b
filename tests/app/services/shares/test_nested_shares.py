"""A share is nowhere above that of what holds its measure, wherever it is printed."""

from datetime import date
from itertools import product

import pytest
from sqlalchemy import delete, select, update

from presslens.app.db.queries import EditionScope
from presslens.app.db.statistics import EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import PhotoRow, SubjectReadingRow
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.samples import find_items
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric

from ...first_states import made_once

BLOCKS = [(20 + 56 * x, 20 + 60 * y, 70 + 56 * x, 74 + 60 * y) for y in range(2) for x in range(5)]
DAYS = (date(2025, 1, 6), date(2025, 1, 20), date(2025, 2, 3))
PEOPLE, CROWD = Metric("people"), Metric("crowd")
SAMPLES = {
    "none": {},
    "of both": {None: ("people", "crowd")},
    "of the crowd of both papers": {None: ("crowd",)},
    "of the crowd of one": {"A": ("crowd",)},
    "of people, and of the crowd of one": {None: ("people",), "A": ("crowd",)},
}


@pytest.fixture
@made_once
def crowds(home, worker, put, make):
    """Two newspapers of three editions; the machine takes nearly all people for crowds."""
    for i, (paper, day) in enumerate(product(("A", "B"), DAYS)):
        pages = {f"{n}.png": make(BLOCKS, tint=3 + 2 * i + n) for n in (0, 1)}
        put(pages, publication=paper, day=day)
    worker.drain()
    with home.database.write() as session:
        for i, photo in enumerate(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id))):
            for subject, p in ((Subject.PEOPLE, i * 7 % 31 + 1), (Subject.CROWD, i * 11 % 31 + 1)):
                mine = SubjectReadingRow.photo_id == photo, SubjectReadingRow.subject == subject
                changed = update(SubjectReadingRow).where(*mine)
                session.execute(changed.values(probability=round(p / 33, 6)))
        session.execute(delete(EditionShareRow))
        session.execute(delete(EditionSummaryRow))
    worker.drain()


@pytest.fixture(params=SAMPLES)
def sampled(request, crowds, home, now):
    for paper, measures in SAMPLES[request.param].items():
        scope = EditionScope(paper) if paper else EditionScope()
        order = SampleOrder(Question(measures, scope), 60, second=0.0)
        for item in find_items(home, draw_sample(home, order, now=now).name)[1]:
            shows = item.photo_id % 5 < 3
            said = {"people": shows, "crowd": shows and item.photo_id % 7 > 1}
            answers = {name: said[name] for name in measures}
            review_photo(home, NewReview(item.photo_id, "A", answers), now=now)
    return request.param


def below(one, other):
    value = one.value is None or other.value is None or one.value <= other.value + 1e-12
    if not one.interval or not other.interval:
        return value
    return value and all(a <= b + 1e-12 for a, b in zip(one.interval, other.interval, strict=True))


def groups(home, metric, by, **rest):
    return statistic(home, metric, EditionCriteria(), by=by, **rest).groups


def test_no_share_is_above_that_of_its_holder_wherever_it_is_printed(home, sampled):
    for zone, by, weight in product(Zone, (GroupBy.EDITION, GroupBy.MONTH), Weight):
        own, holder = (groups(home, Metric(name, zone, weight), by) for name in ("crowd", "people"))
        assert [one.key for one in own] == [one.key for one in holder]
        for a, b in zip(own, holder, strict=True):
            assert below(a.estimate, b.estimate), (zone, by, weight)
    # So are practice and the means of editions.
    for inference, estimand in product(Inference, Estimand):
        rest = {"inference": inference, "estimand": estimand}
        own, holder = (groups(home, one, GroupBy.PUBLICATION, **rest) for one in (CROWD, PEOPLE))
        assert all(below(a.estimate, b.estimate) for a, b in zip(own, holder, strict=True))
    # Groups add up to the whole.
    sums = {
        by: sum(one.numerator for one in groups(home, CROWD, by))
        for by in (GroupBy.EDITION, GroupBy.MONTH, GroupBy.PUBLICATION)
    }
    zones = [
        sum(one.numerator for one in groups(home, Metric("crowd", zone), GroupBy.PUBLICATION))
        for zone in (Zone.FRONT, Zone.INSIDE)
    ]
    assert [*sums.values(), sum(zones)] == pytest.approx([sums[GroupBy.PUBLICATION]] * 4, abs=1e-9)
    # A share that is asked alone is the same as beside its holder.
    alone = {one: groups(home, one, GroupBy.EDITION) for one in (CROWD, PEOPLE)}
    with home.database.read() as session:
        editions = select_editions(session, EditionCriteria(), home.recipe).editions
        for asked in ((CROWD,), (PEOPLE, CROWD), (CROWD, PEOPLE)):
            loaded = load_shares(session, asked, editions, home.recipe)
            for metric, photos in zip(asked, loaded, strict=True):
                found = [one.value for one in photos.by_edition()]
                assert found == [one.estimate.value for one in alone[metric]]
        # What machines say without answers is ordered too.
        own, holder = load_shares(session, [CROWD, PEOPLE], editions, home.recipe)
        for other in ("without_answers", "without_shared_errors"):
            sides = [getattr(one, other)().by_edition() for one in (own, holder)]
            assert all(below(a, b) for a, b in zip(*sides, strict=True))
