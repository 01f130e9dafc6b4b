"""The multiverse over HTTP and in the terminal."""

import csv

from ..answers import csv_rows
from ..cli.conftest import document, installed, printed

__all__ = ["installed"]
ADDRESS = "/api/v1/stats/multiverse"


def test_json_and_csv_have_the_same_rows(client, edition):
    asked = {"metric": "people", "threshold": 0.5}
    found = client.get(ADDRESS, params=asked).json()
    assert found["metric"] == "people"
    assert found["rows"][0]["zone"] == "all"
    rows = csv_rows(client.get(f"{ADDRESS}.csv", params=asked))
    assert [row["verdict"] for row in rows] == [row["verdict"] for row in found["rows"]]
    assert {row["weight"] for row in rows} == {"count", "area"}


def test_the_command_shows_how_many_agree(installed, edition, tmp_path):
    words = ["stats", "multiverse", "--metric", "people", "--threshold", "0.9", "--zone", "all"]
    shown = " ".join(printed(*words, "--csv", tmp_path / "rows.csv").split())
    assert "2 specifications, 2 refused: " in shown
    assert "the first one is refused, so that it has no verdict" in shown
    rows = list(csv.DictReader((tmp_path / "rows.csv").read_text().splitlines()))
    assert len(rows) == document(*words)["specifications"] == 2
