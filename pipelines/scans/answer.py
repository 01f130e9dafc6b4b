"""Answers of child processes in a fixed form: data of stated types and bounds, never code.

A process that looks at foreign bytes may be taken over by them, and then answers what it likes. So
an answer is JSON and raw bytes, and its receiver builds nothing but the types that it expects: each
with its own fields, numbers that are finite, texts, lists and arrays of bounded length.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from traceback import format_exception
from types import NoneType, UnionType
from typing import (
    Any,
    Final,
    Generic,
    Never,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from presslens.models.message import Message

T = TypeVar("T")

_MOST_TEXT = 200_000
"""Most characters of a text: a page's printed text has some ten thousand."""
_MOST_ITEMS = 100_000
"""Most items of a list."""
_MOST_VALUES = 16
"""Most values of a sentence."""
_MOST_DIMENSIONS = 4
_MOST_NUMBER = 2**53
"""The largest whole number that is a number in JSON, whoever reads it (RFC 8259, section 6)."""
_MOST_TRACE = 20_000
_CONVERSIONS = re.compile(r"%(?:\((\w{1,40})\)s|%)")
"""The parts of a sentence's template that are filled in: by a name, and with no width of its own,
which could ask for a text of gigabytes."""


class AnswerInvalid(Exception):
    """A child process gave an answer that has not the form that was agreed on."""


class ChildFailed(Exception):
    """A call of a child process raised an error of no kind that is named in its form.

    The message has the name and the text of the error, a note has where it was raised.
    """


class Form(Generic[T]):
    """The form of an answer.

    Attributes:
        errors: Errors that are raised again as what they are, beside ``MemoryError``, ``OSError``.
    """

    def __init__(
        self,
        kind: type[T] | UnionType | None,
        *errors: type[Exception],
        check: Callable[[T], bool] | None = None,
    ) -> None:
        """State a form.

        Args:
            kind: The type of the answer, with the types of what is in it.
            errors: See the class; each is made of its arguments.
            check: Tells whether an answer of this type is one that can be.
        """
        self.errors = errors
        self._kind: Final = kind
        self._check: Final = check

    def read(self, text: bytes, blob: bytes) -> T:
        """Return an answer.

        Raises:
            AnswerInvalid: It has another form.
            Exception: What the call raised: one of ``errors``, or ``ChildFailed``.
        """
        builder = _Builder(memoryview(blob))
        try:
            match json.loads(text, parse_constant=_refuse):
                case ["done", tree]:
                    answer, raised = builder.build(self._kind, tree), None
                case ["error", str(name), list(tree), str(message), str(trace)]:
                    answer, raised = None, builder.error(self.errors, name, tree, message)
                    raised.add_note(_printable(trace[:_MOST_TRACE]))
                case _:
                    _refuse("what is neither an answer nor an error")
            builder.end()
            if raised is None and self._check is not None:
                _check(self._check(cast(T, answer)), "an answer that can't be")
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise AnswerInvalid(f"{type(error).__name__}: {error}"[:200]) from None
        if raised is not None:
            raise raised
        return cast(T, answer)


def write(value: object) -> tuple[bytes, bytes]:
    """Return a value as an answer: JSON, and the bytes of its arrays in their order.

    Raises:
        TypeError, ValueError: It holds something that is no data, or a number that is not finite.
    """
    blobs: list[bytes] = []
    text = _json(["done", _tree(value, blobs)])
    return text, b"".join(blobs)


def write_error(error: BaseException) -> tuple[bytes, bytes]:
    """Return an error as an answer."""
    trace = "".join(format_exception(error))[-_MOST_TRACE:]
    name, args = type(error).__name__, list(error.args)
    if isinstance(error, OSError):
        name, args = "OSError", [error.errno, error.strerror]
    text = f"{name}: {error}"[:_MOST_TRACE]
    try:
        return _json(["error", name, _tree(args, []), text, trace]), b""
    except (TypeError, ValueError):
        return _json(["error", name, [], text, trace]), b""


def _json(tree: object) -> bytes:
    text = json.dumps(tree, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "replace")


def _tree(value: Any, blobs: list[bytes]) -> Any:
    """Return a value as what JSON has; dataclasses and errors have their names before them."""
    match value:
        case None | bool() | int() | float():
            return value
        case Message():
            values = {name: _tree(part, blobs) for name, part in value.values.items()}
            return {"template": value.template, "values": values}
        case str():
            return str(value)
        case bytes():
            blobs.append(value)
            return len(value)
        case date():
            return value.isoformat()
        case Mapping():
            return [[_tree(name, blobs), _tree(one, blobs)] for name, one in value.items()]
        case list() | tuple() | set() | frozenset():
            return [_tree(one, blobs) for one in value]
    return _tree_of_object(value, blobs)


