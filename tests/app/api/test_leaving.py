"""Every address is left at several moments: no transaction stays, and who writes goes on at once.

The writer waits for nobody: under SQLite's rollback journal an open reader would refuse its commit.
"""

import asyncio
import re
import sqlite3
import threading
import traceback
from collections import Counter
from contextlib import closing
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from presslens.app.api.exports import CLIENT_LEFT
from presslens.app.main import create_app, permitted_routes
from presslens.app.services.claims.events import NewEvent, add_event

from ..answers import asgi_scope
from ..conftest import DAY, make_page
from ..filled_archive import filled as filled
from ..filled_archive import full as full

DRAWN = (".png", ".svg", ".pdf")
"""Endings of pictures that are drawn for minutes, at length alone."""
MOMENTS = [(1, DRAWN), *(pytest.param(moment, (), marks=pytest.mark.long) for moment in (0, 1, 2))]
"""After so many messages of an answer its client leaves: none, the head, the head and a chunk."""

SHARE = {"metric": "people"}
SIDES = {"metric": "people", "a_publication": "Rodong Sinmun", "b_publication": "Minju Joson"}
ASKED = {
    "/baseline": {"edition": 1},
    "/claims/test": {"rule": "photos > 1", "publication": "Rodong Sinmun", "from": DAY, "to": DAY},
    "/compare": SIDES,
    "/exports/annotations": {"on": "here"},
    "/exports/pdf": {"edition": 1},
    "/exports/snapshot": {"publication": "Minju Joson"},
    "/publications/1/merge": {"from": 2},
    "/publications/similar": {"name": "Rodong"},
    "/review/1/batch": {"coder": "A"},
    "/review/new": {"measure": "children"},
    "/reviews/next": {"measure": "children"},
    "/samples/plan": {"measure": "children"},
    "/stats": SHARE,
    "/stats/changes": {**SHARE, "publication": "Rodong Sinmun"},
    "/stats/compare": SIDES,
    "/stats/multiverse": SHARE,
    "/stats/photos": SHARE,
    "/stats/power": SHARE,
    "/stats/trend": {**SHARE, "publication": "Rodong Sinmun"},
}
"""What addresses need to be answered, by their path without an ending."""

OTHERWISE = {
    "/api/v1/publications/{publication_id}/masthead.jpg": 404,
    "/api/v1/readyz": 503,
    "/readyz": 503,
    "/api/v1/recipes/compare": 422,
    "/api/v1/recipes/compare.csv": 422,
    "/api/v1/trainings/{training_id}": 404,
    "/s/{token}": 404,
    "/i/{token}": 404,
    **dict.fromkeys((f"/review/training/{{round_id:id}}{of}" for of in ("", ".csv", ".json")), 404),
}
"""Addresses of what this archive has not: a masthead, a worker, a recipe, a link, a training."""


