"""Share links: one edition or one query of photos, for whoever has the link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from presslens.app.api.access import PermittedRoute, identity_of, needs, shows_secret
from presslens.app.api.given import Given
from presslens.app.api.params import Home
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.text import LONGEST_NAME
from presslens.app.services.accounts.passwords import LONGEST
from presslens.app.services.accounts.share_links import (
    LONGEST_DAYS,
    LONGEST_TARGET,
    NewShareLink,
    ShareLink,
    add_link,
    list_links,
    revoke_link,
)
from presslens.pipelines.result import Served

router = APIRouter(prefix="/share-links", tags=["accounts"], route_class=PermittedRoute)


class ShareLinkRequest(Given):
    """A link to be made."""

    target: str = Field(
        min_length=1,
        max_length=LONGEST_TARGET,
        description="the page that it opens: /editions/ID, or /gallery with its query",
    )
    days: int = Field(
        default=30,
        ge=1,
        le=LONGEST_DAYS,
        description="how long it can be opened; no longer than the key that makes it",
    )
    note: str = Field(default="", max_length=LONGEST_NAME, description="for whom it is, say")
    password: Annotated[str, Field(min_length=1, max_length=LONGEST)] | None = Field(
        default=None, description="what its holder has to know besides; 12 to 200 characters"
    )


@dataclass(frozen=True, slots=True)
class ShareLinkList(Served):
    """Links, the latest first."""

    links: list[ShareLink]


@router.get("", operation_id="list_share_links")
@needs(Permission.READ)
def get_links(home: Home, request: Request) -> ShareLinkList:
    """List the links that you have made; who may manage accounts sees all."""
    return ShareLinkList(list_links(home, by=identity_of(request)))


@router.post("", status_code=201, operation_id="add_share_link", max_body_size=2**16)
@needs(Permission.READ)
@shows_secret
def post_link(home: Home, request: Request, link: ShareLinkRequest) -> NewShareLink:
    """Make a link; `path` is what opens it on this server, and is never shown again."""
    return add_link(
        home,
        link.target,
        days=link.days,
        note=link.note,
        password=link.password,
        by=identity_of(request),
        now=clock.now(),
    )


@router.delete("/{link_id}", operation_id="revoke_share_link")
@needs(Permission.READ)
def delete_link(
    home: Home,
    request: Request,
    link_id: Annotated[str, Path(max_length=16, description="the id of the link")],
) -> ShareLink:
    """Revoke a link: from now on it opens nothing."""
    return revoke_link(home, link_id, by=identity_of(request), now=clock.now())
