"""Changes newspapers: their names in any script, their profile and masthead.

A newspaper that is renamed keeps its old name as an alias, so that what is stored elsewhere under
it (claims, samples, frozen documents) still means the newspaper.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from presslens.app.db.claims import ClaimRow, EventRow
from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.publications import (
    STATED,
    PublicationAliasRow,
    PublicationIdentifierRow,
    PublicationRow,
    TrashedEditionRow,
    find_publication,
    publication_identified,
    store_identifiers,
)
from presslens.app.db.tables import EditionRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.platform.text import LONGEST_NAME, one_line
from presslens.app.services.corrections.later_edits import live_edits_after
from presslens.app.services.ingest.newspaper_edits import TARGET, log_newspaper_change
from presslens.app.services.ingest.profile import checked_identifier, checked_profile
from presslens.models.message import Message
from presslens.pipelines.counted import counted
from presslens.pipelines.scans.page_numbers import MOST_PAGES

MOST_ALIASES = 100
"""Largest number of aliases of a newspaper."""

_COLUMNS = ("name", *STATED)


@dataclass(frozen=True, slots=True)
class NewspaperChanges:
    """What is to change of a newspaper: any of the keys that are given."""

    # ``name``; ``aliases``, the whole list; ``usual_pages``; ``weekdays``, Monday is 1;
    # ``languages`` and ``country``, by code or name; ``kind``; ``masthead_sha256``, a picture in
    # the store; ``identifiers``, the whole list, as ``Identifier`` writes them. None stands for
    # "not known".
    given: Mapping[str, Any]


def add_newspaper(
    home: Installation,
    name: str,
    profile: Mapping[str, Any] | None = None,
    *,
    coder: str | None,
    now: datetime,
) -> tuple[int, int]:
    """Add a newspaper ahead of its first edition, and return its id and that of the edit.

    Args:
        profile: What is stated of it; see ``NewspaperChanges``.

    Raises:
        InvalidRequest: The name can't be one, or what is stated can't be.
        Conflict: It is the name or an alias of a newspaper.
    """
    name = _checked_name(name)
    nothing: dict[str, Any] = {
        "name": name, "aliases": [], "identifiers": [], **dict.fromkeys(STATED),
    }  # fmt: skip
    after = _requested_fields(nothing, profile or {})
    with home.database.write() as session:
        check_free(session, name)
        check_identifiers_free(session, after["identifiers"])
        row = PublicationRow(**{column: after[column] for column in _COLUMNS})
        session.add(row)
        session.flush()
        store_identifiers(session, row.id, map(checked_identifier, after["identifiers"]))
        text = Message("added the newspaper %(name)s", name=name)
        by, target = Author(coder, home.recipe.codebook, now), (TARGET, row.id)
        change = {"added": True, "after": fields_of(session, row)}
        return row.id, add_edit(session, by, Action.CHANGE_NEWSPAPER, target, text, change).id


def change_newspaper(
    home: Installation,
    publication_id: int,
    changes: NewspaperChanges,
    *,
    coder: str | None,
    now: datetime,
) -> int | None:
    """Change a newspaper, and return the id of the edit; None if it is like that already.

    Raises:
        NotFound: There is no such newspaper.
        InvalidRequest: A name, a language, a country, a number of pages or a weekday can't be one.
        Conflict: A name belongs to another newspaper, or a claim needs one that would go.
    """
    with home.database.write() as session:
        row = locked_newspaper(session, publication_id)
        before = fields_of(session, row)
        after = _requested_fields(before, changes.given)
        if before == after:
            return None
        for name in sorted(_names(after) - _names(before)):
            check_free(session, name)
        check_identifiers_free(session, {*after["identifiers"]} - {*before["identifiers"]})
        _check_names_unneeded(session, _names(before) - _names(after))
        store_fields(session, row, after)
        by = Author(coder, home.recipe.codebook, now)
        return log_newspaper_change(session, row.id, before, after, by)


def undo_newspaper_change(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Give a newspaper back what an edit has changed; an added one goes."""
    row = session.get(PublicationRow, edit.target_id, with_for_update=True)
    if row is None:
        raise changed_since(session, edit)
    check_unchanged(session, edit, row, edit.change["after"])
    if edit.change.get("added"):
        _check_unused(session, row)
        for later in live_edits_after(session, edit, Action.CHANGE_EDITION):
            if later.change["before"]["publication_id"] == row.id:
                raise blocked_by(later)
        _check_names_unneeded(session, {row.name})
        session.execute(delete(PublicationRow).filter_by(id=row.id))
        return ()
    now = fields_of(session, row)
    before = now | edit.change["before"]
    _check_names_unneeded(session, _names(now) - _names(before))
    check_names_unclaimed(session, edit, _names(before), row.id)
    check_identifiers_free(session, before["identifiers"], row.id)
    store_fields(session, row, before)
    return ()


