"""Enrolled public figures, their references and sightings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, File, Query, Request, Response, UploadFile
from pydantic import Field, model_validator

from presslens.app.api import links
from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import Coder, FormCoder, GivenCoder, QueryCoder, name_in
from presslens.app.api.given import Given, OneOf
from presslens.app.api.params import Cursor, Home, Id, Limit
from presslens.app.api.picture_response import PICTURE, WidthParam, picture_response
from presslens.app.installation import Installation
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.questions import MOST, Name
from presslens.app.services.catalogue.sightings import (
    SightingFilter,
    SightingListing,
    list_sightings,
)
from presslens.app.services.figures.confirm import confirm_face, vouch_for
from presslens.app.services.figures.erasure import remove_figure, remove_reference
from presslens.app.services.figures.figures import (
    add_references,
    enrol_by_name,
    find_figure,
    list_figures,
    set_role,
)
from presslens.app.services.ingest.upload import Incoming
from presslens.app.services.pictures.pictures import reference_picture
from presslens.models.faces.gallery import Role
from presslens.models.geometry import Box
from presslens.models.vocabulary import Answer
from presslens.pipelines.result import Served

router = APIRouter(prefix="/figures", tags=["figures"], route_class=PermittedRoute)

CODER = "who changes it, for the log; without it, nobody is named"

MOST_NEWSPAPERS = 100
"""Largest number of newspapers in which a figure is given a role at once."""

PixelPlace = Annotated[float, Field(ge=0, le=MOST)]


class NewFigure(Given):
    """A public figure to enrol."""

    name: Name
    role: OneOf[Role] = Field(default=Role.LEADER, description="what the figure is to newspapers")
    publications: Annotated[list[Name], Field(max_length=MOST_NEWSPAPERS)] | None = Field(
        default=None,
        description="the newspapers in which the figure has the role; without them the only one"
        " that has editions, or else the only one there is; none, where there are several",
    )
    public_role: Name | None = Field(
        default=None,
        description="the public role that the person has, for the log; without it the one that"
        " `role` names; of `other` the log says then that none is declared",
    )
    coder: Coder = Field(default=None, description=CODER)


class FigureChange(Given):
    """The changes of a figure."""

    role: OneOf[Role] = Field(description="what the figure is to these newspapers; other: nothing")
    publications: Annotated[list[Name], Field(max_length=MOST_NEWSPAPERS)] | None = Field(
        default=None,
        description="the newspapers in which the figure has the role; without them the only one"
        " that has editions",
    )
    coder: Coder = Field(default=None, description=CODER)


class ConfirmedFace(Given):
    """A face in a photo of the archive: by its number, 0 being the largest, or by a box round it.

    Without either it is the largest face of the photo.
    """

    photo_id: Annotated[int, Field(ge=1, le=MOST)]
    face: Annotated[int, Field(ge=0, le=MOST)] | None = None
    box: Annotated[list[PixelPlace], Field(min_length=4, max_length=4)] | None = None
    coder: Coder = Field(default=None, description=CODER)

    @model_validator(mode="after")
    def _is_one(self) -> ConfirmedFace:
        if self.face is not None and self.box is not None:
            raise ValueError("give the number of a face, or a box in pixels of the page, not both")
        return self

    @property
    def which(self) -> int | Box:
        """The face's number, or a box round it in page pixels."""
        return Box(*self.box) if self.box else self.face or 0


@dataclass(frozen=True, slots=True)
class FigureList(Served):
    """The enrolled figures."""

    figures: list[links.ServedFigure]


@router.get("", operation_id="list_figures")
@needs(Permission.READ)
def get_figures(home: Home) -> FigureList:
    """List the enrolled figures, and which of their references can be used."""
    return FigureList([links.served_figure(one) for one in list_figures(home)])


@router.post("", status_code=201, operation_id="add_figure", max_body_size=2**20)
@needs(Permission.ENROL)
def post_figure(home: Home, figure: NewFigure, response: Response) -> links.ChangedFigure:
    """Enrol a public figure; the same name and role again are the same figure.

    The role is one in newspapers; elsewhere the figure is found, and is nobody's leader. A
    newspaper that is not there yet is added.

    Who has no public role is not enrolled: an empty `public_role` is refused.
    """
    made = enrol_by_name(
        home,
        figure.name,
        role=figure.role,
        newspapers=figure.publications,
        public_role=figure.public_role,
        coder=figure.coder,
        now=clock.now(),
    )
    response.headers["Location"] = links.figure(made.figure)
    return _changed(home, made.figure, made.edit)


@router.get("/{figure_id}", operation_id="get_figure")
@needs(Permission.READ)
def get_figure(home: Home, figure_id: Id) -> links.ServedFigure:
    """Return a figure."""
    return links.served_figure(find_figure(home, figure_id))


