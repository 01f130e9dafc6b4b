"""How an address is asked: it waits where a server is busy, and turns pages of listings."""

import httpx2
import pandas
import pytest

import presslens
from presslens.connection import Client, Connection
from presslens.results_editions import LibraryEdition

EDITION = {
    "id": 1, "publication": "Minju Joson", "date": "2025-12-16", "status": "done", "pages": 4,
    "pages_finished": 4, "readable_pages": 4, "pages_expected": None, "pages_hint": None,
    "outcomes": {"done": 4}, "photos": 9, "photos_interpreted": 9, "issue": 1, "superseded": False,
    "created_at": "2025-12-16T08:00:00+00:00", "description": None,
}  # fmt: skip


@pytest.fixture
def server():
    """Return a connection to a server that answers what it is given, and the waits that follow."""
    waits, answers, requests = [], [], []

    def answer(request):
        requests.append(str(request.url))
        return answers.pop(0)

    client = httpx2.Client(base_url="http://a.org", transport=httpx2.MockTransport(answer))
    with client:
        yield Connection(client, sleep=waits.append), answers, waits, requests


def busy(status, **headers):
    problem = {"title": "Busy", "status": status, "detail": "too many requests", "errors": []}
    return httpx2.Response(status, json=problem, headers=headers)


def test_a_busy_server_is_asked_again_when_it_says(server):
    connection, answers, waits, requests = server
    answers += [busy(429, **{"Retry-After": "7"}), busy(503), httpx2.Response(200, json={"a": 1})]
    assert connection.get("/api/v1/me").json() == {"a": 1}
    assert waits == [7.0, 4.0]
    assert len(requests) == 3


def test_a_server_that_stays_busy_or_asks_for_too_long_is_unavailable(server):
    connection, answers, waits, _ = server
    answers += [busy(503, **{"Retry-After": "1"}) for _ in range(5)]
    with pytest.raises(presslens.Unavailable, match="too many requests") as failure:
        connection.get("/api/v1/me")
    assert (failure.value.status, failure.value.title, waits) == (503, "Busy", [1.0] * 4)
    answers.append(busy(429, **{"Retry-After": "Tue, 01 Jan 2999 00:00:00 GMT"}))
    with pytest.raises(presslens.Unavailable):
        connection.get("/api/v1/me")
    assert len(waits) == 4


def test_an_answer_of_something_else_is_named_by_its_address(server):
    connection, answers, _, _ = server
    answers.append(httpx2.Response(502, text="<h1>Bad gateway</h1>"))
    with pytest.raises(presslens.Unavailable, match=r"http://a\.org/api/v1/me answers 502"):
        connection.get("/api/v1/me")


def test_another_program_s_answer_is_none(server):
    connection, answers, _, _ = server
    for content in ({"text": "<h1>Welcome</h1>"}, {"json": [1]}):
        answers.append(httpx2.Response(200, **content))
        with pytest.raises(presslens.OtherVersion, match="/me is no address of Presslens"):
            connection.document("/api/v1/me")


def test_another_server_is_no_archive(server):
    connection, answers, _, _ = server
    answers.append(httpx2.Response(404, text="<h1>Not found</h1>"))
    with pytest.raises(presslens.OtherVersion, match="is no address of Presslens"):
        connection.document("/api/v1/me")


def test_parameters_are_written_as_addresses_have_them(server):
    connection, answers, _, requests = server
    answers.append(httpx2.Response(200, json={}))
    moment = pandas.Timestamp("2025-12-16")
    params = {"from": moment, "to": moment.date(), "alone": True, "focus": ["leader", "neither"]}
    connection.document("/api/v1/photos", params | {"page": None, "limit": 200})
    asked = "from=2025-12-16&to=2025-12-16&alone=true&focus=leader&focus=neither&limit=200"
    assert requests == [f"http://a.org/api/v1/photos?{asked}"]


def test_listings_turn_their_pages_as_they_are_read(server):
    connection, answers, _, requests = server
    editions = Client(connection)._list(LibraryEdition, "editions", "/editions", {"limit": 2})
    first = {"editions": [EDITION, {**EDITION, "id": 2}], "next": "x y"}
    answers += [httpx2.Response(200, json=first)]
    answers += [httpx2.Response(200, json={"editions": [{**EDITION, "id": 3}], "next": None})]
    read = iter(editions)
    assert (next(read).id, next(read).id, len(requests)) == (1, 2, 1)
    assert [edition.id for edition in read] == [3]
    assert requests[1] == "http://a.org/api/v1/editions?limit=2&cursor=x+y"


def test_an_answer_of_another_version_says_so(server):
    connection, answers, _, _ = server
    strange = {**EDITION, "date": "Tuesday"}
    answers.append(httpx2.Response(200, json={"editions": [strange], "next": None}))
    listing = Client(connection)._list(LibraryEdition, "editions", "/editions", {})
    with pytest.raises(presslens.OtherVersion, match="date of its answer is not understood"):
        list(listing)
    newer = {**EDITION, "key_of_a_newer_server": 1}
    answers.append(httpx2.Response(200, json={"editions": [newer], "next": None}))
    assert [edition.id for edition in listing] == [1]
