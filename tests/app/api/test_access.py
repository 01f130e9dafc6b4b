"""Who may do what: each route, for each role, each scope and nobody."""

import re

import pytest
from fastapi import APIRouter, Request
from fastapi.testclient import TestClient
from sqlalchemy import text
from starlette.convertors import IntegerConvertor
from starlette.routing import Mount, Route

from presslens.app.api import system
from presslens.app.api.access import (
    LOGIN_COOKIE,
    PermittedRoute,
    check_permission,
    identity_of,
    needs,
    open_to_all,
)
from presslens.app.api.rate_limits import FAILURES_A_MINUTE
from presslens.app.main import PARTS, create_app, permitted_routes
from presslens.app.platform import clock
from presslens.app.platform.errors import NotPermitted, NotSignedIn
from presslens.app.platform.permissions import EVERYTHING, AccountRole, Permission
from presslens.app.services.accounts.accounts import AccountChange, add_account, change_account
from presslens.app.services.accounts.audit import list_audit
from presslens.app.services.accounts.identity import LOOPBACK, NOBODY, SHELL, Identity, Via
from presslens.app.services.accounts.keys import add_key, revoke_key
from presslens.app.services.accounts.logins import begin_login
from presslens.app.web.site import PAGES

from ..answers import asgi_scope
from ..first_states import made_once


@pytest.fixture
@made_once
def ada(home):
    """Add an administrator, without whom nobody is let in."""
    add_account(home, "Ada", role=AccountRole.ADMIN, password="p" * 12, by=SHELL, now=clock.now())


@pytest.fixture
def guarded(settings, ada):
    """Return a client of the application that asks for a login."""
    asking = settings.model_copy(update={"require_login": True, "requests_per_minute": 0})
    with TestClient(
        create_app(asking),
        base_url="https://localhost",
        raise_server_exceptions=False,
        follow_redirects=False,
    ) as opened:
        yield opened


def bearer(home, *scopes, days=1):
    key = add_key(home, "a key", scopes=scopes, days=days, by=SHELL, now=clock.now())
    return key.id, {"Authorization": f"Bearer {key.token}"}


def asking(path, route):
    """Return a request for each method of a route."""
    for name, converter in route.param_convertors.items():
        told = "1" if isinstance(converter, IntegerConvertor) or "id" in name else "x"
        path = re.sub(rf"{{{name}(:\w+)?}}", told, path)
    return [(method, path) for method in sorted(route.methods)]


def test_every_route_names_its_permission(guarded):
    routers = [module.router for module in (*PARTS, system, *PAGES)]
    included = [r.original_router for r in guarded.app.routes if hasattr(r, "original_router")]
    assert included == routers
    assert all(isinstance(route, PermittedRoute) for router in routers for route in router.routes)
    others = {route.path for route in guarded.app.routes if isinstance(route, Route | Mount)}
    static = {path for path in others if path.startswith("/static/")}
    assert others - static == {"/openapi.json", "/api/v1/openapi.json"}
    assert len(list(permitted_routes())) == sum(len(router.routes) for router in routers)


def test_a_route_asks_for_the_permission_that_its_function_names():
    router = APIRouter(route_class=PermittedRoute)
    asking = [needs(Permission.ADMIN)(lambda: 1), open_to_all(lambda: 2)]
    for endpoint in asking:
        router.get("/somewhere")(endpoint)
    assert [route.permission for route in router.routes] == [Permission.ADMIN, None]
    assert [route.endpoint for route in router.routes] == asking
    with pytest.raises(TypeError, match=r"^/somewhere: .*<lambda> names no permission; see needs"):
        router.get("/somewhere")(lambda: None)


def test_who_asks_is_unknown_before_the_route_has_found_out(guarded, client):
    for asked, who in ((guarded, NOBODY), (client, LOOPBACK)):
        assert identity_of(Request({"type": "http", "app": asked.app})) is who


