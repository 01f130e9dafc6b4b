"""All pages, in the order of the menu."""

from __future__ import annotations

from app.web import edition, preferences, start

PAGES = (start, edition, preferences)
"""The modules of the pages; each has a ``router``."""
