"""One answer says what a photo is composed around: the three shares are one estimate."""

import io
from dataclasses import astuple, replace
from datetime import date

import numpy as np
import pandas
import pytest
from sqlalchemy import select

from presslens.app.db.queries import EditionScope
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import EditionRow
from presslens.app.platform import clock
from presslens.app.platform.language import language
from presslens.app.services.catalogue.facets import count_facets
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photos import iterate_photos
from presslens.app.services.catalogue.ruler import edition_ruler
from presslens.app.services.claims.verdicts import judge_rule
from presslens.app.services.exports.export import export_tables
from presslens.app.services.exports.table_writer import TableFormat
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.answers import load_answers
from presslens.app.services.samples.samples import find_items
from presslens.app.services.shares.newspaper_validity import newspaper_validity
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.baseline import edition_baseline
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.calendar import edition_calendar
from presslens.app.services.statistics.changes import metric_changes
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.app.services.statistics.methods_paragraph import methods_of
from presslens.app.services.statistics.period import period_composition
from presslens.app.services.statistics.photo_rows import photo_rows
from presslens.app.services.statistics.power import archive_power
from presslens.app.services.statistics.queries import PowerQuery
from presslens.app.services.statistics.trend import metric_trend
from presslens.app.services.statistics.wide_photos import export_photo_table
from presslens.app.web.alternatives import photo_in_words, shown_focus
from presslens.app.web.edition import stored_view
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.design_matrix import DAYS_A_YEAR
from presslens.pipelines.statistics.measure import FOCUSES, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain_regression import regress_table
from presslens.pipelines.statistics.plain_table import estimate
from presslens.pipelines.statistics.timeline import PeriodUnit
from presslens.pipelines.statistics.validity import LOOKED_AT_FIRST, NOT_VALID_HERE, ValidityState

from ...first_states import made_once

BLOCKS = [(20, 20 + 80 * i, 300, 90 + 80 * i) for i in range(5)]
ANSWERS = (Focus.NEITHER, Focus.LEADER, Focus.FACILITY, Focus.NEITHER, Focus.UNSURE)


@pytest.fixture
@made_once
def edition(home, worker, put, make):
    """An edition of thirty photos on six pages, analysed with a leader enrolled."""
    enrol(home, make)
    pages = {f"page_{i + 1}.png": make(BLOCKS, persons=i % 3, tint=20 + i) for i in range(6)}
    edition_id = put(pages).edition_id
    worker.drain()
    return edition_id


def enrol(home, make):
    figure = add_figure(home, "Kim", now=clock.now())
    files = [Incoming("kim.png", io.BytesIO(make(persons=1, faces=1, tint=7)))]
    add_references(home, figure, files, now=clock.now())


def answer(home, now, count, drawn=28, again=0):
    """Draw a sample for one of the three, and answer some of it by the one question, some twice."""
    draw_sample(home, SampleOrder(Question(("focus_leader",)), drawn, None), now=now)
    _, items = find_items(home, "focus_leader-1")
    for i, item in enumerate(items[:count]):
        review = NewReview(item.photo_id, "A", {}, focus=ANSWERS[i % len(ANSWERS)])
        review_photo(home, review, now=now)
        if i < again:  # the first time another answer
            other = replace(review, coder="B", focus=ANSWERS[(i + (i == 0)) % len(ANSWERS)])
            review_photo(home, other, now=now)


@pytest.mark.sqlite_alone
@pytest.mark.parametrize(("answers", "again"), [(27, 0), (27, 12)])
def test_the_three_shares_are_a_whole_everywhere(home, edition, now, tmp_path, answers, again):
    answer(home, now, answers, again=again)
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
        assert ("errors of coders taken out" in group.method) is bool(again)
    photos = pandas.read_csv(
        export_photo_table(home, EditionScope(), TableFormat.CSV, tmp_path).path
    )
    assert sum(photos[f"corrected_{name}"].mean() for name in FOCUSES) == pytest.approx(1, abs=1e-5)
    with home.database.read() as session:
        day = session.scalars(select(EditionRow.edition_date)).one()
    total = " + ".join(f"share({name})" for name in FOCUSES)
    for rule, truth in ((f"{total} > 102 %", TruthValue.FALSE), (f"{total} = 1", TruthValue.TRUE)):
        assert judge_rule(home, rule, "Rodong Sinmun", day, day).verdict.truth is truth


