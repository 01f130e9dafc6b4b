"""How the gallery scrolls through a million photos in Chromium.

Run ``python -m presslens.lab.bench.gallery``.

Told are the height of the page, the longest task of the browser's main thread while five thousand
photos scroll by (w3.org/TR/longtasks-1: tasks of more than 50 ms), whether the last photo is
reached, and how long the server takes to count. Tasks take longer where others use the processor:
the longest time that one has used the processor itself is told beside.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path

import httpx2
from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.table import Table

from presslens.app.drill.serving import presslens, serving
from presslens.lab.bench.pages import archive
from presslens.lab.bench.screenshots import chromium

EDITIONS = 20_000
"""Editions of a million photos."""

PICTURED = 160
"""Editions, the latest, whose pages have pictures: more than are scrolled through."""

SCROLLED = 5000
"""Photos that scroll by."""

STEP = 400
"""Pixels of a turn of the wheel."""

HIGHEST = 4_000_000
"""Pixels that the page may be high."""

LONGEST = 50.0
"""Milliseconds that a task may take."""

OBSERVE = """
  window.longTasks = [];
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
  }).observe({ type: 'longtask', buffered: true });
"""

SEEN = """() => Math.max(...[...document.querySelectorAll('.rolling .tile')]
  .filter(tile => tile.getBoundingClientRect().top < innerHeight)
  .map(tile => Number(tile.dataset.photo)))"""

REQUESTS = {
    "photos counted by all facets": "photos/facets",
    "the same of a subject": "photos/facets?subject=children",
    "number and shapes of all photos": "photos/buckets?sort=-date",
    "the same, largest first": "photos/buckets?sort=-size",
}
"""What the server is asked, by what it is."""


@dataclass(frozen=True, slots=True)
class Scrolled:
    """What was seen of a gallery.

    Attributes:
        photos: All of them.
        height: Of the page, in pixels.
        ready: Milliseconds from the request until all photos had their place.
        passed: Photos that scrolled by.
        tasks: Long tasks meanwhile, in ms.
        processor: The longest time that a task meanwhile has used the processor, in ms.
        jump: Long tasks of the jump to the end, in ms.
        last: Whether the last photo was there in the end, with its link.
    """

    photos: int
    height: int
    ready: float
    passed: int
    tasks: tuple[float, ...]
    processor: float
    jump: tuple[float, ...]
    last: bool


def main() -> None:
    """Print what is told above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editions", type=int, default=EDITIONS)
    parser.add_argument("--data", type=Path, help="folder of the archive; it is filled if empty")
    args = parser.parse_args()
    console = Console(stderr=True)
    opened = archive(args.data, args.editions, console, sparse=True, pictured=PICTURED)
    with opened as home, chromium() as browser:
        variables = {
            "PRESSLENS_DATA_DIR": str(home.settings.data_dir),
            "PRESSLENS_DATABASE_URL": str(home.settings.database_url),
        }
        with serving(presslens, "/api/v1/healthz", **variables) as client:
            first = _timed(client, REQUESTS["photos counted by all facets"])
            answered = {
                what: statistics.median(_timed(client, path) for _ in range(5))
                for what, path in REQUESTS.items()
            }
            with console.status("scrolling"):
                seen = scroll(browser, f"{str(client.base_url).rstrip('/')}/gallery")
    Console().print(table(seen, first, answered))


def scroll(browser: Browser, address: str, *, photos: int = SCROLLED) -> Scrolled:
    """Scroll a gallery by the wheel, then jump to its end.

    Args:
        browser: Chromium.
        address: Of the gallery.
        photos: How many scroll by.
    """
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en")
    try:
        page = context.new_page()
        page.add_init_script(OBSERVE)
        page.goto(address, wait_until="load")
        page.wait_for_selector(".rolling .tile[href]", timeout=60_000)
        ready = page.evaluate("performance.now()")
        total = int(
            page.locator(".rolling [aria-setsize]").first.get_attribute("aria-setsize") or 0
        )
        height = page.evaluate("document.documentElement.scrollHeight")
        page.wait_for_timeout(1000)
        before = len(page.evaluate("longTasks"))
        browser.start_tracing(page=page, categories=["toplevel"])
        passed = _wheel(page, min(photos, total - 1))
        processor = _processor(browser.stop_tracing())
        tasks = page.evaluate("longTasks")
        last = _jump(page, total)
        after = page.evaluate("longTasks")
        during, jump = tuple(tasks[before:]), tuple(after[len(tasks) :])
        return Scrolled(total, height, ready, passed, during, processor, jump, last)
    finally:
        context.close()


def _wheel(page: Page, photos: int) -> int:
    """Turn the wheel until so many photos have passed; return how many have."""
    page.mouse.move(900, 500)
    passed = 0
    for _ in range(10_000):
        page.mouse.wheel(0, STEP)
        page.wait_for_timeout(16)
        passed = page.evaluate(SEEN)
        if passed >= photos:
            break
    page.wait_for_timeout(500)
    return passed


def _processor(trace: bytes) -> float:
    """Return the longest processor time of a task of the page's main thread, in ms."""
    events = json.loads(trace)["traceEvents"]
    mains = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    return max(
        (
            event.get("tdur", 0) / 1000
            for event in events
            if event["name"].endswith("RunTask") and (event["pid"], event["tid"]) in mains
        ),
        default=0.0,
    )


def _jump(page: Page, total: int) -> bool:
    """Drag the scroll bar to the end; return whether the last photo is there."""
    page.evaluate(
        "window.scrollTo({top: document.documentElement.scrollHeight, behavior: 'instant'})"
    )
    last = page.locator(f".rolling [data-photo='{total - 1}'][href]")
    last.wait_for(timeout=60_000)
    page.wait_for_timeout(500)
    return bool(last.evaluate("tile => tile.getBoundingClientRect().bottom <= innerHeight"))


def table(seen: Scrolled, first: float, answered: dict[str, float]) -> Table:
    """Return what was seen and how long the server took, as a table; what is too much is marked."""
    shown = Table("", "", title=f"{seen.photos:,} photos")
    rows: list[tuple[str, str, bool]] = [
        ("height of the page, px", f"{seen.height:,}", seen.height < HIGHEST),
        ("all photos have their place after, ms", f"{seen.ready:.0f}", True),
        ("photos that scrolled by", f"{seen.passed:,}", True),
        ("longest task meanwhile, ms", _longest(seen.tasks), not seen.tasks),
        ("longest processor time of a task, ms", f"{seen.processor:.0f}", seen.processor < LONGEST),
        ("longest task of the jump to the end, ms", _longest(seen.jump), True),
        ("the last photo is reached", "yes" if seen.last else "no", seen.last),
        ("photos counted for the first time, ms", f"{first:.0f}", True),
        *((f"{what}, ms", f"{took:.0f}", True) for what, took in answered.items()),
    ]
    for what, value, holds in rows:
        shown.add_row(what, value if holds else f"{value} !")
    return shown


def _longest(tasks: tuple[float, ...]) -> str:
    if not tasks:
        return f"at most {LONGEST:.0f}"
    return f"{max(tasks):.0f} ({len(tasks)} of more than {LONGEST:.0f})"


def _timed(client: httpx2.Client, path: str) -> float:
    start = time.perf_counter()
    client.get(f"/api/v1/{path}").raise_for_status()
    return 1000 * (time.perf_counter() - start)


if __name__ == "__main__":
    main()