def locked_newspaper(session: Session, publication_id: int) -> PublicationRow:
    """Return a newspaper, which nobody else changes until the transaction ends.

    Raises:
        NotFound: There is none with this id.
    """
    row = session.get(PublicationRow, publication_id, with_for_update=True)
    if row is None:
        raise NotFound.saying("there is no such newspaper")
    return row


def fields_of(session: Session, row: PublicationRow) -> dict[str, Any]:
    """Return all that an edit may change of a newspaper."""
    aliases = select(PublicationAliasRow.name).filter_by(publication_id=row.id)
    identifiers = session.scalars(select(PublicationIdentifierRow).filter_by(publication_id=row.id))
    return {
        **{column: getattr(row, column) for column in _COLUMNS},
        "aliases": sorted(session.scalars(aliases)),
        "identifiers": sorted(str(one.identifier) for one in identifiers),
    }


def store_fields(session: Session, row: PublicationRow, fields: Mapping[str, Any]) -> None:
    """Store the fields of a newspaper; see ``fields_of``."""
    for column in _COLUMNS:
        setattr(row, column, fields[column])
    session.execute(delete(PublicationAliasRow).filter_by(publication_id=row.id))
    session.flush()
    session.add_all(
        PublicationAliasRow(name=name, publication_id=row.id) for name in fields["aliases"]
    )
    store_identifiers(session, row.id, map(checked_identifier, fields["identifiers"]))
    session.expire(row)


def check_free(session: Session, name: str) -> None:
    """Check that no newspaper has a name.

    Raises:
        Conflict: One has it.
    """
    other = find_publication(session, name)
    if other is not None:
        raise Conflict.saying(
            "%(name)r is a name of %(other)s (newspaper %(other_id)s): merge the two"
            " newspapers, or give another name",
            name=name,
            other=other.name,
            other_id=other.id,
        )


def check_identifiers_free(
    session: Session, identifiers: Iterable[str], publication_id: int | None = None
) -> None:
    """Check that no newspaper has an identifier, but for one that may.

    Raises:
        Conflict: Another one has it.
    """
    for text in sorted(identifiers):
        other = publication_identified(session, [checked_identifier(text)])
        if other is not None and other.id != publication_id:
            raise Conflict.saying(
                "%(identifier)s is an identifier of %(other)s (newspaper %(other_id)s): merge the"
                " two newspapers, or take it from that one",
                identifier=text,
                other=other.name,
                other_id=other.id,
            )


def check_names_unclaimed(
    session: Session, edit: EditRow, names: Collection[str], publication_id: int
) -> None:
    """Check that names that come back to a newspaper are not, and were not since, another one's.

    Args:
        edit: The edit that is undone.
        names: The names that the newspaper, or one that is parted from it, gets.

    Raises:
        Conflict: One is; the message names the edit that gave it, if any.
    """
    for later in live_edits_after(session, edit, Action.CHANGE_NEWSPAPER, Action.MERGE_NEWSPAPERS):
        if later.target_id != publication_id and not _named_by(later).isdisjoint(names):
            raise blocked_by(later)
    for name in sorted(names):
        other = find_publication(session, name)
        if other is None or other.id != publication_id:
            check_free(session, name)


