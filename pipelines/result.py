"""Results that are served: one declaration gives the JSON, its schema and its meaning.

A result is a dataclass whose fields are the keys of its JSON, in their order. Where the two differ,
``SERVED`` names the keys with the attributes that they are read from. Types come from the
annotations of fields and properties, what keys mean from docstrings and comments; both go to
``/openapi.json``.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache, partial
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self, get_args, get_origin, get_type_hints

from pydantic import (
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from presslens.models.geometry import Box

DIGITS = 4


def rounded(value: float | None) -> float | None:
    """Return a number rounded to four digits; None stays None."""
    return None if value is None else round(value, DIGITS)


def rounded_interval(interval: tuple[float, float] | None) -> list[float] | None:
    """Return the ends of an interval rounded to four digits; None stays None."""
    return None if interval is None else [round(end, DIGITS) for end in interval]


_ATTRIBUTE = re.compile(r"^ {8}(\w+): (.*(?:\n {12,}.*)*)", re.MULTILINE)

_FIELD = re.compile(r"((?:^ {4}# .*\n)*)^ {4}(\w+): [^#\n]*(?:# (.*))?$", re.MULTILINE)

_NUMBER = {"type": "number"}

Moment = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""A moment, written with its offset, +00:00."""

Rounded = Annotated[float, PlainSerializer(rounded), WithJsonSchema(_NUMBER)]
"""A number, served with four digits behind the point."""

