"""Two recipes side by side over HTTP."""

import pytest

from presslens.app.services.analysis.reinterpret import rescore

from ..answers import csv_rows
from ..first_states import made_once

COMPARE = "/api/v1/recipes/compare"


@pytest.fixture
@made_once
def both(home, client, upload, worker, beside, bold, scans):
    """The ids of two recipes that three photos are interpreted under, the second bolder."""
    upload(scans)
    worker.drain()
    with beside() as other:
        rescore(other, bold, progress=lambda *_: None)
        return {"old": home.recipe.id[:8], "new": other.recipe.id}


def test_a_comparison_names_its_recipes_its_photos_and_its_methods(client, home, both):
    found = client.get(COMPARE, params=both).json()
    assert found["recipe"] == found["old"]["id"] == home.recipe.id
    assert (found["old"]["current"], found["new"]["current"]) == (True, False)
    assert (found["photos"], found["same_photos"], found["coverage"]["pages"]) == (3, True, 3)
    assert set(found["methods"]) == {"p", "p_holm", "kappa", "same_photo"}
    crowd = next(m for m in found["measures"] if m["measure"] == "crowd")
    assert crowd == {
        "measure": "crowd", "n": 3, "both": 0, "only_old": 0, "only_new": 3, "neither": 0,
        "old": {"share": 0.25, "decided": 0}, "new": {"share": 0.75, "decided": 3},
        "change": 0.5, "p": 0.25, "p_holm": crowd["p_holm"],
        "kappa": {"value": 0, "interval": [0, 0]},
    }  # fmt: skip
    assert crowd["p"] <= crowd["p_holm"] <= 1
    assert found["focus"]["verdicts"] == ["leader", "facility", "neither", "unsure"]
    assert sum(map(sum, found["focus"]["photos"])) == 3
    flip = found["flips"][0]
    assert flip["measure"] == "crowd"
    assert (flip["old"], flip["new"], flip["change"], flip["flipped"]) == (0.25, 0.75, 0.5, True)
    assert client.get(f"/api/v1/photos/{flip['new_photo']}").status_code == 200
    assert found["editions"][0]["n"] == 3


def test_measures_and_days_are_chosen(client, both):
    found = client.get(COMPARE, params={**both, "measure": ["crowd", "people"]}).json()
    assert [m["measure"] for m in found["measures"]] == ["people", "crowd"]
    found = client.get(COMPARE, params={**both, "from": "2020-01-01", "limit": 1}).json()
    assert (found["photos"], found["measures"], found["from"]) == (0, [], "2020-01-01")


@pytest.mark.parametrize(
    ("path", "accept"), [(f"{COMPARE}.csv", "*/*"), (COMPARE, "text/csv")], ids=["suffix", "accept"]
)
def test_csv_holds_every_flip(client, both, path, accept):
    answer = client.get(
        path, params={**both, "limit": 1, "measure": "crowd"}, headers={"accept": accept}
    )
    assert answer.headers["content-type"].startswith("text/csv")
    rows = csv_rows(answer)
    assert [(r["measure"], r["old"], r["new"], r["new_shows"]) for r in rows] == [
        ("crowd", "0.25", "0.75", "True")
    ] * 3
    assert {r["new_recipe"] for r in rows} == {both["new"]}


def test_odd_requests_are_refused(client, both):
    for changes, status in (
        ({"new": None}, 422), ({"new": "abc"}, 422), ({"new": "../../etc"}, 422),
        ({"new": "x" * 65}, 422), ({"new": "0123456789"}, 404), ({"measure": "nothing"}, 422),
        ({"measure": "crowd\0"}, 422), ({"measure": "'; DROP TABLE photo; --"}, 422),
        ({"from": "yesterday"}, 422), ({"limit": 0}, 422), ({"limit": 10**6}, 422),
    ):  # fmt: skip
        for suffix in ("", ".csv"):
            answer = client.get(COMPARE + suffix, params={**both, **changes})
            assert answer.status_code == status, changes
    itself = client.get(COMPARE, params={**both, "new": both["old"]})
    assert itself.status_code == 422
    assert "one recipe" in itself.json()["detail"]


def test_recipes_are_listed_with_what_they_were_applied_to(client, both):
    recipes = client.get("/api/v1/recipes").json()["recipes"]
    assert sorted((r["current"], r["photos"], r["editions"]) for r in recipes) == [
        (False, 3, 1),
        (True, 3, 1),
    ]
