"""Answers of child processes: data come through as they are, and nothing else does."""

from __future__ import annotations

import json
import pickle
import struct
import tracemalloc
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from presslens.models.message import Message
from presslens.pipelines.scans.answer import AnswerInvalid, ChildFailed, Form, write, write_error
from presslens.pipelines.scans.scan import RejectReason, ScanRejected


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


@dataclass(frozen=True)
class Dot:
    x: float
    y: float


@dataclass(frozen=True, kw_only=True)
class Line:
    x: float
    y: float


@dataclass(frozen=True, eq=False)
class Everything:
    number: int
    dots: tuple[Dot, ...]
    either: Dot | Line | None
    colour: Colour
    day: date | None
    raw: bytes
    values: NDArray[np.float32]
    seconds: Mapping[Colour, float]
    names: frozenset[str]
    sentence: str
    rejection: ScanRejected | None


def through(form, value):
    return form.read(*write(value))


def test_everything_comes_through_as_it_is():
    detail = Message("%(n)s of %(what)s", n=3, what=Message("the pages"))
    sent = Everything(
        7,
        (Dot(0.1, 1e-300), Dot(2, np.float32(0.5).item())),
        Line(x=1.0, y=2.0),
        Colour.GREEN,
        date(2019, 12, 16),
        b"\0\xff",
        np.linspace(0, 1, 6, dtype=np.float32).reshape(2, 3),
        {Colour.RED: 0.25},
        frozenset({"공장", "b"}),
        detail,
        ScanRejected("a.pdf", RejectReason.CORRUPT, detail),
    )
    came = through(Form(Everything), sent)
    assert (came.number, came.dots, came.either) == (sent.number, sent.dots, sent.either)
    assert type(came.either) is Line
    assert (came.colour, came.day, came.raw) == (sent.colour, sent.day, sent.raw)
    assert (came.seconds, came.names) == (sent.seconds, sent.names)
    np.testing.assert_array_equal(came.values, sent.values)
    assert came.values.flags.writeable
    assert came.sentence.template == detail.template
    assert came.sentence.values["what"].template == "the pages"
    assert came.rejection.args == sent.rejection.args
    assert came.rejection.detail.values == detail.values


@given(st.lists(st.floats(-(2**53), 2**53)), st.lists(st.text(), max_size=5))
def test_numbers_and_texts_are_exact(numbers, texts):
    assert through(Form(list[float]), numbers) == numbers
    sent = [text.replace("\0", "") for text in texts]
    assert through(Form(list[str]), sent) == sent


def test_errors_are_raised_by_a_closed_list():
    rejection = ScanRejected("a", RejectReason.EMPTY, "nothing")
    with pytest.raises(ScanRejected) as caught:
        Form(None, ScanRejected).read(*write_error(rejection))
    assert caught.value.args == rejection.args
    with pytest.raises(ChildFailed, match=r"^ScanRejected: a: nothing"):
        Form(None).read(*write_error(rejection))
    with pytest.raises(MemoryError):
        Form(None).read(*write_error(MemoryError()))
    with pytest.raises(PermissionError, match="no way"):
        Form(None).read(*write_error(PermissionError(13, "no way", "a.txt")))
    with pytest.raises(ChildFailed, match=r"^RuntimeError: a\ufffdb"):
        Form(None).read(*write_error(RuntimeError("a\x1bb")))


@pytest.mark.parametrize("value", [float("nan"), {1: object()}, [print], float("inf")])
def test_what_is_no_data_is_not_sent(value):
    with pytest.raises((TypeError, ValueError)):
        write(value)


def reduced():
    class Bomb:
        def __reduce__(self):
            return pytest.fail, ("code ran in the parent",)

    return pickle.dumps(Bomb())


def done(tree):
    return json.dumps(["done", tree]).encode()


