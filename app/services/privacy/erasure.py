"""Erases people: a figure with all that is known of it, or the name of a coder.

What was erased is logged as an edit without what it was. Earlier edits lose the name, and those
about a figure what undoing them needs. Answers that are kept for requests that are sent again, and
hold the name, are deleted.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, or_, select, true, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from presslens.app.db.accounts import InvitationRow
from presslens.app.db.edits import UNNAMED, Action, Author, EditRow, add_edit
from presslens.app.db.publications import TrashedEditionRow
from presslens.app.db.repeated_requests import forget_answers
from presslens.app.db.samples import SampleRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.accounts.accounts import account_of, close_account
from presslens.app.services.figures.erasure import PurgeCounts, erase_figure, purge_embeddings
from presslens.app.services.figures.figures import figure_named, locked_figure
from presslens.app.services.privacy.people_report import CODERS, NAMES_PEOPLE
from presslens.models.message import Message, dump_message
from presslens.pipelines.statistics.measure import FIGURE

ERASED_FIGURE = Message("an erased figure")


def erase_person(home: Installation, name: str, *, coder: str | None, now: datetime) -> int:
    """Erase a figure: references, embeddings, sightings, answers, and its name in the log.

    Claims that name it are texts of researchers, and stay.

    Returns:
        The id of the edit.

    Raises:
        NotFound: There is no such figure.
    """
    figure_id = figure_named(home, name)
    with home.database.write(erasing=True) as session:
        erase_figure(session, locked_figure(session, figure_id), now=now)
        of_figure = update(EditRow).where(
            EditRow.target == "figure", EditRow.target_id == figure_id
        )
        session.execute(of_figure.values(text=dump_message(ERASED_FIGURE), change={}))
        left = {"undone_at": now, "undone_by": UNNAMED}  # an id may be given again
        session.execute(of_figure.where(EditRow.undone_at.is_(None)).values(left))
        erased = str(ERASED_FIGURE)
        _replace_in_log(session, {name: erased, f"{FIGURE}{name}": f"{FIGURE}{erased}"})
        forget_answers(session, name)
        text = Message("a figure and all that was stored of it are erased")
        by = Author(coder, home.recipe.codebook, now)
        return add_edit(session, by, Action.ERASE, ("figure", figure_id), text).id


def erase_coder(
    home: Installation, name: str, *, coder: str | None = None, now: datetime
) -> tuple[str, int]:
    """Replace the name of a coder by a pseudonym, everywhere; the coder's answers stay.

    An account of this name is closed for good.

    Returns:
        The pseudonym, and the id of the edit.

    Raises:
        NotFound: Nothing is stored of such a coder.
        Conflict: No account could manage accounts any more.
    """
    if name == UNNAMED:
        raise InvalidRequest.saying("nobody is named by that")
    with home.database.write(erasing=True) as session:
        samples = [row for row in session.scalars(select(SampleRow)) if name in row.coders]
        named = any(
            _exists(session, (column == name) & NAMES_PEOPLE.get(where, true()))
            for where, column in CODERS.items()
        )
        has_account = account_of(session, name) is not None
        forgotten = forget_answers(session, name)
        if not (named or samples or has_account or forgotten):
            raise NotFound.saying("nothing is stored of a coder called %(name)r", name=name)
        pseudonym = f"coder-{secrets.token_hex(4)}"
        if has_account:
            close_account(session, name, pseudonym, now=now)
        invited = update(InvitationRow).where(InvitationRow.name == name)
        session.execute(invited.values(revoked_at=func.coalesce(InvitationRow.revoked_at, now)))
        for column in CODERS.values():
            _rename(session, column, name, pseudonym)
        for row in samples:
            row.coders = [pseudonym if one == name else one for one in row.coders]
        _replace_in_log(session, {name: pseudonym})
        text = Message("the name of a coder is replaced by %(pseudonym)s", pseudonym=pseudonym)
        by = Author(None if coder == name else coder, home.recipe.codebook, now)
        edit = add_edit(session, by, Action.ERASE, ("coder", 0), text)
        return pseudonym, edit.id


def erase_embeddings(
    home: Installation, *, coder: str | None = None, now: datetime
) -> tuple[PurgeCounts, int]:
    """Delete the embeddings of all faces; return how many, and the id of the edit."""
    counts = purge_embeddings(home)
    with home.database.write() as session:
        text = Message(
            "the embeddings of %(faces)s faces and %(references)s references are erased",
            faces=counts.faces,
            references=counts.references,
        )
        by = Author(coder, home.recipe.codebook, now)
        return counts, add_edit(session, by, Action.ERASE, ("embedding", 0), text).id


def _exists(session: Session, condition: ColumnElement[bool]) -> bool:
    return bool(session.scalar(select(func.count()).where(condition)))


def _rename(
    session: Session, column: InstrumentedAttribute[Any], name: str, pseudonym: str
) -> None:
    rows = update(column.class_).where(column == name)
    session.execute(rows.values({column.key: pseudonym}))
    together = select(column).where(column.contains(name, autoescape=True)).distinct()
    for names in session.scalars(together).all():  # an import of several coders' answers
        parts = str(names).split(", ")
        if name in parts:
            others = ", ".join(pseudonym if one == name else one for one in parts)
            rows = update(column.class_).where(column == names)
            session.execute(rows.values({column.key: others}))


def _replace_in_log(session: Session, names: Mapping[str, str]) -> None:
    """Replace texts that are names, wherever they stand in the log and in the trash."""
    for table, columns in (
        (EditRow, (EditRow.text, EditRow.change)),
        (TrashedEditionRow, (TrashedEditionRow.document,)),
    ):
        for row in session.scalars(select(table).where(_mentions(columns, names))):
            for column in columns:
                setattr(row, column.key, _replaced(getattr(row, column.key), names))
    session.flush()


def _mentions(columns: Any, names: Mapping[str, str]) -> ColumnElement[bool]:
    return or_(
        *(
            cast(column, Text).contains(json.dumps(name), autoescape=True)
            for column in columns
            for name in names
        )
    )


def _replaced(value: Any, names: Mapping[str, str]) -> Any:
    """Return a JSON document in which names are replaced, as values and as keys."""
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, list):
        return [_replaced(one, names) for one in value]
    if isinstance(value, dict):
        return {names.get(key, key): _replaced(one, names) for key, one in value.items()}
    return value
