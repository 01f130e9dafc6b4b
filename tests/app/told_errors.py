"""What every error of the suite is held to: one shape, which tells nothing of the machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote_plus

import httpx2
import pytest
from fastapi.testclient import TestClient

SECRETS = re.compile(
    r"Traceback|(?i:sqlalchemy|sqlite3|psycopg)|\[SQL:|SELECT \w+\.\w|INSERT INTO|\.py\b"
    r"|site-packages|(?i:uvicorn|starlette|fastapi|pydantic)|Python/?\s?3|/home/|/root/|/tmp/|/dev/shm/"
)
"""What errors don't hold: code, statements, libraries with their versions, folders."""


@pytest.fixture(scope="session", autouse=True)
def told_errors() -> Iterator[None]:
    """Hold every error that a test is answered to its shape."""
    send = TestClient.send

    def send_and_check(client, request, **how):
        answer = send(client, request, **how)
        check_error(answer)
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestClient, "send", send_and_check)
        yield


def check_error(answer: httpx2.Response) -> None:
    """Assert that an answer, if it is an error, is a problem or a page that tells nothing."""
    if answer.status_code < 400 or answer.request.method == "HEAD":
        return
    answer.read()
    told = f"{answer.request.method} {answer.request.url.path}: {answer.text}"
    assert "server" not in answer.headers, told
    kind = answer.headers["content-type"]
    if kind.startswith("text/html"):
        assert not answer.request.url.path.startswith("/api/"), told
    else:
        assert kind == "application/problem+json", told
        problem = answer.json()
        assert list(problem)[:5] == ["type", "title", "status", "detail", "errors"], told
        assert problem["status"] == answer.status_code, told
    if found := SECRETS.search(answer.text):
        assert found[0] in _asked(answer.request), told


def _asked(request: httpx2.Request) -> str:
    """Return what a request says, which its answer may say again."""
    return unquote_plus(str(request.url)) + request.read().decode(errors="replace")
