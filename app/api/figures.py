"""Enrolled public figures, their references and sightings."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, model_validator

from app import clock
from app.api import links
from app.api.params import MOST, Cursor, Home, Id, Limit, Name
from app.services.catalogue.sightings import SightingFilter, list_sightings
from app.services.figures.confirm import confirm_face
from app.services.figures.erasure import remove_figure, remove_reference
from app.services.figures.figures import (
    add_figure,
    add_references,
    find_figure,
    list_figures,
    set_role,
)
from app.services.ingest.upload import Incoming
from models.faces.gallery import Role
from models.geometry import Box
from models.vocabulary import Answer

router = APIRouter(prefix="/figures", tags=["figures"])

PixelPlace = Annotated[float, Field(ge=0, le=MOST)]


class NewFigure(BaseModel):
    """A public figure to enrol."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Role = Role.LEADER


class FigureChange(BaseModel):
    """The changes of a figure."""

    model_config = ConfigDict(extra="forbid")

    role: Role


class ConfirmedFace(BaseModel):
    """A face in a photo of the archive: by its number, 0 being the largest, or by a box round it.

    Without either it is the largest face of the photo.
    """

    model_config = ConfigDict(extra="forbid")

    photo_id: Annotated[int, Field(ge=1, le=MOST)]
    face: Annotated[int, Field(ge=0, le=MOST)] | None = None
    box: Annotated[list[PixelPlace], Field(min_length=4, max_length=4)] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> ConfirmedFace:
        if self.face is not None and self.box is not None:
            raise ValueError("give the number of a face, or a box in pixels of the page, not both")
        return self

    @property
    def which(self) -> int | Box:
        """The face's number, or a box round it in page pixels."""
        return Box(*self.box) if self.box else self.face or 0


@router.get("", operation_id="list_figures")
def get_figures(home: Home) -> dict[str, Any]:
    """List the enrolled figures, and which of their references can be used."""
    return {"figures": [figure.to_json() for figure in list_figures(home)]}


@router.post("", status_code=201, operation_id="add_figure", max_body_size=2**20)
def post_figure(home: Home, figure: NewFigure, response: Response) -> dict[str, Any]:
    """Enrol a public figure; the same name and role again are the same figure."""
    figure_id = add_figure(home, figure.name, role=figure.role, now=clock.now())
    response.headers["Location"] = links.figure(figure_id)
    return find_figure(home, figure_id).to_json()


@router.get("/{figure_id}", operation_id="get_figure")
def get_figure(home: Home, figure_id: Id) -> dict[str, Any]:
    """Return a figure."""
    return find_figure(home, figure_id).to_json()


@router.patch("/{figure_id}", operation_id="change_figure", max_body_size=2**20)
def patch_figure(home: Home, figure_id: Id, change: FigureChange) -> dict[str, Any]:
    """Change a figure's role; all photos are interpreted again."""
    set_role(home, figure_id, change.role)
    return find_figure(home, figure_id).to_json()


@router.delete("/{figure_id}", status_code=204, operation_id="remove_figure")
def delete_figure(home: Home, figure_id: Id) -> None:
    """Remove a figure, its references and its sightings."""
    remove_figure(home, figure_id, now=clock.now())


@router.get("/{figure_id}/sightings", operation_id="list_sightings")
def get_sightings(
    home: Home,
    figure_id: Id,
    answer: Annotated[Answer | None, Query(description="whether it surely is the figure")] = None,
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> dict[str, Any]:
    """List the photos that show a figure, the latest edition first.

    More about each, as CSV too, tells `GET /photos?figure=NAME`.
    """
    listing = list_sightings(
        home, figure_id, SightingFilter(answer=answer), limit=limit, start=cursor
    )
    document = listing.to_json()
    sightings = [links.sighting_document(sighting) for sighting in document["sightings"]]
    return {**document, "sightings": sightings}


@router.post("/{figure_id}/references", status_code=202, operation_id="add_references")
def post_references(
    home: Home, figure_id: Id, files: Annotated[list[UploadFile], File()]
) -> dict[str, Any]:
    """Store reference photos; the worker analyses each, and embeds its largest face."""
    photos = [Incoming(file.filename or "", file.file) for file in files]
    add_references(home, figure_id, photos, now=clock.now())
    return find_figure(home, figure_id).to_json()


@router.post(
    "/{figure_id}/references/from-photo",
    status_code=201,
    operation_id="confirm_face",
    max_body_size=2**20,
)
def post_confirmed_face(home: Home, figure_id: Id, face: ConfirmedFace) -> dict[str, Any]:
    """Confirm that a face in a photo is the figure's: faces are matched with it from now on."""
    confirm_face(home, figure_id, face.photo_id, which=face.which, now=clock.now())
    return find_figure(home, figure_id).to_json()


@router.delete(
    "/{figure_id}/references/{reference_id}", status_code=204, operation_id="remove_reference"
)
def delete_reference(home: Home, figure_id: Id, reference_id: Id) -> None:
    """Remove a reference; its photo is deleted within hours, if nothing else needs it."""
    remove_reference(home, figure_id, reference_id, now=clock.now())
