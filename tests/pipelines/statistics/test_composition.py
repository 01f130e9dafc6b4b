from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presslens.models.faces.gallery import Role
from presslens.models.geometry import Box
from presslens.models.recipe import Aggregate
from presslens.models.vocabulary import (
    Focus,
    FocusReading,
    Frame,
    PhotoInterpretation,
    Subject,
    SubjectReading,
)
from presslens.pipelines.statistics.availability import LookedFor
from presslens.pipelines.statistics.composition import compose
from presslens.pipelines.statistics.layout import page_type
from presslens.pipelines.statistics.measure import BUILT_IN, FOCUSES, Weight, Zone
from presslens.pipelines.statistics.page import PageRecord
from presslens.pipelines.statistics.validity import LOOKED_AT_FIRST, UNCHECKED, unchecked

RULES = Aggregate(epoch=1, decision=0.5, confidence=0.95, full_page=0.7, photo_page=0.5)
SHARES = list(BUILT_IN)
NUMBERS = ("photos", "photos_per_page", "photo_area_share", "full_page_photo_pages")
UNSEEN = PageRecord.not_seen(9)
A_LEADER = LookedFor({"Kim": Role.LEADER})
LOOKED_AT = {one: replace(unchecked(one), offered=True, answers=20) for one in LOOKED_AT_FIRST}


def page(number, *photos):
    kind = page_type([frame.box for frame, _ in photos], (100, 100), None, RULES)
    return PageRecord.analysed(number, (100, 100), photos, kind)


def hold(share, weight=Weight.COUNT):
    """Check what holds for the share of any photos."""
    estimate = share.estimate
    assert 0 <= estimate.value <= 1
    assert (estimate.interval is None) == (estimate.refused is not None)
    value, *ends = estimate.count
    assert value == pytest.approx(estimate.value * estimate.size)
    if estimate.interval is None:
        assert ends == [None, None]
        return
    low, high = estimate.interval
    assert -1e-9 <= low <= estimate.value + 1e-9
    assert estimate.value <= high + 1e-9 <= 1 + 2e-9
    assert ends == pytest.approx([low * estimate.size, high * estimate.size])
    if weight is Weight.COUNT:
        assert [int(end) for end in ends if end is not None] == ends


def test_photos_pages_and_areas_add_up(make_photo, rules):
    half = make_photo(Box(0, 0, 100, 50))
    quarter = make_photo(Box(0, 50, 50, 100))
    made = compose([page(1, half, quarter), page(2, quarter), page(3)], rules).to_json()
    assert (made["pages"], made["pages_seen"], made["photos"]) == (3, 3, 3)
    assert made["photos_per_page"] == 1.0
    assert made["photo_area_share"] == pytest.approx(1 / 3, abs=1e-4)
    assert made["largest_photo"] == 0.5


@pytest.mark.parametrize(("height", "pages"), [(69, 0), (70, 2), (100, 2)])
def test_full_page_photos_are_counted_by_page(make_photo, rules, height, pages):
    large, small = make_photo(Box(0, 0, 100, height)), make_photo()
    made = compose([page(1, large, small), page(2, large), page(3, small)], rules).to_json()
    assert made["full_page_photo_pages"] == pages


def test_shares_are_expected_and_decided(make_photo, rules):
    photos = [make_photo(subjects={Subject.CHILDREN: p}) for p in (0.9, 0.5, 0.49, 0.11)]
    share = compose([page(1, *photos)], rules).share("children")
    hold(share)
    assert share.machine == pytest.approx(0.5)
    assert (share.decided, share.estimate.n, share.estimate.size) == (2, 4, 4)
    assert share.interval is None
    assert "reviewing all photos (4) would give the exact" in (share.estimate.refused or "")
    sure = [make_photo(subjects={Subject.CHILDREN: p}) for p in (0.99,) * 10 + (0.01,) * 10]
    share = compose([page(1, *sure)], rules).share("children")
    hold(share)
    assert share.interval[0] < 0.5 < share.interval[1]
    assert "95 %" in share.estimate.method


