"""``presslens stats trend``: interrupted time series of a newspaper."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer
from rich.markup import escape

from presslens.app.cli.command import Printed, command
from presslens.app.cli.options import Helps
from presslens.app.cli.stats import parsed_metric
from presslens.app.cli.tables import coefficients_table
from presslens.app.installation import Installation
from presslens.app.services.catalogue.scope import check_scope
from presslens.app.services.statistics.queries import ShareQuery
from presslens.app.services.statistics.trend import metric_trend
from presslens.pipelines.statistics.explanations import name_metric


@command(doing="fitting")
def trend(
    home: Installation,
    metric: Annotated[str, typer.Argument(help="children, photos, leader@front, crowd/area, …")],
    query: Annotated[ShareQuery, Helps(page="", estimand="")],
    day: Annotated[
        datetime | None,
        typer.Option(
            "--break", formats=["%Y-%m-%d"], help="How level and slope changed on this day."
        ),
    ] = None,
) -> Printed:
    """Estimate the trend of a metric, and how its level and slope changed on a day."""
    check_scope(home, query.criteria)
    result = metric_trend(
        home,
        parsed_metric(metric),
        query.criteria,
        day=day.date() if day else None,
        recipe=query.recipe,
    )
    yield result
    found = result.regression
    if found.coefficients:
        yield coefficients_table(found.coefficients, escape(name_metric(result.metric)))
        yield f"The intercept is of {result.day or 'the first day'}."
    yield f"{found.refused}." if found.refused else f"How: {found.method}."
