"""Which rows of a stored table an export of some editions has, out of what they refer to.

A row belongs to the editions that the photo, page, edition, sample or claim belongs to that it
refers to, and to all editions if it refers to none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Select, func, or_, select

from presslens.app.db.claims import ClaimRow, EventRow, event_concerns
from presslens.app.db.columns import Table
from presslens.app.db.edits import EditRow
from presslens.app.db.exported import Exported
from presslens.app.db.exported_rows import StoredCells, declared, stored_cells, stored_table
from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.publications import same_newspaper
from presslens.app.db.queries import EditionScope, scans_in
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.samples import SampleEditionRow
from presslens.app.db.tables import (
    EditionRow,
    InterpretationRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    RecipeRow,
)
from presslens.models.recipe import Recipe

Ids: TypeAlias = "Select[Any] | None"
"""The query of the ids of rows; None: all."""

OF_RECIPE = "recipe_id"


def of_recipe(recipe_id: Any, recipe: Recipe) -> ColumnElement[bool]:
    """Return the condition for rows of a recipe, hidden from SQLite's planner.

    It would take an index that begins with the recipe, which nearly all rows share, and then sort
    a million rows; the key has them in order.
    """
    return func.coalesce(recipe_id, "") == recipe.id


def is_read(photo_id: Any, recipe: Recipe) -> ColumnElement[bool]:
    """Return the condition for rows of interpreted photos."""
    interpretation = select(InterpretationRow.photo_id).where(
        InterpretationRow.photo_id == photo_id, of_recipe(InterpretationRow.recipe_id, recipe)
    )
    return interpretation.exists()


def conditions(row: type[Table], scope: EditionScope, recipe: Recipe) -> list[ColumnElement[bool]]:
    """Return the conditions for the rows of a stored table that an export has.

    Args:
        row: The class of the rows.
        recipe: The recipe that rows were made by, where they depend on it.
    """
    if (rule := RULES.get(row.__tablename__)) is not None:
        ids = rule(scope, recipe)
        identity: Any = stored_table(row).columns["id"]
        return [] if ids is None else [identity.in_(ids.correlate(None))]
    by_recipe = _is_by_recipe(row)
    chosen = [_recipe_condition(row, recipe)] if by_recipe else []
    for place, cells in enumerate(_referring(row)):
        column = getattr(row, cells.attribute).expression
        if place:  # hidden from SQLite's planner, which would look each pair of ids up
            column = func.coalesce(column, 0)
        if cells.refers is PhotoRow:
            chosen += [*([] if by_recipe else [is_read(column, recipe)]), *scope.photos(column)]
        elif cells.refers is not None and (ids := _ids(cells.refers, scope, recipe)) is not None:
            chosen.append(column.in_(ids))
    return chosen


def _ids(row: type[Table], scope: EditionScope, recipe: Recipe) -> Ids:
    if (rule := RULES.get(row.__tablename__)) is not None:
        return rule(scope, recipe)
    chosen = conditions(row, scope, recipe)
    return select(stored_table(row).columns["id"]).where(*chosen) if chosen else None


def _is_by_recipe(row: type[Table]) -> bool:
    """Return whether rows depend on the recipe, and their exported columns don't name it."""
    exported = {cells.attribute for cells in stored_cells(row)}
    return OF_RECIPE in stored_table(row).columns and OF_RECIPE not in exported


def _recipe_condition(row: type[Table], recipe: Recipe) -> ColumnElement[bool]:
    column = stored_table(row).columns[OF_RECIPE]
    first = next(iter(stored_table(row).primary_key.columns))
    return column == recipe.id if column is first else of_recipe(column, recipe)


def _referring(row: type[Table]) -> list[StoredCells]:
    """Return the references that decide which editions a row belongs to."""
    table = declared(row)
    cells = [one for one in stored_cells(row) if one.refers is not None]
    if isinstance(table, Exported) and table.within:
        return [one for one in cells if one.attribute in table.within]
    columns = stored_table(row).columns
    return [one for one in cells if columns[one.attribute].primary_key] or cells[:1]


def _editions(scope: EditionScope) -> Select[int]:
    return (
        select(EditionRow.id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions())
    )


def _claims(scope: EditionScope, _: Recipe) -> Ids:
    """Return the claims that are about editions of a scope."""
    about: list[ColumnElement[bool]] = []
    if scope.publication is not None:
        about.append(same_newspaper(ClaimRow.publication.expression, scope.publication))
    if scope.first is not None:
        about.append(ClaimRow.last_date >= scope.first)
    if scope.last is not None:
        about.append(ClaimRow.first_date <= scope.last)
    return select(ClaimRow.id).where(*about) if about else None


def _events(scope: EditionScope, _: Recipe) -> Ids:
    query = (
        select(EventRow.id)
        .outerjoin(PublicationRow, PublicationRow.id == EventRow.publication_id)
        .where(*scope.days(EventRow.event_date.expression))
    )
    if scope.publication is None:
        return query
    return query.where(event_concerns(scope.publication))


def _edits(scope: EditionScope, _: Recipe) -> Ids:
    """Return the edits of editions, their pages and photos; all of a whole archive."""
    if scope.whole:
        return None
    editions, reviewed, target = _editions(scope), scans_in(scope), EditRow.target
    pages = select(PageRow.id).where(PageRow.edition_id.in_(editions))
    reviews = (
        select(review.edit_id).where(review.scan_id.in_(reviewed))
        for review in (ReviewRow, PageReviewRow)
    )
    return select(EditRow.id).where(
        or_(
            EditRow.edition_id.in_(editions),
            (target == "edition") & EditRow.target_id.in_(editions),
            (target == "page") & EditRow.target_id.in_(pages),
            *((target == "photo") & one for one in scope.photos(EditRow.target_id.expression)),
            *(EditRow.id.in_(edits) for edits in reviews),
        )
    )


def _publications(scope: EditionScope, _: Recipe) -> Ids:
    return _editions(scope).with_only_columns(EditionRow.publication_id)


def _samples(scope: EditionScope, _: Recipe) -> Ids:
    """Return the samples whose frame has an edition of the scope."""
    framed = select(SampleEditionRow.sample_id)
    editions = SampleEditionRow.edition_id.in_(_editions(scope))
    return None if scope.whole else framed.where(editions)


RULES: Mapping[str, Callable[[EditionScope, Recipe], Ids]] = {
    "recipe": lambda _, recipe: select(RecipeRow.id).where(RecipeRow.id == recipe.id),
    "publication": _publications,
    "edition": lambda scope, _: None if scope.whole else _editions(scope),
    "scan": lambda scope, _: None if scope.whole else scans_in(scope),
    "sample": _samples,
    "claim": _claims,
    "event": _events,
    "edit": _edits,
}
"""Gives the rows of a scope, by the stored tables that decide of which editions a row is."""
