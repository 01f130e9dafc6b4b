"""Bodies of requests: what clients give, in exactly the JSON types that the description names."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Strict, model_validator

T = TypeVar("T")

OneOf = Annotated[T, Strict(False)]
"""An enumeration or tuple, which JSON has no type for: made of a text or a list."""

EXACT = 2**53
"""Up to here a float holds every whole number."""


class Given(BaseModel):
    """A body of known fields. "1" is no number and 0 is not false; 1.0 is 1, as in JSON."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _whole_numbers(cls, data: Any) -> Any:
        return _whole(data)


def _whole(data: Any) -> Any:
    if isinstance(data, dict):
        return {name: _whole(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_whole(value) for value in data]
    if isinstance(data, float) and abs(data) < EXACT and data.is_integer():
        return int(data)
    return data
