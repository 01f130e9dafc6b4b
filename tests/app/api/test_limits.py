"""Limits at one below, at, and one above."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.installation import init_installation
from app.main import create_app
from app.settings import Settings

RECIPE = Path(__file__).parents[2] / "scripted.toml"
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
        answer = upload(client, b"x" * size)
    assert answer.status_code == status
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize(("files", "status"), [(2, 202), (3, 413)])
def test_the_number_of_files(make_client, files, status):
    with make_client(request_files=2) as client:
        assert upload(client, *[b"x"] * files).status_code == status


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


def test_a_full_disk(make_client):
    with make_client(min_free_bytes=2**62) as client:
        answer = upload(client, b"x")
    assert answer.status_code == 507
    assert answer.json()["title"] == "Insufficient Storage"
