"""What every answer says of caches: nobody is shown what another one has asked for."""

import pytest

from presslens.app.main import permitted_routes
from presslens.app.web.static_files import build

from .test_access import asking

WHO = {"Authorization", "Cookie"}
ALL = WHO | {"Accept", "Accept-Language"}


def caching(answer):
    """Return what an answer says of caches, and what it varies with."""
    named = answer.headers["Vary"].split(", ")
    assert len(named) == len(set(named))
    return answer.headers["Cache-Control"], set(named)


@pytest.mark.parametrize("problem", [True, False])
def test_every_page_twin_and_list_is_stored_for_nobody_else(client, upload, scans, problem):
    edition = upload(scans).json()["id"]
    seen = 0
    for address, route in permitted_routes():
        if "GET" not in route.methods or address.endswith("/events"):
            continue
        if problem:
            [(_, path), *_] = asking(f"{address}?nonsense=1", route)
        elif "{" in address or "/api/" in address or not address.endswith((".json", ".csv")):
            continue
        else:
            path = address
        seen += 1
        assert caching(client.get(path, follow_redirects=False)) == ("private, no-cache", ALL), path
    assert seen > (150 if problem else 25)
    for ending in ("", ".json", ".csv"):
        assert caching(client.get(f"/editions/{edition}{ending}"))[0] == "private, no-cache"


def test_pictures_vary_with_who_asks_and_files_of_the_program_with_nothing(
    client, put, worker, make
):
    put({"a.png": make()})
    worker.drain()
    page = client.get("/api/v1/photos").json()["photos"][0]["page"]
    assert caching(client.get(f"/api/v1/pages/{page}/image")) == ("private, max-age=3600", WHO)
    script = client.get(f"/static/{build()}/js/base.js")
    assert script.headers["Cache-Control"].startswith("public")
    assert "Cookie" not in script.headers.get("Vary", "")


def test_a_client_that_has_a_statistic_is_told_the_same_of_caches(client):
    first = client.get("/api/v1/stats?metric=photos")
    again = client.get(
        "/api/v1/stats?metric=photos", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304
    assert caching(first) == caching(again) == ("private, no-cache", ALL)
