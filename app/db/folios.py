"""What pages say of themselves: the day, page number and newspaper at their head."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import Table
from presslens.app.db.exported import SHARE, PartOf, exported, exported_text
from presslens.models.vocabulary import Folio

LATEST = timedelta(days=366)
"""No page is printed so long before its day: 2082/8/15 is of 2025, as Nepal counts years."""


class FolioRow(Table):
    """The folio of a page as it was read; see ``models.vocabulary.Folio``.

    Confidences are NULL without what they are of.
    """

    __export__ = PartOf("pages", prefix="folio_")
    __tablename__ = "folio"

    outcome_id: Mapped[int] = mapped_column(
        ForeignKey("outcome.id", ondelete="CASCADE"), primary_key=True
    )
    text: Mapped[str | None] = exported_text(
        "its head and foot were read",
        "what they say; missing: not read, or nothing made out",
        Text,
    )
    day: Mapped[date | None] = exported("the day that it prints", name="date")
    day_confidence: Mapped[float | None] = exported(
        "how sure the reader is of it", name="date_confidence", says=SHARE
    )
    number: Mapped[int | None] = exported("the page number that it prints", says={"low": 1})
    number_confidence: Mapped[float | None] = exported("how sure the reader is of it", says=SHARE)
    name: Mapped[str | None] = exported(
        "the words where newspapers have their name; may be a headline", Text
    )
    name_confidence: Mapped[float | None] = exported("how sure the reader is of them", says=SHARE)


def folio_row(folio: Folio | None, outcome_id: int, now: datetime) -> FolioRow | None:
    """Return the row of a page's folio; a day that is too far to come is left unread."""
    if folio is None:
        return None
    if folio.day is not None and folio.day > now.date() + LATEST:
        folio = replace(folio, day=None, day_confidence=None)
    return FolioRow(outcome_id=outcome_id, **asdict(folio))


def seen_folio(row: FolioRow | None) -> Folio | None:
    """Return a page's folio; None for a page that was observed before there were any."""
    if row is None:
        return None
    return Folio(**{field.name: getattr(row, field.name) for field in fields(Folio)})
