"""A server of a large archive computes what readers ask for first, and is ready after that."""

import time

import pytest
from fastapi.testclient import TestClient

from presslens.app.db import archive_view
from presslens.app.main import create_app

MOST_SECONDS = 120.0


def test_a_large_archive_is_ready_once_its_first_answers_are_computed(archive, monkeypatch):
    monkeypatch.setattr(archive_view, "LARGE", 1)
    with TestClient(create_app(archive.settings), base_url="http://127.0.0.1") as client:
        until = time.monotonic() + MOST_SECONDS
        while client.app.state.is_starting and time.monotonic() < until:
            kinds = [one["kind"] for one in client.get("/api/v1/readyz").json()["problems"]]
            assert "starting" in kinds or not client.app.state.is_starting
        assert not client.app.state.is_starting
        assert '"starting"' not in client.get("/api/v1/readyz").text
        asked = client.app.state.home.database.views.revisions.questions
        names = {part for question in asked for part in question if isinstance(part, str)}
        assert {"photo index", "edition composition"} <= names
        assert any("compare" in name for name in names)


@pytest.mark.sqlite_alone
def test_a_small_archive_is_ready_at_once(home, settings):
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        client.get("/healthz")
        assert not client.app.state.is_starting
        assert not client.app.state.home.database.views.revisions.questions


@pytest.mark.sqlite_alone
def test_nobody_outside_is_taken_for_the_server_itself(settings, home):
    with TestClient(create_app(settings), base_url="http://127.0.0.1") as client:
        headers = {"presslens.own_request": "1", "presslens-own-request": "1"}
        request = client.get("/api/v1/accounts/me", headers=headers)
        assert "command line" not in request.text
