"""Changes and comparisons, over HTTP."""

from datetime import date

import pytest

from ..answers import csv_rows
from ..first_states import made_once

CHANGES, COMPARE = "/api/v1/stats/changes", "/api/v1/stats/compare"
YEARS = {"a_from": "2025-01-01", "b_to": "2024-12-31"}


@pytest.fixture
@made_once
def archive(add_summary):
    """Add three editions a month over two years; from 2025 on with more children."""
    for month in range(24):
        for i in range(3):
            day = date(2024 + month // 12, month % 12 + 1, 3 + 7 * i)
            share = 0.04 + 0.01 * ((month + i) % 3) + 0.08 * (month >= 12)
            add_summary(day, shares={"children": share})


def test_changes_are_found(client, archive):
    found = client.get(CHANGES, params={"metric": "children", "publication": "Rodong"}).json()
    (change,) = found["changes"]
    assert change["date"] == "2025-01-01"
    assert [change["before"], change["after"]] == pytest.approx([0.05, 0.13], abs=1e-3)
    assert len(found["periods"]) == 24
    assert client.get(found["permalink"]).json() == found


def test_groups_are_compared(client, archive):
    found = client.get(COMPARE, params=YEARS).json()
    rows = {row["metric"]: row for row in found["metrics"]}
    assert rows["children"]["differs"] is True
    assert rows["children"]["difference"] == pytest.approx(0.08, abs=0.01)
    assert rows["photos"]["differs"] is False
    assert rows["crowd"]["p"] is None
    assert found["compared"] == sum(row["difference"] is not None for row in found["metrics"])
    assert found["inference"] == "these"
    assert (found["a"]["editions"], found["b"]["editions"]) == (36, 36)
    assert client.get(found["permalink"]).json() == found


def test_they_are_tables_too(client, archive):
    for address, asked, column, value in [
        (CHANGES, {"metric": "children"}, "date", "2025-01-01"),
        (COMPARE, {**YEARS, "metric": "children", "correction": "bh"}, "differs", "True"),
    ]:
        answer = client.get(f"{address}.csv", params=asked)
        (row,) = csv_rows(answer)
        assert row[column] == value
        assert all(
            row[name] for name in ("metric", "difference", "low", "high", "method", "recipe")
        )
        accepted = client.get(address, params=asked, headers={"Accept": "text/csv"})
        assert accepted.text == answer.text
