"""The kind of work that has photos encoded by a user's image encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import structlog
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.services.analysis.encode import store_encodings, unencoded_scans, waiting_photos
from presslens.app.services.analysis.job import (
    MISSING,
    MOST_ATTEMPTS,
    Batches,
    EngineJob,
    Tools,
    causes_of,
)
from presslens.app.services.analysis.lease import WorkList, finish
from presslens.app.services.analysis.record import MOST_FAILURES, LeasedPage, leased_page
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Encoding, Frame
from presslens.pipelines.task import PageResult, PageTask

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class PhotosToEncode:
    """The photos of a leased page that wait for the encoder."""

    page: LeasedPage
    frames: Mapping[int, Frame]  # by the ids of the photos, in pixels of the page


class EncodeJob(EngineJob[PhotosToEncode]):
    """Has photos encoded that were observed before the recipe had its encoder.

    Photos that can't be read any more get an empty encoding: our readers tell what they show.
    """

    kind = JobKind.ENCODE
    a_round = 100

    def waiting(self, session: Session, recipe: Recipe) -> WorkList | None:  # noqa: ARG002
        """See ``Job.waiting``."""
        if recipe.encoding_id is None:
            return None
        keys = unencoded_scans(recipe)
        return WorkList(self.kind, recipe.encoding_id, keys, most_attempts=MOST_ATTEMPTS)

    def tasks(
        self, tools: Tools, work: WorkList, batches: Batches, begun: dict[str, PhotosToEncode]
    ) -> Iterator[PageTask]:
        """See ``EngineJob.tasks``."""
        for scan_id, attempts in chain.from_iterable(batches):
            task = None
            with self.attempt(tools, work, [scan_id]):
                page = leased_page(tools.home, scan_id, attempts)
                photos = PhotosToEncode(page, waiting_photos(tools.home, scan_id))
                begun[str(scan_id)] = photos
                task = self._task(tools, work, photos)
            if task is not None:
                yield task

    def _task(self, tools: Tools, work: WorkList, photos: PhotosToEncode) -> PageTask | None:
        """Return the task of a page; None for one whose file is not in the store."""
        page, storage = photos.page, tools.home.storage
        if not storage.has_scan(page.sha256):
            self.record(tools, work, photos, PageResult(str(page.scan_id), failure=MISSING))
            return None
        return PageTask(
            str(page.scan_id), storage.scan(page.sha256), page.sha256, page.frame, page.source,
            frames=tuple(photos.frames.values()), encode=True, store=storage.objects,
        )  # fmt: skip

    def record(
        self, tools: Tools, work: WorkList, begun: PhotosToEncode, result: PageResult
    ) -> None:
        """See ``EngineJob.record``."""
        page = begun.page
        if result.observation is None:
            log.warning("photos not encoded", scan=page.scan_id, **causes_of(result))
            if page.attempts < MOST_FAILURES and result.rejection is None:
                self.fail_leases(tools, work, [page.scan_id])
                return
            encodings: list[Encoding | None] = [None] * len(begun.frames)
        else:
            encodings = [photo.encoding for photo in result.observation.photos]
        nothing = Encoding(work.version, np.zeros(0, np.float32))
        stored = {i: e or nothing for i, e in zip(begun.frames, encodings, strict=True)}
        store_encodings(tools.home, stored)
        with tools.home.database.write() as session:
            finish(session, work.kind, work.version, [page.scan_id], tools.owner)