def _named_by(edit: EditRow) -> set[str]:
    """Return the names that newspapers had before and after an edit, as far as it changed them."""
    names: set[str] = set()
    for key in ("before", "after", "from"):
        fields = edit.change.get(key) or {}
        names |= {fields.get("name", ""), *fields.get("aliases", ())}
    return names - {""}


def _names(fields: Mapping[str, Any]) -> set[str]:
    return {fields["name"], *fields["aliases"]}


def _check_names_unneeded(session: Session, names: Collection[str]) -> None:
    """Check that no claim names its newspaper by names that go.

    Raises:
        Conflict: One does; the message names it.
    """
    row = session.scalars(select(ClaimRow).where(ClaimRow.publication.in_(names))).first()
    if row is not None:
        raise Conflict.saying(
            "the claim %(claim)s is about %(publication)r: keep that among the aliases",
            claim=row.key,
            publication=row.publication,
        )


def check_unchanged(
    session: Session, edit: EditRow, row: PublicationRow, after: Mapping[str, Any]
) -> None:
    """Check that a newspaper is still as an edit has left it.

    Raises:
        Conflict: It isn't; the message names the edits that have changed it since.
    """
    now = fields_of(session, row)
    since = (
        one.change["after"].keys()
        for one in live_edits_after(session, edit, Action.CHANGE_NEWSPAPER, Action.MERGE_NEWSPAPERS)
        if one.target_id == row.id
    )
    changed = any(now[key] != value for key, value in after.items())
    if changed or any(not keys.isdisjoint(after) for keys in since):
        raise changed_since(session, edit)


def changed_since(session: Session, edit: EditRow) -> Conflict:
    """Return the error of an edit whose newspaper was changed or merged since."""
    for row in live_edits_after(session, edit, Action.CHANGE_NEWSPAPER, Action.MERGE_NEWSPAPERS):
        if edit.target_id in (row.target_id, row.change.get("from", {}).get("id")):
            return blocked_by(row)
    return Conflict.saying("it can't be undone any more: change it back by hand")


def _checked_name(name: str) -> str:
    return one_line(name, "a name", LONGEST_NAME)


def _requested_fields(before: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a newspaper as somebody wishes them, checked."""
    after = {**before, **given}
    after["name"] = _checked_name(after["name"] or "")
    aliases = {_checked_name(alias) for alias in after["aliases"] or ()}
    if after["name"] != before["name"]:
        aliases.add(before["name"])
    after["aliases"] = sorted(aliases - {after["name"]})
    if len(after["aliases"]) > MOST_ALIASES:
        raise InvalidRequest.saying("a newspaper has %(most)s aliases at most", most=MOST_ALIASES)
    pages = after["usual_pages"]
    if pages is not None and not 1 <= pages <= MOST_PAGES:
        raise InvalidRequest.saying("an edition has 1 to %(most)s pages", most=MOST_PAGES)
    after["weekdays"] = sorted(set(after["weekdays"] or ())) or None
    if not {*(after["weekdays"] or ())} <= {*range(1, 8)}:
        raise InvalidRequest.saying("a weekday is 1, which is Monday, to 7")
    return after | checked_profile(after)


def _check_unused(session: Session, row: PublicationRow) -> None:
    for table, what in (
        (EditionRow, "edition"), (TrashedEditionRow, "deleted edition"), (EventRow, "event"),
    ):  # fmt: skip
        used = select(func.count()).select_from(table).filter_by(publication_id=row.id)
        if number := session.scalar(used):
            raise Conflict.saying(
                "%(name)s has %(what)s by now", name=row.name, what=counted(number, what)
            )
