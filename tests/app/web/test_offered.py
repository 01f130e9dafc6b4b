"""What pages offer: nothing that whoever looks at them may not do, by the table of routes."""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import product
from urllib.parse import urlsplit

import pytest
from starlette.routing import compile_path

from presslens.app.api.access import LOGIN_COOKIE
from presslens.app.main import permitted_routes
from presslens.app.platform import clock
from presslens.app.platform.permissions import AccountRole
from presslens.app.services.accounts.accounts import add_account
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.logins import begin_login
from presslens.app.services.accounts.share_links import add_link
from presslens.app.services.reviews.training import make_training
from presslens.app.web.site import PAGES

from ..first_states import made_once
from .test_login import HTML, _quick_passwords, accounts, asking

__all__ = ["_quick_passwords", "accounts", "asking"]

CONTROLS = {"button", "input", "select", "textarea"}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Element:
    tag: str
    addresses: list[str] = field(default_factory=list)
    has_control: bool = False


class Offers(HTMLParser):
    """Collects what a page offers: methods and addresses; desks are elements with controls."""

    def __init__(self, page, here):
        super().__init__()
        self.offered, self.open, self.here = set(), [], here
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag in CONTROLS and given.get("type") != "hidden":
            for element in self.open:
                element.has_control = True
        assert "None" not in (given.get("href"), given.get("src"), given.get("action"))
        if tag in ("a", "link") and re.match(r"/(?!static/)", given.get("href", "")):
            self._send("get", given["href"])
        if tag == "form" and ("method" in given or "action" in given):
            self._send(given.get("method", "get"), given.get("action") or self.here)
        if "formaction" in given:
            self._send(given.get("formmethod", "get"), given["formaction"])
        element = Element(tag, has_control=tag in CONTROLS)
        for name, value in given.items():
            kind, _, method = name.partition("-")
            if kind == "hx" and value.startswith("/"):
                self._send(method, value)
            elif kind == "data" and re.match(r"/\w", value):
                element.addresses.append(value)
        (self._end if tag in VOID else self.open.append)(element)

    def _send(self, method, address):
        if method != "dialog":
            self.offered.add((method.upper(), address))

    def handle_endtag(self, tag):
        while self.open and tag in {element.tag for element in self.open}:
            ended = self.open.pop()
            self._end(ended)
            if ended.tag == tag:
                return

    def close(self):
        super().close()
        for element in self.open:
            self._end(element)

    def _end(self, element):
        for address in element.addresses:
            self.offered.add(("DESK" if element.has_control else "GET", address))


def route_table():
    """Return the pattern, the methods and the permission of each route."""
    return [
        (compile_path(address)[0], route.methods, route.permission)
        for address, route in permitted_routes()
    ] + [(re.compile("/openapi.json"), {"GET"}, None)]


def is_permitted(table, permissions, method, address):
    """Return whether somebody may do what is offered; a desk needs a method that changes."""
    path = re.sub(r"\b(?:ID|0)\b", "1", urlsplit(address).path)
    found = [(methods, asks) for pattern, methods, asks in table if pattern.fullmatch(path)]
    assert found, f"no route has the address {address}"
    if method == "DESK":
        changing = [(m, asks) for m, asks in found if not m <= {"GET", "HEAD", "OPTIONS"}]
        asked = [asks for _, asks in changing or found]
    else:
        asked = [asks for methods, asks in found if method in methods]
    return any(asks is None or asks in permissions for asks in asked)


def page_paths():
    """Return the addresses of all pages, their places in braces."""
    for module in PAGES:
        for route in module.router.routes:
            ends = re.search(r"\.(?:json|csv|png|svg|pdf)$", route.path)
            if "GET" in route.methods and route.permission is not None and not ends:
                yield route.path


