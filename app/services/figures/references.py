"""Embeds and assesses the references of figures, queries those that wait, and says how they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated, ClassVar

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, selectinload

from presslens.app.db.columns import Status
from presslens.app.db.figures import FigureRow, ReferenceFaceRow, ReferenceRow
from presslens.app.db.rows import face_columns, seen_face
from presslens.app.db.tables import FaceRow, OutcomeRow, PhotoRow, ScanRow
from presslens.app.installation import Installation
from presslens.models.faces.enrol import Assessment, Fault, Portrait, assess, portrait, too_few
from presslens.models.faces.gallery import LEADER, Role
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Face, Vector
from presslens.pipelines.failpoints import Failpoint, around
from presslens.pipelines.result import Served, digits

if TYPE_CHECKING:  # the engine brings all models along, which the web server does without
    from presslens.pipelines.task import PageResult

WITH_FACES = selectinload(FigureRow.references).selectinload(ReferenceRow.faces)
"""Loads a figure with the faces of its references."""

SAME_FACE = 0.3
"""Least overlap (IoU) of boxes round one face: other detectors, and hands, draw them otherwise."""


@dataclass(frozen=True, slots=True)
class WaitingReference:
    """A reference to embed."""

    id: int
    sha256: str  # the hash of its file in the store
    name: str  # its name for people
    confirmed: bool  # whether it is a face that was confirmed on a page, and not a photo
    vouched: bool = False  # whether somebody has vouched that its face is an adult's


@dataclass(frozen=True, slots=True, eq=False)
class AssessedReference:
    """An analysed reference: its id, the embedding of its face, and its assessment."""

    id: int
    embedding: Vector | None
    assessment: Assessment


def assessed_references(figure: FigureRow, recipe: Recipe) -> list[AssessedReference]:
    """Return the assessments of a figure's references that are analysed under a recipe."""
    analysed = [
        reference
        for reference in figure.references
        if reference.observation_id == recipe.observation_id and reference.status is Status.DONE
    ]
    portraits = [_portrait(reference) for reference in analysed]
    assessments = assess(portraits, recipe.interpret.enrol, child=recipe.observe.faces.child)
    return [
        AssessedReference(reference.id, face.embedding if (face := p.face) else None, assessment)
        for reference, p, assessment in zip(analysed, portraits, assessments, strict=True)
    ]


def _portrait(reference: ReferenceRow) -> Portrait:
    face, rival = (*(seen_face(row) for row in reference.faces[:2]), None, None)[:2]
    return Portrait(face, rival, vouched=reference.vouched_by is not None)


def stale(observation_id: str) -> ColumnElement[bool]:
    """Return the condition for references not analysed under a recipe's ``observation_id``."""
    return or_(ReferenceRow.observation_id.is_(None), ReferenceRow.observation_id != observation_id)


def unembedded(session: Session, observation_id: str) -> list[ReferenceRow]:
    """Return the reference photos that were not observed under a recipe's ``observation_id``.

    Confirmed faces are not among them: they wait for their page, and nothing waits for them.
    """
    given = ReferenceRow.x1 == 0
    query = select(ReferenceRow).where(stale(observation_id), given)
    return list(session.scalars(query.order_by(ReferenceRow.id)))


def waiting_references(observation_id: str) -> Select[int]:
    """Return the query of the ids of references that can be embedded now.

    A reference photo can be at once, a confirmed face as soon as its page is observed.
    """
    observed = _observed_pages(observation_id).where(
        ScanRow.sha256 == ReferenceRow.sha256, ScanRow.frame == ReferenceRow.frame
    )
    ready = or_(ReferenceRow.x1 == 0, observed.correlate(ReferenceRow).exists())
    return select(ReferenceRow.id).where(stale(observation_id), ready)


def waiting_reference(home: Installation, reference_id: int) -> WaitingReference | None:
    """Return a reference that waits to be embedded; None if it was removed meanwhile."""
    with home.database.read() as session:
        row = session.get(ReferenceRow, reference_id)
        if row is None:
            return None
        confirmed = row.place is not None
        return WaitingReference(
            row.id,
            row.sha256,
            row.name,
            confirmed,
            row.vouched_by is not None,
        )