def _tree_of_object(value: Any, blobs: list[bytes]) -> Any:
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        parts = [_tree(getattr(value, field.name), blobs) for field in fields(value)]
        return [type(value).__name__, *parts]
    if isinstance(value, Exception):
        return [type(value).__name__, *(_tree(part, blobs) for part in value.args)]
    if hasattr(value, "__array_interface__"):  # NumPy's, which is not imported for this
        if not value.shape:
            return value.item()
        blobs.append(value.tobytes())
        return [value.dtype.str, *value.shape]
    raise TypeError(f"{type(value).__name__} is no data")


def _refuse(what: str) -> Never:
    raise AnswerInvalid(what)


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _check(holds: bool, what: str) -> None:
    if not holds:
        raise AnswerInvalid(what)


@cache
def _parts(kind: type) -> tuple[object, ...]:
    """Return the types of the fields of a dataclass, or of the arguments of an error."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return tuple(hints[field.name] for field in fields(kind))
    if kind.__init__ is Exception.__init__:  # type: ignore[misc]
        return (str,)
    hints = get_type_hints(kind.__init__)  # type: ignore[misc]
    return tuple(hint for name, hint in hints.items() if name != "return")


class _Builder:
    """Builds what is expected out of JSON; arrays are taken from the blob in their order."""

    def __init__(self, blob: memoryview) -> None:
        self._blob = blob

    def build(self, kind: Any, tree: Any) -> Any:
        """Return a value of a type."""
        origin = get_origin(kind) or kind
        if origin in _BUILDERS:
            return _BUILDERS[origin](self, tree, get_args(kind))
        if getattr(origin, "__name__", "") == "ndarray":
            return self.array(tree, get_args(kind))
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(tree)
        if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, Exception)):
            return self._object(kind, tree)
        raise NotImplementedError(f"{kind} has no form")

    def error(self, errors: Sequence[type[Exception]], name: str, tree: Any, text: str) -> Any:
        """Return an error of the list, or ``ChildFailed``."""
        if name == "MemoryError":
            return MemoryError()
        if name == "OSError":
            number, words = self.build(tuple[int | None, str | None], tree)
            return OSError(number, _printable(words or ""))
        for kind in errors:
            if kind.__name__ == name:
                return self._object(kind, [name, *tree])
        return ChildFailed(_printable(text[:_MOST_TRACE]))

    def end(self) -> None:
        """Check that nothing is left.

        Raises:
            AnswerInvalid: The blob is longer than what was built of it.
        """
        _check(not self._blob, "bytes that belong to nothing")

    def _object(self, kind: type, tree: Any) -> Any:
        parts = _parts(kind)
        _check(isinstance(tree, list) and len(tree) == len(parts) + 1, f"no {kind.__name__}")
        _check(tree[0] == kind.__name__, f"no {kind.__name__}")
        values = [self.build(part, one) for part, one in zip(parts, tree[1:], strict=True)]
        if is_dataclass(kind):  # fields may be taken by their names alone
            return kind(**{f.name: value for f, value in zip(fields(kind), values, strict=True)})
        return kind(*values)

    def items(self, tree: Any) -> list[Any]:
        _check(isinstance(tree, list) and len(tree) <= _MOST_ITEMS, "no list, or too long")
        return cast(list[Any], tree)

    def take(self, size: Any) -> memoryview:
        _check(type(size) is int and 0 <= size <= len(self._blob), "bytes that are not there")
        part, self._blob = self._blob[:size], self._blob[size:]
        return part

    def union(self, tree: Any, kinds: tuple[Any, ...]) -> Any:
        """Return a value of one of several types: by the name before it, else the first that fits.

        Nothing that is taken from the blob is among several types of the same look.
        """
        if tree is None:
            _check(NoneType in kinds, "nothing")
            return None
        chosen = [kind for kind in kinds if kind is not NoneType]
        if len(chosen) > 1 and isinstance(tree, list) and tree:
            chosen = [kind for kind in chosen if getattr(kind, "__name__", "") == tree[0]] or chosen
        for kind in chosen[:-1]:
            try:
                return self.build(kind, tree)
            except AnswerInvalid:
                continue
        return self.build(chosen[-1], tree)

    def array(self, tree: Any, kinds: tuple[Any, ...]) -> Any:
        """Return an array of stated numbers, its own copy."""
        import numpy as np  # here: processes that only answer do without

        (number,) = get_args(kinds[1])
        dtype = np.dtype(number)
        _check(isinstance(tree, list) and 2 <= len(tree) <= 1 + _MOST_DIMENSIONS, "no array")
        name, *shape = tree
        _check(name == dtype.str, f"no array of {dtype}")
        _check(all(type(side) is int and side >= 0 for side in shape), "no shape")
        values = np.frombuffer(self.take(math.prod(shape) * dtype.itemsize), dtype).reshape(shape)
        _check(dtype.kind != "f" or bool(np.isfinite(values).all()), "numbers that are none")
        return values.copy()


def _whole(_builder: _Builder, tree: Any, _kinds: tuple[Any, ...]) -> int:
    _check(type(tree) is int and abs(tree) <= _MOST_NUMBER, "no whole number")
    return cast(int, tree)


def _number(_builder: _Builder, tree: Any, _kinds: tuple[Any, ...]) -> float:
    _check(type(tree) in {int, float} and abs(tree) <= _MOST_NUMBER, "no number")
    return cast(float, tree)


def _truth(_builder: _Builder, tree: Any, _kinds: tuple[Any, ...]) -> bool:
    _check(type(tree) is bool, "neither true nor false")
    return cast(bool, tree)


def _nothing(_builder: _Builder, tree: Any, _kinds: tuple[Any, ...]) -> None:
    _check(tree is None, "something")


def _text(_builder: _Builder, tree: Any, _kinds: tuple[Any, ...], depth: int = 3) -> str:
    """Return a text; a sentence that can be translated is one, too."""
    if isinstance(tree, str):
        # What databases and terminals refuse: zeros, and halves of a character.
        _check(len(tree) <= _MOST_TEXT and "\0" not in tree, "too long a text, or none")
        tree.encode()
        return tree
    _check(
        depth > 0 and isinstance(tree, dict) and tree.keys() == {"template", "values"}, "no text"
    )
    template, values = tree["template"], tree["values"]
    _check(isinstance(template, str) and len(template) <= 1000, "no sentence")
    _check(isinstance(values, dict) and len(values) <= _MOST_VALUES, "no values")
    if not values:
        return Message(template)
    names = _CONVERSIONS.findall(template)
    _check("%" not in _CONVERSIONS.sub("", template) and len(names) <= _MOST_VALUES, "no sentence")
    filled: dict[str, object] = {
        name: _number(_builder, one, ())
        if isinstance(one, int | float)
        else _text(_builder, one, (), depth - 1)
        for name, one in values.items()
    }
    sentence = Message(template, **filled)
    _check(len(sentence) <= _MOST_TEXT, "too long a text")
    return sentence


def _bytes(builder: _Builder, tree: Any, _kinds: tuple[Any, ...]) -> bytes:
    return bytes(builder.take(tree))


def _day(_builder: _Builder, tree: Any, _kinds: tuple[Any, ...]) -> date:
    _check(isinstance(tree, str) and len(tree) == len("2019-12-16"), "no day")
    return date.fromisoformat(tree)


def _tuple(builder: _Builder, tree: Any, kinds: tuple[Any, ...]) -> tuple[Any, ...]:
    items = builder.items(tree)
    if len(kinds) == 2 and kinds[1] is Ellipsis:
        return tuple(builder.build(kinds[0], one) for one in items)
    return tuple(builder.build(kind, one) for kind, one in zip(kinds, items, strict=True))


def _list(builder: _Builder, tree: Any, kinds: tuple[Any, ...]) -> list[Any]:
    return [builder.build(kinds[0], one) for one in builder.items(tree)]


def _set(builder: _Builder, tree: Any, kinds: tuple[Any, ...]) -> frozenset[Any]:
    return frozenset(_list(builder, tree, kinds))


def _mapping(builder: _Builder, tree: Any, kinds: tuple[Any, ...]) -> dict[Any, Any]:
    return dict(_tuple(builder, pair, kinds) for pair in builder.items(tree))


_BUILDERS: dict[Any, Callable[[_Builder, Any, tuple[Any, ...]], Any]] = {
    None: _nothing,
    NoneType: _nothing,
    bool: _truth,
    int: _whole,
    float: _number,
    str: _text,
    bytes: _bytes,
    date: _day,
    tuple: _tuple,
    list: _list,
    frozenset: _set,
    dict: _mapping,
    Mapping: _mapping,
    Union: _Builder.union,
    UnionType: _Builder.union,
}
