"""What statistics read of a sample."""

import numpy as np
import pytest
from sqlalchemy import select, update

from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import (
    SampleEditionRow,
    SampleItemRow,
    SampleKind,
    SampleMeasureRow,
    SampleRow,
    SampleStratumRow,
)
from presslens.app.db.tables import EditionRow, OutcomeRow, PhotoRow
from presslens.app.services.reviews.consensus import update_scan_consensus
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.samples.answers import answered_measures, load_answers
from presslens.pipelines.statistics.measure import BITS, FOCUSES, Weight, Zone

from ...first_states import made_once

BLOCKS = [(20, 20 + 80 * i, 300, 90 + 80 * i) for i in range(5)]


@pytest.fixture
@made_once
def photos(home, worker, put, make):
    """Ten photos on two pages of one edition, the ids in their order."""
    put({"a.png": make(BLOCKS), "b.png": make(BLOCKS, tint=9)})
    worker.drain()
    with home.database.read() as session:
        return list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))


@pytest.fixture
def store(home, now):
    """Store a sample of photos for people, in their order, in two strata of twenty and ten."""

    def sample(name, photos, zone=Zone.ALL, seed=3, recipe=None):
        with home.database.write() as session:
            editions = session.scalars(select(EditionRow.id))
            row = SampleRow(
                name=name,
                kind=SampleKind.PHOTOS,
                zone=zone,
                weight=Weight.COUNT,
                seed=seed,
                coders=[],
                second_share=0.0,
                recipe_id=recipe or home.recipe.id,
                codebook="1",
                created_at=now,
                measures=[SampleMeasureRow(measure="people", position=0)],
                strata=[
                    SampleStratumRow(stratum=h, definition=str(h), size=20 - 10 * h, drawn=3)
                    for h in range(2)
                ],
            )
            session.add(row)
            session.flush()
            session.add_all(
                SampleEditionRow(sample_id=row.id, edition_id=i, sizes=[20, 10]) for i in editions
            )
            for place, photo_id in enumerate(photos):
                photo = session.get_one(PhotoRow, photo_id)
                outcome = session.get_one(OutcomeRow, photo.outcome_id)
                w, h = outcome.width, outcome.height
                session.add(
                    SampleItemRow(
                        sample_id=row.id,
                        place=place,
                        stratum=place % 2,
                        scan_id=outcome.scan_id,
                        x0=photo.x0 / w,
                        y0=photo.y0 / h,
                        x1=photo.x1 / w,
                        y1=photo.y1 / h,
                    )
                )
            session.flush()
            for scan_id in {o.scan_id for o in session.scalars(select(OutcomeRow))}:
                update_scan_consensus(session, scan_id)

    return sample


@pytest.fixture
def say(home, now):
    def review(photo, shows=True, coder="A", **rest):
        return review_photo(home, NewReview(photo, coder, {"people": shows}, **rest), now=now)

    return review


def load(home, editions=None):
    with home.database.read() as session:
        ids = list(session.scalars(select(EditionRow.id))) if editions is None else editions
        return load_answers(session, home.recipe, ["people"], ids)["people"]


def names(found):
    return [one.frame.name for one in found.samples]


def test_without_a_sample_all_answers_are_picks(home, photos, say):
    say(photos[0])
    say(photos[1], None)
    found = load(home)
    assert found.photo.tolist() == [photos[0]]
    assert found.label.tolist() == [1.0]
    assert (found.drawn.any(), found.samples) == (False, ())
    assert load(home, editions=[]).photo.size == 0


