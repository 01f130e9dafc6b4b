"""What every answer says of caches: nobody is shown what another one has asked for."""

from presslens.app.main import permitted_routes
from presslens.app.web.static_files import build

WHO = {"Authorization", "Cookie"}
ALL = WHO | {"Accept", "Accept-Language"}


def caching(answer):
    """Return what an answer says of caches, and what it varies with."""
    named = answer.headers["Vary"].split(", ")
    assert len(named) == len(set(named))
    return answer.headers["Cache-Control"], set(named)


def test_every_page_twin_and_list_is_stored_for_nobody_else(client, upload, scans):
    edition = upload(scans).json()["id"]
    pages = [address for address, route in permitted_routes() if "GET" in route.methods]
    twins = [address for address in pages if address.endswith((".json", ".csv"))]
    named = [address for address in twins if "{" not in address and "/api/" not in address]
    assert len(named) > 25
    for path in [*named, *(f"/editions/{edition}{ending}" for ending in ("", ".json", ".csv"))]:
        assert caching(client.get(path, follow_redirects=False))[0] == "private, no-cache", path


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
