"""Merges newspapers that are one under several names, and parts them again.

Editions move to the newspaper that stays, those in the trash too; the names of the other one become
aliases. Editions of both on one day become versions of one issue, of which the latest that is
usable counts, so that no day counts twice; or issues of their own where the caller says so. Of two
uploads of the same scans on one day, the moved one goes to the trash: nothing of it is lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from presslens.app.db.claims import EventRow
from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.in_the_way import blocked_by
from presslens.app.db.publications import (
    PublicationAliasRow,
    PublicationIdentifierRow,
    PublicationRow,
    TrashedEditionRow,
    store_identifiers,
)
from presslens.app.db.statistics import NewspaperFlagsRow
from presslens.app.db.superseded import counting_editions
from presslens.app.db.tables import EditionRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.catalogue.editions import EditionState, edition_states
from presslens.app.services.corrections.later_edits import live_edits_after
from presslens.app.services.corrections.merged_roles import part_roles, roles_in, take_roles
from presslens.app.services.corrections.newspapers import (
    changed_since,
    check_identifiers_free,
    check_names_unclaimed,
    check_unchanged,
    fields_of,
    locked_newspaper,
    store_fields,
)
from presslens.app.services.corrections.trash import (
    locked_edition,
    put_into_trash,
    take_out_of_trash,
)
from presslens.app.services.ingest.newspaper_edits import TARGET
from presslens.app.services.ingest.profile import checked_identifier
from presslens.models.message import Message
from presslens.pipelines.archives.identifiers import telling_apart
from presslens.pipelines.counted import counted
from presslens.pipelines.result import OMITTED, Served, named


class SameDay(StrEnum):
    """What becomes of editions of one day that both newspapers have."""

    REPLACE = "replace"
    SEPARATE = "separate"


@dataclass(frozen=True, slots=True)
class MergeConflict:
    """A day of which both newspapers have editions."""

    day: date
    kept: Sequence[int]  # ids of the editions of the newspaper that stays
    moved: Sequence[int]  # ids of the editions that come to it
    # Those of ``moved`` whose scans are those of a kept one; they go to the trash.
    same_scans: Sequence[int]


@dataclass(frozen=True, slots=True)
class MergedDay(Served):
    """What counts of a day that both newspapers have."""

    editions: Sequence[int]  # ids of the editions that count
    pages: int
    photos: int | None  # their photos; None: not all of them are analysed


@dataclass(frozen=True, slots=True)
class SharedDay(Served):
    """A day of which both newspapers have editions."""

    day: Annotated[date, named("date")]
    kept: Sequence[int]  # ids of the editions of the newspaper that stays
    moved: Sequence[int]  # ids of the editions that move
    same_scans: Sequence[int]  # ids of the moved editions that go to the trash
    counts: Sequence[int] | None  # ids of the editions that count; None of a plan
    editions: Sequence[EditionState]  # the editions that are there, with their pages and photos
    # Of a plan, what would count under each value of ``same_day``.
    counts_if: Annotated[Mapping[SameDay, MergedDay] | None, OMITTED]


@dataclass(frozen=True, slots=True)
class ServedMerge(Served):
    """What a merge does, or has done, as it is served."""

    id: int  # id of the newspaper that stays
    other: Annotated[int, named("from")]  # id of the newspaper that goes
    names: Sequence[str]  # names that become aliases
    editions: Sequence[int]  # ids of the editions that move
    deleted_editions: Sequence[int]  # ids of those in the trash, which move too
    conflicts: Sequence[SharedDay]  # days of which both have editions
    differing: Sequence[str]  # identifiers by which libraries tell the two apart


@dataclass(frozen=True, slots=True)
class MergePlan:
    """What a merge does, or has done."""

    into: int  # id of the newspaper that stays
    other: int  # id of the newspaper that goes
    names: Sequence[str]  # names that become aliases
    editions: Sequence[int]  # ids of the editions that move; with ``trashed`` those in the trash
    trashed: Sequence[int]  # ids of the deleted editions that move
    conflicts: Sequence[MergeConflict]  # days of which both have editions
    edit: int | None = None  # id of the edit; None of a plan
    counting: Collection[int] | None = None  # editions of ``conflicts`` that count; None of a plan
    # The editions of ``conflicts`` that are there by id, with their pages and photos.
    states: Mapping[int, EditionState] = field(default_factory=dict)
    # Of a plan, the editions of ``conflicts`` that would count under each choice.
    choices: Mapping[SameDay, Collection[int]] = field(default_factory=dict)
    # Identifiers that tell the two apart: numbers of one scheme, of which they have none in common.
    differing: Sequence[str] = ()

    def outcome(self, conflict: MergeConflict, same_day: SameDay | None = None) -> MergedDay:
        """Return what counts of a day, or would under a choice; None: what does now."""
        counting = self.choices[same_day] if same_day else self.counting or ()
        ids = [id_ for id_ in (*conflict.kept, *conflict.moved) if id_ in counting]
        of_day = [self.states[id_] for id_ in ids if id_ in self.states]
        photos = [one.photos for one in of_day if one.photos is not None]
        found = sum(photos) if len(photos) == len(of_day) else None
        return MergedDay(ids, sum(one.pages for one in of_day), found)

    @property
    def losing(self) -> int:
        """On how many days fewer photos would count, as one edition, than one of them has."""
        return sum(self._loses(one) for one in self.conflicts)

    def _loses(self, conflict: MergeConflict) -> bool:
        photos = self.outcome(conflict, SameDay.REPLACE).photos
        there = (self.states[id_].photos or 0 for id_ in (*conflict.kept, *conflict.moved))
        return photos is not None and photos < max(there)

    @property
    def same_scans(self) -> list[int]:
        """Ids of the moved editions that go to the trash."""
        return [id_ for one in self.conflicts for id_ in one.same_scans]

    def served(self) -> ServedMerge:
        """Return the plan, or the merge, as it is served."""
        conflicts = [self._served_day(one) for one in self.conflicts]
        return ServedMerge(
            self.into,
            self.other,
            self.names,
            self.editions,
            self.trashed,
            conflicts,
            self.differing,
        )

    def _served_day(self, conflict: MergeConflict) -> SharedDay:
        ids = (*conflict.kept, *conflict.moved)
        choices = {one: self.outcome(conflict, one) for one in self.choices}
        return SharedDay.from_attributes(
            conflict,
            counts=None if self.counting is None else sorted({*ids} & {*self.counting}),
            editions=[self.states[id_] for id_ in ids if id_ in self.states],
            counts_if=choices or None,
        )


def plan_merge(home: Installation, into_id: int, other_id: int) -> MergePlan:
    """Return what merging a newspaper into another one would do; nothing is changed.

    Editions of days that both have come with their pages and photos, so that people can compare.

    Raises:
        NotFound: There is no such newspaper.
        InvalidRequest: They are the same.
    """
    with home.database.read() as session:
        plan = _plan(session, into_id, other_id)
        return replace(
            plan,
            states=_states(session, home, plan.conflicts),
            choices=_choices(session, home, plan),
        )


def find_merge(home: Installation, into_id: int, edit_id: int) -> MergePlan:
    """Return what a merge has done, and what counts of the shared days now.

    Raises:
        NotFound: No such edit has merged a newspaper into this one, or it is undone.
    """
    with home.database.read() as session:
        edit = session.get(EditRow, edit_id)
        done = edit is not None and edit.undone_at is None and edit.target_id == into_id
        if edit is None or not done or edit.action is not Action.MERGE_NEWSPAPERS:
            raise NotFound.saying("no such change has merged a newspaper into this one")
        change = edit.change
        gone = change["from"]
        plan = MergePlan(
            into_id,
            gone["id"],
            [gone["name"], *gone["aliases"]],
            change["editions"],
            change["trashed"],
            [
                MergeConflict(date.fromisoformat(day), *ids)
                for day, *ids in change.get("shared_days", ())
            ],
            edit_id,
        )
        return _with_states(session, home, plan)


def merge_newspapers(
    home: Installation,
    into_id: int,
    other_id: int,
    *,
    same_day: SameDay = SameDay.REPLACE,
    coder: str | None,
    now: datetime,
) -> MergePlan:
    """Merge a newspaper into another one, which keeps its id and name, and return what was done.

    What is not stated of the one that stays (its profile, its masthead) it takes from the other
    one.

    Args:
        into_id: The newspaper that stays.
        other_id: The newspaper that goes.
        same_day: What becomes of editions of one day.
        coder: Who merges them; None: nobody gave a name.

    Raises:
        NotFound: There is no such newspaper.
        InvalidRequest: They are the same.
    """
    with home.database.write() as session:
        plan = _plan(session, into_id, other_id)
        into, other = (locked_newspaper(session, id_) for id_ in (into_id, other_id))
        for edition_id in plan.same_scans:
            edition = locked_edition(session, edition_id)
            put_into_trash(session, home.settings, edition, coder=coder, now=now)
        before, gone = fields_of(session, into), fields_of(session, other)
        after = {key: before[key] if before[key] is not None else gone[key] for key in before}
        after["aliases"] = sorted({*before["aliases"], *plan.names})
        after["identifiers"] = sorted({*before["identifiers"], *gone["identifiers"]})
        issues = _issues(session, plan) if same_day is SameDay.SEPARATE else {}
        events = session.scalars(select(EventRow.id).filter_by(publication_id=other_id)).all()
        roles = roles_in(session, other_id)
        _move(session, other_id, into_id)
        for edition_id, (_, issue) in issues.items():
            session.execute(update(EditionRow).filter_by(id=edition_id).values(issue=issue))
        for table in (PublicationAliasRow, PublicationIdentifierRow, NewspaperFlagsRow):
            session.execute(delete(table).filter_by(publication_id=other_id))
        session.execute(delete(PublicationRow).filter_by(id=other_id))
        session.expunge(other)
        store_fields(session, into, after)
        text = Message(
            "%(other)s merged into %(name)s: %(editions)s",
            other=gone["name"],
            name=after["name"],
            editions=counted(len(plan.editions), "edition"),
        )
        change = {
            "from": {"id": other_id, **gone},
            "before": before,
            "after": {key: after[key] for key in after if after[key] != before[key]},
            "editions": list(plan.editions),
            "trashed": list(plan.trashed),
            "same_scans": list(plan.same_scans),
            "events": list(events),
            "roles": roles,
            "roles_taken": take_roles(session, into_id, roles),
            "issues": [[id_, old, new] for id_, (old, new) in issues.items()],
            "shared_days": [
                [one.day.isoformat(), list(one.kept), list(one.moved), list(one.same_scans)]
                for one in plan.conflicts
            ],
        }
        by, target = Author(coder, home.recipe.codebook, now), (TARGET, into_id)
        edit = add_edit(session, by, Action.MERGE_NEWSPAPERS, target, text, change)
        return _with_states(session, home, replace(plan, edit=edit.id))


def undo_merge(
    home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Part two newspapers: the one that went is there again, with its id, names and editions.

    Editions that came in since under one of its names stay where they are.
    """
    change = edit.change
    into = session.get(PublicationRow, edit.target_id, with_for_update=True)
    if into is None:
        raise changed_since(session, edit)
    check_unchanged(session, edit, into, change["after"])
    _check_unmoved(session, edit)
    fields = fields_of(session, into) | _before(change)
    gone = dict(change["from"])
    aliases, identifiers = gone.pop("aliases"), gone.pop("identifiers", [])
    back = {fields["name"], *fields["aliases"], gone["name"], *aliases}
    check_names_unclaimed(session, edit, back, into.id)
    check_identifiers_free(session, [*fields["identifiers"], *identifiers], into.id)
    store_fields(session, into, fields)
    session.add(PublicationRow(**gone))
    session.flush()
    store_identifiers(session, gone["id"], map(checked_identifier, identifiers))
    session.add_all(PublicationAliasRow(name=name, publication_id=gone["id"]) for name in aliases)
    for table, ids in (
        (EditionRow, [*change["trashed"], *change["editions"]]),
        (TrashedEditionRow, [*change["trashed"], *change["editions"]]),
        (EventRow, change["events"]),
    ):
        mine = update(table).where(table.id.in_(ids), table.publication_id == into.id)
        session.execute(mine.values(publication_id=gone["id"]))
    part_roles(session, into.id, gone["id"], change)
    for edition_id, old, new in change["issues"]:
        session.execute(update(EditionRow).filter_by(id=edition_id, issue=new).values(issue=old))
        trashed = session.get(TrashedEditionRow, edition_id)
        if trashed is not None:
            edition = {**trashed.document["edition"], "issue": old}
            trashed.document = {**trashed.document, "edition": edition}
    session.flush()
    return [*_restored(home, session, change["same_scans"])]


