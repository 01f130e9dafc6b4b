"""Collects the photos, captions and headlines of a page as regions, for ALTO and PAGE-XML."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from presslens.app.db.page_reviews import PageReviewRow
from presslens.app.db.queries import EditionScope
from presslens.app.db.reviews import ReviewRow
from presslens.app.db.superseded import superseded_editions
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow, PublicationRow, ScanRow
from presslens.app.installation import Installation
from presslens.app.services.catalogue.pages import AnalysedPage, AnalysedPhoto, analysed_page
from presslens.app.services.shares.decisions import photo_decisions
from presslens.models.geometry import Box
from presslens.models.vocabulary import Focus
from presslens.pipelines.statistics.decision import Decisions
from presslens.pipelines.statistics.measure import FIGURE, LABEL, SUBJECTS


class ReadingKind(StrEnum):
    """What a reading of a photo is about."""

    SUBJECT = "subject"
    LABEL = "label"
    FIGURE = "figure"
    FOCUS = "focus"


@dataclass(frozen=True, slots=True)
class RegionReading:
    """Whether a photo shows something, by the machine and by people."""

    kind: ReadingKind  # what it is about
    name: str  # the subject, label or figure; of the focus its verdict
    shows: bool  # that the photo shows it: as people have settled, or else as the machine decides
    # The machine's, 0-1; None if only people say something of it. Of the focus: the score of the
    # verdict.
    probability: float | None = None
    count: int | None = None  # the machine's count, for people, crowd and children
    consensus: bool | None = None  # what people have settled; None: nothing


@dataclass(frozen=True, slots=True)
class PhotoRegion:
    """A photo on a page."""

    photo_id: int  # its address
    row_id: int  # the id of this observation of it, by which corrections of it are recognised
    box: Box  # in pixels of the page, inside of it
    score: float  # confidence that it is a photo, 0-1; 1 where a person has drawn it
    by_hand: bool  # a person has drawn it
    readings: tuple[RegionReading, ...]  # what it shows; empty until it is interpreted

    @property
    def corrected(self) -> bool:
        """Whether people have drawn it, or settled something of it."""
        return self.by_hand or any(one.consensus is not None for one in self.readings)


@dataclass(frozen=True, slots=True)
class PrintedText:
    """A caption or a headline."""

    kind: str  # ``caption`` or ``headline``
    box: Box  # in pixels of the page, inside of it
    text: str | None  # what it says; None while it is not read
    photos: tuple[int, ...]  # ids of the photos that it belongs to


@dataclass(frozen=True, slots=True)
class PageRegions:
    """The regions of an analysed page."""

    page_id: int
    number: int  # its number in the edition
    edition_id: int
    publication: str  # the newspaper
    day: date  # the day of the edition
    source: str  # name of the file that it was uploaded as
    sha256: str  # of that file, 64 hex digits
    frame: int  # which image of that file, from 0
    size: tuple[int, int]  # width and height in pixels
    analysed_at: datetime  # when it was analysed
    changed_at: datetime  # when it was analysed, or people last said something of it
    recipe_id: str  # the recipe of the numbers
    codebook: str  # the codebook of the recipe
    photos: tuple[PhotoRegion, ...]  # in reading order
    texts: tuple[PrintedText, ...]  # captions and headlines

    @property
    def path(self) -> str:
        """A file name for the page, without an ending; no two pages have the same."""
        return f"{self.day.isoformat()}_edition-{self.edition_id}/page-{self.number:03}"


def iterate_regions(home: Installation, scope: EditionScope) -> Iterator[PageRegions]:
    """Yield the regions of analysed pages, by edition and page; each is loaded when it is asked.

    Superseded editions are left out, unless one edition is asked for.
    """
    with home.database.read() as session:
        pages = session.execute(_pages(home, scope)).all()
    for page_id, publication, day in pages:
        with home.database.read() as session:
            row = session.get(PageRow, page_id)
            regions = row and _regions(session, home, row, publication, day)
        if regions:
            yield regions


def _pages(home: Installation, scope: EditionScope) -> Select[int, str, date]:
    query = (
        select(PageRow.id, PublicationRow.name, EditionRow.edition_date)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(*scope.conditions(), PageRow.scan_id.is_not(None))
        .order_by(EditionRow.edition_date, EditionRow.id, PageRow.number)
    )
    if scope.edition is None:
        query = query.where(EditionRow.id.not_in(superseded_editions(home.recipe)))
    return query


def _regions(
    session: Session, home: Installation, row: PageRow, publication: str, day: date
) -> PageRegions | None:
    page = analysed_page(session, row, home.recipe)
    if page.size is None or row.scan_id is None:
        return None
    analysed_at, changed_at = _times(session, row.scan_id, home.recipe.observation_id)
    meanings = [photo.meaning for photo in page.photos]
    decided = photo_decisions(session, publication, home.recipe, meanings)
    scan = session.get_one(ScanRow, row.scan_id)
    return PageRegions(
        page_id=page.id,
        number=page.number,
        edition_id=page.edition_id,
        publication=publication,
        day=day,
        source=page.source,
        sha256=scan.sha256,
        frame=scan.frame,
        size=page.size,
        analysed_at=analysed_at,
        changed_at=changed_at,
        recipe_id=home.recipe.id,
        codebook=home.recipe.codebook,
        photos=tuple(_photos(page, page.size, decided)),
        texts=tuple(_texts(page, page.size)),
    )


def _times(session: Session, scan_id: int, observation_id: str) -> tuple[datetime, datetime]:
    """Return when a scan was analysed, and when it, or what people say of it, last changed."""
    analysed = session.scalars(
        select(OutcomeRow.seen_at).filter_by(scan_id=scan_id, observation_id=observation_id)
    ).one()
    columns = [
        column
        for table in (ReviewRow, PageReviewRow)
        for column in (table.created_at, table.withdrawn_at)
    ]
    times = (
        session.scalar(select(func.max(column)).where(column.class_.scan_id == scan_id))
        for column in columns
    )
    return analysed, max([analysed, *(time for time in times if time is not None)])


def _photos(page: AnalysedPage, size: tuple[int, int], decided: Decisions) -> Iterator[PhotoRegion]:
    for photo in page.photos:
        box = _inside(photo.observation.frame.box, size)
        if box is not None:
            yield PhotoRegion(
                photo.id,
                photo.row_id,
                box,
                photo.observation.frame.score,
                photo.by_hand,
                tuple(photo_readings(photo, decided)),
            )


def photo_readings(photo: AnalysedPhoto, decided: Decisions) -> Iterator[RegionReading]:
    """Yield what a photo shows, by people and by the machine: subjects, labels, figures, focus.

    Args:
        decided: From where on photos of its newspaper are decided to show subjects and labels.
    """
    meaning, people = photo.meaning, photo.consensus
    subjects = {one.subject.value: one for one in (meaning.subjects if meaning else ())}
    for name in SUBJECTS:
        one = subjects.get(name)
        if one is not None or name in people:
            probability = one.probability if one else None
            machine = decided.shows(name, probability)
            yield _reading(ReadingKind.SUBJECT, name, probability, people.get(name), machine,
                           one.count if one else None)  # fmt: skip
    labels = {one.name: one.probability for one in (meaning.labels if meaning else ())}
    answered_labels = [name.removeprefix(LABEL) for name in people if name.startswith(LABEL)]
    for name in dict.fromkeys([*labels, *answered_labels]):
        answer = people.get(f"{LABEL}{name}")
        machine = decided.shows(f"{LABEL}{name}", labels.get(name))
        yield _reading(ReadingKind.LABEL, name, labels.get(name), answer, machine)
    yield from _figures(photo)
    verdict = meaning.focus.verdict if meaning else None
    focus = decided.focus(people, verdict)
    if focus is not None:
        scores = {Focus.LEADER: meaning.focus.leader, Focus.FACILITY: meaning.focus.facility} if (
            meaning) else {}  # fmt: skip
        answer = True if focus is not verdict else people.get(f"focus_{focus.value}")
        score = scores.get(focus)
        yield RegionReading(ReadingKind.FOCUS, focus.value, True, score, consensus=answer)


def _reading(
    kind: ReadingKind,
    name: str,
    probability: float | None,
    consensus: bool | None,
    machine: bool,
    count: int | None = None,
) -> RegionReading:
    shows = machine if consensus is None else consensus
    return RegionReading(kind, name, shows, probability, count, consensus)


def _figures(photo: AnalysedPhoto) -> Iterator[RegionReading]:
    """Yield the enrolled figures in a photo; none that people have rejected."""
    sightings = {one.figure: one for one in (photo.meaning.sightings if photo.meaning else ())}
    answered_names = [
        name.removeprefix(FIGURE)
        for name, shows in photo.consensus.items()
        if shows and name.startswith(FIGURE)
    ]
    for name in dict.fromkeys([*sightings, *answered_names]):
        answer = photo.consensus.get(f"{FIGURE}{name}")
        if answer is not False:
            seen = sightings.get(name)
            shows = bool(answer) or (seen is not None and seen.answer.value == "yes")
            probability = seen.probability if seen else None
            yield RegionReading(ReadingKind.FIGURE, name, shows, probability, consensus=answer)


def _texts(page: AnalysedPage, size: tuple[int, int]) -> Iterator[PrintedText]:
    for photo in page.photos:
        caption = photo.observation.caption
        box = caption and _inside(caption.box, size)
        if caption and box:
            yield PrintedText("caption", box, caption.text, (photo.id,))
    for headline in page.headlines:
        box = _inside(headline.box, size)
        if box is not None:
            photos = tuple(page.photos[i].id for i in headline.photos)
            yield PrintedText("headline", box, headline.text, photos)


def _inside(box: Box, size: tuple[int, int]) -> Box | None:
    """Return a box inside its page; None if less than a pixel of it is."""
    inside = box.clipped(*size)
    x0, y0, x1, y1 = inside.pixels()
    return inside if x1 > x0 and y1 > y0 else None
