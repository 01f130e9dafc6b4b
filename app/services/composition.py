"""The composition of an edition, out of its rows."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.db.tables import Edition, Page
from app.errors import NotFound
from app.installation import Installation
from app.services.editions import EditionState, find_edition
from app.services.gallery import figure_roles, leader_names
from app.services.label_set import label_set_version
from app.services.labels import label_names
from app.services.pages import SeenPage, seen_page
from pipelines.statistics.composition import Composition, PageRecord, compose
from pipelines.statistics.figures import FigureUse, figure_uses


@dataclass(frozen=True, slots=True)
class EditionComposition:
    """An edition, how far it is, and its statistics so far.

    Attributes:
        edition: How far it is.
        composition: What its pages and photos add up to.
        figures: How it uses each enrolled figure.
        label_set: Names the labels that all its photos were read for; None while they differ.
    """

    edition: EditionState
    composition: Composition
    figures: tuple[FigureUse, ...]
    label_set: str | None


def edition_composition(home: Installation, edition_id: int) -> EditionComposition:
    """Return the statistics of an edition, over the pages that are seen and interpreted.

    Raises:
        NotFound: There is no such edition.
    """
    edition = find_edition(home, edition_id)
    with home.database.read() as session:
        leaders = leader_names(session)
        roles = figure_roles(session)
        version = label_set_version(session)
    records = [page_record(page) for page in edition_pages(home, edition_id)]
    composition = compose(records, home.recipe.aggregate, leaders=leaders, labels=label_names(home))
    uses = figure_uses(records, home.recipe.aggregate, figures=roles)
    sets = {meaning.label_set for page in records for _, meaning in page.photos} or {version}
    return EditionComposition(edition, composition, uses, sets.pop() if len(sets) == 1 else None)


def edition_pages(home: Installation, edition_id: int) -> list[SeenPage]:
    """Return the pages of an edition with all that was seen on them.

    Raises:
        NotFound: There is no such edition.
    """
    with home.database.read() as session:
        if session.get(Edition, edition_id) is None:
            raise NotFound("there is no such edition")
        pages = session.scalars(select(Page).filter_by(edition_id=edition_id).order_by(Page.number))
        return [seen_page(session, page, home.recipe) for page in pages]


def page_record(page: SeenPage) -> PageRecord:
    """Return what statistics need of a page; one whose photos are not all read is not seen."""
    photos = tuple(
        (photo.observation.frame, photo.meaning)
        for photo in page.photos
        if photo.meaning is not None
    )
    complete = page.size is not None and len(photos) == len(page.photos)
    if not complete:
        return PageRecord(page.number, seen=False, area=0.0, photos=())
    return PageRecord(page.number, seen=True, area=page.area, photos=photos)
