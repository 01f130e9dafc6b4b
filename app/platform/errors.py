"""The errors of the service, beside those of the core.

PresslensError (``models.errors``)
├── NotFound         there is no such edition, page, photo, figure or picture
├── Conflict         the same name already stands for something else
│   ├── EditionExists   the newspaper has an edition of that day, and it must be said what to do
│   └── LaterEdit       a later change has to be undone first
├── Gone             it was deleted, and can be restored
├── Replaced         a photo is on its page no more
├── InvalidRequest   the request has an argument that can't be used
│   └── NoScans         none of the files that were given is a scan
├── MalformedRequest a part of an address is against the syntax of its standard
├── NotSignedIn      it is not known who asks
├── NotPermitted     it is known, and they may not
├── TooManyRequests  somebody asks too often
├── NotSupported     the standard knows it, and this server doesn't do it
├── LimitExceeded    a file, a request or a number of files is too large
├── DiskFull         less disk is free than the settings ask for
├── StoreMissing     the store of the scans is not there, or is another one
│   └── BeingRemoved    the same bytes are removed at this moment
├── NoDatabase       the database can't be reached
│   └── DatabaseLocked  it was locked for longer than anybody waits
├── NotInitialised   there is no installation yet
├── WrongVersion     the installation is of another version of the program
├── WrongKey         the key file of the embeddings is missing, or another one
└── (``models.errors``, ``pipelines.scans.scan``)
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError

from presslens.models.errors import PresslensError
from presslens.pipelines.scans.bucket import StoreMissing as StoreMissing
from presslens.pipelines.task import EngineLost


class NotFound(PresslensError):
    """The requested row or file does not exist."""


class Conflict(PresslensError):
    """The request contradicts a stored row."""


class EditionExists(Conflict):
    """The newspaper has an edition of that day already; the request must say what is to be done.

    Attributes:
        extensions: What the answer says beside the message: ``choices`` and ``editions``.
    """

    def __init__(self, message: str, extensions: dict[str, Any]) -> None:
        super().__init__(message)
        self.extensions = extensions


class LaterEdit(Conflict):
    """A change can't be undone before a later one is.

    Attributes:
        extensions: What the answer says beside the message: ``later_edit``, with its target.
    """

    def __init__(self, message: str, extensions: dict[str, Any]) -> None:
        super().__init__(message)
        self.extensions = extensions


class Gone(PresslensError):
    """The requested edition was deleted, and can be restored.

    Attributes:
        edition_id: The edition.
        extensions: What the answer says beside the message: who deleted it, and when.
    """

    def __init__(self, message: str, edition_id: int, extensions: dict[str, Any]) -> None:
        super().__init__(message)
        self.edition_id = edition_id
        self.extensions = extensions


class Replaced(PresslensError):
    """A photo is on its page no more: people removed, split or joined it."""

    replaced_by: tuple[int, ...] = ()  # the addresses of the photos that are there instead
    page: int | None = None  # the page that printed it; None: it is printed no more

    def __init__(
        self, message: str, replaced_by: tuple[int, ...] = (), page: int | None = None
    ) -> None:
        super().__init__(message)
        self.replaced_by = replaced_by
        self.page = page


class InvalidRequest(PresslensError):
    """The request has an argument that can't be used."""


class NoScans(InvalidRequest):
    """None of the files of an upload is a scan.

    Attributes:
        refused: The name of each file for people, and why it is none.
    """

    def __init__(self, message: str, refused: Sequence[tuple[str, str]]) -> None:
        super().__init__(message)
        self.refused = refused


class MalformedRequest(PresslensError):
    """A part of an address can't be understood by the standard that it follows."""


class NotSignedIn(PresslensError):
    """Nobody has signed in, and no usable key came with the request."""


class NotPermitted(PresslensError):
    """Who asks is known, and may not do it."""


class TooManyRequests(PresslensError):
    """Somebody asks too often, or has too much running.

    Attributes:
        seconds: When it is worth to try again.
    """

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class NotSupported(PresslensError):
    """The request is good by its standard, and asks for what is not made here."""


class LimitExceeded(PresslensError):
    """A file or a request is larger than the settings allow."""


class DiskFull(PresslensError):
    """Less disk is free than the settings ask for."""


class BeingRemoved(StoreMissing):
    """Bytes can't be stored at this moment, as the same are being removed."""


class NoDatabase(PresslensError):
    """The database can't be reached, or not as its URL names it."""


class DatabaseLocked(NoDatabase):
    """The database was locked for longer than anybody waits."""


class NotInstalled(PresslensError):
    """An extra of the program is asked for that is not installed."""


class NotInitialised(PresslensError):
    """There is no installation yet."""


class WrongKey(PresslensError):
    """The embeddings are encrypted, and the key file is missing, another one, or not usable."""


class WrongVersion(PresslensError):
    """The installation is of another version of the program."""


OUTAGES = (StoreMissing, NoDatabase, DiskFull, EngineLost, OperationalError, InterfaceError)
"""Errors of the installation that pass: what goes on for ever outlives each of them."""
