"""A served installation, for tabs of Chromium to look at."""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient

from presslens.app.installation import Installation
from presslens.app.main import create_app
from presslens.app.platform.settings import Settings


def shown(client: TestClient, address: str, status: int = 200, **params: Any) -> str:
    """Return a page as a browser gets it."""
    answer = client.get(address, params=params or None, headers={"accept": "text/html"})
    assert answer.status_code == status, answer.text
    return answer.text


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve an installation in a thread, and give the server's address."""
    config = uvicorn.Config(create_app(settings), port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture
def served(settings: Settings, home: Installation) -> Iterator[str]:
    """Serve the installation of a test."""
    with serving(settings) as address:
        yield address
