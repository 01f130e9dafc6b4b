"""Results of ``import presslens`` about editions: the models of the API."""

# Written by `python -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt
from typing import Literal

from presslens.answers import ApiResult, Record

EditionStatus = Literal["queued", "analysing", "done", "failed"]
"""The progress of an edition in one word; failed: no page could be analysed."""

IdentifierScheme = Literal["lccn", "issn", "ark", "urn", "oclc", "doi", "objid", "local"]
"""Who gives an identifier."""


class LibraryIdentifier(Record):
    """A number under which libraries keep a newspaper or an edition."""

    scheme: IdentifierScheme
    """Who gives it."""
    value: str
    """In the form of its scheme."""
    address: str
    """Where it resolves; "" where nothing resolves it."""


class EditionDescription(Record):
    """What a library says of an edition, in its own words; "" where it says nothing."""

    kind: str
    """Format of the description."""
    document: str
    """Name of its file."""
    sha256: str | None
    """Hash of that file; None: the texts of the pages are all there is."""
    title: str
    """The newspaper, as the library has it."""
    rights: str
    """Rights, and whom to name."""
    rights_address: str
    """Address of the licence or statement of rights."""
    holder: str
    """The institution that keeps the edition."""
    edition_label: str
    """Which edition of the day."""
    source: str
    """Address of the library's own manifest or description."""
    homepage: str
    """Address of the library's own page about it."""
    languages: list[str]
    """BCP 47 codes."""
    newspaper_identifiers: list[LibraryIdentifier]
    """Those of the newspaper."""
    identifiers: list[LibraryIdentifier]
    """Those of the edition."""


class LibraryEdition(Record):
    """An edition with what its library says of it; None where it says nothing."""

    id: int
    publication: str
    """Its newspaper."""
    date: dt.date
    """Its day."""
    status: EditionStatus
    """The progress in one word."""
    pages: int
    """Number of pages, 0 until the upload is unpacked."""
    pages_finished: int
    """Number of pages that have an outcome."""
    readable_pages: int
    """Number of pages that were looked at, with photos or without."""
    pages_expected: int | None
    """Number of pages that its uploader says it had; None where nobody said."""
    pages_hint: str | None
    """A sentence where fewer pages were uploaded than is usual; it proves nothing."""
    outcomes: dict[str, int]
    """Number of pages by outcome, and of those that are queued."""
    photos: int | None
    """Number of photos: found ones, as people have corrected them; None until a page is read."""
    photos_interpreted: int
    """Number of those that are interpreted with today's recipe, figures and labels, or drawn
    by hand.
    """
    created_at: dt.datetime
    """When it was uploaded."""
    superseded: bool
    """A later upload of the same day stands in for it: statistics leave it out."""
    issue: int
    """What tells the editions of a day apart, from 1."""
    description: EditionDescription | None


class LibraryEditionList(Record):
    """One page of a list of editions, latest date first."""

    recipe: str
    """The recipe of their progress."""
    editions: list[LibraryEdition]
    next: str | None
    """The cursor of the next page of the list; None after the last."""


class ListedPage(Record):
    """A page of an edition."""

    id: int
    number: int
    """Its number, from 1."""
    address: str
    mismatches: list[str]
    """Sentences: where it surely prints something else of itself."""


class EditionDetails(ApiResult):
    """An edition, its pages, and what its library says of it; None where it says nothing."""

    recipe: str
    """Id of the recipe, 64 hex digits."""
    id: int
    publication: str
    """Its newspaper."""
    date: dt.date
    """Its day."""
    status: EditionStatus
    """The progress in one word."""
    pages: int
    """Number of pages, 0 until the upload is unpacked."""
    pages_finished: int
    """Number of pages that have an outcome."""
    readable_pages: int
    """Number of pages that were looked at, with photos or without."""
    pages_expected: int | None
    """Number of pages that its uploader says it had; None where nobody said."""
    pages_hint: str | None
    """A sentence where fewer pages were uploaded than is usual; it proves nothing."""
    outcomes: dict[str, int]
    """Number of pages by outcome, and of those that are queued."""
    photos: int | None
    """Number of photos: found ones, as people have corrected them; None until a page is read."""
    photos_interpreted: int
    """Number of those that are interpreted with today's recipe, figures and labels, or drawn
    by hand.
    """
    created_at: dt.datetime
    """When it was uploaded."""
    superseded: bool
    """A later upload of the same day stands in for it: statistics leave it out."""
    issue: int
    """What tells the editions of a day apart, from 1."""
    description: EditionDescription | None
    page_list: list[ListedPage]
