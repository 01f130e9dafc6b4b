"""Share links: what one opens, and that it opens nothing else."""

import re
from datetime import date, timedelta

import pytest
from fastapi import Request

from presslens.app.api.access import LINK_COOKIE
from presslens.app.api.link_reach import check_link
from presslens.app.api.rate_limits import FAILURES_A_MINUTE
from presslens.app.main import permitted_routes
from presslens.app.platform import clock
from presslens.app.platform.errors import NotPermitted
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.accounts import AccountChange, account_named, change_account
from presslens.app.services.accounts.audit import list_audit
from presslens.app.services.accounts.identity import SHELL, Identity, Via
from presslens.app.services.accounts.keys import add_key, identify_key, revoke_key
from presslens.app.services.accounts.share_links import (
    NewShareLink,
    add_link,
    find_link,
    identify_link,
    list_links,
    revoke_link,
)
from presslens.app.services.catalogue.photo_filter import PhotoFilter
from presslens.app.services.catalogue.photos import list_photos

from .test_login import HTML, _quick_passwords, accounts, asking, sign_in

__all__ = ["_quick_passwords", "accounts", "asking"]

WORD = "a word for friends"
OF_AN_EDITION = {
    "/editions/{edition_id:id}", "/editions/{edition_id:id}.json", "/editions/{edition_id:id}.csv",
    "/editions/{edition_id:id}.bib", "/editions/{edition_id:id}.ris",
    "/editions/{edition_id:id}.csl.json",
    "/pages/{page_id:id}", "/pages/{page_id:id}.json", "/pages/{page_id:id}.csv",
    "/photos/{photo_id:id}", "/photos/{photo_id:id}.json", "/photos/{photo_id:id}.csv",
    "/api/v1/editions/{edition_id}", "/api/v1/editions/{edition_id}/composition",
    "/api/v1/editions/{edition_id}/events", "/api/v1/editions/{edition_id}/manifest.json",
    "/api/v1/editions/{edition_id}/ruler", "/api/v1/editions/{edition_id}/ruler.csv",
    "/api/v1/editions/{edition_id}/ruler.jpg", "/api/v1/pages/{page_id}",
    "/api/v1/pages/{page_id}/composition", "/api/v1/pages/{page_id}/image.jpg",
    "/api/v1/pages/{page_id}/image", "/api/v1/pages/{page_id}/annotations.json",
    "/api/v1/photos/{photo_id:id}", "/api/v1/photos/{photo_id}/image",
    "/api/v1/photos/{photo_id}/figures/{figure_id}/image",
    "/api/v1/iiif/{identifier}", "/api/v1/iiif/{identifier}/info.json",
    "/api/v1/iiif/{identifier}/{region}/{size}/{rotation}/{file}",
}  # fmt: skip
"""The routes that the page of an edition, and what it leads to, is made of."""
OF_A_QUERY = {
    "/gallery", "/gallery.json", "/gallery.csv", "/gallery/sheet", "/gallery/tiles/{key}",
    "/gallery.bib", "/gallery.ris", "/gallery.csl.json",
    "/photos/{photo_id:id}", "/photos/{photo_id:id}.json", "/photos/{photo_id:id}.csv",
    "/api/v1/photos", "/api/v1/photos.csv", "/api/v1/photos/buckets",
    "/api/v1/photos/buckets/{key}", "/api/v1/photos/{photo_id:id}",
    "/api/v1/photos/{photo_id}/image", "/api/v1/photos/{photo_id}/figures/{figure_id}/image",
}  # fmt: skip


@pytest.fixture
def editions(put, worker, scans):
    """Take in two editions of other photos, and return the ids of their page and photo."""
    first = put({"a.png": scans["page_1.png"]}).edition_id
    second = put({"b.png": scans["page_2.png"]}, day=date(2019, 12, 17)).edition_id
    worker.drain()
    return first, second


def token_of(link: NewShareLink) -> str:
    """Return the token in the path of a link."""
    return link.path.removeprefix("/s/")


