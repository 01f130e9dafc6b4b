"""All pages, in the order of the menu."""

from __future__ import annotations

from app.web import claims, edition, preferences, start

PAGES = (start, edition, claims, preferences)
"""The modules of the pages; each has a ``router``."""
