"""Builds the gallery that faces are matched with, and computes its version by newspaper."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, case, literal, select
from sqlalchemy.orm import Session

from presslens.app.db.archive_view import by_answers, by_request
from presslens.app.db.figures import FigureRoleRow, FigureRow
from presslens.app.db.publications import stated_newspaper
from presslens.app.db.tables import EditionRow, OutcomeRow, PageRow
from presslens.app.services.figures.references import (
    WITH_FACES,
    AssessedReference,
    assessed_references,
    unembedded,
)
from presslens.models.faces.enrol import Fault
from presslens.models.faces.gallery import LEADER, EnrolledFigure, Gallery, Role
from presslens.models.recipe import Recipe
from presslens.pipelines.statistics.availability import LookedFor

Roles = Mapping[str, Role]
"""The role of each figure by name."""


@dataclass(frozen=True, slots=True, eq=False)
class NamedGallery:
    """The figures with their used references, and their ids by name."""

    figures: Sequence[EnrolledFigure]  # each with the role of none
    ids: dict[str, int]
    state: GalleryState

    def of(self, publication_id: int | None) -> Gallery:
        """Return the gallery of a newspaper, in which each figure has its role there."""
        leaders = self.state.leaders_of(publication_id)
        return Gallery(
            [replace(one, role=LEADER) if one.name in leaders else one for one in self.figures]
        )


@dataclass(frozen=True, slots=True, eq=False)
class GalleryState:
    """The version of the gallery, and which figures faces can be matched with today."""

    figures: str  # a hash of all figures and their references
    leaders: Mapping[int, frozenset[str]]  # names of the leaders of newspapers that have one, by id
    used: frozenset[str]  # figures with a reference that can be used
    waiting: frozenset[str]  # figures whose references wait to be embedded
    unusable: frozenset[str]  # figures none of whose references can be used

    def leaders_of(self, publication_id: int | None) -> frozenset[str]:
        """Return the names of the leaders of a newspaper."""
        return self.leaders.get(publication_id or 0, frozenset())

    def version(self, publication_id: int | None) -> str:
        """Return a hash of all that the interpretation of a newspaper's photos takes of figures."""
        return _hash([self.figures, sorted(self.leaders_of(publication_id))])

    @property
    def whole(self) -> str:
        """A hash of all that any interpretation takes of figures."""
        return _hash([self.figures, sorted((id_, sorted(n)) for id_, n in self.leaders.items())])

    def looked_for(self, roles: Roles) -> LookedFor:
        """Return which figures photos are looked at for, with their roles in a newspaper."""
        used, waiting, unusable = (
            {name: roles[name] for name in sorted(names)}
            for names in (self.used, self.waiting, self.unusable)
        )
        return LookedFor(used, waiting, unusable)


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@by_answers
def enrolment(session: Session, recipe: Recipe) -> GalleryState:
    """Return the enrolled figures; no embedding stays in memory."""
    states: dict[str, set[str]] = {"used": set(), "waiting": set(), "unusable": set()}
    content = []
    for figure in session.scalars(select(FigureRow).order_by(FigureRow.name).options(WITH_FACES)):
        references = assessed_references(figure, recipe)
        usable = any(one.embedding is not None and one.assessment.weight > 0 for one in references)
        waits = any(one.observation_id != recipe.observation_id for one in figure.references)
        states["used" if usable else "waiting" if waits else "unusable"].add(figure.name)
        content.append([figure.name, _matched_with(figure, references, recipe)])
    leaders: dict[int, set[str]] = defaultdict(set)
    for figure_named in named_figures(session):
        for publication_id, role in figure_named.roles.items():
            if role == LEADER:
                leaders[publication_id].add(figure_named.name)
    return GalleryState(
        _hash(sorted(content)),
        {id_: frozenset(names) for id_, names in leaders.items()},
        **{name: frozenset(names) for name, names in states.items()},
    )


def gallery_version(session: Session, recipe: Recipe, publication_id: int | None) -> str:
    """Return a hash of all figures, of a newspaper's leaders and of the references that count.

    These are those that faces are or will be matched with: an interpretation from before a
    reference was added is thereby stale at once, and from before an embedding was purged. A
    reference that was refused by itself is no part of the hash: no face was ever matched with it,
    so nothing is read again when it is removed.
    """
    return enrolment(session, recipe).version(publication_id)


def version_by_newspaper(
    session: Session, recipe: Recipe, publication_id: ColumnElement[int] | ScalarSelect[int]
) -> ColumnElement[str]:
    """Return the version of the gallery for the newspaper in a column, as SQL.

    Where all newspapers with editions have one version, nothing is asked of the column.
    """
    state = enrolment(session, recipe)
    papers = _with_editions(session)
    versions = {id_: state.version(id_) for id_ in papers}
    if len(set(versions.values())) < 2:
        return literal(next(iter(versions.values()), state.version(None)))
    return case(
        {id_: versions[id_] for id_ in sorted(papers & state.leaders.keys())},
        value=publication_id,
        else_=state.version(None),
    )


@by_request
def _with_editions(session: Session) -> frozenset[int]:
    """Return the ids of the newspapers with editions."""
    return frozenset(session.scalars(select(EditionRow.publication_id).distinct()))