def ids_of(home, edition):
    photo = next(
        one for one in list_photos(home, PhotoFilter(), limit=50).photos
        if one.edition_id == edition
    )  # fmt: skip
    return {
        "edition_id": edition, "page_id": photo.page_id, "photo_id": photo.id,
        "identifier": photo.page_id, "figure_id": 1, "region": "full", "size": "max",
        "rotation": "0", "file": "default.jpg", "key": "2019-12",
    }  # fmt: skip


def opened(client, home, target, **more):
    """Open a link in a browser."""
    link = add_link(home, target, days=1, by=SHELL, now=clock.now(), **more)
    answer = client.get(link.path, headers=HTML)
    return link, answer


def let_in(client, ids, query=""):
    """Return the routes that let a request with ids in, and their answers."""
    found = {}
    for address, route in permitted_routes():
        if route.permission is None:
            continue
        path = re.sub(r"{(\w+)(?::\w+)?}", lambda m: str(ids.get(m[1], "1")), address)
        for method in sorted(route.methods - {"OPTIONS", "HEAD"}):
            if path.endswith("/events") and ids["edition_id"] == "no":
                continue
            status = client.request(method, f"{path}{query}").status_code
            if status != 403:
                found[method, address] = status
    return found


def test_a_link_opens_one_edition_and_nothing_else(asking, home, editions):
    client, (own, other) = asking(), editions
    _, answer = opened(client, home, f"/editions/{own}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/editions/{own}")
    page = client.get(f"/editions/{own}", headers=HTML)
    assert page.status_code == 200
    assert "by a link that was shared with you" in page.text
    assert '<nav aria-label="Pages' not in page.text
    assert 'id="change"' not in page.text
    for source in re.findall(r'<img[^>]* src="([^"]+)"', page.text):
        assert client.get(source).status_code == 200, source
    inside = let_in(client, ids_of(home, own))
    assert {address for _, address in inside} == OF_AN_EDITION
    assert {method for method, _ in inside} == {"GET"}
    assert set(inside.values()) <= {200, 303, 404}
    assert let_in(client, ids_of(home, other)) == {}
    refused = client.get(f"/editions/{other}", headers=HTML)
    assert "opens one page alone" in refused.text
    assert client.get(f"/photos/{ids_of(home, own)['photo_id']}?page=1").status_code == 403


def test_a_link_opens_one_query_and_nothing_else(asking, home, editions):
    client, (own, other) = asking(), editions
    query = f"?edition={own}"
    _, answer = opened(client, home, f"/gallery{query}")
    assert answer.headers["location"] == f"/gallery{query}"
    page = client.get(f"/gallery{query}&lang=ko", headers=HTML)
    assert page.status_code == 200
    grid = dict(re.findall(r'data-(buckets|tiles)="([^"]+)"', page.text.replace("&amp;", "&")))
    assert client.get(grid["buckets"]).status_code == 200
    inside = let_in(client, ids_of(home, own), query)
    assert {address for _, address in inside} <= OF_A_QUERY
    plain = let_in(client, ids_of(home, own))
    lists = {address for address in OF_A_QUERY if "photo_id" not in address}
    assert {address for _, address in plain} == OF_A_QUERY - lists
    assert {address for _, address in inside} >= lists
    assert let_in(client, ids_of(home, other)) == {}
    assert let_in(client, ids_of(home, other), f"?edition={other}") == {}
    for more in ("&like=1", "&view=page", "&nonsense=1", f"&edition={other}"):
        assert client.get(f"/gallery{query}{more}").status_code == 403, more
    assert client.get(f"/gallery{query}&sort=size&start=0").status_code == 200
    assert client.get(f"/api/v1/pages/{ids_of(home, own)['page_id']}/image").status_code == 403


def test_a_link_with_a_password(asking, home, editions):
    client, thief = asking(), asking(client=("192.0.2.7", 1))
    link, form = opened(client, home, f"/editions/{editions[0]}", password=WORD)
    assert 'type="password"' in form.text
    assert LINK_COOKIE not in client.cookies
    assert client.post(link.path, data={"password": "another"}).status_code == 401
    assert client.post(link.path, data={"password": WORD}).status_code == 303
    assert client.get(f"/editions/{editions[0]}").status_code == 200
    stolen = {"Cookie": f"{LINK_COOKIE}={token_of(link)}"}  # the link without its password
    assert thief.get(f"/editions/{editions[0]}", headers=stolen).status_code == 401
    codes = [thief.post(link.path, data={"password": "x"}).status_code for _ in range(15)]
    assert codes[:10] == [401] * 10
    assert 429 in codes
    revoke_link(home, link.id, by=SHELL, now=clock.now())
    assert client.get(f"/editions/{editions[0]}").status_code == 401
    assert client.get(link.path, headers=HTML).status_code == 404
    log = [entry.action for entry in list_audit(home, limit=20).items]
    assert (log.count("share"), log.count("open link"), log.count("revoke link")) == (1, 1, 1)