@pytest.fixture
def served(full):
    """A client of an archive with a row of each kind that an address names."""
    app = create_app(full.settings)
    with TestClient(app, base_url="http://localhost", raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def ids(full, served):
    """The ids of rows, by the names that addresses have for them."""
    add_event(full, NewEvent(DAY, "a feast"))
    (trashed,) = served.get("/api/v1/editions?deleted=true").json()["editions"]
    served.post(f"/api/v1/editions/{trashed['id']}/restore")
    told = served.get("/api/v1/photos?limit=1&publication=Rodong+Sinmun").json()["photos"][0]
    figure = served.get("/api/v1/figures").json()["figures"][0]
    order = {"measures": ["children"], "items": 3}
    sample = served.post("/api/v1/samples", json=order).json()
    label = served.post("/api/v1/labels", json={"name": "ribbons"}).json()
    return {
        "edition_id": told["edition"],
        "page_id": told["page"],
        "identifier": told["page"],
        "photo_id": told["id"],
        "figure_id": figure["id"],
        "reference_id": served.get(f"/api/v1/figures/{figure['id']}").json()["references"][0]["id"],
        "sample_id": sample["id"],
        "round_id": 1,
        "training_id": 1,
        "edit_id": label["edit"],
        "name": "indoor",
        "publication_id": 1,
        "claim_id": served.get("/api/v1/claims").json()["claims"][0]["id"],
        "event_id": served.get("/api/v1/events").json()["events"][0]["id"],
        "key": served.get("/api/v1/photos/buckets").json()["buckets"][0]["key"],
        "token": "x" * 43,
        "region": "full",
        "size": "max",
        "rotation": "0",
        "file": "default.jpg",
    }


def addresses(ids):
    """Return the path and the query of each address that is read, by its route."""
    found = {}
    for route, answered in permitted_routes():
        if "GET" in answered.methods:
            path = re.sub(r"{(\w+)(?::\w+)?}", lambda m: str(ids[m[1]]), route)
            stem = re.sub(r"\.((?:vl|csl)\.json|\w+)$", "", path.removeprefix("/api/v1"))
            found[route] = path, urlencode(ASKED.get(stem, {}))
    return found


class Visit:
    """A request over ASGI, whose client leaves after some messages of the answer."""

    def __init__(self, home, stays):
        self.home, self.stays = home, stays
        self.status = None
        self.in_use = []
        self.sent = 0
        self.asked = False

    async def ask(self, app, path, query):
        """Ask, leave, and wait until the server has done with it."""
        self.left = asyncio.Event()
        if not self.stays:
            self.left.set()
        here = {"scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 5)}
        version = {"spec_version": "2.3"}
        scope = asgi_scope("GET", path, query.encode(), **here, asgi=version)
        await app(scope, self._receive, self._send)

    async def _receive(self):
        if not self.asked:
            self.asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
        self.in_use.append(self.home.database.engine.pool.checkedout())
        self.sent += 1
        if self.sent >= self.stays:
            self.left.set()


@pytest.fixture
def nested(served):
    """The threads that open a transaction within another, which a waiting writer would hold up."""
    engine, open_in, found = served.app.state.home.database.engine, Counter(), []

    def note(_connection, record, _proxy):
        thread = record.info["thread"] = threading.get_ident()
        open_in[thread] += 1
        if open_in[thread] > 1:
            found.append("".join(traceback.format_stack(limit=40)))

    def forget(_connection, record):
        open_in[record.info.pop("thread")] -= 1

    event.listen(engine, "checkout", note)
    event.listen(engine, "checkin", forget)
    return found


@pytest.mark.timeout(900)
@pytest.mark.parametrize(("stays", "left_out"), MOMENTS)
def test_whoever_leaves_at_any_moment_holds_nobody_up(served, ids, nested, stays, left_out):
    home = served.app.state.home
    queued = served.post(
        "/api/v1/editions",
        data={"publication": "Rodong Sinmun", "date": "2020-02-02"},
        files=[("files", ("a.png", make_page(tint=33)))],
    ).json()["id"]
    walked = {k: v for k, v in addresses(ids).items() if not k.endswith(left_out)}
    walked["a stream without an end"] = f"/api/v1/editions/{queued}/events", ""
    file = home.database.engine.url.database
    statuses, in_use = {}, []
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as writer:
        writer.execute("CREATE TABLE written (route TEXT)")
        for route, (path, query) in walked.items():
            visit = Visit(home, stays)
            served.portal.call(visit.ask, served.app, path, query)
            writer.execute("INSERT INTO written VALUES (?)", (route,))
            in_use += [route] if any(visit.in_use) else []
            statuses[route] = visit.status
        stored = writer.execute("SELECT count(*) FROM written").fetchone()[0]
        writer.execute("DROP TABLE written")
    assert in_use == []
    assert nested == []
    assert stored == len(walked) > (170 if left_out else 200)
    wrong = {route: status for route, status in statuses.items() if status not in (200, 303)}
    given_up = {route for route, status in wrong.items() if status == CLIENT_LEFT}
    assert {route: wrong[route] for route in wrong if route not in given_up} == OTHERWISE
    assert bool(given_up) is (stays == 0)
