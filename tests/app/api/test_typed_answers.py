"""Every JSON answer has a type in the description of the API, which clients are generated from."""

import importlib
import json
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from jsonschema import Draft202012Validator

import presslens
from presslens.app.api.descriptions import JSON, JSON_LD, parameters_of
from presslens.app.main import create_app


def test_every_json_answer_has_a_type(client):
    untyped = {
        operation["operationId"]
        for operations in client.get("/openapi.json").json()["paths"].values()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        for kind, content in answer.get("content", {}).items()
        if status.startswith("2") and kind in (JSON, JSON_LD) and "$ref" not in json.dumps(content)
    }
    assert untyped == set()


def test_the_description_is_valid_and_says_what_it_is_of(client):
    validator = pytest.importorskip("openapi_spec_validator")
    schema = client.get("/openapi.json").json()
    validator.validate(schema)
    assert schema["info"]["license"]["identifier"] == "AGPL-3.0-or-later"
    assert schema["servers"] == [{"url": "/"}]
    used = {
        tag for path in schema["paths"].values() for one in path.values() for tag in one["tags"]
    }
    assert used == {tag["name"] for tag in schema["tags"]}


def test_examples_are_what_parameters_take(client):
    schema = client.get("/openapi.json").json()
    shown = [one for one in parameters_of(schema) if "example" in one]
    assert {one["name"] for one in shown} > {"publication", "metric", "from", "subject", "edition"}
    for one in shown:
        document = {**one["schema"], "components": schema["components"]}
        Draft202012Validator(document).validate(one["example"])


@contextmanager
def served(settings):
    """Serve the application on a free port, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = free.getsockname()
    app = create_app(settings)
    config = uvicorn.Config(app, *address, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield f"http://127.0.0.1:{address[1]}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def generated(client, tmp_path, monkeypatch):
    """Return the importer of a client's modules, generated from the description of the API."""
    pytest.importorskip("openapi_python_client", reason="needs openapi-python-client")
    description, folder = tmp_path / "openapi.json", tmp_path / "presslens_client"
    description.write_bytes(client.get("/openapi.json").content)
    command = [sys.executable, "-P", "-m", "openapi_python_client", "generate"]
    where = ["--path", str(description), "--output-path", str(folder), "--meta", "none"]
    subprocess.run([*command, *where], check=True, capture_output=True, cwd=tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return lambda name: importlib.import_module(f"presslens_client.{name}")


@pytest.mark.long
def test_a_generated_client_answers_three_questions(generated, settings, worker, scans, put):
    edition = put(scans, publication="Rodong Sinmun").edition_id
    worker.drain()
    with served(settings) as address, generated("client").Client(base_url=address) as client:
        listing = generated("api.editions.list_editions").sync(
            client=client, publication="Rodong Sinmun"
        )
        assert [(one.id, one.pages, str(one.status)) for one in listing.editions] == [
            (edition, 3, "done")
        ]
        statistic = generated("api.statistics.get_stats").sync(client=client, metric="people")
        (group,) = statistic.groups
        assert group.n == 3
        assert group.refused or len(group.interval) == 2
        photos = generated("api.photos.list_photos").sync(client=client, edition=edition).photos
        assert {photo.edition for photo in photos} == {edition}
        assert all(len(photo.box) == 4 and 0 <= photo.area_share <= 1 for photo in photos)
        as_served = {"mode": "json", "by_alias": True, "exclude_unset": True}
        with presslens.connect(address) as archive:  # our own client reads the same in them
            assert archive.share("people").model_dump(**as_served) == statistic.to_dict()
            ours = [photo.model_dump(**as_served) for photo in archive.photos(edition=edition)]
        assert ours == [photo.to_dict() for photo in photos]
