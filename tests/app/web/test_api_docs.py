"""The documentation of the API: complete, made of its description, and without scripts."""

import re
from html import unescape

from presslens.app.api import links
from presslens.app.api.example_values import Sample
from presslens.app.web.api_docs import documented

from ..answers import csv_rows
from .conftest import shown

SAMPLE = Sample("Rodong Sinmun", "2019-12-16", 1)


def operations(client):
    schema = client.get("/openapi.json").json()
    return schema, list(documented(schema, "http://localhost", SAMPLE))


def test_every_operation_is_documented_once_with_every_parameter(client):
    schema, found = operations(client)
    page = shown(client, "/docs")
    told = {(one.method.lower(), one.path + form) for one in found for form in ("", *one.forms)}
    there = {(method, path) for path, each in schema["paths"].items() for method in each}
    assert told == there
    for one in found:
        assert page.count(f'<h3 id="{one.id}">') == 1
        for field in one.fields:
            assert field.description
            assert f"<code>{field.name}</code>" in page
    assert page.count("<script") == 1  # that of every page: the keys


def test_examples_are_programs_that_ask_this_server(client):
    _, found = operations(client)
    for one in found:
        examples = {example.language: example.code for example in one.examples}
        assert list(examples) == ["curl", "Python", "R"]
        compile(examples["Python"], one.id, "exec")
        address = one.path.partition("{")[0]
        assert all(address in code for code in examples.values()), one.id
        assert examples["R"].count("(") == examples["R"].count(")")
    upload = next(one for one in found if one.id == "upload_edition")
    assert "--form files=@page_01.jpg" in upload.examples[0].code
    answers = next(one for one in found if one.id == "import_model_answers")
    assert "--form file=@answers.jsonl" in answers.examples[0].code


def test_the_answers_that_are_linked_are_there(client, worker, upload, scans):
    upload(scans)
    worker.drain()
    page = shown(client, "/docs")
    linked = re.findall(rf'href="({links.ROOT}/[^"]+)"', page)
    assert f"{links.ROOT}/editions/1" in linked
    for address in linked:
        assert client.get(unescape(address)).status_code == 200, address


def test_the_page_is_the_description_for_programs_too(client):
    assert client.get("/docs.json").json() == client.get("/openapi.json").json()
    rows = csv_rows(client.get("/docs.csv"))
    photos = {row["parameter"] for row in rows if row["path"] == f"{links.ROOT}/photos"}
    assert {"publication", "from", "subject", "focus", "cursor"} <= photos
