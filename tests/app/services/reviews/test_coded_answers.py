"""Answers of devices, sent at one moment; what is drawn and what is picked after them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from presslens.app.db.queries import EditionScope
from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photos import list_photos
from presslens.app.services.corrections.undo import undo_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.reviews.agreement import reliability
from presslens.app.services.reviews.coded_answers import CodedAnswer, keep_answers
from presslens.app.services.reviews.coding_desk import coding_desk
from presslens.app.services.reviews.documents import ReviewFilter, list_reviews
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.repeats import LATER
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sample_progress import sample_estimates, sample_overviews
from presslens.app.services.reviews.sample_reviews import answer_edits
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.samples import find_items
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, statistic
from presslens.pipelines.statistics.metrics import Metric

from ...first_states import made_once

BLOCKS = [(20 + 56 * x, 20 + 60 * y, 70 + 56 * x, 74 + 60 * y) for y in range(5) for x in range(5)]


@pytest.fixture
@made_once
def sample(home, worker, put, make, now):
    """A sample of thirty of the fifty photos of two editions."""
    put({"a.png": make(BLOCKS)})
    put({"b.png": make(BLOCKS, tint=9)}, day=date(2019, 12, 17))
    worker.drain()
    return draw_sample(home, SampleOrder(Question(("people",)), 30), now=now)


def test_what_two_send_at_one_moment_is_stored_once_each(home, sample, now):
    item = find_items(home, sample.id)[1][0].id
    answer = CodedAnswer("device-of-one:1", item, {"people": True}, since=0)

    def send(coder):
        return keep_answers(home, sample.id, coder, [answer], now=now).answers[0]

    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(send, ["A", "B"] * 6))
    assert [one.refused for one in kept] == [None] * 12
    assert sum(one.new for one in kept) == 2
    assert {name for one in kept for name in one.meanwhile} <= {"A", "B"}
    assert sum(bool(one.meanwhile) for one in kept if one.new) == 1  # the later one is told
    assert len(list_reviews(home, ReviewFilter(), limit=50).items) == 2


def test_what_is_drawn_informs_the_rest_and_what_is_picked_its_own_edition(home, sample, now):
    def shares(by=GroupBy.NONE):
        groups = statistic(home, Metric("people"), EditionCriteria(), by=by).groups
        return {group.key: group.estimate for group in groups}

    items = find_items(home, sample.id)[1]
    (before,) = shares().values()
    answers = [
        CodedAnswer(f"device:{one.id}", one.id, {"people": i < 15}) for i, one in enumerate(items)
    ]
    keep_answers(home, sample.id, "A", answers, now=now)
    blank = canonical_dump(home)
    for one in answers[:3]:  # an edit each, which are taken back together
        keep_answers(home, sample.id, "B", [one], now=now)
    given = answer_edits(home, sample.id, "B")
    undo_edits(home, given, coder="B", now=now)
    assert canonical_dump(home) == blank
    with pytest.raises(NotFound, match="B has no answers"):
        answer_edits(home, sample.id, "B")
    assert answer_edits(home, sample.name, "A")
    (drawn,) = shares().values()
    editions = shares(GroupBy.EDITION)
    assert (drawn.drawn, drawn.picked) == (30, 0)
    assert before.value < 0.2
    assert drawn.value == pytest.approx(0.5, abs=0.05)  # as half of the drawn are
    (told,) = sample_estimates(home, sample.id).estimates
    assert told.to_json()["value"] == pytest.approx(drawn.value, abs=1e-4)
    assert told.answered == 30
    listed = list_photos(home, PhotoFilter(), limit=50).to_json()["photos"]
    photos = {one["id"]: str(one["edition"]) for one in listed}
    picked = next(one for one in photos if one not in {item.photo_id for item in items})
    review_photo(home, NewReview(picked, "A", {"people": True}), now=now)
    (after,) = shares().values()
    assert (after.drawn, after.picked) == (30, 1)
    # What the sample says of all photos stays, but for what a pick tells of its edition.
    assert after.value == pytest.approx(drawn.value, abs=1e-3)
    moved = {
        key: one.value - editions[key].value
        for key, one in shares(GroupBy.EDITION).items()
        if one.picked
    }
    assert len(moved) == 1
    assert next(iter(moved.values())) > 0


def test_what_a_coder_is_shown_again_stands_apart(home, sample, now):
    question = Question(("people",))
    order = SampleOrder(question, 40, second=0.0, seed=5, name="again", repeat=0.5)
    again = draw_sample(home, order, now=now)
    assert again.repeat_share == 0.5
    assert draw_sample(home, SampleOrder(question, 2, name="usual"), now=now).repeat_share == 0.05

    def desk(coder="A"):
        return [item.id for item, _ in coding_desk(home, again.id, coder).open]

    def keep(item, shows, name="", coder="A", **more):
        answer = CodedAnswer(f"device:{item}{name}", item, {"people": shows}, **more)
        return keep_answers(home, again.id, coder, [answer], now=now).answers[0]

    asked = desk()
    repeated = [item for item in asked if item < 0]
    assert len(asked) - len(repeated) == 40
    assert 3 <= len(repeated) <= 20
    assert len(set(repeated)) == len(repeated)
    for item in repeated:  # at least twenty photos lie between
        assert asked.index(item) - asked.index(-item) > LATER
    cards = {one["item"]: one for one in coding_desk(home, again.id, "A").to_json()["items"]}
    for item in repeated:  # nothing but its id tells it from the first time
        assert {**cards[item], "item": -item} == cards[-item]
    assert [item for item in desk("B") if item < 0] != repeated
    assert not keep(repeated[0], True).new  # there is nothing to compare it with
    for item in asked:
        if item > 0:
            keep(item, True)
    assert sorted(desk()) == sorted(repeated)  # where few are left, they come soon
    shares = sample_estimates(home, again.id).to_json()

    first, *others = repeated
    assert keep(first, False).to_json() == {
        "client_id": f"device:{first}", "review": None, "edit": None, "new": True,
        "meanwhile": [], "refused": None,
    }  # fmt: skip
    for item in others:
        assert keep(item, True, adjudicates=False, note="sure").new
    assert desk() == []
    assert sample_estimates(home, again.id).to_json() == shares
    assert len(list_reviews(home, ReviewFilter(coder="A"), limit=200).items) == 40
    n = len(repeated)
    of_all = reliability(home, EditionScope())
    told = of_all.to_json()["constancy"]
    (line,) = (one for one in of_all.rows() if one["measure"] == "people")
    assert (line["constancy"], line["constancy_n"]) == (round((n - 1) / n, 6), n)
    assert line["constancy_low"] < line["constancy"] < line["constancy_high"]
    assert reliability(home, EditionScope(first=date(2030, 1, 1))).constancy == []
    (same,) = [one for one in told if one["coder"] == "A"]
    assert (same["measure"], same["n"], same["right"]) == ("people", n, n - 1)
    assert same["interval"][0] < same["share"] < same["interval"][1]
    (overview,) = sample_overviews(home, "A", sample_id=again.id)
    assert overview.to_json()["coded"]["coders"]["A"]["constancy"]["n"] == n

    assert keep(first, True, name="changed").new  # the latest of them counts
    (row,) = reliability(home, EditionScope()).constancy
    assert row.same.right == n
    withdrawn = CodedAnswer(f"device:{first}changed", withdrawn=True)
    for new in (True, False):
        (gone,) = keep_answers(home, again.id, "A", [withdrawn], now=now).answers
        assert (gone.review_id, gone.new) == (None, new)
    assert desk() == [first]
    assert keep(-9999, True).refused == "this photo is not of this sample"
