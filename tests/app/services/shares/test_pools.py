"""A number is the same whatever is asked beside it: pools of newspapers."""

from datetime import date
from itertools import product

import pytest
from sqlalchemy import delete, select, update

from presslens.app.db.queries import EditionScope
from presslens.app.db.statistics import EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import PhotoRow, SubjectReadingRow
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sampling import draw_more
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.samples import find_items
from presslens.app.services.shares.selection import EditionCriteria, select_editions
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.comparison import compare_groups
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.app.services.statistics.edition_metrics import load_editions, metric_table
from presslens.app.services.statistics.period import period_composition
from presslens.app.services.statistics.photo_rows import photo_rows
from presslens.app.services.statistics.power import archive_power
from presslens.app.services.statistics.queries import PowerQuery
from presslens.app.services.statistics.what_helps import HelpFinder
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain_table import estimate

from ...first_states import made_once

BLOCKS = [(20 + 56 * x, 20 + 60 * y, 70 + 56 * x, 74 + 60 * y) for y in range(2) for x in range(5)]
PAPERS = ("A", "B", "C")
DAYS = (date(2025, 1, 6), date(2025, 1, 20), date(2025, 2, 3))
PEOPLE = Metric("people")


@pytest.fixture
@made_once
def papers(home, worker, put, make):
    """Three newspapers of three editions, with 10 photos on each of two pages."""
    for i, (paper, day) in enumerate(product(PAPERS, DAYS)):
        pages = {f"{n}.png": make(BLOCKS, tint=3 + 2 * i + n) for n in (0, 1)}
        put(pages, publication=paper, day=day)
    worker.drain()
    with home.database.write() as session:
        for i, photo in enumerate(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id))):
            people = SubjectReadingRow.subject == Subject.PEOPLE
            mine = update(SubjectReadingRow).where(SubjectReadingRow.photo_id == photo, people)
            session.execute(mine.values(probability=round((i * 7 % 31 + 1) / 33, 6)))
        session.execute(delete(EditionShareRow))
        session.execute(delete(EditionSummaryRow))
    worker.drain()


@pytest.fixture
def draw(home, now):
    """Draw a sample of people from some newspapers, and answer all of it."""

    def sample(scopes, photos=40, **rest):
        for scope in scopes:
            order = SampleOrder(Question(("people",), scope), photos, second=0.0, **rest)
            answer(home, now, draw_sample(home, order, now=now).name)

    return sample


def shown(item):
    return item.photo_id % 5 < 4 * (item.probability or 0)


def answer(home, now, name):
    for item in find_items(home, name)[1]:
        shows = shown(item)
        review_photo(home, NewReview(item.photo_id, "A", {"people": shows}), now=now)


def answer_again(home, now, name):
    """Have a third of a sample coded by somebody else, who disagrees once."""
    for item in find_items(home, name)[1][::3]:
        shows = shown(item) != (item.place == 9)
        review_photo(home, NewReview(item.photo_id, "B", {"people": shows}), now=now)


SAMPLES = [
    pytest.param([], id="none", marks=pytest.mark.long),
    pytest.param(
        [EditionScope("A"), EditionScope("C", DAYS[0], DAYS[1])],
        id="of A, and of C",
        marks=pytest.mark.long,
    ),
    pytest.param([EditionScope(first=DAYS[1]), EditionScope("B")], id="of all, and of B"),
]


def numbers(estimate):
    return [estimate.value, *(estimate.interval or ()), *(estimate.count or ()), estimate.n]


def same(one, other):
    return numbers(one) == pytest.approx(numbers(other), abs=1e-9, rel=1e-9)


@pytest.mark.sqlite_alone
def test_a_draw_between_two_days_adds_to_the_sample(home, papers, draw, now):
    draw([EditionScope("A")], 24)
    with home.database.read() as session:
        editions = select_editions(session, EditionCriteria("A"), home.recipe).editions
        table = metric_table(
            session, [PEOPLE], editions, home.recipe, Estimand.SHARE_OF_PHOTOS, Inference.THESE
        )
        finder = HelpFinder(session, table, home.recipe)
        asked, larger = (
            finder.by_draws(PEOPLE, ([0], later), 0.4, 0.4, 0.95).draw for later in ([1], [1, 2])
        )
    assert (asked.scope, asked.sample) == (EditionScope("A", *DAYS[:2]), None)
    assert asked.measures == ("people",)
    assert larger.sample == "people-1"
    for draws, last in ((asked, DAYS[1]), (larger, DAYS[2])):
        query = PowerQuery(publication="A", last=last, of="difference", day=DAYS[1], change=0.4)
        found = archive_power(home, PEOPLE, query)
        assert (found.needed, found.sample) == (draws.photos, draws.sample)
    state = draw_more(home, Question(asked.measures, asked.scope), asked.photos, now=now)
    assert (state.size, state.name) == (40, "people-2")
    answer(home, now, state.name)
    with home.database.read() as session:
        (photos,) = load_shares(session, [PEOPLE], editions, home.recipe)
    assert {one.frame.name for one in photos.samples} == {"people-1", "people-2"}
    assert photos.table.framed.all()
    assert photos.table.sampled.sum() > 24
    assert not photos.table.picked.any()
    # The chances are those of either draw: the weights add up to about the photos.
    chance = photos.table.inclusion[photos.table.drawn]
    assert (1 / chance).sum() == pytest.approx(60, rel=0.25)


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("scopes", SAMPLES)
def test_a_number_is_the_same_whatever_else_is_asked(home, papers, draw, scopes, now):
    draw(scopes)
    for metric in (PEOPLE, Metric("people", Zone.FRONT, Weight.AREA)):
        check(home, metric)
    check_table(home)
    check_sides(home)
    for i in range(len(scopes)):
        answer_again(home, now, f"people-{i + 1}")
        check_table(home, coded=True)
        check_sides(home)