def test_wrong_links_from_an_address_do_not_shut_a_right_one(asking, home, editions, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 1_800_000_030.0)  # the minute does not end meanwhile
    client, target = asking(), f"/editions/{editions[0]}"
    link = add_link(home, target, days=3, by=SHELL, now=clock.now())
    guess = link.path[:-1] + ("A" if link.path[-1] != "A" else "B")
    codes = [client.get(guess).status_code for _ in range(FAILURES_A_MINUTE + 2)]
    assert codes == [404] * FAILURES_A_MINUTE + [429] * 2
    assert client.get(link.path).headers["location"] == target
    assert client.get(target).status_code == 200


def test_who_has_signed_in_keeps_their_rights(asking, home, editions):
    client = asking()
    sign_in(client, "Rea")
    _, answer = opened(client, home, f"/editions/{editions[0]}")
    assert (answer.status_code, LINK_COOKIE in client.cookies) == (303, False)
    assert client.get(f"/editions/{editions[1]}").status_code == 200


def test_people_share_see_and_revoke_their_own(asking, home, editions):
    client, admin, friend = asking(), asking(), asking()
    sign_in(client, "Rea")
    sign_in(admin, "Ada")
    target = f"/editions/{editions[0]}"
    assert 'action="/share"' in client.get(target, headers=HTML).text
    form = {"action": "add", "target": target, "days": "2", "note": "for Jo"}
    made = client.post("/share", data=form, headers=HTML)
    assert made.headers["Cache-Control"] == "no-store"
    path = re.search(r"/s/ps_[0-9a-f]{12}_[\w-]{43}", made.text)[0]
    assert friend.get(path).headers["location"] == target
    mine = admin.post("/api/v1/share-links", json={"target": "/gallery"}).json()
    listed = client.get("/api/v1/share-links").json()["links"]
    assert [one["note"] for one in listed] == ["for Jo"]
    assert "path" not in listed[0]
    assert len(admin.get("/api/v1/share-links").json()["links"]) == 2
    assert client.delete(f"/api/v1/share-links/{mine['id']}").status_code == 404
    assert "for Jo" in client.get("/share", headers=HTML).text
    client.post("/share", data={"action": "revoke", "link": listed[0]["id"]})
    assert friend.get(target).status_code == 401


def test_the_check_reads_the_query_that_the_route_reads(asking, home, editions, subtests):
    client, own = asking(), editions[0]
    shared = f"edition={own}&text=a%3D"
    opened(client, home, f"/gallery?{shared}")
    for query, status in (
        (shared, 200), (f"{shared}&publication=", 200), (f"edition={own}&text=a=", 200),
        (f"edition={own}", 403), (f"edition={own}&text=", 403),
    ):  # fmt: skip
        with subtests.test(query):
            answer = client.get(f"/gallery.json?{query}")
            assert answer.status_code == status
            assert status != 200 or answer.json()["query"]["text"] == "a="
    # A raw "#", which clients send to nobody and the guard refuses, ends no query of a route.
    who = Identity(None, Via.LINK, frozenset({Permission.READ}), target=f"/gallery?{shared}")
    asked = {"type": "http", "method": "GET", "path": "/gallery", "headers": [], "app": client.app,
             "query_string": f"{shared}#&superseded=true".encode()}  # fmt: skip
    with pytest.raises(NotPermitted):
        client.portal.call(check_link, Request(asked), who)
    client.portal.call(check_link, Request({**asked, "query_string": shared.encode()}), who)


