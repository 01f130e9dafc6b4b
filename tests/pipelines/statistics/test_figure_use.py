from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presslens.models.faces.gallery import Role
from presslens.models.geometry import Box
from presslens.models.recipe import Aggregate
from presslens.models.vocabulary import (
    Answer,
    Appearance,
    Focus,
    FocusReading,
    Frame,
    PhotoInterpretation,
    ShotSize,
    Sighting,
)
from presslens.pipelines.statistics.availability import LookedFor
from presslens.pipelines.statistics.composition import compose
from presslens.pipelines.statistics.figure_use import Tally, figure_uses
from presslens.pipelines.statistics.page import PageRecord

RULES = Aggregate(epoch=1, decision=0.5, confidence=0.95, full_page=0.7, photo_page=0.5)
FOCUS = FocusReading(Focus.NEITHER, 0.0, 0.0, ())
ROLES = {"Ri": Role.OFFICIAL, "Kim": Role.LEADER, "Pak": Role.OFFICIAL, "An": Role.HEIR}


def shown(name, probability=0.9, *, area=0.2, centrality=0.5, size=ShotSize.MEDIUM):
    answer = Answer.YES if probability >= 0.8 else Answer.UNSURE
    body = Box(0, 0, 10, 10)
    appearance = Appearance(body, True, area, 0.2, centrality, 1, 0, None, size, None)
    return Sighting(name, probability, body, appearance, answer)


def photo(*sightings, width=10):
    return Frame(Box(0, 0, width, 10), 1.0), PhotoInterpretation((), sightings, FOCUS)


def page(number, *photos):
    return PageRecord(number, seen=True, area=10_000.0, photos=photos)


def uses(pages, rules=RULES):
    composition = compose(pages, rules, looked_for=LookedFor(ROLES))
    return figure_uses(pages, composition.share, figures=ROLES)


def use(name, *pages):
    return next(u for u in uses(pages) if u.name == name)


def test_each_enrolled_figure_is_there_leaders_first():
    found = uses([page(1, photo(shown("Pak"), shown("Stranger")))])
    assert [(u.name, u.role) for u in found] == [
        ("Kim", "leader"),
        ("An", "heir"),
        ("Pak", "official"),
        ("Ri", "official"),
    ]
    assert [u.photos for u in found] == [Tally(), Tally(), Tally(1, 0), Tally()]


def test_unsure_photos_are_counted_apart():
    photos = [photo(shown("Kim", p)) for p in (0.99, 0.8, 0.79, 0.5)]
    assert use("Kim", page(1, *photos, photo())).photos == Tally(2, 2)


def test_the_share_is_that_of_the_composition():
    pages = [page(1, photo(shown("Kim", 0.9)), photo(shown("Kim", 0.6)), photo())]
    share = use("Kim", *pages).share
    assert share == compose(pages, RULES, looked_for=LookedFor(ROLES)).share("figure:Kim")
    assert (share.decided, share.estimate.n) == (2, 3)
    assert share.machine == pytest.approx(0.5)
    assert share.interval is None
    assert "reviewing all photos (3) would give the exact" in (share.estimate.refused or "")


def test_who_is_not_seen_counts_with_what_doubt_is_left():
    frame, meaning = photo(shown("Ri"))
    doubted = frame, replace(meaning, doubts=(("Kim", 0.4), ("Stranger", 0.3)))
    his = use("Kim", page(1, doubted, photo(shown("Kim")), photo()))
    assert his.share.machine == pytest.approx((0.4 + 0.9) / 3)
    assert (his.share.decided, his.photos, his.together) == (1, Tally(sure=1), Tally())
    bold = RULES.model_copy(update={"decision": 0.3})
    his = next(u for u in uses([page(1, doubted)], bold) if u.name == "Kim")
    assert (his.share.decided, his.share.machine) == (0, 0.4)


def test_means_are_of_the_photos_that_surely_show_him():
    made = use(
        "Kim",
        page(1, photo(shown("Kim", area=0.1, centrality=0.2))),
        page(2, photo(shown("Kim", area=0.3, centrality=0.6)), photo(shown("Kim", 0.5, area=0.9))),
    )
    assert made.area_share == pytest.approx(0.2)
    assert made.centrality == pytest.approx(0.4)


@pytest.mark.parametrize(
    "sighting",
    [None, shown("Kim", 0.6), replace(shown("Kim"), appearance=None)],
    ids=["not seen", "unsure", "not looked at"],
)
def test_without_a_sure_appearance_there_is_no_mean(sighting):
    made = use("Kim", page(1, photo(*([sighting] if sighting else []))))
    assert made.area_share is made.centrality is None


def test_shot_sizes_are_counted_and_what_can_t_be_told_is_in_none():
    sizes = (ShotSize.CLOSE, ShotSize.LONG, ShotSize.LONG, None)
    photos = [photo(shown("Kim", size=size)) for size in sizes]
    unsure = photo(shown("Kim", 0.6, size=ShotSize.LONG))
    unknown = photo(replace(shown("Kim"), appearance=None))
    made = use("Kim", page(1, *photos, unsure, unknown))
    assert made.photos == Tally(5, 1)
    assert made.shot_sizes == {"close": Tally(1, 0), "medium": Tally(), "long": Tally(2, 1)}


