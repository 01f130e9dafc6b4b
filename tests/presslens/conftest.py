"""An archive of specimens, on this disk and behind a login on a port."""

import socket
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
import uvicorn

import presslens
from presslens.app.installation import open_installation
from presslens.app.main import create_app
from presslens.app.platform import clock
from presslens.app.platform.permissions import PRESETS, AccountRole
from presslens.app.platform.settings import Settings
from presslens.app.services.accounts.accounts import add_account
from presslens.app.services.accounts.identity import SHELL
from presslens.app.services.accounts.keys import add_key
from presslens.lab.soak.contract import filled_application

SCRIPTED = Path(__file__).parents[1] / "scripted.toml"


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The folder of an archive; nobody writes to it."""
    folder = tmp_path_factory.mktemp("archive")
    filled_application(folder, Settings(recipe=SCRIPTED))
    return folder


@pytest.fixture
def environment(folder, monkeypatch):
    """Let the environment name a recipe whose instruments need no weights."""
    monkeypatch.setenv("PRESSLENS_RECIPE", str(SCRIPTED))
    monkeypatch.setenv("PRESSLENS_PROCESSES", "0")
    monkeypatch.setenv("PRESSLENS_MIN_FREE_BYTES", "0")
    yield
    structlog.reset_defaults()


@pytest.fixture
def archive(folder, environment):
    """The archive, opened on this disk."""
    with presslens.open(folder) as archive:
        yield archive


@contextmanager
def serving(settings):
    """Serve an archive on a free port, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host, port = free.getsockname()
    config = uvicorn.Config(
        create_app(settings), host, port, log_config=None, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.02)
        yield f"http://{host}:{port}"
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def served(folder, environment):
    """The address of the archive behind a login, and a reader's key."""
    settings, now = Settings(data_dir=folder, require_login=True), clock.now()
    with open_installation(settings) as home:
        role, name = AccountRole.ADMIN, f"admin {now.timestamp()}"
        add_account(home, name, role=role, password="long enough for it", by=SHELL, now=now)
        key = add_key(home, "reader", scopes=PRESETS["R and pandas"], days=1, by=SHELL, now=now)
    with serving(settings) as address:
        yield address, key.token