def test_items_keep_what_has_no_answer(home, photos, store, say):
    store("s", photos[:6])
    say(photos[0], True)
    say(photos[1], None)
    say(photos[4], False)
    say(photos[3], True)
    say(photos[9], True)
    found = load(home)
    # The coder came to the fifth: three of the even stratum, one passed over, two of the odd.
    rows = dict(
        zip(found.photo.tolist(), zip(found.inclusion, found.label, strict=True), strict=True)
    )
    assert rows[photos[0]] == (3 / 20, 1.0)
    assert rows[photos[4]] == (3 / 20, 0.0)
    assert rows[photos[3]] == (2 / 10, 1.0)
    assert rows[photos[2]][0] == 3 / 20
    assert rows[photos[1]][0] == 2 / 10
    assert np.isnan([rows[photos[1]][1], rows[photos[2]][1]]).all()
    assert np.isnan(rows[photos[9]][0])
    assert photos[5] not in rows
    (sample,) = found.samples
    frame = sample.frame
    assert (frame.name, frame.seed, len(frame.editions)) == ("s", 3, 1)
    assert (sample.lost, sample.waiting) == (0, 1)
    with home.database.read() as session:
        follow = {"crowd", "children", "leader", "leader_and_facility", *FOCUSES}
        assert answered_measures(session) == {"people", *follow}  # of photo 4, without people


def test_of_a_disagreement_the_first_answer_counts_until_somebody_decides(home, photos, store, say):
    store("s", photos[:2])
    say(photos[0], True)
    say(photos[0], False, coder="B")
    assert load(home).label.tolist() == [1.0]
    say(photos[0], None)
    assert load(home).label.tolist() == [0.0]
    say(photos[0], False, coder="C", adjudicates=True)
    assert load(home).label.tolist() == [0.0]


def test_samples_of_one_rule_count_together(home, photos, store, say):
    store("all", photos[4:8], seed=1)
    store("front", photos[:3], Zone.FRONT, seed=2)
    for photo in (*photos[:3], photos[4]):
        say(photo)
    found = load(home)
    assert names(found) == ["front", "all"]
    assert (found.drawn.sum(), len(found.photo)) == (4, 4)
    chance = dict(zip(found.photo.tolist(), found.inclusion.tolist(), strict=True))
    # Any of two independent draws; of the whole, one of the even stratum was come to.
    assert chance[photos[0]] == pytest.approx(1 - (1 - 2 / 20) * (1 - 1 / 20))
    assert chance[photos[1]] == pytest.approx(1 / 10)  # the first draw has come to none of its kind
    assert chance[photos[4]] == pytest.approx(chance[photos[0]])
    zones = np.array([BITS[Zone.ALL] | BITS[Zone.INSIDE]], np.uint8)
    assert found.framed(found.edition[:1], zones).all()
    assert not found.framed(found.edition[:1] + 99, zones).any()


def test_of_one_order_the_larger_sample_holds_the_smaller(home, photos, store, say):
    store("first", photos[:4])
    store("again", photos[:6])
    for photo in photos[:6]:
        say(photo)
    assert load(home).inclusion.tolist() == pytest.approx([3 / 20, 3 / 10] * 3)


def test_samples_of_another_rule_leave_picks(home, photos, store, say):
    store("old", photos[:2], recipe="0" * 64)
    store("new", photos[4:8])
    for photo in (photos[0], *photos[4:7]):
        say(photo)
    found = load(home)
    assert names(found) == ["new"]
    assert (found.drawn.sum(), len(found.photo)) == (3, 4)


def test_a_changed_recipe_keeps_the_sample(home, photos, store, say, anew):
    store("s", photos[:6])
    for photo in photos[:4]:
        say(photo)
    before = load(home)
    with anew() as (other, worker):
        worker.drain()
        after = load(other)
    assert set(after.photo.tolist()).isdisjoint(before.photo.tolist())
    assert after.inclusion.tolist() == before.inclusion.tolist()
    assert after.label.tolist() == before.label.tolist()
    assert after.samples[0].lost == 0


def test_answers_under_another_codebook_are_none_to_the_sample(home, photos, store, say):
    store("one", photos[:6])
    say(photos[0], True)
    number = say(photos[1], True)
    say(photos[8], True)
    with home.database.write() as session:
        session.execute(update(ReviewRow).where(ReviewRow.id == number).values(codebook="2"))
        for scan_id in session.scalars(select(OutcomeRow.scan_id)).all():
            update_scan_consensus(session, scan_id)
    found = load(home)
    labels = dict(zip(found.photo.tolist(), found.label.tolist(), strict=True))
    assert labels[photos[0]] == labels[photos[8]] == 1.0
    assert np.isnan(labels.get(photos[1], np.nan))
