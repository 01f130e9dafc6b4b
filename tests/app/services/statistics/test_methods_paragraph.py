import re
from datetime import date

import pytest

from presslens.app.platform.language import language
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.methods_paragraph import (
    Studied,
    methods_of,
    methods_paragraph,
)
from presslens.pipelines.statistics.validity import Validity, ValidityState

STUDIED = Studied(("Sample Daily",), "2025-12-01", "2025-12-31", 2, uploaded=150)


def share(**changes):
    return {
        "value": 0.183,
        "interval": [0.154, 0.22],
        "n": 1107,
        "method": "drawn photos: regression estimator, score interval, 95 %",
        "refused": None,
        "note": None,
        "drawn": 200,
        **changes,
    }


def period(**changes):
    return {
        "recipe": "3f2a" * 16,
        "source": {
            "estimator": "2",
            "reviews_as_of": "2026-01-15T10:00:00+00:00",
            "samples": {"children": {"name": "december", "seed": 7, "editions": 24, "lost": 0}},
        },
        "inference": "these",
        "editions": 24,
        "pages": 150,
        "pages_seen": 149,
        "pages_expected": 150,
        "metrics": {"photos": {"total": 1107.0, "total_interval": [1050.0, 1130.0]}},
        "shares": {"children": share()},
        "left_out": [{"reason": "superseded"}],
        "left_out_count": 1,
        **changes,
    }


def test_it_says_what_was_measured_how_and_how_surely(scripted_recipe):
    text = methods_paragraph(period(), STUDIED, scripted_recipe)
    for figure in (
        "24 editions (150 pages) of Sample Daily, 1 December 2025 to 31 December 2025",
        "recipe 3f2a3f2a3f2a",
        "Of 150 pages, 149 could be looked at.",
        "1 edition was left out (superseded by another upload of its day).",
        "found 1,107 photographs (95% interval 1,050 to 1,130, which allows",
        "classified as “children” was 18.3% (95% interval 15.4% to 22.0%, n = 1,107).",
        "200 photographs drawn by chance (sample “december”, seed 7) were coded by people.",
        "2 coders had answered by 15 January 2026, and a regression estimator",
        "- children: drawn photos: regression estimator, score interval, 95 %",
        "about these very editions",
        "Särndal",
    ):
        assert figure in text
    assert text.count("Cite:") == 1
    paragraph, *_ = text.split("\n\n")
    # What a journal prints has no list in a sentence, and the present tense only of intervals.
    assert ";" not in paragraph
    assert re.findall(r"\b(is|are|has)\b", paragraph) == ["are"]


def test_it_is_said_in_korean_with_the_same_figures(scripted_recipe):
    shares = {"children": share(), "people": share(drawn=0), "crowd": share(value=None)}
    arguments = period(shares=shares), STUDIED, scripted_recipe
    english, korean = (methods_paragraph(*arguments, language(code)) for code in ("en", "ko"))
    assert english == methods_paragraph(*arguments)
    figures = r"\d[\d,.%-]*\d"
    paragraph, _, notes, *_ = korean.split("\n\n")
    days = r"\d+ [A-Z][a-z]+ \d{4}|\d{4}년 \d+월 \d+일"
    ours, theirs = (re.sub(days, "", one) for one in (paragraph, english.split("\n\n")[0]))
    assert sorted(re.findall(figures, ours)) == sorted(re.findall(figures, theirs))
    names = {"Sample", "Daily", "Presslens", "december"}
    assert set(re.findall(r"[A-Za-z]{2,}", paragraph)) == names
    assert notes.startswith("- 어린이: ")


def test_without_coded_photos_it_says_so_and_cites_no_method_of_samples(scripted_recipe):
    source = {**period()["source"], "reviews_as_of": None}  # drawn, and not answered yet
    document = period(source=source, shares={"children": share(drawn=0)})
    text = methods_paragraph(document, STUDIED, scripted_recipe)
    assert "No photograph was drawn by chance and coded by people" in text
    assert "Särndal" not in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"value": None, "refused": "too little is known"}, "No share is stated for “children”."),
        ({"value": None, "refused": "too little is known"}, "- children: too little is known"),
        ({"interval": None, "refused": "too wide"}, "was 18.3% (no interval, n = 1,107)."),
        ({"interval": None, "refused": "too wide"}, "- children: too wide"),
        ({"note": "scores are low"}, "score interval, 95 %; scores are low"),
    ],
)
def test_what_is_not_known_is_said(changes, sentence, scripted_recipe):
    document = period(shares={"children": share(**changes)})
    assert sentence in methods_paragraph(document, STUDIED, scripted_recipe)


def test_several_newspapers_are_named_with_what_is_not_valid_in_each(scripted_recipe):
    wrong = Validity("children", ValidityState.NOT_VALID, "people say otherwise", offered=False)
    valid = Validity("children", ValidityState.VALID, "people say so")
    validities = {"Daily": {"children": valid}, "Evening": {"children": wrong}}
    studied = Studied(("Daily", "Evening"), "2025-12-16", "2025-12-16", 2, validities)
    document = period(shares={"children": share(value=None, refused="not offered")})
    text = methods_paragraph(document, studied, scripted_recipe)
    assert "of Daily and Evening, 16 December 2025, with" in text
    assert "No share is stated for “children”." in text
    assert "- children: Evening: people say otherwise" in text
    assert "The program's readings of “children” are not valid in Evening." in text


def test_practice_is_named(scripted_recipe):
    text = methods_paragraph(period(inference="practice"), STUDIED, scripted_recipe)
    assert "the practice of which these editions are examples" in text


def test_an_installation_without_editions_has_no_figures(scripted_recipe):
    document = period(editions=0, metrics={}, shares={}, left_out=[], left_out_count=0)
    text = methods_paragraph(document, Studied((), None, None, 0), scripted_recipe)
    assert text.startswith("No edition of these days is analysed yet.")
    left_out = {"left_out": [{"reason": "incomplete"}], "left_out_count": 1}
    text = methods_paragraph(document | left_out, Studied((), None, None, 0), scripted_recipe)
    assert (
        "No edition of these days counts. 1 edition was left out (without all of its pages)."
        in text
    )


def test_what_is_left_out_lends_it_neither_name_nor_days_nor_pages(home, worker, put, make):
    put({f"page_{i}.png": make(tint=i) for i in (1, 2)}, pages_expected=3)
    put({"a.png": make(tint=9)}, "Evening", date(2019, 12, 20), pages_expected=150)
    worker.drain()
    text = methods_of(home, EditionCriteria(), ["children"])
    assert "1 edition (3 pages) of Rodong Sinmun, 16 December 2019, with" in text
    assert "All pages could be looked at. 1 page was not uploaded." in text
    assert "1 edition was left out (without all of its pages)." in text
    assert "Evening" not in text
