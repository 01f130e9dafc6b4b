"""Reads stored captions, headlines and folios that were found and not read, or read wrongly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial

from sqlalchemy import ColumnElement, Select, Text, cast, exists, func, or_, select, update
from sqlalchemy.orm import Session

from presslens.app.db.folios import FolioRow
from presslens.app.db.rows import transcript_columns
from presslens.app.db.tables import (
    CaptionRow,
    HeadlineRow,
    OutcomeRow,
    PageRow,
    PhotoFeaturesRow,
    PhotoRow,
    PublicationRow,
)
from presslens.app.installation import Installation
from presslens.app.services.analysis.record import languages_of_scan
from presslens.models.geometry import Box
from presslens.models.instruments import CaptionReader, FolioReader
from presslens.models.vocabulary import Folio, Image, NotRead, TextSource, Transcript
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import ReadingFailed, ScanRejected

OnPage = Callable[[int, str], None]
"""Is called with the number of pages that are done, and the name of the last one."""


@dataclass(slots=True)
class CaptionsRead:
    """The result of reading captions, headlines and folios."""

    read: int = 0  # captions, headlines and folios that are read now
    unread: int = 0  # those that still aren't
    # Why pages could not be opened, by the names of their scans.
    lost: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Work:
    """A page, and boxes on it (page pixels) by the table and the key of their rows.

    ``languages`` are those of its newspaper (BCP 47); ``photos`` are the boxes of its photos,
    ``skew`` its turn in degrees; ``folio`` says whether its head is to be read.
    """

    outcome_id: int
    sha256: str
    frame: int
    source: str
    languages: tuple[str, ...]
    boxes: dict[tuple[type[CaptionRow] | type[HeadlineRow], int], Box]
    photos: tuple[Box, ...]
    skew: float
    folio: bool

    def __len__(self) -> int:
        """Return how many texts are to be read."""
        return len(self.boxes) + self.folio


def misread_pages(observation_id: str) -> Select[int]:
    """Return the query of the outcomes of pages that were read in other languages than they have.

    Pages of a snapshot, whose found photos have no features, have no pixels: they are none of them.
    """
    printed = select(PageRow.id).where(PageRow.scan_id == OutcomeRow.scan_id)
    featured = exists().where(PhotoFeaturesRow.photo_id == PhotoRow.id)
    blind = select(PhotoRow.id).where(
        PhotoRow.outcome_id == OutcomeRow.id, ~PhotoRow.by_hand, ~featured
    )
    said = languages_of_scan(OutcomeRow.scan_id).correlate(OutcomeRow).scalar_subquery()
    return select(OutcomeRow.id).where(
        OutcomeRow.observation_id == observation_id,
        OutcomeRow.width.is_not(None),
        printed.correlate(OutcomeRow).exists(),
        # PostgreSQL compares no JSON.
        cast(OutcomeRow.languages, Text).is_distinct_from(cast(said, Text)),
        ~blind.correlate(OutcomeRow).exists(),
    )


def unread_pages(home: Installation) -> list[int]:
    """Return the outcomes of pages with captions, headlines or a folio that can be read now.

    They have none that were read with too little confidence.
    """
    observation_id = home.recipe.observation_id
    query = select(OutcomeRow.id).where(
        OutcomeRow.observation_id == observation_id,
        or_(
            OutcomeRow.languages.is_not(None) & _has_unread(),
            OutcomeRow.id.in_(misread_pages(observation_id)),
        ),
    )
    with home.database.read() as session:
        return list(session.scalars(query.order_by(OutcomeRow.id)))


def said_languages(home: Installation) -> list[tuple[str, ...]]:
    """Return the languages of all newspapers whose languages are known, each of them once."""
    with home.database.read() as session:
        rows = session.scalars(select(PublicationRow.languages).order_by(PublicationRow.id))
        return list(dict.fromkeys(tuple(one) for one in rows if one))


def languages_of_pages(home: Installation, outcome_ids: Sequence[int]) -> list[tuple[str, ...]]:
    """Return the languages of the newspapers of some pages, each of them once."""
    said = languages_of_scan(OutcomeRow.scan_id).correlate(OutcomeRow).scalar_subquery()
    query = select(said).where(OutcomeRow.id.in_(outcome_ids))
    with home.database.read() as session:
        return list(dict.fromkeys(tuple(one) for one in session.scalars(query) if one))


def count_unsaid(home: Installation) -> int:
    """Return how many pages are not read as nobody has said in which language they are printed."""
    observation_id = home.recipe.observation_id
    query = select(func.count(OutcomeRow.id)).where(
        OutcomeRow.observation_id == observation_id,
        OutcomeRow.languages.is_(None),
        OutcomeRow.id.not_in(misread_pages(observation_id)),
        _has_unread(),
    )
    with home.database.read() as session:
        return session.scalar(query) or 0


def _has_unread() -> ColumnElement[bool]:
    """Return the condition that an outcome has a text that is not read, but may be."""
    caption = (
        select(CaptionRow.photo_id)
        .join(PhotoRow, PhotoRow.id == CaptionRow.photo_id)
        .where(PhotoRow.outcome_id == OutcomeRow.id, _is_unread(CaptionRow))
    )
    headline = select(HeadlineRow.id).where(
        HeadlineRow.outcome_id == OutcomeRow.id, _is_unread(HeadlineRow)
    )
    folio = select(FolioRow.outcome_id).where(
        FolioRow.outcome_id == OutcomeRow.id, FolioRow.text.is_(None)
    )
    return or_(caption.exists(), headline.exists(), folio.exists())


def _is_unread(table: type[CaptionRow] | type[HeadlineRow]) -> ColumnElement[bool]:
    return table.text.is_(None) & table.not_read.is_distinct_from(NotRead.UNSURE)


def read_captions(
    home: Installation,
    reader: CaptionReader,
    folios: FolioReader,
    outcome_ids: Sequence[int],
    *,
    sandbox: Sandbox,
    progress: OnPage = lambda _done, _name: None,
) -> CaptionsRead:
    """Read the captions, headlines and folios of some pages that are unread.

    Those of pages that were read in other languages are read anew; what a library says stays.

    Args:
        reader: Reads captions and headlines.
        folios: Reads folios.
        outcome_ids: From ``unread_pages``.
        sandbox: Opens the pages.
        progress: Is called after each page.
    """
    done = CaptionsRead()
    with ThreadPoolExecutor(max(1, home.settings.processes)) as threads:
        for number, outcome_id in enumerate(outcome_ids, start=1):
            with home.database.read() as session:
                work = _work(session, outcome_id)
            page = _open(home, sandbox, work)
            if isinstance(page, str):
                done.lost[work.source] = page
                done.unread += len(work)
            else:
                read = partial(reader.read, page, languages=work.languages)
                texts = list(threads.map(read, work.boxes.values()))
                folio = (
                    folios.read(page, work.photos, work.languages, skew=work.skew)
                    if work.folio
                    else None
                )
                _write(home, work, texts, folio)
                answers = [text.text for text in texts]
                answers += [] if folio is None else [folio.text]
                done.unread += answers.count(None)
                done.read += len(answers) - answers.count(None)
            progress(number, work.source)
    return done


def _work(session: Session, outcome_id: int) -> _Work:
    outcome = session.get_one(OutcomeRow, outcome_id)
    source = session.scalar(select(func.min(PageRow.source)).filter_by(scan_id=outcome.scan_id))
    languages = session.scalar(languages_of_scan(outcome.scan_id)) or []
    anew = languages != (outcome.languages or [])
    captions = session.scalars(
        select(CaptionRow)
        .join(PhotoRow, PhotoRow.id == CaptionRow.photo_id)
        .where(PhotoRow.outcome_id == outcome_id, _is_read_here(CaptionRow, anew=anew))
    )
    headlines = session.scalars(
        select(HeadlineRow)
        .filter_by(outcome_id=outcome_id)
        .where(_is_read_here(HeadlineRow, anew=anew))
    )
    return _Work(
        outcome_id,
        outcome.scan.sha256,
        outcome.scan.frame,
        source or "",
        tuple(languages),
        {(CaptionRow, row.photo_id): row.box for row in captions}
        | {(HeadlineRow, row.id): row.box for row in headlines},
        tuple(photo.box for photo in outcome.photos),
        outcome.skew or 0.0,
        outcome.folio is not None and (anew or outcome.folio.text is None),
    )


def _is_read_here(
    table: type[CaptionRow] | type[HeadlineRow], *, anew: bool
) -> ColumnElement[bool]:
    """Return the condition that a text is to be read: of all that no library has, or the unread."""
    by_library = table.source.is_not(None) & (table.source != TextSource.TESSERACT)
    return ~by_library if anew else _is_unread(table)


def _open(home: Installation, sandbox: Sandbox, work: _Work) -> Image | str:
    """Return the pixels of a page, or why it can't be opened."""
    dpi = home.recipe.observe.pdf_dpi
    try:
        with home.storage.open_scan(work.sha256) as path:
            return sandbox.decode(path, work.frame, work.source, pdf_dpi=dpi)
    except FileNotFoundError:
        return "the file is missing from the store"
    except ScanRejected as rejection:
        return f"{rejection.reason.value}: {rejection.detail}"
    except ReadingFailed as error:
        return str(error)


def _write(
    home: Installation, work: _Work, texts: Sequence[Transcript], folio: Folio | None
) -> None:
    """Store texts that were read, but where a library's have come meanwhile."""
    with home.database.write() as session:
        for (table, key), text in zip(work.boxes, texts, strict=True):
            column = table.__mapper__.primary_key[0]
            session.execute(
                update(table)
                .where(column == key, _is_read_here(table, anew=True))
                .values(**transcript_columns(text))
                .execution_options(synchronize_session=False)
            )
        outcome = session.get_one(OutcomeRow, work.outcome_id)
        outcome.languages = list(work.languages) or None
        if folio is not None and outcome.folio is not None:
            for name, value in asdict(folio).items():
                setattr(outcome.folio, name, value)
