"""Takes editions in one by one, whatever is wrong with one of them."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable
from typing import NamedTuple

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from presslens.app.db.nightly import ImportDecision
from presslens.app.platform.errors import BeingRemoved, EditionExists, NoDatabase, StoreMissing
from presslens.app.services.ingest.inbox_editions import UNSAID, InboxEdition, unreadable
from presslens.models.errors import PresslensError
from presslens.models.message import Message
from presslens.pipelines.scans.scan import shown

log = structlog.get_logger()

LONGEST_PATH = 4096
"""Characters of a path, at most."""


def import_command(edition: InboxEdition, *options: str) -> str:
    """Return the command that takes an edition in by hand, in backticks, with its own names."""
    paths = [edition.folder] if edition.folder is not None else edition.files
    words = ["presslens", "import", *(shown(str(path), LONGEST_PATH) for path in paths)]
    if edition.publication:
        words += ["--publication", edition.publication]
    if edition.edition_date != UNSAID:
        words += ["--date", edition.edition_date.isoformat()]
    if edition.folder is None and edition.page_numbers is not None:
        words += ["--page-numbers", ",".join(map(str, edition.page_numbers))]
    return f"`{shlex.join([*words, *options])}`"


class ImportedEditions(NamedTuple):
    """What came of some editions."""

    new: list[str]  # the names of those that were taken in
    unchanged: int  # number of those that are known
    skipped: dict[str, str]  # why, by name, the others were not
    arriving: dict[str, str]  # why others could not be at this moment: the next run takes them


def take_each(
    editions: Iterable[InboxEdition], take: Callable[[InboxEdition], ImportDecision]
) -> ImportedEditions:
    """Take editions in; whatever is wrong with one of them, the others are taken.

    Raises:
        NoDatabase, StoreMissing, OperationalError, InterfaceError: The installation can't be used.
    """
    new: list[str] = []
    skipped: dict[str, str] = {}
    arriving: dict[str, str] = {}
    unchanged = 0
    for edition in editions:
        try:
            decision = take(edition)
        except EditionExists as error:
            skipped[edition.name] = Message(
                "%(why)s: %(command)s",
                why=error.args[0],
                command=import_command(edition, "--mode", "MODE"),
            )
        except OSError as error:
            skipped[edition.name] = unreadable(error)
        except BeingRemoved as error:
            arriving[edition.name] = error.args[0]
        except (NoDatabase, StoreMissing, OperationalError, InterfaceError):
            raise
        except PresslensError as error:
            skipped[edition.name] = error.args[0] if len(error.args) == 1 else str(error)
        except Exception as error:
            log.exception("an edition could not be taken in", edition=edition.name)
            skipped[edition.name] = Message(
                "it can't be taken in, see the log: %(kind)s", kind=type(error).__name__
            )
        else:
            new += [edition.name] if decision is not ImportDecision.KNOWN else []
            unchanged += decision is ImportDecision.KNOWN
    return ImportedEditions(new, unchanged, skipped, arriving)
