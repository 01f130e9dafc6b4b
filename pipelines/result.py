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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache, cached_property, partial
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, ClassVar, NamedTuple, Self, get_args, get_origin, get_type_hints

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

DIGITS = 6
"""Digits behind the point of served numbers: readers see fewer, rounded from the number itself
(``written_numbers``)."""


def rounded(value: float | None) -> float | None:
    """Return a number rounded to six digits; None stays None."""
    return None if value is None else round(value, DIGITS) + 0.0  # no -0.0


def rounded_interval(interval: tuple[float, float] | None) -> list[float] | None:
    """Return the ends of an interval rounded to six digits; None stays None."""
    return None if interval is None else [round(end, DIGITS) for end in interval]


P_DIGITS = 6
"""Significant digits of p-values: rounded to four places, small ones would be 0."""


def p_digits(value: float | None) -> float | None:
    """Return a p-value as it is served."""
    return None if value is None else float(f"{value:.{P_DIGITS}g}")


PValue = Annotated[float, PlainSerializer(p_digits), WithJsonSchema({"type": "number"})]
"""A p-value, served with six significant digits."""

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
"""A number, served with six digits behind the point."""

Interval = Annotated[
    tuple[float, float],
    PlainSerializer(rounded_interval),
    WithJsonSchema({"type": "array", "items": _NUMBER, "minItems": 2, "maxItems": 2}),
]
"""The lower and the upper end of a 95 % interval, served with six digits behind the point."""


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
    return PlainSerializer(partial(_rounded, digits=number), return_type=kind)


def served(kind: Any, value: Any) -> Any:
    """Return a value as JSON has it, by its type."""
    return written(_adapter(kind).dump_python(value, by_alias=True))


_AS_THEY_ARE = frozenset({bool, float, int, str, type(None)})


def written(value: Any) -> Any:
    """Return a value as JSON has it: days and moments as ISO 8601, members as values.

    Messages stay messages, so that pages can translate them.
    """
    kind = type(value)
    if kind in _AS_THEY_ARE:
        return value
    if kind is dict:
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
    is left out where it is None or empty; ``name:4`` is rounded to four digits; ``*attribute``
    stands for all keys of the result that the attribute holds, ``*attribute?`` for none where it is
    None. "": the fields of the class, after the keys of its base."""

    @property
    def schema(self) -> int:
        """The version of the JSON contract."""
        return 1

    def to_json(self) -> dict[str, Any]:
        """Return the result as it is served."""
        return dict(served(type(self), self))

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
        return [key.name for key in _served(cls)]

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
        return _schema(cls, _served(cls), handler)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Return the schema with what docstrings say of the class and its attributes."""
        return _described(cls, _served(cls), schema, handler)


class Keys:
    """Annotates an object of a class that is no result: the keys that it is served with."""

    def __init__(self, served: str) -> None:
        """Take the keys, as ``Served.SERVED`` has them."""
        self._served = served
        self._view: Any = None

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Return the schema, which reads each key from its attribute."""
        if self._view is None:
            members = {"SOURCE": source, "SERVED": self._served, "__module__": source.__module__}
            self._view = type(source.__name__, (_View,), members)
        return handler.generate_schema(self._view)


class _View:
    """What an object of a class is served as, under the name of that class."""

    SOURCE: ClassVar[Any]
    SERVED: ClassVar[str]

    @classmethod
    def __get_pydantic_core_schema__(
        cls, _source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return _schema(cls.SOURCE, _parsed(cls.SOURCE, cls.SERVED), handler, of=cls)

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return _described(cls.SOURCE, _parsed(cls.SOURCE, cls.SERVED), schema, handler)


@dataclass(frozen=True, kw_only=True)
class OfRecipe(Served):
    """A result of a recipe."""

    recipe: str  # id of the recipe, 64 hex digits


@cache
def _adapter(result: Any) -> TypeAdapter[Any]:
    return TypeAdapter(result)


class _Key(NamedTuple):
    """A key of a result's JSON."""

    name: str
    path: str  # the path of attributes that it is read from
    digits: int | None = None  # digits behind the point; None: as it is
    omitted: bool = False  # it is left out where it is None or empty
    # It is of a result that may be None, and is left out then.
    spread: bool = False


_ABSENT = object()
"""Is read of a result that is None, of which no key is served."""


def _served(cls: Any) -> list[_Key]:
    """Return the keys of a result's JSON."""
    if "SERVED" in vars(cls):
        return _parsed(cls, cls.SERVED)
    hints = _hints(cls)
    base = [key for parent in reversed(cls.__bases__) if is_dataclass(parent)
            for key in _served(parent)]  # fmt: skip
    inherited = {key.path for key in base} | {
        one.name for parent in cls.__bases__ if is_dataclass(parent) for one in fields(parent)
    }
    infos = {one.name: _info(hints[one.name]) for one in fields(cls)}
    own = [
        _Key(info.serialization_alias or name, name)
        for name, info in infos.items()
        if name not in inherited and not info.exclude
    ]
    return base + own


