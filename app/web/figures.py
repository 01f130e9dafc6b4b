"""Enrolled figures, and the photos that show each; no other face is ever shown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Annotated, Any

from fastapi import Response

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.params import Cursor, Home, Id, read_query
from presslens.app.db.queries import BATCH, EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.services.analysis.presence import count_workers
from presslens.app.services.catalogue.publications import publication_names
from presslens.app.services.catalogue.sightings import (
    SightingCounts,
    SightingFilter,
    count_sightings,
    latest_sighting,
    list_sightings,
)
from presslens.app.services.figures.figures import find_figure, list_figures
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.by_group import GroupBy, Statistic, statistic
from presslens.app.web.citation import citation
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows
from presslens.models.faces.enrol import MAJORITY_OF, Fault
from presslens.models.faces.gallery import Role
from presslens.pipelines.statistics.measure import FIGURE
from presslens.pipelines.statistics.metrics import Metric

router = PageRouter()

SHOWN = 48
"""Sightings on a page of the gallery."""

FEW_EDITIONS = 14
"""Up to so many editions have a row each over time; more are shown by month."""

MOST_MONTHS = 36
"""Largest number of months over time; more are shown by year."""

FIGURE_COLUMNS = (
    "id", "name", "role", "leader_of", "references", "used", "refused", "queued", "sure", "unsure",
)  # fmt: skip
SIGHTING_COLUMNS = (
    "photo", "page", "page_number", "edition", "publication", "date", "figure", "probability",
    "answer", "told_by", "x0", "y0", "x1", "y1", "shot_size", "facing", "area_share", "centrality",
    "size_rank", "people_beside", "row", "lead", "settled",
)  # fmt: skip


@router.page("/figures", twins=CITED)
@needs(Permission.READ)
def show_figures(home: Home, render: Render) -> Response:
    """Show who is enrolled, what of the references can be used, and how often each is seen."""
    spoken = language(render.code)
    figures = cache(lambda: _figures(home))
    return render(
        "figures.html",
        document=lambda: {"recipe": home.recipe.id, "figures": figures()},
        table=lambda: Rows(FIGURE_COLUMNS, map(_figure_row, figures())),
        section="figures",
        roles=[role.value for role in Role],
        publications=publication_names(home),
        find_figures=figures,
        first_sighting=lambda figure_id: _first_sighting(home, figure_id),
        cite=lambda: citation(
            home, render, spoken.text("Enrolled figures"), home.recipe.id, spoken
        ),
    )


@router.page("/figures/{figure_id:id}", twins=CITED)
@needs(Permission.READ)
def show_figure(
    home: Home,
    render: Render,
    figure_id: Id,
    chosen: Annotated[SightingFilter, read_query(SightingFilter)],
    cursor: Cursor | None = None,
) -> Response:
    """Show the photos of a figure with its box, and how often it is shown over time."""
    spoken = language(render.code)
    figure = find_figure(home, figure_id)
    scope = chosen.scope
    listing = list_sightings(home, figure_id, chosen, limit=SHOWN, start=cursor)

    @cache
    def counted() -> SightingCounts:
        return count_sightings(home, chosen).get(figure.name, SightingCounts())

    document = links.linked_sightings(listing).to_json()
    query = chosen.given()

    def over_time() -> dict[str, Any]:
        every, groups = _over_time(home, figure.name, scope)
        return {
            "all": links.repeatable_document(every, "stats"),
            "groups": links.repeatable_document(groups, "stats"),
        }

    return render(
        "figure.html",
        document=lambda: {
            **document,
            "counts": counted().to_json(),
            "references": links.served_figure(figure).to_json()["references"],
            "over_time": over_time(),
        },
        table=lambda: Rows(SIGHTING_COLUMNS, _all_rows(home, figure_id, chosen)),
        section="figures",
        figure=figure.to_json(),
        state=_reference_counts(figure.to_json()),
        warnings=figure.warnings,
        enough=MAJORITY_OF,
        advice=_advice,
        count=counted,
        filtered=any(query.values()),
        workers=lambda: count_workers(home),
        selection=chosen,
        publications=publication_names(home),
        roles=[role.value for role in Role],
        role_in={one.publication: one.role.value for one in figure.roles},
        sightings=[
            {**one, "box": _within(photo.box.to_list(), one["box"])}
            for one, photo in _paired(document["sightings"], listing.photos)
        ],
        next_query={**query, "cursor": document["next"]} if document["next"] else None,
        gallery_query={**query, "figure": figure.name},
        over_time=over_time,
        metric=f"{FIGURE}{figure.name}",
        cite=lambda: citation(home, render, figure.name, home.recipe.id, spoken),
    )


def _figures(home: Installation) -> list[dict[str, Any]]:
    counts = count_sightings(home)
    return [
        {
            **(document := links.served_figure(figure).to_json()),
            "state": _reference_counts(document),
            "counts": counts.get(figure.name, SightingCounts()).to_json(),
        }
        for figure in list_figures(home)
    ]


def _reference_counts(figure: Mapping[str, Any]) -> dict[str, int]:
    """Return how many references of a figure are used, refused and not analysed yet."""
    states = [reference["status"] for reference in figure["references"]]
    return {
        "used": states.count("done"),
        "queued": states.count("queued"),
        "refused": sum(state not in ("done", "queued") for state in states),
    }


def _advice(reason: str) -> str:
    """Return why a reference is refused in words, without the code that stands before them."""
    code, _, advice = reason.partition(": ")
    return advice if advice and code in tuple(Fault) else reason


def _figure_row(figure: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **{key: figure[key] for key in ("id", "name", "role")},
        "leader_of": "; ".join(
            one["publication"] for one in figure["roles"] if one["role"] == Role.LEADER
        ),
        "references": len(figure["references"]),
        **figure["state"],
        **figure["counts"],
    }


def _first_sighting(home: Installation, figure_id: int) -> int | None:
    """Return the id of the latest photo that surely shows a figure."""
    sighting = latest_sighting(home, figure_id)
    return sighting.id if sighting else None


def _over_time(home: Installation, name: str, scope: EditionScope) -> tuple[Statistic, Statistic]:
    """Return the share of photos that show a figure, of all editions and in groups over time."""
    criteria = EditionCriteria(scope.publication, scope.first, scope.last)
    metric = Metric(f"{FIGURE}{name}")
    every = statistic(home, metric, criteria, by=GroupBy.NONE)
    editions = sum(len(group.editions) for group in every.groups)
    months = {one.date.strftime("%Y-%m") for group in every.groups for one in group.editions}
    if editions <= FEW_EDITIONS:
        by = GroupBy.EDITION
    else:
        by = GroupBy.MONTH if len(months) <= MOST_MONTHS else GroupBy.YEAR
    return every, statistic(home, metric, criteria, by=by)


def _paired(
    sightings: Sequence[dict[str, Any]], photos: Sequence[Any]
) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield each sighting with its photo."""
    by_id = {photo.id: photo for photo in photos}
    for one in sightings:
        yield one, by_id[one["photo"]["id"]]


