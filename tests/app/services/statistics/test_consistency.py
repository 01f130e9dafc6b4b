"""The same edition has the same shares wherever they are asked for."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from presslens.app.db.figures import FigureRow
from presslens.app.db.statistics import EditionShareRow, EditionSummaryRow
from presslens.app.db.tables import LabelReadingRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.services.catalogue.pages import find_page
from presslens.app.services.catalogue.sightings import SightingFilter, count_sightings
from presslens.app.services.claims.evidence import find_evidence
from presslens.app.services.figures.erasure import remove_figure
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.baseline import edition_baseline
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.edition_composition import (
    edition_composition,
    page_composition,
)
from presslens.app.services.statistics.edition_metrics import load_editions
from presslens.app.services.statistics.period import period_composition
from presslens.app.services.statistics.stored_summary import stored_summary
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.measure import BUILT_IN, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric

from ...first_states import made_once

DAY = date(2019, 12, 16)
NAMES = (*BUILT_IN, "figure:Kim", "figure:Pak", "label:indoor")
PLAIN_NAMES = ("leader_photos", "leader_area", "leader_centrality", "together_photos")
BLOCKS = [
    (20 + 100 * x, 20 + 100 * y, 110 + 100 * x, 110 + 100 * y) for y in (0, 1) for x in (0, 1)
]


@pytest.fixture
@made_once
def editions(home, client, put, worker, scans, make):
    """Editions with all that may set numbers apart; their ids by what is odd about them."""
    for name, role in (("Kim", "leader"), ("Pak", "official")):
        figure = client.post("/api/v1/figures", json={"name": name, "role": role}).json()
        client.post(
            f"/api/v1/figures/{figure['id']}/references",
            files=[("files", ("a.png", make(faces=1, tint=len(role))))],
        )
    day = put(scans).edition_id
    shared = {"page_1.png": make(BLOCKS, tint=3), "page_2.png": scans["page_1.png"]}
    ids = {
        "plain": day,
        "shares a scan": _next(put, 1, shared),
        "one scan twice": _next(put, 2, {**scans, "page_4.png": scans["page_2.png"]}),
        "begins with page 2": _next(put, 3, {"p2.png": make(tint=5), "p3.png": make(tint=6)}),
        "first page lost": _next(put, 4, {"a.png": b"no scan", "b.png": make(tint=7, faces=2),
            "c.png": make(tint=8), "d.png": make(tint=9), "e.png": make(tint=10)}),
        "no photos": _next(put, 5, {"a.png": make([])}),
        "superseded": _next(put, 6, {"a.png": make(tint=11)}),
        "later that day": _next(put, 6, {"a.png": make(tint=12), "b.png": make(tint=13)}),
    }  # fmt: skip
    worker.drain()
    with home.database.write() as session:
        unread = session.scalars(_photos(ids["plain"])).first()
        session.execute(delete(LabelReadingRow).filter_by(photo_id=unread))
        session.execute(delete(EditionShareRow))
        session.execute(delete(EditionSummaryRow))
    worker.drain()
    return ids


def _next(put, days, files):
    return put(files, day=DAY + timedelta(days=days)).edition_id


def _photos(edition):
    return (
        select(PhotoRow.id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(PageRow, PageRow.scan_id == OutcomeRow.scan_id)
        .where(PageRow.edition_id == edition)
        .order_by(PageRow.number, PhotoRow.position)
    )


REVIEWED = {
    "nothing": [],
    "a photo of each edition": [0],
    "two photos": [0, 2],
    "all photos": list(range(20)),
}


def _review(home, editions, places, now):
    """Review some photos of each edition, one that is printed twice once."""
    with home.database.read() as session:
        ids = [
            id_
            for edition in editions.values()
            for i, id_ in enumerate(session.scalars(_photos(edition)))
            if i in places
        ]
    for i, photo in enumerate(dict.fromkeys(ids)):
        leads = i % 3 == 0
        answers = {
            "people": leads or i % 2 == 0, "buildings": True, "leader": leads,
            "figure:Kim": leads, "label:indoor": False,
        }  # fmt: skip
        focus = Focus.LEADER if leads else Focus.NEITHER
        review_photo(home, NewReview(photo, "A", answers, focus), now=now)


ROUNDED = 2e-5
"""Summaries keep six digits of each area and probability."""


def _same(one, other):
    """Return whether two estimates are the same but for the order of sums."""
    numbers = [[e.value, *(e.interval or ()), *(e.count or ()), e.n] for e in (one, other)]
    return numbers[0] == _close(*numbers[1]) and one.method == other.method


def _close(*numbers):
    return [None if n is None else pytest.approx(n, abs=ROUNDED) for n in numbers]


@pytest.mark.sqlite_alone
@pytest.mark.long  # on each commit two photos of each edition are reviewed
@pytest.mark.parametrize("reviewed", [name for name in REVIEWED if name != "two photos"])
def test_an_edition_has_the_same_shares_everywhere(home, editions, now, reviewed):
    check_shares(home, editions, now, reviewed)


def test_some_reviews_count_the_same_everywhere(home, client, editions, now):
    edition = editions["plain"]
    with home.database.read() as session:
        *_, last = session.scalars(_photos(edition))
    review_photo(home, NewReview(last, "A", {"leader": True}), now=now)  # who he is goes unsaid
    kim = count_sightings(home, SightingFilter(first=DAY, last=DAY))["Kim"]
    assert kim.sure == edition_composition(home, edition).to_json()["leader_photos"]
    check_shares(home, editions, now, "two photos")
    before = edition_composition(home, edition).to_json()
    client.post("/api/v1/figures", json={"name": "Third", "role": "leader"})  # no reference
    with home.database.read() as session:
        first, second, *_ = session.scalars(_photos(edition))
        place = session.get_one(PhotoRow, first).box
    third = {"figure:Third": True}
    review_photo(home, NewReview(first, "A", third, places={"figure:Third": place}), now=now)
    review_photo(home, NewReview(second, "A", third), now=now)
    document = edition_composition(home, edition).to_json()
    names = ("together_photos", "leader_photos", "leader_placed", "machine")
    assert [document[name] for name in names] == [
        before["together_photos"] + 1,
        before["leader_photos"] + 1,
        before["leader_placed"],
        before["machine"],
    ]
    check_plain(home, "confirmed without a reference", edition, document)
    with home.database.write() as session:  # as summaries of before there were versions
        session.execute(update(EditionSummaryRow).values(version=0))
    check_plain(home, "in a summary of an upgraded archive", edition, document)
    told = {use["name"]: use for use in document["figures"]}
    assert told["Third"]["photos"] == {"sure": 2, "unsure": 0}
    assert "no reference photo of Third" in told["Third"]["share"]["refused"]


def check_plain(home, what, edition, document):
    """Check that numbers of figures follow what people said, beside the machine's, everywhere."""
    alone = EditionCriteria(edition=edition)
    metrics = [Metric(name) for name in PLAIN_NAMES]
    [facts] = load_editions(home, alone, metrics=metrics).editions
    period = period_composition(home, alone, measures=())
    for metric in metrics:
        [group] = statistic(home, metric, alone).groups
        told = [facts.metrics[metric].value, period.plain[metric.name].value, group.estimate.value]
        wanted = [*[document[metric.name]] * 3, document["machine"][metric.name]]
        assert [*told, group.machine] == [
            None if n is None else pytest.approx(n, abs=1e-4) for n in wanted
        ], (what, metric)
    stored = stored_summary(home, edition)
    for name in ("leader_photos", "leader_unsure", "front_lead_focus"):
        assert stored[name] == document[name], (what, name)
    assert facts.front_lead_focus == document["front_lead_focus"]


