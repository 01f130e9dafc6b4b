"""Takes the pictures of pages that the documents show, from the sample month.

``presslens demo month`` makes the archive and serves it; ``python -m
presslens.lab.bench.document_pictures --server http://127.0.0.1:8000`` writes the pictures to
``docs/images``. The timeline shows a measure that the answers of the tutorial unlock. A sample is
drawn and answered, so take a copy of an archive of your own.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import httpx2
from PIL import Image
from playwright.sync_api import Page

from presslens.lab.bench.screenshots import chromium

SIZE = {"width": 1280, "height": 860}
"""Of the window, in pixels."""

IDLE_MS = 2500
"""Milliseconds until charts and pictures are drawn."""

PAPER, DAY, LAST_DAY = "Sample Daily", "2025-12-16", "2025-12-31"

SAMPLE = {"measures": ["crowd"], "items": 120, "second": 0.1, "name": "crowds"}
DECISIONS = 45


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True, help="address of the running server")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    arguments = parser.parse_args()
    server, out = arguments.server.rstrip("/"), arguments.out
    with httpx2.Client(base_url=server, timeout=120) as client, chromium() as browser:
        context = browser.new_context(viewport=SIZE, locale="en")  # type: ignore[arg-type]
        page = context.new_page()
        edition = _edition(client, DAY)["id"]
        for name, address in (
            ("edition.png", f"/editions/{edition}"),
            ("timeline.png", "/timeline?metric=focus_facility"),
            ("gallery.png", f"/gallery?subject=fireworks&publication={PAPER}"),
            ("claims.png", f"/claims?publication={PAPER}"),
        ):
            _open(page, server + address)
            page.screenshot(path=out / name)
        ruler = client.get(f"/api/v1/editions/{edition}/ruler.jpg").raise_for_status()
        (out / "ruler.jpg").write_bytes(ruler.content)
        _correct(page, server, client, out / "correct.jpg")
        _desk(page, server, client, out / "desk.png")


def _open(page: Page, address: str) -> None:
    page.goto(address, wait_until="load")
    page.wait_for_timeout(IDLE_MS)


def _edition(client: httpx2.Client, day: str) -> Any:
    found = client.get("/api/v1/editions", params={"publication": PAPER, "from": day, "to": day})
    return found.json()["editions"][0]


def _correct(page: Page, server: str, client: httpx2.Client, picture: Path) -> None:
    """Take the last page of an edition while a photo is drawn."""
    edition = client.get(f"/api/v1/editions/{_edition(client, LAST_DAY)['id']}").json()
    last = edition["page_list"][-1]["id"]
    _open(page, f"{server}/pages/{last}?mode=correct")
    page.wait_for_timeout(2 * IDLE_MS)  # the numbers beside the page come later
    page.keyboard.press("d")
    page.mouse.move(202, 325)
    page.mouse.down()
    page.mouse.move(329, 429, steps=8)
    page.mouse.up()
    page.wait_for_timeout(IDLE_MS)
    taken = picture.with_suffix(".png")
    page.screenshot(path=taken)
    Image.open(taken).convert("RGB").save(picture, quality=82)
    taken.unlink()


def _desk(page: Page, server: str, client: httpx2.Client, picture: Path) -> None:
    """Take a desk after some decisions: of one photo in nine *yes*."""
    sample = client.post("/api/v1/samples", json=SAMPLE).json()
    _open(page, f"{server}/review/{sample['id']}")
    page.keyboard.type("Ann")
    page.keyboard.press("Enter")
    page.wait_for_timeout(2 * IDLE_MS)
    for i in range(DECISIONS):
        page.keyboard.press("y" if i % 9 == 4 else "n")
        page.wait_for_timeout(900)
    page.wait_for_timeout(2 * IDLE_MS)
    page.screenshot(path=picture)


if __name__ == "__main__":
    main()
