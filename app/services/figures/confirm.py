"""Confirms that a face in the archive is a figure's, and vouches for the age of a reference."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from presslens.app.db.columns import Status
from presslens.app.db.edits import UNNAMED, Action, Author, EditRow, add_edit
from presslens.app.db.figures import ReferenceFaceRow, ReferenceRow
from presslens.app.db.rows import face_columns, seen_face
from presslens.app.db.tables import FaceRow, OutcomeRow, PageRow, PhotoRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import Conflict, InvalidRequest, NotFound
from presslens.app.services.figures.figure_edits import log_references
from presslens.app.services.figures.figures import locked_figure
from presslens.app.services.figures.references import SAME_FACE, figure_state
from presslens.models.faces.enrol import Portrait, assess
from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Face
from presslens.pipelines.counted import counted


def confirm_face(
    home: Installation,
    figure_id: int,
    photo_id: int,
    *,
    which: int | Box = 0,
    coder: str | None = None,
    now: datetime,
) -> int | None:
    """Add a face in a photo to a figure's references; one that is among them is not added twice.

    Args:
        photo_id: The address of a photo that is analysed under the installation's recipe.
        which: The face's number, 0 being the photo's largest, or a box round it in page pixels.
        coder: Who confirms it; None: nobody gave a name.

    Returns:
        The id of the edit; None if it is among them.

    Raises:
        NotFound: There is no such figure, photo or face.
        InvalidRequest: The face can't be used; the message says why.
    """
    recipe = home.recipe
    with home.database.write() as session:
        figure = locked_figure(session, figure_id)
        photo, outcome = _photo(session, photo_id, recipe)
        face = seen_face(_chosen(photo.faces, which))
        _check(face, recipe)
        scan, place = outcome.scan, face.box.in_shares(outcome.size)
        for reference in figure.references:
            same_page = (reference.sha256, reference.frame) == (scan.sha256, scan.frame)
            if same_page and reference.place and reference.place.iou(place) >= SAME_FACE:
                return None
        added = ReferenceRow(
            sha256=scan.sha256,
            frame=scan.frame,
            **asdict(place),
            name=_name(session, scan.id),
            created_at=now,
            observation_id=recipe.observation_id,
            status=Status.DONE,
            faces=[ReferenceFaceRow(position=0, **face_columns(face))],
        )
        figure.references.append(added)
        session.flush()
        return log_references(session, Author(coder, recipe.codebook, now), figure, [added])


def _photo(session: Session, photo_id: int, recipe: Recipe) -> tuple[PhotoRow, OutcomeRow]:
    query = (
        select(PhotoRow, OutcomeRow)
        .join(OutcomeRow, OutcomeRow.id == PhotoRow.outcome_id)
        .where(or_(PhotoRow.id == photo_id, PhotoRow.earlier_id == photo_id))
    )
    here = OutcomeRow.observation_id == recipe.observation_id
    row = session.execute(query.where(here)).first()
    if row is None:
        raise NotFound.saying("there is no such photo")
    photo, outcome = row
    return photo, outcome


def _chosen(faces: list[FaceRow], which: int | Box) -> FaceRow:
    if isinstance(which, int):
        if which >= len(faces):
            raise NotFound.saying(
                "the photo has %(what)s: there is no face %(which)s",
                what=counted(len(faces), "face"),
                which=which,
            )
        return faces[which]
    best = max(faces, key=lambda face: face.box.iou(which), default=None)
    if best is None or best.box.iou(which) < SAME_FACE:
        raise NotFound.saying("no face was seen in this box; it is in pixels of the page")
    return best


def _check(face: Face, recipe: Recipe) -> None:
    rules, child = recipe.interpret.enrol, recipe.observe.faces.child
    (assessment,) = assess([Portrait(face)], rules, child=child)
    if assessment.reason is not None:
        raise InvalidRequest.saying(
            "the face can't be a reference: %(reason)s", reason=assessment.reason
        )


def _name(session: Session, scan_id: int) -> str:
    """Return the newspaper, day and page number of the first page that a scan was uploaded as."""
    page = session.scalars(select(PageRow).filter_by(scan_id=scan_id).order_by(PageRow.id)).first()
    if page is None:
        return "a page"
    edition = page.edition
    return f"{edition.publication.name} {edition.edition_date}, page {page.number}"[:255]


def vouch_for(
    home: Installation, figure_id: int, reference_id: int, *, coder: str | None, now: datetime
) -> int | None:
    """Say that the face of a reference is the figure's, and an adult's; a worker embeds it then.

    It goes for reference photos of an enrolled figure alone, which somebody chose: faces in the
    archive that look like a child's are never embedded.

    Args:
        coder: Who vouches; None: nobody gave a name.

    Returns:
        The id of the edit; None if somebody has vouched for it already.

    Raises:
        NotFound: There is no such figure, or it has no such reference.
        Conflict: The reference was not refused for the age of its face.
    """
    with home.database.write() as session:
        figure = locked_figure(session, figure_id)
        reference = session.get(ReferenceRow, reference_id)
        if reference is None or reference.figure_id != figure_id:
            raise NotFound.saying(
                "%(figure)s has no reference %(reference_id)s",
                figure=figure.name,
                reference_id=reference_id,
            )
        if reference.vouched_by is not None:
            return None
        states = {one.id: one for one in figure_state(figure, home.recipe).references}
        if not states[reference_id].can_vouch:
            raise Conflict.saying(
                "only a reference photo that was taken for a child's can be vouched for"
            )
        change = {"reference": reference_id, "observation_id": reference.observation_id}
        text = Message(
            "%(name)s: %(reference)s shows the adult, whatever it looks like",
            name=figure.name,
            reference=reference.name,
        )
        by = Author(coder, home.recipe.codebook, now)
        edit = add_edit(session, by, Action.VOUCH, ("figure", figure_id), text, change)
        reference.vouched_by = coder or UNNAMED
        reference.observation_id = None
        return edit.id


def undo_vouching(
    _home: Installation, session: Session, edit: EditRow, _now: datetime
) -> Collection[int]:
    """Undo vouching: nobody has vouched for the reference, and its face is embedded no more."""
    reference = session.get(ReferenceRow, edit.change["reference"])
    if reference is None:
        return ()
    reference.vouched_by = None
    if reference.observation_id is None:  # no worker has looked at it since
        reference.observation_id = edit.change["observation_id"]
    for face in reference.faces:
        face.embedding = face.sharpness = None
    return ()
