"""What pages say of themselves: the day, page number and newspaper at their head."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from presslens.app.db.columns import Table
from presslens.models.vocabulary import Folio


class FolioRow(Table):
    """The folio of a page as it was read; see ``models.vocabulary.Folio``.

    ``text`` is NULL as long as it is not read, "" if nothing could be made out. Confidences are
    0-1, NULL without what they are of.
    """

    __tablename__ = "folio"

    outcome_id: Mapped[int] = mapped_column(
        ForeignKey("outcome.id", ondelete="CASCADE"), primary_key=True
    )
    text: Mapped[str | None] = mapped_column(Text)
    day: Mapped[date | None]
    day_confidence: Mapped[float | None]
    number: Mapped[int | None]
    number_confidence: Mapped[float | None]
    name: Mapped[str | None] = mapped_column(Text)
    name_confidence: Mapped[float | None]


def folio_row(folio: Folio | None, outcome_id: int) -> FolioRow | None:
    """Return the row of a page's folio."""
    return None if folio is None else FolioRow(outcome_id=outcome_id, **asdict(folio))


def seen_folio(row: FolioRow | None) -> Folio | None:
    """Return a page's folio; None for a page that was observed before there were any."""
    if row is None:
        return None
    return Folio(**{field.name: getattr(row, field.name) for field in fields(Folio)})
