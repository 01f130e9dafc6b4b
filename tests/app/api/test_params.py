"""Parameters that requests have in common."""

import pytest

DAYS = "from=2025-02-01&to=2025-01-01"


@pytest.mark.parametrize(
    "path",
    [
        f"editions?{DAYS}",
        f"photos?{DAYS}",
        f"claims?{DAYS}",
        f"claims.csv?{DAYS}",
        f"events?{DAYS}",
        f"stats?metric=photos&{DAYS}",
        f"stats/composition?{DAYS}",
        f"stats/changes?metric=photos&{DAYS}",
        "stats/compare?a_from=2025-02-01&a_to=2025-01-01",
        "stats/compare?b_from=2025-02-01&b_to=2025-01-01",
        f"reviews/next?measure=people&{DAYS}",
        f"reviews/agreement?{DAYS}",
        f"reviews/disagreements?{DAYS}",
    ],
)
def test_days_in_the_wrong_order_are_one_error(client, path):
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 422
    assert answer.json()["detail"] == "from 2025-02-01 lies after to 2025-01-01"


def test_a_rule_about_days_in_the_wrong_order_is_the_same_error(client):
    rule = {"rule": "photos > 1", "publication": "R", "from": "2025-02-01", "to": "2025-01-01"}
    answer = client.post("/api/v1/claims/check", json=rule)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "from 2025-02-01 lies after to 2025-01-01"
