"""What the address of a timeline asks for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import Query

from presslens.app.api.params import Day, Name
from presslens.app.api.stats import read_metric
from presslens.app.db.queries import check_days
from presslens.app.installation import Installation
from presslens.app.services.catalogue.scope import own_name
from presslens.app.services.statistics.by_group import GroupBy
from presslens.pipelines.statistics.measure import Weight, Zone


class TimelineQuery:
    """The parameters of a timeline; its address is its state.

    Raises:
        InvalidRequest: There is no such metric, or the period ends before it begins.
    """

    def __init__(
        self,
        publication: Annotated[Name | None, Query()] = None,
        beside: Annotated[Name | None, Query(description="a second newspaper")] = None,
        metric: Annotated[str, Query(max_length=300)] = "photos",
        page: Annotated[Zone | None, Query(description="a zone of the pages")] = None,
        weight: Annotated[Weight | None, Query()] = None,
        by: GroupBy | None = None,
        first: Annotated[Day | None, Query(alias="from")] = None,
        last: Annotated[Day | None, Query(alias="to")] = None,
        recipe: Annotated[str | None, Query(max_length=64)] = None,
        year: Annotated[int | None, Query(ge=1, le=9999, description="of the calendar")] = None,
    ) -> None:
        check_days(first, last)
        self.publication = publication
        self.beside = beside
        self.metric = read_metric(metric, page, weight)
        self.by = by
        self.first = first
        self.last = last
        self.recipe = recipe
        self.year = year

    def use_names(self, home: Installation) -> None:
        """Take the names of the newspapers for aliases of theirs."""
        self.publication = own_name(home, self.publication)
        self.beside = own_name(home, self.beside)

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
            "recipe": self.recipe,
            "year": self.year,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the parameters as they are served."""
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in self.params().items()
        }
