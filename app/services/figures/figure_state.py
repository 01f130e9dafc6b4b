"""The states of figures and references, as they are listed and served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from presslens.app.db.columns import Status
from presslens.app.db.figures import FigureRow, ReferenceRow
from presslens.app.services.figures.references import assessed_references
from presslens.models.faces.enrol import Assessment, Fault
from presslens.models.recipe import Recipe
from presslens.pipelines.result import Served, digits


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
class FigureState(Served):
    """A figure and its references."""

    id: int
    name: str
    role: str
    references: tuple[ReferenceState, ...]


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
    return FigureState(figure.id, figure.name, figure.role, references)


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
