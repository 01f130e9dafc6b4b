"""The page of the log: what people have changed, when and who, and a way back from each change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any

from fastapi import Query, Response

from presslens.app.api.access import identity_of, needs
from presslens.app.api.csv_response import table_of
from presslens.app.api.edits import EditList, may_undo
from presslens.app.api.params import Cursor, Home, Limit
from presslens.app.db.edits import Action
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name
from presslens.app.services.edits.listing import (
    EditFilter,
    EditState,
    Target,
    count_edits,
    current_photos,
    iterate_edits,
    list_coders,
    list_edits,
    photo_samples,
    target_names,
)
from presslens.app.web.edit_words import ACTIONS, group_edits
from presslens.app.web.page_router import PageRouter, Render, Rows

router = PageRouter()

ON_A_PAGE = 50
"""Edits that a page shows unless its address says how many."""

MaybeId = Annotated[int | None, Query(ge=1, le=MOST)]


@router.page("/edits")
@needs(Permission.READ)
def show_edits(
    home: Home,
    render: Render,
    coder: Name | None = None,
    action: Action | None = None,
    edition: MaybeId = None,
    target: Name | None = None,
    target_id: MaybeId = None,
    undone: bool | None = None,
    limit: Limit = ON_A_PAGE,
    cursor: Cursor | None = None,
) -> Response:
    """Show what people have changed, the latest first; CSV holds all of it."""
    criteria = EditFilter(coder, action, edition, target, target_id, undone)
    listing = list_edits(home, criteria, limit=limit, start=cursor)
    photos = current_photos(home, listing.items)
    return render(
        "edits.html",
        document=lambda: EditList(listing.items, listing.next_cursor),
        table=lambda: Rows(*table_of(EditState, iterate_edits(home, criteria))),
        edits=listing.items,
        may_undo=partial(may_undo, identity_of(render.request)),
        groups=group_edits(listing.items, photo_samples(home, _photo_ids(listing.items))),
        photos=photos,
        names=target_names(home, _targets(listing.items, criteria, photos)),
        found=lambda: count_edits(home, criteria),
        asked=criteria,
        params={**filter_params(criteria), "limit": None if limit == ON_A_PAGE else limit},
        later=listing.next_cursor,
        first=cursor is None,
        coders=lambda: list_coders(home),
        actions=ACTIONS,
        section="edits",
    )


def filter_params(criteria: EditFilter) -> dict[str, Any]:
    """Return a filter as the parameters of an address."""
    undone = None if criteria.undone is None else str(criteria.undone).lower()
    return {
        "coder": criteria.coder,
        "action": criteria.action,
        "edition": criteria.edition,
        "target": criteria.target,
        "target_id": criteria.target_id,
        "undone": undone,
    }


def _targets(
    edits: Iterable[EditState], criteria: EditFilter, photos: Mapping[int, int]
) -> Iterator[Target]:
    """Yield what edits and a filter are about, and the editions that they belong to."""
    yield from (("photo", photo) for photo in photos.values())
    for kind, id_, edition in (
        (criteria.target, criteria.target_id, criteria.edition),
        *((edit.target, edit.target_id, edit.edition_id) for edit in edits),
    ):
        if kind is not None and id_ is not None:
            yield kind, id_
        if edition is not None:
            yield "edition", edition


def _photo_ids(edits: Iterable[EditState]) -> list[int]:
    return [edit.target_id for edit in edits if edit.target == "photo"]
