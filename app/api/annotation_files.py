"""What people have corrected in another annotation tool comes back as reviews."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.coder import FormCoder
from presslens.app.api.params import Home
from presslens.app.platform import clock
from presslens.app.platform.errors import InvalidRequest
from presslens.app.platform.permissions import Permission
from presslens.app.services.annotations.annotated import MOST_BYTES, AnnotationFile
from presslens.app.services.annotations.coco import read_coco
from presslens.app.services.annotations.label_studio import read_label_studio
from presslens.app.services.corrections.annotations import AnnotationImport, import_annotations
from presslens.models.message import Message

router = APIRouter(tags=["reviews"], route_class=PermittedRoute)

MOST_PAGES = 250
"""Largest number of annotated pages of a request: on SQLite others wait until all are stored."""

MOST_PHOTOS = 5000
"""Largest number of photos of a request, for the same reason."""


class AnnotationFormat(StrEnum):
    """The format of a file of annotations."""

    COCO = "coco"
    LABEL_STUDIO = "label-studio"


@router.post("/reviews/annotations", operation_id="import_annotations")
@needs(Permission.REVIEW)
def post_annotations(
    home: Home,
    file: Annotated[UploadFile, File(description="the corrected file")],
    file_format: Annotated[
        AnnotationFormat, Form(alias="format", description="the format of the file")
    ],
    exported: Annotated[
        UploadFile | None, File(description="of COCO: the file that the tool was given")
    ] = None,
    coder: FormCoder = None,
    apply: Annotated[
        bool, Form(description="store it; without, the answer says what would change")
    ] = False,
) -> AnnotationImport:
    """Take in what people have corrected in another annotation tool, as one edit.

    Who is signed in has corrected it. A file of Label Studio that several people have annotated is
    taken in by the command line, which can name each.
    """
    annotated = _read(file_format, file, exported, coder)
    _check_size(annotated)
    return import_annotations(home, annotated, apply=apply, now=clock.now())


def _check_size(annotated: AnnotationFile) -> None:
    pages, photos = len(annotated.pages), sum(page.boxes for page in annotated.pages)
    if pages > MOST_PAGES:
        raise InvalidRequest(
            Message(
                "the file has %(n)s pages; more than %(most)s are taken in by the command line",
                n=pages,
                most=MOST_PAGES,
            )
        )
    if photos > MOST_PHOTOS:
        raise InvalidRequest(
            Message(
                "the file has %(n)s photos; more than %(most)s are taken in by the command line",
                n=photos,
                most=MOST_PHOTOS,
            )
        )


def _read(
    file_format: AnnotationFormat, file: UploadFile, exported: UploadFile | None, coder: str | None
) -> AnnotationFile:
    content = file.file.read(MOST_BYTES + 1)
    if file_format is AnnotationFormat.LABEL_STUDIO:
        return read_label_studio(content, coder=coder)
    if coder is None:
        raise InvalidRequest(Message("say who has corrected the file"))
    original = None if exported is None else exported.file.read(MOST_BYTES + 1)
    return read_coco(content, coder=coder, exported=original)
