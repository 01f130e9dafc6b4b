"""Names what edits are about, as far as it is still there, and who has made edits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Select, func, select

from presslens.app.db.edits import EditRow
from presslens.app.db.figures import FigureRow
from presslens.app.db.publications import PublicationRow
from presslens.app.db.samples import SampleRow
from presslens.app.db.tables import EditionRow, LabelRow, PageRow
from presslens.app.installation import Installation
from presslens.app.services.edits.edited_photos import photo_places
from presslens.app.services.edits.listing import EditFilter, matching

Target = tuple[str, int]
"""The kind of a row that an edit is about, and its id."""

NAMES: Mapping[str, Select[*tuple[Any, ...]]] = {
    "page": select(PageRow.id, PageRow.number),
    "publication": select(PublicationRow.id, PublicationRow.name),
    "figure": select(FigureRow.id, FigureRow.name),
    "label": select(LabelRow.id, LabelRow.name),
    "sample": select(SampleRow.id, SampleRow.name),
}
"""For each kind of row with a page of its own, the query of ids and names; two kinds apart."""


def target_names(home: Installation, targets: Iterable[Target]) -> dict[Target, Any]:
    """Return the names of rows that edits are about: a number, a name, or a place.

    An edition has the name of its newspaper and its day.

    What is no longer there, or has no page of its own, has none.

    Args:
        targets: Few enough to be listed on a page.
    """
    asked: defaultdict[str, set[int]] = defaultdict(set)
    for kind, id_ in targets:
        asked[kind].add(id_)
    with home.database.read() as session:
        named: dict[Target, Any] = {
            (kind, id_): name
            for kind, ids in asked.items()
            if kind in NAMES
            for id_, name in session.execute(
                NAMES[kind].where(NAMES[kind].selected_columns[0].in_(sorted(ids)))
            )
        }
        places = photo_places(session, asked["photo"])
        editions = session.scalars(select(EditionRow).where(EditionRow.id.in_(asked["edition"])))
        for one in editions:
            named["edition", one.id] = (one.publication.name, one.edition_date)
    return named | {("photo", id_): place for id_, place in places.items()}


def count_edits(home: Installation, criteria: EditFilter) -> int:
    """Return how many edits are selected."""
    with home.database.read() as session:
        query = select(func.count()).select_from(EditRow).where(*matching(criteria))
        return session.scalar(query) or 0


def list_coders(home: Installation) -> list[str]:
    """Return the names of all who have made edits, in order."""
    with home.database.read() as session:
        return list(session.scalars(select(EditRow.coder).distinct().order_by(EditRow.coder)))
