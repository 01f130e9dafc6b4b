"""How fast pages paint in Debian's Chromium on a generated archive.

Run ``python -m presslens.lab.bench.pages``.

Each page is opened several times, with an empty cache, while nobody writes and while somebody
writes as a worker does. What is told is the time from the request to the first and to the largest
contentful paint, as the browser measures them (web.dev/articles/fcp, web.dev/articles/lcp).
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from playwright.sync_api import Browser
from rich.console import Console
from rich.progress import track
from rich.table import Table
from sqlalchemy import select

from presslens.app.db.tables import PageRow, PublicationRow, ScanRow
from presslens.app.drill.serving import presslens, serving
from presslens.app.drill.site_map import page_addresses
from presslens.app.installation import (
    Installation,
    init_installation,
    open_installation,
    upgrade_installation,
)
from presslens.app.platform import clock
from presslens.app.platform.settings import Settings
from presslens.app.services.statistics.flag_editions import flag_editions
from presslens.lab.bench.generator import HEIGHT, WIDTH, fill
from presslens.lab.bench.screenshots import chromium
from presslens.lab.bench.writing import ANALYSING, writing

SIZE = 1440, 900
FIRST, LARGEST = 300.0, 800.0
"""Milliseconds within which a page is to paint something, and its largest part."""

BUSY = 1.5
"""How much longer it may take while a worker writes."""

SUMMARY_EVERY = 10.0
"""Seconds between two editions that are summarised meanwhile."""

IDLE_MS = 800
"""Milliseconds after a page has loaded until nothing larger is painted."""

PICTURED = 40
"""Editions, the latest, whose pages have pictures."""

PAINTS = """() => new Promise(done => {
  const first = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null;
  new PerformanceObserver(list => {
    const largest = list.getEntries().at(-1);
    done([first(), largest.startTime, largest.element?.tagName ?? null]);
  }).observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => done([first(), null, null]), 10000);
})"""


@dataclass(frozen=True, slots=True)
class Paints:
    """When a page has painted, in ms after the request.

    Attributes:
        first: The first content; None: nothing was painted.
        largest: The largest content, as far as it was painted.
        element: The name of its element; None: it is gone again.
    """

    first: float | None
    largest: float | None
    element: str | None


def main() -> None:
    """Print the medians of all pages, with and without a writer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--editions", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, help="folder of the archive; it is filled if empty")
    parser.add_argument("--only", nargs="*", default=[], help="names of pages")
    args = parser.parse_args()
    console = Console(stderr=True)
    with archive(args.data, args.editions, console) as home, chromium() as browser:
        variables = {
            "PRESSLENS_DATA_DIR": str(home.settings.data_dir),
            "PRESSLENS_DATABASE_URL": str(home.settings.database_url),
        }
        with serving(presslens, "/api/v1/healthz", **variables) as client:
            pages = page_addresses(str(client.base_url).rstrip("/"))
            chosen = {n: url for n, url in pages.items() if not args.only or n in args.only}
            paints_of = {}
            for busy in (False, True):
                worker = writing(home, pause=ANALYSING, summary_every=SUMMARY_EVERY)
                with worker if busy else nullcontext():
                    paints_of[busy] = open_pages(browser, chosen, args.rounds, console)
    Console().print(table(paints_of[False], paints_of[True], args.rounds))


@contextmanager
def archive(
    folder: Path | None,
    editions: int,
    console: Console,
    *,
    sparse: bool = False,
    pictured: int = PICTURED,
) -> Iterator[Installation]:
    """Open an installation that is filled, and whose latest editions have pictures.

    Args:
        folder: Where it is kept; None: nowhere.
        editions: How many it has.
        console: Where progress is shown.
        sparse: It has what lists of photos read, and no statistics.
        pictured: How many of its editions have pictures.
    """
    with tempfile.TemporaryDirectory(prefix="presslens-bench-") as temporary:
        data = folder or Path(temporary)
        settings = Settings(data_dir=data, database_url=f"sqlite:///{data}/presslens.db")
        filled = (data / "presslens.db").exists()
        (upgrade_installation if filled else init_installation)(settings)
        with open_installation(settings) as home:
            if not filled:
                with console.status("filling the archive"):
                    fill(home, editions=editions, sparse=sparse)
                    add_pictures(home, pictured)
                    if not sparse:
                        compare(home)
            yield home


def add_pictures(home: Installation, editions: int) -> None:
    """Give the pages of the latest editions a picture each: blurred noise."""
    rng = np.random.default_rng(2)
    coarse = rng.integers(40, 230, (HEIGHT // 50, WIDTH // 50, 3), np.uint8)
    picture = Pillow.fromarray(coarse).resize((WIDTH, HEIGHT), Pillow.Resampling.BICUBIC)
    with home.database.read() as session:
        last = session.scalars(select(PageRow.edition_id).order_by(PageRow.edition_id.desc()))
        from_edition = (last.first() or 0) - editions
        query = select(ScanRow.sha256).join(PageRow, PageRow.scan_id == ScanRow.id)
        scans = list(session.scalars(query.where(PageRow.edition_id > from_edition)))
    original: Path | None = None
    for sha256 in scans:
        view = home.storage.view(sha256, 0, home.recipe.observation_id)
        view.parent.mkdir(parents=True, exist_ok=True)
        if original is None:
            picture.save(view, "JPEG", quality=85)
            original = view
        elif not view.exists():
            view.hardlink_to(original)


def compare(home: Installation) -> None:
    """Find what is unusual, as a worker does."""
    with home.database.read() as session:
        papers = list(session.scalars(select(PublicationRow.id).order_by(PublicationRow.id)))
    flag_editions(home, papers[0], now=clock.now(), busy=False)


def open_pages(
    browser: Browser, pages: Mapping[str, str], rounds: int, console: Console
) -> dict[str, list[Paints]]:
    """Open each page several times, in turns; the first round warms the server up.

    Returns:
        When each page has painted, in the order of time, by its name.
    """
    paints_of: dict[str, list[Paints]] = defaultdict(list)
    for number in track(range(rounds + 1), "opening pages", console=console):
        for name, url in pages.items():
            paints = open_page(browser, url)
            if number:
                paints_of[name].append(paints)
    return paints_of


def open_page(browser: Browser, url: str) -> Paints:
    """Open a page with an empty cache, and return when it has painted."""
    width, height = SIZE
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en")
    try:
        page = context.new_page()
        page.goto(url, wait_until="load")
        page.wait_for_timeout(IDLE_MS)
        return Paints(*page.evaluate(PAINTS))
    finally:
        context.close()


def table(
    quiet: Mapping[str, list[Paints]], busy: Mapping[str, list[Paints]], rounds: int
) -> Table:
    """Return the medians of each page, in ms; what is too late is marked."""
    shown = Table(f"page, {rounds} times", "first, ms", "largest, ms", "a worker writes: first",
        "largest", "its element")  # fmt: skip
    for name, paints in quiet.items():
        cells = [
            _median_words([one.first for one in paints], FIRST),
            _median_words([one.largest for one in paints], LARGEST),
            _median_words([one.first for one in busy[name]], BUSY * FIRST),
            _median_words([one.largest for one in busy[name]], BUSY * LARGEST),
        ]
        shown.add_row(name, *cells, (paints[-1].element or "").lower())
    return shown


def _median_words(times: list[float | None], most: float) -> str:
    measured = [time for time in times if time is not None]
    if not measured:
        return "never"
    median = statistics.median(measured)
    return f"{median:.0f}" + (" !" if median > most else "")


if __name__ == "__main__":
    main()
