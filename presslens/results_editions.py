"""Results of ``import presslens`` about editions: the models of the API."""

# Written by `python -P -m presslens.lab.python_models`, from the description of the API.
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
    """Which edition of the day; else its volume and number."""
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


class EditionState(Record):
    """An edition and the progress of its analysis."""

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


class LibraryEdition(EditionState):
    """An edition with what its library says of it; None where it says nothing."""

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


class EditionDetails(ApiResult, LibraryEdition):
    """An edition, its pages, and what its library says of it; None where it says nothing."""

    recipe: str
    """Id of the recipe, 64 hex digits."""
    page_list: list[ListedPage]


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
