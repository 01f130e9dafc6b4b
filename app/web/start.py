"""The start page: newspapers with their editions."""

from __future__ import annotations

from fastapi import Response

from app.api.params import Home
from app.db.queries import ANY_EDITION
from app.services.catalogue.editions import COLUMNS, iterate_editions, list_editions
from app.web.page_router import PageRouter, Render, Rows

router = PageRouter()

MOST_EDITIONS = 30
"""Editions on the page; the CSV has all."""


@router.page("/")
def show_start(home: Home, render: Render) -> Response:
    """Show the latest editions."""
    latest = list_editions(home, ANY_EDITION, limit=MOST_EDITIONS).to_json()
    return render(
        "start.html",
        document=latest,
        table=lambda: Rows(COLUMNS, (one.row() for one in iterate_editions(home, ANY_EDITION))),
        editions=latest["editions"],
    )
