"""Tabs of Chromium that note each error, and each breach of the content security policy."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic",
         "--host-resolver-rules=MAP attacker.test 127.0.0.1"]  # fmt: skip
"""What tests start Chromium with; attacker.test is another name of this machine."""

REPORTS = """document.addEventListener("securitypolicyviolation", (event) => console.error(
  `policy: ${event.effectiveDirective} forbids ${event.blockedURI} ${event.sample}`));"""
"""Says each breach of the policy as an error; scripts of the driver run before those of a page."""

PATIENCE_MS = 90_000
"""Milliseconds that tests wait for what a busy machine is late with."""


@contextlib.contextmanager
def chromium_driver() -> Iterator[Browser]:
    """Start Chromium, or skip the test where it isn't installed."""
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("Chromium is not installed here: apt install chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


class Tabs:
    """Opens tabs, each in a context of its own; called with the context's options."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._open = contextlib.ExitStack()
        self.complaints: list[str] = []

    def __enter__(self) -> Tabs:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def __call__(self, **options: Any) -> Page:
        """Open a tab."""
        options = {"locale": "en-GB", "viewport": {"width": 1440, "height": 900}, **options}
        context = self._browser.new_context(**options)
        self._open.callback(context.close)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(REPORTS)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._note(page, message))
        return page

    def _note(self, page: Page, message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon" not in message.text:
            self.complaints.append(f"{page.url}: {message.text}")
