"""What the whole suite shares: weights, a scripted recipe, drawn pages, the month, Chromium."""

from __future__ import annotations

import os

# Each worker of pytest-xdist has a processor: libraries that start threads of their own only wait
# for each other. Read when NumPy and torch are imported, in child processes too.
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import fcntl
import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
import structlog
from hypothesis import settings
from playwright.sync_api import Browser, Page

from presslens.models.recipe import Recipe
from presslens.models.registry import Manifest, Registry
from presslens.models.vocabulary import Image

from .quickest_folder import quickest_folder
from .tabs import Tabs, chromium_driver

PAPER = (246, 242, 230)
"""Off-white, as newsprint is."""

LABORATORY = Path(__file__).parent / "lab"

GUARD = str(Path(__file__).parent / "guard")
if "sitecustomize" not in sys.modules or GUARD not in sys.path:
    sys.path.insert(0, GUARD)
    sys.modules.pop("sitecustomize", None)
    import sitecustomize  # noqa: F401 - refuses every network but this machine, from here on
os.environ["PYTHONPATH"] = os.pathsep.join([GUARD, os.environ.get("PYTHONPATH", "")]).strip(
    os.pathsep
)

os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(quickest_folder()))

# Random examples, but the same ones each time: a gate must not fail by chance.
settings.register_profile("presslens", deadline=None, derandomize=True)
settings.load_profile("presslens")

# Nobody reads what is logged of a test that passes: to draw what was raised, with its variables,
# takes a third of a second each time.
structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what runs the real models where the files out of packages are missing.

    ``@pytest.mark.weights`` needs all of them, ``@pytest.mark.weights("faces")`` that one. What
    tests the laboratory is of the long stage, and what needs a whole month.
    """
    registry = Registry(Manifest.load())
    for item in items:
        if LABORATORY in item.path.parents or "month_folder" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.long)
        marks = list(item.iter_markers("weights"))
        missing = sorted({file for mark in marks for file in _missing(registry, mark.args)})
        if missing:
            reason = f"not in {registry.packages}: {', '.join(missing)}; run `make setup`"
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Spare the search for garbage what stays for good: modules, tests, a million objects."""
    gc.collect()
    gc.freeze()


def _missing(registry: Registry, names: Sequence[str]) -> list[str]:
    entries = [
        entry
        for entry in registry.manifest.weight
        if entry.package and (not names or entry.name in names)
    ]
    return [entry.file for entry in entries if not registry.location(entry).is_file()]


@pytest.fixture(scope="session")
def registry() -> Registry:
    """The weights of this checkout."""
    return Registry(Manifest.load())


@pytest.fixture(scope="session")
def scripted_recipe() -> Recipe:
    """A recipe whose instruments see coloured blocks: no file out of a package is opened."""
    return Recipe.load(Path(__file__).parent / "scripted.toml")


@pytest.fixture(scope="session")
def texture() -> Callable[..., Image]:
    """Give a function that paints something as uneven as a photo, never as pale as paper."""

    def paint(height: int, width: int, *, seed: int = 0, low: int = 20, high: int = 190) -> Image:
        rng = np.random.default_rng(seed)
        cells = max(2, height // 24), max(2, width // 24), 3
        coarse = rng.uniform(low + 10, high - 10, cells).astype(np.float32)
        smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
        grain = rng.normal(0, 4, (height, width, 1))
        return np.clip(smooth + grain, low, high).astype(np.uint8)

    return paint


@pytest.fixture(scope="session")
def draw_page(texture: Callable[..., Image]) -> Callable[..., Image]:
    """Give a function that draws a page for the scripted instruments; boxes are (x0, y0, x1, y1).

    Photos come out as textured blocks on paper, persons as red blocks and faces as green ones.
    """

    def draw(
        *photos: tuple[int, int, int, int],
        size: tuple[int, int] = (400, 560),
        persons: Sequence[tuple[int, int, int, int]] = (),
        faces: Sequence[tuple[int, int, int, int]] = (),
    ) -> Image:
        page = np.empty((size[1], size[0], 3), np.uint8)
        page[:] = PAPER
        for seed, (x0, y0, x1, y1) in enumerate(photos):
            page[y0:y1, x0:x1] = texture(y1 - y0, x1 - x0, seed=seed, low=70)
        for boxes, colour in ((persons, (230, 10, 10)), (faces, (10, 230, 10))):
            for x0, y0, x1, y1 in boxes:
                page[y0:y1, x0:x1] = colour
        return page

    return draw


@pytest.fixture(scope="session")
def month_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of a month, which several processes share: nobody writes to it.

    ``MONTH_FOLDER`` names one that is made already.
    """
    # Imported here: few tests need the service that makes a month.
    from presslens.app.month.make import make_month, shipped_recording
    from presslens.app.platform.sample_sources import sample_sources
    from presslens.app.platform.settings import Settings

    if made_before := os.environ.get("MONTH_FOLDER"):
        return Path(made_before)
    sources = sample_sources(Settings())
    missing = [w.file for w in sources.manifest.weight if not sources.location(w).is_file()]
    if missing:
        pytest.skip(f"not in {sources.packages}: {', '.join(missing)}; run `make setup`")
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with (shared / "month.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "month" / "data").is_dir():
            recording = shipped_recording()
            made = make_month(
                Settings(min_free_bytes=0),
                shared / "month",
                recording=recording,
                progress=lambda _step, _done, _of: None,
            )
            (shared / "month" / "replayed").write_text(f"{made.replayed} of {len(made.names)}")
    return shared / "month"


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start Debian's Chromium once: two drivers can't run in one process."""
    with chromium_driver() as browser:
        yield browser


@pytest.fixture
def open_tab(chromium: Browser) -> Iterator[Tabs]:
    """Return what opens tabs; no error may have been logged in one when a test ends."""
    with Tabs(chromium) as tabs:
        yield tabs
    assert not tabs.complaints


@pytest.fixture
def tab(open_tab: Tabs) -> Page:
    """Open a tab."""
    return open_tab()
