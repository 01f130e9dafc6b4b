from dataclasses import replace

import pytest

from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import PageTraits
from presslens.pipelines.statistics.layout import (
    PageLayout,
    PageType,
    Quadrant,
    page_type,
    places,
    warnings,
)

RULES = Recipe.load().aggregate
SIZE = (1000, 1500)
PLAIN = PageTraits(
    skew=0.0,
    dpi=150,
    colour=True,
    halftone=None,
    bitonal=None,
    photographed=None,
    brightness=0.8,
    ink_share=0.4,
    text_share=0.3,
    column_width=150.0,
)


@pytest.mark.parametrize(
    ("photos", "ink", "kind"),
    [
        ([], 0.4, PageType.TEXT),
        ([], 0.001, PageType.BLANK),
        ([Box(0, 0, 300, 200)], 0.4, PageType.MIXED),
        ([Box(0, 0, 1000, 400), Box(0, 500, 1000, 900)], 0.9, PageType.PHOTOS),
        ([Box(0, 0, 1000, 1100)], 0.9, PageType.FULL_PAGE),
    ],
)
def test_what_a_page_is_made_of(photos, ink, kind):
    assert page_type(photos, SIZE, replace(PLAIN, ink_share=ink), RULES) is kind


def test_an_image_that_is_a_photo_is_a_full_page():
    whole = Box(0, 0, *SIZE)
    assert page_type([whole], SIZE, None, RULES) is PageType.FULL_PAGE


def test_where_photos_lie():
    found = places([Box(0, 0, 300, 200), Box(600, 800, 1000, 1200)], SIZE, 150.0)
    assert [(p.above_fold, p.quadrant, p.lead, p.width_share, p.columns) for p in found] == [
        (True, Quadrant.TOP_LEFT, False, 0.3, 2.0),
        (False, Quadrant.BOTTOM_RIGHT, True, 0.4, 2.7),
    ]


def test_of_equals_the_first_leads_and_without_columns_there_is_no_width_in_them():
    found = places([Box(500, 0, 700, 100), Box(0, 0, 200, 100)], SIZE, None)
    assert [p.lead for p in found] == [True, False]
    assert [p.columns for p in found] == [None, None]


@pytest.mark.parametrize(
    ("change", "size", "word"),
    [
        ({"ink_share": 0.0}, SIZE, "blank"),
        ({"ink_share": 1.0, "brightness": 0.01}, SIZE, "dark"),
        ({"skew": -3.4}, SIZE, "turned by 3.4 degrees"),
        ({"dpi": 40}, SIZE, "about 40 dpi"),
        ({"bitonal": True}, SIZE, "copied to black and white"),
        ({"photographed": True}, SIZE, "shares of the whole picture"),
        ({}, (1500, 1000), "wider than high"),
        ({"ink_share": 0.99}, SIZE, "is this a page?"),
    ],
)
def test_what_makes_a_page_doubtful_is_said(change, size, word):
    (text,) = warnings([], size, replace(PLAIN, **change))
    assert word in text


def test_a_good_page_has_no_warnings():
    assert warnings([], SIZE, PLAIN) == ()
    assert warnings([], SIZE, None) == ()


def test_the_layout_says_it_all_as_json():
    layout = PageLayout.of([Box(0, 0, 300, 200)], SIZE, PLAIN, RULES)
    document = layout.to_json()
    assert document["type"] == "mixed"
    assert document["traits"]["dpi"] == 150
    assert document["warnings"] == []
    assert layout.places[0].lead
