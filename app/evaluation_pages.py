"""Composes the pages on which the finding of photos is measured, once."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from app.weights import acquire
from models.registry import Manifest, Registry
from samples.compose import KINDS, compose_edition, leader_references
from samples.scan import CONDITIONS

SAMPLES = Path(__file__).parent.parent / "samples"
SEEDS = (101, 126)
"""Other ones than the demonstration's. Chosen for what the layouts hold, before anything was
measured on the second: narrow gutters; touching photos, a collage, captions inside photos."""

Told = Callable[[str], None]


def prepare_pages(folder: Path, *, told: Told = lambda _what: None) -> Path:
    """Fetch the samples' photos and fonts, compose what is missing, and return where it lies.

    The stand-in leader's reference photos are beside it, in ``leader``.

    Args:
        folder: Keeps the sources and the pages; pages that are there are used again.
        told: Is told what is being done.
    """
    sources = Registry(Manifest.load(SAMPLES / "sources.toml"), packages=folder / "sources")
    acquire(sources, told=lambda package: told(f"fetching {package}"))
    leader_references(sources.packages, folder / "leader")
    return compose_pages(sources.packages, folder / "pages", told=told)


def compose_pages(
    sources: Path,
    pages: Path,
    *,
    kinds: Sequence[str] = KINDS,
    conditions: Sequence[str] = CONDITIONS,
    seeds: Sequence[int] = SEEDS,
    told: Told = lambda _what: None,
    compose: Callable[..., Any] = compose_edition,
) -> Path:
    """Compose the editions that a folder lacks, as CONDITION/KIND-SEED, and return the folder.

    Editions that are not asked for are removed: whatever lies in the folder is measured. Pages
    that other code of the generator composed are composed anew: they would be measured as if they
    were today's. An edition gets its name when it is complete.
    """
    made_by = pages / "generator.sha256"
    if made_by.is_file() and made_by.read_text() != generator():
        shutil.rmtree(pages)
    pages.mkdir(parents=True, exist_ok=True)
    made_by.write_text(generator())
    wanted = {
        pages / condition / f"{kind}-{seed}": (condition, kind, seed)
        for condition, kind, seed in product(conditions, kinds, seeds)
    }
    for edition in set(pages.glob("*/*")) - set(wanted):
        shutil.rmtree(edition)
    for edition, (condition, kind, seed) in wanted.items():
        if edition.is_dir():
            continue
        told(f"composing {condition} pages: {edition.name}")
        part = pages.with_name(f"{pages.name}.part")
        shutil.rmtree(part, ignore_errors=True)
        compose(kind, sources, part, seed=seed, condition=condition)
        edition.parent.mkdir(exist_ok=True)
        part.replace(edition)
    return pages


def generator() -> str:
    """Return the hash of all that decides what the generator composes."""
    files = sorted(path for path in SAMPLES.iterdir() if path.suffix in {".py", ".toml"})
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in files)).hexdigest()
