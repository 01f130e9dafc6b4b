"""The tree of the errors that the project raises on purpose.

PresslensError
├── ModelUnavailable      a weight file is not there: run ``presslens models fetch``
├── ModelMismatch         a weight file is not the one that the manifest names
├── InvalidRecipe         a recipe file can't be used
├── InvalidEncoder        an image encoder that a user adds can't be used
├── NoFace                a reference photo shows no face
├── InvalidRule           a claim's rule can't be read (``pipelines.statistics.claim.parser``)
├── ScanRejected          a scan can't be read (``pipelines.scans.scan``)
├── ReadingFailed         a scan was not read, which is not its fault (likewise)
└── NotFound, Conflict, LimitExceeded, …   (``app.platform.errors``)
"""

from __future__ import annotations

from typing import Self

from presslens.models.message import Message


class PresslensError(Exception):
    """An error whose message explains to the user what went wrong."""

    @classmethod
    def saying(cls, template: str, **values: object) -> Self:
        """Return the error with a sentence that other languages can say too, a ``Message``."""
        return cls(Message(template, **values))


class ModelUnavailable(PresslensError):
    """A weight file that the recipe needs is not on this machine."""


class ModelMismatch(PresslensError):
    """A weight file differs from the sha256 in the manifest, so it was not opened."""


class InvalidRecipe(PresslensError):
    """A recipe file is missing, is not TOML, or holds a value out of range."""


class InvalidEncoder(PresslensError):
    """A network or a card of a user's image encoder can't be used."""


class NoFace(PresslensError):
    """A reference photo shows no face that can be enrolled."""
