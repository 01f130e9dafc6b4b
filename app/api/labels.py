"""Labels beyond the subjects, and the metrics of each."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.api.params import Home
from app.services.labels.labels import list_labels

router = APIRouter(prefix="/labels", tags=["labels"])


@router.get("", operation_id="list_labels")
def get_labels(home: Home) -> dict[str, Any]:
    """List the built-in and the added labels; an unused one has the reason why."""
    return list_labels(home).to_json()
