"""The composition of an edition or a page, out of its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db.tables import EditionRow, PageRow
from app.errors import NotFound
from app.installation import Installation
from app.services.catalogue.editions import EditionState, find_edition
from app.services.catalogue.page_records import edition_records, page_records
from app.services.catalogue.pages import SeenPage, seen_page
from app.services.figures.gallery import figure_roles
from app.services.labels.label_set import label_set_version, own_names
from models.labels.vocabulary import shipped_names
from pipelines.statistics.composition import Composition, compose
from pipelines.statistics.figure_use import FigureUse, figure_uses
from pipelines.statistics.page import PageRecord


@dataclass(frozen=True, slots=True, eq=False)
class Composed:
    """Statistics, with what their photos were read for.

    Attributes:
        composition: What the pages and photos add up to.
        figures: How each enrolled figure is used.
        label_set: Names the labels that all its photos were read for; None while they differ.
    """

    composition: Composition
    figures: tuple[FigureUse, ...]
    label_set: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the statistics as in the JSON contract."""
        return {
            "label_set": self.label_set,
            **self.composition.to_json(),
            "figures": [use.to_json() for use in self.figures],
        }


def edition_composition(home: Installation, edition_id: int) -> tuple[EditionState, Composed]:
    """Return how far an edition is, and its statistics over the pages seen and interpreted.

    Raises:
        NotFound: There is no such edition.
    """
    edition = find_edition(home, edition_id)
    with home.database.read() as session:
        records = edition_records(session, edition_id, home.recipe)
        return edition, _composed(home, session, records)


def page_composition(home: Installation, page_id: int) -> tuple[int, Composed]:
    """Return the number of a page, and its statistics.

    Raises:
        NotFound: There is no such page.
    """
    with home.database.read() as session:
        page = session.get(PageRow, page_id)
        if page is None:
            raise NotFound("there is no such page")
        front = session.scalar(
            select(func.min(PageRow.number)).where(PageRow.edition_id == page.edition_id)
        )
        records = page_records(session, [page], home.recipe)
        return page.number, _composed(home, session, records, front=front)


def _composed(
    home: Installation, session: Session, records: list[PageRecord], *, front: int | None = None
) -> Composed:
    rules, roles = home.recipe.aggregate, figure_roles(session)
    composition = compose(
        records,
        rules,
        figures=roles,
        labels=(*shipped_names(), *own_names(session)),
        front=front,
    )
    sets = {meaning.label_set for page in records for _, meaning in page.photos}
    sets = sets or {label_set_version(session)}
    uses = figure_uses(records, composition.cells, figures=roles, front=front)
    return Composed(composition, uses, sets.pop() if len(sets) == 1 else None)


def edition_pages(home: Installation, edition_id: int) -> list[SeenPage]:
    """Return the pages of an edition with all that was seen on them.

    Raises:
        NotFound: There is no such edition.
    """
    with home.database.read() as session:
        if session.get(EditionRow, edition_id) is None:
            raise NotFound("there is no such edition")
        pages = session.scalars(
            select(PageRow).filter_by(edition_id=edition_id).order_by(PageRow.number)
        )
        return [seen_page(session, page, home.recipe) for page in pages]