def check_sides(home):
    """Check that either side of a comparison is what is shown of its editions."""
    asked = [PEOPLE, Metric("people", Zone.FRONT, Weight.AREA), Metric("photos"), Metric("pages")]
    newspapers = EditionCriteria("A"), EditionCriteria("B")
    days = EditionCriteria("A", last=DAYS[0]), EditionCriteria(first=DAYS[1], last=DAYS[1])
    for pair in (newspapers, days):
        for estimand in Estimand:
            found = compare_groups(home, asked, *pair, estimand=estimand).to_json()["metrics"]
            for side, criteria in zip("ab", pair, strict=True):
                for metric, row in zip(asked, found, strict=True):
                    shown = statistic(home, metric, criteria, estimand=estimand).to_json()
                    (group,) = shown["groups"]
                    for name in ("value", "interval", "refused", "method"):
                        assert row[side][name] == group[name], (str(metric), side, name, estimand)


def check(home, metric):
    every = {
        one.key: one.estimate
        for one in statistic(home, metric, EditionCriteria(), by=GroupBy.PUBLICATION).groups
    }
    editions = {
        one.key: one.estimate
        for one in statistic(home, metric, EditionCriteria(), by=GroupBy.EDITION).groups
    }
    months = statistic(home, metric, EditionCriteria(), by=GroupBy.MONTH).groups
    (whole,) = statistic(home, metric, EditionCriteria()).groups
    for of in (every.values(), editions.values(), [one.estimate for one in months]):
        total = sum(one.count[0] for one in of)
        assert total == pytest.approx(whole.estimate.count[0], abs=1e-9)
    for paper in PAPERS:
        own = EditionCriteria(paper)
        (alone,) = statistic(home, metric, own).groups
        assert same(alone.estimate, every[paper])
        period = period_composition(
            home, own, zone=metric.zone, weight=metric.weight, measures=["people"]
        )
        assert same(period.shares["people"], every[paper])
        for one in statistic(home, metric, own, by=GroupBy.EDITION).groups:
            assert same(one.estimate, editions[one.key])
        loaded = load_editions(home, own, metrics=[metric]).editions
        for one in loaded:
            assert same(one.metrics[metric], editions[str(one.id)])
        for one in loaded[:1]:
            composed = edition_composition(home, one.id).report.composition
            share = composed.share("people", metric.zone, metric.weight)
            assert share.share == pytest.approx(editions[str(one.id)].value, abs=1e-9)
        parts = statistic(home, metric, own, by=GroupBy.MONTH).groups
        total = sum(one.estimate.count[0] for one in parts)
        assert total == pytest.approx(alone.estimate.count[0], abs=1e-9)


def check_table(home, *, coded=False):
    """Check that the exported table has the same numbers."""
    rules = home.recipe.aggregate
    rows = list(photo_rows(home, PEOPLE, EditionCriteria()))
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    of_archive = statistic(home, PEOPLE, EditionCriteria(), by=GroupBy.PUBLICATION).groups
    of_table = estimate(columns, "people", by="publication", rules=rules).groups
    for group, one in zip(of_table, of_archive, strict=True):
        assert same(group, one.estimate)
        assert group.note == one.estimate.note  # as where answers make it wider
    assert any("errors of coders taken out" in one.method for one in of_table) is coded
    (whole,) = statistic(home, PEOPLE, EditionCriteria()).groups
    assert same(estimate(columns, "people", rules=rules).groups[0], whole.estimate)
    sides = EditionCriteria("A"), EditionCriteria("B")
    (of_archive,) = compare_groups(home, [PEOPLE], *sides).to_json()["metrics"]
    (less,) = estimate(columns, "people", by="publication", compare=("A", "B"), rules=rules).groups
    found = [less.value, less.low, less.high]
    assert found == pytest.approx([of_archive["difference"], *of_archive["interval"]], abs=1e-6)
