"""Takes a picture of every page, wide and narrow, light and dark, in each language.

The pages are those of a copy of the installation of the settings, to which a sample with answers of
two coders is added, and of an empty installation. Debian's Chromium draws them. Beside the
pictures, ``sheet.html`` shows all of them, a row a page. What a page logs as an error, whether it
or one of its tables is wider than its window, and what stands in columns too narrow for its words
is printed and stands on the sheet. ``make screenshots`` runs it.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from rich.console import Console
from rich.progress import track

from presslens.app.api import links
from presslens.app.drill.archive_copy import copy_archive, settings_of
from presslens.app.drill.serving import presslens, serving
from presslens.app.drill.site_map import CODER, page_addresses
from presslens.app.installation import init_installation
from presslens.app.platform.settings import Settings
from presslens.app.web.preferences import CODER as COOKIE

SIZES = {1280: 860, 390: 844}
"""Heights of the windows by their widths, in pixels."""

LOOKS = ("light", "dark")
LANGUAGES = ("en", "ko")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic")
IDLE_MS = 250
"""Milliseconds after a page and its pictures have loaded until scripts have placed them."""

DRAWN_MS = 20_000
"""Milliseconds that a chart may take."""

HIGHEST = 12_000
"""Pixels of a page that are pictured."""

EMPTY = {"empty-start": "/", "empty-timeline": "/timeline", "empty-gallery": "/gallery"}
"""Pages of an installation without editions."""

NOT_FOUND = {"not-found": "/photos/999999999"}

SAMPLE: Mapping[str, Any] = {
    "measures": ["children"],
    "items": 30,
    "coders": [CODER, "Ben"],
    "second": 1,
}
QUESTIONS = {
    "question_open": "Were there more children than usual in the latest edition?",
    "question_decided": "Were there more photos than usual in the latest edition?",
    "question_lead": "Was the front page about a facility in the latest edition?",
    "question_discarded": "Were there more fireworks than usual in the latest edition?",
}
"""Sentences that a question is asked by; the last one is discarded."""

ANSWERED = 6
"""Photos of the sample that both coders have answered, of them each third differently."""

ARRIVED = """() => {
  for (const one of document.querySelectorAll(".deferred")) one.style.contentVisibility = "visible";
  return Promise.all([...document.images].map((one) => {
    one.loading = "eager";
    return one.complete || new Promise((done) => { one.onload = one.onerror = done; });
  }));
}"""
DRAWN = """async ([look, patience]) => {
  const open = () => document.querySelector(`.plot[data-spec]:not([data-drawn=${look}])`);
  for (let waited = 0; open() && waited < patience; waited += 50)
    await new Promise((done) => setTimeout(done, 50));
  return !open();
}"""
FAULTS = """() => {
  const faults = [], name = (one) => `${one.tagName.toLowerCase()}.${one.className}`;
  const wide = document.documentElement.scrollWidth - innerWidth;
  if (wide > 0) faults.push(`the page is ${wide} pixels wider than its window`);
  for (const one of document.querySelectorAll(".scroll, .points, pre, nav")) {
    const hidden = one.scrollWidth - one.clientWidth;
    if (hidden > 1) faults.push(`${name(one)} hides ${hidden} pixels: ${
      one.innerText.trim().slice(0, 40).replaceAll("\\n", " ")}`);
  }
  for (const one of document.querySelectorAll("td, th, dd, li, p, code")) {
    const text = one.innerText?.trim() ?? "";
    const height = parseFloat(getComputedStyle(one).lineHeight) || 16;
    const box = one.getBoundingClientRect();
    const narrow = box.width && box.width < 48 && box.height > 3 * height;
    const isHeard = getComputedStyle(one.closest("thead") ?? one).position === "absolute";
    if (narrow && text.length > 12 && !isHeard && one.checkVisibility())
      faults.push(`${name(one)} is ${Math.round(box.width)} pixels wide: ${text.slice(0, 40)}`);
  }
  return faults;
}"""


@dataclass
class Pictures:
    """The pictures that are taken: what is wrong with each, by its file's name."""

    folder: Path
    faults: dict[str, list[str]] = field(default_factory=dict)

    def take(self, context: BrowserContext, name: str, url: str, code: str) -> None:
        """Take the pictures of a page at each width, light and dark.

        Args:
            context: A window whose language is the code's.
            name: The page's name.
            url: Its address.
            code: The language.
        """
        tab = context.new_page()
        errors: list[str] = []
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on("console", lambda one: errors.append(one.text) if one.type == "error" else None)
        for width, window in SIZES.items():
            tab.set_viewport_size({"width": width, "height": window})
            tab.emulate_media(color_scheme="light")
            tab.goto(url, wait_until="load")
            for look in LOOKS:
                tab.emulate_media(color_scheme="dark" if look == "dark" else "light")
                tab.wait_for_timeout(IDLE_MS)
                tab.evaluate(ARRIVED)
                drawn = tab.evaluate(DRAWN, [look, DRAWN_MS])
                faults = [] if drawn else ["a chart is not drawn"]
                if look == LOOKS[0]:
                    faults += tab.evaluate(FAULTS)
                height = min(tab.evaluate("document.documentElement.scrollHeight"), HIGHEST)
                clip: Any = {"x": 0, "y": 0, "width": width, "height": max(height, window)}
                file = f"{name}-{width}-{look}-{code}.jpg"
                tab.screenshot(path=self.folder / file, quality=80, full_page=True, clip=clip)
                self.faults[file] = faults + errors * (name not in NOT_FOUND)
                errors.clear()
        tab.close()

    def sheet(self) -> str:
        """Return the page that shows all pictures, a row for each page of the program."""
        rows: dict[str, list[str]] = {}
        for file, faults in self.faults.items():
            name, title = file.rsplit("-", 3)[0], escape("\n".join([file, *faults]))
            rows.setdefault(name, []).append(
                f'<a href="{file}" title="{title}"><img src="{file}" alt="{title}" loading="lazy"'
                f' class="{"faulty" if faults else "whole"}"></a>'
            )
        body = "".join(f"<h2>{name}</h2><p>{''.join(row)}</p>" for name, row in rows.items())
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>Every page</title><style>'
            "body{font:14px sans-serif;background:#999} p{display:flex;gap:6px;overflow-x:auto;"
            "margin:0} h2{margin:12px 0 4px} img{height:520px;max-width:420px;object-fit:cover;"
            f"object-position:top}} .faulty{{outline:3px solid #c00}}</style>{body}</html>\n"
        )