def test_a_facility_is_nowhere_a_share_before_twenty_were_looked_at(home, edition, now, tmp_path):
    """What is not offered is null with its reason, and 20 answers bring it everywhere."""
    metric, everything = Metric("focus_facility"), EditionCriteria()

    def numbers():
        composition = edition_composition(home, edition).report.composition
        (group,) = statistic(home, metric, everything).groups
        period = period_composition(home, everything)
        (value,) = (day.facility_focus for day in edition_calendar(home, "Rodong Sinmun").days)
        path = export_photo_table(home, EditionScope(), TableFormat.CSV, tmp_path).path
        corrected = pandas.read_csv(path)["corrected_focus_facility"]
        path.unlink()
        return (
            *(composition.share("focus_facility", zone).share for zone in (Zone.ALL, Zone.LEAD)),
            *(group.estimate.value, group.machine, group.numerator, group.decided),
            *(period.shares["focus_facility"].value, period.machine["focus_facility"], value),
            None if corrected.isna().all() else corrected.mean(),
        )

    def sums():
        """Return the exported sums of the share, the sums of another one, and the reasons."""
        path = export_tables(home, EditionScope(), TableFormat.CSV, tmp_path, table="edition_share")
        table = pandas.read_csv(path.path)
        own = table.measure.isin(["focus_facility", "focus_neither"])
        other = ~table.measure.isin(LOOKED_AT_FIRST)
        columns = ["by_verdict", "expected", "area_by_verdict", "area_expected"]
        assert table[["n", "area"]].notna().all(axis=None)
        return *(table[columns][one].notna() for one in (own, other)), table.reason[own]

    def offered():
        options = count_facets(home, PhotoFilter(EditionScope())).facets["focus"]
        return {one.value: one.offered for one in options}

    def decided():
        """Return verdicts that say something of photos, on pages, in lists and in exports."""
        photos = [one for page in stored_view(home, edition).pages for one in page["photos"]]
        drawn = [shown_focus(one) for one in photos]
        lists = [one.focus_decided for one in iterate_photos(home, PhotoFilter(EditionScope()))]
        on_ruler = [one.place.verdict for one in edition_ruler(home, edition).places]
        path = export_photo_table(home, EditionScope(), TableFormat.CSV, tmp_path).path
        wide = pandas.read_csv(path).focus
        path.unlink()
        table = export_tables(home, EditionScope(), TableFormat.CSV, tmp_path, table="photos")
        exported = pandas.read_csv(table.path).focus
        by_machine = [set(one.dropna()) for one in (wide, exported)]
        words = [photo_in_words(one, spoken=language("en")) for one in photos]
        return set(drawn), set(lists), set(on_ruler), by_machine, words

    verdicts = {"facility", "neither"}
    drawn, lists, on_ruler, by_machine, words = decided()
    assert "unchecked" in drawn
    assert None in lists & on_ruler
    assert not (drawn | lists | on_ruler | by_machine[0] | by_machine[1]) & verdicts
    assert any(one.endswith("focus: nobody has checked it in this newspaper") for one in words)
    assert not offered().get("neither", True)
    answer(home, now, 8)
    assert set(numbers()) == {None}
    drawn, lists, on_ruler, by_machine, words = decided()
    assert "facility" in drawn & lists & on_ruler  # as people have settled
    assert not (by_machine[0] | by_machine[1]) & verdicts
    assert any("focus: people have checked it on only 7 photos" in one for one in words)
    own, other, reasons = sums()
    assert (own.any(axis=None), other.all(axis=None)) == (False, True)
    assert len(own) > 5
    assert reasons.str.contains("looked at 7 photos").all()
    assert {name for name, shares in offered().items() if not shares} == {"facility", "neither"}
    (group,) = statistic(home, metric, everything).groups
    assert (group.estimate.method, group.estimate.validity) == ("not offered", "to be checked")
    assert "looked at 7 photos" in group.estimate.refused
    assert statistic(home, Metric("focus_leader"), everything).groups[0].estimate.value is not None
    assert metric_changes(home, metric, everything, by=PeriodUnit.EDITION).periods == []
    assert "focus on the facility: not offered" in methods_of(home, everything, ["focus_facility"])
    assert archive_power(home, metric, PowerQuery(drawn=20)).refused is None
    with home.database.read() as session:
        day = session.scalars(select(EditionRow.edition_date)).one()
    rule = "share(focus_facility) > 0 or share(children) > 200 %"
    judged = judge_rule(home, rule, "노동신문", day, day)
    assert judged.verdict.truth is TruthValue.UNDECIDED
    assert any("looked at 7 photos" in reason for reason in judged.verdict.reasons)
    assert {one.measure: one.offered for one in judged.validity} == {
        "children": True, "focus_facility": False
    }  # fmt: skip
    found = {one.measure: one for one in newspaper_validity(home, paper_id(home)).measures}
    assert (found["focus_facility"].drawn, found["focus_facility"].answers) == (7, 7)
    assert (found["children"].answers, found["photos"].state) == (0, ValidityState.VALID)

    _, items = find_items(home, "focus_leader-1")
    for i, item in enumerate(items[8:27]):
        review_photo(home, NewReview(item.photo_id, "A", {}, focus=ANSWERS[i % 4]), now=now)
    assert None not in numbers()
    assert "looked at" not in (statistic(home, metric, everything).groups[0].estimate.refused or "")
    judged = judge_rule(home, "share(focus_facility) > 0", "노동신문", day, day)
    assert judged.verdict.truth is TruthValue.TRUE
    own, _, reasons = sums()
    assert (own.all(axis=None), reasons.isna().all(), all(offered().values())) == (True,) * 3
    drawn, lists, on_ruler, by_machine, words = decided()
    assert "unchecked" not in drawn
    assert None not in lists | on_ruler
    assert by_machine[0] & by_machine[1] & verdicts


