"""Statistics of editions that a worker has analysed, and of rows with known sums."""

import io
import itertools
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, func, select, update

from presslens.app.db.reviews import SettledAnswerRow
from presslens.app.db.statistics import EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    SubjectReadingRow,
)
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.analysis.summarise import unsummarised_editions
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.app.services.statistics.edition_metrics import load_editions
from presslens.app.services.statistics.period import period_composition
from presslens.pipelines.statistics.measure import BUILT_IN, SUBJECTS, Estimand, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.validity import LOOKED_AT_FIRST

from ...first_states import made_once

DAY = date(2019, 12, 16)
PEOPLE = Metric("people")


@pytest.fixture
@made_once
def analysed(worker, put, scans, make):
    """Three editions: of three pages with three photos, and twice one page with one photo."""
    ids = [put(scans).edition_id]
    for i in (1, 2):
        page = {"page_1.png": make(persons=2 * (i - 1), tint=40 + i)}
        ids.append(put(page, day=DAY + timedelta(days=16 * i)).edition_id)
    worker.drain()
    return ids


def enrol_kim(home, worker, make):
    figure = add_figure(home, "Kim", now=clock.now())
    files = [Incoming("kim.png", io.BytesIO(make(persons=1, faces=1, tint=7)))]
    add_references(home, figure, files, now=clock.now())
    worker.drain()


def unsummarised(home):
    with home.database.read() as session:
        return session.scalars(unsummarised_editions(session, home.recipe)).all()


def test_an_edition_is_added_up_once_when_it_is_complete(home, worker, put, scans):
    edition = put(scans).edition_id
    assert unsummarised(home) == []
    worker.drain()
    with home.database.read() as session:
        row = session.get_one(EditionSummaryRow, (edition, home.recipe.id))
        shares = session.scalar(select(func.count()).select_from(EditionShareRow))
    assert (row.pages, row.pages_seen, row.photos) == (3, 3, 3)
    assert row.page_types == {"blank": 1, "mixed": 2} or sum(row.page_types.values()) == 3
    zones = 5
    assert shares == zones * (len(SUBJECTS) + 1)  # and a label; there is nobody to look for
    assert unsummarised(home) == []


def test_sums_are_those_of_the_composition(home, worker, make, analysed):
    enrol_kim(home, worker, make)
    found = edition_composition(home, analysed[0]).report
    with home.database.read() as session:
        for zone in Zone:
            for name in set(BUILT_IN) - LOOKED_AT_FIRST:
                row = session.get(EditionShareRow, (home.recipe.id, name, zone, analysed[0]))
                share = found.composition.share(name, zone)
                area = found.composition.share(name, zone, Weight.AREA)
                assert (row.n, row.decided) == (share.estimate.n, share.decided)
                assert row.expected == pytest.approx(row.n * share.machine)
                assert row.area == pytest.approx(area.estimate.size, abs=1e-5)
                assert row.area_expected == pytest.approx(row.area * area.machine, abs=1e-5)


def test_a_summary_is_made_again_when_figures_change(home, worker, make, analysed):
    enrol_kim(home, worker, make)
    with home.database.read() as session:
        names = set(session.scalars(select(EditionShareRow.measure).distinct()))
        galleries = set(session.scalars(select(EditionSummaryRow.gallery)))
    assert "figure:Kim" in names
    assert len(galleries) == 1


def test_photos_pooled_and_editions_averaged_differ(home, analysed):
    # 0.9, 0.1, 0.1 in the first edition, 0.1 in the second, 0.9 in the third.
    found = statistic(home, PEOPLE, EditionCriteria()).groups[0]
    assert found.machine == pytest.approx((0.9 + 0.1 + 0.1 + 0.1 + 0.9) / 5)
    assert (found.estimate.n, found.denominator) == (5, 5)
    assert found.numerator == pytest.approx(5 * found.estimate.value)
    mean = statistic(home, PEOPLE, EditionCriteria(), estimand=Estimand.MEAN_EDITION_SHARE).groups[
        0
    ]
    assert mean.machine == pytest.approx((1.1 / 3 + 0.1 + 0.9) / 3)
    for group in (found, mean):
        low, high = group.estimate.interval
        assert low <= group.estimate.value <= high


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        (GroupBy.NONE, ["all"]), (GroupBy.MONTH, ["2019-12", "2020-01"]),
        (GroupBy.WEEK, ["2019-W51", "2020-W01", "2020-W03"]),
        (GroupBy.YEAR, ["2019", "2020"]), (GroupBy.WEEKDAY, ["Monday", "Wednesday", "Friday"]),
        (GroupBy.PUBLICATION, ["Rodong Sinmun"]), (GroupBy.PAGES, ["1", "3"]),
    ],
)  # fmt: skip
def test_editions_are_put_together(home, analysed, by, keys):
    for metric in (PEOPLE, Metric("photos")):
        found = statistic(home, metric, EditionCriteria(), by=by)
        assert [group.key for group in found.groups] == keys
        assert sum(len(group.editions) for group in found.groups) == 3


