"""Enrolled public figures."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, File, Response, UploadFile
from pydantic import BaseModel, ConfigDict

from app import clock
from app.api.fields import Home, Id, Name
from app.services.figures import (
    FigureState,
    add_figure,
    add_references,
    find_figure,
    list_figures,
)
from app.services.ingest import Incoming
from models.faces.gallery import LEADER

router = APIRouter(prefix="/figures", tags=["figures"])


class NewFigure(BaseModel):
    """A public figure to enrol."""

    model_config = ConfigDict(extra="forbid")

    name: Name
    role: Name = LEADER


@router.get("", operation_id="list_figures")
def get_figures(home: Home) -> dict[str, Any]:
    """List the enrolled figures, and which of their reference photos can be used."""
    return {"figures": [_document(figure) for figure in list_figures(home)]}


@router.post("", status_code=201, operation_id="add_figure", max_body_size=2**20)
def post_figure(home: Home, figure: NewFigure, response: Response) -> dict[str, Any]:
    """Enrol a public figure; the same name and role again are the same figure."""
    figure_id = add_figure(home, figure.name, role=figure.role, now=clock.now())
    response.headers["Location"] = f"/api/v1/figures/{figure_id}"
    return _document(find_figure(home, figure_id))


@router.get("/{figure_id}", operation_id="get_figure")
def get_figure(home: Home, figure_id: Id) -> dict[str, Any]:
    """Return a figure."""
    return _document(find_figure(home, figure_id))


@router.post("/{figure_id}/references", status_code=202, operation_id="add_references")
def post_references(
    home: Home, figure_id: Id, files: Annotated[list[UploadFile], File()]
) -> dict[str, Any]:
    """Keep reference photos; the worker embeds the largest face of each."""
    photos = [Incoming(file.filename or "", file.file) for file in files]
    add_references(home, figure_id, photos, now=clock.now())
    return _document(find_figure(home, figure_id))


def _document(figure: FigureState) -> dict[str, Any]:
    return {
        "id": figure.id,
        "name": figure.name,
        "role": figure.role,
        "references": [
            {
                "id": reference.id,
                "name": reference.name,
                "status": reference.status.value if reference.status else "queued",
                "reason": reference.reason,
            }
            for reference in figure.references
        ],
    }
