"""Samples are drawn from a closed frame, coded, and made larger."""

import json
from datetime import date

import pytest
from sqlalchemy import select, update

from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import EditionRow, PhotoRow, SubjectReadingRow
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.exports.snapshot.restore import restore
from presslens.app.services.exports.snapshot.write import export_snapshot
from presslens.app.services.reviews.coding import next_items
from presslens.app.services.reviews.draws import SampleOrder, draw_sample, extend_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sample_plan import plan_sample
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.answers import load_answers
from presslens.app.services.samples.samples import find_items, find_sample, list_samples
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.sample_item import ItemStatus

from ...first_states import made_once

BLOCKS = [(20 + 56 * x, 20 + 60 * y, 70 + 56 * x, 74 + 60 * y) for y in range(5) for x in range(5)]
PEOPLE = Question(("people",))


@pytest.fixture
@made_once
def photos(home, worker, put, make):
    """Fifty photos on two pages of two editions, with probabilities of people from 0 to 1."""
    put({"a.png": make(BLOCKS)})
    put({"b.png": make(BLOCKS, tint=9)}, day=date(2019, 12, 17))
    worker.drain()
    return spread(home)


def spread(home):
    with home.database.write() as session:
        ids = list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))
        for i, photo in enumerate(ids):
            people = SubjectReadingRow.subject == Subject.PEOPLE
            mine = update(SubjectReadingRow).where(SubjectReadingRow.photo_id == photo, people)
            session.execute(mine.values(probability=(i % 25 / 24) ** 3))
    return ids


@pytest.fixture
def draw(home, now):
    def sample(items=12, question=PEOPLE, **rest):
        return draw_sample(home, SampleOrder(question, items, **rest), now=now)

    return sample


@pytest.fixture
def say(home, now):
    def review(photo, shows=True, coder="A", **rest):
        return review_photo(home, NewReview(photo, coder, {"people": shows}, **rest), now=now)

    return review


def places(home, name):
    return [(item.place, item.photo_id) for item in find_items(home, name)[1]]


def test_what_is_drawn_is_known_with_its_chance(home, photos, draw):
    sample = draw()
    assert (sample.name, sample.seed, sample.size, sample.items) == ("people-1", 0, 50, 12)
    assert [row.size for row in sample.strata] == [24, 16, 8, 2]
    assert sum(row.drawn for row in sample.strata) == 12
    assert sample.editions == 2
    items = find_items(home, "people-1")[1]
    assert [item.place for item in items] == list(range(12))
    assert {item.photo_id for item in items} < set(photos)
    # Nobody has come to any of them as yet.
    assert {item.inclusion for item in items} == {None}
    assert sample.progress["people"] == {ItemStatus.OPEN: 12}
    # The next sample has another seed, and another order.
    other = draw()
    assert (other.name, other.seed) == ("people-2", 1)
    assert places(home, "people-2") != places(home, "people-1")
    assert [one.name for one in list_samples(home).samples] == ["people-2", "people-1"]
    assert list_samples(home, "crowd").samples == ()


def test_non_response_is_kept(home, photos, draw, say):
    draw(50, second=0.0)
    order = [photo for _, photo in places(home, "people-1")]
    for photo in (*order[:10], *order[11:30]):
        say(photo, photo % 2 == 0)
    say(order[30], None)
    say(order[31], True)
    say(order[31], False, "B")
    progress = find_sample(home, "people-1").progress["people"]
    assert progress[ItemStatus.ANSWERED] == 29
    assert (progress[ItemStatus.CANT_TELL], progress[ItemStatus.DISAGREEMENT]) == (1, 1)
    assert progress[ItemStatus.SKIPPED] == 1
    assert sum(progress.values()) == 50
    skipped = find_items(home, "people-1")[1][10]
    assert skipped.answers["people"].status is ItemStatus.SKIPPED
    assert skipped.inclusion > 0
    say(order[31], False, "C", adjudicates=True)
    progress = find_sample(home, "people-1").progress["people"]
    assert progress[ItemStatus.ADJUDICATED] == 1


def test_coders_are_assigned_in_turn_and_some_photos_to_two(home, photos, draw, say):
    draw(40, coders=("A", "B", "C"), second=0.5)
    items = find_items(home, "people-1")[1]
    assert [item.coder for item in items[:4]] == ["A", "B", "C", "A"]
    twice = [item for item in items if item.second]
    assert 10 < len(twice) < 30
    assert all(item.second_coder not in (None, item.coder) for item in twice)
    assert {item.second_coder for item in items if not item.second} == {None}
    mine = next_items(home, "people-1", "A", limit=100)
    wanted = [item.photo_id for item in items if "A" in (item.coder, item.second_coder)]
    assert [one.item.photo_id for one in mine.items] == wanted
    say(wanted[0])
    assert next_items(home, "people-1", "A", limit=100).open == len(wanted) - 1
    assert next_items(home, "people-1", "D", limit=100).open == 0


