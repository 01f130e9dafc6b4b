"""The documentation of the API, made of its own description: complete, and without any script."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from fastapi import FastAPI, Request, Response

from presslens.app.api import links
from presslens.app.api.access import needs
from presslens.app.api.example_values import NOBODY_S, Sample
from presslens.app.api.params import Home
from presslens.app.db.queries import ANY_EDITION
from presslens.app.installation import Installation
from presslens.app.platform.permissions import Permission
from presslens.app.services.catalogue.editions import list_editions
from presslens.app.web.api_examples import CallExample, examples_of, sample_address
from presslens.app.web.markdown import inline
from presslens.app.web.page_router import PageRouter, Render, Rows

router = PageRouter()

COLUMNS = ("noun", "method", "path", "parameter", "in", "required", "type", "description")

METHODS = ("get", "post", "patch", "put", "delete")
FORMS = ("csv", "png", "svg", "pdf", "vl.json", "jpg")
"""Endings that give the same answer in another form."""


@dataclass(frozen=True, slots=True)
class DocumentedField:
    """A parameter or a field of a body."""

    name: str
    place: str  # query, path or body
    required: bool  # whether it must be given
    type: str  # its type in words, with the values that it may have
    default: Any  # its default; None if there is none
    description: str  # what it means


@dataclass(frozen=True, slots=True)
class DocumentedOperation:
    """One operation of the API."""

    id: str  # its name, which is its anchor
    noun: str  # what it is about
    method: str  # GET, POST, …
    path: str
    summary: str  # what it does, in a sentence
    details: Sequence[str]  # the rest of its description, a paragraph each
    fields: Sequence[DocumentedField]  # its parameters, then the fields of its body
    media: str | None  # the media type of its body; None without one
    answers: Sequence[str]  # status and media type of what it answers
    forms: Sequence[str]  # endings of the same address that give the same in another form
    examples: Sequence[CallExample]  # the same request in several languages
    # An address of this installation that shows an answer; None where none is safe.
    sample: str | None


@router.page("/docs")
@needs(Permission.READ)
def show_docs(home: Home, render: Render, request: Request) -> Response:
    """Show every operation of the API with its filters and examples."""
    app: FastAPI = request.app
    sample = _sample(home)
    base = str(request.base_url).rstrip("/")
    operations = list(documented(app.openapi(), base, sample))
    return render(
        "api_docs.html",
        document=app.openapi,
        table=lambda: Rows(COLUMNS, _rows(operations)),
        section="docs",
        nouns=[
            (noun, [one for one in operations if one.noun == noun])
            for noun in dict.fromkeys(one.noun for one in operations)
        ],
        inline=_inline,
        base=base,
        root=links.ROOT,
        count=len(operations),
    )


_inline = lru_cache(4096)(inline)


def _sample(home: Installation) -> Sample:
    """Return what examples are about: the latest edition, or one that there might be."""
    latest = list_editions(home, ANY_EDITION, limit=1).to_json()["editions"]
    if not latest:
        return NOBODY_S
    return Sample(latest[0]["publication"], latest[0]["date"], latest[0]["id"])


def documented(
    schema: Mapping[str, Any], base: str, sample: Sample
) -> Iterator[DocumentedOperation]:
    """Yield the operations of an OpenAPI schema by noun, other forms of an answer with it.

    Args:
        base: The server's address.
        sample: What the examples are about.
    """
    paths = schema["paths"]
    operations = [
        (path, method, paths[path][method])
        for path in paths
        for method in METHODS
        if method in paths[path]
    ]
    forms: dict[tuple[str, str], list[str]] = {}
    for path, method, operation in operations:
        plain = _without_form(path)
        if plain is not None and _is_same(paths.get(plain, {}).get(method), operation):
            forms.setdefault((plain, method), []).append(path.removeprefix(plain))
    others = {plain + form for (plain, _), endings in forms.items() for form in endings}
    main = [one for one in operations if one[0] not in others]
    nouns = dict.fromkeys(operation["tags"][0] for _, _, operation in main)
    for noun in nouns:
        for path, method, operation in main:
            if operation["tags"][0] == noun:
                endings = forms.get((path, method), [])
                yield _operation(schema, path, method, operation, endings, base, sample)


def _operation(
    schema: Mapping[str, Any],
    path: str,
    method: str,
    operation: Mapping[str, Any],
    forms: Sequence[str],
    base: str,
    sample: Sample,
) -> DocumentedOperation:
    paragraphs = [" ".join(part.split()) for part in operation.get("description", "").split("\n\n")]
    fields = [_parameter(schema, one) for one in operation.get("parameters", ())]
    media, body = _body(schema, operation)
    values = {
        one["name"]: one["schema"]
        for one in operation.get("parameters", ())
        if one["in"] == "path" or one.get("required")
    }
    return DocumentedOperation(
        operation["operationId"],
        operation["tags"][0],
        method.upper(),
        path,
        paragraphs[0],
        paragraphs[1:],
        [*fields, *body],
        media,
        _answers(operation),
        forms,
        examples_of(method, path, [one.name for one in fields], values, media, body, base, sample),
        sample_address(method, path, values, sample),
    )


def _without_form(path: str) -> str | None:
    """Return the path of which a path is another form; None if it has no ending."""
    for form in FORMS:
        if path.endswith(f".{form}"):
            return path.removesuffix(f".{form}")
    return None


def _is_same(one: Mapping[str, Any] | None, other: Mapping[str, Any]) -> bool:
    return one is not None and one.get("description") == other.get("description")


def _answers(operation: Mapping[str, Any]) -> list[str]:
    answers = []
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            media = ", ".join(answer.get("content", {}))
            answers.append(f"{status} {media}".strip())
    return answers


def _parameter(schema: Mapping[str, Any], parameter: Mapping[str, Any]) -> DocumentedField:
    shape = parameter["schema"]
    return DocumentedField(
        parameter["name"],
        parameter["in"],
        parameter.get("required", False),
        type_words(schema, shape),
        shape.get("default"),
        parameter.get("description", ""),
    )


def _body(
    schema: Mapping[str, Any], operation: Mapping[str, Any]
) -> tuple[str | None, list[DocumentedField]]:
    """Return the media type of a body, and its fields."""
    content = operation.get("requestBody", {}).get("content", {})
    for media, part in content.items():
        shape = _resolved(schema, part["schema"])
        required = shape.get("required", ())
        return media, [
            DocumentedField(
                name,
                "body",
                name in required,
                type_words(schema, field),
                field.get("default"),
                field.get("description", ""),
            )
            for name, field in shape.get("properties", {}).items()
        ]
    return None, []


def type_words(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> str:
    """Return the type of a parameter or field in words: "date", "one of front, inside"."""
    shape = _resolved(schema, shape)
    if "enum" in shape:
        return " | ".join(map(str, shape["enum"]))
    if "const" in shape:
        return str(shape["const"])
    if shape.get("type") == "array":
        return f"list of {type_words(schema, shape.get('items', {}))}"
    if shape.get("type") == "object":
        return "object"
    kind = str(shape.get("format") or shape.get("type") or "any")
    low = shape.get("minimum", shape.get("exclusiveMinimum"))
    high = shape.get("maximum", shape.get("exclusiveMaximum"))
    if low is not None and high is not None and high < 2**31 - 1:
        return f"{kind} {low:g}–{high:g}"
    return "file" if kind in ("binary", "application/octet-stream") else kind


def _resolved(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a shape behind references and behind what may be null."""
    while True:
        if "$ref" in shape:
            shape = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
        elif "anyOf" in shape:
            shape = next(one for one in shape["anyOf"] if one.get("type") != "null")
        elif len(shape.get("allOf", ())) == 1:
            shape = shape["allOf"][0]
        else:
            return shape


def _rows(operations: Sequence[DocumentedOperation]) -> Iterator[dict[str, Any]]:
    for one in operations:
        base = {"noun": one.noun, "method": one.method, "path": one.path}
        if not one.fields:
            yield base
        for field in one.fields:
            yield {
                **base,
                "parameter": field.name,
                "in": field.place,
                "required": field.required,
                "type": field.type,
                "description": field.description,
            }
