"""Zooms a page of 20,000 pixels with 500 boxes in Chromium, and times its tasks: ``make bench``.

A task of the page's thread above 50 milliseconds is one that a reader feels (the browser's "long
task"). On a busy machine a task waits for its turn too, so its time at work is told apart.
The page is generated; the wheel, the pointer and keys move it as a reader does.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from playwright.sync_api import Page
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from presslens.app.db.tables import DetectionRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.drill.serving import presslens, serving
from presslens.app.installation import Installation, init_installation, open_installation
from presslens.app.platform.settings import Settings
from presslens.lab.bench.screenshots import chromium
from presslens.lab.bench.specimens import fill
from presslens.pipelines.view import write_view

SIZE = (7_500, 20_000)
"""Width and height of the page in pixels: as many as are taken in."""

BOXES = 500
LONG_TASK_MS = 50

TRACED = ["toplevel", "devtools.timeline"]
"""What Chromium records: the tasks of its threads, with the time of the clock and the processor."""

TASKS = {"RunTask", "ThreadControllerImpl::RunTask"}


def main() -> int:
    """Print the longest tasks of each way to move; return 1 if one works longer than it may."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, help="PNG file of the zoomed page")
    args = parser.parse_args()
    table = Table("way", "steps", "tasks", "above 50 ms", "longest, ms", "of it at work, ms")
    failed = False
    with tempfile.TemporaryDirectory(prefix="presslens-bench-") as folder:
        settings = Settings(data_dir=Path(folder), database_url="", min_free_bytes=0)
        init_installation(settings)
        with open_installation(settings) as home:
            page_id = large_page(home)
        variables = {"PRESSLENS_DATA_DIR": folder, "PRESSLENS_DATABASE_URL": ""}
        with serving(presslens, "/api/v1/readyz", **variables) as client, chromium() as browser:
            tab = browser.new_page(viewport={"width": 1440, "height": 900})
            tab.goto(f"{client.base_url}/pages/{page_id}?layer=photos&layer=things")
            tab.wait_for_selector(".stage.drawn", timeout=60_000)
            tab.wait_for_timeout(1000)
            boxes = tab.locator(".boxes g:not([display]) > a").count()
            for name, move in (("wheel", wheel), ("drag", drag), ("keys", keys)):
                browser.start_tracing(page=tab, categories=TRACED)
                steps = move(tab)
                tab.wait_for_timeout(800)
                tasks = thread_tasks(json.loads(browser.stop_tracing())["traceEvents"])
                long, worked = max(wall for wall, _ in tasks), max(work for _, work in tasks)
                over = sum(wall > LONG_TASK_MS for wall, _ in tasks)
                table.add_row(
                    name, str(steps), str(len(tasks)), str(over), f"{long:.0f}", f"{worked:.0f}"
                )
                failed = failed or worked > LONG_TASK_MS
            if args.picture:
                tab.screenshot(path=args.picture)
    console = Console()
    console.print(f"{SIZE[0]} × {SIZE[1]} pixels, {boxes} boxes")
    console.print(table)
    return 1 if failed else 0


def thread_tasks(events: list[dict[str, Any]]) -> list[tuple[float, float]]:
    """Return the tasks of the busiest thread of a page, as milliseconds (in all, at work).

    Args:
        events: Of a trace of Chromium.
    """
    pages = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    by_thread: dict[tuple[int, int], list[tuple[float, float]]] = {thread: [] for thread in pages}
    for event in events:
        thread = event["pid"], event["tid"]
        if event["name"] in TASKS and thread in by_thread and "dur" in event:
            by_thread[thread].append((event["dur"] / 1000, event.get("tdur", 0) / 1000))
    return max(by_thread.values(), key=lambda tasks: sum(work for _, work in tasks))


def large_page(home: Installation) -> int:
    """Generate a page of ``SIZE`` with ``BOXES`` boxes and its picture, and return its id."""
    fill(home, 1, photos=4)
    width, height = SIZE
    with home.database.write() as session:
        page, outcome = session.execute(
            select(PageRow, OutcomeRow)
            .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
            .join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
            .where(OutcomeRow.observation_id == home.recipe.observation_id)
            .limit(1)
        ).one()
        outcome.width, outcome.height = width, height
        photo = outcome.photos[0]
        draw = np.random.default_rng(0)
        left, top = draw.uniform(0, width - 300, BOXES), draw.uniform(0, height - 300, BOXES)
        sides = draw.uniform(60, 300, (2, BOXES))
        for i in range(BOXES):
            session.add(
                DetectionRow(
                    photo_id=photo.id,
                    position=1000 + i,
                    label="chair",
                    score=0.9,
                    x0=float(left[i]),
                    y0=float(top[i]),
                    x1=float(left[i] + sides[0, i]),
                    y1=float(top[i] + sides[1, i]),
                )
            )
        scan, page_id = page.scan, page.id
        assert scan is not None  # noqa: S101 - the query has joined it
        view = home.storage.view(scan.sha256, scan.frame, home.recipe.observation_id)
    write_view(_paper(width, height), view)
    return page_id


def _paper(width: int, height: int) -> np.ndarray:
    """Return pixels with lines like print and pictures like photos, which fill many tiles."""
    draw = np.random.default_rng(1)
    block = draw.integers(150, 255, (500, 750, 1), dtype=np.uint8).repeat(3, axis=2)
    block[::25, :, :] = 40
    block[100:300, 100:500] = (
        draw.integers(0, 255, (20, 40, 3), dtype=np.uint8).repeat(10, axis=0).repeat(10, axis=1)
    )
    return np.tile(block, (height // 500, width // 750, 1))


def wheel(tab: Page) -> int:
    """Zoom in and out with the wheel; return the number of turns."""
    frame = tab.locator("#stage").bounding_box()
    assert frame is not None  # noqa: S101 - the selector was waited for
    steps = 0
    for x, y, way in ((0.5, 0.3, -1), (0.5, 0.7, 1), (0.45, 0.5, -1)):
        tab.mouse.move(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"])
        for _ in range(12):
            tab.mouse.wheel(0, way * 120)
            tab.wait_for_timeout(60)
            steps += 1
    return steps


def drag(tab: Page) -> int:
    """Pan with the pointer; return the number of moves."""
    frame = tab.locator("#stage").bounding_box()
    assert frame is not None  # noqa: S101 - the selector was waited for
    steps = 0
    for _ in range(4):
        tab.mouse.move(frame["x"] + 500, frame["y"] + 450)
        tab.mouse.down()
        for i in range(20):
            tab.mouse.move(frame["x"] + 500 - 15 * i, frame["y"] + 450 - 20 * i)
            tab.wait_for_timeout(16)
            steps += 1
        tab.mouse.up()
    return steps


def keys(tab: Page) -> int:
    """Zoom and pan by keyboard; return the number of presses."""
    presses = ["0", *["+"] * 8, *["ArrowDown"] * 8, *["ArrowRight"] * 4, *["-"] * 4, "0"]
    for key in presses:
        tab.keyboard.press(key)
        tab.wait_for_timeout(120)
    return len(presses)


if __name__ == "__main__":
    raise SystemExit(main())
