"""Stores claims: rules that a source asserts of editions. A changed claim is a new version."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar, Self

from sqlalchemy import ColumnElement, Select, delete, func, select, update
from sqlalchemy.orm import Session, aliased

from presslens.app.db.claims import ClaimLookRow, ClaimPlanRow, ClaimRow
from presslens.app.db.edits import Action, Author, add_edit
from presslens.app.db.publications import is_named, same_newspaper
from presslens.app.db.queries import BATCH, Key, Listing, check_days, every, paginate
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.platform.questions import Name, ask
from presslens.app.platform.text import LONGEST_NAME, LONGEST_TEXT, one_line
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.scope import own_name, similar_names
from presslens.app.services.claims.registrations import (
    Registration,
    frozen_versions,
    registrations_of,
)
from presslens.models.message import Message
from presslens.pipelines.result import Moment, Served
from presslens.pipelines.statistics.claim.parser import parse
from presslens.pipelines.statistics.claim.quantity import TruthValue
from presslens.pipelines.statistics.claim.tree import Node, named_days_of
from presslens.pipelines.statistics.claim.tree import version as rule_version

LONGEST_PERIOD = 3660
"""Largest number of days that a claim is about: ten years."""

KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")

ASKED = "ask-"
"""What keys of questions begin with."""


@dataclass(frozen=True, slots=True)
class NewClaim:
    """A claim to be stored."""

    statement: str  # the claim in words
    rule: str
    publication: str  # name of the newspaper
    first: date  # first day that the claim is about
    last: date  # last day that the claim is about
    source: str = ""  # the claim's author and place
    note: str | None = None  # the reading of the source that the rule stands for
    # Stays the same when the claim changes; None: made of the others but the rule.
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimState(Served):
    """A version of a claim; ``latest`` is the one that counts.

    ``registration`` is what is frozen of it; ``changes_frozen`` is the latest earlier version that
    was frozen, and that this one changes. A ``draft`` is a question in work; ``kept_after`` is how
    often it was looked at before it was kept, of a claim that was a question.
    """

    SERVED: ClassVar[str] = """
        id key version latest statement rule rule_version publication from=first to=last
        source note seeded created_at draft kept_after frozen_at=registration.frozen_at
        frozen_sha256=registration.sha256 registration changes_frozen_version=changes_frozen
    """

    id: int
    key: str
    version: int
    latest: bool
    statement: str
    rule: str
    rule_version: str
    publication: str
    first: date
    last: date
    source: str
    note: str | None
    seeded: bool
    created_at: Moment
    draft: bool = False
    kept_after: int | None = None
    registration: Registration | None = None
    changes_frozen: int | None = None


class ClaimFilter(EditionQuery):
    """A selection of claims, of those about some of these days; None means any."""

    key: Name | None = ask()
    versions: bool = ask(default=False, description="old versions too")
    drafts: bool = ask(default=False, description="questions in work too")

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions for a ``ClaimRow``.

        Raises:
            InvalidRequest: The first day lies after the last.
        """
        scope = self.scope
        if scope.publication is not None:
            yield same_newspaper(ClaimRow.publication.expression, scope.publication)
        if scope.first is not None:
            yield ClaimRow.last_date >= scope.first
        if scope.last is not None:
            yield ClaimRow.first_date <= scope.last
        if self.key is not None:
            yield ClaimRow.key == self.key
        elif not self.drafts:
            yield ClaimRow.draft.is_(False)

    def resolved(self, home: Installation) -> Self:
        """Return the question; its newspaper may be one that claims alone name.

        Raises:
            InvalidRequest: There is no such newspaper.
        """
        if self.publication is not None:
            of_newspaper = same_newspaper(ClaimRow.publication.expression, self.publication)
            with home.database.read() as session:
                if session.scalar(select(ClaimRow.id).where(of_newspaper).limit(1)) is not None:
                    return self
        return super().resolved(home)


