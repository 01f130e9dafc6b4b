"""Examples of requests to the API: in curl, in Python with httpx, and in R with httr2 or readr."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

from presslens.app.api.example_values import Sample, example_values

UNOPENED = (
    "/exports/", "/stats/multiverse", "/stats/compare", "/stats/power",
    ".zip", ".parquet", ".ndjson", "/events",
)  # fmt: skip
"""Parts of paths that the documentation doesn't open: their answers are large, slow or endless, or
need more than a sample of the archive."""

USUAL = ("publication", "from", "to", "a_from", "a_to", "b_from", "b_to")
"""Filters that an example has where the operation takes them."""


class Named(Protocol):
    """A field of a body."""

    @property
    def name(self) -> str:
        """Its name."""
        ...

    @property
    def required(self) -> bool:
        """Whether it must be given."""
        ...

    @property
    def type(self) -> str:
        """Its type in words."""
        ...


@dataclass(frozen=True, slots=True)
class CallExample:
    """A request in one language."""

    language: str
    code: str


def examples_of(
    method: str,
    path: str,
    parameters: Sequence[str],
    required: Mapping[str, Mapping[str, Any]],
    media: str | None,
    body: Sequence[Named],
    base: str,
    sample: Sample,
) -> list[CallExample]:
    """Return a request in curl, Python and R.

    Args:
        method: get, post, …
        path: The path, with parameters in braces.
        parameters: Names of all parameters.
        required: The schema of each parameter that must be given, by name.
        media: Media type of the body; None without one.
        body: Fields of the body.
        base: The server's address.
        sample: What the example is about.
    """
    url = base + _filled(path, required, sample)
    query = _query(path, parameters, required, sample)
    document = {one.name: _value(one.name, one.type, sample) for one in body if one.required}
    files = _uploads(path, document) if media == "multipart/form-data" else ()
    call = _Call(method, url, query, document if media else None, files)
    return [
        CallExample("curl", call.curl()),
        CallExample("Python", call.python()),
        CallExample("R", call.r()),
    ]


def sample_address(
    method: str, path: str, required: Mapping[str, Mapping[str, Any]], sample: Sample
) -> str | None:
    """Return an address of this server that shows an answer; None where none should be opened."""
    if method != "get" or any(part in path for part in UNOPENED):
        return None
    params = {"edition_id", "metric", "edition", "measure"}
    if not set(required) <= params:
        return None
    query = {name: _value(name, "", sample) for name in required if f"{{{name}}}" not in path}
    address = _filled(path, required, sample)
    return f"{address}?{urlencode(query)}" if query else address


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    url: str
    query: Mapping[str, Any]
    document: Mapping[str, Any] | None
    files: Sequence[tuple[str, str]]  # the field and the name of each file

    def curl(self) -> str:
        parts = ["curl"]
        if self.query:
            parts.append("--get")
        if self.method not in ("get", "post"):
            parts.append(f"--request {self.method.upper()}")
        parts.append(shlex.quote(self.url))
        parts += [f"--data-urlencode {shlex.quote(f'{k}={v}')}" for k, v in self.query.items()]
        if self.files:
            parts += [f"--form {shlex.quote(f'{k}={v}')}" for k, v in (self.document or {}).items()]
            parts += [f"--form {field}=@{name}" for field, name in self.files]
        elif self.document is not None:
            parts.append("--json " + shlex.quote(json.dumps(self.document, ensure_ascii=False)))
        elif self.method == "post":
            parts.append("--request POST")
        return " \\\n  ".join(parts)

    def python(self) -> str:
        arguments = [repr(self.url)]
        if self.query:
            arguments.append(f"params={dict(self.query)!r}")
        if self.files:
            arguments.append(f"data={dict(self.document or {})!r}")
            (field, name), *_ = self.files
            arguments.append(f'files=[("{field}", open("{name}", "rb"))]')
        elif self.document is not None:
            arguments.append(f"json={dict(self.document)!r}")
        inside = ",\n    ".join(arguments)
        shown = "print(answer.json())"
        if self.method == "delete":
            shown = "answer.raise_for_status()"
        elif self._is_file:
            shown = f'open("{self._file_name}", "wb").write(answer.content)'
        return f"import httpx\n\nanswer = httpx.{self.method}(\n    {inside},\n)\n{shown}"

    def r(self) -> str:
        if self.method == "get" and self.url.endswith(".csv") and not self.query:
            return f'table <- readr::read_csv("{self.url}")'
        steps = [f'request("{self.url}")']
        if self.query:
            given = ", ".join(f"{_r_name(k)} = {_r_value(v)}" for k, v in self.query.items())
            steps.append(f"req_url_query({given})")
        if self.files:
            given = "".join(
                f", {_r_name(k)} = {_r_value(v)}" for k, v in (self.document or {}).items()
            )
            (field, name), *_ = self.files
            steps.append(f'req_body_multipart({field} = curl::form_file("{name}"){given})')
        elif self.document is not None:
            given = ", ".join(f"{_r_name(k)} = {_r_value(v)}" for k, v in self.document.items())
            steps.append(f"req_body_json(list({given}))")
        if self.method not in ("get", "post") or (self.method == "post" and self.document is None):
            steps.append(f'req_method("{self.method.upper()}")')
        steps.append(
            f'req_perform(path = "{self._file_name}")' if self._is_file else "req_perform()"
        )
        if not self._is_file and self.method != "delete":
            steps.append("resp_body_json()")
        return "library(httr2)\n\nanswer <- " + " |>\n  ".join(steps)

    @property
    def _is_file(self) -> bool:
        return self.method == "get" and (
            "/exports/" in self.url
            or self.url.rpartition(".")[2] in ("zip", "parquet", "ndjson", "csv", "jpg")
            or self.url.endswith("/image")
        )

    @property
    def _file_name(self) -> str:
        last = self.url.rpartition("/")[2]
        if last == "image":
            return "image.jpg"
        endings = {"coco": "json", "iiif": "json", "photos": "csv"}
        return last if "." in last else f"{last}.{endings.get(last, 'zip')}"


FILES = {"annotations": "corrected.json", "model-answers": "answers.jsonl"}
"""The file of an example that takes one and no page, by the end of its path."""


def _uploads(path: str, document: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the files of a form, which are taken out of its other fields."""
    if document.pop("file", None) is not None:
        return [("file", FILES.get(path.rpartition("/")[2], "page_01.jpg"))]
    document.pop("files", None)
    return [("files", "page_01.jpg"), ("files", "page_02.jpg")]


