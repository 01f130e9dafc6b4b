from itertools import combinations

import numpy as np
import pytest

from presslens.samples.distractor import KINDS
from presslens.samples.template import FRAME, pages

EXPECTED = {
    "ordinary": (6, range(14, 21)),
    "special": (8, range(101, 131)),
    "distractors": (4, range(6, 7)),
}


def planned(kind, seed):
    return pages(kind, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", EXPECTED)
def test_an_edition_has_its_pages_and_photos(kind, seed):
    plans = planned(kind, seed)
    count, photos = EXPECTED[kind]
    assert len(plans) == count
    assert sum(len(plan.photos) for plan in plans) in photos
    assert plans[0].masthead
    assert not any(plan.masthead for plan in plans[1:])


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", EXPECTED)
def test_nothing_overlaps_and_all_lies_inside_the_frame(kind, seed):
    for plan in planned(kind, seed):
        pictures = [p.area for p in plan.photos] + [p.area for p in plan.panels]
        texts = [t.area for t in plan.texts if t.area.width > 0 and t.area.height > 0]
        assert not any(
            a.overlaps(b) and not _inside(b, a.inset(4)) for a, b in combinations(pictures, 2)
        )
        assert all(_inside(ground.area, FRAME) for ground in plan.grounds)
        assert not any(picture.overlaps(text) for picture in pictures for text in texts)
        assert all(_inside(area, FRAME) for area in pictures + texts)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", EXPECTED)
def test_photos_are_wide_enough_and_no_strips(kind, seed):
    for plan in planned(kind, seed):
        for place in plan.photos:
            assert place.area.width >= 140
            assert 0.4 < place.area.width / place.area.height < 3.6


def test_photos_touch_rarely_and_only_where_their_tones_differ():
    gaps = set()
    for seed in range(12):
        for plan in planned("special", seed):
            for a, b in combinations(plan.photos, 2):
                beside = a.area.y0 == b.area.y0 and a.area.y1 == b.area.y1
                gap = b.area.x0 - a.area.x1
                if beside and gap in range(15):
                    gaps.add(gap)
                    assert gap or {a.tone, b.tone} == {"dark", "light"}
    assert {0, 1, 14} <= gaps


def test_some_photos_carry_their_caption_and_some_lie_in_collages():
    plans = [plan for seed in range(12, 36) for plan in planned("special", seed)]
    photos = [place for plan in plans for place in plan.photos]
    assert 0.01 < sum(place.strip for place in photos) / len(photos) < 0.25
    assert any(plan.grounds for plan in plans)
    assert any(_inside(b.area, a.area) for p in plans for a, b in combinations(p.photos, 2))


def test_the_distractors_are_of_every_kind():
    plans = planned("distractors", 5)
    assert plans[0].emblem
    assert {panel.kind for seed in range(4) for p in planned("distractors", seed)
            for panel in p.panels} == set(KINDS)  # fmt: skip


def test_other_seeds_give_other_layouts():
    assert planned("special", 1) != planned("special", 2)
    assert planned("special", 1) == planned("special", 1)


def test_the_special_front_page_does_without_the_leader_and_one_page_is_one_photo():
    plans = planned("special", 3)
    roles = [place.role for place in plans[0].photos]
    assert max(plans[0].photos, key=lambda p: p.area.width * p.area.height).role == "building"
    assert not {"leader", "visit", "any"} & set(roles)
    assert any([place.role for place in plan.photos] == ["fireworks"] for plan in plans)


def _inside(area, frame):
    return (
        frame.x0 <= area.x0 and frame.y0 <= area.y0 and area.x1 <= frame.x1 and area.y1 <= frame.y1
    )
