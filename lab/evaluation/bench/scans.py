"""Decoding of the pages of a benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from presslens.models.recipe import Recipe
from presslens.models.vocabulary import Image
from presslens.pipelines.scans.sandbox import Sandbox
from presslens.pipelines.scans.scan import expand


def decoded(scans: Sequence[Path], recipe: Recipe) -> list[Image]:
    """Return the pages of scans, or of folders of them, RGB."""
    with Sandbox() as sandbox:
        return [
            sandbox.decode(path, 0, path.name, pdf_dpi=recipe.observe.pdf_dpi)
            for path in expand(scans)
        ]