def add_claim(
    home: Installation,
    claim: NewClaim,
    *,
    draft: bool = False,
    coder: str | None = None,
    now: datetime,
) -> tuple[int, bool]:
    """Store a claim and log it; return its id and whether it is new. Again, it is the same claim.

    A claim with the key of another one is its next version.

    Args:
        draft: It is a question: listed with no claims before it is kept or frozen. Asked again, it
            is the same question, whatever became of it.
        coder: Who adds it; None: nobody gave a name.

    Raises:
        InvalidRule: The rule can't be parsed; the error says where.
        InvalidRequest: A text is empty, too long or not printable, or the days are out of order.
        Conflict: The key is of a claim that comes with the program, or of a question in work, or
            the claim changes at this moment.
    """
    check_period(claim.first, claim.last, parse(claim.rule))
    claim = replace(claim, publication=own_name(home, claim.publication) or "")
    values = {
        "statement": one_line(claim.statement, "a statement", LONGEST_TEXT),
        "rule": claim.rule.strip(),
        "publication": one_line(claim.publication, "a publication", LONGEST_NAME),
        "first_date": claim.first,
        "last_date": claim.last,
        "source": one_line(claim.source, "a source", LONGEST_TEXT, empty=True),
        "note": one_line(claim.note or "", "a note", LONGEST_TEXT, empty=True) or None,
    }
    key = _key(claim, values if draft else None)
    with home.database.write() as session:
        if draft and (question := session.scalars(select(ClaimRow).filter_by(key=key)).first()):
            if not is_same(question, values):
                raise Conflict(f"there is a claim {key} already: ask under another key")
            if question.draft and question.kept_after is not None:
                question.kept_after = None
                text = Message("asked again: %(statement)s", statement=question.statement)
                by = Author(coder, home.recipe.codebook, now)
                add_edit(session, by, Action.ASK, ("claim", question.id), text)
            return question.id, False
        latest: ClaimRow | None = session.scalars(
            _latest().where(ClaimRow.key == key)
        ).one_or_none()
        if latest is not None and latest.seeded:
            raise Conflict(f"{key} is a claim that comes with Presslens: give yours another key")
        if latest is not None and is_same(latest, values):
            return latest.id, False
        if latest is not None and latest.draft:
            raise Conflict(f"{key} is a question in work: keep it first, or ask another one")
        values["draft"] = draft
        claim_id = append_version(session, latest, key, values, seeded=False, now=now)
        text = Message("claim added: %(statement)s", statement=values["statement"])
        if draft:
            text = Message("asked: %(statement)s", statement=values["statement"])
        by = Author(coder, home.recipe.codebook, now)
        action = Action.ASK if draft else Action.ADD_CLAIM
        add_edit(session, by, action, ("claim", claim_id), text)
        return claim_id, True


def keep_claim(
    home: Installation, claim_id: int, *, coder: str | None = None, now: datetime
) -> ClaimState:
    """Make a claim of a question; it says how often it was looked at before. Again, it stays one.

    Args:
        claim_id: Id of the version.
        coder: Who keeps it; None: nobody gave a name.

    Raises:
        NotFound: There is no such claim.
    """
    with home.database.write() as session:
        row = _claim_row(session, claim_id)
        if row.draft:
            looks = select(func.count()).select_from(ClaimLookRow).filter_by(claim_id=claim_id)
            row.draft, row.kept_after = False, session.scalar(looks) or 0
            text = Message(
                "kept (looks before: %(looks)s): %(statement)s",
                looks=row.kept_after,
                statement=row.statement,
            )
            by = Author(coder, home.recipe.codebook, now)
            add_edit(session, by, Action.KEEP_CLAIM, ("claim", claim_id), text)
    return find_claim(home, claim_id)


def is_same(row: ClaimRow, values: Mapping[str, Any]) -> bool:
    """Return whether a claim has exactly these values."""
    return all(getattr(row, name) == value for name, value in values.items())


def append_version(
    session: Session,
    latest: ClaimRow | None,
    key: str,
    values: dict[str, Any],
    *,
    seeded: bool,
    now: datetime,
) -> int:
    """Write the next version of a claim, and return its id.

    Raises:
        Conflict: Another writer added the version at this moment.
    """
    number = latest.version + 1 if latest is not None else 1
    row = {**values, "key": key, "version": number, "seeded": seeded, "created_at": now}
    if not insert_new(session, ClaimRow, **row):
        raise Conflict(f"the claim {key} is being changed: try again")
    return session.scalar(select(ClaimRow.id).filter_by(key=key, version=number)) or 0


