"""Results are declared once: their JSON, its order, its schema and its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import TypeAdapter

from presslens.models.geometry import Box
from presslens.models.message import Message
from presslens.pipelines.result import (
    HIDDEN,
    OMITTED,
    Interval,
    Keys,
    Moment,
    Rounded,
    Served,
    digits,
    flat,
    named,
)


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Guess(Served):
    """A guess.

    Attributes:
        value: What is guessed,
            0–1.
    """

    value: Rounded | None
    interval: Interval | None = None  # where it lies


@dataclass(frozen=True, slots=True)
class Thing(Served):
    """A thing."""

    SERVED: ClassVar[str] = "number *guess colour day=on first=guess.value twice note?=said.value"

    guess: Guess
    on: date
    # What paints it.
    colour: Colour
    number: int = 3
    said: Guess | None = None

    @property
    def twice(self) -> Annotated[float, digits(None)]:
        """Twice the number."""
        return self.number * 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown(Thing):
    """A thing with its place."""

    box: Box
    seen_at: Annotated[Moment, named("from")]
    secret: Annotated[str, HIDDEN] = ""
    hint: Annotated[str | None, OMITTED] = None


@dataclass(frozen=True, slots=True)
class Things(Served):
    """Things."""

    recipe: str
    things: list[Thing]


GUESS = Guess(0.123456, (0.1, 0.23456))
THING = Thing(GUESS, date(2025, 12, 16), Colour.RED)
SERVED = {
    "number": 3, "value": 0.123456,
    "interval": [0.1, 0.23456], "colour": "red", "day": "2025-12-16",
    "first": 0.123456, "twice": 6,
}  # fmt: skip


def test_keys_are_read_from_attributes_in_order():
    assert THING.to_json() == SERVED
    assert list(THING.to_json()) == list(SERVED)
    said = Thing(GUESS, date(2025, 12, 16), Colour.RED, said=Guess(1.0))
    assert said.to_json() == {**SERVED, "note": 1.0}
    assert Thing.columns() == [*SERVED, "note"]


def test_the_bytes_are_those_of_the_document():
    whole = TypeAdapter(Things)
    document = Things("r", [THING, THING])
    assert whole.dump_python(document, mode="json", by_alias=True) == document.to_json()


def test_a_result_has_the_keys_of_its_base_first():
    seen = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    shown = Shown.from_attributes(
        THING, box=Box(0, 0.04, 2, 3), seen_at=seen, secret="x", hint=None
    )
    assert shown.to_json() == {
        **SERVED, "box": [0, 0.0, 2, 3], "from": "2026-01-02T03:04:00+00:00",
    }  # fmt: skip


def test_the_schema_has_what_docstrings_and_comments_say():
    properties = TypeAdapter(Shown).json_schema(mode="serialization")["properties"]
    assert properties["value"]["description"] == "What is guessed, 0–1."
    assert properties["interval"]["description"] == "where it lies"
    assert properties["colour"]["description"] == "What paints it."
    assert properties["twice"] == {
        "anyOf": [{"type": "integer"}, {"type": "null"}],
        "description": "Twice the number.",
        "title": "Twice",
    }
    assert set(properties) == {*SERVED, "note", "box", "from", "hint"}


def test_messages_stay_messages_for_pages():
    @dataclass(frozen=True, slots=True)
    class Said(Served):
        """What is said."""

        text: str

    assert isinstance(Said(Message("%(n)s photos", n=3)).to_json()["text"], Message)


@dataclass(frozen=True)
class Found:
    """What is no result."""

    score: float  # how sure it is
    box: Box
    parts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Shapes(Served):
    """Shapes."""

    SERVED: ClassVar[str] = "found first=scores.first:1 *guess? parts?=found.parts:2"

    found: Annotated[Found, Keys("score:3 box")]
    scores: dict[str, float]
    guess: Guess | None = None


def test_an_object_of_another_class_is_served_by_keys():
    shapes = Shapes(Found(0.12345, Box(0, 1, 2, 3)), {"first": 0.16})
    served = {"found": {"score": 0.123, "box": [0, 1, 2, 3]}, "first": 0.2}
    assert shapes.to_json() == served
    guessed = Shapes(Found(0.1, Box(0, 1, 2, 3), (("a", 0.126),)), {"first": 1.0}, Guess(None))
    document = guessed.to_json()
    assert list(document) == ["found", "first", "value", "interval", "parts"]
    assert (document["value"], document["parts"]) == (None, [["a", 0.13]])
    schema = TypeAdapter(Shapes).json_schema(mode="serialization")
    assert schema["$defs"]["Found"]["properties"]["score"]["description"] == "how sure it is"


def test_a_row_is_flat():
    document = {"interval": [1, 2], "count": {"low": 3}, "names": ["a", "b"], "n": None}
    assert flat(document) == {"low": 1, "high": 2, "count_low": 3, "names": "a; b", "n": None}
    assert [row["recipe"] for row in Things("r", [THING]).flat_rows("things", "recipe")] == ["r"]
