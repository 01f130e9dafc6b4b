"""What a study will show: one answer over HTTP and in the terminal."""

from datetime import date, timedelta

import pytest

from ..cli.conftest import document, installed, printed

__all__ = ["installed"]
ADDRESS = "/api/v1/stats/power"


@pytest.fixture
def month(add_summary):
    """Add thirty editions, half a month with more photos of children than the other."""
    for day in range(30):
        when = date(2025, 12, 1) + timedelta(days=day)
        add_summary(when, photos=20, shares={"children": 0.1 + 0.2 * (day > 14)})


def test_the_same_in_the_terminal_and_over_http(client, installed, month):
    asked = {"metric": "children", "of": "difference", "inference": "these", "drawn": 100}
    found = client.get(ADDRESS, params=asked).json()
    assert found == document("stats", "power", "children", "--of", "difference", "--drawn", "100")
    assert (found["editions"], found["photos"]) == (30, 600)
    assert found["drawn"] in found["sizes"]
    large = client.get(ADDRESS, params=asked | {"change": 0.9}).json()
    assert (large["needed"], "30 drawn photos are the least" in large["method"]) == (60, True)


def test_what_a_width_takes_without_an_archive(client, installed):
    words = ["stats", "power", "--share", "0.15", "--auc", "0.92", "--width", "0.08"]
    needed = document(*words)["needed"]
    assert 50 < needed < 400
    assert f"draw {needed} photos" in printed(*words)
    found = client.get(ADDRESS, params={"share": 0.15, "auc": 0.92, "width": 0.08}).json()
    assert (found["needed"], found["recipe"]) == (needed, None)


def test_too_small_a_difference_and_what_is_no_share_are_refused(client, installed, month):
    asked = {"metric": "children", "of": "trend", "inference": "practice", "change": 0.001}
    found = client.get(ADDRESS, params=asked).json()
    assert found["needed"] is None
    assert "add editions" in found["refused"]
    assert client.get(ADDRESS, params={"metric": "photos"}).status_code == 422
    assert client.get(ADDRESS).status_code == 422
