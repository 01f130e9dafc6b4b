"""Pages on other sites can neither change nor read an installation; scripts can."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from presslens.app.api.request_guard import RequestGuard
from presslens.app.platform.settings import Settings

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
PUBLIC = (
    "/api/v1/exports/iiif",
    "/api/v1/editions/7/manifest.json",
    "/api/v1/pages/7/annotations.json",
    "/api/v1/pages/7/image",
    "/api/v1/pages/7/image.jpg",
    "/api/v1/iiif/7/info.json",
    "/api/v1/iiif/7/full/max/0/default.jpg",
)
HERE = "http://localhost:8000"


@pytest.fixture
def asked():
    """Return a function that makes a request of a guarded service, and returns its status."""

    def ask(method="GET", path="/api/v1/photos", *, settings=None, **headers):
        app = FastAPI()
        app.add_middleware(RequestGuard, settings=Settings(**(settings or {})))

        @app.api_route("/{path:path}", methods=["GET", *UNSAFE])
        def answer(path: str) -> str:
            return path

        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return TestClient(app, base_url=HERE).request(method, path, headers=names)

    return ask


@pytest.mark.parametrize("method", UNSAFE)
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"origin": HERE}, 200),
        ({"origin": "HTTP://localhost:8000"}, 200),
        ({"origin": "https://localhost:8000"}, 200),  # behind a proxy with TLS
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://localhost:9000"}, 403),
        ({"origin": "http://localhost"}, 403),
        ({"origin": "http://localhost:8000.evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://[evil"}, 403),
        ({"origin": "file://"}, 403),
        ({"sec_fetch_site": "same-origin", "origin": HERE}, 200),
        ({"sec_fetch_site": "none"}, 200),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "cross-site", "origin": HERE}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "same-site", "origin": "http://localhost:9000"}, 403),
        ({"sec_fetch_site": "same-site", "origin": HERE}, 200),
        ({"sec_fetch_site": "something-new"}, 403),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate",
          "sec_fetch_dest": "document"}, 403),
    ],
)  # fmt: skip
def test_who_may_change_something(asked, method, headers, status):
    assert asked(method, **headers).status_code == status


@pytest.mark.parametrize("path", ["/api/v1/photos", *PUBLIC])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"sec_fetch_site": "same-origin"}, 200),
        ({"sec_fetch_site": "none", "sec_fetch_mode": "navigate"}, 200),
        ({"sec_fetch_site": "same-site"}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "no-cors",
          "sec_fetch_dest": "image"}, 403),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate",
          "sec_fetch_dest": "iframe"}, 403),
        ({"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate",
          "sec_fetch_dest": "document"}, 200),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": HERE}, 200),
    ],
)  # fmt: skip
def test_who_may_read(asked, path, headers, status):
    answer = asked(path=path, **headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers
    if status == 200:
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *((path, 200) for path in PUBLIC),
        ("/api/v1/pages/7", 403),
        ("/api/v1/pages/7/image/more", 403),
        ("/api/v1/photos/7/image", 403),
        ("/api/v1/exports/csv", 403),
    ],
)
def test_what_a_setting_makes_public(asked, path, status):
    elsewhere = {"origin": "https://viewer.example", "sec_fetch_site": "cross-site"}
    answer = asked(path=path, settings={"public": True}, **elsewhere)
    assert answer.status_code == status
    open_to = answer.headers.get("access-control-allow-origin")
    assert open_to == ("*" if status == 200 else None)
    assert asked("POST", path, settings={"public": True}, **elsewhere).status_code == 403


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("host", "settings", "status"),
    [
        ("localhost", {}, 200),
        ("LOCALHOST:8000", {}, 200),
        ("localhost.", {}, 200),
        ("presslens.localhost:8000", {}, 200),
        ("127.0.0.1:8000", {}, 200),
        ("127.8.8.8", {}, 200),
        ("[::1]:8000", {}, 200),
        ("evil.example", {}, 421),
        ("127.0.0.1.evil.example", {}, 421),
        ("localhost.evil.example:8000", {}, 421),
        ("notlocalhost", {}, 421),
        ("192.168.1.5", {}, 421),
        ("127.0.0.1:", {}, 200),
        ("2130706433", {}, 421),
        ("evil.example", {"host": "0.0.0.0"}, 421),
        ("192.168.1.5:8000", {"host": "0.0.0.0"}, 200),
        ("[fe80::5]:8000", {"host": "::"}, 200),
        ("192.168.1.5:8000", {"host": "192.168.1.5"}, 200),
        ("192.168.1.6:8000", {"host": "192.168.1.5"}, 421),
        ("Archive:8000", {"host": "archive"}, 200),
        ("press.example", {"allowed_hosts": "archive, press.example"}, 200),
        ("sub.press.example", {"allowed_hosts": "archive, press.example"}, 421),
    ],
)
def test_the_hosts_that_a_request_may_name(asked, method, host, settings, status):
    answer = asked(method, settings=settings, host=host)
    assert answer.status_code == status
    if status == 421:
        assert answer.headers["content-type"] == "application/problem+json"
        assert "PRESSLENS_ALLOWED_HOSTS" in answer.json()["detail"]


MALFORMED_HOSTS = (
    "", "127.0.0.1/evil", "localhost/", "localhost?x", "localhost#x", "localhost\\evil",
    "user@localhost", "user:word@127.0.0.1", "evil.example@localhost", "http://localhost",
    "local host", "local\thost", "localhost,evil.example", "localhost:port", "localhost:-1",
    "localhost:+80", "localhost:80:80", "localhost:65536", "localhost:8 0", "..localhost",
    "a..localhost", "-a.localhost", "a-.localhost", f"{'a' * 64}.localhost", "127.0.0.1%00",
    "[::1", "::1", "[::1]80", "[::1]evil", "[127.0.0.1]", "[::1%25lo]", "[v1.x]", "[]", ":8000",
    "l\xf6calhost", "127.0.0.1\xa0", "\xb2.localhost",
)  # fmt: skip


@pytest.mark.parametrize("settings", [{}, {"host": "0.0.0.0"}])
def test_a_malformed_host_is_refused(asked, settings, subtests):
    assert len(MALFORMED_HOSTS) >= 20
    for host in MALFORMED_HOSTS:
        with subtests.test(host):
            answer = asked(settings=settings, host=host.encode("latin-1"))
            assert answer.status_code == 400
            assert answer.headers["content-type"] == "application/problem+json"
            assert "Host header" in answer.json()["detail"]


def test_two_hosts_are_refused(client):
    for second in ("localhost", "evil.example"):
        headers = [("host", "localhost"), ("host", second)]
        assert client.get("/healthz", headers=headers).status_code == 400


def test_a_page_on_another_site_can_not_upload_or_enrol(client, home, make):
    elsewhere = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    form = {"publication": "Rodong Sinmun", "date": "2019-12-16"}
    files = [("files", ("a.png", make()))]
    answers = [
        client.post("/api/v1/editions", data=form, files=files, headers=elsewhere),
        client.post("/api/v1/figures", json={"name": "Pak"}, headers=elsewhere),
        client.get("/api/v1/editions", headers={"Host": "rebound.example"}),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 421]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/api/v1/editions").json()["editions"] == []
    assert client.get("/api/v1/figures").json()["figures"] == []
    assert list(home.storage.incoming.iterdir()) == []