def _within(photo: Sequence[float], box: Sequence[float]) -> dict[str, float]:
    """Return a box of a page in shares of one of its photos, in percent: x, y, width, height."""
    x0, y0, x1, y1 = photo
    wide, high = max(x1 - x0, 1.0), max(y1 - y0, 1.0)
    return {
        "x": round(100 * (box[0] - x0) / wide, 2),
        "y": round(100 * (box[1] - y0) / high, 2),
        "width": round(100 * (box[2] - box[0]) / wide, 2),
        "height": round(100 * (box[3] - box[1]) / high, 2),
        "ratio": round(wide / high, 4),
    }


def _all_rows(
    home: Installation, figure_id: int, chosen: SightingFilter
) -> Iterator[dict[str, Any]]:
    start: str | None = None
    while True:
        document = list_sightings(home, figure_id, chosen, limit=BATCH, start=start).to_json()
        for one in document["sightings"]:
            yield _sighting_row(one)
        start = document["next"]
        if start is None:
            return


def _sighting_row(sighting: Mapping[str, Any]) -> dict[str, Any]:
    shown = sighting["appearance"] or {}
    return {
        **{key: sighting[key] for key in SIGHTING_COLUMNS if key in sighting},
        **{key: shown[key] for key in SIGHTING_COLUMNS if key in shown},
        "photo": sighting["photo"]["id"],
        "page": sighting["page"]["id"],
        "page_number": sighting["page"]["number"],
        "figure": sighting["name"],
        **dict(zip(("x0", "y0", "x1", "y1"), sighting["box"], strict=True)),
    }
