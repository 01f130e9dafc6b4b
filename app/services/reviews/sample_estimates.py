"""The shares that a sample was drawn for, as they are known after the answers given so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from presslens.app.installation import Installation
from presslens.app.services.reviews.draws import question_of
from presslens.app.services.samples.samples import sample_row, sample_state
from presslens.app.services.statistics.by_group import statistic
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.sample_item import ANSWERS


@dataclass(frozen=True, slots=True)
class SampleEstimate:
    """The share of one measure."""

    measure: str
    answered: int  # items of the sample with a settled answer to it
    # The share as statistics serve it; None if no edition is left that it is about.
    document: dict[str, Any] | None

    def to_json(self) -> dict[str, Any]:
        """Return the share as it is served."""
        told = self.document or {}
        names = ("value", "interval", "method", "n", "drawn", "picked", "machine", "refused")
        return {
            "measure": self.measure,
            "answered": self.answered,
            **{name: told.get(name) for name in names},
        }


def sample_estimates(home: Installation, key: int | str) -> list[SampleEstimate]:
    """Return the shares that a sample is to tell, in the editions that it was asked for.

    Raises:
        NotFound: There is no such sample.
    """
    with home.database.read() as session:
        row = sample_row(session, key)
        question = question_of(row)
        progress = sample_state(session, home.recipe, row).progress
    scope = question.editions
    criteria = EditionCriteria(scope.publication, scope.first, scope.last)
    found = []
    for measure in question.measures:
        metric = Metric(measure, question.zone, question.weight)
        groups = statistic(home, metric, criteria).groups
        answered = sum(progress[measure].get(status, 0) for status in ANSWERS)
        document = groups[0].to_json() if groups else None
        found.append(SampleEstimate(measure, answered, document))
    return found