def check_shares(home, editions, now, reviewed):
    _review(home, editions, REVIEWED[reviewed], now)
    metrics = [Metric(n, zone, weight) for n in NAMES for zone in Zone for weight in Weight]
    groups = {
        metric: {
            group.editions[0].id: group
            for group in statistic(home, metric, EditionCriteria(), by=GroupBy.EDITION).groups
        }
        for metric in metrics
    }
    for what, edition in editions.items():
        alone = EditionCriteria(edition=edition)
        composed = edition_composition(home, edition).report.composition
        [facts] = load_editions(home, alone, metrics=metrics).editions
        held = [
            edition_baseline(home, edition, metrics=metrics[i : i + 50]).baseline.edition.metrics
            for i in range(0, len(metrics), 50)
        ]
        baseline = {metric: one for part in held for metric, one in part.items()}
        for metric in metrics:
            share = composed.share(metric.name, metric.zone, metric.weight)
            estimate = share.estimate
            wanted = [share.share, *(share.interval or (None, None)), estimate.n]
            for one in (facts.metrics[metric], baseline[metric]):
                told = [one.value, *(one.interval or (None, None)), one.n]
                assert told == _close(*wanted), (what, str(metric))
                assert one.method == estimate.method or estimate.refused
            if what != "superseded" and estimate.refused is None:
                group = groups[metric][edition]
                sums = [group.numerator, group.denominator, group.decided, group.machine]
                assert sums == _close(
                    share.numerator, estimate.size, share.decided, share.machine
                ), (what, str(metric))
                assert group.settled == share.settled, (what, str(metric))
                assert _same(group.estimate, facts.metrics[metric])
        check_plain(home, what, edition, composed.to_json())
        for zone in Zone:
            for weight in Weight:
                period = period_composition(home, alone, zone=zone, weight=weight, measures=NAMES)
                for name in NAMES:
                    metric = Metric(name, zone, weight)
                    assert _same(period.shares[name], facts.metrics[metric]), (what, str(metric))
                    share = composed.share(name, zone, weight)
                    assert [period.machine[name]] == _close(share.machine)
                    assert period.settled[name] == share.settled


