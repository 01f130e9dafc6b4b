"""Answers of devices, sent at one moment; what is drawn and what is picked after them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from presslens.app.platform.errors import NotFound
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photos import list_photos
from presslens.app.services.corrections.undo import undo_edits
from presslens.app.services.exports.canonical_dump import canonical_dump
from presslens.app.services.reviews.coded_answers import CodedAnswer, keep_answers
from presslens.app.services.reviews.documents import ReviewFilter, list_reviews
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sample_progress import sample_estimates
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