def _restored(home: Installation, session: Session, ids: Sequence[int]) -> Iterator[int]:
    """Take editions out of the trash; yield those that were still in it."""
    for id_ in ids:
        if session.get(TrashedEditionRow, id_) is not None:
            yield take_out_of_trash(session, home.recipe, id_).id


def _before(change: Mapping[str, Any]) -> dict[str, Any]:
    return {key: change["before"][key] for key in change["after"]}


def _plan(session: Session, into_id: int, other_id: int) -> MergePlan:
    if into_id == other_id:
        raise InvalidRequest.saying(
            "a newspaper can't be merged with itself: give another one as from"
        )
    for id_ in (into_id, other_id):
        locked_newspaper(session, id_)
    gone = fields_of(session, session.get_one(PublicationRow, other_id))
    editions: dict[int, dict[date, list[tuple[int, str]]]] = {
        into_id: defaultdict(list), other_id: defaultdict(list),
    }  # fmt: skip
    query = (
        select(EditionRow.publication_id, EditionRow.edition_date, EditionRow.id,
               EditionRow.content_key)
        .where(EditionRow.publication_id.in_((into_id, other_id)))
        .order_by(EditionRow.edition_date, EditionRow.id)
    )  # fmt: skip
    for paper, day, id_, key in session.execute(query):
        editions[paper][day].append((id_, key))
    staying, moved = editions[into_id], editions[other_id]
    trashed = select(TrashedEditionRow.id).filter_by(publication_id=other_id)
    return MergePlan(
        into_id,
        other_id,
        [gone["name"], *gone["aliases"]],
        [id_ for of_day in moved.values() for id_, _ in of_day],
        session.scalars(trashed.order_by(TrashedEditionRow.id)).all(),
        [_conflict(day, staying[day], moved[day]) for day in sorted(staying.keys() & moved.keys())],
        differing=_differing(
            fields_of(session, session.get_one(PublicationRow, into_id))["identifiers"],
            gone["identifiers"],
        ),
    )


