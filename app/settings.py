"""The settings of an installation, from the environment. Only the recipe changes numbers."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.recipe import DEFAULT, Recipe
from models.registry import Manifest, Registry, cache_folder
from pipelines.scans.scan import DEFAULT_LIMITS, Limits


class Settings(BaseSettings):
    """Read from the environment: ``PRESSLENS_DATA_DIR``, ``PRESSLENS_PORT``, and so on."""

    model_config = SettingsConfigDict(env_prefix="PRESSLENS_", frozen=True, extra="forbid")

    data_dir: Path = Field(Path("var"), description="folder of the database and the scans")
    database_url: str = Field("", description="SQLAlchemy URL; empty: SQLite in data_dir")
    host: str = Field("127.0.0.1", description="address that the server listens on")
    port: int = Field(8000, ge=0, le=65535, description="port that the server listens on")
    allowed_hosts: str = Field(
        "",
        description="further names that requests may call this server by, separated by commas",
    )
    public: bool = Field(
        False, description="pages on other sites may read IIIF manifests and page pictures"
    )
    processes: int = Field(
        min(4, max(1, (os.cpu_count() or 2) // 2)),
        ge=0,
        le=256,
        description="processes that look at pages; 0: in the worker's own process",
    )
    cache_dir: Path = Field(
        default_factory=cache_folder, description="folder of what can be fetched again"
    )
    weights_dir: Path = Field(
        Path(), description="folder of the weights out of packages; empty: in cache_dir"
    )
    recipe: Path = Field(DEFAULT, description="TOML file of the recipe")
    file_bytes: int = Field(DEFAULT_LIMITS.file_bytes, ge=1, description="largest file, bytes")
    request_bytes: int = Field(
        DEFAULT_LIMITS.request_bytes, ge=1, description="largest request, bytes"
    )
    request_files: int = Field(500, ge=1, description="most files of a request")
    min_free_bytes: int = Field(
        2 * 2**30, ge=0, description="free disk below which uploads are rejected"
    )
    lease_seconds: float = Field(60.0, gt=0, description="time after which a lost claim is free")
    poll_seconds: float = Field(1.0, gt=0, description="how often an idle worker looks for work")

    @model_validator(mode="after")
    def _default_places(self) -> Settings:
        if not self.database_url:
            file = self.data_dir.absolute() / "presslens.db"
            object.__setattr__(self, "database_url", f"sqlite:///{file}")
        if self.weights_dir == Path():
            object.__setattr__(self, "weights_dir", self.cache_dir.absolute() / "weights")
        return self

    @property
    def limits(self) -> Limits:
        """Return the limits of scans, with the sizes of uploads from the settings."""
        return Limits(file_bytes=self.file_bytes, request_bytes=self.request_bytes)

    def load_registry(self) -> Registry:
        """Return the registry of this installation's weights."""
        return Registry(Manifest.load(), packages=self.weights_dir)

    def load_recipe(self) -> Recipe:
        """Return the recipe that this installation works under.

        Raises:
            InvalidRecipe: The file can't be used.
            ModelUnavailable: The recipe names a weight file that the manifest doesn't know.
        """
        return Recipe.load(self.recipe)
