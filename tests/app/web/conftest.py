"""A served installation, and tabs of Chromium that tolerate no error."""

import contextlib
import shutil
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from app.installation import Installation
from app.main import create_app
from app.settings import Settings

CHROMIUM = shutil.which("chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic"]


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[str]:
    """Serve an installation in a thread, and give the server's address."""
    config = uvicorn.Config(create_app(settings), port=0, log_level="error", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium once."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed here: apt install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def open_tab(chromium: Browser):
    """Return a function that opens a tab; no error may have been logged in it when a test ends."""
    complaints: list[str] = []
    with contextlib.ExitStack() as stack:

        def open_it(**options) -> Page:
            options = {"locale": "en-GB", "viewport": {"width": 1440, "height": 900}, **options}
            context = chromium.new_context(**options)
            stack.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda message: _note(message, complaints))
            return page

        yield open_it
    assert not complaints


def _note(message, complaints: list[str]) -> None:
    # A breach of the content security policy is logged as an error too.
    if message.type == "error" and "favicon" not in message.text:
        complaints.append(message.text)


@pytest.fixture
def tab(open_tab) -> Page:
    """Open a tab."""
    return open_tab()
