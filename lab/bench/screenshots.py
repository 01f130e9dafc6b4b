"""Takes a picture of every page, wide and narrow, light and dark, in each language.

Debian's Chromium draws the pages of a real server. What a page logs as an error is printed, and the
program then ends with 1. ``make screenshots`` runs it.
"""

from __future__ import annotations

import argparse
import itertools
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, sync_playwright
from rich.console import Console
from rich.progress import track

from presslens.app.drill.serving import presslens, serving
from presslens.app.drill.site_map import page_addresses

SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
LOOKS = ("light", "dark")
LANGUAGES = ("en", "ko")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic")
IDLE_MS = 700
"""Milliseconds after a page has loaded until charts and tiles are drawn."""


def main() -> int:
    """Take the pictures, and return how the program ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--server", help="address of a running server; else one is started")
    parser.add_argument("--only", nargs="*", default=[], help="names of pages")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    console, complaints = Console(stderr=True), []
    with server(args.server) as address, chromium() as browser:
        pages = page_addresses(address)
        chosen = {name: url for name, url in pages.items() if not args.only or name in args.only}
        combinations = list(itertools.product(chosen.items(), SIZES, LOOKS, LANGUAGES))
        for (name, url), size, look, code in track(combinations, "pictures", console=console):
            picture = args.out / f"{name}-{size}-{look}-{code}.png"
            complaints += [
                f"{picture.name}: {text}"
                for text in take(browser, url, picture, size=SIZES[size], look=look, code=code)
            ]
    for line in complaints:
        console.print(line, markup=False)
    console.print(f"{len(combinations)} pictures in {args.out}", markup=False)
    return 1 if complaints else 0


def take(
    browser: Browser, url: str, picture: Path, *, size: tuple[int, int], look: str, code: str
) -> list[str]:
    """Take a picture of a whole page, and return what the page logged as errors.

    Args:
        browser: Chromium.
        url: The page.
        picture: The PNG file that is written.
        size: Width and height of the window in pixels.
        look: light or dark.
        code: The reader's language.
    """
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if look == "dark" else "light",
        locale=code,
    )
    try:
        page = context.new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(url, wait_until="load")
        page.wait_for_timeout(IDLE_MS)
        overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if overflow > 0:
            errors.append(f"it is {overflow} pixels wider than its window")
        page.screenshot(path=picture, full_page=True)
    finally:
        context.close()
    return errors


@contextmanager
def server(address: str | None) -> Iterator[str]:
    """Give the address of a server; without one, start it on the installation of the settings."""
    if address is not None:
        yield address.rstrip("/")
        return
    with serving(presslens, "/api/v1/readyz") as client:
        yield str(client.base_url).rstrip("/")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium.

    Raises:
        LookupError: It is not installed.
    """
    program = shutil.which("chromium")
    if program is None:
        raise LookupError("Chromium is not installed: apt install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