def _parsed(cls: Any, served: str) -> list[_Key]:
    """Return the keys that a text names; see ``Served.SERVED``."""
    keys: list[_Key] = []
    for entry in served.split():
        if entry.startswith("*"):
            spread = entry[1:].removesuffix("?")
            keys += [
                key._replace(path=f"{spread}.{key.path}", spread=entry.endswith("?"))
                for key in _served(_kind(_hint(cls, spread)))
            ]
        else:
            named, _, number = entry.partition(":")
            key, _, path = named.partition("=")
            name = key.removesuffix("?")
            keys.append(_Key(name, path or name, int(number) if number else None, name != key))
    return keys


def _schema(
    cls: Any, keys: Sequence[_Key], handler: GetCoreSchemaHandler, *, of: Any = None
) -> CoreSchema:
    """Return the schema of a class with some keys; ``of``: what stands for the class."""
    read = [_field(cls, key, handler) for key in keys]
    arguments = core_schema.dataclass_args_schema(cls.__name__, read)
    ref = f"{cls.__module__}.{cls.__qualname__}:{id(of or cls)}"
    return core_schema.dataclass_schema(cls, arguments, [one["name"] for one in read], ref=ref)


def _described(
    cls: Any, keys: Sequence[_Key], schema: CoreSchema, handler: GetJsonSchemaHandler
) -> dict[str, Any]:
    """Return the schema of a class with what docstrings say of it and its attributes."""
    document = handler(schema)
    whole = handler.resolve_ref_schema(document)
    for key in keys:
        if meaning := _meaning(cls, key.path):
            whole["properties"][key.name]["description"] = meaning
    whole["description"] = (cls.__doc__ or "").partition("\n\nAttributes:")[0].strip()
    return document


def _field(cls: Any, key: _Key, handler: GetCoreSchemaHandler) -> Any:
    name, hint = key.path, _hint(cls, key.path)
    if "." in name:  # what serialises reads attributes of this one object, each once
        name = f"{key.name}={key.path}"
        setattr(cls, name, property(_reader(cls, key)))
    absent = _is_absent if key.spread else _info(hint).exclude_if
    kind = _bare(hint)
    if key.digits is not None:
        whole = partial(_rounded, digits=key.digits)
        shorter = partial(round, ndigits=key.digits) if kind is float else whole
        kind = Annotated[kind, PlainSerializer(shorter, kind)]
    return core_schema.dataclass_field(
        name,
        handler.generate_schema(kind),
        serialization_alias=key.name,
        serialization_exclude_if=_is_nothing if key.omitted else absent,
    )


def _rounded(value: Any, digits: int | None) -> Any:
    """Return a number, or numbers in what holds some, with some digits behind the point."""
    if isinstance(value, float):
        return round(value, digits)
    if isinstance(value, dict):
        return {name: _rounded(one, digits) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_rounded(one, digits) for one in value)
    return value


def _is_nothing(value: Any) -> bool:
    return value is None or value is _ABSENT or value == ()


def _is_absent(value: Any) -> bool:
    return value is _ABSENT


def _reader(cls: Any, key: _Key) -> Callable[[Any], Any]:
    """Return the function that reads a key from the end of a path."""
    names = key.path.split(".")
    hints = [_hint(cls, ".".join(names[: i + 1])) for i in range(len(names) - 1)]
    if any(type(None) in get_args(one) or _is_mapping(one) for one in hints):
        return partial(_read, names, spread=key.spread)
    return attrgetter(key.path)


def _is_mapping(hint: Any) -> bool:
    return get_origin(hint) in (dict, Mapping)


def _read(path: Sequence[str], result: Any, *, spread: bool = False) -> Any:
    for i, name in enumerate(path):
        if result is None:
            return _ABSENT if spread and i == 1 else None
        result = result[name] if isinstance(result, dict) else getattr(result, name)
    return result


@cache  # each reading compiles the annotations anew: a tenth of what the server starts with
def _hints(of: Any) -> dict[str, Any]:
    return get_type_hints(of, include_extras=True)


def _hint(cls: Any, path: str) -> Any:
    """Return the type of an attribute, of a field or a property, at the end of a path."""
    name, _, rest = path.partition(".")
    if _is_mapping(cls):
        return get_args(cls)[1]
    getter = _getter(cls, name)
    hint = _hints(getter)["return"] if getter else _hints(cls)[name]
    if not rest:
        return hint
    inner = _hint(_kind(hint), rest)
    return inner | None if type(None) in get_args(hint) else inner


def _getter(cls: Any, name: str) -> Any:
    """Return the function of a property; None of a field."""
    attribute = inspect.getattr_static(cls, name, None)
    if isinstance(attribute, cached_property):
        return attribute.func
    return attribute.fget if isinstance(attribute, property) else None


def _kind(hint: Any) -> Any:
    """Return the class of an attribute that may be None."""
    if _is_mapping(hint):
        return hint
    return next(one for one in get_args(hint) or (hint,) if one is not type(None))


def _meaning(cls: Any, path: str) -> str:
    """Return what docstrings say of an attribute."""
    name, _, rest = path.partition(".")
    if get_origin(cls):
        return ""
    if rest:
        kind = _kind(_hint(cls, name))
        if _is_mapping(kind):
            return str(getattr(cls, "MEANINGS", {}).get(path, ""))
        return _meaning(kind, rest)
    if getter := _getter(cls, name):
        return " ".join((getter.__doc__ or "").split())
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
    attributes = source.partition("\n    Attributes:\n")[2].partition('"""')[0]
    described = commented | dict(_ATTRIBUTE.findall(attributes))
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