def test_a_link_of_a_query_tells_of_no_other_newspaper(asking, home, put, worker, scans):
    put({"a.png": scans["page_1.png"]})
    put({"b.png": scans["page_2.png"]}, "Minju Choson")
    worker.drain()
    client = asking()
    query = "?publication=Rodong+Sinmun"
    opened(client, home, f"/gallery{query}")
    page = client.get(f"/gallery{query}", headers=HTML).text
    assert 'class="photos' in page
    assert "<form" not in page.partition("<main")[2].partition("</main")[0]
    data = client.get(f"/gallery.json{query}").json()
    assert data["counts"]["photos"] == data["total"] > 0
    assert data["counts"]["facets"] == {}
    assert client.get(f"/api/v1/photos/facets{query}").status_code == 403
    # What is said of a name that is wrong would list those that are right.
    wrong = client.get("/api/v1/photos?publication=Nobody")
    assert wrong.status_code == 403
    for text in (page, str(data), wrong.text):
        assert "Minju" not in text


def test_a_photo_is_told_on_shared_pages_alone(asking, home, put, worker, scans):
    first = put({"a.png": scans["page_1.png"]}).edition_id
    second = put({"a.png": scans["page_1.png"]}, day=date(2019, 12, 17)).edition_id
    worker.drain()
    photo = list_photos(home, PhotoFilter(), limit=1).photos[0].id
    client = asking()
    sign_in(client)
    both = client.get(f"/api/v1/photos/{photo}").json()["pages"]
    assert {page["edition"] for page in both} == {first, second}
    for target in (f"/editions/{second}", f"/gallery?edition={second}"):
        friend = asking()
        opened(friend, home, target)
        for address in (f"/api/v1/photos/{photo}", f"/photos/{photo}.json"):
            pages = friend.get(address).json()["pages"]
            assert [page["edition"] for page in pages] == [second], (target, address)
        page = friend.get(f"/photos/{photo}", headers=HTML)
        assert page.status_code == 200
        assert f'"/editions/{first}"' not in page.text
    opened(client := asking(), home, f"/editions/{second}")
    assert f'"/editions/{first}"' not in client.get(f"/editions/{second}", headers=HTML).text


@pytest.mark.usefixtures("asking")
def test_a_link_ends_with_who_has_made_it(home):
    now = clock.now()
    key = add_key(home, "R", scopes=[Permission.READ], days=3, by=SHELL, now=now, account="Rea")
    other = add_key(home, "R", scopes=[Permission.READ], days=3, by=SHELL, now=now, account="Rea")
    by = identify_key(home, key.token, now=now)
    made = add_link(home, "/gallery", days=30, by=by, now=now)
    theirs = add_link(
        home, "/gallery", days=1, by=identify_key(home, other.token, now=now), now=now
    )
    mine = add_link(home, "/gallery", days=30, by=SHELL, now=now)
    assert made.expires_at == key.expires_at
    assert theirs.expires_at == now + timedelta(days=1)
    rea = account_named(home, "Rea").id
    change_account(home, rea, AccountChange(enabled=False), by=SHELL, now=now)
    assert find_link(home, token_of(made), now=now) is None
    assert identify_link(home, token_of(theirs), now=now) is None
    assert find_link(home, token_of(mine), now=now) is not None
    change_account(home, rea, AccountChange(enabled=True), by=SHELL, now=now)
    assert find_link(home, token_of(made), now=now) is not None
    revoke_key(home, key.id, by=SHELL, now=now)
    assert find_link(home, token_of(made), now=now) is None
    assert find_link(home, token_of(theirs), now=now) is not None
    assert [one.id for one in list_links(home, by=SHELL) if one.revoked_at] == [made.id]
    late = add_link(home, "/gallery", days=1, by=by, now=now)  # asked for just before the end
    assert find_link(home, token_of(late), now=now) is None


def test_a_cookie_of_any_bytes_is_no_error(asking, home):
    client = asking()
    link = add_link(home, "/gallery", days=1, by=SHELL, now=clock.now(), password=WORD)
    for cookie in (f"{token_of(link)}.é", f"{token_of(link)}é", "é"):
        sent = {"Cookie": f"{LINK_COOKIE}={cookie}".encode("latin-1")}
        assert client.get("/gallery", headers=sent).status_code == 401
