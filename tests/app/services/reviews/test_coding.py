"""Rare answers are asked about again, and known photos are hidden among what a coder is asked."""

from datetime import date

import pytest
from sqlalchemy import select

from presslens.app.db.tables import PhotoRow
from presslens.app.services.reviews.coding import CodedSample, next_items
from presslens.app.services.reviews.coding_desk import coding_desk
from presslens.app.services.reviews.draws import SampleOrder, draw_sample
from presslens.app.services.reviews.reviews import NewReview, review_photo
from presslens.app.services.reviews.sample_progress import sample_overviews
from presslens.app.services.reviews.sampling_frame import Question
from presslens.app.services.samples.coder_accuracy import list_coders
from presslens.app.services.samples.samples import find_items

from ...first_states import made_once

BLOCKS = [(20 + 56 * x, 20 + 60 * y, 70 + 56 * x, 74 + 60 * y) for y in range(5) for x in range(5)]


@pytest.fixture
@made_once
def photos(home, worker, put, make):
    """Fifty photos on two pages of two editions."""
    put({"a.png": make(BLOCKS)})
    put({"b.png": make(BLOCKS, tint=9)}, day=date(2019, 12, 17))
    worker.drain()
    with home.database.read() as session:
        return list(session.scalars(select(PhotoRow.id).order_by(PhotoRow.id)))


@pytest.fixture
def sample(home, now, photos):
    def draw(*coders):
        order = SampleOrder(Question(("people",)), 50, coders=coders, second=0.0, name="s")
        draw_sample(home, order, now=now)
        return find_items(home, "s")[1]

    return draw


@pytest.fixture
def say(home, now):
    def review(item, shows, coder, **rest):
        new = NewReview(item.photo_id, coder, {"people": shows}, **rest)
        return review_photo(home, new, now=now)

    return review


def queue(home, coder, known=0.0):
    with home.database.read() as session:
        asked = CodedSample.named(session, home.recipe, "s").queue(coder, known)
    return [item.id for item, _ in asked]


def stratum_of(items):
    """Return the items of the largest stratum."""
    strata = [item.stratum for item in items]
    most = max(set(strata), key=strata.count)
    return [item for item in items if item.stratum == most]


def test_a_rare_answer_goes_to_a_second_coder(home, sample, say):
    items = sample("A", "B")
    mine = [item for item in stratum_of(items) if item.coder == "A"]
    assert len(mine) > 10
    for item in mine:
        say(item, item is mine[0], "A")
    assert mine[0].id in queue(home, "B")
    assert not {one.id for one in mine[1:]} & set(queue(home, "B"))
    assert mine[0].id not in queue(home, "A")  # who has answered it
    assert mine[0].id not in queue(home, "C")  # the other coder is named
    (overview,) = sample_overviews(home)
    assert (overview.progress.second, overview.progress.second_done) == (1, 0)
    say(mine[0], False, "B")
    assert mine[0].id not in queue(home, "B")
    (overview,) = sample_overviews(home)
    assert (overview.progress.second_done, overview.progress.disputed) == (1, 1)


def test_where_one_in_five_says_yes_nobody_is_asked_again(home, sample, say):
    mine = stratum_of(sample())
    for i, item in enumerate(mine):
        say(item, i % 5 == 0, "A")
    assert not {one.id for one in mine} & set(queue(home, "B"))


def test_what_is_asked_again_lies_among_the_rest(home, sample, say):
    items = sample("A", "B")
    for item in items:
        if item.coder == "A":
            say(item, item is items[0], "A")
    asked = queue(home, "B")
    own = [item.id for item in items if item.coder == "B"]
    assert [one for one in asked if one in own] == own
    assert asked == queue(home, "B")
    assert items[0].id in asked


def test_known_photos_look_like_any_other(home, sample, say):
    items = sample("A", "B", "C")
    for item in items:
        if item.coder != "C":
            say(item, True, "A")
            say(item, True, "B")
    own = {item.id for item in items if item.coder == "C"}
    asked = queue(home, "C", known=0.5)
    known = set(asked) - own
    assert 3 < len(known) < len(own)
    assert queue(home, "C", known=0.0) == sorted(own)
    desk = coding_desk(home, "s", "C").to_json()
    cards = [{name for name in card if card[name] is not None} for card in desk["items"]]
    assert all(card == cards[0] for card in cards)
    assert not {"coders", "second", "place", "stratum", "probability"} & cards[0]
    following = next_items(home, "s", "C", limit=100).to_json()["items"]
    names = {"inclusion_probability", "coder", "coders", "second", "second_coder"}
    assert not names & set(following[0])
    # What the coder answers about them is measured.
    answered = [item for item in items if item.id in known]
    for i, item in enumerate(answered):
        say(item, i > 0, "C")
    (record,) = (one for one in list_coders(home) if one.coder == "C")
    assert record.accuracy.n == len(answered)
    assert record.measure == "people"


def test_what_is_known_before_anybody_codes_it_is_asked_once(home, sample, say):
    items = sample()
    for item in items[:12]:
        say(item, True, "C", adjudicates=True)
    assert sorted(queue(home, "A", known=0.9)) == sorted(item.id for item in items)
    for item in items[:8]:
        say(item, True, "A")
    (record,) = list_coders(home)
    assert (record.coder, record.accuracy.n, record.accuracy.adjudicated) == ("A", 8, 8)


def test_what_one_coder_alone_answered_is_not_known(home, sample, say):
    items = sample("A", "C")
    for item in items:
        if item.coder == "A":
            say(item, item.place % 4 == 0, "A")
    own = [item.id for item in items if item.coder == "C"]
    assert queue(home, "C", known=0.5) == own
    decided = next(item for item in items if item.coder == "A")
    say(decided, True, "E", adjudicates=True)
    assert set(queue(home, "C", known=0.5)) - set(own) == {decided.id}