def test_the_front_page_is_the_first_and_the_lead_the_largest_photo_of_any_page():
    small, large = photo(shown("Kim")), photo(shown("Kim", 0.6), width=50)
    made = use("Kim", page(3, small), page(1, small, large, large), page(4, photo(width=20), small))
    assert made.front_page == Tally(1, 2)
    assert made.lead_photos == Tally(1, 1)


def test_the_front_page_may_not_have_been_seen():
    lost = PageRecord.not_seen(1)
    made = use("Kim", lost, page(2, photo(shown("Kim"))))
    assert (made.front_page, made.lead_photos) == (None, Tally(1, 0))


def test_pages_that_were_not_seen_are_not_counted():
    lost = PageRecord(1, seen=False, area=1.0, photos=(photo(shown("Kim")),))
    made = use("Kim", lost)
    assert (made.photos, made.share.estimate.n, made.share.share) == (Tally(), 0, None)


def test_two_figures_are_surely_together_if_both_are_sure():
    pages = page(
        1,
        photo(shown("Kim"), shown("Ri"), shown("Pak", 0.6)),
        photo(shown("Kim"), shown("Ri")),
        photo(shown("Kim", 0.6), shown("Ri")),
        photo(shown("Kim"), shown("An", 0.6)),
        photo(shown("Kim"), shown("Stranger")),
        photo(shown("Ri")),
    )
    made = use("Kim", pages)
    assert made.together == Tally(2, 2)
    assert list(made.companions.items()) == [
        ("Ri", Tally(2, 1)),
        ("An", Tally(0, 1)),
        ("Pak", Tally(0, 1)),
    ]
    assert use("Ri", pages).companions["Kim"] == made.companions["Ri"]
    assert use("Pak", pages).together == Tally(0, 1)


def test_json_has_the_keys_of_the_contract():
    pages = page(1, photo(shown("Kim", area=1 / 3), shown("Ri", 0.6)))
    none = {"sure": 0, "unsure": 0}
    made = use("Kim", pages)
    share = made.share.to_json()
    assert {
        name: share[name] for name in ("machine", "decided", "n", "denominator", "settled")
    } == {"machine": 0.9, "decided": 1, "n": 1, "denominator": 1.0, "settled": 0}
    assert {"share", "numerator", "count", "drawn", "interval", "method", "refused", "note"} <= set(
        share
    )
    assert made.to_json() == {
        "name": "Kim",
        "role": "leader",
        "photos": {"sure": 1, "unsure": 0},
        "share": share,
        "area_share": 0.333333,
        "centrality": 0.5,
        "shot_sizes": {"close": none, "medium": {"sure": 1, "unsure": 0}, "long": none},
        "front_page": {"sure": 1, "unsure": 0},
        "lead_photos": {"sure": 1, "unsure": 0},
        "together": {"sure": 0, "unsure": 1},
        "companions": {"Ri": {"sure": 0, "unsure": 1}},
    }


def test_without_figures_there_is_no_row():
    pages = [page(1, photo(shown("Kim")))]
    assert figure_uses(pages, compose(pages, RULES).share, figures={}) == ()


sightings = st.builds(
    shown,
    st.sampled_from([*ROLES, "Stranger"]),
    st.floats(0.5, 1),
    size=st.none() | st.sampled_from(ShotSize),
)
editions = st.lists(
    st.lists(st.lists(sightings, max_size=4, unique_by=lambda s: s.figure), max_size=5), max_size=4
).map(lambda pages: [page(i, *(photo(*seen) for seen in p)) for i, p in enumerate(pages, 1)])


def total(count):
    return count.sure + count.unsure


@settings(max_examples=30)
@given(editions)
def test_no_count_is_larger_than_what_it_is_a_part_of(pages):
    for made in uses(pages):
        front = made.front_page or Tally()
        parts = [front, made.lead_photos, made.together, *made.companions.values()]
        for part in (*parts, *made.shot_sizes.values()):
            assert part.sure <= made.photos.sure
            assert total(part) <= total(made.photos)
        assert sum(total(size) for size in made.shot_sizes.values()) <= total(made.photos)
        assert made.share.decided == total(made.photos) <= made.share.estimate.n
        if made.companions:
            assert max(map(total, made.companions.values())) <= total(made.together)


@settings(max_examples=30)
@given(editions, st.randoms())
def test_the_order_of_pages_does_not_matter(pages, chance):
    made = uses(chance.sample(pages, len(pages)))
    for one, other in zip(made, uses(pages), strict=True):
        assert replace(one, share=other.share, area_share=None, centrality=None) == replace(
            other, area_share=None, centrality=None
        )
        assert one.share.share == pytest.approx(other.share.share)
