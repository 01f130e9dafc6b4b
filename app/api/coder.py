"""The name that changes are logged under: that of the login or key, else what the request says.

Where nobody signs in, on an installation on loopback, ``coder`` is what people say. Who has signed
in is who answers: another name is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated

from fastapi import Depends, Form, Query
from fastapi.exceptions import RequestValidationError
from pydantic import AfterValidator, BeforeValidator, Field

from presslens.app.api.given import Given
from presslens.app.platform.questions import Name

_signed_in: ContextVar[str | None] = ContextVar("signed_in", default=None)


@contextmanager
def signed_in_as(name: str | None) -> Iterator[None]:
    """Read the requests of this context as those of somebody; None: nobody has signed in."""
    token = _signed_in.set(name)
    try:
        yield
    finally:
        _signed_in.reset(token)


def _own_name(given: str | None) -> str | None:
    """Return the name of the login, else the given one.

    Raises:
        ValueError: Another name is given than that of the login, or none where a name is needed.
    """
    own = _signed_in.get()
    if own is None and given == "":
        raise ValueError("nobody is signed in: say who answers")
    if own is None:
        return given
    if given and given != own:
        raise ValueError(f"you are signed in as {own}, and can't answer for somebody else")
    return own


def _checked(given: str | None, place: str) -> str | None:
    try:
        return _own_name(given)
    except ValueError as error:
        problem = {"type": "value_error", "loc": (place, "coder"), "msg": str(error)}
        raise RequestValidationError([problem]) from None


def _of_query(
    coder: Annotated[Name | None, Query(description="who does it, for the log")] = None,
) -> str | None:
    return _checked(coder, "query")


def _of_form(
    coder: Annotated[Name | None, Form(description="who does it, for the log")] = None,
) -> str | None:
    return _checked(coder, "body")


Coder = Annotated[Name | None, AfterValidator(_own_name), Field(validate_default=True)]
"""A field of a body: who does it, for the log; its default is None."""

NamedCoder = Annotated[Name, BeforeValidator(_own_name), Field(validate_default=True)]
"""A field of a body: who answers; its default is "", which only a login makes a name of."""

QueryCoder = Annotated[str | None, Depends(_of_query)]
FormCoder = Annotated[str | None, Depends(_of_form)]


class GivenCoder(Given):
    """Who asks for it."""

    coder: Coder = None


def name_in(given: GivenCoder | None) -> str | None:
    """Return who asks for it: the name in a body that may be left out, or that of the login."""
    return _signed_in.get() if given is None else given.coder
