"""The page of deleted editions: who deleted them and when, and the way back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request, Response
from fastapi.responses import RedirectResponse

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.csv_response import table_of
from presslens.app.api.params import Cursor, Home, Limit
from presslens.app.db.queries import ANY_EDITION
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST
from presslens.app.services.catalogue.trash import TrashedEdition, iterate_trash, list_trash
from presslens.app.services.corrections.trash import restore_edition
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.app.web.preferences import coder_of

router = PageRouter()


@router.page("/trash")
@needs(Permission.READ)
def show_trash(
    home: Home, render: Render, limit: Limit = 50, cursor: Cursor | None = None
) -> Response:
    """Show the editions in the trash, the latest deleted first."""
    listing = list_trash(home, ANY_EDITION, limit=limit, start=cursor)
    return render(
        "trash.html",
        document=lambda: {
            "editions": [links.restorable(one).to_json() for one in listing.items],
            "next": listing.next_cursor,
        },
        table=lambda: Rows(*table_of(TrashedEdition, iterate_trash(home, ANY_EDITION))),
        section="trash",
        editions=listing.items,
        later=listing.next_cursor,
    )


@router.post("/trash")
@needs(Permission.IMPORT)
def restore_from_trash(
    home: Home, request: Request, edition: Annotated[int, Form(ge=1, le=MOST)]
) -> RedirectResponse:
    """Restore an edition, and go to its page."""
    restore_edition(home, edition, coder=coder_of(request), now=clock.now())
    return RedirectResponse(f"/editions/{edition}", status_code=303)