def test_only_leaders_are_leaders_and_the_surest_counts(make_photo, rules):
    seen = {"first": 0.6, "second": 0.8, "minister": 0.99}
    photos = [make_photo(sightings=seen), make_photo(sightings={"minister": 0.9}), make_photo()]
    roles = {"first": Role.LEADER, "second": Role.LEADER, "minister": Role.OFFICIAL}
    made = compose([page(1, *photos)], rules, looked_for=LookedFor(roles))
    assert made.share("leader").machine == pytest.approx(0.8 / 3)
    assert made.share("leader").decided == 1
    assert made.share("figure:minister").machine == pytest.approx((0.99 + 0.9) / 3)


def test_what_was_not_looked_for_is_not_known_and_never_0(make_photo, rules):
    photos = [make_photo(verdict=Focus.FACILITY, facility=0.9), make_photo()]
    made = compose([page(1, *photos)], rules, looked_for=LookedFor(waiting={"Kim": Role.LEADER}))
    for name in ("leader", "leader_and_facility", *FOCUSES, "figure:Kim"):
        share = made.share(name).to_json()
        assert share["share"] is share["interval"] is share["numerator"] is share["decided"] is None
        assert "the reference photos of Kim wait" in share["refused"]
    document = made.to_json()
    for name in ("leader_photos", "leader_unsure", "leader_area", "front_lead_focus"):
        assert document[name] is None
        assert "Kim wait" in document["not_known"][name]
    assert document["together_photos"] is None
    people = made.share("people")
    hold(people)
    assert people.machine == 0.0
    assert people.interval is not None


def test_a_label_that_no_photo_was_read_for_is_not_known(make_photo, rules):
    made = compose([page(1, make_photo())], rules, labels=("ribbon",)).to_json()
    assert made["labels"]["ribbon"]["share"] is None
    assert "not looked at for that" in made["labels"]["ribbon"]["refused"]


@pytest.mark.parametrize(
    "pages", [[page(2), page(3)], [UNSEEN, page(2)]], ids=["was not uploaded", "was not seen"]
)
def test_without_page_1_the_front_page_is_not_known(make_photo, rules, pages):
    pages[-1] = page(pages[-1].number, make_photo(verdict=Focus.LEADER))
    made = compose(pages, rules, looked_for=LookedFor({"Kim": Role.LEADER}))
    document = made.to_json()
    assert (
        made.share("people", Zone.INSIDE).estimate.n == document["zones"]["inside"]["photos"] == 1
    )
    assert document["zones"]["front"]["photos"] is None
    assert document["zones"]["front"]["shares"]["people"]["share"] is None
    assert "page 1" in document["zones"]["front"]["shares"]["people"]["refused"]
    assert document["front_lead_focus"] is None
    assert "page 1" in document["not_known"]["front_lead_focus"]


def test_the_verdict_decides_about_focus_and_not_the_score(make_photo, rules):
    photos = [
        make_photo(verdict=Focus.LEADER, leader=0.45, facility=0.1),
        make_photo(verdict=Focus.UNSURE, leader=0.55, facility=0.45),
        make_photo(verdict=Focus.FACILITY, leader=0.0, facility=0.8),
    ]
    made = compose([page(1, *photos)], rules, looked_for=A_LEADER, validities=LOOKED_AT)
    assert (made.share("focus_leader").decided, made.share("focus_facility").decided) == (1, 1)
    assert made.share("focus_leader").machine == pytest.approx(1 / 3)
    assert made.share("focus_facility").machine == pytest.approx(1.35 / 3)
    assert made.share("focus_neither").machine == pytest.approx(0.65 / 3)


def test_pages_that_were_not_seen_are_reported_and_not_counted(make_photo, rules):
    seen = page(1, make_photo(Box(0, 0, 100, 50)))
    document = compose([seen, UNSEEN, UNSEEN, UNSEEN], rules).to_json()
    assert document["photos_per_page"] == 1.0
    assert document["photo_area_share"] == 0.5
    assert document["coverage"] == 0.25
    assert (document["pages"], document["pages_seen"]) == (4, 1)


