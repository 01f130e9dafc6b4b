"""Assigns the open items of a sample to coders after the draw, in turn by their shares."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.edits import Action, Author, EditRow, add_edit
from presslens.app.db.samples import SampleItemRow, SampleRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.reviews.coding import CodedSample
from presslens.app.services.reviews.consensus import update_scans_consensus
from presslens.app.services.reviews.reviews import check_person
from presslens.app.services.samples.samples import SampleState, sample_row, sample_state
from presslens.models.message import Message
from presslens.pipelines.counted import counted

MOST_PARTS = 100
"""Largest number of parts of a coder."""


def assign_items(
    home: Installation,
    key: int | str,
    parts: Mapping[str, int],
    *,
    of: str | None = None,
    coder: str | None = None,
    now: datetime,
) -> SampleState:
    """Assign the open items of a sample to coders, in turn; log it, so that it can be undone.

    What somebody has coded stays where it is. An item that is for a second coder too goes to two.

    Args:
        key: Id or name of the sample.
        parts: By the name of each coder, how many items of a round are the coder's.
        of: Whose open items are assigned; None: all.
        coder: Who assigns them; None: nobody gave a name.

    Raises:
        NotFound: There is no such sample.
        InvalidRequest: Nobody is named, or no item is open.
    """
    names = [name for name, n in parts.items() if n > 0]
    if not names or max(parts.values()) > MOST_PARTS:
        raise InvalidRequest.saying(
            "name one coder at least, with 1 to %(most)s parts", most=MOST_PARTS
        )
    for name in names:
        check_person(name)
    with home.database.write() as session:
        row = sample_row(session, key)
        sample = CodedSample(session, home.recipe, row)
        order = _round({name: parts[name] for name in names})
        before = _assign(session, sample, order, of)
        if not before:
            raise InvalidRequest.saying("no item is open there that could be assigned")
        coders = list(row.coders)
        row.coders = _coders(session, row, names)
        _update(session, row, before)
        text = Message(
            "%(items)s of the sample %(sample)s go to %(names)s",
            items=counted(len(before), "photo" if row.measures else "page"),
            sample=row.name,
            names=", ".join(names),
        )
        by, change = Author(coder, row.codebook, now), {"items": before, "coders": coders}
        add_edit(session, by, Action.ASSIGN, ("sample", row.id), text, change)
        return sample_state(session, home.recipe, row)


def undo_assignment(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Give the items of an edit back to whom they were assigned; no number of an edition changes.

    What has been assigned again since, or coded, stays.
    """
    row = session.get(SampleRow, edit.target_id)
    if row is None:
        return ()
    for item_id, first, second in edit.change["items"]:
        item = session.get(SampleItemRow, item_id)
        if item is not None:
            item.coder, item.second_coder = first, second
    row.coders = edit.change["coders"]
    _update(session, row, edit.change["items"])
    return ()


def _round(parts: Mapping[str, int]) -> list[str]:
    """Return one round of turns, in which each coder has as many as the coder's parts.

    >>> _round({"Ann": 2, "Ben": 1})
    ['Ann', 'Ben', 'Ann']
    """
    total, turns = sum(parts.values()), list[str]()
    for place in range(1, total + 1):
        behind = {name: n * place / total - turns.count(name) for name, n in parts.items()}
        turns.append(max(behind, key=lambda name: behind[name]))
    return turns


def _assign(
    session: Session, sample: CodedSample, order: Sequence[str], of: str | None
) -> list[Any]:
    """Assign open items; return the id and the coders before of each that was changed."""
    rows = {
        row.id: row
        for row in session.scalars(select(SampleItemRow).filter_by(sample_id=sample.row.id))
    }
    before: list[Any] = []
    turn = 0
    for item in sample.items:
        row, done = rows[item.id], sample.coders.get(item.id, set())
        first, second = row.coder, row.second_coder
        if not done and of in (None, first):
            row.coder = order[turn % len(order)]
            turn += 1
        waits = row.second and len(done) < 2
        if waits and (of in (None, second) or row.second_coder == row.coder):
            others = [name for name in dict.fromkeys(order) if name not in {row.coder, *done}]
            row.second_coder = others[turn % len(others)] if others else None
        if (first, second) != (row.coder, row.second_coder):
            before.append([row.id, first, second])
    session.flush()
    return before


def _coders(session: Session, row: SampleRow, names: Sequence[str]) -> list[str]:
    """Return the coders who have items, in the order in which they came to the sample."""
    columns = SampleItemRow.coder, SampleItemRow.second_coder
    items = session.execute(select(*columns).filter_by(sample_id=row.id)).all()
    assigned = {name for pair in items for name in pair}
    return [name for name in dict.fromkeys([*row.coders, *names]) if name in assigned]


def _update(session: Session, row: SampleRow, items: Sequence[Sequence[Any]]) -> None:
    """Let the rows of photos follow, which know what second coders answer."""
    session.flush()
    if row.measures:
        ids = [one[0] for one in items]
        query = select(SampleItemRow.scan_id).where(SampleItemRow.id.in_(ids)).distinct()
        update_scans_consensus(session, sorted(session.scalars(query)))
