"""The comparison of two periods or newspapers: metric by metric, corrected for their number."""

from __future__ import annotations

from typing import Annotated

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.comparison import COMPARED
from presslens.app.api.params import Home, read_query
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.services.statistics.queries import CompareQuery
from presslens.app.web.chart_twins import Drawn, chart_twins
from presslens.app.web.citation import citation
from presslens.app.web.compare_view import MIDDLE, CompareView
from presslens.app.web.metric_choices import metric_choices
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.pipelines.statistics.measure import Weight, Zone

router = PageRouter()

Asked = Annotated[CompareQuery, read_query(CompareQuery)]


@router.page("/compare")
@needs(Permission.READ)
def show_comparison(home: Home, render: Render, query: Asked) -> Response:
    """Show a comparison; its address is its state."""
    spoken = language(render.code)
    query = query.known(home)
    view = CompareView(home, query, spoken)
    return render(
        "compare.html",
        document=view.document,
        table=lambda: Rows(COMPARED, view.table()),
        section="compare",
        view=view,
        asked=query,
        choices=lambda: metric_choices(home),
        zones=list(Zone),
        weights=list(Weight),
        middle=MIDDLE,
        cite=lambda: citation(render, " – ".join(view.names), view.result.recipe_id, spoken),
    )


@chart_twins(router, "/compare")
@needs(Permission.READ)
def show_comparison_chart(home: Home, drawn: Drawn, query: Asked) -> Response:
    """Show the differences as a chart."""
    return drawn(CompareView(home, query.known(home), language(drawn.code)).chart)
