"""Limits at one below, at, and one above."""

import re

import pytest
from fastapi.testclient import TestClient

from presslens.app.api.samples import LARGEST_BODY as ANSWERS_BYTES
from presslens.app.main import FIELD_BYTES, MOST_FIELDS, create_app

from ..answers import asgi_scope

PNG = b"\x89PNG\r\n\x1a\n"
"""How a scan begins."""
FIELDS = {"publication": "Rodong Sinmun", "date": "2019-12-16"}
EDITIONS = "/api/v1/editions"
MULTIPART = {"content-type": "multipart/form-data; boundary=b"}
MEGABYTE = 2**20


@pytest.fixture
def limited(settings, home):
    """Return a function that opens the application with other limits."""

    def opened(**limits):
        app = create_app(settings.model_copy(update=limits))
        return TestClient(app, base_url="http://localhost", raise_server_exceptions=False)

    return opened


def upload(client, *files):
    sent = [("files", ("a.png", data)) for data in files]
    return client.post(EDITIONS, data=FIELDS, files=sent)


def test_the_size_and_the_number_of_files(limited, home):
    with limited(file_bytes=1000, request_files=2) as client:
        for size, status in ((1001, 413), (1000, 202), (999, 409)):  # another edition of the day
            assert upload(client, PNG.ljust(size, b"x")).status_code == status
            assert list(home.storage.incoming.iterdir()) == []
        assert upload(client, PNG, PNG).status_code == 409
        assert upload(client, PNG, PNG, PNG).status_code == 413


def test_the_size_and_the_number_of_fields(client):
    # Longer than any name may be: what is read is refused too, but for another reason.
    for files in ([("files", ("a.png", b"x"))], None):
        named = 0 if files else len("publication")  # its name counts where one line holds both
        for more, status in ((-1, 422), (0, 422), (1, 400)):
            fields = {**FIELDS, "publication": "x" * (FIELD_BYTES - named + more)}
            assert client.post(EDITIONS, data=fields, files=files).status_code == status
    for number, status in ((MOST_FIELDS, 422), (MOST_FIELDS + 1, 400)):
        fields = {f"f{i}": "x" for i in range(number)}
        assert client.post(EDITIONS, data=fields).status_code == status


def test_the_size_of_a_page(client):
    for path in ("editions", "photos", "claims", "events", "edits", "reviews"):
        for limit, status in ((199, 200), (200, 200), (201, 422)):
            assert client.get(f"/api/v1/{path}?limit={limit}").status_code == status, path


LARGER = {"/answers": ANSWERS_BYTES, "/editions/names": 2**22}
"""Most bytes of the bodies that are larger than others."""


def test_the_size_of_a_json_body(client):
    taken = [
        (method, path)
        for path, operations in client.get("/openapi.json").json()["paths"].items()
        for method, one in operations.items()
        if list(one.get("requestBody", {}).get("content", ())) == ["application/json"]
    ]
    assert len(taken) > 20
    for method, path in taken:
        larger = [size for end, size in LARGER.items() if path.endswith(end)]
        most = max(larger, default=MEGABYTE)
        address = re.sub(r"{\w+}", "1", path)
        answer = client.request(method, address, json={"x": "x" * most})
        assert answer.status_code == 413, (method, path)


def test_a_full_disk(limited):
    with limited(min_free_bytes=2**62) as client:
        answer = upload(client, PNG)
    assert answer.status_code == 507
    assert answer.json()["title"] == "Insufficient Storage"


HEAD = (
    b"--b\r\nContent-Disposition: form-data; name=files; filename=a.png\r\n"
    b"Content-Type: image/png\r\n\r\n" + PNG
)


@pytest.mark.parametrize("length", [None, 2 * MEGABYTE + 1])
def test_the_reading_stops_at_most_a_megabyte_past_the_limit(limited, length):
    """The body has no end: a reading that went on would not return."""
    read, answers = 0, []

    async def receive():
        nonlocal read
        chunk = HEAD if read == 0 else b"x" * 2**16
        read += len(chunk)
        assert read < 8 * MEGABYTE
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(message):
        answers.append(message)

    headers = [(b"host", b"localhost"), (b"content-type", b"multipart/form-data; boundary=b")]
    if length:
        headers.append((b"content-length", str(length).encode()))
    here = {"scheme": "http", "server": ("localhost", 80), "client": ("127.0.0.1", 9)}
    with limited(request_bytes=2 * MEGABYTE) as client:
        scope = asgi_scope("POST", EDITIONS, **here, headers=headers, state={}, app=client.app)
        client.portal.call(client.app, scope, receive, send)
    assert answers[0]["status"] == 413
    assert read <= 3 * MEGABYTE


def test_the_size_of_a_whole_request(limited):
    fields = "".join(
        f"--b\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}\r\n"
        for name, value in FIELDS.items()
    )
    end = b"\r\n--b--\r\n"
    with limited(request_bytes=4000) as client:
        for more, statuses in ((1, {413}), (0, {200, 202}), (-1, {409})):  # the last asks
            rest = b"x" * (4000 + more - len(fields) - len(HEAD) - len(end))
            body = fields.encode() + HEAD + rest + end
            for content in (body, iter([body[:2000], body[2000:]])):
                answer = client.post(EDITIONS, content=content, headers=MULTIPART)
                assert answer.status_code in statuses, answer.text