@pytest.mark.parametrize("whole", [False, pytest.param(True, marks=pytest.mark.long)])
def test_roles_scopes_and_nobody_may_what_the_table_says(guarded, home, subtests, whole):
    who = {None: (frozenset(), {})}
    for role in AccountRole:
        account = add_account(
            home, f"a {role}", role=role, password=None, by=SHELL, now=clock.now()
        )
        login = begin_login(home, account.id, now=clock.now(), address=None)
        who[f"role {role}"] = role.permissions, {"Cookie": f"{LOGIN_COOKIE}={login.token}"}
    for scope in Permission:
        who[f"scope {scope}"] = frozenset({scope}), bearer(home, scope)[1]
    routes = [
        (method, path, route.permission)
        for address, route in permitted_routes()
        for method, path in asking(address, route)
    ]
    assert len(routes) > 200
    # On each commit nobody and its own scope try each route, all others a route of each permission.
    of_each = {permission: (path, method) for method, path, permission in routes}
    for name, (permissions, headers) in who.items():
        with subtests.test(msg=str(name)):
            cells = [
                (method, path, permission is None or permission in permissions)
                for method, path, permission in routes
                if whole
                or name in (None, f"scope {permission}")
                or of_each[permission] == (path, method)
            ]
            answers = guarded.portal.call(ask_all, guarded.app, cells, headers)
            wrong = [
                (cell, status)
                for cell, status in zip(cells, answers, strict=True)
                if (status in (303, 401, 403)) is cell[2]
            ]
            assert wrong == []


async def ask_all(app, cells, headers):
    """Return the statuses of requests, whose unknown parameter ends those that are let in."""
    statuses = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    sent = {"Host": "localhost", "Accept": "text/html", **headers}
    pairs = [(name.lower().encode(), value.encode()) for name, value in sent.items()]
    for method, path, _allowed in cells:
        await app(asgi_scope(method, path, b"nonsense=1", headers=pairs), receive, send)
    return statuses


def test_ten_wrong_keys_a_minute_and_a_right_one_opens_all_the_same(guarded, home, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_800_000_030.0)  # the minute does not end meanwhile
    key, right = bearer(home, Permission.READ)
    token = right["Authorization"].removeprefix("Bearer ")
    revoked, of_revoked = bearer(home, Permission.READ)
    revoke_key(home, revoked, by=SHELL, now=clock.now())
    guesses = [
        {"Authorization": value}
        for value in (
            f"Bearer {token[:-1]}{'A' if token[-1] != 'A' else 'B'}",  # a key of this id
            f"Bearer pl_{'0' * 12}_{'x' * 43}",  # of none
            of_revoked["Authorization"],
            "Bearer nonsense",
            f"Basic {token}",
        )
    ]

    def ask(headers):
        return guarded.get("/api/v1/editions", headers=headers)

    wrong = [ask(guesses[i % len(guesses)]) for i in range(FAILURES_A_MINUTE)]
    assert ask(right).status_code == 200
    late = [ask(guess) for guess in guesses * 3]
    assert [answer.status_code for answer in wrong] == [401] * FAILURES_A_MINUTE
    assert wrong[0].headers["WWW-Authenticate"].startswith("Bearer")
    assert [answer.status_code for answer in late] == [429] * len(late)
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in late)
    # Neither answer tells how near a guess was.
    assert len({answer.text for answer in wrong}) == len({answer.text for answer in late}) == 1
    assert ask(right).status_code == 200
    revoke_key(home, key, by=SHELL, now=clock.now())
    assert ask(right).status_code == 429


def test_who_disables_an_account_ends_its_logins_and_keys(guarded, home):
    account = add_account(
        home, "Ben", role=AccountRole.EDITOR, password=None, by=SHELL, now=clock.now()
    )
    login = begin_login(home, account.id, now=clock.now(), address=None)
    key = add_key(
        home, "R", scopes=[Permission.READ], days=1, account="Ben", by=SHELL, now=clock.now()
    )
    cookie = {"Cookie": f"{LOGIN_COOKIE}={login.token}"}
    token = {"Authorization": f"Bearer {key.token}"}
    assert guarded.get("/api/v1/me", headers=cookie).json()["name"] == "Ben"
    assert guarded.get("/api/v1/me", headers=token).json()["permissions"] == ["read"]
    change_account(home, account.id, AccountChange(enabled=False), by=SHELL, now=clock.now())
    for headers in (cookie, token):
        assert guarded.get("/api/v1/me", headers=headers).status_code == 401


def test_the_name_of_a_change_is_that_of_the_login(guarded, home, scans):
    headers = bearer(home, *EVERYTHING)[1]
    label = guarded.post("/api/v1/labels", json={"name": "ribbons"}, headers=headers)
    assert label.status_code == 201, label.text
    edit = guarded.get(f"/api/v1/edits/{label.json()['edit']}", headers=headers).json()
    assert edit["coder"] == "a key"
    other = {"name": "tassels", "coder": "somebody else"}
    answer = guarded.post("/api/v1/labels", json=other, headers=headers)
    assert answer.status_code == 422
    assert "signed in as a key" in answer.json()["errors"][0]["message"]
    form = {"publication": "P", "date": "2020-01-02", "coder": "X"}
    files = [("files", ("a.png", scans["page_1.png"]))]
    answer = guarded.post("/api/v1/editions", data=form, files=files, headers=headers)
    assert answer.status_code == 422
    assert guarded.delete("/api/v1/editions/1?coder=X", headers=headers).status_code == 422


