"""The fonts of pictures of charts: the renderer's own, and one with Hangul, fetched at set-up."""

from __future__ import annotations

from pathlib import Path

from presslens.models.errors import ModelMismatch, ModelUnavailable
from presslens.models.registry import Manifest, Registry, cache_folder

FONTS = Path(__file__).with_name("fonts.toml")


def font_registry() -> Registry:
    """Return the registry of the fonts; ``app.weights.acquire`` fetches what it names."""
    return Registry(Manifest.load(FONTS), packages=cache_folder() / "fonts")


def font_folder() -> Path | None:
    """Return the folder of the fonts; None where they were not fetched, or are other files.

    Without it the system's fonts have to do, which may have no Hangul.
    """
    fonts = font_registry()
    try:
        for entry in fonts.manifest.weight:
            fonts.path(entry.name)
    except (ModelUnavailable, ModelMismatch):
        return None
    return fonts.packages
