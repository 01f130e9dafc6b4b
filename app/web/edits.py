"""The page of the log: what people have changed, when and who, and a way back from each change."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated

from fastapi import Response

from presslens.app.api.access import identity_of, needs
from presslens.app.api.csv_response import table_of
from presslens.app.api.edits import EditList, may_undo
from presslens.app.api.params import Cursor, Home, Limit, read_query
from presslens.app.db.edits import Action
from presslens.app.platform.permissions import Permission
from presslens.app.services.corrections.undo import UNDO
from presslens.app.services.edits.listing import (
    EditFilter,
    EditState,
    Target,
    count_edits,
    iterate_edits,
    list_coders,
    list_edits,
    photo_samples,
    target_names,
)
from presslens.app.services.reviews.documents import current_photos
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.models.message import Message

ACTIONS: Mapping[Action, Message] = {
    Action.REVIEW: Message("answers about a photo"),
    Action.REVIEW_MANY: Message("answers about many photos"),
    Action.REVIEW_PAGE: Message("photos of a page checked"),
    Action.CHANGE_PHOTOS: Message("photos of a page corrected"),
    Action.ANNOTATE: Message("corrections of another tool"),
    Action.UPLOAD: Message("edition uploaded"),
    Action.ADD_PAGES: Message("pages added"),
    Action.CHANGE_EDITION: Message("edition changed"),
    Action.DELETE_EDITION: Message("edition deleted"),
    Action.RESTORE_EDITION: Message("edition restored"),
    Action.CHANGE_PAGE: Message("page changed"),
    Action.REPLACE_SCAN: Message("scan replaced"),
    Action.CHANGE_NEWSPAPER: Message("newspaper changed"),
    Action.MERGE_NEWSPAPERS: Message("newspapers merged"),
    Action.ENROL: Message("figure enrolled"),
    Action.ADD_REFERENCE: Message("reference photos added"),
    Action.REMOVE_REFERENCE: Message("reference photo removed"),
    Action.VOUCH: Message("age vouched for"),
    Action.CHANGE_FIGURE: Message("figure changed"),
    Action.CHANGE_LABEL: Message("label changed"),
    Action.DRAW_SAMPLE: Message("sample drawn"),
    Action.ADD_CLAIM: Message("claim added"),
    Action.ASK: Message("question asked"),
    Action.KEEP_CLAIM: Message("question kept"),
    Action.FREEZE_CLAIM: Message("claim frozen"),
    Action.REMOVE_CLAIM: Message("claim removed"),
    Action.ASSIGN: Message("photos assigned"),
    Action.ASK_AGAIN: Message("codebook’s entry changed"),
    Action.ERASE: Message("erased"),
}
"""What edits did, in words."""

ONE_SITTING = timedelta(minutes=10)
"""Longest pause between answers of one coder that are shown as one line."""

FEWEST = 3
"""Fewest answers that are shown as one line."""

router = PageRouter()

ON_A_PAGE = 50
"""Edits that a page shows unless its address says how many."""


@router.page("/edits")
@needs(Permission.READ)
def show_edits(
    home: Home,
    render: Render,
    criteria: Annotated[EditFilter, read_query(EditFilter)],
    limit: Limit = ON_A_PAGE,
    cursor: Cursor | None = None,
) -> Response:
    """Show what people have changed, the latest first; CSV holds all of it."""
    listing = list_edits(home, criteria, limit=limit, start=cursor)
    photos = current_photos(home, listing.items)
    return render(
        "edits.html",
        document=lambda: EditList(listing.items, listing.next_cursor),
        table=lambda: Rows(*table_of(EditState, iterate_edits(home, criteria))),
        edits=listing.items,
        may_undo=lambda action: action in UNDO and may_undo(identity_of(render.request), action),
        groups=group_edits(listing.items, photo_samples(home, _photo_ids(listing.items))),
        photos=photos,
        names=target_names(home, _targets(listing.items, criteria, photos)),
        total=lambda: count_edits(home, criteria),
        selection=criteria,
        params={**criteria.given(), "limit": None if limit == ON_A_PAGE else limit},
        later=listing.next_cursor,
        first=cursor is None,
        coders=lambda: list_coders(home),
        actions=ACTIONS,
        section="edits",
    )


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


def group_edits(
    edits: Iterable[EditState], samples: Mapping[int, Collection[int]]
) -> list[list[EditState]]:
    """Return edits in their order, consecutive answers of one coder about single photos together.

    They are together if they are of one sample, or at most ``ONE_SITTING`` apart.

    Args:
        edits: The latest first.
        samples: The samples that each photo is in, by the photo's id.
    """
    groups: list[list[EditState]] = []
    for edit in edits:
        if groups and _together(groups[-1][-1], edit, samples):
            groups[-1].append(edit)
        else:
            groups.append([edit])
    return [
        part for group in groups for part in ([group] if len(group) >= FEWEST else _apart(group))
    ]


def _apart(group: Iterable[EditState]) -> list[list[EditState]]:
    return [[edit] for edit in group]


def _together(later: EditState, earlier: EditState, samples: Mapping[int, Collection[int]]) -> bool:
    if not later.action == earlier.action == Action.REVIEW or later.coder != earlier.coder:
        return False
    shared = set(samples.get(later.target_id, ())) & set(samples.get(earlier.target_id, ()))
    return bool(shared) or later.created_at - earlier.created_at <= ONE_SITTING
