"""Failures: why a page was not observed, as a type that programs count by and people read.

A rejection says what a scan is; a failure says what happened to a page while it was observed. A
failure that may pass is tried again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.pipelines.disk import NO_SPACE
from presslens.pipelines.scans.answer import AnswerInvalid, ChildFailed
from presslens.pipelines.scans.bucket import StoreMissing
from presslens.pipelines.scans.process import ProcessDied
from presslens.pipelines.scans.scan import ReadingFailed, ScanRejected
from presslens.pipelines.stages import Stage


class FailureCategory(StrEnum):
    """What went wrong; a closed list."""

    MISSING = "missing"  # the file is not in the store
    UNREADABLE = "unreadable"  # a file can't be opened or read
    UNWRITABLE = "unwritable"  # the picture of the page can't be written
    READER_LOST = "reader_lost"  # what decodes was ended from outside
    OUT_OF_MEMORY = "out_of_memory"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"  # what observes ended on the page
    ENGINE_LOST = "engine_lost"  # where it was observed went away, again and again
    GIVEN_UP = "given_up"  # it was begun too often, and never ended
    ERROR = "error"  # any other exception


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a page was not observed."""

    category: FailureCategory  # what went wrong
    phase: Stage | None  # what was being done; None: nobody is left to tell
    retryable: bool  # whether another attempt may end otherwise
    message: str  # the same in words, without paths of this machine

    def __str__(self) -> str:
        return self.message


class PageFailed(Exception):
    """A page was not observed; ``failure`` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure


@contextmanager
def within(phase: Stage) -> Iterator[None]:
    """Name the phase of a page in which an exception is raised.

    Raises:
        PageFailed: Anything was raised that is the page's own.
        ScanRejected, ModelUnavailable, ModelMismatch, StoreMissing: As they are.
        OSError: Nothing can be written any more (``NO_SPACE``).
    """
    try:
        yield
    except (PageFailed, ScanRejected, ModelUnavailable, ModelMismatch, StoreMissing):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in NO_SPACE:
            raise
        raise PageFailed(failure_of(error, phase)) from error


def failure_of(error: Exception, phase: Stage | None = None) -> Failure:
    """Return the failure that an exception is."""
    if isinstance(error, PageFailed):
        return error.failure
    category = _category(error, phase)
    return Failure(category, phase, retryable=True, message=_message(error))


def _category(error: Exception, phase: Stage | None) -> FailureCategory:
    match error:
        case ReadingFailed():
            return FailureCategory.READER_LOST
        case ProcessDied() | AnswerInvalid():
            return FailureCategory.CRASHED
        case MemoryError():
            return FailureCategory.OUT_OF_MEMORY
        case OSError():
            writing = phase is Stage.VIEW
            return FailureCategory.UNWRITABLE if writing else FailureCategory.UNREADABLE
        case _:
            return FailureCategory.ERROR


def _message(error: Exception) -> str:
    match error:
        case ReadingFailed():
            return str(error)
        case ProcessDied(code=code):
            return f"the process ended with code {code}"
        case AnswerInvalid():
            return f"it gave an answer that can't be: {error}"
        case ChildFailed():  # it begins with the name of an error
            return str(error)
        case OSError(strerror=text):  # its own text names a path of this machine
            return f"{type(error).__name__}: {text}"
        case _:
            return f"{type(error).__name__}: {error}"
