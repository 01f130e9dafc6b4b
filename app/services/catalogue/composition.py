"""Computes the composition of an edition or a page from its rows."""

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
from app.services.catalogue.pages import AnalysedPage, analysed_page
from app.services.figures.gallery import figure_roles
from app.services.labels.label_set import label_set_version, own_names
from models.labels.vocabulary import shipped_names
from pipelines.document import SCHEMA
from pipelines.statistics.composition import Composition, compose
from pipelines.statistics.figure_use import FigureUse, figure_uses
from pipelines.statistics.page import PageRecord


@dataclass(frozen=True, slots=True, eq=False)
class CompositionReport:
    """The statistics of some pages, and of the figures on them.

    Attributes:
        composition: The counts and shares of the pages and their photos.
        figures: The use of each enrolled figure.
        label_set: Version of the labels that all photos were read for; None while they differ.
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


@dataclass(frozen=True, slots=True, eq=False)
class EditionComposition:
    """An edition, and its statistics over the pages that are analysed and interpreted."""

    edition: EditionState
    report: CompositionReport
    recipe_id: str

    def to_json(self) -> dict[str, Any]:
        """Return the composition as in the JSON contract, with the edition's progress."""
        return {
            "schema": SCHEMA,
            "recipe": self.recipe_id,
            "edition": self.edition.to_json(),
            **self.report.to_json(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class PageComposition:
    """A page, and its statistics."""

    page_id: int
    number: int
    report: CompositionReport
    recipe_id: str

    def to_json(self) -> dict[str, Any]:
        """Return the composition as in the JSON contract, with the page's id and number."""
        return {
            "schema": SCHEMA,
            "recipe": self.recipe_id,
            "page": self.page_id,
            "number": self.number,
            **self.report.to_json(),
        }


def edition_composition(home: Installation, edition_id: int) -> EditionComposition:
    """Return the composition of an edition, over the pages analysed and interpreted so far.

    Raises:
        NotFound: There is no such edition.
    """
    edition = find_edition(home, edition_id)
    with home.database.read() as session:
        records = edition_records(session, edition_id, home.recipe)
        return EditionComposition(edition, _report(home, session, records), home.recipe.id)


def page_composition(home: Installation, page_id: int) -> PageComposition:
    """Return the composition of a page.

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
        report = _report(home, session, records, front=front)
        return PageComposition(page_id, page.number, report, home.recipe.id)


def _report(
    home: Installation, session: Session, records: list[PageRecord], *, front: int | None = None
) -> CompositionReport:
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
    return CompositionReport(composition, uses, sets.pop() if len(sets) == 1 else None)


def edition_pages(home: Installation, edition_id: int) -> list[AnalysedPage]:
    """Return the pages of an edition with their photos, detections and interpretations.

    Raises:
        NotFound: There is no such edition.
    """
    with home.database.read() as session:
        if session.get(EditionRow, edition_id) is None:
            raise NotFound("there is no such edition")
        pages = session.scalars(
            select(PageRow).filter_by(edition_id=edition_id).order_by(PageRow.number)
        )
        return [analysed_page(session, page, home.recipe) for page in pages]
