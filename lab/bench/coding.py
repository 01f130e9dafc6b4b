"""How fast photos are coded by keys in Debian's Chromium: ``python -m presslens.lab.bench.coding``.

A sample is drawn from a generated archive, or from a copy of a data folder, and coded twice: at a
decision a second, and as fast as the photos come; ``--pace`` does one of these. What is told is the
time from the key to the picture of the next photo, painted, in each part of the sample; how many
decisions a minute were made and stored; and whether a photo was asked twice. A desk gets the photos
of a large sample part by part: ``--photos 1200 --pace 0`` measures that.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
import numpy as np
from playwright.sync_api import Browser, Page
from rich.console import Console
from rich.table import Table

from presslens.app.drill.serving import presslens, serving
from presslens.lab.bench.pages import SIZE, archive
from presslens.lab.bench.screenshots import chromium

MOST = 100.0
"""Milliseconds from a key to the next photo, at the 95th percentile."""

PART = 500
"""Photos of a sample that are told together."""

PACES = (1.0, 0.0)
"""Seconds between two decisions."""

MEASURES = ("children", "fireworks")
"""What is asked at each pace, so that a photo is coded once for each."""

WATCH = """() => {
  window.times = [];
  let pressed = 0;
  addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  new MutationObserver(() => {
    const began = pressed, picture = document.querySelector(".stage img");
    if (!picture || !began) return;
    const painted = () => requestAnimationFrame(() => setTimeout(
      () => window.times.push(performance.now() - began)));
    picture.decode().then(painted, () => {});
  }).observe(document.querySelector(".stage"), {childList: true});
}"""
SEEN = """() => { const one = document.querySelector(".stage img");
  return one && one.complete && one.naturalWidth > 0; }"""
SHOWN = """() => document.querySelector(".stage img").src"""
STORED = """() => !Object.keys(localStorage).some((key) => key.startsWith("presslens.journal."))"""


@dataclass(frozen=True, slots=True)
class CodingSpeed:
    """How fast a coder was.

    Attributes:
        pace: Seconds between two decisions that were wished; 0: none.
        milliseconds: From each key to the picture of the next photo.
        shown: The address of the picture that each key answered.
        seconds: From the first key to the last.
        until_stored: Seconds after the last key until the server had stored all.
    """

    pace: float
    milliseconds: Sequence[float]
    shown: Sequence[str]
    seconds: float
    until_stored: float

    @property
    def a_minute(self) -> float:
        """Decisions a minute."""
        return 60 * (len(self.milliseconds) + 1) / self.seconds

    @property
    def parts(self) -> Iterator[tuple[int, Sequence[float]]]:
        """The milliseconds of each part of the sample, with the number of its first photo."""
        for i in range(0, len(self.milliseconds), PART):
            yield i + 1, self.milliseconds[i : i + PART]

    @property
    def repeated(self) -> int:
        """Number of photos that were asked again."""
        return len(self.shown) - len(set(self.shown))


def main() -> None:
    """Print how fast photos are coded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="data folder; a sample is drawn in it")
    parser.add_argument("--editions", type=int, default=40)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--pace", type=float, help="seconds between two decisions; 0: none")
    args = parser.parse_args()
    paces = PACES if args.pace is None else (args.pace,)
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="presslens-bench-") as temporary:
        data = args.data or Path(temporary)
        variables = {
            "PRESSLENS_DATA_DIR": str(data),
            "PRESSLENS_DATABASE_URL": f"sqlite:///{data}/presslens.db",
            "PRESSLENS_MIN_FREE_BYTES": "0",
        }
        if args.data is None:
            with archive(data, args.editions, console):
                pass
        with serving(presslens, "/api/v1/healthz", **variables) as client, chromium() as browser:
            speeds = [
                _measure(browser, client, measure, args.photos, pace)
                for measure, pace in zip(MEASURES, paces, strict=False)
            ]
    Console().print(table(speeds))


def _measure(
    browser: Browser, client: httpx2.Client, measure: str, photos: int, pace: float
) -> CodingSpeed:
    body = {"measures": [measure], "items": photos}
    answer = client.post("/api/v1/samples", json=body)
    answer.raise_for_status()
    width, height = SIZE
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en")
    address = str(client.base_url).rstrip("/")
    context.add_cookies([{"name": "presslens_coder", "value": "Bench", "url": address}])
    try:
        page = context.new_page()
        desk = f"{address}/review/{answer.json()['id']}"
        left = client.get(f"{desk}.json", params={"coder": "Bench"}).json()["left"]
        page.goto(desk)
        page.wait_for_function(SEEN)
        page.evaluate(WATCH)
        return code(page, left, pace)
    finally:
        context.close()


def code(page: Page, photos: int, pace: float) -> CodingSpeed:
    """Answer all photos of a desk by keys, and return how fast that was."""
    began = time.monotonic()
    shown: list[str] = []
    for number in range(photos):
        page.wait_for_function(SEEN)
        shown.append(page.evaluate(SHOWN))
        page.wait_for_timeout(max(0.0, 1000 * (began + number * pace - time.monotonic())))
        page.keyboard.press("ynnu"[number % 4])
    ended = time.monotonic()
    page.wait_for_function(STORED, timeout=120_000)
    stored = time.monotonic()
    return CodingSpeed(pace, page.evaluate("window.times"), shown, ended - began, stored - ended)


def table(speeds: Sequence[CodingSpeed]) -> Table:
    """Return the speeds; what is too late is marked."""
    shown = Table("pace", "photos", "key to next photo, ms: median", "95 %", "largest",
        "decisions a minute", "stored after, s", "asked twice")  # fmt: skip
    for one in speeds:
        whole = f"{one.a_minute:.0f}", f"{one.until_stored:.1f}", str(one.repeated)
        for first, taken in one.parts:
            slowest = float(np.percentile(taken, 95))
            shown.add_row(
                f"one in {one.pace:g} s" if one.pace else "as fast as they come",
                f"{first}–{first + len(taken) - 1}",
                f"{statistics.median(taken):.0f}",
                f"{slowest:.0f}{' !' if slowest > MOST else ''}",
                f"{max(taken):.0f}",
                *(whole if first == 1 else ()),
            )
    return shown


if __name__ == "__main__":
    main()