@pytest.mark.parametrize(
    ("pages", "per_page", "area_share", "coverage"),
    [([], None, None, None), ([UNSEEN], None, None, 0.0), ([page(1), page(2)], 0.0, 0.0, 1.0)],
    ids=["no pages", "none seen", "no photos"],
)
def test_without_photos_nothing_is_made_up(rules, pages, per_page, area_share, coverage):
    document = compose(pages, rules).to_json()
    assert document["photos"] == (0 if coverage else None)
    assert document["photos_per_page"] == per_page
    assert document["photo_area_share"] == area_share
    assert document["coverage"] == coverage
    assert list(document["shares"]) == SHARES
    for share in document["shares"].values():
        assert (share["share"], share["n"], share["interval"]) == (None, 0, None)
        assert share["machine"] is None
        assert share["refused"]


def test_who_is_not_seen_counts_with_what_doubt_is_left(make_photo, rules):
    photos = [
        make_photo(sightings={"Kim": 0.9}),
        make_photo(sightings={"Ri": 0.9}, doubts={"Kim": 0.3, "Jong": 0.2}),
        make_photo(doubts={"Ri": 0.4}),
    ]
    roles = {"Kim": Role.LEADER, "Jong": Role.LEADER}
    share = compose([page(1, *photos)], rules, looked_for=LookedFor(roles)).share("leader")
    hold(share)
    assert share.machine == pytest.approx((0.9 + 0.3) / 3)
    doubtless = compose(
        [page(1, photos[0], make_photo(), make_photo())], rules, looked_for=LookedFor(roles)
    )
    assert (share.share or 0) > (doubtless.share("leader").share or 0)
    bold = rules.model_copy(update={"decision": 0.2})
    assert (
        compose([page(1, *photos)], bold, looked_for=LookedFor(roles)).share("leader").decided == 1
    )


def test_json_has_the_keys_of_the_contract(make_photo, rules):
    document = compose([page(1, make_photo())], rules, looked_for=A_LEADER).to_json()
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
        assert {"share", "n", "interval", "method", "machine", "refused", "validity"} <= set(share)
        assert share["interval"] is None or len(share["interval"]) == 2
    off = [name for name, share in document["shares"].items() if share["interval"] is None]
    assert set(off) == LOOKED_AT_FIRST


def test_a_facility_is_no_share_before_twenty_photos_were_looked_at(make_photo, rules):
    lead = make_photo(verdict=Focus.FACILITY, facility=0.9)
    made = compose([page(1, lead)], rules, looked_for=A_LEADER)
    share = made.share("focus_facility").to_json()
    assert share["method"] == "not offered"
    assert {share[k] for k in ("share", "interval", "machine", "decided", "numerator")} == {None}
    assert "it takes 20 photos more, drawn by chance" in share["refused"]
    assert (made.summary.front_lead_focus, made.front_lead_note) == (Focus.FACILITY, UNCHECKED)
    looked_at = compose([page(1, lead)], rules, looked_for=A_LEADER, validities=LOOKED_AT)
    assert looked_at.share("focus_facility").share > 0
    assert looked_at.front_lead_note.startswith("the machine's reading, which is to be checked")
    few = {"focus_facility": replace(unchecked("focus_facility"), answers=3)}
    little = compose([page(1, lead)], rules, looked_for=A_LEADER, validities=few)
    assert "checked on only 3 photos of this" in little.front_lead_note


