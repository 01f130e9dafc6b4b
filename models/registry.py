"""Finds weight files by name and checks the hash of each before it is opened."""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from platformdirs import user_cache_path
from pydantic import BaseModel, ConfigDict, Field

from presslens.models.errors import ModelMismatch, ModelUnavailable

HERE = Path(__file__).parent
MANIFEST = HERE / "manifest.toml"
SHIPPED = HERE / "weights"


def cache_folder() -> Path:
    """Return the folder of what can be fetched again: PRESSLENS_CACHE_DIR, or one of the user's."""
    folder = os.environ.get("PRESSLENS_CACHE_DIR")
    return Path(folder) if folder else user_cache_path("presslens")


def package_folder() -> Path:
    """Return the folder of the weight files that were taken out of registry packages."""
    return cache_folder() / "weights"


class WeightFile(BaseModel):
    """One entry of a manifest: a file, its hash, its licence and where it comes from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str = Field(pattern=r"^\w[\w.-]*$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    licence: str
    origin: str
    package: str | None = None
    package_sha256: str | None = None
    member: str | None = None
    own: bool = False  # a user has added it


class Manifest(BaseModel):
    """The list of files that a part of the project may open."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    weight: tuple[WeightFile, ...]

    @classmethod
    def load(cls, path: Path = MANIFEST) -> Manifest:
        """Read a manifest from a TOML file."""
        return cls.model_validate(tomllib.loads(path.read_text("utf-8")))

    def joined(self, other: Manifest) -> Manifest:
        """Return the files of both; of two with one name, that of this one."""
        names = {entry.name for entry in self.weight}
        return Manifest(weight=(*self.weight, *(e for e in other.weight if e.name not in names)))

    def __getitem__(self, name: str) -> WeightFile:
        """Return the entry called ``name``.

        Raises:
            ModelUnavailable: No entry has that name.
        """
        for entry in self.weight:
            if entry.name == name:
                return entry
        raise ModelUnavailable(f"no weight file is called {name!r} in the manifest")


@dataclass(frozen=True, slots=True)
class Registry:
    """Finds weight files on this machine."""

    manifest: Manifest  # the files that may be opened
    shipped: Path = SHIPPED  # folder of the files that come with the project
    # Folder of the files that were taken out of registry packages.
    packages: Path = field(default_factory=package_folder)
    own: Path | None = None  # folder of the files that a user has added

    def location(self, entry: WeightFile) -> Path:
        """Return where the file of ``entry`` belongs, whether it is there or not."""
        if entry.own and self.own is not None:
            return self.own / entry.file
        return (self.packages if entry.package else self.shipped) / entry.file

    def path(self, name: str) -> Path:
        """Return the path of a weight file whose hash is right.

        Raises:
            ModelUnavailable: The file is not there.
            ModelMismatch: The file is not the one that the manifest names.
        """
        entry = self.manifest[name]
        path = self.location(entry)
        if not path.is_file():
            remedy = "add-encoder" if entry.own else "fetch"
            raise ModelUnavailable(
                f"{entry.file} ({name}) is not in {path.parent}: run `presslens models {remedy}`"
            )
        if sha256_of(path) != entry.sha256:
            raise ModelMismatch(f"{entry.file} ({name}) has not the sha256 that the manifest names")
        return path


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as 64 hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
