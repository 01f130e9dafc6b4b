"""Looks at photos that people have drawn: what the networks see in them is stored beside them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import structlog
from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.db.rows import seen_rows
from presslens.app.db.tables import (
    HeadlinePhotoRow,
    HeadlineRow,
    OutcomeRow,
    PhotoFeaturesRow,
    PhotoRow,
)
from presslens.app.installation import Installation
from presslens.app.services.analysis.job import MOST_ATTEMPTS, Batches, EngineJob, Tools, causes_of
from presslens.app.services.analysis.lease import WorkList, finish
from presslens.app.services.analysis.record import LeasedPage, leased_page
from presslens.app.services.figures.erasure import forget_children
from presslens.app.services.ingest.described import read_captions_of_scan
from presslens.app.services.reviews.consensus import lock_scan
from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Frame, PageObservation
from presslens.pipelines.task import PageResult, PageTask


@dataclass(frozen=True, slots=True)
class DrawnPhotos:
    """The drawn photos of a leased page that nobody has looked at."""

    page: LeasedPage
    photo_ids: tuple[int, ...]
    frames: tuple[Frame, ...]  # their frames, in pixels of the page
    beside: tuple[Box, ...]  # the other photos that are on the page, in its pixels


def unlooked_scans(observation_id: str) -> Select[int]:
    """Return the query of the ids of scans with drawn photos that were not looked at.

    A page of a snapshot, whose found photos have no features, has no picture either: it is none of
    them.
    """
    featured = exists().where(PhotoFeaturesRow.photo_id == PhotoRow.id)
    on_page = PhotoRow.outcome_id == OutcomeRow.id
    drawn = select(PhotoRow.id).where(on_page, PhotoRow.by_hand, ~featured)
    blind = select(PhotoRow.id).where(on_page, ~PhotoRow.by_hand, ~featured)
    return select(OutcomeRow.scan_id).where(
        OutcomeRow.observation_id == observation_id,
        drawn.correlate(OutcomeRow).exists(),
        ~blind.correlate(OutcomeRow).exists(),
    )


def drawn_photos(home: Installation, scan_id: int, attempts: int) -> DrawnPhotos:
    """Return the drawn photos of a leased scan that nobody has looked at."""
    page = leased_page(home, scan_id, attempts)
    query = (
        select(PhotoRow)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .outerjoin(PhotoFeaturesRow, PhotoFeaturesRow.photo_id == PhotoRow.id)
        .where(
            OutcomeRow.scan_id == scan_id,
            OutcomeRow.observation_id == home.recipe.observation_id,
            PhotoRow.by_hand,
            PhotoFeaturesRow.photo_id.is_(None),
        )
        .order_by(PhotoRow.position)
    )
    with home.database.read() as session:
        rows = session.scalars(query).all()
        frames = tuple(Frame(row.box, row.score) for row in rows)
        ids = tuple(row.id for row in rows)
        others = select(PhotoRow).where(
            PhotoRow.outcome_id.in_({row.outcome_id for row in rows}), PhotoRow.id.not_in(ids)
        )
        beside = tuple(row.box for row in session.scalars(others.order_by(PhotoRow.position)))
        return DrawnPhotos(page, ids, frames, beside)


def record_look(home: Installation, drawn: DrawnPhotos, seen: PageObservation) -> None:
    """Store what was seen in drawn photos and is printed about them; a second look changes nothing.

    A drawn photo stands under headlines that were found with the page; new ones are not stored.

    A photo that was removed meanwhile keeps it, for when it comes back.

    Args:
        drawn: The photos, from ``drawn_photos``.
        seen: Their observations, in the same order.
    """
    with home.database.write(erasing=True) as session:
        lock_scan(session, drawn.page.scan_id)
        for i, (photo_id, photo) in enumerate(zip(drawn.photo_ids, seen.photos, strict=True)):
            row = session.get(PhotoRow, photo_id)
            if row is not None and row.features is None:
                for name, value in seen_rows(photo).items():
                    setattr(row, name, value)
                above = [one.box for one in seen.headlines if i in one.photos]
                outcome = session.get_one(OutcomeRow, row.outcome_id or row.removed_from_id)
                _put_under(session, row, above)
                forget_children(session, outcome, [row], home.recipe.observe.faces.child)
        read_captions_of_scan(session, drawn.page.scan_id, home.recipe.observation_id)


def _put_under(session: Session, row: PhotoRow, above: Sequence[Box]) -> None:
    """Put a drawn photo under the headlines of its page that lie where boxes are."""
    outcome_id = row.outcome_id or row.removed_from_id
    for headline in session.scalars(select(HeadlineRow).filter_by(outcome_id=outcome_id)):
        under = {one.photo_position for one in headline.under}
        if row.position not in under and any(headline.box.intersection(box) > 0 for box in above):
            headline.under.append(HeadlinePhotoRow(photo_position=row.position))


log = structlog.get_logger()


class LookJob(EngineJob[DrawnPhotos]):
    """Looks at photos that people have drawn."""

    kind = JobKind.LOOK

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        observation_id = recipe.observation_id
        keys = unlooked_scans(observation_id)
        return WorkList(self.kind, observation_id, keys, most_attempts=MOST_ATTEMPTS)

    def tasks(
        self, tools: Tools, work: WorkList, batches: Batches, begun: dict[str, DrawnPhotos]
    ) -> Iterator[PageTask]:
        """See ``EngineJob.tasks``."""
        for scan_id, attempts in chain.from_iterable(batches):
            task = None
            with self.attempt(tools, work, [scan_id]):
                drawn = drawn_photos(tools.home, scan_id, attempts)
                storage = tools.home.storage
                if not storage.has_scan(drawn.page.sha256):
                    self.fail_leases(tools, work, [scan_id])
                elif drawn.frames:
                    key, page = str(scan_id), drawn.page
                    begun[key] = drawn
                    task = PageTask(
                        key, storage.scan(page.sha256), page.sha256, page.frame, page.source,
                        frames=drawn.frames, beside=drawn.beside, languages=page.languages,
                        store=storage.objects,
                    )  # fmt: skip
            if task is not None:
                yield task

    def record(self, tools: Tools, work: WorkList, begun: DrawnPhotos, result: PageResult) -> None:
        """See ``EngineJob.record``."""
        if result.observation is None:
            self.fail_leases(tools, work, [begun.page.scan_id])
            cause = causes_of(result)
            log.warning("drawn photos not looked at", scan=begun.page.scan_id, **cause)
            return
        record_look(tools.home, begun, result.observation)
        with tools.home.database.write() as session:
            finish(session, work.kind, work.version, [begun.page.scan_id], tools.owner)
        log.info("looked at drawn photos", scan=begun.page.scan_id, photos=len(begun.photo_ids))
