"""The view of a page: a re-encoded picture that is safe to serve and carries no metadata."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image as Pillow

from models.vocabulary import Image

QUALITY = 88
"""JPEG quality of a view; crops of photos are cut from it for people, never for models."""


def write_view(page: Image, path: Path) -> None:
    """Write the pixels of a page as a JPEG, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    Pillow.fromarray(page).save(part, "JPEG", quality=QUALITY)
    part.replace(path)
