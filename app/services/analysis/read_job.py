"""The kind of work that reads captions anew when the languages of a newspaper change."""

from __future__ import annotations

from sqlalchemy.orm import Session

from presslens.app.db.columns import JobKind
from presslens.app.services.analysis.captions import misread_pages, read_captions
from presslens.app.services.analysis.job import MOST_ATTEMPTS, Job, Tools
from presslens.app.services.analysis.lease import LeasedKey, WorkList
from presslens.models.recipe import Recipe
from presslens.pipelines.scans.scan import ReadingFailed


class ReadJob(Job):
    """Reads the captions, headlines and heads of pages that were read in other languages."""

    kind = JobKind.READ
    gives_way = True

    def waiting(self, session: Session, recipe: Recipe) -> WorkList:  # noqa: ARG002
        """See ``Job.waiting``."""
        observation_id = recipe.observation_id
        keys = misread_pages(observation_id)
        return WorkList(self.kind, observation_id, keys, most_attempts=MOST_ATTEMPTS)

    def run(self, tools: Tools, work: WorkList, leased: list[LeasedKey]) -> None:  # noqa: ARG002
        """See ``Job.run``."""
        # Imported here: the web server counts the work without OpenCV.
        from presslens.models.loading import load_captions, load_folios

        recipe = tools.home.recipe
        keys = [key for key, _ in leased]
        done = read_captions(
            tools.home, load_captions(recipe), load_folios(recipe), keys, sandbox=tools.sandbox
        )
        if done.lost:
            reasons = (f"{name}: {reason}" for name, reason in done.lost.items())
            raise ReadingFailed("; ".join(reasons))
