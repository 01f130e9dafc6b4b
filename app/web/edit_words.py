"""Says kinds of edits in words, and puts the single answers of one coder together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from presslens.app.db.edits import Action
from presslens.app.services.edits.listing import EditState
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
    Action.ERASE: Message("erased"),
}
"""What edits did, in words."""

ONE_SITTING = timedelta(minutes=10)
"""Longest pause between answers of one coder that are shown as one line."""

FEWEST = 3
"""Fewest answers that are shown as one line."""


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
