"""The log of who did what to accounts, keys and links, and exported what."""

from __future__ import annotations

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.params import Cursor, Home, Limit
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.audit import COLUMNS, iterate_audit, list_audit
from presslens.app.web.page_router import PageRouter, Render, Rows

router = PageRouter()


@router.page("/audit")
@needs(Permission.ADMIN)
def show_audit(
    home: Home, render: Render, limit: Limit = 50, cursor: Cursor | None = None
) -> Response:
    """Show the log, the latest first."""
    listing = list_audit(home, limit=limit, start=cursor)
    return render(
        "audit.html",
        document=lambda: {
            "audit": [entry.to_json() for entry in listing.items],
            "next": listing.next_cursor,
        },
        table=lambda: Rows(COLUMNS, (entry.to_json() for entry in iterate_audit(home))),
        section="audit",
        entries=listing.items,
        earlier=listing.next_cursor,
    )
