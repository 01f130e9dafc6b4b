"""Loads pages with their photos, detections and interpretations under a recipe."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from presslens.app.db.columns import Status
from presslens.app.db.folios import FolioRow, seen_folio
from presslens.app.db.rows import page_traits, photo_observation, seen_headlines
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PhotoRow, ScanRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import NotFound
from presslens.app.services.cached import cached_result
from presslens.app.services.catalogue.corrected_page import Removal, load_page, removals
from presslens.app.services.catalogue.edition_version import edition_version
from presslens.app.services.catalogue.editions import EditionState
from presslens.app.services.catalogue.folio_checks import page_mismatches
from presslens.app.services.catalogue.page_records import page_record, read_photos
from presslens.app.services.catalogue.progress import QUEUED
from presslens.app.services.catalogue.publications import newspaper_names
from presslens.app.services.catalogue.trash import missing_edition
from presslens.models.geometry import Box
from presslens.models.message import Message, join_messages
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Folio, Headline, PhotoInterpretation, PhotoObservation
from presslens.pipelines.document import PageDocument, PhotoContents, PhotoDocument
from presslens.pipelines.statistics.folio_checks import read_together
from presslens.pipelines.statistics.layout import PageLayout
from presslens.pipelines.statistics.page import PageRecord, with_missing

PAGES = 32
"""Pages of an edition that are loaded at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class AnalysedPhoto:
    """A photo's observation and interpretation; ``meaning`` is None until it is interpreted.

    ``id`` is its address, see ``PhotoRow.frame_id``, and ``row_id`` that of this observation of it.
    ``by_hand``: a person has drawn it; ``consensus``: what people have settled of it, by measure;
    ``places``: where they say that a figure stands, by measure, in pixels of the page.
    """

    id: int
    row_id: int
    observation: PhotoObservation
    meaning: PhotoInterpretation | None
    by_hand: bool = False
    consensus: Mapping[str, bool] = field(default_factory=dict)
    places: Mapping[str, Box] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PagePhoto(PhotoDocument):
    """A photo of a page, with what people say of it beside what the machine says."""

    SERVED: ClassVar[str] = f"""
        id=photo.id {PhotoDocument.SERVED} by_hand=photo.by_hand label_set=photo.meaning.label_set
        settled=photo.consensus places=photo.places
    """

    photo: AnalysedPhoto


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class AnalysedPage(PageDocument):
    """A page under one recipe, with its photos."""

    SERVED: ClassVar[str] = f"""
        id edition=edition_id recipe=recipe_id {PageDocument.SERVED} removed
    """

    id: int
    edition_id: int
    photos: tuple[AnalysedPhoto, ...]  # all of its photos, in reading order
    # Its photos that are interpreted, or that people have drawn.
    shown: tuple[PagePhoto, ...] = ()
    record: PageRecord  # the page as statistics count it
    recipe_id: str = ""
    # Photos that the machine has found and people have removed.
    removed: tuple[Removal, ...] = ()

    @property
    def area(self) -> float:
        """Area in square pixels, 0 if the page was not analysed."""
        return float(self.size[0] * self.size[1]) if self.size else 0.0


