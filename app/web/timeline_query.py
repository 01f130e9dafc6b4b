"""What the address of a timeline asks for."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from presslens.app.installation import Installation
from presslens.app.platform.questions import Day, Name, ask
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.scope import check_measure, own_name
from presslens.app.services.statistics.by_group import GroupBy
from presslens.app.services.statistics.queries import RecipeId, read_metric
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.metrics import Metric


class TimelineQuery(EditionQuery):
    """The parameters of a timeline; its address is its state."""

    beside: Name | None = ask(description="a second newspaper")
    name: str = ask(default="photos", alias="metric", max_length=300)
    page: Zone | None = ask(description="a zone of the pages")
    weight: Weight | None = ask()
    by: GroupBy | None = ask()
    recipe: RecipeId | None = ask()
    day: Day | None = ask(alias="break", description="how level and slope changed on this day")
    year: int | None = ask(ge=1, le=9999, description="of the calendar")

    @property
    def metric(self) -> Metric:
        """The metric.

        Raises:
            InvalidRequest: There is no such metric.
        """
        return read_metric(self.name, self.page, self.weight)

    def resolved(self, home: Installation) -> Self:
        """Return the question with the own names of its newspapers, where there are such.

        Raises:
            InvalidRequest: There is no such metric, or the period ends before it begins.
            NotFound: There is no figure or label of this name.
        """
        _ = self.scope  # what is wrong is said before anything is drawn
        check_measure(home, self.metric.name)
        own = {name: own_name(home, getattr(self, name)) for name in ("publication", "beside")}
        return self.model_copy(update=own)

    def params(self) -> dict[str, Any]:
        """Return the parameters that ask for the same again; those that are usual are None."""
        metric = self.metric
        return {
            "publication": self.publication,
            "beside": self.beside,
            "metric": metric.name,
            "page": metric.zone.value if metric.zone is not Zone.ALL else None,
            "weight": metric.weight.value if metric.weight is not Weight.COUNT else None,
            "by": self.by.value if self.by else None,
            "from": self.first,
            "to": self.last,
            "break": self.day,
            "recipe": self.recipe,
            "year": self.year,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the parameters as they are served."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in self.params().items()
        }
