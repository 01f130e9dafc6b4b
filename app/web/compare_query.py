"""What the address of a comparison asks for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query

from presslens.app.api.params import Day, Home, Name
from presslens.app.api.stats import read_metric
from presslens.app.services.catalogue.scope import known_newspaper
from presslens.app.services.statistics.edition_metrics import METRICS, MOST_METRICS
from presslens.app.services.statistics.selection import EditionCriteria
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight, Zone


class CompareQuery:
    """The parameters of a comparison, as those of ``/api/v1/stats/compare``.

    Raises:
        InvalidRequest: There is no such metric or newspaper, or a period ends before it begins.
    """

    def __init__(
        self,
        home: Home,
        metric: Annotated[list[str] | None, Query(max_length=MOST_METRICS)] = None,
        a_publication: Annotated[Name | None, Query()] = None,
        a_from: Annotated[Day | None, Query()] = None,
        a_to: Annotated[Day | None, Query()] = None,
        b_publication: Annotated[Name | None, Query()] = None,
        b_from: Annotated[Day | None, Query()] = None,
        b_to: Annotated[Day | None, Query()] = None,
        page: Zone | None = None,
        weight: Weight | None = None,
        estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
        inference: Inference = Inference.PRACTICE,
        correction: Correction = Correction.HOLM,
        recipe: Annotated[str | None, Query(max_length=64)] = None,
    ) -> None:
        self.chosen = list(metric or ())
        self.metrics = [
            read_metric(text, page, weight) for text in metric or [str(one) for one in METRICS]
        ]
        self.a = EditionCriteria(known_newspaper(home, a_publication), a_from, a_to)
        self.b = EditionCriteria(known_newspaper(home, b_publication), b_from, b_to)
        self.page, self.weight = page, weight
        self.estimand, self.inference, self.correction = estimand, inference, correction
        self.recipe = recipe

    @property
    def asks(self) -> bool:
        """Whether two groups are named; else the page proposes two."""
        return (self.a, self.b) != (EditionCriteria(), EditionCriteria())

    @property
    def options(self) -> bool:
        """Whether something beside the groups is asked for that is not usual."""
        groups = {*side_params("a", self.a), *side_params("b", self.b), "recipe"}
        return any(value for name, value in self.params().items() if name not in groups)

    def params(self) -> dict[str, Any]:
        """Return the parameters that ask for the same again; those that are usual are None."""
        return {
            "metric": self.chosen or None,
            **side_params("a", self.a),
            **side_params("b", self.b),
            "page": self.page.value if self.page else None,
            "weight": self.weight.value if self.weight else None,
            "estimand": _unusual(self.estimand, Estimand.SHARE_OF_PHOTOS),
            "inference": _unusual(self.inference, Inference.PRACTICE),
            "correction": _unusual(self.correction, Correction.HOLM),
            "recipe": self.recipe,
        }


def side_params(name: str, criteria: EditionCriteria) -> dict[str, str | date | None]:
    """Return the parameters of one group of editions; ``name`` is a or b."""
    return {
        f"{name}_publication": criteria.publication,
        f"{name}_from": criteria.first,
        f"{name}_to": criteria.last,
    }


def _unusual(value: str, usual: str) -> str | None:
    return None if value == usual else str(value)
