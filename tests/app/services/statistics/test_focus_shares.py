"""One answer says what a photo is composed around: the three shares are one estimate."""

import io

import numpy as np
import pandas
import pytest
from sqlalchemy import select

from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import EditionRow
from presslens.app.platform import clock
from presslens.app.services.claims.verdicts import judge_rule
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.answers import load_answers
from presslens.app.services.samples.samples import find_items
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.app.services.statistics.photo_rows import photo_rows
from presslens.app.services.statistics.wide_photos import export_photo_table
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.measure import FOCUSES, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain_table import estimate

from ...first_states import made_once

BLOCKS = [(20, 20 + 80 * i, 300, 90 + 80 * i) for i in range(5)]
ANSWERS = (Focus.NEITHER, Focus.LEADER, Focus.FACILITY, Focus.NEITHER, Focus.UNSURE)


@pytest.fixture
@made_once
def edition(home, worker, put, make):
    """An edition of thirty photos on six pages, analysed with a leader enrolled."""
    figure = add_figure(home, "Kim", now=clock.now())
    files = [Incoming("kim.png", io.BytesIO(make(persons=1, faces=1, tint=7)))]
    add_references(home, figure, files, now=clock.now())
    pages = {f"page_{i + 1}.png": make(BLOCKS, persons=i % 3, tint=20 + i) for i in range(6)}
    edition_id = put(pages).edition_id
    worker.drain()
    return edition_id


def answer(home, now, count):
    """Draw a sample for one of the three, and answer some of it by the one question."""
    draw_sample(home, SampleOrder(Question(("focus_leader",)), 28, None), now=now)
    _, items = find_items(home, "focus_leader-1")
    for i, item in enumerate(items[:count]):
        review = NewReview(item.photo_id, "A", {}, focus=ANSWERS[i % len(ANSWERS)])
        review_photo(home, review, now=now)


@pytest.mark.sqlite_alone
@pytest.mark.parametrize("answers", [0, 8, 27])
def test_the_three_shares_are_a_whole_everywhere(home, edition, now, tmp_path, answers):
    answer(home, now, answers)
    composition = edition_composition(home, edition).report.composition
    for zone in (Zone.ALL, Zone.FRONT, Zone.INSIDE):
        for weight in Weight:
            shares = [composition.share(name, zone, weight) for name in FOCUSES]
            assert sum(one.share for one in shares) == pytest.approx(1.0, abs=1e-9)
    for by in (GroupBy.NONE, GroupBy.EDITION):
        for weight in Weight:
            metrics = [Metric(name, weight=weight) for name in FOCUSES]
            found = [statistic(home, one, EditionCriteria(), by=by).groups[0] for one in metrics]
            assert sum(one.estimate.value for one in found) == pytest.approx(1.0, abs=1e-9)
            assert len({one.estimate.drawn for one in found}) == 1
            assert len({one.estimate.picked for one in found}) == 1
    for metric in (Metric(name, zone) for name in FOCUSES for zone in (Zone.ALL, Zone.FRONT)):
        rows = list(photo_rows(home, metric, EditionCriteria()))
        table = {column: [row[column] for row in rows] for column in rows[0]}
        (group,) = estimate(table, metric.name, rules=home.recipe.aggregate).groups
        (one,) = statistic(home, metric, EditionCriteria()).groups
        assert group.value == pytest.approx(one.estimate.value, abs=1e-9)
        assert group.interval == pytest.approx(one.estimate.interval, abs=1e-9)
    photos = pandas.read_csv(
        export_photo_table(home, EditionScope(), TableFormat.CSV, tmp_path).path
    )
    assert sum(photos[f"corrected_{name}"].mean() for name in FOCUSES) == pytest.approx(1, abs=1e-5)
    with home.database.read() as session:
        day = session.scalars(select(EditionRow.edition_date)).one()
    total = " + ".join(f"share({name})" for name in FOCUSES)
    for rule, truth in ((f"{total} > 102 %", TruthValue.FALSE), (f"{total} = 1", TruthValue.TRUE)):
        assert judge_rule(home, rule, "Rodong Sinmun", day, day).verdict.truth is truth


def test_what_is_drawn_for_one_is_drawn_for_all(home, edition, now):
    answer(home, now, 10)
    with home.database.read() as session:
        found = load_answers(session, home.recipe, FOCUSES, [edition])
        alone = load_answers(session, home.recipe, FOCUSES[1:2], [edition])
    first = found["focus_leader"]
    assert first.drawn.sum() == 10
    assert np.isnan(first.label).sum() == 2  # who can't tell has answered none of the three
    for one in (*found.values(), *alone.values()):
        assert one.samples == first.samples
        assert sorted(one.photo) == sorted(first.photo)
        assert one.inclusion.tolist() == pytest.approx(first.inclusion.tolist())
    assert sum(np.nansum(one.label) for one in found.values()) == 8