@pytest.fixture
@made_once
def archive_of_all(home, put, worker, client, scans, make):
    """Fill an installation with something of each kind; return the ids by the names of routes."""
    files = {**scans, "note.txt": b"nothing but text", "fake.jpg": b"\xff\xd8\xff\xe0 broken"}
    first = put(files).edition_id
    lost = put({"a.jpg": b"\xff\xd8\xff\xe0 broken"}, publication="Minju Joson").edition_id
    gone = put({"b.png": make(tint=9)}, publication="Rodong Sinmum").edition_id
    figure = client.post("/api/v1/figures", json={"name": "Kim", "role": "leader"}).json()
    faces = [("files", ("a.png", make(faces=1))), ("files", ("b.png", make()))]
    client.post(f"/api/v1/figures/{figure['id']}/references", files=faces)
    client.post("/api/v1/labels", json={"name": "ribbons"})
    day = {"publication": "Rodong Sinmun", "from": "2019-12-16", "to": "2019-12-16"}
    claims = [
        client.post(
            "/api/v1/claims", json={"key": key, "statement": key, "rule": "photos > 1", **day}
        ).json()["id"]
        for key in ("open", "frozen")
    ]
    client.post(f"/api/v1/claims/{claims[1]}/freeze")
    worker.drain()
    waiting = put({"c.png": make(tint=20)}, publication="Tongil Sinbo").edition_id
    sample = client.post("/api/v1/samples", json={"items": 2, "name": "s", "measures": ["people"]})
    pages = client.post("/api/v1/samples", json={"items": 2, "name": "p"})
    client.delete(f"/api/v1/editions/{gone}")
    photos = client.get("/api/v1/photos").json()["photos"]
    for photo, coder in product(photos[:2], ("Ann", "Bea")):
        answers = {"coder": coder, "answers": {"people": True}}
        client.post(f"/api/v1/photos/{photo['id']}/reviews", json=answers)
    papers = client.get("/api/v1/publications").json()["publications"]
    lost_pages = client.get(f"/api/v1/editions/{first}").json()["page_list"]
    training = make_training(home, sample.json()["id"], "Cho", "Ann", now=clock.now())
    assert sample.status_code == pages.status_code == 201, sample.text + pages.text
    return {
        "edition_id": [first, lost, gone, waiting],
        "page_id": [photos[0]["page"], lost_pages[-1]["id"]],
        "photo_id": [photos[0]["id"]],
        "claim_id": claims,
        "figure_id": [figure["id"]],
        "publication_id": [one["id"] for one in papers],
        "sample_id": [sample.json()["id"], pages.json()["id"]],
        "key": ["2019-12"],
        "round_id": [training.id],
    }


def addresses(ids):
    """Return the addresses of all pages, and what can be asked of some of them."""
    for path in page_paths():
        name = re.search(r"{(\w+)(?::\w+)?}", path)
        yield from [re.sub(r"{.*?}", str(one), path) for one in ids[name[1]]] if name else [path]
    yield f"/pages/{ids['page_id'][0]}?mode=correct"
    yield f"/gallery?like={ids['photo_id'][0]}"
    yield f"/gallery?edition={ids['edition_id'][0]}&about=people"
    yield "/gallery?view=page"
    yield "/labels?name=ribbons"
    yield "/claims/test?publication=Rodong+Sinmun&from=2019-12-16&rule=photos+%3E+1"
    yield f"/newspapers/{ids['publication_id'][0]}?merge={ids['publication_id'][1]}"
    yield "/review/new?measure=people"
    yield "/login"


def refused_offers(client, pages, is_refused):
    """Return what pages offer that is refused, and the number of pages and offers looked at."""
    wrong, seen, offers = [], 0, 0
    for page in pages:
        answer = client.get(page, headers=HTML)
        if answer.status_code not in (200, 410):
            continue
        seen += 1
        found = Offers(answer.text, page).offered
        offers += len(found)
        wrong += [(page, *offer) for offer in sorted(found) if is_refused(*offer)]
    return wrong, seen, offers


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "role",
    [
        AccountRole.READER,
        pytest.param(AccountRole.REVIEWER, marks=pytest.mark.long),
        pytest.param(AccountRole.EDITOR, marks=pytest.mark.long),
    ],
)
def test_no_page_offers_what_its_reader_may_not_do(asking, home, archive_of_all, role):
    client, table = asking(), route_table()
    account = add_account(home, f"a {role}", role=role, password=None, by=SHELL, now=clock.now())
    login = begin_login(home, account.id, now=clock.now(), address=None)
    client.headers["Cookie"] = f"{LOGIN_COOKIE}={login.token}"

    def is_refused(method, address):
        if "mode=" in address:  # a desk at the address of a page
            return client.get(address, headers=HTML).status_code != 200
        return not is_permitted(table, role.permissions, method, address)

    wrong, seen, offers = refused_offers(client, addresses(archive_of_all), is_refused)
    assert "\n".join(map(str, wrong)) == ""
    assert (seen > 25, offers > 500) == (True, True)


@pytest.mark.parametrize("target", ["/editions/1", "/gallery?edition=1"])
def test_whoever_has_a_share_link_is_offered_what_it_opens(asking, home, archive_of_all, target):
    client, table = asking(), route_table()
    made = add_link(home, target, days=1, by=SHELL, now=clock.now())
    client.get(made.path, headers=HTML)
    within = [target, *(f"/photos/{one}" for one in archive_of_all["photo_id"])]
    if target == "/editions/1":
        within += [f"/pages/{one}" for one in archive_of_all["page_id"]]
    else:
        within.append(f"/gallery/sheet?{target.partition('?')[2]}")

    def is_refused(method, address):
        if method == "GET" and not address.startswith(("/privacy", "/login")):
            path = address.partition("#")[0].replace("KEY", "2019-12")
            return client.get(path, headers=HTML).status_code != 200
        return not is_permitted(table, frozenset(), method, address)

    wrong, seen, offers = refused_offers(client, within, is_refused)
    assert "\n".join(map(str, wrong)) == ""
    assert (seen, offers > 20) == (len(within), True)