@router.patch("/{figure_id}", operation_id="change_figure", max_body_size=2**20)
@needs(Permission.ENROL)
def patch_figure(home: Home, figure_id: Id, change: FigureChange) -> links.ChangedFigure:
    """Change a figure's role in newspapers; their photos are interpreted again."""
    papers, coder = change.publications, change.coder
    edit = set_role(home, figure_id, change.role, newspapers=papers, coder=coder, now=clock.now())
    return _changed(home, figure_id, edit)


@router.delete("/{figure_id}", status_code=204, operation_id="remove_figure")
@needs(Permission.ENROL)
def delete_figure(home: Home, figure_id: Id) -> None:
    """Remove a figure, its references and its sightings."""
    remove_figure(home, figure_id, now=clock.now())


@router.get("/{figure_id}/sightings", operation_id="list_sightings")
@needs(Permission.READ)
def get_sightings(
    home: Home,
    figure_id: Id,
    answer: Annotated[Answer | None, Query(description="whether it surely is the figure")] = None,
    limit: Limit = 50,
    cursor: Cursor | None = None,
) -> SightingListing:
    """List the photos that show a figure, the latest edition first.

    More about each, as CSV too, tells `GET /photos?figure=NAME`.
    """
    listing = list_sightings(
        home, figure_id, SightingFilter(answer=answer), limit=limit, start=cursor
    )
    return links.linked_sightings(listing)


@router.post("/{figure_id}/references", status_code=202, operation_id="add_references")
@needs(Permission.ENROL)
def post_references(
    home: Home,
    figure_id: Id,
    files: Annotated[list[UploadFile], File(min_length=1)],
    coder: FormCoder = None,
) -> links.ChangedFigure:
    """Store reference photos; the worker analyses each, and embeds its largest face."""
    photos = [Incoming(file.filename or "", file.file) for file in files]
    edit = add_references(home, figure_id, photos, coder=coder, now=clock.now())
    return _changed(home, figure_id, edit)


@router.post(
    "/{figure_id}/references/from-photo",
    status_code=201,
    operation_id="confirm_face",
    max_body_size=2**20,
)
@needs(Permission.ENROL)
def post_confirmed_face(home: Home, figure_id: Id, face: ConfirmedFace) -> links.ChangedFigure:
    """Confirm that a face in a photo is the figure's: faces are matched with it from now on."""
    edit = confirm_face(
        home, figure_id, face.photo_id, which=face.which, coder=face.coder, now=clock.now()
    )
    return _changed(home, figure_id, edit)


@router.post(
    "/{figure_id}/references/{reference_id}/vouch",
    operation_id="vouch_for_reference",
    max_body_size=2**20,
)
@needs(Permission.ENROL)
def post_vouch(
    home: Home, figure_id: Id, reference_id: Id, given: GivenCoder | None = None
) -> links.ChangedFigure:
    """Say that a reference shows the adult, though its face looks like a child's.

    The worker embeds the face then. It goes for reference photos that were refused for their age.
    """
    coder = name_in(given)
    edit = vouch_for(home, figure_id, reference_id, coder=coder, now=clock.now())
    return _changed(home, figure_id, edit)


def _changed(home: Installation, figure_id: int, edit: int | None) -> links.ChangedFigure:
    """Return a figure as it is now, and the edit that changed it; None: nothing was new."""
    figure = links.served_figure(find_figure(home, figure_id))
    return links.ChangedFigure.from_attributes(figure, edit=edit)


@router.delete(
    "/{figure_id}/references/{reference_id:id}", status_code=204, operation_id="remove_reference"
)
@needs(Permission.ENROL)
def delete_reference(
    home: Home,
    response: Response,
    figure_id: Id,
    reference_id: Id,
    coder: QueryCoder = None,
) -> None:
    """Remove a reference; its photo is deleted within hours, if nothing else needs it.

    The header `Presslens-Edit` has the id of the edit, by which it is undone until then.
    """
    edit = remove_reference(home, figure_id, reference_id, coder=coder, now=clock.now())
    response.headers["Presslens-Edit"] = str(edit)


@router.get(
    "/{figure_id}/references/{reference_id}/image",
    operation_id="get_reference_image",
    response_class=Response,
    responses=PICTURE,
)
@needs(Permission.READ)
def get_reference_image(
    home: Home, request: Request, figure_id: Id, reference_id: Id, width: WidthParam = None
) -> Response:
    """Return the face that a reference was taken for, unless it looks like a child's.

    Other faces of the photo have no pictures.
    """
    picture = reference_picture(home, figure_id, reference_id, width)
    return picture_response(request, home, picture)