unit = st.floats(0, 1)
photos = st.builds(
    lambda width, ps, leader, facility: (
        Frame(Box(0, 0, width, 60), 1.0),
        PhotoInterpretation(
            tuple(SubjectReading(s, p) for s, p in zip(Subject, ps, strict=True)),
            (),
            FocusReading(Focus.NEITHER, leader, facility, ()),
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


@settings(max_examples=5)
@given(editions, st.randoms())
def test_neither_the_order_of_pages_nor_of_photos_matters(pages, chance):
    expected = compose(pages, RULES)
    shuffled = [page(p.number, *chance.sample(p.photos, len(p.photos))) for p in pages]
    chance.shuffle(shuffled)
    made = compose(shuffled, RULES)
    document, as_given = made.to_json(), expected.to_json()
    for name in NUMBERS:
        assert document[name] == pytest.approx(as_given[name])
    for name in SHARES:
        one, other = expected.share(name), made.share(name)
        assert other.share == pytest.approx(one.share)
        assert other.interval == pytest.approx(one.interval)
        assert other.machine == pytest.approx(one.machine)
        assert (other.decided, other.estimate.n) == (one.decided, one.estimate.n)


@settings(max_examples=5)
@given(editions, st.integers(1, 4))
def test_unseen_pages_change_coverage_and_nothing_else(pages, unseen):
    expected = compose(pages, RULES).to_json()
    made = compose([*pages, *[UNSEEN] * unseen], RULES).to_json()
    assert made["pages"] == expected["pages"] + unseen
    changed = {"pages", "coverage"}
    assert {k: v for k, v in made.items() if k not in changed} == {
        k: v for k, v in expected.items() if k not in changed
    }


@settings(max_examples=5)
@given(editions)
def test_an_edition_twice_has_the_same_shares(pages):
    how = {"looked_for": A_LEADER, "validities": LOOKED_AT}
    once, twice = (compose(given, RULES, **how) for given in (pages, pages * 2))
    assert twice.summary.photos == 2 * once.summary.photos
    assert twice.summary.photo_area == pytest.approx(2 * once.summary.photo_area)
    for name in SHARES:
        one, two = once.share(name), twice.share(name)
        assert two.share == pytest.approx(one.share)
        assert two.machine == pytest.approx(one.machine)
        assert two.decided == 2 * (one.decided or 0)
        assert two.estimate.n == 2 * one.estimate.n


@settings(max_examples=5)
@given(editions)
def test_numbers_stay_in_their_range(pages):
    made = compose(pages, RULES, looked_for=A_LEADER)
    document = made.to_json()
    assert 0 <= document["photo_area_share"] <= 1
    assert 0 <= document["full_page_photo_pages"] <= document["pages_seen"]
    for zone in Zone:
        for weight in Weight:
            for share in (made.share(name, zone, weight) for name in SHARES):
                if share.share is None:
                    assert share.estimate.refused
                    continue
                hold(share, weight)
                assert 0 <= share.decided <= share.estimate.size + 1e-9


@settings(max_examples=20)
@given(st.lists(st.tuples(unit, st.none() | st.booleans()), min_size=1, max_size=12), st.randoms())
def test_settled_photos_count_at_their_word(photos, chance):
    def share(given):
        found = [
            (
                Frame(Box(0, 0, 10, 10), 1.0),
                PhotoInterpretation(
                    (SubjectReading(Subject.CROWD, p),),
                    (),
                    FocusReading(Focus.NEITHER, 0.0, 0.0, ()),
                ),
            )
            for p, _ in given
        ]
        told = tuple({} if answer is None else {"crowd": answer} for _, answer in given)
        return compose([replace(page(1, *found), consensus=told)], RULES).share("crowd")

    made, answers = share(photos), [answer for _, answer in photos]
    hold(made)
    assert made.settled == len(photos) - answers.count(None)
    assert made.machine == pytest.approx(sum(p for p, _ in photos) / len(photos), abs=1e-6)
    value, low, high = made.estimate.count
    least, most = answers.count(True), len(photos) - answers.count(False)
    assert least - 1e-9 <= value <= most + 1e-9
    if low is not None and high is not None:
        assert least <= low + 1e-9
        assert high - 1e-9 <= most
    if None not in answers:
        assert low == high == value
    other = share(chance.sample(photos, len(photos)))
    assert other.share == pytest.approx(made.share)
    assert other.interval == pytest.approx(made.interval)


def _sums(share):
    """Return what adds up over zones."""
    assert share.numerator is not None
    assert share.decided is not None
    size = share.estimate.size
    return [size, share.machine * size, share.numerator, share.decided]


def test_zones_part_the_edition(make_photo, rules):
    top, low = (
        make_photo(box, subjects={Subject.PEOPLE: p})
        for box, p in ((Box(0, 0, 100, 30), 0.9), (Box(0, 60, 50, 100), 0.3))
    )
    made = compose([page(1, top, low), page(2, top, low, low)], rules)
    found = {zone: made.share("people", zone).estimate.n for zone in Zone}
    assert found == {
        Zone.ALL: 5, Zone.FRONT: 2, Zone.INSIDE: 3, Zone.ABOVE_FOLD: 2, Zone.LEAD: 2,
    }  # fmt: skip
    assert made.share("people", Zone.LEAD, Weight.AREA).estimate.size == pytest.approx(0.6)
    for weight in Weight:
        every, front, inside = (
            made.share("people", zone, weight) for zone in (Zone.ALL, Zone.FRONT, Zone.INSIDE)
        )
        parts = [_sums(front), _sums(inside)]
        assert np.sum(parts, axis=0) == pytest.approx(_sums(every))


def test_a_large_photo_counts_more_by_area(make_photo, rules):
    large = make_photo(Box(0, 0, 100, 90), subjects={Subject.CROWD: 1.0})
    small = make_photo(Box(0, 90, 100, 100), subjects={Subject.CROWD: 0.0})
    made = compose([page(1, large, small)], rules)
    by_count, by_area = (made.share("crowd", weight=weight) for weight in Weight)
    assert (by_count.machine, by_count.decided) == (0.5, 1)
    assert [by_area.machine, by_area.decided] == pytest.approx([0.9, 0.9])
    for share, weight in ((by_count, Weight.COUNT), (by_area, Weight.AREA)):
        hold(share, weight)
        assert share.share == pytest.approx(share.machine, abs=0.01)


def test_what_people_have_settled_replaces_the_machine_and_is_shown_beside_it(make_photo, rules):
    photos = [make_photo(subjects={Subject.CHILDREN: p}) for p in (0.9, 0.2)]
    half = replace(page(1, *photos), consensus=({"children": False}, {}))
    share = compose([half], rules).share("children")
    assert share.machine == pytest.approx(0.55)
    assert share.settled == 1
    hold(share)
    assert share.interval == (0.0, 0.5)
    assert "reviewed" in share.estimate.method
    whole = replace(page(1, *photos), consensus=({"children": False}, {"children": True}))
    share = compose([whole], rules).share("children")
    assert (share.share, share.interval, share.settled) == (0.5, (0.5, 0.5), 2)
    assert share.machine == pytest.approx(0.55)
    assert share.estimate.method.startswith("all photos reviewed")


def test_labels_have_shares_of_their_own(make_photo, rules):
    photos = [make_photo(labels={"indoor": p, "ribbon": 1 - p}) for p in (0.9, 0.5)]
    made = compose([page(1, *photos)], rules, labels=("indoor", "night", "ribbon"))
    indoor = made.share("label:indoor")
    hold(indoor)
    assert indoor.machine == pytest.approx(0.7)
    assert (indoor.decided, indoor.estimate.n) == (2, 2)
    document = made.to_json()
    assert list(document["labels"]) == ["indoor", "night", "ribbon"]
    assert set(document["labels"]["indoor"]) == set(document["shares"]["people"])
    assert document["labels"]["night"]["share"] is None
    assert document["labels"]["night"]["n"] == 0


def test_photos_that_are_not_read_for_a_label_yet_are_not_in_its_n(make_photo, rules):
    made = compose([page(1, make_photo(labels={"ribbon": 0.5}), make_photo())], rules)
    assert (made.summary.photos, made.share("label:ribbon").estimate.n) == (2, 1)
