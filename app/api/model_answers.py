"""What models say as coders: their answers come in from a file, apart from people's."""

from __future__ import annotations

import io
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, File, Form, UploadFile

from presslens.app.api.access import PermittedRoute, needs
from presslens.app.api.params import Home
from presslens.app.api.photo_address import PhotoId
from presslens.app.platform import clock
from presslens.app.platform.permissions import Permission
from presslens.app.platform.text import LONGEST_NAME
from presslens.app.services.reviews.model_answers import (
    PhotoModelAnswers,
    TakenAnswers,
    photo_model_answers,
    take_answers,
)

router = APIRouter(tags=["reviews"], route_class=PermittedRoute)

MOST_LINES = 5000
"""Largest number of lines of a request: on SQLite others wait until all are stored."""

LARGEST_FILE = 2**24
"""Bytes of a request: 3 kB for each line, which is a reason of the largest length and more."""


class AnswerFormat(StrEnum):
    """The format of a file of a model's answers."""

    JSON_LINES = "jsonl"
    CSV = "csv"


@router.post(
    "/reviews/model-answers", operation_id="import_model_answers", max_body_size=LARGEST_FILE
)
@needs(Permission.IMPORT)
def post_answers(
    home: Home,
    file: Annotated[
        UploadFile,
        File(description="photo, question, answer (and confidence, reason) of each line, in UTF-8"),
    ],
    model: Annotated[str, Form(max_length=LONGEST_NAME, description="NAME@VERSION of the model")],
    file_format: Annotated[
        AnswerFormat,
        Form(alias="format", description="JSON objects, one a line, or a table with a header"),
    ] = AnswerFormat.JSON_LINES,
) -> TakenAnswers:
    """Take in a model's answers, all of them or, if a line is wrong, none.

    They settle nothing. The same answers again are counted as repeated; other ones are those of
    another version, 422 says. Files of more than 5,000 lines are sent in parts, or taken in by the
    command line.
    """
    as_json = file_format is AnswerFormat.JSON_LINES
    text = io.TextIOWrapper(file.file, encoding="utf-8-sig", newline=None if as_json else "")
    try:
        return take_answers(home, model, text, as_json=as_json, now=clock.now(), most=MOST_LINES)
    finally:
        text.detach()  # or the file of the request would be closed twice


@router.get("/photos/{photo_id}/model-answers", operation_id="get_photo_model_answers")
@needs(Permission.READ)
def get_photo_model_answers(home: Home, photo_id: PhotoId) -> PhotoModelAnswers:
    """Return what models say about a photo, apart from people: it is in no number."""
    return photo_model_answers(home, photo_id)
