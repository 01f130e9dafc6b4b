"""Labels: what photos are read for beyond the subjects, and those that people teach by clicking."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home
from presslens.app.platform.errors import NotFound
from presslens.app.platform.language import language
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import Name
from presslens.app.services.labels.labels import list_labels
from presslens.app.services.labels.teaching import LEAST, borderline_photos
from presslens.app.web.citation import citation
from presslens.app.web.page_router import CITED, PageRouter, Render, Rows

router = PageRouter()

SHOWN = 24
"""Borderline photos that are asked about at a time."""

COLUMNS = (
    "name", "built_in", "taught", "used", "examples", "positive", "folder", "answered", "ap", "f1",
    "reason", "unmeasured",
)  # fmt: skip


@router.page("/labels", twins=CITED)
@needs(Permission.READ)
def show_labels(
    home: Home,
    render: Render,
    name: Annotated[Name | None, Query(description="the label that is taught")] = None,
) -> Response:
    """Show all labels and their accuracy; of a named one, the photos to answer about next."""
    labels = list_labels(home)
    named = next((label for label in labels.labels if label.name == name), None)
    if name is not None and named is None:
        raise NotFound(f"there is no label {name!r}")
    spoken = language(render.code)
    borderline = borderline_photos(home, named.name, limit=SHOWN) if named else []
    return render(
        "labels.html",
        document=lambda: {
            **labels.to_json(),
            "borderline": [photo.to_json() for photo in borderline],
        },
        table=lambda: Rows(COLUMNS, (_row(label.to_json()) for label in labels.labels)),
        section="labels",
        labels=labels.labels,
        named=named,
        least=LEAST,
        borderline=borderline,
        cite=lambda: citation(home, render, spoken.text("Labels"), home.recipe.id, spoken),
    )


def _row(label: dict[str, Any]) -> dict[str, Any]:
    figures = label["figures"] or {}
    return {**label, "ap": figures.get("ap"), "f1": figures.get("f1")}
