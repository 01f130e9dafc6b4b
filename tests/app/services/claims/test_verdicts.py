"""Verdicts out of rows: what is known, what is missing, and what to look at."""

import io
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import PublicationRow
from presslens.app.installation import init_installation, open_installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.settings import Settings
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photos import iterate_photos
from presslens.app.services.catalogue.publications import list_publications
from presslens.app.services.claims.registrations import ClaimTest
from presslens.app.services.claims.verdicts import judge_rule
from presslens.app.services.figures.figures import add_figure, add_references
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import statistic
from presslens.app.services.statistics.comparison import compare_groups
from presslens.app.services.statistics.period import period_composition
from presslens.lab.bench.generator import FIRST_DAY, fill
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.measure import Estimand, Inference
from presslens.pipelines.statistics.metrics import Metric

PAPER = "Rodong Sinmun"
DAY = date(2019, 12, 16)
SPECIAL = FIRST_DAY + timedelta(days=79)
"""The eightieth edition has eight pages and three times the photos."""


def judged(home, rule, day=DAY, last=None, publication=PAPER):
    return judge_rule(home, rule, publication, day, last or day)


def truth(home, rule, *days):
    return judged(home, rule, *days).verdict.truth


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Open an installation with 80 editions, one a day; no test writes to it."""
    recipe = Path(__file__).parents[3] / "scripted.toml"
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("archive"), recipe=recipe, min_free_bytes=0
    )
    init_installation(settings)
    with open_installation(settings) as home:
        fill(home, editions=80, photos=12)
        yield home


def test_an_edition_is_judged_once_it_is_analysed(home, put, worker, scans, count_photos):
    put(scans)
    before = judged(home, "photos = 3")
    assert before.verdict.truth is TruthValue.UNDECIDED
    assert before.verdict.reasons[0] == (
        "edition of Rodong Sinmun of 2019-12-16: it is not analysed yet"
    )
    assert [one.reason for one in before.left_out] == ["waiting"]
    worker.drain()
    rule = "photos = 3 and pages = 3 and usual_pages = 6"
    assert truth(home, rule) is TruthValue.UNDECIDED  # photos may have been missed
    count_photos()
    found = judged(home, rule)
    assert found.verdict.truth is TruthValue.TRUE
    assert (found.pages, found.pages_seen, found.recipe_id) == (3, 3, home.recipe.id)
    assert [page.number for page in found.evidence[0].pages] == [1, 2, 3]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("leader_photos = 0", "nobody is enrolled as a leader"),
        ("share(leader) < 1", "nobody is enrolled as a leader"),
        ("front.lead.focus = facility", "nobody is enrolled as a leader"),
        ("photos > baseline.median(leader_photos)", "nobody is enrolled as a leader"),
        ("together_photos = 0", "fewer than two figures"),
        ('share(figure "Nobody") < 1', "nobody called 'Nobody' is enrolled"),
        ('share(label "nothing") < 1', "no photo is read for 'nothing'"),
    ],
)
def test_nothing_is_said_of_whom_nobody_has_enrolled(home, edition, rule, reason):
    found = judged(home, rule).verdict
    assert found.truth is TruthValue.UNDECIDED
    assert reason in found.reasons[0]


def test_an_enrolled_leader_is_counted_once_a_reference_was_looked_at(
    home, put, worker, scans, make, now
):
    figure = add_figure(home, "Kim", now=now)
    put(scans)
    worker.drain()
    waits = judged(home, "leader_photos >= 0").verdict
    assert waits.truth is TruthValue.UNDECIDED
    assert "no reference photo of Kim can be used" in waits.reasons[0]
    add_references(home, figure, [Incoming("a.png", io.BytesIO(make(faces=1)))], now=now)
    worker.drain()
    assert truth(home, "leader_photos >= 0") is TruthValue.TRUE
    assert truth(home, "front.lead.focus != facility") is TruthValue.TRUE


def test_unusual_editions_stand_out_against_those_before(archive):
    rule = "pages = 8 and usual_pages = 6 and photos > 1.3 * baseline.median(photos)"
    found = judged(archive, rule, SPECIAL)
    assert found.verdict.truth is TruthValue.TRUE
    assert found.verdict.baseline == 60
    right = found.verdict.steps[-1].right
    assert "median of 60 editions from 2019-01-20 to 2019-03-20" in right.method
    usual = SPECIAL - timedelta(days=1)
    assert truth(archive, rule, usual) is TruthValue.FALSE
    assert truth(archive, "baseline.rank(pages) = 1", SPECIAL) is TruthValue.TRUE
    third = FIRST_DAY + timedelta(days=3)
    for rule, last in [
        ("photos > baseline.median(photos)", third),
        ("mean(photos) - baseline.mean(photos) > 0", third + timedelta(days=15)),
        ("baseline.mean(photos) < mean(photos)", third + timedelta(days=15)),
    ]:
        few = judged(archive, rule, third, last).verdict
        assert few.truth is TruthValue.UNDECIDED
        assert "needs 10 editions" in few.reasons[0]


def test_periods(archive):
    month = FIRST_DAY, FIRST_DAY + timedelta(days=39)
    assert truth(archive, "count(pages = 8) = 2 and mean(pages) = 6.1", *month) is TruthValue.TRUE
    assert truth(archive, "pages = 6", *month) is TruthValue.FALSE
    weekly = judged(archive, "per_week(photos * share(people)) > 7", *month).verdict
    mean = judged(archive, "mean(photos * share(people)) > 1", *month).verdict
    assert weekly.steps[0].left.value == pytest.approx(7 * mean.steps[0].left.value)
    assert 0 <= weekly.steps[0].left.low < weekly.steps[0].left.value < weekly.steps[0].left.high
    beyond = FIRST_DAY, FIRST_DAY + timedelta(days=80)
    assert truth(archive, "count(pages = 8) = 4", *beyond) is TruthValue.UNDECIDED
    assert truth(archive, "any(pages = 8)", *beyond) is TruthValue.TRUE


@pytest.mark.parametrize("rule", ["share(fireworks) > 0", "share(fireworks) > 90 %"])
def test_the_photos_that_show_it_most_probably_are_the_evidence(archive, rule):
    found = judged(archive, rule, SPECIAL)
    day = EditionScope(PAPER, SPECIAL, SPECIAL)
    wanted = PhotoFilter(day, subjects=(Subject.FIREWORKS,), min_probability=0.0)
    known = {
        photo.id: next(r.probability for r in photo.meaning.subjects if r.subject == "fireworks")
        for photo in iterate_photos(archive, wanted)
    }
    (evidence,) = found.evidence
    highest = [photo for photo in evidence.photos if photo.why == "highest"]
    assert [photo.probability for photo in highest] == sorted(known.values(), reverse=True)[:12]
    assert all(known[photo.id] == photo.probability for photo in evidence.photos)
    borderline = [photo for photo in evidence.photos if photo.why == "borderline"]
    if found.verdict.truth is TruthValue.TRUE:
        assert borderline == []
    else:
        assert 0 < len(borderline) <= 12
        assert all(0.1 <= photo.probability < 0.9 for photo in borderline)
        assert not {photo.id for photo in borderline} & {photo.id for photo in highest}


def test_evidence_lies_in_the_zone_and_in_the_days(archive):
    days = SPECIAL - timedelta(days=2), SPECIAL
    rule = "front.share(leader) > 0 and lead.share(focus_facility) > 0 and largest_photo > 0"
    by_metric = {one.metric: one for one in judged(archive, rule, *days).evidence}
    assert {photo.page_number for photo in by_metric["leader@front"].photos} == {1}
    for one in by_metric.values():
        assert 0 < len(one.photos) <= 24
        assert {photo.day for photo in one.photos} <= {
            SPECIAL - timedelta(days=i) for i in range(3)
        }
    areas = [photo.area_share for photo in by_metric["largest_photo"].photos]
    assert areas == sorted(areas, reverse=True)


def test_editions_that_made_it_false_are_shown_first(archive):
    found = judged(archive, "pages = 6", SPECIAL - timedelta(days=19), SPECIAL)
    assert found.verdict.truth is TruthValue.FALSE
    assert len({page.edition for page in found.evidence[0].pages}) > 1
    failing = [one.edition for one in found.verdict.editions if one.truth is TruthValue.FALSE]
    assert set(failing) <= {page.edition for page in found.evidence[0].pages}


def test_the_front_lead_is_the_evidence_of_its_focus(home, put, worker, scans, now):
    add_figure(home, "Kim", now=now)
    put(scans)
    worker.drain()
    (evidence,) = judged(home, "front.lead.focus = facility").evidence
    (photo,) = evidence.photos
    assert (evidence.metric, photo.why, photo.page_number) == ("front.lead.focus", "front lead", 1)
    first, *_ = iterate_photos(home, PhotoFilter(page=1))
    assert photo.id == first.id


def test_editions_tell_the_usual_pages_that_nobody_has_entered(home):
    fill(home, editions=14, photos=2)
    with home.database.write() as session:
        session.execute(update(PublicationRow).values(usual_pages=None))
    after, early = FIRST_DAY + timedelta(days=12), FIRST_DAY + timedelta(days=5)
    found = judged(home, "usual_pages = baseline.median(pages)", after).verdict
    assert found.truth is TruthValue.TRUE
    assert found.steps[0].left.method == f"the median of the editions before {after}"
    (paper,) = [one for one in list_publications(home) if one.editions]
    assert (paper.usual_pages, paper.pages_usually) == (None, found.steps[0].left.value)
    few = judged(home, "usual_pages = 6", early).verdict
    assert f"it takes 10 editions before {early}" in few.reasons[0]


@pytest.mark.parametrize(
    ("publication", "last"),
    [("", DAY), ("a\0b", DAY), ("x" * 256, DAY), (PAPER, DAY - timedelta(days=1)),
     (PAPER, DAY + timedelta(days=4000))],
)  # fmt: skip
def test_what_can_not_be_judged(home, publication, last):
    with pytest.raises(InvalidRequest):
        judged(home, "photos > 1", DAY, last, publication)


def test_of_a_newspaper_that_is_not_known_there_is_no_edition(home):
    found = judged(home, "photos > 1 and usual_pages = 6", publication="No Such Paper")
    there = "there is no newspaper 'No Such Paper'; there are: Rodong Sinmun"
    assert found.verdict.reasons[0] == there
    assert found.evidence[0].pages == ()


def test_what_stands_on_a_page(home, edition, count_photos):
    count_photos()
    photos = [judged(home, f"page({n}).photos >= 0").verdict.steps[0].left for n in (1, 2, 3)]
    assert sum(one.value for one in photos) == 3
    found = judged(home, "front.photos = 1 and front.photo_area_share > 0 and page(4).photos = 0")
    assert found.verdict.truth is TruthValue.UNDECIDED
    assert "page 4 is not at hand" in found.verdict.reasons[0]
    (pages,) = [one for one in found.evidence if one.metric == "front.photos"]
    assert [page.number for page in pages.pages] == [1]
    shares = "page(1).share(people) > 1 % and page(2).share(people) <= 1"
    assert truth(home, shares) is not TruthValue.FALSE
    of_page = judged(home, "page(2).share(people) <= 1").evidence
    assert {photo.page_number for one in of_page for photo in one.photos} <= {2}
    assert (
        "nobody is enrolled as a leader"
        in judged(home, "page(2).leader_photos > 0").verdict.reasons[0]
    )


def test_each_page_adds_up_to_its_edition(archive):
    rules = [f"page({n}).photos > 0" for n in range(1, 9)]
    pages = [judged(archive, rule, SPECIAL).verdict.steps[0].left.value for rule in rules]
    whole = judged(archive, "photos > 0", SPECIAL).verdict.steps[0].left.value
    assert sum(pages) == whole
    front = judged(archive, "page(1).share(people) > 0", SPECIAL).verdict
    assert front.rule == "front.share(people) > 0"


def test_a_verdict_says_what_it_would_take(home, edition, count_photos):
    count_photos()
    judged = judge_rule(
        home, "photos >= 3", "Rodong Sinmun", date(2019, 12, 16), date(2019, 12, 16)
    )
    (point,) = judged.to_json()["tipping"]
    assert judged.verdict.truth is TruthValue.TRUE
    assert point["assumption"] == "missed_photos"
    # One photo of three that is none makes two.
    assert -0.34 < point["amount"] < -0.15


def test_a_verdict_says_how_far_it_is_from_falling(archive):
    found = judged(archive, "share(people) < 99.9 %", SPECIAL)
    assert found.verdict.truth is not TruthValue.UNDECIDED
    tipping = found.to_json()["tipping"]
    assert {point["assumption"] for point in tipping} >= {"calibration", "missed_photos"}
    assert [0 < (point["left_open"] or 0) < 0.5 for point in tipping] == [
        point["assumption"] == "missed_photos" for point in tipping
    ]
    assert judged(archive, "pages = 8", SPECIAL).to_json()["tipping"] == []


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("photos > 0", TruthValue.TRUE),
        ("photos < 5", TruthValue.UNDECIDED),
        ("share(people) <= 100 %", TruthValue.TRUE),
        ("share(people) < 99 %", TruthValue.UNDECIDED),
        ("photos_per_page > 0.2", TruthValue.TRUE),
        ("photos_per_page < 2", TruthValue.UNDECIDED),
        ("photo_area_share < 0.5", TruthValue.TRUE),
        ("page(4).photos = 0", TruthValue.UNDECIDED),
    ],
)
def test_a_page_that_was_refused_leaves_bounds(home, put, worker, scans, rule, verdict):
    put({**scans, "page_4.png": b"no picture"})
    worker.drain()
    found = judged(home, rule)
    assert (found.pages, found.pages_seen) == (4, 3)
    assert found.verdict.truth is verdict
    assert "could not be looked at" in found.verdict.reasons[0]


@pytest.mark.parametrize(
    ("rule", "number", "ends"),
    [
        ("sum(photos) > 1", "total", "total_interval"),
        ("sum(photo_pages) > 1", "total", "total_interval"),
        ("mean(photos) > 1", "value", "interval"),
        ("mean(photos_per_page) > 1", "value", "interval"),
        ("mean(photo_area_share) > 1 %", "value", "interval"),
    ],
)
def test_a_count_over_editions_is_that_of_the_statistics(archive, rule, number, ends):
    last = FIRST_DAY + timedelta(days=39)
    (metric,) = judged(archive, rule, FIRST_DAY, last).verdict.metrics
    stated = period_composition(archive, EditionCriteria(PAPER, FIRST_DAY, last)).metrics
    found = judged(archive, rule, FIRST_DAY, last).verdict.steps[0].left
    assert found.value == pytest.approx(stated[metric.name][number], abs=1e-6)
    assert (found.low, found.high) == pytest.approx(stated[metric.name][ends], abs=1e-5)
    assert found.low < found.high
    assert found.share is (metric.name == "photo_area_share")
    beyond = judged(archive, rule, FIRST_DAY, FIRST_DAY + timedelta(days=80)).verdict
    assert "on the pages at hand, whatever else was printed" in beyond.steps[0].left.reasons[-1]
    if metric.name != "photo_area_share":  # a day that is missing may have had any number
        assert beyond.steps[0].left.high == float("inf")


@pytest.mark.parametrize("inference", Inference)
@pytest.mark.parametrize(
    ("rule", "estimand", "measure"),
    [
        ("mean(share(people)) > 0", Estimand.MEAN_EDITION_SHARE, "people"),
        ("mean(lead.share(people)) > 0", Estimand.MEAN_EDITION_SHARE, "people@lead"),
        ("mean(photos) > 0", Estimand.MEAN_EDITION_SHARE, "photos"),
        ("mean(pages) > 0", Estimand.MEAN_EDITION_SHARE, "pages"),
        ("sum(share(people) * photos) / sum(photos) > 0", Estimand.SHARE_OF_PHOTOS, "people"),
        ("sum(share(people) * photos) > 0", Estimand.SHARE_OF_PHOTOS, "people"),
        ("sum(photos * share(people)) > 0", Estimand.SHARE_OF_PHOTOS, "people"),
        ("0 < baseline.mean(people)", Estimand.MEAN_EDITION_SHARE, "people"),
        ("0 < baseline.mean(photos)", Estimand.MEAN_EDITION_SHARE, "photos"),
    ],
)
def test_a_number_over_editions_is_that_of_the_statistics(
    archive, rule, estimand, measure, inference
):
    last = FIRST_DAY + timedelta(days=59)
    first = last + timedelta(days=1) if "baseline" in rule else FIRST_DAY
    if inference is Inference.PRACTICE and estimand is Estimand.SHARE_OF_PHOTOS:
        return
    test = ClaimTest(estimand=inference)
    (step,) = judge_rule(archive, rule, PAPER, first, max(first, last), test=test).verdict.steps
    found = step.right if "baseline" in rule else step.left
    (stated,) = statistic(
        archive,
        Metric.parse(measure),
        EditionCriteria(PAPER, FIRST_DAY, last),
        estimand=estimand,
        inference=inference,
    ).groups
    value, ends = stated.estimate.value, stated.estimate.interval
    if rule.startswith("sum") and "/" not in rule:
        value, *ends = stated.estimate.count
    assert found.value == pytest.approx(value)
    assert (found.low, found.high) == pytest.approx(ends or (value, value))


@pytest.mark.parametrize("name", ["people", "photos"])
def test_a_mean_is_compared_with_the_usual_one_as_statistics_compare(archive, name):
    first, last = FIRST_DAY + timedelta(days=60), FIRST_DAY + timedelta(days=79)
    metric = Metric(name)
    written = f"share({name})" if metric.is_share else name
    days = (
        EditionCriteria(PAPER, first, last),
        EditionCriteria(PAPER, None, first - timedelta(days=1)),
    )
    (row,) = compare_groups(
        archive, [metric], *days, estimand=Estimand.MEAN_EDITION_SHARE
    ).comparison.rows
    less = row.compared.difference
    (step,) = judged(archive, f"mean({written}) > baseline.mean({name})", first, last).verdict.steps
    assert (step.tested[0].low, step.tested[0].high) == pytest.approx(less.interval)
    assert "a difference of" in step.sentence()
    found = judged(archive, f"mean({written}) - baseline.mean({name}) > 0", first, last).verdict
    assert found.truth is judged(archive, step.comparison, first, last).verdict.truth
    assert found.steps[0].left.value == pytest.approx(less.value)
    assert (found.truth is TruthValue.UNDECIDED) is not row.differs
    turned = judged(archive, f"baseline.mean({name}) - mean({written}) < 0", first, last).verdict
    assert turned.truth is found.truth
    left, other = found.steps[0].left, turned.steps[0].left
    assert (other.low, other.high, other.share) == (-left.high, -left.low, left.share)
    turned = judged(archive, f"baseline.mean({name}) < mean({written})", first, last).verdict
    assert turned.truth is found.truth
    tested = turned.steps[0].tested[0]
    assert (-tested.high, -tested.low) == pytest.approx(less.interval)

    other_days = FIRST_DAY + timedelta(days=30), FIRST_DAY + timedelta(days=49)
    days = days[0], EditionCriteria(PAPER, *other_days)
    (row,) = compare_groups(
        archive, [metric], *days, estimand=Estimand.MEAN_EDITION_SHARE
    ).comparison.rows
    named = f'baseline.mean({name}, "{other_days[0]}", "{other_days[1]}")'
    (step,) = judged(archive, f"mean({written}) > {named}", first, last).verdict.steps
    interval = row.compared.difference.interval
    assert (step.tested[0].low, step.tested[0].high) == pytest.approx(interval)
    few = f'baseline.mean({name}, "{other_days[1]}", "{other_days[1]}")'
    (step,) = judged(archive, f"mean({written}) > {few}", first, last).verdict.steps
    assert step.right.n == 1, "named days say nothing of what is usual: one of them will do"
    with pytest.raises(InvalidRequest, match="apart"):
        judged(archive, f"mean({written}) > {few}", other_days[0], last)


def test_many_editions_are_tested_by_wider_intervals(archive):
    month = FIRST_DAY, FIRST_DAY + timedelta(days=39)
    found = judged(archive, "any(share(people) > 99 %)", *month).verdict
    assert found.tests > 20
    for step in found.steps:
        if step.tested is not None:
            assert step.tested[0].low <= step.left.low
            assert step.tested[0].high >= step.left.high


def test_a_page_not_seen_leaves_shares_of_inside_pages_open_where_no_page_is_the_front(
    home, put, worker, make
):
    pages = {f"page_{n}.png": make(persons=1, tint=n) for n in (3, 4, 5)}
    put(pages | {"page_6.png": make()[:150]}, pages_expected=4)
    worker.drain()
    assert worker.outcomes["rejected"] == 1
    share = judged(home, "inside.share(people) > 0").verdict.steps[0].left
    assert share.value is not None
    assert share.low < 0.01  # nobody may be in the photos of the page that was not seen
