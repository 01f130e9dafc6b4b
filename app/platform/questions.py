"""What may be asked: each question is one model, which addresses, pages and commands read.

A field of a question is a query parameter of the API and of pages, by its alias, and an option of
the command line, if it says what the option's help is.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from presslens.app.platform.text import plain_name
from presslens.models.message import Message

LIST_OF_METRICS = "/api/v1/stats/metrics"
"""The address that names the metrics."""

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOST = 2**31 - 1
"""The largest id."""


class BaseQuery(BaseModel):
    """What is asked for: the parameters of an address, or the options of a command.

    Who asks has read each field by its type, so that a question is made without another check.
    """

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    def given(self) -> dict[str, Any]:
        """Return the parameters of an address that ask for the same, without what is usual."""
        values = self.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        return {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in values.items()
        }


def ask(option: str = "", *, default: Any = None, alias: str | None = None, **about: Any) -> Any:
    """Return a field of a question.

    Args:
        option: What the command line says of it; empty: it is no option there.
        default: What is asked for where nothing is said.
        alias: Its name outside of the program, where that is another one.
        about: More of it, as pydantic's ``Field`` takes it.
    """
    return Field(default, alias=alias, json_schema_extra={"option": option}, **about)


def _read_day(value: object) -> object:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not DAY.fullmatch(value):
        raise ValueError(Message("a day is written YYYY-MM-DD"))
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(Message("%(day)s is no day of the calendar", day=value)) from error


def _one_line(value: str) -> str:
    value = value.strip()
    if not value or not value.isprintable():
        raise ValueError(Message("a name is one line of printable characters"))
    return value


Day = Annotated[date, BeforeValidator(_read_day)]
Name = Annotated[
    str,
    StringConstraints(min_length=1, max_length=255),
    AfterValidator(_one_line),
    AfterValidator(plain_name),
]
