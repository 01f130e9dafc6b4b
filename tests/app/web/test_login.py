"""Signing in by name and password: cookies, refusals, and where it leads."""

import re

import pytest
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from presslens.app.api.access import LOGIN_COOKIE
from presslens.app.api.rate_limits import RateLimits
from presslens.app.main import create_app
from presslens.app.platform import clock
from presslens.app.platform.permissions import AccountRole
from presslens.app.services.accounts import passwords
from presslens.app.services.accounts.accounts import add_account
from presslens.app.services.accounts.identity import SHELL

from ..first_states import made_once

PASSWORD = "correct horse battery"
HTML = {"Accept": "text/html"}
ELSEWHERE = [
    "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\\\evil.example",
    "https://evil.example", "HTTPS:evil.example", "http:/evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "data:text/html,x", "/\t/evil.example", "\t//evil.example",
    "/\n/evil.example", " //evil.example", "/%09/evil.example", "%2f%2fevil.example",
    "/%2f%2fevil.example", "/.//evil.example", "evil.example", "@evil.example", "",
]  # fmt: skip


HASHER = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=64, parallelism=1),))
"""Hashes in a moment: these tests check hundreds of passwords, each of which takes a while."""
NOBODYS = HASHER.hash("nobody's password")


@pytest.fixture
def _quick_passwords(monkeypatch):
    monkeypatch.setattr(passwords, "_hasher", lambda: HASHER)
    monkeypatch.setattr(passwords, "_nobodys", lambda: NOBODYS)


@pytest.fixture
@made_once
def accounts(home, _quick_passwords):
    """Add an administrator and a reader, who sign in by password."""
    for name, role in (("Ada", AccountRole.ADMIN), ("Rea", AccountRole.READER)):
        add_account(home, name, role=role, password=PASSWORD, by=SHELL, now=clock.now())


@pytest.fixture
def asking(settings, accounts):
    """Return a function that opens the application, which asks for a login, at an address."""
    opened = []

    def enter(base="https://presslens.test", **options):
        changed = settings.model_copy(
            update={
                "require_login": True,
                "allowed_hosts": "presslens.test",
                "requests_per_minute": 0,
            }
        )
        client = TestClient(create_app(changed), base_url=base, follow_redirects=False, **options)
        opened.append(client)
        return client.__enter__()

    yield enter
    for client in opened:
        client.__exit__(None, None, None)


def sign_in(client, name="Ada", password=PASSWORD, **more):
    return client.post("/login", data={"name": name, "password": password, **more}, headers=HTML)


def test_who_asks_for_a_page_signs_in_and_gets_there(asking):
    client = asking()
    asked = client.get("/labels?name=x", headers=HTML)
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/login?next=%2Flabels%3Fname%3Dx",
    )
    form = client.get(asked.headers["location"], headers=HTML)
    assert 'value="/labels?name=x"' in form.text
    assert "<nav" not in form.text
    answer = sign_in(client, next="/labels?name=x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/labels?name=x")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{LOGIN_COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=lax", "Secure"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    page = client.get("/labels", headers=HTML)
    assert "Signed in as Ada (admin)" in page.text
    assert 'name="coder" value=' not in page.text
    assert client.post("/logout").headers["location"] == "/login"
    assert client.get("/labels", headers=HTML).status_code == 303


def test_a_login_gets_a_token_of_its_own(asking):
    """No cookie that a stranger planted becomes a login, and the one before ends."""
    client, planted = asking(), "planted" * 6
    client.cookies.set(LOGIN_COOKIE, planted, domain="presslens.test", path="/")
    sign_in(client)
    first = client.cookies[LOGIN_COOKIE]
    assert first != planted
    sign_in(client)
    second = client.cookies[LOGIN_COOKIE]
    stranger = asking()
    answers = [
        stranger.get("/api/v1/me", headers={"Cookie": f"{LOGIN_COOKIE}={token}"}).status_code
        for token in (planted, first, second)
    ]
    assert answers == [401, 401, 200]


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(asking):
    client = asking()
    answers = [sign_in(client, "Ada", "wrong"), sign_in(client, "Eve", "wrong")]
    assert [one.status_code for one in answers] == [401, 401]
    first, second = (one.text.replace("Eve", "Ada") for one in answers)
    assert first == second
    assert LOGIN_COOKIE not in client.cookies


def test_ten_failures_a_minute_of_an_address_or_a_name(asking):
    client = asking()
    codes = [sign_in(client, f"nobody {i}", "wrong").status_code for i in range(15)]
    assert codes[:10] == [401] * 10
    assert 429 in codes
    answer = sign_in(client)  # the right one, from the address that guessed
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1
    assert re.search(r"try again in \d+ seconds", answer.text)
    assert sign_in(asking(client=("192.0.2.9", 1))).status_code == 303


def test_next_stays_on_this_server(asking):
    client = asking()
    for address in ELSEWHERE:
        client.app.state.rate_limits = RateLimits(0)  # more than one address may try in a minute
        answer = sign_in(client, next=address)
        assert answer.status_code == 303
        location = answer.headers["location"]
        assert re.match(r"/(?![/\\])", location), (address, location)
        assert re.fullmatch(r"[!-~]+", location), (address, location)
    assert len(ELSEWHERE) >= 20


def test_plain_http_from_another_machine_is_told_of_https(asking):
    page = asking("http://presslens.test").get("/login", headers=HTML).text
    assert "needs HTTPS" in page
    assert 'type="password"' not in page
    for base in ("http://localhost", "http://127.0.0.1:8000", "https://presslens.test"):
        assert 'type="password"' in asking(base).get("/login", headers=HTML).text


def test_pages_say_that_no_login_is_asked_for(client):
    page = client.get("/labels", headers=HTML).text
    assert "whoever sits at this computer may do everything" in page
    assert 'name="coder"' in page
    assert "No login is asked for here" in client.get("/login", headers=HTML).text


def test_a_reader_is_offered_what_a_reader_may_do(asking):
    client = asking()
    sign_in(client, "Rea")
    page = client.get("/labels", headers=HTML).text
    assert 'href="/export"' in page
    assert 'href="/review"' not in page
    assert 'href="/accounts"' not in page
    refused = client.get("/upload", headers=HTML)
    assert (refused.status_code, "You may not do this" in refused.text) == (403, True)
