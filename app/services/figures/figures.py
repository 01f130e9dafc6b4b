"""Enrols, lists and removes public figures; the worker embeds their reference photos."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from sqlalchemy import delete, insert, literal, select
from sqlalchemy.orm import Session, aliased, selectinload

from presslens.app.db.edits import Author
from presslens.app.db.figures import FigureRoleRow, FigureRow, ReferenceRow
from presslens.app.db.publications import PublicationRow, find_publication, publication_named
from presslens.app.db.reviews import ReviewAnswerRow, ReviewRow, SettledAnswerRow
from presslens.app.db.tables import EditionRow, OutcomeRow, PhotoRow
from presslens.app.db.upsert import insert_new
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.platform.text import fold_name, plain_name
from presslens.app.services.figures.figure_edits import log_enrolment, log_references, log_roles
from presslens.app.services.figures.gallery import named_figures, newspaper_of_scan
from presslens.app.services.figures.references import (
    WITH_FACES,
    FigureState,
    assessed_references,
    figure_state,
)
from presslens.app.services.ingest.retry import look_again
from presslens.app.services.ingest.upload import Incoming
from presslens.models.faces.embedding import distances
from presslens.models.faces.gallery import LEADER, Role
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.pipelines.scans.scan import shown
from presslens.pipelines.statistics.consensus import denied_by
from presslens.pipelines.statistics.measure import FIGURE

LONGEST = 255
"""Largest number of characters of a name: the width of its column."""


@dataclass(frozen=True, slots=True)
class FigureEdit:
    """The id of a figure that was changed, and of the edit; None: nothing was new."""

    figure: int
    edit: int | None


def add_figure(
    home: Installation,
    name: str,
    *,
    role: Role = Role.LEADER,
    newspapers: Sequence[str] | None = None,
    now: datetime,
) -> int:
    """Enrol a figure, and return its id; see ``enrol_by_name``."""
    return enrol_by_name(home, name, role=role, newspapers=newspapers, now=now).figure


def enrol_by_name(
    home: Installation,
    name: str,
    *,
    role: Role = Role.LEADER,
    newspapers: Sequence[str] | None = None,
    public_role: str | None = None,
    coder: str | None = None,
    now: datetime,
) -> FigureEdit:
    """Enrol a figure without references; the same name and role again are the same figure.

    Args:
        name: The figure's name.
        role: What the figure is to newspapers.
        newspapers: The names of these newspapers, of which new ones are added; None: the only one
            that has editions, or else the only one that there is; none if there are several.
        public_role: What public role the person has, "minister of defence" for instance, which the
            log keeps; None: the one that ``role`` names, if it names one.
        coder: Who enrols it; None: nobody gave a name.

    Raises:
        InvalidRequest: The name is empty, too long, or holds what can't be printed; or the public
            role is empty.
        Conflict: The name is enrolled with another role, or in other case or spacing.
    """
    name = _checked_name(name)
    declared = _declared_role(role, public_role)
    with home.database.write() as session:
        figure, is_new = _insert_figure(session, name, role, newspapers, now)
        if not is_new:
            return FigureEdit(figure.id, None)
        by = Author(coder, home.recipe.codebook, now)
        return FigureEdit(figure.id, log_enrolment(session, by, figure, (), declared, role))


def enrol_figure(
    home: Installation,
    name: str,
    photos: Iterable[Incoming],
    *,
    role: Role = Role.LEADER,
    newspapers: Sequence[str] | None = None,
    public_role: str | None = None,
    coder: str | None = None,
    now: datetime,
) -> FigureEdit:
    """Enrol a figure with its reference photos, both or neither; see ``enrol_by_name``.

    Raises:
        InvalidRequest: The name can't be used, the person is not said to be a public figure, or
            there is no photo.
        Conflict: As ``enrol_by_name``; or a photo is one of another figure.
        LimitExceeded: A photo is larger than the settings allow.
        DiskFull: Too little disk is free.
        StoreMissing: The store can't be written to.
    """
    name = _checked_name(name)
    declared = _declared_role(role, public_role)
    stored = _store(home, photos)
    with home.database.write() as session:
        figure, is_new = _insert_figure(session, name, role, newspapers, now)
        added = _append(session, locked_figure(session, figure.id), stored, now)
        by = Author(coder, home.recipe.codebook, now)
        if is_new:
            return FigureEdit(figure.id, log_enrolment(session, by, figure, added, declared, role))
        return FigureEdit(figure.id, log_references(session, by, figure, added))


def add_references(
    home: Installation,
    figure_id: int,
    photos: Iterable[Incoming],
    *,
    coder: str | None = None,
    now: datetime,
) -> int | None:
    """Store reference photos of a figure; they are used once the worker has embedded them.

    Returns:
        The id of the edit; None if the figure has all of them already.

    Raises:
        NotFound: There is no such figure.
        InvalidRequest: There is no photo.
        Conflict: A photo is one of another figure.
        LimitExceeded: A photo is larger than the settings allow.
        DiskFull: Too little disk is free.
    """
    find_figure(home, figure_id)
    stored = _store(home, photos)
    with home.database.write() as session:
        figure = locked_figure(session, figure_id)
        added = _append(session, figure, stored, now)
        by = Author(coder, home.recipe.codebook, now)
        return log_references(session, by, figure, added)


def _checked_name(name: str) -> str:
    name = plain_name(name)
    if not 0 < len(name) <= LONGEST or not name.isprintable():
        raise InvalidRequest.saying(
            "a figure's name is one line of 1 to %(most)s printable characters",
            most=LONGEST,
        )
    if "/" in name or "@" in name:
        # They part a metric's name from its zone and weight: figure:NAME@front/area.
        raise InvalidRequest.saying(
            "a figure's name has no / and no @, for metrics could not name it"
        )
    return name


def _declared_role(role: Role, public_role: str | None) -> str | None:
    """Return the public role of a person to enrol; None: nobody has declared one.

    Leaders, heirs and officials have one by their role. Whoever declares none by an empty text is
    refused; clients of before there were declarations say nothing, and the log says so.
    """
    if public_role is None:
        return None if role == Role.OTHER else str(role)
    declared = " ".join(public_role.split())
    if len(declared) > LONGEST or not declared.isprintable():
        raise InvalidRequest.saying(
            "a public role has 1 to %(most)s printable characters", most=LONGEST
        )
    if not declared:
        raise InvalidRequest.saying(
            "only public figures are enrolled: say which public role the person has (public_role)"
        )
    return declared


def _insert_figure(
    session: Session, name: str, role: Role, newspapers: Sequence[str] | None, now: datetime
) -> tuple[FigureRow, bool]:
    is_new = insert_new(session, FigureRow, name=name, created_at=now)
    figure = session.scalars(select(FigureRow).filter_by(name=name)).one()
    others = session.scalars(select(FigureRow.name).where(FigureRow.id != figure.id)).all()
    alike = next((other for other in others if fold_name(other) == fold_name(name)), None)
    if is_new and alike is not None:
        raise Conflict.saying(
            "%(other)s is enrolled already: a figure's name must differ from others in more than"
            " case and spacing",
            other=alike,
        )
    if newspapers is None:
        only = only_newspaper(session)
        papers = [] if only is None else [only]
    else:
        papers = [publication_named(session, paper) for paper in newspapers]
    if is_new:
        _store_roles(session, figure, dict.fromkeys(papers, role))
        update_implied(session, figure)
        return figure, True
    roles = _roles_of(figure)
    other = next((p for p in papers if roles.get(p, Role.OTHER) != role), None)
    if other is not None:
        raise Conflict.saying(
            "%(name)s is enrolled already, with the role %(role)s",
            name=name,
            role=Message(str(roles.get(other, Role.OTHER))),
        )
    return figure, False


def only_newspaper(session: Session) -> int | None:
    """Return the id of the only newspaper with editions, or else of the only one; None: several."""
    with_editions = session.scalars(select(EditionRow.publication_id).distinct().limit(2)).all()
    papers = with_editions or session.scalars(select(PublicationRow.id).limit(2)).all()
    return papers[0] if len(papers) == 1 else None


def _roles_of(figure: FigureRow) -> dict[int, Role]:
    return {row.publication_id: Role(row.role) for row in figure.roles}


def _store_roles(session: Session, figure: FigureRow, roles: Mapping[int, Role]) -> None:
    """Store the roles of a figure in newspapers, by their ids; its other roles stay."""
    kept = _roles_of(figure) | dict(roles)
    session.execute(delete(FigureRoleRow).filter_by(figure_id=figure.id))
    session.add_all(
        FigureRoleRow(figure_id=figure.id, publication_id=id_, role=role)
        for id_, role in kept.items()
        if role != Role.OTHER
    )
    session.flush()
    session.expire(figure, ["roles"])


def _store(home: Installation, photos: Iterable[Incoming]) -> list[tuple[str, str]]:
    """Store photos; return the sha256 and the name of each."""
    stored, written = [], []
    for photo in photos:
        blob = home.storage.put(photo.stream, most=home.settings.file_bytes)
        stored.append((blob.sha256, photo.name))
        written += [blob.sha256] if blob.written else []
    if not stored:
        raise InvalidRequest.saying("give at least one reference photo")
    with home.database.write() as session:
        look_again(session, written)
    return stored


def _append(
    session: Session, figure: FigureRow, stored: Sequence[tuple[str, str]], now: datetime
) -> list[ReferenceRow]:
    """Append the references that a figure does not have yet, and return them.

    Raises:
        Conflict: A photo is one of another figure.
    """
    shared = (
        select(FigureRow.name, ReferenceRow.sha256)
        .join(ReferenceRow, ReferenceRow.figure_id == FigureRow.id)
        .where(FigureRow.id != figure.id, ReferenceRow.x1 == 0)
        .where(ReferenceRow.sha256.in_([sha256 for sha256, _ in stored]))
        .order_by(ReferenceRow.id)
    )
    for other, sha256 in session.execute(shared):
        photo = next(shown(name) for one, name in stored if one == sha256)
        raise Conflict.saying(
            "%(photo)s is a reference photo of %(name)s already: a face belongs to one figure only",
            photo=photo,
            name=other,
        )
    added = []
    present = {reference.sha256 for reference in figure.references if reference.place is None}
    for sha256, name in stored:
        if sha256 not in present:
            present.add(sha256)
            added.append(ReferenceRow(sha256=sha256, name=shown(name) or "unnamed", created_at=now))
    figure.references += added
    session.flush()
    return added


def set_role(
    home: Installation,
    figure_id: int,
    role: Role,
    *,
    newspapers: Sequence[str] | None = None,
    coder: str | None = None,
    now: datetime,
) -> int | None:
    """Change the role of a figure in newspapers; return the id of the edit, None if it has it.

    Args:
        newspapers: The names of these newspapers; None: the only one, see ``enrol_by_name``.

    Raises:
        NotFound: There is no such figure or newspaper.
        InvalidRequest: There are several newspapers, and none is named.
    """
    with home.database.write() as session:
        figure = locked_figure(session, figure_id)
        roles = _roles_of(figure)
        papers = _newspapers(session, newspapers)
        before = {id_: old for id_ in papers if (old := roles.get(id_, Role.OTHER)) != role}
        if not before:
            return None
        by = Author(coder, home.recipe.codebook, now)
        edit = log_roles(session, by, figure, before, role)
        change_roles(session, figure, dict.fromkeys(before, role))
        return edit


def change_roles(session: Session, figure: FigureRow, roles: Mapping[int, Role]) -> None:
    """Change the roles of a figure in newspapers, by their ids, and what follows from them."""
    _store_roles(session, figure, roles)
    update_implied(session, figure)


def _newspapers(session: Session, names: Sequence[str] | None) -> list[int]:
    if names is None:
        only = only_newspaper(session)
        if only is None:
            raise InvalidRequest.saying(
                "a role is one in a newspaper, and there are several: say in which"
            )
        return [only]
    papers = [(name, find_publication(session, name)) for name in names]
    for name, paper in papers:
        if paper is None:
            raise NotFound.saying("there is no newspaper %(name)r", name=name)
    return [paper.id for _, paper in papers if paper is not None]


def locked_figure(session: Session, figure_id: int) -> FigureRow:
    """Lock a figure against other writers until the transaction ends, and return it.

    Raises:
        NotFound: There is none with this id.
    """
    figure = session.get(FigureRow, figure_id, with_for_update=True)
    if figure is None:
        raise NotFound.saying("there is no such figure")
    return figure


def figure_named(home: Installation, name: str) -> int:
    """Return the id of the figure with this name.

    Raises:
        NotFound: There is none.
    """
    with home.database.read() as session:
        figure_id = session.scalar(select(FigureRow.id).filter_by(name=name))
    if figure_id is None:
        raise NotFound.saying("no figure is called %(name)r", name=name)
    return figure_id


def list_figures(home: Installation) -> list[FigureState]:
    """Return all figures by name."""
    with home.database.read() as session:
        figures = select(FigureRow).order_by(FigureRow.name)
        rows = session.scalars(figures.options(WITH_FACES, selectinload(FigureRow.roles)))
        like = resembled_figures(session, home.recipe)
        return [figure_state(row, home.recipe, like) for row in rows]


def find_figure(home: Installation, figure_id: int) -> FigureState:
    """Return a figure.

    Raises:
        NotFound: There is none with this id.
    """
    with home.database.read() as session:
        figure = session.get(FigureRow, figure_id)
        if figure is None:
            raise NotFound.saying("there is no such figure")
        return figure_state(figure, home.recipe, resembled_figures(session, home.recipe))


def resembled_figures(session: Session, recipe: Recipe) -> dict[int, str]:
    """Return the name of the other figure that each reference is nearest to, by its id.

    A reference is near if its distance is below ``enrol.apart``, which also says whether the
    references of one figure agree. Those that resemble no other figure are left out.
    """
    figures = session.scalars(select(FigureRow).order_by(FigureRow.name).options(WITH_FACES)).all()
    embedded = [
        (reference.id, figure.name, reference.embedding)
        for figure in figures
        for reference in assessed_references(figure, recipe)
        if reference.embedding is not None
    ]
    if len({name for _, name, _ in embedded}) < 2:
        return {}
    embeddings = np.stack([embedding for _, _, embedding in embedded])
    names = np.array([name for _, name, _ in embedded])
    resembled: dict[int, str] = {}
    for id_, name, embedding in embedded:
        others = names != name
        far = distances(embedding[None], embeddings[others])[0]
        nearest = int(far.argmin())
        if far[nearest] < recipe.interpret.enrol.apart:
            resembled[id_] = str(names[others][nearest])
    return resembled


def update_implied(session: Session, *figures: FigureRow) -> None:
    """Settle where figures are and are not, by what people have said of others, after a new role.

    ``pipelines.statistics.consensus`` says what follows from what: for every leader it depends on
    how many there are. What people have said of a figure itself stands, on the whole page.

    Args:
        session: An open transaction that writes.
        figures: Those with a new role.
    """
    session.flush()
    leaders: dict[int, list[str]] = defaultdict(list)
    for one in named_figures(session):
        for paper, role in one.roles.items():
            if role == LEADER:
                leaders[paper].append(one.name)
    names = {figure.name for figure in figures}.union(*leaders.values())
    for name in sorted(names):
        of = [paper for paper, every in leaders.items() if name in every]
        alone = [paper for paper in of if leaders[paper] == [name]]
        implied: list[tuple[str, bool, list[int] | None]] = []
        if alone:
            implied.append(("leader", True, alone))
        implied += [(other, False, None) for other in denied_by(Role.OTHER)]
        implied += [
            (other, False, of) for other in denied_by(LEADER) if other not in denied_by(Role.OTHER)
        ]
        _update_implied(session, name, implied)


def _update_implied(
    session: Session,
    name: str,
    implied_by: Sequence[tuple[str, bool, Collection[int] | None]],
) -> None:
    """Settle where a figure is and is not, by answers to other measures.

    Args:
        implied_by: Each measure, its answer, which is the figure's too, and the newspapers on whose
            scans that holds; None: all.
    """
    row, own = SettledAnswerRow, aliased(SettledAnswerRow)
    measure = f"{FIGURE}{name}"
    answered = (
        select(PhotoRow.id)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .join(ReviewRow, ReviewRow.scan_id == OutcomeRow.scan_id)
        .join(ReviewAnswerRow, ReviewAnswerRow.review_id == ReviewRow.id)
        .where(ReviewAnswerRow.measure == measure, ReviewRow.withdrawn_at.is_(None))
    )
    session.execute(
        delete(row).where(row.measure == measure, row.photo_id.not_in(answered)),
        execution_options={"synchronize_session": False},
    )
    with_answer = select(own.photo_id).where(own.measure == measure)
    implied = select(row.photo_id, literal(measure), row.shows, row.codebook)
    columns = ["photo_id", "measure", "shows", "codebook"]
    for other, shows, papers in implied_by:
        says = [row.measure == other, row.shows.is_(shows), row.photo_id.not_in(with_answer)]
        if papers is not None:
            scan = select(OutcomeRow.scan_id).join(PhotoRow, PhotoRow.outcome_id == OutcomeRow.id)
            of_photo = scan.where(PhotoRow.id == row.photo_id).correlate(row).scalar_subquery()
            says.append(newspaper_of_scan(of_photo).in_(papers))
        session.execute(insert(row).from_select(columns, implied.where(*says)))
