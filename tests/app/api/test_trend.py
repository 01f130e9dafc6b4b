"""The trend of a metric over HTTP."""

from datetime import date, timedelta

from ..answers import csv_rows

ADDRESS = "/api/v1/stats/trend"


def test_csv_has_a_row_for_each_coefficient(client, add_summary):
    for day in range(30):
        add_summary(
            date(2025, 12, 1) + timedelta(days=day), photos=20 + day % 3, shares={"people": 0.5}
        )
    asked = {"metric": "photos", "break": "2025-12-15"}
    found = client.get(ADDRESS, params=asked).json()
    rows = csv_rows(client.get(f"{ADDRESS}.csv", params=asked))
    assert [row["name"] for row in rows] == [one["name"] for one in found["coefficients"]]
    assert {row["break"] for row in rows} == {"2025-12-15"}
    schema = client.get("/openapi.json").json()["components"]["schemas"]
    assert "Coefficient" in schema["CitedTrend"]["properties"]["coefficients"]["items"]["$ref"]
    none = client.get(ADDRESS, params={"metric": "leader"})
    assert none.status_code == 422
    assert "enrol" in none.json()["detail"]