def main() -> int:
    """Take the pictures, write the sheet, and return how the program ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("var/screenshots"))
    parser.add_argument("--server", help="address of a running server; else a copy is served")
    parser.add_argument("--only", nargs="*", default=[], help="names of pages")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    console, pictures = Console(stderr=True), Pictures(args.out)
    with every_page(args.server) as pages, chromium() as browser:
        chosen = {name: url for name, url in pages.items() if not args.only or name in args.only}
        for code in LANGUAGES:
            context = browser.new_context(locale=code, reduced_motion="reduce")
            url = next(iter(pages.values()))
            context.add_cookies([{"name": COOKIE, "value": CODER, "url": url}])
            for name, url in track(chosen.items(), f"pages in {code}", console=console):
                pictures.take(context, name, url, code)
            context.close()
    (args.out / "sheet.html").write_text(pictures.sheet(), encoding="utf-8")
    for file, faults in pictures.faults.items():
        for text in faults:
            console.print(f"{file}: {text}", markup=False)
    console.print(f"{len(pictures.faults)} pictures: {args.out / 'sheet.html'}", markup=False)
    return 1 if any(pictures.faults.values()) else 0


@contextmanager
def every_page(address: str | None) -> Iterator[Mapping[str, str]]:
    """Give the addresses of all pages by name.

    Args:
        address: Of a server that runs, which is asked for its pages alone; without one, a copy of
            the installation of the settings is served, and an empty installation.
    """
    if address is not None:
        yield page_addresses(address.rstrip("/"))
        return
    with ExitStack() as open_servers:
        folder = Path(open_servers.enter_context(tempfile.TemporaryDirectory(prefix="pictures-")))
        copy_archive(Settings(), folder / "copy")
        empty = settings_of(Settings(), folder / "empty")
        init_installation(empty)
        full, bare = (
            open_servers.enter_context(
                serving(
                    presslens,
                    "/api/v1/readyz",
                    PRESSLENS_DATA_DIR=str(folder / name),
                    PRESSLENS_DATABASE_URL=None,
                    PRESSLENS_MIN_FREE_BYTES="0",
                )
            )
            for name in ("copy", "empty")
        )
        add_sample(full)
        states = add_states(full)
        server, other = (str(one.base_url).rstrip("/") for one in (full, bare))
        yield {
            **page_addresses(server),
            **{name: server + path for name, path in {**NOT_FOUND, **states}.items()},
            **{name: other + path for name, path in EMPTY.items()},
        }


def add_sample(client: httpx2.Client) -> None:
    """Draw a sample that two coders begin, not always alike, and a training for a third."""
    sample = client.post(f"{links.ROOT}/samples", json=SAMPLE).raise_for_status().json()["id"]
    address = f"{links.ROOT}/samples/{sample}"
    items = client.get(f"{address}/items").raise_for_status().json()["items"][:ANSWERED]
    for coder in SAMPLE["coders"]:
        answers = [
            {
                "client_id": f"pictured-{coder}-{place}",
                "item": item["item"],
                "answers": {"children": coder == CODER and place % 3 == 0},
            }
            for place, item in enumerate(items)
        ]
        given = {"coder": coder, "answers": answers}
        client.post(f"{address}/answers", json=given).raise_for_status()
    training = {"name": "Cho", "coder": CODER}
    client.post(f"{address}/trainings", json=training).raise_for_status()


def add_states(client: httpx2.Client) -> dict[str, str]:
    """Ask questions and invite a coder, and return the paths of their pages by name."""
    origin = {"origin": str(client.base_url).rstrip("/")}
    paths = {
        name: str(client.post("/ask", data={"q": sentence}, headers=origin).headers["location"])
        for name, sentence in QUESTIONS.items()
    }
    client.post(paths["question_discarded"], data={"action": "discard"}, headers=origin)
    invited = {"name": "Dana", "role": "reviewer"}
    answer = client.post(f"{links.ROOT}/invitations", json=invited).raise_for_status()
    return {**paths, "invitation": answer.json()["path"]}


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium.

    Raises:
        LookupError: It, or a font of Korean letters, is not installed.
    """
    program = shutil.which("chromium")
    if program is None:
        raise LookupError("Chromium is not installed: apt install chromium")
    fonts = subprocess.run(("fc-list", ":lang=ko"), capture_output=True, check=True).stdout  # noqa: S607
    if not fonts:
        raise LookupError("no font draws Korean letters: apt install fonts-nanum")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


if __name__ == "__main__":
    sys.exit(main())