def list_claims(
    home: Installation, criteria: ClaimFilter, *, limit: int, start: str | None = None
) -> Listing[ClaimState]:
    """Return claims by their first day.

    Args:
        limit: Largest number of claims.
        start: The cursor of the listing before; None for the first one.

    Raises:
        InvalidRequest: The cursor is not one of this list.
    """
    query = (select(ClaimRow) if criteria.versions else _latest()).where(*criteria.conditions())
    keys = [Key(ClaimRow.first_date, date), Key(ClaimRow.id, int)]
    with home.database.read() as session:
        page = paginate(session, query, keys, limit=limit, start=start)
        rows = [row.ClaimRow for row in page.items]
        states = _states(session, rows)
    return Listing(states, page.next_cursor)


def iterate_claims(home: Installation, criteria: ClaimFilter) -> Iterator[ClaimState]:
    """Yield all selected claims by their first day."""
    return every(lambda start: list_claims(home, criteria, limit=BATCH, start=start))


def claims_with_words(home: Installation, words: Sequence[str], *, limit: int) -> list[ClaimState]:
    """Return the latest versions of claims whose statement, key or newspaper hold all words.

    Those of whose days there is an edition come first.
    """
    text = ClaimRow.statement + " " + ClaimRow.key + " " + ClaimRow.publication
    holding = (text.icontains(word, autoescape=True) for word in words)
    query = _latest().where(ClaimRow.draft.is_(False), *holding)
    order = (_edition_of(any_day=False).exists().desc(), ClaimRow.first_date.desc(), ClaimRow.id)
    with home.database.read() as session:
        return _states(session, session.scalars(query.order_by(*order).limit(limit)).all())


def claims_at_hand(
    home: Installation, claims: Sequence[ClaimState], *, any_day: bool = False
) -> set[int]:
    """Return the ids of the claims of whose days there is an edition, analysed or not.

    Args:
        any_day: An edition of the newspaper is enough, of whatever day.
    """
    query = select(ClaimRow.id).where(
        ClaimRow.id.in_([claim.id for claim in claims]), _edition_of(any_day=any_day).exists()
    )
    with home.database.read() as session:
        return set(session.scalars(query))


def _edition_of(*, any_day: bool) -> Select[int]:
    """Return the query of the editions of a claim's newspaper, of its days or of any."""
    days = EditionRow.edition_date.between(ClaimRow.first_date, ClaimRow.last_date)
    return (
        select(EditionRow.id)
        .join(PublicationRow, PublicationRow.id == EditionRow.publication_id)
        .where(is_named(ClaimRow.publication.expression), *(() if any_day else (days,)))
        .correlate(ClaimRow)
    )