def record_reference(home: Installation, reference_id: int, result: PageResult) -> None:
    """Store the faces or the failure of a reference photo, unless it was removed meanwhile."""
    with around(Failpoint.EMBED_STORE), home.database.write() as session:
        reference = _locked(session, reference_id)
        if reference is None:
            return
        if result.observation is not None:
            main = portrait(result.observation.photos[0])
            faces = [face for face in (main.face, main.rival) if face is not None]
            if reference.vouched_by is None:  # it may have been taken back meanwhile
                limit = home.recipe.observe.faces.child
                faces = [replace(f, embedding=None) if f.child >= limit else f for f in faces]
            _store(reference, home, Status.DONE, faces)
        elif result.rejection is not None:
            rejection = result.rejection
            _store(reference, home, Status.REJECTED)
            reference.reason, reference.detail = rejection.reason.value, rejection.detail
        else:
            _store(reference, home, Status.FAILED)
            reference.reason, reference.detail = "failed", str(result.failure)


def _locked(session: Session, reference_id: int) -> ReferenceRow | None:
    return session.get(ReferenceRow, reference_id, with_for_update=True)


def _store(
    reference: ReferenceRow, home: Installation, status: Status, faces: Sequence[Face] = ()
) -> None:
    """Replace the stored faces of a reference by those of the installation's recipe."""
    reference.observation_id = home.recipe.observation_id
    reference.status, reference.reason, reference.detail = status, None, None
    columns = [face_columns(face) for face in faces]
    for column in columns[1:]:
        column["embedding"] = column["sharpness"] = None  # no face is matched with it
    stored = {row.position: row for row in reference.faces}
    rows = [stored.get(i) or ReferenceFaceRow(position=i) for i in range(len(columns))]
    for row, values in zip(rows, columns, strict=True):
        for name, value in values.items():
            setattr(row, name, value)
    reference.faces = rows


def embed_confirmed(home: Installation, reference_id: int) -> None:
    """Find the face of a confirmed reference again on its page as it is observed now."""
    with home.database.write() as session:
        reference = _locked(session, reference_id)
        if reference is None:
            return
        page = _observed_pages(home.recipe.observation_id).where(
            ScanRow.sha256 == reference.sha256, ScanRow.frame == reference.frame
        )
        outcome = session.get_one(OutcomeRow, session.scalars(page).one())
        face = _at(session, outcome, reference.place)
        _store(reference, home, Status.DONE, [face] if face else [])


def _observed_pages(observation_id: str) -> Select[int]:
    """Return the query of the outcomes under a recipe's ``observation_id``, with their scans."""
    return (
        select(OutcomeRow.id)
        .join(ScanRow, ScanRow.id == OutcomeRow.scan_id)
        .where(OutcomeRow.observation_id == observation_id)
    )


def _at(session: Session, outcome: OutcomeRow, place: Box | None) -> Face | None:
    """Return the face of a page that overlaps a box, given in shares of the page, best."""
    rows = session.scalars(select(FaceRow).join(PhotoRow).where(PhotoRow.outcome_id == outcome.id))
    faces = [seen_face(row) for row in rows]
    shares = [face.box.in_shares(outcome.size) for face in faces]
    overlaps = [place.iou(share) if place else 0.0 for share in shares]
    best = max(range(len(faces)), key=overlaps.__getitem__, default=None)
    return faces[best] if best is not None and overlaps[best] >= SAME_FACE else None


@dataclass(frozen=True, slots=True)
class Origin(Served):
    """The page of a confirmed face: a frame of a scan, and the face's box in shares of the page."""

    scan: str
    frame: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class ReferenceState(Served):
    """A reference, and whether it can be used."""

    SERVED: ClassVar[str] = """
        id name status=served_status reason doubt quality size sharpness facing agreement
        origin child vouched_by can_vouch resembles pictured
    """

    id: int
    name: str  # the name of its file, or of the page that its face stands on
    # done: it is used; rejected or failed: it is not; None until it is analysed.
    status: Status | None
    reason: str | None  # why it is not used; None if it is
    doubt: str | None = None  # what is doubtful about a reference that is used
    # Weight in the matching, 0–1; None, as the next ones, where it is not measured.
    quality: Annotated[float | None, digits(3)] = None
    # Side of a square as large as the face, in pixels.
    size: Annotated[float | None, digits(1)] = None
    # Share of the face's contrast that is fine detail, 0–1.
    sharpness: Annotated[float | None, digits(4)] = None
    # 1 for a face that looks straight out of the photo, 0 for one turned aside fully.
    facing: Annotated[float | None, digits(3)] = None
    # Share of the figure's other references that are near it, 0–1.
    agreement: Annotated[float | None, digits(3)] = None
    # The page that it was confirmed on; None for a photo that was given.
    origin: Origin | None = None
    # How likely the face is a child's by its look, 0–1.
    child: Annotated[float | None, digits(3)] = None
    vouched_by: str | None = None  # who has said that it is an adult's; None: nobody
    resembles: str | None = None  # the other figure that its face is like; None: there is none
    pictured: bool = False  # whether its face may be shown

    @property
    def served_status(self) -> str:
        """done, rejected or failed; queued until it is analysed."""
        return self.status.value if self.status else "queued"

    @property
    def can_vouch(self) -> bool:
        """Whether vouching for the age would help: it was refused for it, and is a photo."""
        refused = (self.reason or "").startswith(Fault.CHILD_OR_UNCLEAR.value)
        return refused and self.origin is None and self.vouched_by is None


