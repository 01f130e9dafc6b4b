"""The API obeys its own description: a few requests of each operation; ``make soak`` asks more."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from presslens.app.platform.settings import Settings
from presslens.lab.soak.contract import conformance, filled_application

EXAMPLES = 3
RECIPE = Path(__file__).parents[2] / "scripted.toml"


@pytest.fixture
def application(tmp_path):
    """Return an application over an archive of specimens."""
    return filled_application(tmp_path / "data", Settings(recipe=RECIPE))


def test_every_operation_answers_as_described(application):
    with TestClient(application):
        found = conformance(application, examples=EXAMPLES, phases=["examples", "fuzzing"])
    assert found.failures == []
    assert len(found.operations) > 140
    assert found.cases > 2 * len(found.operations)


def test_an_answer_of_another_type_is_noticed(application):
    schema = application.openapi()
    schema["paths"] = {"/api/v1/labels": {"get": schema["paths"]["/api/v1/labels"]["get"]}}
    answers = schema["paths"]["/api/v1/labels"]["get"]["responses"]
    answers["200"]["content"] = {"text/csv": {"schema": {}}}
    with TestClient(application):
        found = conformance(application, examples=1, phases=["examples", "fuzzing"])
    assert "content_type_conformance" in found.by_check()
