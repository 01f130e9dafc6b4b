"""Stores the result of observing a page: rows and outcome together, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, exists, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from presslens.app.db.columns import JobKind, Status
from presslens.app.db.folios import folio_row
from presslens.app.db.rows import headline_row, photo_rows
from presslens.app.db.tables import (
    HeadlineRow,
    OutcomeRow,
    PageRow,
    PhotoRow,
    PublicationRow,
    ScanRow,
)
from presslens.app.db.upsert import insert
from presslens.app.installation import Installation
from presslens.app.services.analysis.lease import fail, finish
from presslens.app.services.figures.erasure import forget_children
from presslens.app.services.figures.gallery import newspaper_of_scan
from presslens.app.services.ingest.described import read_captions_of_scan
from presslens.app.services.reviews.consensus import lock_scan, update_observation_consensus
from presslens.app.services.reviews.page_photos import apply_to_outcome, name_frames
from presslens.pipelines.failpoints import Failpoint, around

if TYPE_CHECKING:
    from presslens.pipelines.failure import Failure
    from presslens.pipelines.task import PageResult

MOST_FAILURES = 3
"""A page that fails so often is not tried again; one that can't but fail again, after once."""


@dataclass(frozen=True, slots=True)
class LeasedPage:
    """A leased scan, and the first page that prints it."""

    scan_id: int
    sha256: str  # the hash of its file, 64 hex digits
    frame: int  # which page of the file, from 0
    source: str  # the name of the page's source, for people
    attempts: int  # the scan's leases so far
    edition_id: int | None = None  # the page's edition; None if no page prints the scan any more
    page_id: int | None = None
    languages: tuple[str, ...] = ()  # those of that page's newspaper; empty: not known


def unobserved_scans(observation_id: str) -> Select[int]:
    """Return the query of the ids of printed scans that have no outcome: the work list."""
    outcome = exists().where(
        OutcomeRow.scan_id == ScanRow.id, OutcomeRow.observation_id == observation_id
    )
    printed = exists().where(PageRow.scan_id == ScanRow.id)
    return select(ScanRow.id).where(~outcome, printed)


def scans_of_files(session: Session, scans: Sequence[int], files: Collection[str]) -> set[int]:
    """Return the scans that are pages of files with one of these sha256."""
    query = select(ScanRow.id).where(ScanRow.id.in_(scans), ScanRow.sha256.in_(files))
    return set(session.scalars(query))


def leased_page(home: Installation, scan_id: int, attempts: int) -> LeasedPage:
    """Return a leased scan, with the name of its source."""
    with home.database.read() as session:
        scan = session.get_one(ScanRow, scan_id)
        query = select(PageRow).filter_by(scan_id=scan_id).order_by(PageRow.source, PageRow.id)
        page = session.scalar(query.limit(1))
        identity = scan_id, scan.sha256, scan.frame
        if page is None:
            return LeasedPage(*identity, "", attempts)
        languages = tuple(session.scalar(languages_of_scan(scan_id)) or ())
        return LeasedPage(*identity, page.source, attempts, page.edition_id, page.id, languages)


def languages_of_scan(scan_id: int | InstrumentedAttribute[int]) -> Select[list[str] | None]:
    """Return the query of the languages in which a scan is read: those of its newspaper."""
    scan = literal(scan_id) if isinstance(scan_id, int) else scan_id.expression
    return select(PublicationRow.languages).where(PublicationRow.id == newspaper_of_scan(scan))


def record(
    home: Installation, page: LeasedPage, result: PageResult, owner: str, *, now: datetime
) -> Status | None:
    """Store the result of a page, and end its lease. A second result changes nothing.

    Returns:
        The outcome; None for a page that failed and may be tried again, by its owner or another.
    """
    observation_id = home.recipe.observation_id
    lease = JobKind.OBSERVE, observation_id
    with around(Failpoint.OBSERVE_STORE), home.database.write(erasing=True) as session:
        if result.failure is not None:
            pause = home.settings.poll_seconds
            failures = fail(session, *lease, page.scan_id, owner, now=now, pause=pause)
            if is_tried_again(result.failure, failures):
                return None
        values = _outcome(result, page.languages)
        row = (
            insert(session, OutcomeRow)
            .values(scan_id=page.scan_id, observation_id=observation_id, seen_at=now, **values)
            .on_conflict_do_nothing()
            .returning(OutcomeRow.id)
        )
        outcome_id = session.scalar(row)
        if outcome_id is not None and result.observation is not None:
            photos = _photos(outcome_id, result)
            session.add_all(photos)
            session.add_all(_headlines(outcome_id, result))
            if (folio := folio_row(result.observation.folio, outcome_id, now)) is not None:
                session.add(folio)
            session.flush()
            outcome = session.get_one(OutcomeRow, outcome_id)
            lock_scan(session, page.scan_id)
            forget_children(session, outcome, photos, home.recipe.observe.faces.child)
            name_frames(session, outcome)
            apply_to_outcome(session, outcome)
            read_captions_of_scan(session, page.scan_id, observation_id)
            update_observation_consensus(session, page.scan_id, observation_id)
        finish(session, *lease, [page.scan_id], owner)
    return Status(values["status"])


def is_tried_again(failure: Failure, failures: int | None) -> bool:
    """Return whether what failed is left to another attempt; None failures: to another worker."""
    return failures is None or (failure.retryable and failures < MOST_FAILURES)


def _photos(outcome_id: int, result: PageResult) -> list[PhotoRow]:
    rows = photo_rows(result.observation) if result.observation else []
    for row in rows:
        row.outcome_id = outcome_id
    return rows


def _headlines(outcome_id: int, result: PageResult) -> list[HeadlineRow]:
    headlines = result.observation.headlines if result.observation else ()
    return [headline_row(headline, i, outcome_id) for i, headline in enumerate(headlines)]


def _outcome(result: PageResult, languages: Sequence[str]) -> dict[str, Any]:
    if result.observation is not None:
        return {
            "status": Status.DONE if result.observation.photos else Status.EMPTY,
            "width": result.observation.width,
            "height": result.observation.height,
            "languages": list(languages) or None,
            **(asdict(result.observation.traits) if result.observation.traits else {}),
        }
    if result.rejection is not None:
        return {
            "status": Status.REJECTED,
            "reason": result.rejection.reason.value,
            "detail": result.rejection.detail,
        }
    if result.failure is None:
        raise ValueError(f"page {result.key} has no result")
    return {
        "status": Status.FAILED,
        "reason": "failed",
        "detail": result.failure.message,
        "category": result.failure.category,
        "phase": result.failure.phase,
    }
