"""The page of data protection: what is stored of whom, how long, and how it is erased."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home
from presslens.app.platform.permissions import Permission
from presslens.app.services.privacy.people_report import PeopleReport, report_people
from presslens.app.web import markdown
from presslens.app.web.page_router import PageRouter, Render, Rows

router = PageRouter()

COLUMNS = ("of", "stored", "n")


@router.page("/privacy")
@needs(Permission.READ)
def show_privacy(home: Home, render: Render) -> Response:
    """Show what is stored of people, without names of coders."""
    report = cache(lambda: report_people(home))
    return render(
        "privacy.html",
        document=lambda: _document(report()),
        table=lambda: Rows(COLUMNS, _rows(report())),
        section="privacy",
        count=report,
        text=markdown.document("data-protection", render.code, below=1),
    )


def _document(report: PeopleReport) -> dict[str, Any]:
    document = report.to_json()
    return {**document, "coders": len(document["coders"])}


def _rows(report: PeopleReport) -> Iterator[dict[str, Any]]:
    document = _document(report)
    for of in ("photos", "references"):
        for stored, n in document[of].items():
            yield {"of": of, "stored": stored, "n": n}
    for figure in document["figures"]:
        for stored in ("references", "embeddings", "sightings", "answers"):
            yield {"of": figure["name"], "stored": stored, "n": figure[stored]}
    yield {"of": "coders", "stored": "names", "n": document["coders"]}
