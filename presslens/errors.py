"""The errors of ``import presslens``.

PresslensError (``presslens.models.errors``, and all that the program itself raises)
├── RequestFailed     a request failed; it has the server's words
│   ├── Refused       the request is wrong: a name, day, value, column or table
│   ├── NotThere      there is no such edition, photo, claim or figure
│   │   └── NoFile    there is no such file, or no archive in a folder
│   ├── NotAllowed    the key is missing, wrong, or not made for this
│   └── Unavailable   the server fails, is busy, or can't be reached
├── OtherVersion      the archive is of another version, or it is another program
└── MissingLibrary    pandas or polars is not installed
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from presslens.models.errors import PresslensError as PresslensError


class RequestFailed(PresslensError):
    """A request failed.

    Attributes:
        status: The HTTP status; 0 where no answer came.
        title: What was wrong, in a few words.
        errors: What was wrong with each parameter, by its name.
    """

    def __init__(
        self, detail: str, *, status: int = 0, title: str = "", errors: dict[str, str] | None = None
    ) -> None:
        self.status, self.title, self.errors = status, title, errors or {}
        fields = "; ".join(
            f"{name}: {message}" for name, message in self.errors.items() if message not in detail
        )
        super().__init__(f"{detail} ({fields})" if fields else detail)


class Refused(RequestFailed, ValueError):
    """The request is wrong."""


class NotThere(RequestFailed):
    """The requested resource does not exist."""


class NoFile(NotThere, FileNotFoundError):
    """A file does not exist."""


class NotAllowed(RequestFailed):
    """The key doesn't permit the request."""


class Unavailable(RequestFailed):
    """The server can't answer, now or at all."""


class OtherVersion(PresslensError):
    """An archive or an answer is of another version, or of another program."""


class MissingLibrary(PresslensError, ImportError):
    """A library that tables are made with is not installed."""


def error_of(status: int) -> type[RequestFailed]:
    """Return the class of the error of an HTTP status."""
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return NotAllowed
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return NotThere
    is_refusal = status < HTTPStatus.INTERNAL_SERVER_ERROR
    is_busy = status == HTTPStatus.TOO_MANY_REQUESTS
    return Refused if is_refusal and not is_busy else Unavailable


@contextmanager
def errors_of_package(*refusals: type[Exception]) -> Iterator[None]:
    """Raise the errors of the program as errors of this package.

    Args:
        refusals: Other errors that refuse a value.
    """
    causes: tuple[type[Exception], ...] = (PresslensError, *refusals)
    try:
        yield
    except RequestFailed:
        raise
    except causes as error:
        kind = Refused if isinstance(error, refusals) else _kind_of(error)
        if kind is None:
            raise
        raise kind(str(error)) from error


def _kind_of(error: Exception) -> type[PresslensError] | None:
    from presslens.app.platform import errors as of_program
    from presslens.models.errors import NoFace
    from presslens.pipelines.statistics.table_columns import BadTable, NoTable

    kinds: dict[type[PresslensError], tuple[type[Exception], ...]] = {
        NoFile: (NoTable, of_program.NotInitialised),
        Refused: (BadTable, NoFace, of_program.InvalidRequest),
        OtherVersion: (of_program.WrongVersion,),
        Unavailable: (of_program.NoDatabase, of_program.StoreMissing),
    }
    return next((kind for kind, causes in kinds.items() if isinstance(error, causes)), None)
