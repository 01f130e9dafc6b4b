"""The pages of the work: what ran, what failed, what waits, who works; what each night came to."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query, Response

from presslens.app.api.access import needs
from presslens.app.api.csv_response import table_of
from presslens.app.api.params import Home
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.services.analysis.runs import Backlog, Runs, find_runs
from presslens.app.services.catalogue.refused_pages import (
    count_accepted_gaps,
    count_causes,
    refused_pages,
)
from presslens.app.services.ingest.nights import find_run, list_runs
from presslens.app.services.recipes.recipes import list_recipes
from presslens.app.web.page_router import PageRouter, Render, Rows

router = PageRouter()

EDITIONS = ("edition", "publication", "date", "pages", "photos")
"""What the table of a night says of each edition."""

MOST_NIGHTS = 30
"""Nights that are named."""

MOST_LATELY = 12
"""Editions that are shown of those that were analysed lately."""


@router.page("/runs")
@needs(Permission.READ)
def show_runs(
    home: Home,
    render: Render,
    part: Annotated[
        Literal["state"] | None, Query(description="of the page, to refresh it")
    ] = None,
) -> Response:
    """Show the work; ``part`` is what changes while workers run."""

    def runs() -> Runs:
        return find_runs(home, now=clock.now())

    def document() -> dict[str, Any]:
        refused = refused_pages(home)
        return {
            **runs().to_json(),
            "refused": [page.to_json() for page in refused],
            "causes": count_causes(refused),
            "recipe": home.recipe.id,
        }

    return render(
        "runs_state.html" if part else "runs.html",
        document=document,
        table=lambda: Rows(*table_of(Backlog, runs().backlog)),
        section="runs",
        find=lambda: runs().to_json(),
        now=clock.now(),
        most=MOST_LATELY,
        refused=lambda: refused_pages(home),
        count_causes=count_causes,
        accepted_gaps=lambda: count_accepted_gaps(home),
        recipes=lambda: list_recipes(home),
        lasts=bool(home.settings.cited_address("/")),
    )


@router.page("/night")
@needs(Permission.READ)
def show_night(
    home: Home,
    render: Render,
    run: Annotated[
        int | None, Query(ge=1, description="id of a night; without: the latest")
    ] = None,
) -> Response:
    """Show the morning report of a night, and lead to those before."""
    nights = list_runs(home, limit=MOST_NIGHTS, imports=False)
    wanted = run or (nights[0].id if nights else None)
    shown = find_run(home, wanted) if wanted else None
    editions = ((shown.document or {}).get("editions") or []) if shown else []
    return render(
        "night.html",
        document=lambda: shown.to_json() if shown else {},
        table=lambda: Rows(EDITIONS, editions),
        section="runs",
        run=shown,
        site="",
        others=[one for one in nights if shown is None or one.id != shown.id],
    )