def _filled(path: str, required: Mapping[str, Mapping[str, Any]], sample: Sample) -> str:
    for name in required:
        path = path.replace(f"{{{name}}}", str(_value(name, "", sample)))
    return path


def _query(
    path: str,
    parameters: Sequence[str],
    required: Mapping[str, Mapping[str, Any]],
    sample: Sample,
) -> dict[str, Any]:
    chosen = [
        name
        for name in parameters
        if f"{{{name}}}" not in path and (name in required or name in USUAL or name == "subject")
    ]
    return {name: _value(name, "", sample) for name in chosen}


def _value(name: str, kind: str, sample: Sample) -> Any:
    """Return what stands for a parameter or field in an example."""
    examples = example_values(sample)
    if name in examples:
        return examples[name]
    if "|" in kind:
        return kind.split(" | ")[0]
    if kind.startswith("list"):
        return []
    return {"date": sample.day, "boolean": True, "string": "…"}.get(kind, 1)


def _r_name(name: str) -> str:
    return f"`{name}`" if name in ("function", "if", "in", "next") else name


def _r_value(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Mapping):
        inside = ", ".join(f"{_r_name(k)} = {_r_value(v)}" for k, v in value.items())
        return f"list({inside})"
    if isinstance(value, list):
        return f"list({', '.join(map(_r_value, value))})"
    return json.dumps(value, ensure_ascii=False)
