"""The charts of pages: at the address of the page, with the ending of a picture or of Vega-Lite."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Depends, Query, Request, Response

from presslens.app.api.chart_response import VEGA_LITE, chart_response
from presslens.app.api.response_cache import CachedRoute
from presslens.app.charts.chart import Chart, Format, Theme
from presslens.app.charts.drawing import PICTURES
from presslens.app.platform.errors import NotFound
from presslens.app.web.page_router import PageRouter

KINDS = (*PICTURES, VEGA_LITE)
"""The endings of charts, in the order in which pages offer them."""

Endpoint = Callable[..., Response]


class ChartTwin:
    """Answers one request for the chart of a page."""

    def __init__(
        self,
        request: Request,
        theme: Annotated[Theme, Query()] = Theme.LIGHT,
        lang: Annotated[Literal["en", "ko"], Query()] = "en",
        bare: Annotated[bool, Query(description="without title and notes")] = False,
    ) -> None:
        self.code = lang
        self._path = request.url.path
        self._form = Format(theme, bare)

    def __call__(self, chart: Chart | None) -> Response:
        """Return the chart in the format of the address.

        Raises:
            NotFound: There is no chart, as there are no editions.
        """
        if chart is None:
            raise NotFound("there are no editions that a chart could be made of")
        kind = next(kind for kind in KINDS if self._path.endswith(f".{kind}"))
        return chart_response(chart, self._form, kind)


Drawn = Annotated[ChartTwin, Depends()]
"""A parameter of a page's chart: what it calls to answer."""


def chart_twins(router: PageRouter, path: str) -> Callable[[Any], Any]:
    """Return a decorator that registers a function as the charts of a page.

    Their answers are kept until the database changes. So they depend on nothing but their address:
    their language stands in it.
    """

    def register(endpoint: Endpoint) -> Endpoint:
        for kind in KINDS:
            router.add_api_route(
                f"{path}.{kind}",
                endpoint,
                methods=["GET", "HEAD"],
                route_class_override=CachedRoute,
            )
        return endpoint

    return register
