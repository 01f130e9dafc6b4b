"""The parameters that routes share: ids, days, names, paging, and the installation."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Annotated, Any, get_args, get_origin

from fastapi import Depends, Path, Query, Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from pydantic.fields import FieldInfo
from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.datastructures import ImmutableMultiDict

from presslens.app.installation import Installation
from presslens.app.platform.language import NEWSPAPER_NAMES
from presslens.app.platform.questions import MOST, BaseQuery
from presslens.app.services.catalogue.edition_query import EditionQuery
from presslens.app.services.catalogue.publications import names_for_readers
from presslens.models.message import Message


class IdConvertor(IntegerConvertor):
    """Takes a part of an address for an id: ``{photo_id:id}``; anything else is another address.

    Starlette's own, ``int``, fails on numbers of thousands of digits.
    """

    regex = "[0-9]{1,20}"


register_url_convertor("id", IdConvertor())


async def _home(request: Request) -> Installation:
    home: Installation = request.app.state.home.pinned()
    # The context of the request, since this runs in no thread of its own.
    NEWSPAPER_NAMES.set(partial(names_for_readers, home))
    return home


async def check_field_names(request: Request) -> None:
    """Reject query parameters and form fields that the route would ignore.

    Raises:
        RequestValidationError: A name is not declared by the route, which the error names with
            those that are allowed, or a field that is no list has several values.
    """
    route = request.scope["route"]  # of ``PermittedRoute``
    errors = list(_problems("query", request.query_params, route.query))
    form = {name: info.annotation for name, info in route.body.items() if isinstance(info, Form)}
    if form:  # parsed once: the route gets the same form
        errors += _problems("body", await request.form(), form)
    if errors:
        raise RequestValidationError(errors)


def read_query(query: type[BaseQuery], place: Callable[..., Any] = Query) -> Any:
    """Return the dependency that reads a question from the query parameters of an address.

    FastAPI checks each field by its type.

    Args:
        place: Where the fields stand: ``Query``, or ``Form`` for those of a form that is sent.
    """

    def read(**fields: Any) -> BaseQuery:
        return query.model_construct(**fields)

    parameters = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=field.default,
            annotation=Annotated[
                field.annotation,
                *field.metadata,
                place(alias=field.alias, description=field.description),
            ],
        )
        for name, field in query.model_fields.items()
    ]
    read.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return Depends(read)


def _problems(
    place: str, values: ImmutableMultiDict[str, Any], declared: Mapping[str, object]
) -> Iterator[dict[str, Any]]:
    """Yield an error for each undeclared name and for each single-valued field that is repeated."""
    allowed = ", ".join(sorted(declared)) or "none"
    for name in values:
        if name not in declared:
            message = Message("there is no such parameter; allowed: %(names)s", names=allowed)
            kind = "unknown_parameter"
        elif len(values.getlist(name)) > 1 and not _is_list(declared[name]):
            kind, message = "repeated_parameter", Message("it has several values; allowed: one")
        else:
            continue
        yield {"type": kind, "loc": (place, name), "msg": message}


def query_fields(dependant: Dependant) -> Iterator[tuple[str, object]]:
    """Yield name and type of each query parameter of a route and of what it depends on."""
    yield from ((field.alias, field.field_info.annotation) for field in dependant.query_params)
    for dependency in dependant.dependencies:
        yield from query_fields(dependency)


def body_fields(dependant: Dependant) -> Iterator[tuple[str, FieldInfo]]:
    """Yield name and kind of each body field of a route and of what it depends on."""
    yield from ((field.alias, field.field_info) for field in dependant.body_params)
    for dependency in dependant.dependencies:
        yield from body_fields(dependency)


def _is_list(annotation: object) -> bool:
    """Tell whether a field takes several values, which may be optional."""
    return get_origin(annotation) is list or any(map(_is_list, get_args(annotation)))


Home = Annotated[Installation, Depends(_home)]
Id = Annotated[int, Path(ge=1, le=MOST)]
ShareParam = Annotated[float, Query(ge=0, le=1)]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str, Query(max_length=1000)]
Editions = Annotated[EditionQuery, read_query(EditionQuery)]
