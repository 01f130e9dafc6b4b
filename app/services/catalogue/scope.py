"""Whether there is what somebody names: a newspaper, an edition, editions of some days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.figures import FigureRow
from presslens.app.db.publications import find_publication
from presslens.app.db.queries import EditionScope
from presslens.app.db.tables import EditionRow, PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest, NotFound
from presslens.app.services.catalogue.publications import all_names
from presslens.app.services.catalogue.same_newspaper import likely_same
from presslens.app.services.catalogue.trash import missing_edition
from presslens.app.services.labels.labels import check_label
from presslens.models.message import Message
from presslens.pipelines.statistics.measure import FIGURE, LABEL

_UNSTORED = 0
"""The id of a name that is asked for: no newspaper has it."""


def check_scope(home: Installation, scope: EditionScope) -> None:
    """Check that the edition and the newspaper of a scope exist, and that it holds an edition.

    Raises:
        NotFound: They do not, or it holds none; the message names what there is.
    """
    with home.database.read() as session:
        _check_edition(session, scope.edition)
        if scope.publication is not None:
            _check_publication(session, scope.publication)
        editions = select(EditionRow.id).join(EditionRow.publication).where(*scope.conditions())
        if session.scalar(editions.limit(1)) is None:
            of = f" of {scope.publication}" if scope.publication else ""
            raise NotFound(f"there are no editions{of}{_days(scope)}; `presslens import` adds some")


def check_publication(home: Installation, name: str | None) -> None:
    """Check that a newspaper exists, where one is named.

    Raises:
        NotFound: It doesn't; the message names those that are like it, or all there are.
    """
    if name is not None:
        with home.database.read() as session:
            _check_publication(session, name)


def check_edition(home: Installation, edition: int | None) -> None:
    """Check that an edition exists, where one is named.

    Raises:
        NotFound: It doesn't.
        Gone: It was deleted.
    """
    with home.database.read() as session:
        _check_edition(session, edition)


def _check_edition(session: Session, edition: int | None) -> None:
    if edition is not None and session.get(EditionRow, edition) is None:
        raise missing_edition(session, edition)


def check_figures(home: Installation, names: Iterable[str]) -> None:
    """Check that figures are enrolled.

    Raises:
        InvalidRequest: One is not; the message names those that are like it, or all there are.
    """
    with home.database.read() as session:
        enrolled = session.scalars(select(FigureRow.name).order_by(FigureRow.name)).all()
    for name in names:
        if name not in enrolled:
            raise InvalidRequest(_unknown_figure(name, enrolled))


def _unknown_figure(name: str, enrolled: Sequence[str]) -> Message:
    alike = ", ".join(similar_names(name, enrolled))
    if alike:
        return Message(
            "no figure is called %(name)r: did you mean %(alike)s?", name=name, alike=alike
        )
    if not enrolled:
        return Message("no figure is called %(name)r: nobody is enrolled yet", name=name)
    names = ", ".join(enrolled)
    return Message("no figure is called %(name)r; enrolled: %(names)s", name=name, names=names)


def check_measure(home: Installation, measure: str) -> None:
    """Check that the figure or the label that a measure names exists.

    Raises:
        InvalidRequest: It doesn't.
    """
    if measure.startswith(FIGURE):
        check_figures(home, [measure.removeprefix(FIGURE)])
    if measure.startswith(LABEL):
        check_label(home, measure.removeprefix(LABEL))


def unknown_newspaper(home: Installation, name: str) -> Message | None:
    """Return what to say of a name that no newspaper has; None where one has it."""
    with home.database.read() as session:
        return None if find_publication(session, name) else _unknown(session, name)


def _check_publication(session: Session, name: str) -> None:
    if find_publication(session, name) is None:
        raise NotFound(_unknown(session, name))


def own_name(home: Installation, name: str | None) -> str | None:
    """Return the name of the newspaper that has a name or an alias; without one, what was given."""
    if name is None:
        return None
    with home.database.read() as session:
        row = find_publication(session, name)
        return row.name if row is not None else name


def existing_newspaper(home: Installation, name: str | None) -> str | None:
    """Return the name of the newspaper that is asked for by its name or an alias, if one is.

    Raises:
        InvalidRequest: There is none; the message names those that are like it, or all there are.
    """
    if name is None:
        return None
    with home.database.read() as session:
        row = find_publication(session, name)
        if row is None:
            raise InvalidRequest(_unknown(session, name))
        return row.name


def _unknown(session: Session, name: str) -> Message:
    alike = _meant(session, name)
    if alike:
        return Message(
            "there is no newspaper %(name)r: did you mean %(alike)s?",
            name=name,
            alike=", ".join(alike),
        )
    names = session.scalars(select(PublicationRow.name).order_by(PublicationRow.name)).all()
    if not names:
        return Message("there is no newspaper %(name)r, and no other one yet", name=name)
    return Message(
        "there is no newspaper %(name)r; there are: %(names)s", name=name, names=", ".join(names)
    )


def mistaken_for(home: Installation, name: str) -> list[str]:
    """Return the newspapers that a name nobody has used before may be meant for.

    Those of which it is a spelling, or a name in another script, come before those that it is like.
    """
    with home.database.read() as session:
        if find_publication(session, name) is not None:
            return []
        names = all_names(session)
        same = likely_same({**names, _UNSTORED: [name]})[_UNSTORED]
        return list(dict.fromkeys([*(names[id_][0] for id_ in same), *_meant(session, name)]))


def similar_names(name: str, names: Sequence[str]) -> list[str]:
    """Return up to three names that are like one, or hold it, whatever their letter case."""
    folded, typed = {one.casefold(): one for one in names}, name.strip().casefold()
    alike = get_close_matches(typed, folded, n=3, cutoff=0.75)
    holding = [one for one in folded if typed and typed in one]
    return [folded[one] for one in dict.fromkeys((*alike, *holding))][:3]


def _meant(session: Session, name: str) -> list[str]:
    """Return the names of the newspapers that have a name, or else an alias, like one."""
    every = list(all_names(session).values())
    alike = similar_names(name, [names[0] for names in every])
    if alike:
        return alike
    meant = {alias: names[0] for names in every for alias in names[1:]}
    return list(dict.fromkeys(meant[alias] for alias in similar_names(name, list(meant))))


def _days(scope: EditionScope) -> str:
    first = "" if scope.first is None else f" from {scope.first}"
    return first if scope.last is None else f"{first} to {scope.last}"
