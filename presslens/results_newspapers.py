"""Results of ``import presslens`` about newspapers: the models of the API."""

# Written by `python -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt
from typing import Literal

from presslens.answers import Record
from presslens.results_editions import LibraryIdentifier

NewspaperKind = Literal["state", "party", "commercial", "other"]
"""What kind of newspaper it is, by who publishes it."""


class ServedNewspaper(Record):
    """A newspaper with its address and that of its masthead; None without a masthead."""

    id: int
    publication: str
    """Its name."""
    name: str
    aliases: list[str]
    """Its other names, sorted."""
    editions: int
    """Number of its editions, without superseded uploads."""
    superseded: int
    """Number of uploads that a later one of the same day stands in for."""
    first: dt.date | None
    """Day of its first edition; None without editions."""
    last: dt.date | None
    """Day of its last edition; None without editions."""
    pages: int
    """Number of pages of ``editions`` that were uploaded and unpacked."""
    usual_pages: int | None
    """Number of pages that an edition usually has; None where nobody said."""
    pages_usually: float | None
    """The same: as somebody said, else inferred from its editions; None where it can't be."""
    weekdays: list[int] | None
    """Days of the week on which it is published, Monday is 1; None where nobody said."""
    appears_on: list[int]
    """Days of the week on which it appears: those said, else inferred from its editions; empty
    where they can't be.
    """
    missing: int | None
    """Days between ``first`` and ``last`` on which it appears and that have no edition; None
    where it is not known on which it does.
    """
    similar: list[int]
    """Ids of newspapers that look like the same one under another spelling."""
    languages: list[str]
    """BCP 47 codes, the main one first; empty: not known."""
    country: str | None
    """ISO 3166 code; None: not known."""
    kind: NewspaperKind | None
    """Who publishes it; None: not known."""
    identifiers: list[LibraryIdentifier]
    """Its numbers at libraries, by which it is recognised."""
    masthead: str | None
    address: str


class NewspaperList(Record):
    """Newspapers by name."""

    publications: list[ServedNewspaper]