@dataclass(frozen=True, slots=True)
class StatedRole(Served):
    """The role of a figure in a newspaper."""

    publication: str
    role: Role


@dataclass(frozen=True, slots=True)
class FigureState(Served):
    """A figure, its roles and its references."""

    id: int
    name: str
    role: Role  # the first of its roles, in the order of roles; other without any
    roles: tuple[StatedRole, ...]  # its role in each newspaper in which it has one
    references: tuple[ReferenceState, ...]

    @property
    def warnings(self) -> list[str]:
        """What is doubtful: too few portraits, or such as are like those of another figure."""
        usable = sum(one.status in (None, Status.DONE) for one in self.references)
        like = sorted({one.resembles for one in self.references if one.resembles is not None})
        resembling = (
            Message(
                "Reference photos look like those of %(name)s. If it is the same person, undo the"
                " enrolment or remove these photos, and add them to %(name)s instead: a face"
                " belongs to one figure only.",
                name=name,
            )
            for name in like
        )
        return [text for text in (too_few(self.name, usable), *resembling) if text is not None]

    def newspapers(self, role: Role = LEADER) -> list[str]:
        """Return the names of the newspapers in which the figure has a role."""
        return [one.publication for one in self.roles if one.role == role]


def figure_state(
    figure: FigureRow, recipe: Recipe, resembled: Mapping[int, str] | None = None
) -> FigureState:
    """Return the state of a figure, its references assessed under a recipe.

    Args:
        resembled: The other figure that references are like, by their id (``resemblance``).
    """
    assessments = {
        reference.id: reference.assessment for reference in assessed_references(figure, recipe)
    }
    like = resembled or {}
    references = tuple(
        replace(_reference(r, assessments.get(r.id), recipe), resembles=like.get(r.id))
        for r in figure.references
    )
    roles = tuple(StatedRole(row.publication.name, Role(row.role)) for row in figure.roles)
    role = min((one.role for one in roles), key=list(Role).index, default=Role.OTHER)
    return FigureState(figure.id, figure.name, role, roles, references)


def _reference(row: ReferenceRow, assessment: Assessment | None, recipe: Recipe) -> ReferenceState:
    if row.observation_id != recipe.observation_id:
        return ReferenceState(
            row.id, row.name, None, None, origin=_origin(row), vouched_by=row.vouched_by
        )
    if assessment is None:
        reason = f"{row.reason}: {row.detail}"
        return ReferenceState(row.id, row.name, row.status, reason, origin=_origin(row))
    return ReferenceState(
        row.id,
        row.name,
        Status.DONE if assessment.fault is None else Status.REJECTED,
        assessment.reason,
        assessment.doubt,
        assessment.quality if assessment.facing is not None else None,
        assessment.side,
        assessment.sharpness,
        assessment.facing,
        assessment.agreement,
        _origin(row),
        row.faces[0].child if row.faces else None,
        row.vouched_by,
        pictured=can_be_shown(row, recipe),
    )


def can_be_shown(row: ReferenceRow, recipe: Recipe) -> bool:
    """Return whether the face of an analysed reference may be shown: not one like a child's."""
    if not row.faces:
        return False
    return row.vouched_by is not None or row.faces[0].child < recipe.observe.faces.child


def _origin(row: ReferenceRow) -> Origin | None:
    place = row.place
    if place is None:
        return None
    return Origin(row.sha256, row.frame, (place.x0, place.y0, place.x1, place.y1))
