"""Logs what was changed of a newspaper, as an edit whose sentence says it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, add_edit
from presslens.models.message import Message, join_messages
from presslens.pipelines.counted import counted
from presslens.pipelines.statistics.explanations import WEEKDAYS

Fields = Mapping[str, Any]

TARGET = "publication"
"""What edits of newspapers are about."""


def log_newspaper_change(
    session: Session, publication_id: int, before: Fields, after: Fields, by: Author
) -> int:
    """Log a change of a newspaper in the transaction that makes it; return the id of the edit.

    Args:
        before: The name, and the fields before the change.
        after: The same after it; those that differ are changed.
    """
    changed = [key for key in before if before[key] != after[key]]
    change = {
        "before": {key: before[key] for key in changed},
        "after": {key: after[key] for key in changed},
    }
    text, target = _sentence(before, after, changed), (TARGET, publication_id)
    return add_edit(session, by, Action.CHANGE_NEWSPAPER, target, text, change).id


def _sentence(before: Fields, after: Fields, changed: Iterable[str]) -> Message:
    what = said_fields(changed, after, before)
    return Message("%(name)s: %(what)s", name=after["name"], what=what)


def said_fields(names: Iterable[str], fields: Fields, before: Fields | None = None) -> Message:
    """Return what some fields of a newspaper say; ``before``: what they said until now."""
    return join_messages(part for key in names for part in _SAYS[key](before or fields, fields))


def _say_name(before: Fields, _after: Fields) -> Iterator[Message]:
    yield Message("renamed from %(old)s", old=before["name"])


def _say_aliases(before: Fields, after: Fields) -> Iterator[Message]:
    old, new = {*before["aliases"], before["name"]}, {*after["aliases"], after["name"]}
    if added := sorted(new - old - {after["name"]}):
        yield Message("also called %(names)s", names=", ".join(added))
    if gone := sorted(old - new):
        yield Message("no longer called %(names)s", names=", ".join(gone))


def _say_identifiers(before: Fields, after: Fields) -> Iterator[Message]:
    old, new = {*before["identifiers"]}, {*after["identifiers"]}
    if added := sorted(new if before is after else new - old):
        yield Message("with the identifiers %(identifiers)s", identifiers=", ".join(added))
    if gone := sorted(old - new):
        yield Message("without the identifiers %(identifiers)s", identifiers=", ".join(gone))
    if not (added or gone):
        yield Message("without identifiers")


def _say_pages(_before: Fields, after: Fields) -> Iterator[Message]:
    if after["usual_pages"] is None:
        yield Message("its usual number of pages is not known")
    else:
        yield Message("usually %(pages)s", pages=counted(after["usual_pages"], "page"))


def _say_weekdays(_before: Fields, after: Fields) -> Iterator[Message]:
    days: Sequence[int] = after["weekdays"] or ()
    if days:
        named = join_messages([Message(WEEKDAYS[day - 1]) for day in days], ", ")
        yield Message("published on %(days)s", days=named)
    else:
        yield Message("its weekdays are not known")


def _say_languages(_before: Fields, after: Fields) -> Iterator[Message]:
    if languages := after["languages"]:
        yield Message("written in %(languages)s", languages=", ".join(languages))
    else:
        yield Message("its languages are not known")


def _say_country(_before: Fields, after: Fields) -> Iterator[Message]:
    if after["country"] is None:
        yield Message("its country is not known")
    else:
        yield Message("published in %(country)s", country=after["country"])


def _say_kind(_before: Fields, after: Fields) -> Iterator[Message]:
    if after["kind"] is None:
        yield Message("its kind is not known")
    else:
        yield Message("of the kind %(kind)s", kind=Message(after["kind"]))


def _say_masthead(_before: Fields, after: Fields) -> Iterator[Message]:
    if after["masthead_sha256"] is None:
        yield Message("its masthead was taken away")
    else:
        yield Message("its masthead was set")


_SAYS = {
    "name": _say_name,
    "aliases": _say_aliases,
    "identifiers": _say_identifiers,
    "usual_pages": _say_pages,
    "weekdays": _say_weekdays,
    "languages": _say_languages,
    "country": _say_country,
    "kind": _say_kind,
    "masthead_sha256": _say_masthead,
}
