"""The photographs and fonts of the samples, out of registry packages."""

from __future__ import annotations

from pathlib import Path

import presslens.samples
from presslens.app.platform.settings import Settings
from presslens.models.registry import Manifest, Registry

SOURCES = Path(presslens.samples.__file__).with_name("sources.toml")


def sample_sources(settings: Settings) -> Registry:
    """Return the registry of the samples' photographs and fonts, in the cache folder."""
    return Registry(Manifest.load(SOURCES), packages=settings.cache_dir / "samples")
