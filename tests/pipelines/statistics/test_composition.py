from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.geometry import Box
from models.recipe import Aggregate
from models.vocabulary import (
    FocusReading,
    Frame,
    PhotoInterpretation,
    Subject,
    SubjectReading,
    Verdict,
)
from pipelines.statistics.composition import PageRecord, compose

MakePhoto = Callable[..., tuple[Frame, PhotoInterpretation]]

AREA = 10_000.0
RULES = Aggregate(epoch=1, decision=0.5, confidence=0.95, full_page=0.7, photo_page=0.5)
SHARES = [*(s.value for s in Subject), "leader", "focus_leader", "focus_facility"]
UNSEEN = PageRecord(9, seen=False, area=0.0, photos=())


def page(number: int, *photos: Any) -> PageRecord:
    return PageRecord(number, seen=True, area=AREA, photos=photos)


def test_photos_pages_and_areas_add_up(make_photo: MakePhoto, rules: Aggregate) -> None:
    half = make_photo(Box(0, 0, 100, 50))
    quarter = make_photo(Box(0, 50, 50, 100))
    made = compose([page(1, half, quarter), page(2, quarter), page(3)], rules)
    assert (made.pages, made.pages_seen, made.photos) == (3, 3, 3)
    assert made.photos_per_page == 1.0
    assert made.photo_area_share == pytest.approx(1 / 3)


@pytest.mark.parametrize(("height", "pages"), [(69, 0), (70, 2), (100, 2)])
def test_full_page_photos_are_counted_by_page(
    make_photo: MakePhoto, rules: Aggregate, height: int, pages: int
) -> None:
    large, small = make_photo(Box(0, 0, 100, height)), make_photo()
    made = compose([page(1, large, small), page(2, large), page(3, small)], rules)
    assert made.full_page_photo_pages == pages


def test_shares_are_expected_and_decided(make_photo: MakePhoto, rules: Aggregate) -> None:
    photos = [make_photo(subjects={Subject.CHILDREN: p}) for p in (0.9, 0.5, 0.49, 0.11)]
    share = compose([page(1, *photos)], rules).shares["children"]
    assert share.share == pytest.approx(0.5)
    assert (share.decided, share.n) == (2, 4)
    assert share.interval is not None
    assert share.interval[0] <= 0.5 <= share.interval[1]
    assert "95 %" in share.method


def test_only_leaders_are_leaders_and_the_surest_counts(
    make_photo: MakePhoto, rules: Aggregate
) -> None:
    seen = {"first": 0.6, "second": 0.8, "minister": 0.99}
    photos = [make_photo(sightings=seen), make_photo(sightings={"minister": 0.9}), make_photo()]
    made = compose([page(1, *photos)], rules, leaders=frozenset({"first", "second"}))
    assert made.shares["leader"].share == pytest.approx(0.8 / 3)
    assert made.shares["leader"].decided == 1
    assert compose([page(1, *photos)], rules).shares["leader"].share == 0


def test_the_verdict_decides_about_focus_and_not_the_score(
    make_photo: MakePhoto, rules: Aggregate
) -> None:
    photos = [
        make_photo(verdict=Verdict.LEADER, leader=0.45, facility=0.1),
        make_photo(verdict=Verdict.UNSURE, leader=0.55, facility=0.45),
        make_photo(verdict=Verdict.FACILITY, leader=0.0, facility=0.8),
    ]
    shares = compose([page(1, *photos)], rules).shares
    assert (shares["focus_leader"].decided, shares["focus_facility"].decided) == (1, 1)
    assert shares["focus_leader"].share == pytest.approx(1 / 3)
    assert shares["focus_facility"].share == pytest.approx(1.35 / 3)


def test_pages_that_were_not_seen_are_reported_and_not_counted(
    make_photo: MakePhoto, rules: Aggregate
) -> None:
    seen = page(1, make_photo(Box(0, 0, 100, 50)))
    made = compose([seen, UNSEEN, UNSEEN, UNSEEN], rules)
    assert (made.pages, made.pages_seen) == (4, 1)
    assert made.photos_per_page == 1.0
    assert made.photo_area_share == 0.5
    document = made.to_json()
    assert document["coverage"] == 0.25
    assert (document["pages"], document["pages_seen"]) == (4, 1)


@pytest.mark.parametrize(
    ("pages", "per_page", "area_share", "coverage"),
    [
        ([], None, None, None),
        ([UNSEEN], None, None, 0.0),
        ([page(1), page(2)], 0.0, 0.0, 1.0),
    ],
    ids=["no pages", "none seen", "no photos"],
)
def test_without_photos_nothing_is_made_up(
    rules: Aggregate,
    pages: list[PageRecord],
    per_page: float | None,
    area_share: float | None,
    coverage: float | None,
) -> None:
    document = compose(pages, rules).to_json()
    assert document["photos"] == 0
    assert document["photos_per_page"] == per_page
    assert document["photo_area_share"] == area_share
    assert document["coverage"] == coverage
    assert list(document["shares"]) == SHARES
    for share in document["shares"].values():
        assert (share["share"], share["n"], share["interval"]) == (None, 0, None)


