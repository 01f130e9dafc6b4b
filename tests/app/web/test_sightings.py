from __future__ import annotations

from typing import Any

import pytest

from app.web.sightings import appearance_in_words, figures_of

SHOWN: dict[str, Any] = {
    "body": [0, 0, 10, 10],
    "body_found": True,
    "area_share": 0.072,
    "face_share": 0.2,
    "centrality": 0.5,
    "size_rank": 4,
    "people_beside": 11,
    "row": "front",
    "shot_size": "medium",
    "facing": "camera",
}
SEEN: dict[str, Any] = {
    "name": "Kim",
    "probability": 0.966,
    "answer": "yes",
    "told_by": "face",
    "reasons_text": ["for: it is like it"],
    "appearance": SHOWN,
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, "medium shot, front row, 4th largest of 12, facing the camera, 7 % of the photo"),
        ({"row": None}, "medium shot, 4th largest of 12, facing the camera, 7 % of the photo"),
        (
            {"shot_size": None, "facing": None, "row": None, "body_found": False},
            "4th largest of 12, roughly 7 % of the photo",
        ),
        (
            {"size_rank": 1, "facing": "left", "row": "back", "shot_size": "long"},
            "long shot, back row, largest of 12, facing left, 7 % of the photo",
        ),
        (
            {"people_beside": 0, "size_rank": 1, "row": None, "area_share": 0.0004},
            "medium shot, alone, facing the camera, under 1 % of the photo",
        ),
    ],
)
def test_how_a_figure_is_shown_is_one_line_without_what_can_t_be_told(
    changed: dict[str, Any], expected: str
) -> None:
    assert appearance_in_words({**SHOWN, **changed}) == expected


@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (2, "2nd"),
        (3, "3rd"),
        (11, "11th"),
        (12, "12th"),
        (13, "13th"),
        (21, "21st"),
        (111, "111th"),
    ],
)
def test_ranks_are_ordinal_numbers(rank: int, expected: str) -> None:
    words = appearance_in_words({**SHOWN, "size_rank": rank, "people_beside": 199})
    assert f", {expected} largest of 200," in words


@pytest.mark.parametrize(
    ("changed", "roles", "expected"),
    [
        ({}, {"Kim": "leader"}, "Kim (leader): yes, 97 %, recognised by the face"),
        ({}, {}, "Kim: yes, 97 %, recognised by the face"),
        ({"probability": 0.99}, {}, "Kim: yes, 99 %, recognised by the face"),
        ({"probability": 0.9999}, {}, "Kim: yes, over 99 %, recognised by the face"),
        (
            {"answer": "unsure", "told_by": "context", "probability": 0.75},
            {"Kim": "heir"},
            "Kim (heir): unsure, 75 %, recognised by its place, not by the face",
        ),
    ],
)
def test_it_is_said_who_how_surely_and_by_what(
    changed: dict[str, Any], roles: dict[str, str], expected: str
) -> None:
    (figure,) = figures_of({"figures": [{**SEEN, **changed}]}, roles)
    assert figure.title == expected
    assert figure.unsure == ("unsure" in expected)
    assert figure.reasons == ["for: it is like it"]
    assert figure.lines == [expected, appearance_in_words(SHOWN)]


def test_a_figure_that_was_not_looked_at_has_its_title_only() -> None:
    (figure,) = figures_of({"figures": [{**SEEN, "appearance": None}]}, {})
    assert (figure.shown, figure.lines) == ("", ["Kim: yes, 97 %, recognised by the face"])
