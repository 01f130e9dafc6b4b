"""Labels beyond the subjects, and how well each is told."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from app.api.params import Home
from app.services.labels.labels import list_labels

router = APIRouter(prefix="/labels", tags=["labels"])


@router.get("", operation_id="list_labels")
def get_labels(home: Home) -> dict[str, Any]:
    """List the built-in labels and those that were added; unused ones say why they are not used."""
    known = list_labels(home)
    return {
        "recipe": home.recipe.id,
        "label_set": known.label_set,
        "labels": [asdict(label) for label in known.labels],
    }