@pytest.mark.parametrize(
    ("wanted", "editions"),
    [
        (EditionCriteria(first=date(2020, 1, 1)), 2),
        (EditionCriteria(last=date(2019, 12, 31)), 1),
        (EditionCriteria(publication="Minju Joson"), 0),
        (EditionCriteria(weekdays=(1,)), 1),
        (EditionCriteria(pages=1), 2),
    ],
)
def test_editions_are_filtered(home, analysed, wanted, editions):
    groups = statistic(home, PEOPLE, wanted, by=GroupBy.EDITION).groups
    assert len(groups) == editions


def test_what_waits_is_left_out_and_lowers_coverage(home, analysed, put, make):
    waiting = put({"page_1.png": make(tint=90)}, day=date(2021, 1, 1)).edition_id
    found = statistic(home, PEOPLE, EditionCriteria())
    assert [(one.id, one.reason) for one in found.selection.left_out] == [(waiting, "waiting")]
    assert found.selection.pages_seen == 5
    assert len(found.groups[0].editions) == 3


def test_of_two_uploads_of_a_day_the_latest_counts(home, worker, analysed, put, make):
    again = put({"page_1.png": make(tint=77)}).edition_id
    worker.drain()
    with home.database.write() as session:
        session.execute(
            update(EditionRow)
            .where(EditionRow.id == again)
            .values(
                created_at=session.get_one(EditionRow, analysed[0]).created_at + timedelta(days=1)
            )
        )
    found = statistic(home, PEOPLE, EditionCriteria(), by=GroupBy.EDITION)
    assert again in [group.editions[0].id for group in found.groups]
    assert [(one.id, one.reason) for one in found.selection.left_out] == [
        (analysed[0], "superseded")
    ]


def test_an_edition_of_which_too_little_was_seen_is_left_out(home, worker, put, make):
    files = {f"page_{i}.png": b"no picture" for i in (1, 2)}
    edition = put({**files, "page_3.png": make()}).edition_id
    worker.drain()
    found = statistic(home, Metric("photos"), EditionCriteria())
    assert [(one.id, one.reason) for one in found.selection.left_out] == [(edition, "incomplete")]
    assert found.groups == []


def settle(home, *, shows, edition=None):
    """Settle for each photo, or those of one edition, whether it shows people; return how many."""
    with home.database.write() as session:
        query = select(PhotoRow.id).order_by(PhotoRow.id)
        if edition is not None:
            query = (
                query.join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
                .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
                .where(PageRow.edition_id == edition)
            )
        chosen = list(session.scalars(query))
        for i in chosen:
            session.add(SettledAnswerRow(photo_id=i, measure="people", shows=shows))
        return len(chosen)


def test_reviews_count_at_once_and_the_machine_s_figure_stays(home, analysed):
    before = statistic(home, PEOPLE, EditionCriteria()).groups[0]
    assert settle(home, shows=True) == 5
    found = statistic(home, PEOPLE, EditionCriteria()).groups[0]
    assert (found.estimate.value, found.settled) == (1.0, 5)
    assert found.machine == pytest.approx(before.machine)
    alone = statistic(home, PEOPLE, EditionCriteria(), by=GroupBy.EDITION).groups
    assert [group.estimate.interval for group in alone] == [(1.0, 1.0)] * 3


def test_an_edition_is_the_same_in_stats_and_in_its_composition(home, analysed):
    settle(home, shows=False, edition=analysed[0])
    found = edition_composition(home, analysed[0]).report
    share = found.composition.share("people")
    group = statistic(home, PEOPLE, EditionCriteria(), by=GroupBy.EDITION).groups[0]
    assert group.estimate.value == pytest.approx(share.share)
    assert group.settled == share.estimate.picked == 3