def _differing(mine: Sequence[str], theirs: Sequence[str]) -> list[str]:
    identifiers = [list(map(checked_identifier, texts)) for texts in (mine, theirs)]
    return list(map(str, telling_apart(*identifiers)))


def differing_note(identifiers: Sequence[str]) -> Message:
    """Return the sentence that libraries tell two newspapers apart."""
    return Message(
        "libraries tell the two apart (%(identifiers)s): one newspaper may have several numbers,"
        " in print and online for instance, but two newspapers never have one",
        identifiers=", ".join(identifiers),
    )


def _conflict(
    day: date, staying: Sequence[tuple[int, str]], moved: Sequence[tuple[int, str]]
) -> MergeConflict:
    keys = {key for _, key in staying}
    return MergeConflict(
        day,
        [id_ for id_, _ in staying],
        [id_ for id_, _ in moved],
        [id_ for id_, key in moved if key in keys],
    )


def _issues(session: Session, plan: MergePlan) -> dict[int, tuple[int, int]]:
    """Return the issue of each moved edition of a shared day, and the one that it becomes."""
    issues: dict[int, tuple[int, int]] = {}
    for one in plan.conflicts:
        rows = {
            row.id: row.issue
            for row in session.scalars(
                select(EditionRow).where(EditionRow.id.in_([*one.kept, *one.moved]))
            )
        }
        last = max(rows[id_] for id_ in one.kept)
        moved = (id_ for id_ in one.moved if id_ in rows and id_ not in one.same_scans)
        issues |= {id_: (rows[id_], last + rows[id_]) for id_ in moved}
    return issues


