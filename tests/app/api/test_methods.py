"""An address says which methods it has, and takes nothing for an id that is none."""

import pytest

API = "/api/v1"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("OPTIONS", f"{API}/editions", "GET, POST"),
        ("PUT", f"{API}/editions/1", "GET, PATCH, DELETE"),
        ("DELETE", f"{API}/reviews/agreement", "GET"),
        ("PATCH", f"{API}/photos/facets", "GET"),
        ("GET", f"{API}/edits/undo", "POST"),
        ("POST", "/timeline", "GET, HEAD"),
    ],
)
def test_what_an_address_allows(client, method, path, allowed):
    answer = client.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    page = client.request(method, path, headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["allow"]) == (405, allowed)


def test_what_a_static_file_allows(client):
    style = next(part for part in client.get("/").text.split('"') if part.endswith(".css"))
    answer = client.delete(style)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")


def test_no_id_is_too_long_to_be_refused(client):
    for digits in ["9" * 20, "9" * 21, "9" * 5000]:
        for path in (f"/editions/{digits}", f"{API}/photos/{digits}", f"{API}/editions/{digits}"):
            assert client.get(path).status_code in (404, 422), path
