"""Claims over HTTP."""

from ..answers import csv_rows
from .test_problem import CHECK, CLAIM

API = "/api/v1/claims"


def test_a_claim_is_kept_judged_and_removed(client, worker, upload, scans, home, count_photos):
    posted = client.post(API, json=CLAIM)
    assert posted.status_code == 201
    claim = posted.json()
    assert (claim["version"], claim["seeded"], claim["from"]) == (1, False, "2019-12-16")
    address = posted.headers["Location"]
    assert client.get(address).json() == claim
    assert client.post(API, json=CLAIM).status_code == 200

    assert client.get(f"{address}/verdict").json()["verdict"] == "undecided"
    upload(scans)
    worker.drain()
    count_photos()
    found = client.get(f"{address}/verdict").json()
    assert (found["verdict"], found["claim"], found["recipe"]) == ("true", claim, home.recipe.id)
    assert found["rule_version"] == claim["rule_version"]
    assert (found["n"], found["pages"], found["coverage"]) == (1, 3, 1.0)
    assert [c["left"]["value"] for c in found["comparisons"]] == [3, 3]
    for page in found["evidence"][0]["pages"]:
        assert client.get(page["address"]).json()["number"] == page["number"]
        assert client.get(page["image"]).status_code == 200

    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404
    assert client.get(f"{address}/verdict").status_code == 404


def test_a_rule_is_checked_without_being_kept(client, worker, upload, scans):
    upload(scans)
    worker.drain()
    before = client.get(API, params={"limit": 200}).json()
    found = client.post(f"{API}/check", json={**CHECK, "rule": "share(people) > 50 %"}).json()
    assert found["verdict"] == "undecided"
    (evidence,) = found["evidence"]
    assert evidence["metric"] == "people"
    for photo in evidence["photos"]:
        shown = client.get(photo["address"]).json()["subjects"]["people"]["probability"]
        assert shown == photo["probability"]
        assert client.get(photo["image"]).headers["content-type"] == "image/jpeg"
    assert client.get(API, params={"limit": 200}).json() == before


def test_a_changed_rule_is_a_new_version(client):
    first = client.post(API, json=CLAIM).json()
    second = client.post(API, json={**CLAIM, "rule": "pages = 3"}).json()
    assert second["version"] == 2
    assert client.get(f"{API}/{first['id']}").json() == {**first, "latest": False}
    query = {"key": "three-pages", "versions": True}
    listed = client.get(API, params=query).json()["claims"]
    assert [claim["id"] for claim in listed] == [first["id"], second["id"]]


def test_a_bad_rule_is_an_error_with_its_column(client):
    for rule, column, message in (
        ("photos > ", 10, "expected a number"), ("fotos > 1", 1, "did you mean 'photos'?"),
        ("", 1, "expected a number"), ("photos > 1\0", 11, "can't be read"),
    ):  # fmt: skip
        for path, body in (("", CLAIM), ("/check", CHECK)):
            answer = client.post(f"{API}{path}", json={**body, "rule": rule})
            assert answer.status_code == 422
            assert answer.json()["detail"].startswith(f"at column {column}: ")
            (error,) = answer.json()["errors"]
            assert (error["field"], error["column"]) == ("rule", column)
            assert message in error["message"]


def test_seeded_claims_are_listed_and_stay(client):
    found = client.get(API, params={"from": "2025-12-16", "to": "2025-12-16", "limit": 3}).json()
    assert len(found["claims"]) == 3
    again = {"from": "2025-12-16", "to": "2025-12-16", "cursor": found["next"]}
    rest = client.get(API, params=again).json()["claims"]
    assert {claim["from"] for claim in (*found["claims"], *rest)} == {"2025-12-16"}
    assert client.delete(f"{API}/{rest[0]['id']}").status_code == 409
    answer = client.get(f"{API}/{rest[0]['id']}/verdict").json()
    assert answer["verdict"] == "undecided"
    assert answer["reasons"][0] == "no edition of Rodong Sinmun on 2025-12-16"


def test_lists_are_csv_too(client):
    rows = csv_rows(client.get(f"{API}.csv"))
    claims = client.get(API, params={"limit": 200}).json()["claims"]
    assert [row["rule"] for row in rows] == [claim["rule"] for claim in claims]
    by_header = client.get(API, headers={"accept": "text/csv"})
    assert by_header.headers["content-type"].startswith("text/csv")


def test_the_front_lead_photo_is_evidence(client, worker, upload, scans, make):
    figure = client.post("/api/v1/figures", json={"name": "Kim"}).json()
    photo = [("files", ("a.png", make(faces=1)))]
    client.post(f"/api/v1/figures/{figure['id']}/references", files=photo)
    upload(scans)
    worker.drain()
    body = {**CHECK, "rule": "front.lead.focus = facility"}
    found = client.post(f"{API}/check", json=body).json()
    assert found["verdict"] == "false"
    assert found["comparisons"][0]["left"]["value"] in ("leader", "neither")
    assert found["evidence"][0]["photos"][0]["why"] == "front lead"


def test_a_claim_is_frozen_and_its_looks_are_shown(client, worker, upload, scans, count_photos):
    claim = client.post(API, json=CLAIM).json()
    assert (claim["registration"], claim["frozen_at"]) == (None, None)
    address = f"{API}/{claim['id']}"
    frozen = client.post(f"{address}/freeze", json={"level": 0.01})
    assert frozen.status_code == 201
    assert frozen.json()["registration"]["content"]["level"] == 0.01
    assert client.post(f"{address}/freeze", json={"level": 0.01}).status_code == 200
    assert client.post(f"{address}/freeze").status_code == 409
    upload(scans)
    worker.drain()
    count_photos()
    found = client.get(f"{address}/verdict").json()
    assert (found["level"], found["estimand"]) == (0.01, "these editions")
    assert found["registered"]["before_first_scan"] is True
    assert [look["verdict"] for look in found["looks"]] == ["true"]
    assert client.get(f"{address}/verdict").json()["looks_count"] == 2
    assert client.get(f"{address}/verdict", params={"level": 0.05}).status_code == 422
    assert client.delete(address).status_code == 409
    assert client.get(f"{API}.csv").text.count(frozen.json()["frozen_sha256"]) == 1


def test_a_family_is_judged_together(client):
    client.post(API, json=CLAIM)
    body = {"keys": ["three-pages", "inaugurations-2025-12-16-photos"], "correction": "bh"}
    found = client.post(f"{API}/family", json=body).json()
    assert [one["verdict"] for one in found["claims"]] == ["undecided", "undecided"]
    assert [one["p_true_adjusted"] for one in found["claims"]] == [1.0, 1.0]
    nobody = client.post(f"{API}/family", json={"keys": ["a\nb"]})
    assert (nobody.status_code, "no claim" in nobody.text) == (404, True)
