"""What is usual, over HTTP."""

from datetime import date, timedelta

import pytest

from ..answers import csv_rows
from ..first_states import made_once

ADDRESS = "/api/v1/baseline"


@pytest.fixture
@made_once
def edition(add_summary):
    """Add twelve editions, and give the id of the last."""
    for i in range(12):
        day = date(2025, 12, 5) + timedelta(i)
        made = add_summary(
            day, photos=104 if i == 11 else 30 + i % 5, shares={"children": 0.1}, lead="leader"
        )
    return made


def test_an_edition_is_held_against_the_previous_ones(client, edition):
    found = client.get(ADDRESS, params={"edition": edition}).json()
    assert found["baseline"]["n"] == 11
    assert found["baseline"]["enough"] is True
    flagged = [flag["metric"] for flag in found["flags"]]
    assert flagged == ["photos", "photos_per_page", "photo_area_share"]
    assert found["flags"][0]["reason"].startswith("photos 104; usual 32")
    (children,) = (one for one in found["metrics"] if one["metric"] == "children")
    assert children["usual"] == pytest.approx(0.1, abs=0.01)
    assert (children["basis"], children["flag"]) == ("machine", None)
    assert client.get(found["permalink"]).json() == found


def test_what_is_asked_for_is_answered(client, edition):
    asked = {
        "edition": edition, "n": 5, "match": ["pages", "weekday"], "least": 3,
        "metric": ["photos", "children@all/area"],
    }  # fmt: skip
    found = client.get(ADDRESS, params=asked).json()
    assert [one["metric"] for one in found["metrics"]] == ["photos", "children/area"]
    assert found["baseline"]["match"] == ["pages", "weekday"]
    assert found["baseline"]["n"] == 1


def test_a_row_a_metric(client, edition):
    answer = client.get(f"{ADDRESS}.csv", params={"edition": edition, "metric": "photos"})
    (row,) = csv_rows(answer)
    assert (row["metric"], row["rank"], row["baseline_n"]) == ("photos", "1", "11")
    assert float(row["value"]) == 104
    assert row["words"].startswith("photos 104; usual 32")
    same = client.get(
        ADDRESS, params={"edition": edition, "metric": "photos"}, headers={"Accept": "text/csv"}
    )
    assert same.text == answer.text