def test_a_lead_that_a_wrong_machine_read_decides_nothing_before_people_settle_it(
    home, edition, now
):
    draw_sample(home, SampleOrder(Question(("focus_leader",)), 28, None), now=now)
    _, items = find_items(home, "focus_leader-1")
    with home.database.read() as session:
        lead = session.scalars(select(EditionSummaryRow.front_lead_photo_id)).one()
        day = session.scalars(select(EditionRow.edition_date)).one()

    def judged():
        """Return the verdict on what the front page is read to lead with, and what is said."""
        composition = edition_composition(home, edition).report.composition
        rule = f"front.lead.focus = {composition.summary.front_lead_focus.value}"
        found = judge_rule(home, rule, "노동신문", day, day)
        words = edition_baseline(home, edition).front_lead.words
        assert [one.measure for one in found.validity] == ["focus_facility"]
        return found.verdict, (composition.front_lead_note, found.unchecked, words)

    verdict, notes = judged()
    assert verdict.truth is TruthValue.TRUE
    assert all("nobody has checked" in note for note in notes)
    for item in items:
        if item.photo_id != lead:
            review_photo(home, NewReview(item.photo_id, "A", {}, focus=Focus.FACILITY), now=now)
    verdict, notes = judged()
    assert verdict.truth is TruthValue.UNDECIDED
    assert all("which is not valid here" in note for note in notes)
    assert verdict.steps[0].reasons == [NOT_VALID_HERE]
    review_photo(home, NewReview(lead, "A", {}, focus=Focus.FACILITY), now=now)
    verdict, notes = judged()
    assert (verdict.truth, notes[:2]) == (TruthValue.TRUE, (None, None))
    assert "facility" in notes[2]
    assert "machine" not in notes[2]


def test_what_only_follows_is_no_look_at_a_photo(home, edition, now):
    """Without people there is no leader, and nobody was asked for either him or a facility."""
    draw_sample(home, SampleOrder(Question(("people",)), 24, None), now=now)
    for item in find_items(home, "people-1")[1][:22]:
        review_photo(home, NewReview(item.photo_id, "A", {"people": False}), now=now)
    found = {one.measure: one for one in newspaper_validity(home, paper_id(home)).measures}
    assert (found["people"].answers, found["people"].drawn) == (22, 22)
    for name in ("leader", "focus_leader", "leader_and_facility", "children"):
        assert found[name].answers == found[name].drawn == 0
        assert "picked" not in found[name].reason
    assert not found["leader_and_facility"].offered
    for item in find_items(home, "people-1")[1][:20]:
        review_photo(home, NewReview(item.photo_id, "A", {"buildings": False}), now=now)
    found = {one.measure: one for one in newspaper_validity(home, paper_id(home)).measures}
    assert (found["leader_and_facility"].answers, found["leader_and_facility"].offered) == (
        20,
        True,
    )


def paper_id(home):
    with home.database.read() as session:
        return session.scalars(select(EditionRow.publication_id)).one()


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


@pytest.mark.sqlite_alone
def test_a_trend_of_the_table_is_that_of_the_archive(home, put, worker, make, now):
    """The other answers to the question count for both, and so they do for a step."""
    enrol(home, make)
    for i in range(11):
        pages = {f"{n}.png": make(BLOCKS, persons=n, tint=20 + 2 * i + n) for n in (0, 1)}
        put(pages, day=date(2025, 1 + i, 3))
    worker.drain()
    answer(home, now, 60, 60)
    rules, day, trends = home.recipe.aggregate, date(2025, 5, 1), []
    for metric in map(Metric, FOCUSES):
        rows = list(photo_rows(home, metric, EditionCriteria()))
        table = {column: np.array([row[column] for row in rows]) for column in rows[0]}
        table["since"] = np.array(table["date"], "M8[D]") - np.datetime64(day, "D")
        table["since"] = table["since"].astype(float) / DAYS_A_YEAR
        table["level"] = (table["since"] >= 0).astype(float)
        table["slope"] = table["level"] * table["since"]
        for columns, step in ((["date"], None), (["since", "level", "slope"], day)):
            found = regress_table(table, metric.name, columns, inference="practice", rules=rules)
            of_archive = metric_trend(home, metric, EditionCriteria(), day=step).coefficients
            for one, other in zip(found.coefficients, of_archive, strict=True):
                assert one.low < one.high
                assert astuple(one)[1:] == pytest.approx(astuple(other)[1:], rel=1e-6, abs=1e-9)
        trends.append([one.value for one in of_archive])
    assert np.sum(trends, axis=0) == pytest.approx([1, 0, 0, 0], abs=1e-6)
