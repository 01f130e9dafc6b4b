"""The timeline: a metric of one or two newspapers over time, and the calendar of their editions."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home, read_query
from presslens.app.api.stats import COLUMNS
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.services.catalogue.scope import check_publication
from presslens.app.services.recipes.recipes import provenance
from presslens.app.services.statistics.by_group import GroupBy
from presslens.app.web.addresses import Addresses
from presslens.app.web.chart_twins import Drawn, chart_twins
from presslens.app.web.citation import citation
from presslens.app.web.metric_choices import metric_choices
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.static_files import build
from presslens.app.web.timeline_query import TimelineQuery
from presslens.app.web.timeline_view import MOST_POINTS, MOST_UNUSUAL, TimelineView
from presslens.pipelines.statistics.measure import Weight, Zone

router = PageRouter()

MONDAY = date(2024, 1, 1)
"""Begins a week whose days name the weekdays."""

Asked = Annotated[TimelineQuery, read_query(TimelineQuery)]


@router.page("/timeline")
@needs(Permission.READ)
def show_timeline(home: Home, render: Render, asked: Asked) -> Response:
    """Show a timeline; its address is its state."""
    for name in (asked.publication, asked.beside):
        check_publication(home, name)
    asked = asked.known(home)
    provenance(home, asked.recipe)
    spoken = language(render.code)
    view = TimelineView(home, asked, spoken, Addresses(build()))
    return render(
        "timeline.html",
        document=view.document,
        table=lambda: Rows(COLUMNS, view.rows()),
        section="timeline",
        view=view,
        asked=asked,
        choices=lambda: metric_choices(home),
        groups=list(GroupBy),
        zones=list(Zone),
        weights=list(Weight),
        weekdays=[MONDAY + timedelta(days=i) for i in range(7)],
        most_points=MOST_POINTS,
        most_unusual=MOST_UNUSUAL,
        cite=lambda: citation(render, view.title, view.recipe_id, spoken),
    )


@chart_twins(router, "/timeline")
@needs(Permission.READ)
def show_timeline_chart(home: Home, drawn: Drawn, asked: Asked) -> Response:
    """Show the chart of a timeline."""
    view = TimelineView(home, asked.known(home), language(drawn.code), Addresses(build()))
    return drawn(view.chart)
