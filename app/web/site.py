"""All pages, in the order of the menu."""

from __future__ import annotations

from app.web import preferences, start

PAGES = (start, preferences)
"""The modules of the pages; each has a ``router``."""