def test_one_coder_leaves_the_second_coding_to_anybody(home, photos, draw, say):
    draw(40, coders=("A",), second=0.5)
    twice = [item.photo_id for item in find_items(home, "people-1")[1] if item.second]
    assert next_items(home, "people-1", "B", limit=50).open == 0
    say(twice[0])
    items = next_items(home, "people-1", "B", limit=50).items
    assert [one.item.photo_id for one in items] == twice[:1]
    assert "probability" not in next_items(home, "people-1", limit=1).to_json()["items"][0]


def test_editions_that_come_later_are_outside_of_the_frame(
    home, worker, put, make, photos, draw, say
):
    draw(10)
    order = [photo for _, photo in places(home, "people-1")]
    put({"c.png": make(BLOCKS, tint=20)}, day=date(2019, 12, 18))
    worker.drain()
    for photo in order:
        say(photo)
    with home.database.read() as session:
        editions = list(session.scalars(select(EditionRow.id)))
        answers = load_answers(session, home.recipe, ["people"], editions)["people"]
    assert len(editions) == 3
    assert answers.samples[0].frame.editions == frozenset(editions[:2])
    sizes = {row.stratum: row.size for row in find_sample(home, "people-1").strata}
    drawn = {row.stratum: row.drawn for row in find_sample(home, "people-1").strata}
    expected = [drawn[h] / sizes[h] for h in answers.stratum.tolist()]
    assert answers.inclusion.tolist() == pytest.approx(expected)


def test_superseded_and_incomplete_editions_are_not_in_the_frame(
    home, worker, put, make, photos, draw
):
    put({"b2.png": make(BLOCKS, tint=30)}, day=date(2019, 12, 17))
    put({"broken.png": b"no picture"}, day=date(2019, 12, 18))
    worker.drain()
    sample = draw(10)
    assert (sample.editions, sample.size) == (2, 50)


def test_a_larger_sample_keeps_its_first_items(home, photos, draw, say):
    draw(10, coders=("A", "B"))
    before = places(home, "people-1")
    for _, photo in before:
        say(photo, coder="A")
    larger = extend_sample(home, "people-1", items=30)
    after = places(home, "people-1")
    assert after[:10] == before
    assert (larger.items, len({photo for _, photo in after})) == (30, 30)
    coders = [item.coder for item in find_items(home, "people-1")[1]]
    assert coders == ["A", "B"] * 15
    assert sum(row.drawn for row in larger.strata) == 30
    assert extend_sample(home, "people-1", items=5).items == 30
    whole = extend_sample(home, "people-1", width=0.001)
    assert (whole.items, whole.wished_width, whole.advice) == (50, 0.001, None)
    drawn = draw(10, name="wide")
    assert drawn.items == extend_sample(home, "wide", width=1.0).items == 10
    assert "no more answers are needed" in extend_sample(home, "wide", width=1.0).advice


def test_a_frame_that_has_changed_is_not_drawn_from(home, photos, draw):
    draw(10)
    with home.database.write() as session:
        mine = SubjectReadingRow.photo_id == photos[0]
        session.execute(update(SubjectReadingRow).where(mine).values(probability=0.99))
    with pytest.raises(Conflict, match="stays valid"):
        extend_sample(home, "people-1", items=20)
    assert find_sample(home, "people-1").items == 10


def test_a_changed_recipe_keeps_the_sample(home, photos, draw, say, anew):
    draw(20)
    order = [photo for _, photo in places(home, "people-1")]
    for photo in order[:12]:
        say(photo)
    before = find_sample(home, "people-1")
    with anew() as (other, worker):
        worker.drain()
        after = find_sample(other, "people-1")
        assert after.progress == before.progress
        assert (after.lost, after.strata) == (0, before.strata)
        with pytest.raises(Conflict):
            extend_sample(other, "people-1", items=30)
        # What the new recipe does not find again is counted, not dropped.
        with other.database.write() as session:
            gone = places(other, "people-1")[0][1]
            session.delete(session.get_one(PhotoRow, gone))
        lost = find_sample(other, "people-1")
        assert (lost.lost, lost.items) == (1, 20)


def test_a_width_asks_for_as_many_photos_as_it_needs(home, photos, now):
    plan = plan_sample(home, PEOPLE, width=0.15)
    assert plan_sample(home, PEOPLE, width=0.15) is plan  # reading all photos takes long
    widths = [size.width for size in plan.sizes]
    assert (plan.sizes[-1].photos, widths[-1]) == (50, 0.0)
    assert plan.wished.width <= 0.15
    order = SampleOrder(PEOPLE, width=0.15, name="wide")
    sample = draw_sample(home, order, now=now)
    assert (sample.items, sample.wished_width) == (plan.wished.photos, 0.15)
    assert plan.to_json()["frame"] == {"editions": 2, "photos": 50}
    assert plan_sample(home, PEOPLE, width=0.15).seed != plan.seed


