"""Pages on other sites can neither change nor read an installation; scripts can."""

from functools import cache

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


@pytest.fixture(scope="module")
def asked():
    """Return a function that makes a request of a guarded service, and returns the answer."""

    @cache
    def service(settings):
        app = FastAPI()
        app.add_middleware(RequestGuard, settings=Settings(**dict(settings)))

        @app.api_route("/{path:path}", methods=["GET", *UNSAFE])
        def answer(path: str) -> str:
            return path

        return TestClient(app, base_url=HERE)

    def ask(method="GET", path="/api/v1/photos", *, settings=(), **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return service(tuple(dict(settings).items())).request(method, path, headers=names)

    return ask


CROSS = {"sec_fetch_site": "cross-site"}
DOCUMENT = {**CROSS, "sec_fetch_mode": "navigate", "sec_fetch_dest": "document"}
CHANGING = {
    200: (
        {}, {"origin": HERE}, {"origin": "HTTP://localhost:8000"},
        {"origin": "https://localhost:8000"},  # behind a proxy with TLS
        {"sec_fetch_site": "same-origin", "origin": HERE}, {"sec_fetch_site": "none"},
        {"sec_fetch_site": "same-site", "origin": HERE},
    ),
    403: (
        {"origin": "https://evil.example"}, {"origin": "http://localhost:9000"},
        {"origin": "http://localhost"}, {"origin": "http://localhost:8000.evil.example"},
        {"origin": "null"}, {"origin": "http://[evil"}, {"origin": "file://"}, CROSS,
        {**CROSS, "origin": HERE}, {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "same-site", "origin": "http://localhost:9000"},
        {"sec_fetch_site": "something-new"}, DOCUMENT,
    ),
}  # fmt: skip
READING = {
    200: (
        {}, {"sec_fetch_site": "same-origin"}, {"origin": HERE}, DOCUMENT,
        {"sec_fetch_site": "none", "sec_fetch_mode": "navigate"},
    ),
    403: (
        {"sec_fetch_site": "same-site"}, CROSS, {"origin": "https://evil.example"},
        {**CROSS, "sec_fetch_mode": "no-cors", "sec_fetch_dest": "image"},
        {**CROSS, "sec_fetch_mode": "navigate", "sec_fetch_dest": "iframe"},
    ),
}  # fmt: skip


def test_who_may_change_and_read_something(asked, subtests):
    for status, headers in ((status, one) for status, each in CHANGING.items() for one in each):
        with subtests.test(f"change {headers}"):
            assert {asked(method, **headers).status_code for method in UNSAFE} == {status}
    for status, headers in ((status, one) for status, each in READING.items() for one in each):
        for path in ("/api/v1/photos", *PUBLIC):
            with subtests.test(f"read {path} {headers}"):
                answer = asked(path=path, **headers)
                assert answer.status_code == status
                assert "access-control-allow-origin" not in answer.headers
                policy = answer.headers.get("cross-origin-resource-policy")
                assert status != 200 or policy == "same-origin"


def test_what_a_setting_makes_public(asked, subtests):
    elsewhere = {"origin": "https://viewer.example", **CROSS, "settings": {"public": True}}
    for path, status in (
        *((path, 200) for path in PUBLIC), ("/api/v1/pages/7", 403),
        ("/api/v1/pages/7/image/more", 403), ("/api/v1/photos/7/image", 403),
        ("/api/v1/exports/csv", 403),
    ):  # fmt: skip
        with subtests.test(path):
            answer = asked(path=path, **elsewhere)
            assert answer.status_code == status
            open_to = answer.headers.get("access-control-allow-origin")
            assert open_to == ("*" if status == 200 else None)
            assert asked("POST", path, **elsewhere).status_code == 403


HOSTS = (
    ({}, 200, "localhost", "LOCALHOST:8000", "localhost.", "presslens.localhost:8000",
     "127.0.0.1:8000", "127.8.8.8", "[::1]:8000", "127.0.0.1:"),
    ({}, 421, "evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000",
     "notlocalhost", "192.168.1.5", "2130706433"),
    ({"host": "0.0.0.0"}, 421, "evil.example"),
    ({"host": "0.0.0.0"}, 200, "192.168.1.5:8000"),
    ({"host": "::"}, 200, "[fe80::5]:8000"),
    ({"host": "192.168.1.5"}, 200, "192.168.1.5:8000"),
    ({"host": "192.168.1.5"}, 421, "192.168.1.6:8000"),
    ({"host": "archive"}, 200, "Archive:8000"),
    ({"allowed_hosts": "archive, press.example"}, 200, "press.example"),
    ({"allowed_hosts": "archive, press.example"}, 421, "sub.press.example"),
)  # fmt: skip


def test_the_hosts_that_a_request_may_name(asked, subtests):
    for settings, status, *hosts in HOSTS:
        for host in hosts:
            with subtests.test(f"{host} {settings}"):
                for method in ("GET", "POST"):
                    answer = asked(method, settings=settings, host=host)
                    assert answer.status_code == status
                    told = "PRESSLENS_ALLOWED_HOSTS" in answer.text
                    assert told is (status == 421)


MALFORMED_HOSTS = (
    "", "127.0.0.1/evil", "localhost/", "localhost?x", "localhost#x", "localhost\\evil",
    "user@localhost", "user:word@127.0.0.1", "evil.example@localhost", "http://localhost",
    "local host", "local\thost", "localhost,evil.example", "localhost:port", "localhost:-1",
    "localhost:+80", "localhost:80:80", "localhost:65536", "localhost:8 0", "..localhost",
    "a..localhost", "-a.localhost", "a-.localhost", f"{'a' * 64}.localhost", "127.0.0.1%00",
    "[::1", "::1", "[::1]80", "[::1]evil", "[127.0.0.1]", "[::1%25lo]", "[v1.x]", "[]", ":8000",
    "l\xf6calhost", "127.0.0.1\xa0", "\xb2.localhost",
)  # fmt: skip


def test_a_malformed_host_is_refused(asked, subtests):
    assert len(MALFORMED_HOSTS) >= 20
    for host in MALFORMED_HOSTS:
        with subtests.test(host):
            for settings in ({}, {"host": "0.0.0.0"}):
                answer = asked(settings=settings, host=host.encode("latin-1"))
                assert answer.status_code == 400
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
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}
    assert client.get("/api/v1/editions").json()["editions"] == []
    assert client.get("/api/v1/figures").json()["figures"] == []
    assert list(home.storage.incoming.iterdir()) == []
