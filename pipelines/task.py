"""A page to observe, its result, and the protocol of what observes pages.

Who makes tasks and reads results imports nothing that reads pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Protocol

from presslens.models.errors import ModelMismatch, ModelUnavailable, PresslensError
from presslens.models.geometry import Box
from presslens.models.vocabulary import Frame, PageObservation, PhotoObservation
from presslens.pipelines.disk import NO_SPACE
from presslens.pipelines.failure import Failure, FailureCategory, failure_of
from presslens.pipelines.object_store import ObjectStore
from presslens.pipelines.scans.answer import Form
from presslens.pipelines.scans.bucket import StoreMissing
from presslens.pipelines.scans.scan import ScanRejected
from presslens.pipelines.stages import ObservedPage, Stage

PAGE_SECONDS = 600.0
"""A page that is observed for longer has hung: photos take about half a second each."""

MOST_SIDE = 100_000
"""More pixels than a side of any page has, whatever limits an installation sets."""


@dataclass(frozen=True, slots=True)
class PageTask:
    """One page to observe."""

    key: str  # the caller's name for the page; the result has it too
    path: Path  # the file that holds it
    sha256: str  # the hash of that file, 64 hex digits
    frame: int  # which page of that file, from 0
    name: str  # the page's name for people
    view: Path | None = None  # where the re-encoded picture of the page is written, or None
    # The folder of unfinished files, on the disk of the view; None: beside it.
    incoming: Path | None = None
    as_photo: bool = False  # the image is itself one photo, not a page that holds some
    # The photos of the page to look at, in its pixels; empty: they have to be found.
    frames: tuple[Frame, ...] = ()
    encode: bool = False  # these photos are only encoded, by a user's image encoder
    beside: tuple[Box, ...] = ()  # of photos to look at: the other ones of the page, in its pixels
    # Those that the page is printed in (BCP 47); empty: nobody has said so, and no text is read.
    languages: tuple[str, ...] = ()
    # Of a photo: somebody has said that its largest face is an adult's, so that it is embedded
    # whatever its age is judged to be.
    vouched: bool = False
    # The store that has the file and the view, which ``path`` and ``view`` are keys of; None: both
    # are files of this machine.
    store: ObjectStore | None = None

    @property
    def page(self) -> tuple[str, int]:
        """The identity of the page: the hash of its file and its frame."""
        return self.sha256, self.frame

    def open_file(self) -> AbstractContextManager[Path]:
        """Return the file that holds the page, on this machine, until the block ends.

        Raises:
            FileNotFoundError: It is not in the store.
            StoreMissing: The store can't be used.
        """
        return nullcontext(self.path) if self.store is None else self.store.open(str(self.path))


@dataclass(frozen=True, slots=True, eq=False)
class PageResult:
    """The result of a page: an observation, a rejection or a failure, exactly one of them.

    ``seconds`` is how long the page took, from its start on; ``stages`` how long each of its stages
    took, as far as it came.
    """

    key: str
    observation: PageObservation | None = None
    rejection: ScanRejected | None = None
    failure: Failure | None = None
    seconds: float = 0.0
    stages: Mapping[Stage, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dispatched:
    """The results that have come in, and the number of pages for which there is room."""

    results: list[PageResult]
    room: int


NO_PAGE_S_OWN = (ModelUnavailable, ModelMismatch, StoreMissing)
"""Errors of weights and stores: no page has a result then."""


def result_form(task: PageTask) -> Form[PageResult]:
    """Return the form of what a process that saw the pixels of a page may say of it."""
    return Form(PageResult, *NO_PAGE_S_OWN, check=partial(is_result_of, task))


def is_result_of(task: PageTask, result: PageResult) -> bool:
    """Return whether a result is one of this page, and of nothing that no page has."""
    kinds = [result.observation, result.rejection, result.failure]
    if result.key != task.key or sum(kind is not None for kind in kinds) != 1:
        return False
    if not all(seconds >= 0 for seconds in (result.seconds, *result.stages.values())):
        return False
    page = result.observation
    return page is None or (
        0 < page.width <= MOST_SIDE
        and 0 < page.height <= MOST_SIDE
        and all(_is_photo(photo) for photo in page.photos)
        and all(0 <= photo < len(page.photos) for line in page.headlines for photo in line.photos)
    )


def _is_photo(photo: PhotoObservation) -> bool:
    scores = [photo.frame.score, *(one.score for one in photo.detections)]
    scores += [face.score for face in photo.faces]
    embeddings = [face.embedding for face in photo.faces if face.embedding is not None]
    embeddings += [photo.encoding.vector] if photo.encoding else []
    return (
        all(0 <= score <= 1 for score in scores)
        and all(vector.ndim == 1 for vector in (photo.features, photo.objects, *embeddings))
        and photo.maps.ndim == photo.attention.ndim == len(("thing", "row", "column"))
    )


class EngineLost(PresslensError):
    """Where pages are observed can't be reached now; the engine connects again by itself."""


class Engine(Protocol):
    """Observes pages."""

    def run(self, tasks: Iterable[PageTask]) -> Iterator[PageResult]:
        """Yield one result per task, as they are completed.

        Raises:
            ModelUnavailable: A weight file is missing; no page has a result then.
            ModelMismatch: A weight file is not the one that the manifest names.
            EngineLost: Where pages are observed can't be reached; those begun have no result.
        """
        ...


def outcome(task: PageTask, observe: Callable[[], ObservedPage]) -> PageResult:
    """Return the result of a page that is observed in this process; see ``result_of``."""

    def observed() -> PageResult:
        page = observe()
        return PageResult(task.key, observation=page.observation, stages=page.seconds)

    return result_of(task, observed)


def result_of(task: PageTask, ask: Callable[[], PageResult]) -> PageResult:
    """Return the result of a page. Errors are the page's own, but of models, stores and disks."""
    try:
        return ask()
    except ScanRejected as rejection:
        return PageResult(task.key, rejection=rejection)
    except NO_PAGE_S_OWN:
        raise
    except TimeoutError:
        return PageResult(task.key, failure=timed_out())
    except Exception as error:
        if isinstance(error, OSError) and error.errno in NO_SPACE:
            raise
        return PageResult(task.key, failure=failure_of(error))


def timed_out() -> Failure:
    """Return the failure of a page that was observed for ``PAGE_SECONDS``."""
    message = f"gave no answer in {PAGE_SECONDS:.0f} s"
    return Failure(FailureCategory.TIMED_OUT, None, retryable=True, message=message)