def test_samples_of_different_first_measures_say_that_they_do_not_count_together(
    home, photos, draw
):
    both = ("people", "children")
    assert draw(10, Question(both)).apart == ()
    assert draw(5, Question(both)).apart == ()
    (words,) = plan_sample(home, Question(("children",))).apart[:1]
    assert "the sample people-1 asks about children too, but is drawn by people" in words
    assert "let people decide how this one is drawn, or make people-1 larger" in words
    assert len(draw(5, Question(("children", "people"))).apart) == 2
    assert "go on with one of the two" in find_sample(home, "people-1").apart[0]


def test_pages_are_drawn_for_counting(home, photos, draw, now):
    sample = draw(1, Question())
    assert (sample.name, sample.kind, sample.size, sample.items) == ("pages-1", "pages", 2, 2)
    items = find_items(home, "pages-1")[1]
    assert [(item.photo_id, item.box.x1) for item in items] == [(None, 1.0)] * 2
    assert next_items(home, "pages-1", "A", limit=5).open == 2
    with home.database.write() as session:
        session.add(
            PageReviewRow(
                scan_id=items[0].scan_id, coder="A", codebook="1", checked=True, created_at=now
            )
        )
    assert next_items(home, "pages-1", "A", limit=5).open == 1
    counted = find_sample(home, "pages-1")
    assert counted.progress["photos"] == {ItemStatus.ANSWERED: 1, ItemStatus.OPEN: 1}
    assert sum(row.reached for row in counted.strata) == 1
    assert draw(2, Question(zone=Zone.FRONT)).size == 2


def test_parts_and_areas_are_drawn_from(home, photos, draw):
    assert draw(5, Question(("people",), zone=Zone.LEAD)).size == 2
    by_area = draw(5, Question(("people", "crowd"), EditionScope(last=date(2019, 12, 16)),
        weight=Weight.AREA))  # fmt: skip
    assert (by_area.size, by_area.measures) == (25, ("people", "crowd"))
    assert set(by_area.progress) == {"people", "crowd"}


@pytest.mark.parametrize(
    ("order", "error", "message"),
    [
        ({"question": Question(("beauty",))}, InvalidRequest, "no measure"),
        ({"items": None}, InvalidRequest, "number of items, or"),
        ({"width": 0.1}, InvalidRequest, "number of items, or"),
        ({"items": None, "width": 2.0}, InvalidRequest, "between 0 and 1"),
        ({"items": 0}, InvalidRequest, "1 to"),
        ({"coders": ("A", "A")}, InvalidRequest, "named once"),
        ({"name": "taken"}, Conflict, "another name"),
        ({"question": Question(zone=Zone.LEAD)}, InvalidRequest, "front or inside"),
        ({"question": Question(), "items": None, "width": 0.1}, InvalidRequest, "by number, not"),
        (
            {"question": Question(("people",), EditionScope("Nobody's"))},
            InvalidRequest,
            "nothing to draw from",
        ),
    ],
)
def test_what_cannot_be_drawn(home, photos, draw, order, error, message):
    draw(5, name="taken")
    with pytest.raises(error, match=message):
        draw(**{"items": 5, **order})
    with pytest.raises(NotFound):
        find_sample(home, 99)
    with pytest.raises(InvalidRequest, match="name one"):
        plan_sample(home, Question())


def test_a_snapshot_and_a_dump_have_the_sample(home, photos, draw, say, tmp_path, elsewhere):
    draw(20, coders=("A", "B"), second=0.3)
    for _, photo in places(home, "people-1")[:9]:
        say(photo)
    state, answers = find_sample(home, "people-1"), answers_of(home)
    (tmp_path / "out").mkdir()
    file = export_snapshot(home, EditionScope(), tmp_path / "out").path
    with elsewhere() as other:
        restore(other, file)
        assert find_sample(other, "people-1") == state
        assert answers_of(other) == answers
        (mine,), (theirs,) = (json.loads(canonical_dump(one))["samples"] for one in (home, other))
        assert mine == theirs
        assert mine["key"] == "people-1"
        assert [item["coder"] for item in mine["items"]][:3] == ["A", "B", "A"]


def answers_of(home):
    with home.database.read() as session:
        editions = list(session.scalars(select(EditionRow.id)))
        found = load_answers(session, home.recipe, ["people"], editions)["people"]
    return found.photo.tolist(), found.inclusion.tolist(), found.label.tolist(), found.samples
