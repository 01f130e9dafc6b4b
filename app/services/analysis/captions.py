"""Reads stored captions, headlines and folios that were found without a reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from functools import partial

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from presslens.app.db.folios import FolioRow
from presslens.app.db.tables import CaptionRow, HeadlineRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.models.geometry import Box
from presslens.models.instruments import CaptionReader, FolioReader
from presslens.models.vocabulary import Folio, Image, TextSource
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

    ``photos`` are the boxes of its photos, ``skew`` its turn in degrees; ``folio`` is the key of
    its folio, None if that is read.
    """

    sha256: str
    frame: int
    source: str
    boxes: dict[tuple[type[CaptionRow] | type[HeadlineRow], int], Box]
    photos: tuple[Box, ...]
    skew: float
    folio: int | None

    def __len__(self) -> int:
        """Return how many texts are to be read."""
        return len(self.boxes) + (self.folio is not None)


def unread_pages(home: Installation) -> list[int]:
    """Return the outcomes of pages with captions, headlines or a folio that are not read."""
    caption = (
        select(CaptionRow.photo_id)
        .join(PhotoRow, PhotoRow.id == CaptionRow.photo_id)
        .where(PhotoRow.outcome_id == OutcomeRow.id, CaptionRow.text.is_(None))
    )
    headline = select(HeadlineRow.id).where(
        HeadlineRow.outcome_id == OutcomeRow.id, HeadlineRow.text.is_(None)
    )
    folio = select(FolioRow.outcome_id).where(
        FolioRow.outcome_id == OutcomeRow.id, FolioRow.text.is_(None)
    )
    query = (
        select(OutcomeRow.id)
        .where(
            OutcomeRow.observation_id == home.recipe.observation_id,
            or_(caption.exists(), headline.exists(), folio.exists()),
        )
        .order_by(OutcomeRow.id)
    )
    with home.database.read() as session:
        return list(session.scalars(query))


def read_captions(
    home: Installation,
    reader: CaptionReader,
    folios: FolioReader,
    outcome_ids: Sequence[int],
    *,
    progress: OnPage = lambda _done, _name: None,
) -> CaptionsRead:
    """Read the unread captions, headlines and folios of some pages; those that are read stay.

    Args:
        reader: Reads captions and headlines.
        folios: Reads folios.
        outcome_ids: From ``unread_pages``.
        progress: Is called after each page.
    """
    done = CaptionsRead()
    with (
        Sandbox(home.settings.limits) as sandbox,
        ThreadPoolExecutor(max(1, home.settings.processes)) as threads,
    ):
        for number, outcome_id in enumerate(outcome_ids, start=1):
            with home.database.read() as session:
                work = _work(session, outcome_id)
            page = _open(home, sandbox, work)
            if isinstance(page, str):
                done.lost[work.source] = page
                done.unread += len(work)
            else:
                texts = threads.map(partial(reader.read, page), work.boxes.values())
                _write(home, work, list(texts), done)
                if work.folio is not None:
                    read = folios.read(page, work.photos, skew=work.skew)
                    _write_folio(home, work.folio, read, done)
            progress(number, work.source)
    return done


def _work(session: Session, outcome_id: int) -> _Work:
    outcome = session.get_one(OutcomeRow, outcome_id)
    source = session.scalar(select(func.min(PageRow.source)).filter_by(scan_id=outcome.scan_id))
    captions = session.scalars(
        select(CaptionRow)
        .join(PhotoRow, PhotoRow.id == CaptionRow.photo_id)
        .where(PhotoRow.outcome_id == outcome_id, CaptionRow.text.is_(None))
    )
    headlines = session.scalars(select(HeadlineRow).filter_by(outcome_id=outcome_id, text=None))
    return _Work(
        outcome.scan.sha256,
        outcome.scan.frame,
        source or "",
        {(CaptionRow, row.photo_id): row.box for row in captions}
        | {(HeadlineRow, row.id): row.box for row in headlines},
        tuple(photo.box for photo in outcome.photos),
        outcome.skew or 0.0,
        outcome_id if outcome.folio is not None and outcome.folio.text is None else None,
    )


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
    home: Installation, work: _Work, texts: Sequence[str | None], done: CaptionsRead
) -> None:
    with home.database.write() as session:
        for (table, key), text in zip(work.boxes, texts, strict=True):
            if text is None:
                done.unread += 1
                continue
            column = table.__mapper__.primary_key[0]
            read = {"source": TextSource.TESSERACT} if table is CaptionRow else {}
            session.execute(
                update(table)
                .where(column == key, table.text.is_(None))
                .values(text=text, **read)
                .execution_options(synchronize_session=False)
            )
            done.read += 1


def _write_folio(home: Installation, outcome_id: int, read: Folio, done: CaptionsRead) -> None:
    if read.text is None:
        done.unread += 1
        return
    with home.database.write() as session:
        session.execute(
            update(FolioRow)
            .where(FolioRow.outcome_id == outcome_id, FolioRow.text.is_(None))
            .values(**asdict(read))
            .execution_options(synchronize_session=False)
        )
    done.read += 1
