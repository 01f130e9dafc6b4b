"""The log of who did what to accounts, keys and links, and exported what."""

from __future__ import annotations

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.accounts import AuditList
from presslens.app.api.csv_response import table_of
from presslens.app.api.params import Cursor, Home, Limit
from presslens.app.platform.permissions import Permission
from presslens.app.services.accounts.audit import AuditEntry, iterate_audit, list_audit
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
        document=lambda: AuditList(listing.items, listing.next_cursor),
        table=lambda: Rows(*table_of(AuditEntry, iterate_audit(home))),
        section="audit",
        entries=listing.items,
        earlier=listing.next_cursor,
    )
