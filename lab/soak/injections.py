"""Whether text that a client gives is ever taken for anything else: SQL, paths, templates, markup.

Every string that the description of the API and the addresses of the pages name is replaced by
payloads, one at a time. No answer may be a server's error, none may hold what a payload would bring
about, no row may come or go by reading, and no file may appear but where the store is.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
from fastapi.testclient import TestClient

from presslens.app.api.access import PermittedRoute
from presslens.app.drill.proof import Proof
from presslens.app.web.site import PAGES
from presslens.lab.soak.contract import filled_application

SQL = (
    "'", "''", "\"", "`", "';--", "' OR '1'='1", "' OR 1=1--", "\" OR \"\"=\"", "') OR ('1'='1",
    "1; DROP TABLE photo", "'; DROP TABLE edition;--", "1 UNION SELECT sqlite_version()",
    "' UNION SELECT name FROM sqlite_master--", "'||(SELECT randomblob(100000000))||'",
    "'; SELECT pg_sleep(5);--", "1 AND 1=randomblob(500000000)", "%", "_", "%' ESCAPE '", "\\'",
)  # fmt: skip
PATHS = (
    "../../../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "file:///etc/passwd",
    "....//....//etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e%2f", "..;/", "C:\\Windows",
    "\\\\host\\share", "a/../../b", "a\0.jpg", "\u202egpj.exe", "．．／etc／passwd", "CON",
)  # fmt: skip
TEMPLATES = (
    "{{7*7}}", "{{config}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% for x in () %}{% endfor %}",
    "{{''.__class__.__mro__}}", "%(detail)s", "%s%s%n", "{0.__class__}",
)  # fmt: skip
MARKUP = (
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)",
    "'-alert(1)-'", "</title><svg onload=alert(1)>", "<!--", "]]>", "&lt;b&gt;",
    "\r\nSet-Cookie: a=b", "\r\n\r\n<html>",
)  # fmt: skip
CELLS = ("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0")
PAYLOADS = (*SQL, *PATHS, *TEMPLATES, *MARKUP, *CELLS)
"""Sixty of them."""

EFFECTS = ("root:x:0:0", "Traceback (")
"""What no answer may hold."""

MARKED = ("<script>alert(1)", "<img src=x onerror", "<svg onload")
"""What no page may hold."""

ENDLESS = "watch_edition"
"""The operation that answers until an edition is done."""


SHARE = 2.0


def check(seconds: float) -> Iterator[Proof]:
    """Send every payload to every place that is read, and as many to others as there is time."""
    until = time.monotonic() + seconds
    with tempfile.TemporaryDirectory(prefix="presslens-injections-") as folder:
        app = filled_application(Path(folder))
        texts = list(places(app.openapi(), page_routes()))
        sent = 0
        wrong: list[str] = []
        with TestClient(app, raise_server_exceptions=False) as client:
            for place, payload in injections_of(texts, len(PAYLOADS)):
                wrong += inject(client, [(place, payload)])
                sent += 1
                if time.monotonic() > until:
                    break
    all_sent = len(texts) * len(PAYLOADS)
    what = f"payloads sent to {len(texts):,} places, {sent:,} of {all_sent:,}"
    yield Proof("S4", what, f"{len(wrong)} took effect {wrong[:3] or ''}", "0", not wrong)


def page_routes() -> list[PermittedRoute]:
    """Return the routes of the pages."""
    routes = (route for page in PAGES for route in page.router.routes)
    return [route for route in routes if isinstance(route, PermittedRoute)]


@dataclass(frozen=True, slots=True)
class StringPlace:
    """A string that a request gives.

    Attributes:
        method: Of the request.
        path: Its path; ``{}`` where the string is part of it.
        query: Its other parameters.
        name: The string's name in the query; "" elsewhere.
        body: The JSON body.
        keys: Where in the body the string is; none elsewhere.
    """

    method: str
    path: str
    query: dict[str, Any] = field(default_factory=dict)
    name: str = ""
    body: Any = None
    keys: tuple[str | int, ...] = ()

    def send(self, client: httpx2.Client, payload: str) -> httpx2.Response:
        """Send a payload at this place."""
        body = replaced(self.body, self.keys, payload) if self.keys else self.body
        query = {**self.query, self.name: payload} if self.name else self.query
        path = self.path.replace("{}", quote(payload, safe=""))
        return client.request(self.method, path, params=query, json=body)


def replaced(body: Any, keys: tuple[str | int, ...], payload: str) -> Any:
    """Return a copy of a body that has a payload at a place."""
    if not keys:
        return payload
    copy: Any = dict(body) if isinstance(body, dict) else list(body)
    copy[keys[0]] = replaced(copy[keys[0]], keys[1:], payload)
    return copy


def places(schema: dict[str, Any], pages: Iterable[PermittedRoute]) -> Iterator[StringPlace]:
    """Yield each string that operations and pages take.

    Args:
        schema: The description of the API.
        pages: The routes of the pages.
    """
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            if operation["operationId"] != ENDLESS:
                yield from _of_operation(schema, method.upper(), path, operation)
    for route in pages:
        if "GET" in (route.methods or ()):
            path = re.sub(r"{[^}]*}", "1", route.path)
            for name in route.query:
                yield StringPlace("GET", path, name=name)


def _of_operation(
    schema: dict[str, Any], method: str, path: str, operation: dict[str, Any]
) -> Iterator[StringPlace]:
    given = operation.get("parameters", ())
    needed = {
        one["name"]: _example(schema, one["schema"])
        for one in given
        if one["in"] == "query" and one["required"]
    }
    body = _body(schema, operation)
    plain = re.sub(r"{\w+}", "1", path)
    for one in given:
        if one["in"] == "path":
            whole = re.sub(r"{\w+}", "1", path.replace(f"{{{one['name']}}}", "{}"))
            yield StringPlace(method, whole, needed, body=body)
        elif one["in"] == "query":
            yield StringPlace(method, plain, needed, one["name"], body)
    for keys in _strings(body):
        yield StringPlace(method, plain, needed, body=body, keys=keys)


def _body(schema: dict[str, Any], operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else _example(schema, content["schema"], every=True)


def _example(schema: dict[str, Any], shape: dict[str, Any], *, every: bool = False) -> Any:
    """Return a value of a shape; of an object all fields, or those alone that it needs."""
    if "$ref" in shape:
        shape = schema["components"]["schemas"][shape["$ref"].rpartition("/")[2]]
    if options := shape.get("anyOf") or shape.get("oneOf"):
        return _example(schema, options[0], every=every)
    if "enum" in shape or "const" in shape:
        return shape.get("const", shape.get("enum", [None])[0])
    if shape.get("type") == "object":
        fields = shape.get("properties", {})
        chosen = fields if every else shape.get("required", ())
        return {name: _example(schema, fields[name], every=every) for name in chosen}
    if shape.get("type") == "array":
        one: dict[str, Any] = shape.get("items") or next(iter(shape.get("prefixItems", ())), {})
        return [_example(schema, one, every=every)] * max(1, shape.get("minItems", 1))
    if shape.get("format") == "date":
        return "2015-01-02"
    return {"string": "A", "integer": 1, "number": 1, "boolean": False}.get(shape.get("type", ""))


def _strings(body: Any, before: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield where the strings of a body are."""
    if isinstance(body, str):
        yield before
    elif isinstance(body, dict | list):
        for key, value in body.items() if isinstance(body, dict) else enumerate(body):
            yield from _strings(value, (*before, key))


def inject(client: httpx2.Client, injections: Iterable[tuple[StringPlace, str]]) -> Iterator[str]:
    """Send payloads, and yield what an answer should not be."""
    for place, payload in injections:
        answer = place.send(client, payload)
        request = f"{place.method} {place.path} {place.name}{place.keys}: {payload!r}"
        if answer.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            yield f"{request}: {answer.status_code}"
        page = "html" in answer.headers.get("content-type", "")
        for effect in (*EFFECTS, *MARKED) if page else EFFECTS:
            if effect in answer.text:
                yield f"{request}: it holds {effect!r}"


def injections_of(texts: Sequence[StringPlace], each: int) -> Iterator[tuple[StringPlace, str]]:
    """Yield payloads for places: one for each of them in turn, another one in the next round."""
    for number in range(each):
        for i, place in enumerate(texts):
            yield place, PAYLOADS[(i + number) % len(PAYLOADS)]
