"""Finds the pages that surely say something else of themselves than their uploaders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

from sqlalchemy import ColumnElement, select

from presslens.app.db.folios import FolioRow, seen_folio
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.publications import newspaper_names
from presslens.models.message import Message
from presslens.models.vocabulary import Folio
from presslens.pipelines.statistics.folio_checks import UploadedPage, mismatches, read_together


def page_mismatches(
    page: PageRow, folio: Folio | None, names: Mapping[str, Sequence[str]]
) -> tuple[Message, ...]:
    """Return where a page surely says something else of itself than its edition, as sentences.

    Args:
        folio: What it says of itself.
        names: From ``newspaper_names``.
    """
    edition = page.edition
    newspaper = edition.publication.name
    others = {name: own for name, own in names.items() if name != newspaper}
    uploaded = UploadedPage(
        page.number, edition.edition_date, names.get(newspaper, [newspaper]), others
    )
    return mismatches(folio, uploaded)


def mismatched_pages(home: Installation, which: ColumnElement[bool]) -> list[Message]:
    """Return a sentence for each edition and reason to doubt what its pages are of.

    Args:
        which: The condition that an outcome is one of those that are looked at.
    """
    query = (
        select(PageRow, FolioRow)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .join(FolioRow, FolioRow.outcome_id == OutcomeRow.id)
        .where(
            OutcomeRow.observation_id == home.recipe.observation_id,
            which,
            EditionRow.id.not_in(superseded_editions(home.recipe)),
        )
        .order_by(PublicationRow.name, EditionRow.edition_date, EditionRow.id, PageRow.number)
    )
    notes: list[Message] = []
    with home.database.read() as session:
        names = newspaper_names(session)
        for _, rows in groupby(session.execute(query), key=lambda row: row[0].edition_id):
            by_message: dict[Message, list[PageRow]] = {}
            pages, folio_rows = zip(*rows, strict=True)
            folios = read_together([seen_folio(row) for row in folio_rows])
            for page, folio in zip(pages, folios, strict=True):
                for message in page_mismatches(page, folio, names):
                    by_message.setdefault(message, []).append(page)
            notes += [_note(message, mismatched) for message, mismatched in by_message.items()]
    return notes


def _note(message: Message, pages: Sequence[PageRow]) -> Message:
    edition = pages[0].edition
    return Message(
        "%(newspaper)s %(day)s (edition %(edition)s), page %(pages)s: %(message)s",
        newspaper=edition.publication.name,
        day=edition.edition_date,
        edition=edition.id,
        pages=", ".join(str(page.number) for page in pages),
        message=message,
    )
