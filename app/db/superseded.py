"""Which editions another upload of the same newspaper and day stands in for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Protocol

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from presslens.app.db.archive_view import by_revision
from presslens.app.db.statistics import EditionSummaryRow
from presslens.app.db.tables import EditionRow
from presslens.models.recipe import Aggregate

# Names of their own, so that the query stays whole within one that selects editions.
_Upload = aliased(EditionRow, name="upload")
_Other = aliased(EditionRow, name="other_upload")
_Summed = aliased(EditionSummaryRow, name="upload_summary")
_OtherSummed = aliased(EditionSummaryRow, name="other_summary")


class SummaryRules(Protocol):
    """A recipe, as far as it says which summaries there are and which editions count."""

    @property
    def id(self) -> str:
        """Hash of the whole recipe."""
        ...

    @property
    def aggregate(self) -> Aggregate:
        """The rules of statistics."""
        ...


def superseded_editions(recipe: SummaryRules) -> Select[int]:
    """Return the query of the ids of superseded editions, which statistics leave out.

    Of several uploads of one issue of a day the latest counts of which enough pages were analysed;
    the others are superseded by it. Where there is none of which enough were, none is superseded.
    The rule is that of ``app.services.shares.selection.select_editions``.
    """
    later = or_(
        _Other.created_at > _Upload.created_at,
        and_(_Other.created_at == _Upload.created_at, _Other.id > _Upload.id),
    )
    same_day = and_(
        _Other.publication_id == _Upload.publication_id,
        _Other.edition_date == _Upload.edition_date,
        _Other.issue == _Upload.issue,
        _Other.id != _Upload.id,
    )
    return (
        select(_Upload.id)
        .join(_Other, same_day)
        .join(_OtherSummed, _summary_of(_OtherSummed, _Other, recipe))
        .outerjoin(_Summed, _summary_of(_Summed, _Upload, recipe))
        .where(
            _usable(_OtherSummed, recipe),
            or_(later, ~func.coalesce(_usable(_Summed, recipe), false())),
        )
    )


@by_revision
def superseded_ids(session: Session, recipe: SummaryRules) -> frozenset[int]:
    """Return the ids of the superseded editions."""
    return frozenset(session.scalars(superseded_editions(recipe)))


def counting_editions(
    session: Session, recipe: SummaryRules, issues: Mapping[int, tuple[date, int]]
) -> set[int]:
    """Return which editions would count if they were one newspaper's: see ``superseded_editions``.

    Args:
        issues: The day of each edition, and its issue of that day, by its id.
    """
    query = (
        select(EditionRow, func.coalesce(_usable(EditionSummaryRow, recipe), false()))
        .outerjoin(EditionSummaryRow, _summary_of(EditionSummaryRow, EditionRow, recipe))
        .where(EditionRow.id.in_(issues))
        .order_by(EditionRow.created_at.desc(), EditionRow.id.desc())
    )
    uploads: defaultdict[tuple[date, int], list[tuple[int, bool]]] = defaultdict(list)
    for row, usable in session.execute(query):
        uploads[issues[row.id]].append((row.id, usable))
    counting: set[int] = set()
    for of_issue in uploads.values():
        latest = next((id_ for id_, usable in of_issue if usable), None)
        counting |= {id_ for id_, _ in of_issue} if latest is None else {latest}
    return counting


def _summary_of(
    summary: type[EditionSummaryRow], upload: type[EditionRow], recipe: SummaryRules
) -> ColumnElement[bool]:
    return and_(summary.edition_id == upload.id, summary.recipe_id == recipe.id)


def _usable(summary: type[EditionSummaryRow], recipe: SummaryRules) -> ColumnElement[bool]:
    enough = summary.pages_seen >= recipe.aggregate.min_coverage * summary.pages
    return and_(summary.pages_seen > 0, enough)
