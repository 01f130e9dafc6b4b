"""The content security policy of the pages: nothing but this server's own files."""

from __future__ import annotations

OPENSEADRAGON_STYLE = "'sha256-9xTiqzfwFaL2SGb1rmr8gysEwVVjIvqWAgmZgqFqpEE='"
"""The one style that OpenSeadragon 6.1 writes into the page: that of its canvas's container."""

POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data: blob:",
        f"style-src 'self' {OPENSEADRAGON_STYLE}",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types default presslens",
    ]
)

PAGE_HEADERS = {"Content-Security-Policy": POLICY}
"""The headers of every page, beside those of every response."""