def test_undoing_asks_for_what_doing_it_does(guarded, home):
    editor = bearer(home, Permission.READ, Permission.ENROL)[1]
    figure = guarded.post("/api/v1/figures", json={"name": "Kim"}, headers=editor).json()
    reviewer = bearer(home, Permission.READ, Permission.REVIEW)[1]
    answer = guarded.post(f"/api/v1/edits/{figure['edit']}/undo", headers=reviewer)
    assert (answer.status_code, "enrol" in answer.json()["detail"]) == (403, True)
    both = bearer(home, Permission.REVIEW, Permission.ENROL)[1]
    assert guarded.post(f"/api/v1/edits/{figure['edit']}/undo", headers=both).status_code == 200


def test_nothing_of_a_refused_upload_is_read(guarded, home):
    class Body:
        read = 0

        def __iter__(self):
            for _ in range(50):
                self.read += 1
                yield b"x" * 1000

    body = Body()
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    answer = guarded.post("/api/v1/editions", content=body, headers=kind)
    assert answer.status_code == 401
    assert list(home.storage.incoming.iterdir()) == []


def test_on_loopback_nobody_has_to_sign_in(client):
    assert client.get("/api/v1/me").json() == {
        "name": None,
        "via": "loopback",
        "permissions": [one.value for one in Permission],
    }


def test_other_machines_are_let_in_once_there_is_an_administrator(settings, home):
    elsewhere = settings.model_copy(update={"host": "0.0.0.0"})
    with (
        pytest.raises(NotPermitted, match="users add NAME --role admin"),
        TestClient(create_app(elsewhere)),
    ):
        pass
    add_account(home, "Ada", role=AccountRole.ADMIN, password="p" * 12, by=SHELL, now=clock.now())
    with TestClient(create_app(elsewhere), base_url="http://192.0.2.1") as opened:
        assert opened.get("/healthz").status_code == 200
        assert opened.get("/api/v1/editions").status_code == 401


def test_a_proxy_is_refused_until_it_is_named(client, settings, home):
    headers = {"X-Forwarded-For": "192.0.2.7"}
    answer = client.get("/healthz", headers=headers)
    assert (answer.status_code, "PRESSLENS_PROXIES" in answer.text) == (400, True)
    add_account(home, "Ada", role=AccountRole.ADMIN, password="p" * 12, by=SHELL, now=clock.now())
    named = settings.model_copy(update={"proxies": "127.0.0.1"})
    with TestClient(create_app(named), base_url="http://localhost") as opened:
        assert opened.get("/healthz", headers=headers).status_code == 200
        assert opened.get("/api/v1/editions", headers=headers).status_code == 401


def test_the_description_names_the_permission_of_each_operation(client):
    paths = client.get("/openapi.json").json()["paths"]
    asked = {
        (path, method): operation.get("x-permission")
        for path, operations in paths.items()
        for method, operation in operations.items()
    }
    assert {key for key, permission in asked.items() if permission is None} == {
        ("/api/v1/healthz", "get"),
        ("/api/v1/readyz", "get"),
    }
    assert asked["/api/v1/editions", "post"] == "import"
    assert asked["/api/v1/figures/{figure_id}", "delete"] == "enrol"


def test_who_has_come_by_https_is_told_to_do_so_again(settings, home):
    add_account(home, "Ada", role=AccountRole.ADMIN, password="p" * 12, by=SHELL, now=clock.now())
    open_to_all = settings.model_copy(update={"host": "0.0.0.0"})
    told = []
    for base in ("https://192.0.2.1", "https://localhost:8000", "http://192.0.2.1"):
        with TestClient(create_app(open_to_all), base_url=base) as opened:
            told.append("Strict-Transport-Security" in opened.get("/healthz").headers)
    assert told == [True, False, False]


def test_who_may_not_is_told_what_for():
    reader = Identity("Ada", Via.LOGIN, AccountRole.READER.permissions)
    check_permission(reader, Permission.READ)
    for who, error, words in [
        (NOBODY, NotSignedIn, "sign in, or send a key: Authorization: Bearer pl_…"),
        (reader, NotPermitted, "Ada may not do this: it asks for the permission admin"),
    ]:
        with pytest.raises(error) as refused:
            check_permission(who, Permission.ADMIN)
        assert str(refused.value) == words