def find_claim(home: Installation, claim_id: int) -> ClaimState:
    """Return a version of a claim.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        return _states(session, [_claim_row(session, claim_id)])[0]


def _claim_row(session: Session, claim_id: int) -> ClaimRow:
    row = session.get(ClaimRow, claim_id)
    if row is None:
        raise NotFound("there is no such claim")
    return row


def claim_named(home: Installation, key: str) -> ClaimState:
    """Return the latest version of the claim with this key.

    Raises:
        NotFound: There is none.
    """
    claim = latest_claim(home, key)
    if claim is None:
        keys = sorted({claim.key for claim in iterate_claims(home, ClaimFilter())})
        alike = similar_names(key, keys)
        hint = f": did you mean {' or '.join(alike)}?" if alike else ""
        raise NotFound(f"there is no claim with the key {key!r}{hint}")
    return claim


def latest_claim(home: Installation, key: str) -> ClaimState | None:
    """Return the latest version of the claim with this key; None: there is none."""
    with home.database.read() as session:
        rows = session.scalars(_latest().where(ClaimRow.key == key)).all()
        return next(iter(_states(session, rows)), None)


def open_questions(home: Installation) -> list[ClaimState]:
    """Return the questions in work, the latest first: drafts, and those whose plan may decide."""
    order = ClaimRow.created_at.desc(), ClaimRow.id.desc()
    planned = select(ClaimPlanRow.claim_id)
    decided = select(ClaimLookRow.claim_id).where(
        ClaimLookRow.stage.is_not(None), ClaimLookRow.verdict != TruthValue.UNDECIDED
    )
    in_work = ClaimRow.id.in_(planned) & ClaimRow.id.not_in(decided)
    discarded = ClaimRow.draft & ClaimRow.kept_after.is_not(None)
    query = _latest().where(ClaimRow.draft | in_work, ~discarded).order_by(*order)
    with home.database.read() as session:
        return _states(session, session.scalars(query).all())


def remove_claim(
    home: Installation, claim_id: int, *, coder: str | None = None, now: datetime
) -> None:
    """Remove a claim with all its versions, or discard a question.

    A question that was looked at stays among the drafts, with its looks: asked again, it is no new
    one, and registered, it was seen before.

    Args:
        claim_id: Id of a version.
        coder: Who removes it; None: nobody gave a name.

    Raises:
        NotFound: There is none with this id.
        Conflict: It comes with the program.
    """
    with home.database.write() as session:
        row = _claim_row(session, claim_id)
        if row.seeded:
            raise Conflict("this claim comes with Presslens and can't be removed")
        if frozen_versions(session, {row.key}):
            raise Conflict(
                f"{row.key} is frozen and stays, so that its verdicts can be told from those of"
                " claims that were made later: add a new version, which says that it is one"
            )
        text = Message("removed: %(statement)s", statement=row.statement)
        by = Author(coder, home.recipe.codebook, now)
        add_edit(session, by, Action.REMOVE_CLAIM, ("claim", claim_id), text)
        versions = (ClaimRow.key == row.key) & ClaimRow.seeded.is_(False)
        of_claim = select(ClaimLookRow.id).join(ClaimRow).where(versions)
        looks = session.scalar(select(func.count()).select_from(of_claim.subquery()))
        if looks:
            discarded = {"draft": True, "kept_after": looks}
            session.execute(update(ClaimRow).where(versions).values(discarded))
        else:
            session.execute(delete(ClaimRow).where(versions))


def check_period(first: date, last: date, rule: Node) -> None:
    """Check that the days of a claim are in order, not too many, and apart from those it names.

    Raises:
        InvalidRequest: ``first`` lies after ``last``, a period is too long, or both overlap.
    """
    check_days(first, last)
    named = named_days_of(rule)
    for start, end in filter(None, ((first, last), named)):
        if (end - start).days >= LONGEST_PERIOD:
            raise InvalidRequest(f"a claim is about {LONGEST_PERIOD} days at most")
    if named is not None and named[0] <= last and first <= named[1]:
        raise InvalidRequest("the days that are compared with lie apart from those of the claim")


def _key(claim: NewClaim, question: Mapping[str, Any] | None) -> str:
    """Return the key of a claim; that of a question is made of all that is stored of it."""
    if claim.key is None and question is not None:
        return f"{ASKED}{hashlib.sha256(repr(question).encode()).hexdigest()[:12]}"
    if claim.key is None:
        about = (claim.publication.strip(), claim.first, claim.last, claim.statement.strip())
        return f"own-{hashlib.sha256(repr(about).encode()).hexdigest()[:12]}"
    if KEY.fullmatch(claim.key) is None:
        raise InvalidRequest("a key has up to 100 small letters, digits and hyphens")
    return claim.key


def _latest() -> Select[ClaimRow]:
    """Return the query of the latest version of each claim."""
    other = aliased(ClaimRow)
    later = select(other.id).where(other.key == ClaimRow.key, other.version > ClaimRow.version)
    return select(ClaimRow).where(~later.correlate(ClaimRow).exists())


def _newest(session: Session, keys: set[str]) -> dict[str, int]:
    query = select(ClaimRow.key, func.max(ClaimRow.version)).where(ClaimRow.key.in_(keys))
    return dict(session.execute(query.group_by(ClaimRow.key)).all())


def _states(session: Session, rows: Sequence[ClaimRow]) -> list[ClaimState]:
    if not rows:
        return []
    keys = {row.key for row in rows}
    newest, frozen = _newest(session, keys), frozen_versions(session, keys)
    registrations = registrations_of(session, [row.id for row in rows])
    return [
        ClaimState.from_attributes(
            row,
            latest=row.version == newest[row.key],
            rule_version=rule_version(parse(row.rule)),
            first=row.first_date,
            last=row.last_date,
            registration=registrations.get(row.id),
            changes_frozen=max(
                (v for v in frozen.get(row.key, ()) if v < row.version), default=None
            ),
        )
        for row in rows
    ]
