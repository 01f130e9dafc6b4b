"""Limits at one below, at, and one above."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from presslens.app.api.sample_answers import LARGEST_BODY as ANSWERS_BYTES
from presslens.app.installation import init_installation
from presslens.app.main import FIELD_BYTES, MOST_FIELDS, create_app
from presslens.app.platform.settings import Settings

RECIPE = Path(__file__).parents[2] / "scripted.toml"
PNG = b"\x89PNG\r\n\x1a\n"
"""How a scan begins."""

FIELDS = {"publication": "Rodong Sinmun", "date": "2019-12-16"}


@pytest.fixture
def make_client(tmp_path):
    def make(**limits):
        settings = Settings(data_dir=tmp_path, recipe=RECIPE, **{"min_free_bytes": 0, **limits})
        init_installation(settings)
        return TestClient(
            create_app(settings), base_url="http://localhost", raise_server_exceptions=False
        )

    return make


def upload(client, *files):
    return client.post(
        "/api/v1/editions", data=FIELDS, files=[("files", ("a.png", data)) for data in files]
    )


@pytest.mark.parametrize(("size", "status"), [(999, 202), (1000, 202), (1001, 413)])
def test_the_size_of_a_file(make_client, tmp_path, size, status):
    with make_client(file_bytes=1000) as client:
        answer = upload(client, PNG.ljust(size, b"x"))
    assert answer.status_code == status
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(("files", "status"), [(2, 202), (3, 413)])
def test_the_number_of_files(make_client, files, status):
    with make_client(request_files=2) as client:
        assert upload(client, *[PNG] * files).status_code == status


@pytest.mark.parametrize("declared", [True, False])
def test_the_size_of_a_request(make_client, declared):
    with make_client(request_bytes=4000) as client:
        content = b"x" * 4001 if declared else iter([b"x" * 2000] * 3)
        answer = client.post(
            "/api/v1/editions",
            content=content,
            headers={"content-type": "multipart/form-data; boundary=b"},
        )
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("more", "status"), [(-1, 422), (0, 422), (1, 400)])
@pytest.mark.parametrize("multipart", [True, False])
def test_the_size_of_a_field(make_client, more, status, multipart):
    # Longer than any name may be: what is read is refused too, but for another reason.
    named = 0 if multipart else len("publication")  # its name counts where one line holds both
    field = "x" * (FIELD_BYTES - named + more)
    files = [("files", ("a.png", b"x"))] if multipart else None
    with make_client() as client:
        answer = client.post("/api/v1/editions", data={**FIELDS, "publication": field}, files=files)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("fields", "status"), [(MOST_FIELDS, 422), (MOST_FIELDS + 1, 400)])
def test_the_number_of_fields(make_client, fields, status):
    with make_client() as client:
        answer = client.post("/api/v1/editions", data={f"f{i}": "x" for i in range(fields)})
    assert answer.status_code == status


@pytest.mark.parametrize(("limit", "status"), [(199, 200), (200, 200), (201, 422)])
def test_the_size_of_a_page(make_client, limit, status):
    with make_client() as client:
        for path in ("editions", "photos", "claims", "events", "edits", "reviews"):
            assert client.get(f"/api/v1/{path}?limit={limit}").status_code == status, path


def test_the_size_of_a_json_body(make_client):
    with make_client() as client:
        schema = client.get("/openapi.json").json()
        taken = [
            (method, path)
            for path, operations in schema["paths"].items()
            for method, one in operations.items()
            if list(one.get("requestBody", {}).get("content", ())) == ["application/json"]
        ]
        assert len(taken) > 20
        for method, path in taken:
            most = ANSWERS_BYTES if path.endswith("/answers") else 2**20
            address = re.sub(r"{\w+}", "1", path)
            answer = client.request(method, address, json={"x": "x" * most})
            assert answer.status_code == 413, (method, path)


def test_a_full_disk(make_client):
    with make_client(min_free_bytes=2**62) as client:
        answer = upload(client, PNG)
    assert answer.status_code == 507
    assert answer.json()["title"] == "Insufficient Storage"


MEGABYTE = 2**20
HEAD = (
    b"--b\r\nContent-Disposition: form-data; name=files; filename=a.png\r\n"
    b"Content-Type: image/png\r\n\r\n" + PNG
)


@pytest.mark.parametrize("length", [None, 2 * MEGABYTE + 1])
def test_the_reading_stops_at_most_a_megabyte_past_the_limit(make_client, length):
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
    with make_client(request_bytes=2 * MEGABYTE) as client:
        scope = {
            "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http",
            "path": "/api/v1/editions", "raw_path": b"/api/v1/editions", "query_string": b"",
            "root_path": "", "headers": headers, "client": ("127.0.0.1", 9),
            "server": ("localhost", 80), "state": {}, "app": client.app,
        }  # fmt: skip
        client.portal.call(client.app, scope, receive, send)
    assert answers[0]["status"] == 413
    assert read <= 3 * MEGABYTE


@pytest.mark.parametrize(("more", "status"), [(-1, 202), (0, 202), (1, 413)])
@pytest.mark.parametrize("declared", [True, False])
def test_the_size_of_a_whole_request(make_client, more, status, declared):
    fields = "".join(
        f"--b\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}\r\n"
        for name, value in FIELDS.items()
    )
    end = b"\r\n--b--\r\n"
    body = fields.encode() + HEAD + b"x" * (4000 + more - len(fields) - len(HEAD) - len(end)) + end
    with make_client(request_bytes=4000) as client:
        answer = client.post(
            "/api/v1/editions",
            content=body if declared else iter([body[:2000], body[2000:]]),
            headers={"content-type": "multipart/form-data; boundary=b"},
        )
    assert answer.status_code == status, answer.text