FLOATS = "<f4"
ONE = struct.pack("<f", 1.0)
LIES = [
    (int, reduced(), b""), (int, b"", b""), (int, b"{}", b""), (int, b'["done"]', b""),
    (int, b'["done", 1, 2]', b""), (int, b"[" * 100_000, b""), (int, done(1), b"more"),
    (int, done(True), b""), (int, done(1.0), b""), (int, done("1"), b""),
    (int, done(2**53 + 1), b""), (int, b'["done", ' + b"9" * 5000 + b"]", b""),
    (float, b'["done", NaN]', b""), (float, b'["done", -Infinity]', b""),
    (float, b'["done", 1e999]', b""), (float, done(1e300), b""), (bool, done(1), b""),
    (None, done(0), b""), (str, done("a" * 200_001), b""), (str, done("a\0b"), b""),
    (str, b'["done", "\\ud800"]', b""),
    (str, done({"template": "%(a)999999999s", "values": {"a": 1}}), b""),
    (str, done({"template": "%(a)s" * 17, "values": {"a": "b"}}), b""),
    (str, done({"template": "%(a)s", "values": {"b": 1}}), b""),
    (str, done({"template": "%(a)s", "values": {"a": [1]}}), b""),
    (str, done({"template": "a", "values": {}, "more": 1}), b""), (bytes, done(2), b"a"),
    (bytes, done(-1), b"a"), (bytes, done(2**62), b"a"), (date, done("2019-13-01"), b""),
    (date, done("20191216"), b""), (Colour, done("blue"), b""), (Colour, done(["red"]), b""),
    (RejectReason, done("__import__('os')"), b""), (Dot, done(["Line", 1.0, 2.0]), b""),
    (Dot, done(["Dot", 1.0]), b""), (Dot, done(["Dot", 1.0, 2.0, 3.0]), b""),
    (Dot, done({"x": 1.0, "y": 2.0}), b""), (Dot | None, done(["os.system", "true"]), b""),
    (Dot | Line, done(None), b""), (tuple[int, int], done([1]), b""),
    (tuple[int, int], done([1, 2, 3]), b""), (tuple[int, ...], done("12"), b""),
    (list[None], done([None] * 100_001), b""), (dict[str, int], done([["a"]]), b""),
    (dict[str, int], done([[["a"], 1]]), b""), (NDArray[np.float32], done([FLOATS, 2]), ONE),
    (NDArray[np.float32], done([FLOATS, -1]), ONE),
    (NDArray[np.float32], done([FLOATS, 2**40, 2**40]), ONE),
    (NDArray[np.float32], done([FLOATS, 1, 1, 1, 1, 1]), ONE),
    (NDArray[np.float32], done([FLOATS]), ONE),
    (NDArray[np.float32], done(["<f8", 1]), ONE * 2),
    (NDArray[np.float32], done(["|O", 1]), ONE * 2),
    (NDArray[np.float32], done([FLOATS, 1]), struct.pack("<f", float("nan"))),
    (ScanRejected, done(["ScanRejected", "a", "none such", "b"]), b""),
    (ScanRejected, done(["SystemExit", 1]), b""),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "blob"), LIES)
def test_what_has_another_form_is_refused(kind, text, blob):
    with pytest.raises(AnswerInvalid):
        Form(kind).read(text, blob)


@pytest.mark.parametrize(
    "error",
    [
        ["error", "ScanRejected", ["a", "none such", "b"], "", ""],
        ["error", "ScanRejected", ["a"], "", ""],
        ["error", "OSError", [1, ["a"]], "", ""],
        ["error", "OSError", [], "", ""],
        ["error", "ScanRejected", {}, "", ""],
        ["error", 1, [], "", ""],
    ],
)
def test_errors_of_another_form_are_refused(error):
    with pytest.raises(AnswerInvalid):
        Form(int, ScanRejected).read(json.dumps(error).encode(), b"")


def test_an_error_that_is_not_named_is_a_text_of_some_length():
    answer = json.dumps(["error", "SystemExit", [3], "S" * 10**6, "T" * 10**6]).encode()
    with pytest.raises(ChildFailed) as caught:
        Form(int).read(answer, b"")
    assert len(str(caught.value)) <= 20_000
    assert len(caught.value.__notes__[0]) <= 20_000


def test_what_cannot_be_is_refused_by_its_check():
    form = Form(int, check=lambda number: number < 3)
    assert form.read(done(2), b"") == 2
    with pytest.raises(AnswerInvalid, match="can't be"):
        form.read(done(3), b"")


def test_a_long_answer_takes_memory_in_proportion():
    text = b'["done",[' + b"[]," * 300_000 + b"[]]]"
    tracemalloc.start()
    with pytest.raises(AnswerInvalid):
        Form(list[int]).read(text, b"")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 30 * len(text)
