"""What tests of HTTP share: tables that are answered, and requests as a server gives them."""

import csv
import io
from typing import Any
from urllib.parse import unquote


def csv_rows(answer: Any) -> list[dict[str, str]]:
    """Return the rows of an answer in CSV."""
    assert answer.headers["content-type"].startswith("text/csv"), answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))


def asgi_scope(method: str, path: str, query: bytes = b"", **more: Any) -> dict[str, Any]:
    """Return what a server gives the application for a request, before its body."""
    return {
        "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(),
        "query_string": query, "headers": [(b"host", b"localhost")], "scheme": "https",
        "server": ("localhost", 443), "client": ("192.0.2.1", 5), "root_path": "",
        "http_version": "1.1", **more,
    }  # fmt: skip
