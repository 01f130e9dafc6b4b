"""Bodies of requests: what clients give, in exactly the JSON types that the description names."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Strict

T = TypeVar("T")

OneOf = Annotated[T, Strict(False)]
"""An enumeration or tuple, which JSON has no type for: made of a text or a list."""


class Given(BaseModel):
    """A body of known fields. The text "1" is no number, and 0 is not false."""

    model_config = ConfigDict(extra="forbid", strict=True)