def test_a_key_comes_as_a_bearer_token_and_goes_before_a_login(guarded, home):
    _, headers = bearer(home, Permission.READ)
    token = headers["Authorization"].removeprefix("Bearer ")
    login = begin_login(home, 1, now=clock.now(), address=None).token
    cookie = {"Cookie": f"{LOGIN_COOKIE}={login}"}
    for header, status in [
        (f"bearer {token}", 200), (f"BEARER  {token} ", 200), (f"Basic {token}", 401),
        (token, 401), ("Bearer", 401),
    ]:  # fmt: skip
        answer = guarded.get("/api/v1/editions", headers={"Authorization": header, **cookie})
        assert answer.status_code == status, header
    wrong = "the key of the request opens nothing: it is wrong, over or revoked"
    assert answer.json()["detail"] == wrong
    assert guarded.get("/api/v1/healthz", headers={"Authorization": "Bearer x"}).status_code == 200
    assert guarded.get("/api/v1/me", headers={**headers, **cookie}).json()["name"] == "a key"
    assert guarded.get("/api/v1/me", headers=cookie).json()["name"] == "Ada"


def test_exports_are_logged_with_who_asked_for_what_from_where(guarded, home):
    headers = bearer(home, Permission.EXPORT)[1]
    for asked in ("/api/v1/exports/csv", "/api/v1/exports/json?from=2020-01-01"):
        assert guarded.get(asked, headers=headers).status_code == 200
        entry = list_audit(home, limit=1).items[0]
        assert (entry.action, entry.target, entry.actor) == ("export", asked, "a key")
        assert (entry.via, entry.address) == ("key", "testclient")
    assert guarded.get("/api/v1/exports", headers=headers).status_code == 200  # a list of them
    assert list_audit(home, limit=1).items[0] == entry


def test_an_answer_with_a_secret_is_never_kept(guarded, home):
    admin = bearer(home, *EVERYTHING)[1] | {"Idempotency-Key": "k1"}
    key = {"name": "R", "scopes": ["read"]}
    tokens = {guarded.post("/api/v1/keys", json=key, headers=admin).json()["token"] for _ in "12"}
    account = {"name": "Ben", "role": "reader"}
    password = guarded.post("/api/v1/accounts", json=account, headers=admin).json()["password"]
    assert len(tokens) == 2
    link = {"action": "add", "target": "/gallery"}
    shown = guarded.post("/share", data=link, headers=admin | {"accept": "text/html"}).text
    secrets = {*tokens, password, *re.findall(r"/s/([\w-]{20,})", shown)}
    form = {"action": "add", "name": "Eve", "role": "reader"}
    shown = guarded.post("/accounts", data=form, headers=admin).text
    secrets.add(re.search(r'id="made-password" value="([^"]+)"', shown)[1])
    assert len(secrets) == 5
    with home.database.read() as session:
        kept = session.execute(text("SELECT * FROM repeated_request")).all()
    assert not any(secret in str(kept) for secret in secrets)


def test_a_kept_answer_is_given_to_the_same_key_alone(guarded, home):
    label, again = {"name": "ribbons"}, {"Idempotency-Key": "k1"}
    first = bearer(home, *EVERYTHING)[1] | again
    other = bearer(home, *EVERYTHING)[1] | again
    assert guarded.post("/api/v1/labels", json=label, headers=first).status_code == 201
    assert guarded.post("/api/v1/labels", json=label, headers=first).status_code == 201
    assert guarded.post("/api/v1/labels", json=label, headers=other).status_code == 409


def test_an_address_that_two_may_read_otherwise_is_refused(guarded):
    statuses = []

    async def send(message):
        statuses.append(message.get("status"))

    for path, query in (("/api/v1/editions", b"limit=1#&limit=2"), ("/healthz%0a", b"")):
        guarded.portal.call(guarded.app, asgi_scope("GET", path, query), None, send)
    assert [status for status in statuses if status] == [400, 400]


def test_strangers_are_told_no_more_than_that_all_is_well_or_not(guarded, home):
    told = guarded.get("/readyz").json()
    assert "recipe" not in told
    assert all(set(problem) == {"kind"} for problem in told["problems"])
    known = guarded.get("/readyz", headers=bearer(home, Permission.READ)[1]).json()
    assert "recipe" in known
