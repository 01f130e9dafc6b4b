"""Query parameters and form fields that a route would ignore are errors."""

from .test_middleware import ALL, caching

API = "/api/v1"


def test_an_unknown_parameter_is_named_with_what_is_allowed(client):
    for path, unknown, allowed in [
        ("editions?publicaton=x", "publicaton", "cursor, deleted, from, limit, publication, to"),
        ("editions.csv?first=2019-12-16", "first", "cursor, deleted, from, limit, publication, to"),
        ("editions/1?x=", "x", "none"),
        ("exports/csv?tabel=photos", "tabel", "edition, from, publication, table, to"),
        ("stats?metric=photos&wieght=area", "wieght", "weight"),
        ("reviews/next?measure=crowd&publications=x", "publications", "publication"),
        ("healthz?x=1", "x", "none"),
    ]:
        answer = client.get(f"{API}/{path}")
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error["field"] == unknown
        assert allowed in error["message"]


def test_no_route_is_left_out(client):
    """Every operation of the documentation rejects a parameter that it doesn't declare."""
    paths = client.get(f"{API}/openapi.json").json()["paths"]
    for path, operations in paths.items():
        address = path.replace("{", "").replace("}", "")
        address = "/".join("1" if part.endswith("_id") else part for part in address.split("/"))
        if "get" in operations:
            answer = client.get(f"{address}?nonsense=1")
            assert "nonsense" in [e["field"] for e in answer.json()["errors"]], path
            assert caching(answer) == ("private, no-cache", ALL), path


def test_unsafe_methods_check_too(client):
    answer = client.post(f"{API}/figures?dry_run=true", json={"name": "Pak"})
    assert answer.status_code == 422
    assert client.get(f"{API}/figures").json()["figures"] == []


def test_a_second_value_of_what_is_no_list_is_an_error(client):
    for path, repeated in [
        ("editions?publication=A&publication=B", "publication"),
        ("editions?from=2025-01-01&from=2025-01-01", "from"),
        ("stats?metric=photos&metric=crowd", "metric"),
        ("stats/compare?metric=photos&metric=crowd&a_from=2025-01-01&a_from=", "a_from"),
    ]:
        answer = client.get(f"{API}/{path}")
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert error == {"field": repeated, "message": "it has several values; allowed: one"}


def test_lists_take_several_values(client):
    answer = client.get(f"{API}/stats/compare?a_to=2025-01-01&metric=photos&metric=crowd")
    assert answer.status_code == 200, answer.text


def test_a_form_field_that_would_be_ignored_is_an_error(client):
    files = [("files", ("1.png", b"1")), ("files", ("2.png", b"2"))]
    known = (
        "coder, country, date, edition, files, kind, languages, mode, page_numbers, pages_expected,"
        " publication"
    )
    for fields, wrong, message in (
        ({"publcation": "Rodong"}, "publcation", f"there is no such parameter; allowed: {known}"),
        (
            {"publication": ["Rodong", "Minju"]},
            "publication",
            "it has several values; allowed: one",
        ),
    ):
        form = {"publication": "Rodong", "date": "2025-01-01", **fields}
        answer = client.post(f"{API}/editions", data=form, files=files)
        assert answer.status_code == 422
        assert answer.json()["errors"] == [{"field": wrong, "message": message}]


DAYS = "from=2025-02-01&to=2025-01-01"


def test_days_in_the_wrong_order_are_one_error(client):
    ordered = ["editions", "photos", "claims", "claims.csv", "events", "stats/composition",
               "reviews/agreement", "reviews/disagreements"]  # fmt: skip
    of_one = ["stats?metric=photos", "stats/changes?metric=photos", "stats/trend?metric=photos",
              "reviews/next?measure=people"]  # fmt: skip
    for path in [
        *(f"{path}?{DAYS}" for path in ordered),
        *(f"{path}&{DAYS}" for path in of_one),
        "stats/compare?a_from=2025-02-01&a_to=2025-01-01",
        "stats/compare?b_from=2025-02-01&b_to=2025-01-01",
    ]:
        answer = client.get(f"/api/v1/{path}")
        assert answer.status_code == 422
        assert answer.json()["detail"] == "from 2025-02-01 lies after to 2025-01-01"


def test_a_rule_about_days_in_the_wrong_order_is_the_same_error(client):
    days = {"from": "2025-02-01", "to": "2025-01-01"}
    rule = {"rule": "photos > 1", "publication": "Rodong Sinmun", **days}
    answer = client.post("/api/v1/claims/check", json=rule)
    assert answer.status_code == 422
    assert answer.json()["detail"] == "from 2025-02-01 lies after to 2025-01-01"
