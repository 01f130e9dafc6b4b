"""The kind of work that compares photos with those that were printed before."""

from __future__ import annotations

import structlog
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.db.reprints import FingerprintRow
from presslens.app.db.tables import OutcomeRow, PhotoRow
from presslens.app.services.analysis.job import MOST_ATTEMPTS, Job, Tools
from presslens.app.services.analysis.lease import LeasedKey, WorkList
from presslens.models.recipe import Recipe

log = structlog.get_logger()


class ReprintJob(Job):
    """Finds the prints of one picture among the photos of observed pages."""

    kind = JobKind.REPRINTS
    batch = 32
    a_round = 256
    gives_way = True

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        keys = uncompared_photos(recipe.observation_id)
        return WorkList(self.kind, recipe.observation_id, keys, most_attempts=MOST_ATTEMPTS)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        # Imported here: the web server counts the work without OpenCV.
        from presslens.app.services.analysis.compare_prints import compare_photos

        pairs = compare_photos(tools.home, [key for key, _ in leased])
        if pairs:
            log.info("found reprints", pairs=pairs)


def uncompared_photos(observation_id: str) -> Select[int]:
    """Return the query of the ids of photos of pages that were not compared yet.

    Photos that a person has removed wait until they are put back.
    """
    return (
        select(FingerprintRow.photo_id)
        .join(PhotoRow, PhotoRow.id == FingerprintRow.photo_id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(~FingerprintRow.compared, OutcomeRow.observation_id == observation_id)
    )