Interval = Annotated[
    tuple[float, float],
    PlainSerializer(rounded_interval),
    WithJsonSchema({"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}),
]
"""The lower and the upper end of a 95 % interval, served with four digits behind the point."""

ServedBox = Annotated[
    Box,
    PlainSerializer(Box.to_list),
    WithJsonSchema({"type": "array", "items": _NUMBER, "minItems": 4, "maxItems": 4}),
]
"""A box, served as x0, y0, x1 and y1 to a tenth of a pixel."""


def named(name: str) -> Any:
    """Return the annotation of a field whose key in JSON has another name."""
    return Field(serialization_alias=name)


HIDDEN: Any = Field(exclude=True)
"""Annotates a field that is not served."""


def is_none(value: Any) -> bool:
    """Return whether a value is None."""
    return value is None


OMITTED: Any = Field(exclude_if=is_none)
"""Annotates a field whose key is left out where it is None."""


def digits(number: int | None) -> Any:
    """Return the annotation of a number that is served with some digits behind the point.

    Args:
        number: How many; None: it is served as a whole number.
    """
    kind: Any = int | None if number is None else float | None
    return PlainSerializer(
        lambda value: None if value is None else round(value, number), return_type=kind
    )


def written(value: Any) -> Any:
    """Return a value as JSON has it: days and moments as ISO 8601, members as values.

    Messages stay messages, so that pages can translate them.
    """
    if isinstance(value, dict):
        return {name: written(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [written(one) for one in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


def flat(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document as a row of a table.

    The ends of an interval are ``low`` and ``high``, the keys of an object follow its own, and the
    values of a list are one text.
    """
    row: dict[str, Any] = {}
    for name, value in document.items():
        if name == "interval":
            row["low"], row["high"] = value or (None, None)
        elif isinstance(value, dict):
            row |= {f"{name}_{key}": one for key, one in flat(value).items()}
        else:
            row[name] = "; ".join(map(str, value)) if isinstance(value, list) else value
    return row


class Served:
    """A dataclass that is served."""

    __slots__ = ()

    SERVED: ClassVar[str] = ""
    """The keys in order: ``name``, ``name=attribute`` or ``name=attribute.attribute``; ``name?=…``
    is left out where it is None; ``*attribute`` stands for all keys of the result that the
    attribute holds. "": the fields of the class, after the keys of its base."""

    @property
    def schema(self) -> int:
        """The version of the JSON contract."""
        return 1

    def to_json(self) -> dict[str, Any]:
        """Return the result as it is served."""
        kind: Any = type(self)
        return dict(written(_adapter(kind).dump_python(self, by_alias=True)))

    def flat_rows(self, parts: str, *constants: str) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each part of the result, for tables.

        Args:
            parts: The key of the parts.
            constants: Keys of the result that are the same in each row.
        """
        whole = self.to_json()
        constant = {name: whole[name] for name in constants}
        return ({**flat(part), **constant} for part in whole[parts])

    @classmethod
    def columns(cls) -> list[str]:
        """Return the keys of the result's JSON, which are the columns of a table of such."""
        return [key.removesuffix("?") for key, _ in _served(cls)]

    @classmethod
    def from_attributes(cls, source: object, **more: Any) -> Self:
        """Return a result of the attributes of an object that have its fields' names, and more."""
        names = {one.name for one in fields(cls)} - more.keys()  # type: ignore[arg-type]
        values = {name: getattr(source, name) for name in names if hasattr(source, name)}
        return cls(**values, **more)

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the schema, which reads each key from its attribute."""
        keys = [_field(cls, key, path, handler) for key, path in _served(cls)]
        arguments = core_schema.dataclass_args_schema(cls.__name__, keys)
        name = f"{cls.__module__}.{cls.__qualname__}:{id(cls)}"
        return core_schema.dataclass_schema(cls, arguments, [one["name"] for one in keys], ref=name)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema with what docstrings say of the class and its attributes."""
        document = handler(schema)
        whole = handler.resolve_ref_schema(document)
        for key, path in _served(cls):
            if meaning := _meaning(cls, path):
                whole["properties"][key.removesuffix("?")]["description"] = meaning
        whole["description"] = (cls.__doc__ or "").partition("\n\nAttributes:")[0].strip()
        return document


@dataclass(frozen=True, kw_only=True)
class OfRecipe(Served):
    """A result of a recipe."""

    recipe: str  # id of the recipe, 64 hex digits


@cache
def _adapter(result: Any) -> TypeAdapter[Any]:
    return TypeAdapter(result)


def _served(cls: Any) -> list[tuple[str, str]]:
    """Return the keys of a result's JSON, and the path of attributes that each is read from."""
    if "SERVED" not in vars(cls):
        hints = get_type_hints(cls, include_extras=True)
        base = [one for parent in reversed(cls.__bases__) if is_dataclass(parent)
                for one in _served(parent)]  # fmt: skip
        inherited = {path for _, path in base} | {
            one.name for parent in cls.__bases__ if is_dataclass(parent) for one in fields(parent)
        }
        infos = {one.name: _info(hints[one.name]) for one in fields(cls)}
        own = [
            (info.serialization_alias or name, name)
            for name, info in infos.items()
            if name not in inherited and not info.exclude
        ]
        return base + own
    keys = []
    for entry in cls.SERVED.split():
        key, _, path = entry.partition("=")
        if entry.startswith("*"):
            spread = entry[1:]
            inner = _served(_kind(_hint(cls, spread)))
            keys += [(name, f"{spread}.{one}") for name, one in inner]
        else:
            keys.append((key, path or key.removesuffix("?")))
    return keys


def _field(cls: Any, key: str, path: str, handler: GetCoreSchemaHandler) -> Any:
    name, hint = path, _hint(cls, path)
    if "." in path:  # what serialises reads attributes of this one object, each once
        name = f"{key}={path}"
        setattr(cls, name, property(partial(_read, path.split("."))))
    omitted = _info(hint).exclude_if
    return core_schema.dataclass_field(
        name,
        handler.generate_schema(_bare(hint)),
        serialization_alias=key.removesuffix("?"),
        serialization_exclude_if=is_none if key.endswith("?") else omitted,
    )


def _read(path: Sequence[str], result: Any) -> Any:
    for name in path:
        result = None if result is None else getattr(result, name)
    return result


def _hint(cls: Any, path: str) -> Any:
    """Return the type of an attribute, of a field or a property, at the end of a path."""
    name, _, rest = path.partition(".")
    member = inspect.getattr_static(cls, name, None)
    if isinstance(member, property):
        hint = get_type_hints(member.fget, include_extras=True)["return"]
    else:
        hint = get_type_hints(cls, include_extras=True)[name]
    if not rest:
        return hint
    inner = _hint(_kind(hint), rest)
    return inner | None if type(None) in get_args(hint) else inner


def _kind(hint: Any) -> Any:
    """Return the class of an attribute that may be None."""
    return next(one for one in get_args(hint) or (hint,) if one is not type(None))


def _meaning(cls: Any, path: str) -> str:
    """Return what docstrings say of an attribute."""
    name, _, rest = path.partition(".")
    if rest:
        return _meaning(_kind(_hint(cls, name)), rest)
    member = inspect.getattr_static(cls, name, None)
    if isinstance(member, property):
        return " ".join((member.__doc__ or "").split())
    meanings: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        meanings |= _meanings(base.__module__, base.__name__)
    return meanings.get(name, "")


@cache
def _meanings(module: str, name: str) -> dict[str, str]:
    """Return what the source of a class says of its fields: its docstring, and comments."""
    file = getattr(sys.modules[module], "__file__", None)
    text = Path(file).read_text(encoding="utf-8") if file else ""
    body = re.search(rf"^class {name}\b.*?(?=^[^\s)]|\Z)", text, re.MULTILINE | re.DOTALL)
    source = body.group() if body else ""
    commented = {
        field: re.sub(r"^ *# ", "", above, flags=re.MULTILINE) or beside
        for above, field, beside in _FIELD.findall(source)
    }
    described = commented | dict(_ATTRIBUTE.findall(source))
    return {field: " ".join(meaning.split()) for field, meaning in described.items()}


def _bare(hint: Any) -> Any:
    """Return a type without what is read from its annotations here."""
    if get_origin(hint) is not Annotated:
        return hint
    kind, *more = get_args(hint)
    left = [one for one in more if not isinstance(one, FieldInfo)]
    return Annotated[kind, *left] if left else kind


def _info(hint: Any) -> FieldInfo:
    """Return what annotates a field: how it is served."""
    infos = (one for one in get_args(hint) if isinstance(one, FieldInfo))
    return next(infos, FieldInfo())
