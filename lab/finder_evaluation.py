"""The labelled pages, real and composed, that the photo finder's errors are learned on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from presslens.app.platform.weights import acquire
from presslens.lab.evaluation.phone_pages import photographed_pages
from presslens.lab.evaluation.photo_counts import Record, cached, counted_page, find_on_pages
from presslens.lab.evaluation_pages import SAMPLES, generator
from presslens.lab.training.photos.finder_errors import CountedPage
from presslens.lab.training.photos.pages import (
    PHOTOGRAPHED,
    LabelledPage,
    composed_pages,
    labelled_pages,
)
from presslens.models.loading import load_finder
from presslens.models.photos.finder import SegmentingFinder
from presslens.models.recipe import Recipe
from presslens.models.registry import Manifest, Registry
from presslens.pipelines.progress import OnStep
from presslens.samples.compose import KINDS, compose_edition
from presslens.samples.scan import CONDITIONS

SEEDS = (101, 126, 201, 202, 203, 204, 205, 206)
"""Seeds of the composed editions: those of the evaluation, and others to leave out in turn."""


def counted_pages(
    data: Path,
    folder: Path,
    recipe: Recipe,
    registry: Registry,
    *,
    progress: OnStep = lambda _what: None,
) -> list[CountedPage]:
    """Return the held-out real pages and the composed pages, each looked at once.

    Args:
        data: The folder of labelled sets.
        folder: Stores the sources of composed pages, and what was found on each edition.
        recipe: The rules of the finder.
        registry: Gives its weights.
        progress: Receives a line for each edition before it is looked at.
    """
    sources = Registry(Manifest.load(SAMPLES / "sources.toml"), packages=folder / "sources")
    acquire(sources, progress=lambda package: progress(f"fetching {package}"))
    finder = load_finder(recipe, registry)
    cache = folder / "found" / f"{recipe.observation_id[:12]}-{generator()[:12]}"
    height = recipe.observe.photos.page_height_mm

    def real() -> list[Record]:
        progress("looking at real pages")
        pages = (page for page in labelled_pages(data) if page.held_out)
        return find_on_pages(pages, finder, height, lambda page: 3 * (page.group,))

    records = cached(cache / "real.json", real)
    for seed, kind, condition in product(SEEDS, KINDS, (*CONDITIONS, PHOTOGRAPHED)):
        name = f"{condition}-{kind}-{seed}"
        looked_at = _composed(sources.packages, (kind, condition, seed), finder, height, progress)
        records += cached(cache / f"{name}.json", looked_at)
    return [counted_page(record) for record in records]


def _composed(
    sources: Path,
    edition: tuple[str, str, int],
    finder: SegmentingFinder,
    height_mm: float,
    progress: OnStep,
) -> Callable[[], list[Record]]:
    kind, condition, seed = edition

    def names(page: LabelledPage) -> tuple[str, str, str]:
        return page.group, f"{condition}-{kind}-{seed}", str(seed)

    def records() -> list[Record]:
        progress(f"composing {condition} pages, and looking at them: {kind}-{seed}")
        with TemporaryDirectory() as name:
            scanned = "clean" if condition == PHOTOGRAPHED else condition
            compose_edition(kind, sources, Path(name), seed=seed, condition=scanned)
            pages = composed_pages(Path(name))
            if condition == PHOTOGRAPHED:
                start = 100 * seed + 10 * KINDS.index(kind)  # each page another view
                pages = photographed_pages(pages, Path(name) / PHOTOGRAPHED, start=start)
            return find_on_pages(pages, finder, height_mm, names)

    return records