def newspaper_of_scan(scan_id: ColumnElement[int]) -> ScalarSelect[int]:
    """Return the newspaper whose leaders and languages count on a scan, as SQL.

    It is that of the scan's first page: a scan that two newspapers print is looked at once.
    """
    return (
        select(EditionRow.publication_id)
        .join(PageRow, PageRow.edition_id == EditionRow.id)
        .where(PageRow.scan_id == scan_id)
        .order_by(PageRow.id)
        .limit(1)
        .correlate_except(EditionRow, PageRow)
        .scalar_subquery()
    )


def _matched_with(
    figure: FigureRow, references: Sequence[AssessedReference], recipe: Recipe
) -> list[list[str | float | bool]]:
    """Return the references of a figure that wait, are used, or have a say in which are used."""
    compared = {
        reference.id
        for reference in references
        if reference.embedding is not None
        and (reference.assessment.weight > 0 or reference.assessment.fault is Fault.DISAGREES)
    }
    return sorted(
        [r.sha256, r.frame, r.x0, r.y0, r.x1, r.y1, r.id in compared]
        for r in figure.references
        if r.id in compared or r.observation_id != recipe.observation_id
    )


def load_gallery(session: Session, recipe: Recipe) -> NamedGallery | None:
    """Return the figures with their used references; None while photos wait to be embedded."""
    if unembedded(session, recipe.observation_id):
        return None
    figures = list(session.scalars(select(FigureRow).order_by(FigureRow.name).options(WITH_FACES)))
    enrolled = [_enrolled(figure, recipe) for figure in figures]
    ids = {figure.name: figure.id for figure in figures}
    return NamedGallery(enrolled, ids, enrolment(session, recipe))


def _enrolled(figure: FigureRow, recipe: Recipe) -> EnrolledFigure:
    used = [
        (reference.embedding, reference.assessment.weight)
        for reference in assessed_references(figure, recipe)
        if reference.embedding is not None and reference.assessment.weight > 0
    ]
    return EnrolledFigure.of(figure.name, Role.OTHER, used)


class NamedFigure(NamedTuple):
    """An enrolled figure, and its role in each newspaper in which it has one, by the id of that."""

    id: int
    name: str
    roles: Mapping[int, Role]

    def role(self, publication_id: int | None = None) -> Role:
        """Return the role in a newspaper; without one the first, in the order of roles, in any."""
        if publication_id is not None:
            return self.roles.get(publication_id, Role.OTHER)
        return min(self.roles.values(), key=list(Role).index, default=Role.OTHER)


@by_answers
def named_figures(session: Session) -> Sequence[NamedFigure]:
    """Return the figures by name."""
    row, roles = FigureRoleRow, dict[int, tuple[str, dict[int, Role]]]()
    query = (
        select(FigureRow.id, FigureRow.name, row.publication_id, row.role)
        .outerjoin(row, row.figure_id == FigureRow.id)
        .order_by(FigureRow.name, row.publication_id)
    )
    for id_, name, paper, role in session.execute(query):
        _, of_figure = roles.setdefault(id_, (name, {}))
        if paper is not None:
            of_figure[paper] = Role(role)
    return [NamedFigure(id_, *named) for id_, named in roles.items()]


def leader_names(session: Session, publication_id: int | None = None) -> frozenset[str]:
    """Return the names of the leaders of a newspaper; without one, of any newspaper."""
    roles = figure_roles(session, publication_id)
    return frozenset(name for name, role in roles.items() if role == LEADER)


def leaders_in(session: Session, publication: str | None) -> frozenset[str]:
    """Return the names of the leaders of the newspaper with a name; without one, of any."""
    paper = None if publication is None else stated_newspaper(session, publication).id
    return leader_names(session, paper)


def roles_in(session: Session, publication: str) -> dict[str, Role]:
    """Return the role of each figure in the newspaper with a name."""
    return figure_roles(session, stated_newspaper(session, publication).id)


def figure_roles(session: Session, publication_id: int | None = None) -> dict[str, Role]:
    """Return the role of each figure by name in a newspaper; without one, in any newspaper."""
    return {figure.name: figure.role(publication_id) for figure in named_figures(session)}


def newspapers_of_scans(session: Session, scan_ids: Collection[int]) -> dict[int, int]:
    """Return the newspaper whose leaders count on each scan that a page prints."""
    pages = (
        select(PageRow.scan_id, EditionRow.publication_id)
        .join(EditionRow, EditionRow.id == PageRow.edition_id)
        .where(PageRow.scan_id.in_(scan_ids))
        .order_by(PageRow.id.desc())
    )
    return {scan_id: paper for scan_id, paper in session.execute(pages) if scan_id is not None}


def roles_on_scans(session: Session, scan_ids: Collection[int]) -> dict[int, dict[str, Role]]:
    """Return the role of each figure by name on each scan; on one that no page prints, of none."""
    papers = newspapers_of_scans(session, scan_ids)
    return {scan_id: figure_roles(session, papers.get(scan_id, 0)) for scan_id in scan_ids}


def leaders_on_scan(session: Session, scan_id: int) -> frozenset[str]:
    """Return the names of the leaders whose photos are the leader's on a scan."""
    return leader_names(session, newspapers_of_scans(session, [scan_id]).get(scan_id, 0))


def newspapers_of_outcomes(session: Session, outcome_ids: Collection[int]) -> dict[int, int]:
    """Return the newspaper whose leaders count on each observed page, by the id of the outcome."""
    query = select(OutcomeRow.id, OutcomeRow.scan_id).where(OutcomeRow.id.in_(outcome_ids))
    scans = dict(session.execute(query).all())
    papers = newspapers_of_scans(session, set(scans.values()))
    return {id_: papers[scan] for id_, scan in scans.items() if scan in papers}
