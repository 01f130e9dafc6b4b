from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus, FocusReading, Frame, PhotoInterpretation
from presslens.pipelines.statistics.page import PageRecord
from presslens.pipelines.statistics.ruler import FEWEST, RulerPlace, rule, signed, spread


def page(number, *photos):
    return PageRecord(number, seen=True, area=10_000.0, photos=photos)


def order(ruler):
    return [(place.page, place.photo) for place in ruler.places]


def test_photos_go_from_the_leader_to_the_facility(make_photo):
    leader = make_photo(verdict=Focus.LEADER, leader=0.9, facility=0.05)
    facility = make_photo(verdict=Focus.FACILITY, leader=0.0, facility=0.8)
    neither = make_photo(leader=0.02, facility=0.04)
    ruler = rule([page(1, facility, neither), page(2, leader)], leaders=frozenset({"B", "A"}))
    assert order(ruler) == [(2, 0), (1, 1), (1, 0)]
    assert [place.position for place in ruler.places] == [-0.85, 0.02, 0.8]
    assert [place.verdict for place in ruler.places] == ["leader", "neither", "facility"]
    assert ruler.leaders == ("A", "B")


def test_neither_is_told_from_both_alike_by_strength(make_photo):
    both = make_photo(verdict=Focus.UNSURE, leader=0.48, facility=0.5)
    neither = make_photo(leader=0.01, facility=0.03)
    first, second = rule([page(1, both, neither)]).places
    assert first.position == second.position == 0.02
    assert (first.strength, second.strength) == (0.98, 0.04)
    assert (first.unsure, second.unsure) == (True, False)


def test_equals_stand_in_the_order_in_which_they_are_read(make_photo):
    same = make_photo(leader=0.1, facility=0.1)
    hardly = make_photo(leader=0.10001, facility=0.1)
    assert order(rule([page(2, same, same), page(1, same, hardly)])) == [
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 1),
    ]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [((1, 2), (1, 1)), ((3, 1), (1, 1)), ((3, 2), None)],
    ids=["the first page", "in any order", "page 1 is missing"],
)
def test_the_lead_of_the_front_page_is_its_largest_photo_the_first_of_equals(
    make_photo, numbers, expected
):
    small, large = make_photo(Box(0, 0, 10, 10)), make_photo(Box(0, 0, 30, 10))
    ruler = rule([page(number, small, large, large) for number in numbers])
    assert [(p.page, p.photo) for p in ruler.places if p.front_lead] == [expected] * (
        expected is not None
    )


def test_a_front_page_that_was_not_seen_has_no_lead(make_photo):
    lost = PageRecord.not_seen(1)
    ruler = rule([lost, page(2, make_photo())])
    assert (ruler.pages, ruler.pages_seen) == (2, 1)
    assert [place.front_lead for place in ruler.places] == [False]


def test_json_has_the_keys_of_the_contract(make_photo):
    photo = make_photo(verdict=Focus.UNSURE, leader=0.52, facility=0.45)
    document = rule([page(1, photo)], leaders=frozenset({"Leader"})).to_json()
    assert document == {
        "pages": 1,
        "pages_seen": 1,
        "leaders": ["Leader"],
        "n": 1,
        "places": [
            {
                "rank": 1,
                "page_number": 1,
                "photo": 0,
                "position": -0.07,
                "strength": 0.97,
                "leader": 0.52,
                "facility": 0.45,
                "verdict": "unsure",
                "unsure": True,
                "front_lead": True,
            }
        ],
    }


def test_an_edition_without_photos_has_an_empty_ruler():
    assert rule([]).to_json()["places"] == rule([page(1)]).to_json()["places"] == []


@pytest.mark.parametrize(
    ("position", "text"),
    [(-1.0, "−1.00"), (-0.004, "0.00"), (0.0, "0.00"), (0.004, "0.00"), (0.123, "+0.12")],
)
def test_positions_are_written_with_a_sign(position, text):
    assert signed(position) == text


scores = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda s: (s[0], (1 - s[0]) * s[1]))
coarse = st.sampled_from([(0.0, 0.0), (0.5, 0.5), (0.5, 0.0), (0.0, 0.5), (1.0, 0.0)])
photos = st.builds(
    lambda width, s, verdict: (
        Frame(Box(0, 0, width, 50), 1.0),
        PhotoInterpretation((), (), FocusReading(verdict, s[0], s[1], ())),
    ),
    st.integers(1, 100),
    scores | coarse,
    st.sampled_from(Focus),
)
editions = st.lists(st.lists(photos, max_size=6), max_size=6).map(
    lambda pages: [page(i, *found) for i, found in enumerate(pages, 1)]
)


@given(editions)
def test_a_ruler_is_in_order_and_in_range(pages):
    places = rule(pages).places
    keys = [(place.position, place.page, place.photo) for place in places]
    assert keys == sorted(keys)
    assert len({(place.page, place.photo) for place in places}) == len(places)
    assert len(places) == sum(len(p.photos) for p in pages)
    for place in places:
        assert -1 <= place.position <= 1
        assert abs(place.position) <= place.strength <= 1
        assert place.position == pytest.approx(place.facility - place.leader)
        assert "-0.0" not in str(place.to_json()["position"]) or place.position < 0
    front = [place for place in places if place.front_lead]
    assert len(front) == bool(pages and pages[0].photos)


@given(editions, st.randoms())
def test_the_order_of_pages_does_not_matter(pages, chance):
    assert rule(chance.sample(pages, len(pages))) == rule(pages)


@given(editions)
def test_leader_and_facility_changed_over_turn_the_ruler_round(pages):
    def turned(photo):
        focus = photo[1].focus
        return photo[0], PhotoInterpretation(
            (), (), FocusReading(focus.verdict, focus.facility, focus.leader, ())
        )

    there = [place.position for place in rule(pages).places]
    back = rule([page(p.number, *map(turned, p.photos)) for p in pages]).places
    assert [place.position for place in back] == [-position + 0.0 for position in reversed(there)]


@given(st.integers(0, 120), st.integers(FEWEST, 20), st.data())
def test_a_choice_keeps_both_ends_and_the_lead(n, most, data):
    lead = data.draw(st.none() | st.integers(0, n - 1)) if n else None
    places = [RulerPlace(1, i, 0.0, i / 200, Focus.NEITHER, front_lead=i == lead) for i in range(n)]
    chosen = spread(places, most)
    assert len(chosen) == min(n, most)
    ranks = [place.photo for place in chosen]
    assert ranks == sorted(set(ranks))
    if n:
        assert {0, n - 1} <= set(ranks)
    if lead is not None:
        assert lead in ranks
    gaps = [b - a for a, b in pairwise(ranks)]
    assert max(gaps, default=0) <= 2 * (n - 1) / (most - 1) + 1


def test_a_choice_too_small_for_both_ends_and_the_lead_is_refused():
    with pytest.raises(ValueError, match="3 photos or more"):
        spread([], 2)
