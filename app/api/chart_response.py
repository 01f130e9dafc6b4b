"""Charts over HTTP: the addresses of results with endings for pictures and Vega-Lite."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response

from presslens.app.api import links
from presslens.app.charts.chart import Chart, Format, Theme
from presslens.app.charts.drawing import PICTURES, picture, specification
from presslens.app.platform.language import Language, language

VEGA_LITE = "vl.json"
MEDIA_TYPES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}

Endpoint = Callable[..., Any]
ChartOf = Callable[[Language, str], Chart]


class ChartRequest:
    """What a request says of the chart it asks for, if it asks for one."""

    def __init__(
        self,
        request: Request,
        theme: Annotated[
            Theme, Query(description="the ground that a chart stands on")
        ] = Theme.LIGHT,
        lang: Annotated[Literal["en", "ko"], Query(description="of the words of a chart")] = "en",
    ) -> None:
        self.request = request
        self.theme = theme
        self.lang = lang

    @property
    def kind(self) -> str | None:
        """One of ``PICTURES``, or ``VEGA_LITE``; None: no chart is asked for."""
        path = self.request.url.path
        return next((k for k in (*PICTURES, VEGA_LITE) if path.endswith(f".{k}")), None)

    def respond(self, chart_of: ChartOf, permalink: str) -> Response:
        """Return a chart in the format that the address asks for.

        Args:
            chart_of: Makes the chart in a language, with the address that it is cited by, or "".
            permalink: The address that gives the same numbers again, below the host.
        """
        source = self.request.app.state.home.settings.cited_address(permalink)
        chart = chart_of(language(self.lang), source)
        return chart_response(chart, Format(self.theme), self.kind or VEGA_LITE)


Charted = Annotated[ChartRequest, Depends()]
"""A route's parameter: the chart that is asked for."""


def chart_response(chart: Chart, form: Format, kind: str) -> Response:
    """Return a chart as a picture, or as its Vega-Lite specification.

    Args:
        kind: One of ``PICTURES``, or ``VEGA_LITE``.
    """
    if kind == VEGA_LITE:
        spec = json.dumps(specification(chart, form), ensure_ascii=False, separators=(",", ":"))
        return Response(spec, media_type="application/json")
    return Response(picture(chart, form, kind), media_type=MEDIA_TYPES[kind])


def chart_routes(router: APIRouter, path: str, operation: str) -> Callable[[Endpoint], Endpoint]:
    """Return a decorator that registers an endpoint for the charts of its result, too.

    Args:
        path: The path of the result.
        operation: The name of the operation, ``get_stats`` for instance.
    """

    def register(endpoint: Endpoint) -> Endpoint:
        for kind, name in (*((k, k) for k in PICTURES), (VEGA_LITE, "vega_lite")):
            router.add_api_route(
                f"{path}.{kind}",
                endpoint,
                operation_id=f"{operation}_{name}",
                response_class=Response,
            )
        return endpoint

    return register


def permalink_of(result: links.Repeatable, path: str) -> str:
    """Return the address that gives a result again, below the host."""
    return links.permalink(path, result.params())