def test_the_probabilities_of_reviewed_photos_are_those_that_were_added_up(
    home, worker, make, analysed, subtests
):
    enrol_kim(home, worker, make)
    for name, zone in itertools.product([*BUILT_IN, "label:indoor", "figure:Kim"], Zone):
        metric = Metric(name, zone)
        before = statistic(home, metric, EditionCriteria()).groups[0]
        with home.database.write() as session:
            session.execute(delete(SettledAnswerRow))
            for i in session.scalars(select(PhotoRow.id)):
                session.add(SettledAnswerRow(photo_id=i, measure=name, shows=True))
        found = statistic(home, metric, EditionCriteria()).groups[0]
        with subtests.test(name=name, zone=zone.value):
            # Each photo's probability is taken off again: what is left is a whole number.
            assert found.numerator == pytest.approx(before.denominator)
        with home.database.write() as session:
            session.execute(delete(SettledAnswerRow))


def test_a_period_has_all_metrics_at_once(home, analysed):
    found = period_composition(home, EditionCriteria()).to_json()
    assert (found["editions"], found["pages"], found["coverage"]) == (3, 5, 1.0)
    assert found["metrics"]["photos"]["total"] == 5
    assert found["metrics"]["photos"]["value"] == pytest.approx(5 / 3, abs=1e-4)
    people = statistic(home, PEOPLE, EditionCriteria()).groups[0].estimate
    assert found["shares"]["people"]["value"] == pytest.approx(people.value, abs=1e-4)
    assert found["shares"]["people"]["interval"] == pytest.approx(people.interval, abs=1e-4)


def test_without_editions_nothing_is_made_up(home):
    assert statistic(home, PEOPLE, EditionCriteria()).groups == []
    found = period_composition(home, EditionCriteria()).to_json()
    assert (found["editions"], found["coverage"]) == (0, None)
    assert found["shares"]["people"]["value"] is None
    assert found["metrics"]["pages"]["value"] is None
    assert load_editions(home, EditionCriteria(), metrics=[PEOPLE]).editions == []


def test_a_count_says_what_it_counts(home, analysed):
    for weight, unit in ((Weight.COUNT, "photos"), (Weight.AREA, "pages")):
        found = statistic(home, Metric("people", weight=weight), EditionCriteria()).to_json()
        assert {group["count"]["unit"] for group in found["groups"]} == {unit}


def test_facts_hold_the_metrics_that_were_asked_for(home, analysed):
    metrics = [Metric("photos"), Metric("people", Zone.FRONT), Metric("people", weight=Weight.AREA)]
    facts = load_editions(home, EditionCriteria(), metrics=metrics).editions
    assert [fact.id for fact in facts] == analysed
    assert facts[0].metrics[metrics[0]].value == 3
    front = facts[0].metrics[metrics[1]]
    assert front.n == 1
    assert 0.5 < front.value < 1


@pytest.mark.parametrize(
    ("recipe", "error"),
    [("abc", InvalidRequest), ("0" * 64, NotFound), ("%_%_%_%", InvalidRequest)],
)
def test_recipes_are_named_by_what_they_begin_with(home, recipe, error):
    with pytest.raises(error):
        statistic(home, PEOPLE, EditionCriteria(), recipe=recipe)
    found = statistic(home, PEOPLE, EditionCriteria(), recipe=home.recipe.id[:8])
    assert found.recipe_id == home.recipe.id


def test_statistics_of_an_old_recipe_stay(home, analysed, anew):
    before = statistic(home, PEOPLE, EditionCriteria()).groups[0]
    with anew() as (other, its_worker):
        its_worker.drain()
        assert other.recipe.id != home.recipe.id
        old = statistic(other, PEOPLE, EditionCriteria(), recipe=home.recipe.id).groups[0]
        new = statistic(other, PEOPLE, EditionCriteria()).groups[0]
    assert old.to_json() == before.to_json()
    assert new.estimate.value == pytest.approx(before.estimate.value)


def test_rows_of_other_recipes_are_not_counted(home, analysed):
    with home.database.read() as session:
        readings = session.scalar(select(func.count()).select_from(SubjectReadingRow))
        meanings = session.scalar(select(func.count()).select_from(InterpretationRow))
    assert readings == 5 * meanings