def find_page(home: Installation, page_id: int) -> AnalysedPage:
    """Return a page with its photos under the recipe, cached while nothing it is of changes.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        page = session.get(PageRow, page_id)
        if page is None:
            raise NotFound.saying("there is no such page")

    def read() -> AnalysedPage:
        with home.database.read() as session:
            return analysed_page(session, session.get_one(PageRow, page_id), home.recipe)

    question = "page", home.recipe.id, page_id, edition_version(home, page.edition_id)
    return home.database.view().once(question, read)


def page_ids(home: Installation, edition_id: int) -> list[tuple[int, int]]:
    """Return (number, id) of each page of an edition."""
    query = (
        select(PageRow.number, PageRow.id).filter_by(edition_id=edition_id).order_by(PageRow.number)
    )
    with home.database.read() as session:
        return [(number, page_id) for number, page_id in session.execute(query)]


def page_outcomes(home: Installation, edition_id: int) -> list[dict[str, Any]]:
    """Return id, number, source, outcome and reason of each page of an edition, in order.

    ``mismatches`` is where a page surely says something else of itself than the edition.
    """
    of_page = (OutcomeRow.scan_id == PageRow.scan_id) & (
        OutcomeRow.observation_id == home.recipe.observation_id
    )
    query = (
        select(PageRow, OutcomeRow)
        .outerjoin(OutcomeRow, of_page)
        .where(PageRow.edition_id == edition_id)
        .order_by(PageRow.number)
    )
    with home.database.read() as session:
        rows = session.execute(query).all()
        folios = read_together(
            [seen_folio(outcome.folio) if outcome else None for _, outcome in rows]
        )
        names = cache(partial(newspaper_names, session))
        return [
            {
                "id": page.id,
                "number": page.number,
                "source": page.source,
                "outcome": status.value if status else QUEUED,
                "reason": _sentence(page if page.status else outcome),
                "mismatches": list(_mismatches(page, folio, names)),
            }
            for (page, outcome), folio in zip(rows, folios, strict=True)
            for status in (page.status or (outcome.status if outcome else None),)
        ]


@contextmanager
def page_view(home: Installation, page_id: int) -> Iterator[Path]:
    """Return the file of a page's picture, until the block ends.

    Raises:
        NotFound: There is no such page, or no picture of it.
    """
    with ExitStack() as opened:
        try:
            view = home.storage.open_view(*page_scan(home, page_id), home.recipe.observation_id)
            path = opened.enter_context(view)
        except FileNotFoundError:
            raise NotFound.saying("there is no picture of this page, or not yet") from None
        yield path


def page_scan(home: Installation, page_id: int) -> tuple[str, int]:
    """Return the scan of a page: the sha256 of its file, and which frame of it.

    Raises:
        NotFound: There is no such page, or no scan of it.
    """
    query = select(ScanRow.sha256, ScanRow.frame).join(PageRow, PageRow.scan_id == ScanRow.id)
    with home.database.read() as session:
        scan = session.execute(query.where(PageRow.id == page_id)).one_or_none()
    if scan is None:
        raise NotFound.saying("there is no picture of this page")
    return scan.sha256, scan.frame


def analysed_page(session: Session, page: PageRow, recipe: Recipe) -> AnalysedPage:
    """Return a page with its photos and layout under a recipe."""
    return analysed_pages(session, [page], recipe)[0]


def analysed_pages(
    session: Session, pages: Sequence[PageRow], recipe: Recipe
) -> list[AnalysedPage]:
    """Return pages with their photos and layouts under a recipe, in their order."""
    outcomes = _outcomes(session, pages, recipe)
    seen = read_photos(session, outcomes.values(), recipe)
    folios = _folios(session, {page.edition_id for page in pages}, recipe) if outcomes else {}
    photos_seen = []
    for page in pages:
        outcome = outcomes.get(page.scan_id or 0)
        status = page.status or (outcome.status if outcome else None)
        size = _size(outcome)
        photos = tuple(
            AnalysedPhoto(
                photo.frame_id,
                photo.id,
                photo_observation(photo),
                seen.meanings.get(photo.id),
                photo.by_hand,
                seen.answers.get(photo.id, {}),
                seen.places.get(photo.id, {}),
            )
            for photo in (outcome.photos if outcome else ())
        )
        folio = seen_folio(outcome.folio) if outcome else None
        layout = _layout(outcome, size, photos, recipe) if outcome and size else None
        others = [one for id_, one in folios.get(page.edition_id, ()) if id_ != page.id]
        photos_seen.append(
            AnalysedPage(
                id=page.id,
                edition_id=page.edition_id,
                number=page.number,
                source=page.source,
                outcome=QUEUED if status is None else status.value,
                reason=_sentence(page if page.status else outcome),
                size=size,
                photos=photos,
                layout=layout,
                shown=_shown(photos, layout, size, recipe) if layout and size else (),
                headlines=_headlines(outcome) if outcome else (),
                recipe_id=recipe.id,
                removed=tuple(removals(load_page(session, outcome)))
                if outcome and size and outcome.id in seen.removed
                else (),
                folio=folio,
                record=page_record(page, outcome, seen, recipe),
                mismatches=_mismatches(
                    page,
                    read_together([folio, *others])[0] if folio else None,
                    partial(newspaper_names, session),
                ),
            )
        )
    return photos_seen


def _folios(
    session: Session, edition_ids: Collection[int], recipe: Recipe
) -> Mapping[int, list[tuple[int, Folio | None]]]:
    """Return what the pages of editions say of themselves, with their ids, by edition."""
    query = (
        select(PageRow.edition_id, PageRow.id, FolioRow)
        .join(OutcomeRow, OutcomeRow.scan_id == PageRow.scan_id)
        .join(FolioRow, FolioRow.outcome_id == OutcomeRow.id)
        .where(
            PageRow.edition_id.in_(edition_ids),
            OutcomeRow.observation_id == recipe.observation_id,
        )
    )
    folios: dict[int, list[tuple[int, Folio | None]]] = defaultdict(list)
    for edition_id, page_id, row in session.execute(query):
        folios[edition_id].append((page_id, seen_folio(row)))
    return folios


def _headlines(outcome: OutcomeRow) -> tuple[Headline, ...]:
    """Return the headlines of a page; their photos are indices of those that are on it."""
    index = {photo.position: i for i, photo in enumerate(outcome.photos)}
    return tuple(
        replace(headline, photos=tuple(index[i] for i in headline.photos if i in index))
        for headline in seen_headlines(outcome)
    )


def _mismatches(
    page: PageRow, folio: Folio | None, names: Callable[[], Mapping[str, Sequence[str]]]
) -> tuple[Message, ...]:
    return page_mismatches(page, folio, names()) if folio is not None and folio.text else ()


def _size(outcome: OutcomeRow | None) -> tuple[int, int] | None:
    if outcome is None or outcome.width is None or outcome.height is None:
        return None
    return outcome.width, outcome.height


def _layout(
    outcome: OutcomeRow, size: tuple[int, int], photos: tuple[AnalysedPhoto, ...], recipe: Recipe
) -> PageLayout:
    boxes = [photo.observation.frame.box for photo in photos]
    return PageLayout.of(boxes, size, page_traits(outcome), recipe.aggregate)


def _shown(
    photos: Sequence[AnalysedPhoto], layout: PageLayout, size: tuple[int, int], recipe: Recipe
) -> tuple[PagePhoto, ...]:
    """Return the photos of a page that are interpreted, or that people have drawn."""
    area, cap = float(size[0] * size[1]), recipe.interpret.context
    return tuple(
        PagePhoto(
            photo.observation,
            place,
            area,
            PhotoContents(photo.meaning, place.lead, cap, photo.places),
            photo,
        )
        for photo, place in zip(photos, layout.places, strict=True)
        if photo.meaning is not None or photo.by_hand
    )


def _outcomes(session: Session, pages: Sequence[PageRow], recipe: Recipe) -> dict[int, OutcomeRow]:
    """Return the outcome of each page that has one, by scan, with all that was seen."""
    scans = {page.scan_id for page in pages if page.scan_id is not None}
    query = (
        select(OutcomeRow)
        .where(OutcomeRow.scan_id.in_(scans), OutcomeRow.observation_id == recipe.observation_id)
        .options(
            selectinload(OutcomeRow.photos).options(
                joinedload(PhotoRow.features),
                selectinload(PhotoRow.detections),
                selectinload(PhotoRow.faces),
            )
        )
    )
    return {outcome.scan_id: outcome for outcome in session.scalars(query)} if scans else {}


def _sentence(row: PageRow | OutcomeRow | None) -> str | None:
    if row is None or row.status not in (Status.REJECTED, Status.FAILED):
        return None
    return join_messages([row.reason or "", row.detail or ""], ": ")


def edition_pages(home: Installation, edition_id: int) -> list[AnalysedPage]:
    """Return the pages of an edition with their photos, detections and interpretations.

    Raises:
        NotFound: There is no such edition.
    """
    if not page_ids(home, edition_id):
        with home.database.read() as session:
            if session.get(EditionRow, edition_id) is None:
                raise missing_edition(session, edition_id)
    return list(iterate_pages(home, edition_id))


def cached_pages(home: Installation, edition_id: int) -> list[AnalysedPage]:
    """Return the pages of an edition in order, cached while nothing that they are of changes.

    Raises:
        NotFound: There is no such edition.
    """
    question = "pages", edition_id, edition_version(home, edition_id)
    return cached_result(home, question, lambda: list(iterate_pages(home, edition_id)))


def cached_records(home: Installation, edition: EditionState) -> list[PageRecord]:
    """Return the record of each page of an edition, in order, seen, uploaded or not."""
    records = [page.record for page in cached_pages(home, edition.id)]
    return sorted(with_missing(records, edition.pages_expected), key=lambda record: record.number)


def iterate_pages(home: Installation, edition_id: int) -> Iterator[AnalysedPage]:
    """Yield the pages of an edition in order, some at a time; none if there is none."""
    query = (
        select(PageRow)
        .filter_by(edition_id=edition_id)
        .order_by(PageRow.number)
        .options(joinedload(PageRow.edition))
    )
    for first in itertools.count(0, PAGES):
        with home.database.read() as session:
            rows = session.scalars(query.offset(first).limit(PAGES)).all()
            pages = analysed_pages(session, rows, home.recipe)
        yield from pages
        if len(pages) < PAGES:
            return