def test_json_has_the_keys_of_the_contract(make_photo: MakePhoto, rules: Aggregate) -> None:
    document = compose([page(1, make_photo())], rules).to_json()
    assert {
        "pages",
        "photos",
        "photos_per_page",
        "photo_area_share",
        "full_page_photo_pages",
        "shares",
    } <= set(document)
    assert list(document["shares"]) == SHARES
    for share in document["shares"].values():
        assert {"share", "n", "interval", "method"} <= set(share)
        assert len(share["interval"]) == 2


unit = st.floats(0, 1)
photos = st.builds(
    lambda width, ps, leader, facility: (
        Frame(Box(0, 0, width, 60), 1.0),
        PhotoInterpretation(
            tuple(SubjectReading(s, p) for s, p in zip(Subject, ps, strict=True)),
            (),
            FocusReading(Verdict.NEITHER, leader, facility, ()),
        ),
    ),
    st.integers(1, 100),
    st.lists(unit, min_size=len(Subject), max_size=len(Subject)),
    unit,
    unit,
)
editions = st.lists(st.lists(photos, max_size=5), min_size=1, max_size=5).map(
    lambda pages: [page(i, *found) for i, found in enumerate(pages, 1)]
)


@given(editions, st.randoms())
def test_neither_the_order_of_pages_nor_of_photos_matters(
    pages: list[PageRecord], chance: random.Random
) -> None:
    expected = compose(pages, RULES)
    shuffled = [page(p.number, *chance.sample(p.photos, len(p.photos))) for p in pages]
    chance.shuffle(shuffled)
    made = compose(shuffled, RULES)
    assert made.photo_area_share == pytest.approx(expected.photo_area_share)
    assert made.full_page_photo_pages == expected.full_page_photo_pages
    for name, share in expected.shares.items():
        assert made.shares[name].share == pytest.approx(share.share)
        assert (made.shares[name].decided, made.shares[name].n) == (share.decided, share.n)


@given(editions, st.integers(1, 4))
def test_unseen_pages_change_coverage_and_nothing_else(
    pages: list[PageRecord], unseen: int
) -> None:
    expected, made = compose(pages, RULES), compose([*pages, *[UNSEEN] * unseen], RULES)
    assert made.pages == expected.pages + unseen
    assert made.pages_seen == expected.pages_seen == len(pages)
    assert made.photos_per_page == expected.photos_per_page
    assert made.shares == expected.shares


@given(editions)
def test_an_edition_twice_has_the_same_shares(pages: list[PageRecord]) -> None:
    once, twice = compose(pages, RULES), compose([*pages, *pages], RULES)
    assert twice.photos == 2 * once.photos
    assert twice.photo_area_share == pytest.approx(once.photo_area_share)
    for name, share in once.shares.items():
        assert twice.shares[name].share == pytest.approx(share.share)
        assert twice.shares[name].decided == 2 * share.decided


@given(editions)
def test_numbers_stay_in_their_range(pages: list[PageRecord]) -> None:
    made = compose(pages, RULES)
    assert made.photo_area_share is not None
    assert 0 <= made.photo_area_share <= 1
    assert 0 <= made.full_page_photo_pages <= made.pages_seen
    for share in made.shares.values():
        assert 0 <= share.decided <= share.n == made.photos
        if share.share is not None:
            assert 0 <= share.share <= 1 + 1e-9


def test_labels_have_shares_of_their_own(make_photo: MakePhoto, rules: Aggregate) -> None:
    photos = [make_photo(labels={"indoor": p, "ribbon": 1 - p}) for p in (0.9, 0.5)]
    made = compose([page(1, *photos)], rules, labels=("indoor", "night", "ribbon"))
    assert list(made.shares) == SHARES
    assert list(made.labels) == ["indoor", "night", "ribbon"]
    assert made.labels["indoor"].share == pytest.approx(0.7)
    assert (made.labels["indoor"].decided, made.labels["indoor"].n) == (2, 2)
    document = made.to_json()
    assert set(document["labels"]["indoor"]) == set(document["shares"]["people"])
    assert document["labels"]["night"]["share"] is None
    assert document["labels"]["night"]["n"] == 0


def test_photos_that_are_not_read_for_a_label_yet_are_not_in_its_n(
    make_photo: MakePhoto, rules: Aggregate
) -> None:
    made = compose([page(1, make_photo(labels={"ribbon": 0.5}), make_photo())], rules)
    assert (made.photos, made.labels["ribbon"].n) == (2, 1)
