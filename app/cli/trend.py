"""``presslens stats trend``: interrupted time series of a newspaper."""

from __future__ import annotations

from typing import Annotated

from rich.markup import escape

from presslens.app.api import links
from presslens.app.cli.command import Printed, command
from presslens.app.cli.options import Helps, MetricArgument
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import coefficients_table
from presslens.app.installation import Installation
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.queries import TrendQuery
from presslens.app.services.statistics.trend import metric_trend
from presslens.pipelines.statistics.explanations import name_metric


@command(doing="fitting")
def trend(
    home: Installation, metric: MetricArgument, query: Annotated[TrendQuery, Helps(page="")]
) -> Printed:
    """Estimate the trend of a metric, and how its level and slope changed on a day."""
    check_scope(home, query.criteria)
    result = metric_trend(
        home, parsed_metric(metric, home), query.criteria, day=query.day, recipe=query.recipe
    )
    yield links.repeatable_document(result, "stats/trend")
    found = result.regression
    if found.coefficients:
        yield coefficients_table(found.coefficients, escape(name_metric(result.metric)))
        yield f"The intercept is of {result.day or result.first}."
    yield f"{found.refused}." if found.refused else f"How: {found.method}."
