"""The photos behind a share, as arrays and as they are loaded."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from sqlalchemy import select

from presslens.app.db.statistics import EditionMeasureRow, EditionSummaryRow
from presslens.app.db.tables import EditionRow, PhotoRow
from presslens.app.installation import open_installation
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.samples.answers import UsedSample
from presslens.app.services.samples.frames import StoredFrame
from presslens.app.services.shares.selection import EditionCriteria, StatEdition, select_editions
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.statistics.baseline import edition_baseline
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.app.services.statistics.edition_composition import edition_composition
from presslens.app.services.statistics.period import period_composition
from presslens.models.recipe import Calibration
from presslens.pipelines.statistics.measure import BITS, Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.worlds import World

from ...first_states import made_once

DAY = date(2025, 12, 1)
CALIBRATION = Calibration(
    source=0.7, period=0.4, edition=0.5, slope=0.2, prevalence=1.2, reference=0.25
)

FIRST = StoredFrame(
    1, "first", 7, Zone.ALL, ("children",), "recipe", "1", frozenset(range(100, 130)),
    frozenset({"Rodong Sinmun"}),
)  # fmt: skip


def simulated(drawn=0, selected=range(30)):
    """The photos of a share of thirty editions, a third of them on front pages."""
    rng = np.random.default_rng(0)
    paper = World(editions=30, photos=20.0).newspaper(rng)
    table = paper.drawn(paper.table(), drawn, rng) if drawn else paper.table()
    front = np.where(np.arange(len(table)) % 3 == 0, BITS[Zone.FRONT], BITS[Zone.INSIDE])
    editions = [
        StatEdition(100 + i, "Rodong Sinmun", DAY + timedelta(days=i), 6, 6, None)
        for i in range(30)
    ]
    photos = SharePhotos(
        metric=Metric("children"),
        selected=editions,
        table=replace(table, editions=[str(edition.id) for edition in editions]),
        areas=paper.area,
        zones=(front | BITS[Zone.ALL]).astype(np.uint8),
        verdicts=paper.probability > 0.5,
        machine_verdicts=paper.probability > 0.5,
        decision=0.5,
        calibration=CALIBRATION,
        confidence=0.95,
        samples=(UsedSample(FIRST, 0, 0),) if drawn else (),
    )
    return photos.about(photos.metric, [editions[i] for i in selected])


def whole(photos, **settings):
    every = [list(range(len(photos.selected)))]
    usual = {"inference": Inference.THESE, "estimand": Estimand.SHARE_OF_PHOTOS, **settings}
    (estimate,) = photos.estimator(every, ["all"], **usual).estimates()
    return estimate


@pytest.mark.parametrize("drawn", [0, 150])
def test_another_level_takes_the_models_and_has_the_ends_of_that_level(drawn):
    photos = simulated(drawn)
    other, anew = photos.at(0.999).by_edition(), replace(photos, confidence=0.999).by_edition()
    assert [one.interval for one in other] == [one.interval for one in anew]


@pytest.mark.parametrize("drawn", [0, 150])
def test_editions_add_up_to_their_period(drawn):
    photos = simulated(drawn)
    editions = photos.by_edition()
    total = whole(photos)
    assert [e.group for e in editions] == [str(i) for i in range(100, 130)]
    assert sum(e.count[0] for e in editions) == pytest.approx(total.count[0], rel=1e-6)
    assert total.value == pytest.approx(total.count[0] / total.n)


@pytest.mark.parametrize("drawn", [0, 150])
def test_an_edition_has_the_same_share_whatever_else_is_asked_for(drawn):
    every = simulated(drawn).by_edition()
    few = simulated(drawn, selected=[12, 4]).by_edition()
    for place, edition in ((0, 12), (1, 4)):
        one, other = few[place], every[edition]
        assert (one.group, one.n, one.drawn) == (other.group, other.n, other.drawn)
        assert (one.value, one.low, one.high) == pytest.approx(
            (other.value, other.low, other.high), abs=1e-9
        )


def test_zone_and_weight_are_those_of_the_metric():
    photos = simulated(selected=range(10))
    front = photos.about(Metric("children", Zone.FRONT, Weight.AREA), photos.selected)
    counted = (photos.table.edition < 10) & (np.arange(len(photos.table)) % 3 == 0)
    assert (front.counted == counted).all()
    found = whole(front)
    assert found.n == counted.sum()
    assert found.size == pytest.approx(photos.areas[counted].sum())
    assert front.machine.share(range(10), Estimand.SHARE_OF_PHOTOS) == pytest.approx(
        np.average(photos.table.probability[counted], weights=photos.areas[counted])
    )


def test_the_machine_alone_adds_up_its_probabilities():
    photos = simulated(150)
    series, p = photos.machine, photos.table.probability
    sizes = np.bincount(photos.table.edition)
    assert series.n.tolist() == sizes.tolist()
    assert series.answered.sum() == photos.table.answered.sum() > 140
    # Answered photos are as people say, and of the others about as many as are expected.
    (point,) = photos.points.values()
    decided = np.where(photos.table.answered, photos.table.label == 1.0, p >= point.raw)
    assert series.decided.sum() == decided.sum() == photos.decided.sum()
    assert point.decided == pytest.approx(decided.mean())
    assert point.agrees
    assert replace(photos, metric=Metric("leader")).points == {}
    by_edition = np.bincount(photos.table.edition, p) / sizes
    some = [3, 8, 21]
    assert series.share(some, Estimand.MEAN_EDITION_SHARE) == pytest.approx(by_edition[some].mean())
    assert series.share(some, Estimand.SHARE_OF_PHOTOS) == pytest.approx(
        np.average(by_edition[some], weights=sizes[some])
    )
    assert series.share([], Estimand.SHARE_OF_PHOTOS) is None


def test_without_answers_only_the_machine_speaks():
    drawn, bare = simulated(150), simulated(150).without_answers()
    assert not bare.table.answered.any()
    assert drawn.sample_document() == {
        "name": "first", "seed": 7, "editions": 30, "lost": 0, "others": []
    }  # fmt: skip
    assert bare.sample_document() is None
    assert whole(drawn).drawn == drawn.table.sampled.sum()
    assert whole(bare).drawn == 0
    assert whole(bare).method.startswith("machine alone")
    assert whole(bare).value == whole(simulated()).value


def test_an_edition_in_its_zones_is_that_of_its_series():
    photos = simulated()
    found = photos.zone_estimates(4).estimate(Zone.ALL)
    edition = photos.by_edition()[4]
    assert (found.value, found.low, found.high) == pytest.approx(
        (edition.value, edition.low, edition.high), abs=1e-9
    )


# -- as they are loaded --------------------------------------------------------------------------


@pytest.fixture
@made_once
def analysed(worker, put, make):
    """Three editions of one newspaper with two photos each, in the order of time."""
    blocks = [(20, 20, 300, 200), (20, 240, 300, 420)]
    ids = [
        put({"a.png": make(blocks, tint=3 + i)}, day=DAY + timedelta(days=i)).edition_id
        for i in range(3)
    ]
    worker.drain()
    return ids


def load(home, metrics=("people",), ids=None):
    with home.database.read() as session:
        every = select_editions(session, EditionCriteria("Rodong Sinmun"), home.recipe).editions
        asked = [edition for edition in every if ids is None or edition.id in ids]
        return load_shares(session, [Metric.parse(name) for name in metrics], asked, home.recipe)


def test_all_editions_of_a_newspaper_inform(home, analysed):
    (photos,) = load(home, ids=analysed[1:2])
    assert [edition.id for edition in photos.selected] == analysed[1:2]
    assert photos.table.editions == [str(i) for i in analysed]
    assert photos.table.periods[0] == ("Rodong Sinmun", "2025", "2025-12")
    assert len(photos.table) == 6
    assert photos.counted.sum() == 2
    assert photos.sample_document() is None


def test_an_answer_is_seen_as_soon_as_it_is_given(home, analysed, now):
    (before,) = load(home)
    assert not before.table.answered.any()
    with home.database.read() as session:
        photo = session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)).first()
    review_photo(home, NewReview(photo, "A", {"people": True}), now=now)
    (after,) = load(home)
    assert after.table.picked.sum() == 1
    assert after.table.label[after.table.answered].tolist() == [1.0]
    (front,) = load(home, ["people@front/area"])
    assert front.metric.weight is Weight.AREA
    assert np.isclose(front.weighed.weight, front.areas).all()


def test_no_editions_have_no_photos(home, analysed):
    (photos,) = load(home, ids=[])
    assert (len(photos.table), list(photos.selected)) == (0, [])
    assert photos.by_edition() == []
    assert load(home, ()) == []


@pytest.mark.both_databases
def test_photos_that_are_kept_are_those_that_would_be_loaded(home, analysed):
    first, again = load(home)[0], load(home)[0]
    assert again.table is first.table
    assert [e.value for e in again.by_edition()] == [e.value for e in first.by_edition()]


def test_what_is_kept_is_what_would_be_computed_anew(home, worker, put, make, analysed, now):
    """Answers, other summaries and erasures leave nothing behind that was true before."""

    def numbers(installation):
        editions = EditionCriteria()
        metrics = [Metric.parse(name) for name in ("people", "buildings@front/area", "photos")]
        return [
            *(edition_composition(installation, id_).to_json() for id_ in ids),
            *(edition_baseline(installation, ids[-1]).to_json() for _ in range(2)),
            *(
                statistic(installation, metric, editions, by=by).to_json()
                for metric in metrics
                for by in (GroupBy.EDITION, GroupBy.MONTH)
            ),
            period_composition(installation, editions).to_json(),
        ]

    def check():
        with open_installation(home.settings) as another:
            assert numbers(home) == numbers(another)

    ids = list(analysed)
    check()
    ids.append(put({"a.png": make(tint=9)}, day=DAY + timedelta(days=5)).edition_id)
    worker.drain()
    check()
    with home.database.read() as session:
        photos = list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))
    review_photo(home, NewReview(photos[0], "A", {"people": True, "buildings": False}), now=now)
    check()
    with home.database.write() as session:
        row = session.get_one(EditionMeasureRow, (home.recipe.id, "people", ids[1]))
        row.probabilities = [0.25 for _ in row.probabilities]
        session.get_one(EditionSummaryRow, (ids[1], home.recipe.id)).photos = 7
    check()
    with home.database.write() as session:
        session.get_one(EditionRow, ids[0]).edition_date = DAY + timedelta(days=40)
    check()
