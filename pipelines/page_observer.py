"""Pages are decoded and observed in one process; a page's pixels never leave it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from threadpoolctl import threadpool_limits

from presslens.models.observer import Observer
from presslens.models.recipe import Recipe
from presslens.models.registry import Registry
from presslens.models.vocabulary import Image, PageObservation
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.failure import within
from presslens.pipelines.scans.bucket import StoreMissing
from presslens.pipelines.scans.sandbox import Decoding, Sandbox
from presslens.pipelines.scans.scan import Limits, ScanRejected
from presslens.pipelines.stages import ObservedPage, Stage, StageTimer
from presslens.pipelines.task import PageResult, PageTask, outcome
from presslens.pipelines.view import write_view

SECRET = ("PRESSLENS_", "PGPASS")
"""How variables begin that processes that observe pages don't have: those of the database have its
password."""


@dataclass(frozen=True, slots=True)
class ObserverSettings:
    """The settings of a process that observes pages."""

    recipe: Recipe  # the rules of observation
    registry: Registry  # the weights
    limits: Limits  # the limits of files and pages
    threads: int  # CPU threads for one call of a network

    def load(self) -> Observer:
        """Load the models; sums of numpy in this process have one thread from now on.

        Raises:
            ModelUnavailable: A weight file is missing.
            ModelMismatch: A weight file is not the one that the manifest names.
        """
        # Imported here: tests with scripted instruments do without the networks' libraries.
        from presslens.models.loading import load_instruments
        from presslens.models.session import keep_memory

        keep_memory()
        # BLAS adds in another order with each number of threads: embeddings would hang on how many
        # processors a machine has, or a node of a cluster gives.
        threadpool_limits(1, user_api="blas")
        instruments = load_instruments(self.recipe, self.registry, threads=self.threads)
        return Observer(instruments, self.recipe)


_ALWAYS: AbstractContextManager[None] = nullcontext()


class PageObserver:
    """Observes pages in this process; the next page is decoded while one is observed."""

    def __init__(
        self,
        sandbox: Sandbox,
        load: Callable[[], Observer],
        *,
        pdf_dpi: int,
        turn: AbstractContextManager[object] = _ALWAYS,
    ) -> None:
        """Make an observer of pages.

        Args:
            sandbox: Decodes pages; opened and closed by the caller.
            load: Loads the models; called once, while the first page is decoded.
            pdf_dpi: Pixels per inch for pages of a PDF.
            turn: Held while the networks look at a page, by observers that share them.
        """
        self._sandbox = sandbox
        self._load = load
        self._pdf_dpi = pdf_dpi
        self._turn = turn
        self._observer: Observer | None = None
        self._timer = StageTimer()  # has the time of loading, until a page is told it
        self._ahead: tuple[PageTask, Decoding] | None = None

    def prepare(self, following: PageTask | None = None) -> None:
        """Load the models, and decode the first page meanwhile; see ``ObserverSettings.load``."""
        self._decode_ahead(following)
        self._loaded()

    def observe(self, task: PageTask, following: PageTask | None = None) -> ObservedPage:
        """Return the observation of a page, and the time of its stages; write its view.

        Args:
            following: The page that is probably next: its decoding is started.

        Raises:
            ScanRejected: The page can't be read.
            PageFailed: The page was not observed, which is not its fault.
            ModelUnavailable: A weight file is missing.
            ModelMismatch: A weight file is not the one that the manifest names.
            StoreMissing: The store of scans can't be used.
        """
        with within(Stage.DECODE):
            decoding = self._take(task)
        try:
            observer = self._loaded()
            timer, self._timer = self._timer, StageTimer()
            with _stage(timer, Stage.DECODE), around(Failpoint.OBSERVE_READ):
                page = decoding.result()
        finally:
            decoding.cancel()
            self._decode_ahead(following)
        if task.view is not None:
            with _stage(timer, Stage.VIEW):
                store_view(page, task, task.view)
        with self._turn:
            return ObservedPage(_observation(observer, task, page, timer), timer.seconds)

    def close(self) -> None:
        """Cancel the page that is decoded ahead."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            ahead[1].cancel()

    def _loaded(self) -> Observer:
        if self._observer is None:
            with self._timer.time(Stage.LOAD):
                self._observer = self._load()
        return self._observer

    def _take(self, task: PageTask) -> Decoding:
        """Return the decoding of a page, the one that was started ahead if it is the same page."""
        if self._ahead is not None and self._ahead[0].page == task.page:
            (_, decoding), self._ahead = self._ahead, None
            return decoding
        self.close()
        return self._start(task)

    def _decode_ahead(self, task: PageTask | None) -> None:
        self.close()
        if task is not None:
            with suppress(ScanRejected, StoreMissing, OSError):  # raised again when it is its turn
                self._ahead = task, self._start(task)

    def _start(self, task: PageTask) -> Decoding:
        with task.open_file() as path:
            return self._sandbox.start_decoding(path, task.frame, task.name, pdf_dpi=self._pdf_dpi)


def store_view(page: Image, task: PageTask, view: Path) -> None:
    """Store the picture of a page where its task says.

    Raises:
        StoreMissing: The store can't be written to.
    """
    if task.store is None:
        write_view(page, view, incoming=task.incoming)
        return
    with task.store.new_file() as part:
        write_view(page, part)
        task.store.put(str(view), part)


def _observation(
    observer: Observer, task: PageTask, page: Image, timer: StageTimer
) -> PageObservation:
    if task.as_photo:
        with _stage(timer, Stage.LOOK):
            return observer.observe_photo(page, vouched=task.vouched)
    if task.encode:
        with _stage(timer, Stage.LOOK):
            return observer.encode(page, task.frames)
    if task.frames:
        with _stage(timer, Stage.LOOK):
            return observer.look_at(page, task.frames, task.beside, task.languages)
    with _stage(timer, Stage.FIND):
        frames = observer.find(page)
    # Tesseract is a program of its own, that reads while the networks look.
    with ThreadPoolExecutor(1) as thread:
        folio = thread.submit(observer.read_folio, page, frames, task.languages)
        with _stage(timer, Stage.LOOK):
            photos = observer.observe_photos(page, frames.frames)
        with _stage(timer, Stage.READ):
            return observer.assembled(page, frames, photos, folio.result(), task.languages)


@contextmanager
def _stage(timer: StageTimer, stage: Stage) -> Iterator[None]:
    """Time a stage of a page, and name it where the page fails in it."""
    with timer.time(stage), within(stage):
        yield


_page_observer: PageObserver | None = None
"""The one of this process, between the calls of its parent."""


def prepare(settings: ObserverSettings, following: PageTask | None = None) -> None:
    """Make this process one that observes pages; its models are loaded once.

    Args:
        settings: The recipe, weights and limits.
        following: The page that is probably first: it is decoded meanwhile.

    Raises:
        ModelUnavailable: A weight file is missing.
        ModelMismatch: A weight file is not the one that the manifest names.
    """
    global _page_observer
    sandbox = Sandbox(settings.limits).__enter__()  # its processes end with this one
    dpi = settings.recipe.observe.pdf_dpi
    _page_observer = PageObserver(sandbox, settings.load, pdf_dpi=dpi)
    _page_observer.prepare(following)


def observe_page(task: PageTask, following: PageTask | None = None) -> PageResult:
    """Return the result of a page in a process that is prepared; see ``PageObserver``."""
    if _page_observer is None:
        raise RuntimeError("this process is not prepared to observe pages")
    return outcome(task, partial(_page_observer.observe, task, following))
