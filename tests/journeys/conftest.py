"""A reader of a real service with a month of analysed editions, with a pointer and without one.

What needs the month is of the long stage; what readers do on one edition is of each commit.
"""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Locator, Page, Response

from presslens.app.drill.serving import presslens, serving
from presslens.app.drill.site_map import page_addresses
from presslens.app.platform.settings import Settings
from presslens.app.web.static_files import browser_files
from presslens.pipelines.lifeline import program, running

from ..tabs import Tabs

RECIPE = Path(__file__).parent.parent / "scripted.toml"
MONTH_S = 900
"""Seconds that the first test may wait for the month to be made."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each journey wait for the month."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(MONTH_S))


@dataclass
class Reader:
    """Somebody at a tab, with a pointer or with the keyboard alone."""

    server: str
    tab: Page
    pointer: bool

    def open(self, address: str) -> Response | None:
        """Open an address of the server, as typed or bookmarked."""
        return self.tab.goto(f"{self.server}{address}", wait_until="load")

    def activate(self, target: Locator) -> None:
        """Click a link, button or summary, or press Enter on it."""
        if self.pointer:
            target.click()
        else:
            self._focus(target)
            self.tab.keyboard.press("Enter")

    def menu(self, name: str) -> None:
        """Open a page of the menu by its link's name; the menu that holds it first."""
        link = self.tab.locator(".pages a").filter(has_text=re.compile(f"^{name}$"))
        self.activate(self.tab.locator("details.menu").filter(has=link).locator("summary"))
        self.activate(link)

    def tick(self, target: Locator) -> None:
        """Check a box, or choose a radio button."""
        if self.pointer:
            target.check()
        else:
            self._focus(target)
            self.tab.keyboard.press("Space")

    def write(self, target: Locator, text: str) -> None:
        """Write into a text field, in place of what stands there."""
        if self.pointer:
            target.click()
        else:
            self._focus(target)
        self.tab.keyboard.press("Control+a")
        self.tab.keyboard.type(text)

    def choose(self, target: Locator, option: str) -> None:
        """Choose an option of a list by what it says."""
        if self.pointer:
            target.select_option(label=option)
        else:
            self._focus(target)
            self.tab.keyboard.type(option)

    def date(self, target: Locator, day: str) -> None:
        """Fill in a day, YYYY-MM-DD."""
        if self.pointer:
            target.fill(day)
            return
        year, month, number = day.split("-")
        for typed in (f"{number}{month}{year}", f"{month}{number}{year}"):
            target.blur()
            self._focus(target)
            self.tab.keyboard.type(typed)
            if target.input_value() == day:  # which part comes first is the system's choice
                return
        raise AssertionError(f"{day} can't be typed")

    def _focus(self, target: Locator) -> None:
        target.focus()
        assert target.evaluate("element => element.matches(':focus')"), f"no focus: {target}"
        assert target.evaluate("element => element.tabIndex >= 0"), f"no tab stop: {target}"


def copy_month(month_folder: Path, data: Path) -> Path:
    """Make a data folder of a month that can be changed, with the pictures of the shared one."""
    (data / "tmp").mkdir()
    for name in ("presslens.db", ".presslens"):
        shutil.copyfile(month_folder / "data" / name, data / name)
    # What is made of the pages is named by their content, and is made once for all services.
    (month_folder / "data" / "derivatives").mkdir(exist_ok=True)
    for name in ("scans", "views", "derivatives"):
        (data / name).symlink_to(month_folder / "data" / name)
    return data


@contextlib.contextmanager
def serving_month(data: Path) -> Iterator[str]:
    """Serve a month by a process of its own, without a worker, and give its address."""
    variables = {"PRESSLENS_DATA_DIR": str(data), "PRESSLENS_MIN_FREE_BYTES": "0"}
    with serving(presslens, "/api/v1/readyz", **variables) as client:
        yield str(client.base_url).rstrip("/")


@pytest.fixture(scope="session")
def month_data(month_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of a month that this process may read alone."""
    return copy_month(month_folder, tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="session")
def month_server(month_data: Path) -> Iterator[str]:
    """Serve the month; tests change it, and undo what they change, in any order."""
    with serving_month(month_data) as address:
        yield address


@pytest.fixture(scope="session")
def ask(month_server: str) -> Iterator[Callable[..., httpx2.Response]]:
    """Return a function that asks the server as a program does."""
    with httpx2.Client(base_url=month_server, trust_env=False, timeout=60) as client:

        def get(address: str, **query: object) -> httpx2.Response:
            answer = client.get(address, params=query) if query else client.get(address)
            answer.raise_for_status()
            return answer

        yield get


@pytest.fixture(scope="session")
def addresses(month_server: str) -> dict[str, str]:
    """Return an address of each kind of page, without the server, by name."""
    found = page_addresses(month_server)
    return {name: url.removeprefix(month_server) for name, url in found.items()}


@pytest.fixture(params=[True, False], ids=["pointer", "keyboard"])
def reader(month_server: str, open_tab: Tabs, request: pytest.FixtureRequest) -> Reader:
    """Give a reader with a pointer, and one without."""
    return Reader(month_server, open_tab(), request.param)


@pytest.fixture
def working_service(tmp_path: Path) -> Iterator[httpx2.Client]:
    """Run the service with its worker on an empty folder; its networks alone are scripted."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "PRESSLENS_DATA_DIR": str(tmp_path / "data"),
        "PRESSLENS_RECIPE": str(RECIPE),
        "PRESSLENS_PROCESSES": "1",
        "PRESSLENS_MIN_FREE_BYTES": "0",
        "PRESSLENS_POLL_SECONDS": "0.05",
    }
    serve, nowhere = program("presslens", "serve", "--port", str(port)), subprocess.DEVNULL
    with (
        running(serve, env=environment, stdout=nowhere, stderr=nowhere),
        httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client,
    ):
        for _ in range(2400):  # a busy machine takes its time
            with contextlib.suppress(httpx2.TransportError):
                if client.get("/api/v1/readyz").is_success:
                    break
            time.sleep(0.1)
        yield client


@pytest.fixture(scope="session")
def axe() -> str:
    """Return the program of axe-core."""
    registry = browser_files(Settings())
    path = registry.path("axe")
    if not path.is_file():
        pytest.skip(f"not in {registry.packages}: {path.name}; run `make setup`")
    return path.read_text(encoding="utf-8")
