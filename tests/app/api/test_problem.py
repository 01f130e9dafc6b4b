"""Every error has one shape and tells nothing about the machine."""

import pytest

from presslens.app.api.problem import STATUS, _domain

API = "/api/v1"
MISSING = [
    ("GET", f"{API}/nothing", 404),
    ("GET", f"{API}/editions/99", 404),
    ("GET", f"{API}/editions/99/events", 404),
    ("GET", f"{API}/editions/99/composition", 404),
    ("GET", f"{API}/pages/99", 404),
    ("GET", f"{API}/pages/99/image", 404),
    ("GET", f"{API}/photos/99", 404),
    ("GET", f"{API}/photos/99/image", 404),
    ("GET", f"{API}/figures/99", 404),
    ("GET", f"{API}/claims/99999", 404),
    ("GET", f"{API}/claims/99999/verdict", 404),
    ("DELETE", f"{API}/claims/99999", 404),
    ("GET", f"{API}/claims?from=1700000000", 422),
    ("GET", f"{API}/claims?key=a%00b", 422),
    ("GET", f"{API}/claims?cursor=nonsense", 422),
    ("POST", f"{API}/claims", 422),
    ("POST", f"{API}/claims/check", 422),
    ("GET", f"{API}/events/99999", 404),
    ("DELETE", f"{API}/events/99999", 404),
    ("GET", f"{API}/events?cursor=WyJhIl0=", 422),
    ("DELETE", f"{API}/editions", 405),
    ("GET", f"{API}/editions/0", 422),
    ("GET", f"{API}/editions/99999999999999999999", 422),
    ("GET", f"{API}/editions/..%2f..%2fetc%2fpasswd", 404),
    ("GET", f"{API}/editions?from=1700000000", 422),
    ("GET", f"{API}/editions?publication=a%00b", 422),
    ("GET", f"{API}/editions?limit=0", 422),
    ("GET", f"{API}/editions?cursor=nonsense", 422),
    ("GET", f"{API}/photos?subject=cats", 422),
    ("GET", f"{API}/photos?sort=name;drop", 422),
    ("GET", f"{API}/photos?min_probability=2", 422),
    ("GET", f"{API}/photos?cursor=WyJhIl0=", 422),
    ("POST", f"{API}/editions", 422),
    ("POST", f"{API}/figures", 422),
    ("POST", f"{API}/figures/99/references", 422),
]


def check(answer, status):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert list(problem) == ["type", "title", "status", "detail", "errors"]
    assert problem["status"] == status
    for secret in ("Traceback", "sqlalchemy", "SELECT", "/tmp", ".py"):
        assert secret not in answer.text


@pytest.mark.parametrize(("method", "path", "status"), MISSING)
def test_what_can_not_be_answered(client, method, path, status):
    check(client.request(method, path), status)


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"publication": "", "date": "2019-12-16"}, 422),
        ({"publication": " ", "date": "2019-12-16"}, 422),
        ({"publication": "a\0b", "date": "2019-12-16"}, 422),
        ({"publication": "x" * 256, "date": "2019-12-16"}, 422),
        ({"publication": "Rodong Sinmun", "date": "16.12.2019"}, 422),
        ({"publication": "Rodong Sinmun", "date": "2019-02-30"}, 422),
        ({"publication": "Rodong Sinmun", "date": "1576454400"}, 422),
        ({"publication": "Rodong Sinmun"}, 422),
    ],
)
def test_fields_that_can_not_be_used(client, fields, status, make):
    answer = client.post(f"{API}/editions", data=fields, files=[("files", ("a.png", make()))])
    check(answer, status)
    assert answer.json()["errors"]


def test_no_file_is_refused(client):
    answer = client.post(
        f"{API}/editions", data={"publication": "Rodong Sinmun", "date": "2019-12-16"}
    )
    check(answer, 422)


def test_a_name_twice_with_another_role_is_a_conflict(client):
    client.post(f"{API}/figures", json={"name": "Pak", "role": "leader"})
    check(client.post(f"{API}/figures", json={"name": "Pak", "role": "official"}), 409)


@pytest.mark.parametrize("name", ["\ud800", "a\nb", ""])
def test_names_that_no_database_takes(client, name):
    content = f'{{"name": "{name}"}}'.encode("utf-8", "surrogatepass")
    answer = client.post(
        f"{API}/figures", content=content, headers={"content-type": "application/json"}
    )
    check(answer, 422)


def test_a_broken_database_tells_nothing(client, home):
    home_of_app = client.app.state.home
    home_of_app.database.engine.dispose()
    with home.database.write() as session:
        session.connection().exec_driver_sql("ALTER TABLE sighting RENAME TO gone")
        session.connection().exec_driver_sql("ALTER TABLE edition RENAME COLUMN created_at TO born")
    check(client.get(f"{API}/editions"), 500)


@pytest.mark.parametrize("error", list(STATUS))
def test_a_subclass_of_an_error_has_its_status(error):
    own = {"problem": "", "column": 1, "edition_id": 1, "extensions": {}, "seconds": 1}
    kind = type("Special", (error,), {"__init__": Exception.__init__, **own})
    assert _domain(kind("why")).status_code == STATUS[error]