def _move(session: Session, source: int, target: int) -> None:
    for table in (EditionRow, TrashedEditionRow, EventRow):
        moved = update(table).where(table.publication_id == source)
        session.execute(moved.values(publication_id=target))


def _states(
    session: Session, home: Installation, conflicts: Sequence[MergeConflict]
) -> dict[int, EditionState]:
    """Return the editions of shared days that are not in the trash, by id."""
    ids = [id_ for one in conflicts for id_ in (*one.kept, *one.moved)]
    rows = session.scalars(select(EditionRow).where(EditionRow.id.in_(ids))).all()
    return {one.id: one for one in edition_states(session, rows, home.recipe)}


def _with_states(session: Session, home: Installation, plan: MergePlan) -> MergePlan:
    """Return what is done, with the editions of the shared days and which of them count now."""
    session.flush()
    session.expire_all()  # the editions are of another newspaper now
    states = _states(session, home, plan.conflicts)
    counting = {id_ for id_, state in states.items() if not state.superseded}
    return replace(plan, states=states, counting=counting)


def _choices(
    session: Session, home: Installation, plan: MergePlan
) -> dict[SameDay, Collection[int]]:
    """Return the editions of the shared days that would count under each choice."""
    ids = [
        id_
        for one in plan.conflicts
        for id_ in (*one.kept, *one.moved)
        if id_ not in one.same_scans
    ]
    rows = session.scalars(select(EditionRow).where(EditionRow.id.in_(ids))).all()
    of_day = {row.id: (row.edition_date, row.issue) for row in rows}
    new = {id_: (of_day[id_][0], issue) for id_, (_, issue) in _issues(session, plan).items()}
    return {
        SameDay.REPLACE: counting_editions(session, home.recipe, of_day),
        SameDay.SEPARATE: counting_editions(session, home.recipe, of_day | new),
    }


def _check_unmoved(session: Session, edit: EditRow) -> None:
    """Check that the moved editions are as the merge has left them, or deleted since.

    Raises:
        Conflict: One was changed or restored; the message names the edit.
    """
    moved = [*edit.change["trashed"], *edit.change["editions"]]
    for one in live_edits_after(session, edit, Action.CHANGE_EDITION, Action.RESTORE_EDITION):
        restored = one.action is Action.RESTORE_EDITION
        if one.target_id in (edit.change["same_scans"] if restored else moved):
            raise blocked_by(one)
    query = select(EditionRow.id).where(
        EditionRow.id.in_(moved), EditionRow.publication_id != edit.target_id
    )
    elsewhere = session.scalars(query.order_by(EditionRow.id)).first()
    if elsewhere is not None:
        since = select(EditRow).where(
            EditRow.id > edit.id,
            EditRow.undone_at.is_(None),
            EditRow.edition_id == elsewhere,
        )
        later = session.scalars(since.order_by(EditRow.id.desc())).first()
        if later is not None:
            raise blocked_by(later)
        raise Conflict.saying(
            "edition %(edition)s is of another newspaper by now", edition=elsewhere
        )