def test_what_is_exported_is_the_machine_s_own(home, editions, now):
    _review(home, editions, [0], now)
    with home.database.read() as session:
        rows = list(session.scalars(select(EditionShareRow)))
    compositions = {
        edition: edition_composition(home, edition).report.composition
        for edition in {row.edition_id for row in rows}
    }
    for row in rows:
        composed = compositions[row.edition_id]
        for weight in Weight:
            share = composed.share(row.measure, row.zone, weight)
            by_count = weight is Weight.COUNT
            whole = row.n if by_count else row.area
            told = row.expected if by_count else row.area_expected
            if share.estimate.method == "not offered":  # its sums are exported all the same
                continue
            assert [row.n, told / whole] == _close(share.estimate.n, share.machine)
    assert {row.measure for row in rows} >= set(NAMES)


def test_the_front_page_is_page_1_and_no_other(home, editions):
    found = editions["plain"], editions["begins with page 2"], editions["first page lost"]
    for edition, photos in zip(found, (1, 0, 0), strict=True):
        group = statistic(
            home, Metric("people", Zone.FRONT), EditionCriteria(edition=edition)
        ).groups[0]
        assert group.denominator == photos
        with home.database.read() as session:
            rule = parse("front.share(people) > 0")
            [shown] = find_evidence(session, home.recipe, rule, [edition], TruthValue.TRUE)
        assert len(shown.photos) == photos


def test_a_removed_figure_is_gone_and_the_others_stay(home, worker, editions, now):
    edition = editions["plain"]
    before = (
        statistic(home, Metric("figure:Kim"), EditionCriteria(edition=edition)).groups[0].estimate
    )
    with home.database.read() as session:
        pak = session.scalar(select(FigureRow.id).filter_by(name="Pak"))
    remove_figure(home, pak, now=now)
    worker.drain()
    gone = (
        statistic(home, Metric("figure:Pak"), EditionCriteria(edition=edition)).groups[0].estimate
    )
    assert (gone.value, gone.n, gone.method) == (None, 0, "not known")
    after = (
        statistic(home, Metric("figure:Kim"), EditionCriteria(edition=edition)).groups[0].estimate
    )
    assert after == before


def test_a_page_knows_whether_it_is_the_front_page(home, editions):
    with home.database.read() as session:
        query = select(PageRow.number, PageRow.id).filter_by(
            edition_id=editions["begins with page 2"]
        )
        pages = dict(session.execute(query).all())
    for number, front in ((2, 0), (3, 0)):
        found = page_composition(home, find_page(home, pages[number])).report.composition
        zones = (found.share("people", zone).estimate.n for zone in (Zone.FRONT, Zone.ALL))
        assert tuple(zones) == (front, 1)


def test_pages_say_of_their_photos_what_their_edition_says(home, editions):
    edition = editions["plain"]
    with home.database.read() as session:
        query = select(PageRow.id).filter_by(edition_id=edition, number=1)
        page = session.scalars(query).one()
    whole = edition_composition(home, edition).report.composition
    front = page_composition(home, find_page(home, page)).report.composition
    for measure in NAMES:
        for weight in Weight:
            own, said = (
                front.share(measure, weight=weight),
                whole.share(measure, Zone.FRONT, weight),
            )
            assert own == replace(said, estimate=replace(said.estimate, group=own.estimate.group))
