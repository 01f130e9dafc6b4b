"""Composition of the pages on which the stations are evaluated."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from presslens.app.platform.weights import acquire
from presslens.models.registry import Manifest, Registry
from presslens.pipelines.progress import OnStep
from presslens.samples.compose import KINDS, compose_edition, leader_references
from presslens.samples.scan import CONDITIONS

SAMPLES = Path(__file__).parent.parent / "samples"
SEEDS = (101, 126)
"""Other ones than the demonstration's. Chosen for what the layouts hold, before anything was
measured on the second: narrow gutters; touching photos, a collage, captions inside photos."""


def prepare_pages(folder: Path, *, progress: OnStep = lambda _what: None) -> Path:
    """Fetch the samples' sources, compose missing editions, and return the folder of the pages.

    The stand-in leader's reference photos are in the folder ``leader`` beside it.

    Args:
        folder: Stores the sources and the pages, which are used again.
        progress: Receives a line for each step.
    """
    sources = Registry(Manifest.load(SAMPLES / "sources.toml"), packages=folder / "sources")
    acquire(sources, progress=lambda package: progress(f"fetching {package}"))
    leader_references(sources.packages, folder / "leader")
    return compose_pages(sources.packages, folder / "pages", progress=progress)


def compose_pages(
    sources: Path,
    pages: Path,
    *,
    kinds: Sequence[str] = KINDS,
    conditions: Sequence[str] = CONDITIONS,
    seeds: Sequence[int] = SEEDS,
    progress: OnStep = lambda _what: None,
    compose: Callable[..., Any] = compose_edition,
) -> Path:
    """Compose the missing editions of a folder, as CONDITION/KIND-SEED, and return the folder.

    Other editions are deleted, for all editions of the folder are evaluated. All are composed again
    if the generator has changed. An edition gets its name when it is complete.
    """
    provenance = pages / "generator.sha256"
    if provenance.is_file() and provenance.read_text() != generator():
        shutil.rmtree(pages)
    pages.mkdir(parents=True, exist_ok=True)
    provenance.write_text(generator())
    editions = {
        pages / condition / f"{kind}-{seed}": (condition, kind, seed)
        for condition, kind, seed in product(conditions, kinds, seeds)
    }
    for edition in set(pages.glob("*/*")) - set(editions):
        shutil.rmtree(edition)
    for edition, (condition, kind, seed) in editions.items():
        if edition.is_dir():
            continue
        progress(f"composing {condition} pages: {edition.name}")
        part = pages.with_name(f"{pages.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        compose(kind, sources, part, seed=seed, condition=condition)
        edition.parent.mkdir(exist_ok=True)
        part.replace(edition)
    return pages


def generator() -> str:
    """Return the hash of the generator: its code and its lists."""
    files = sorted(path for path in SAMPLES.iterdir() if path.suffix in {".py", ".toml"})
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
