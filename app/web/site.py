"""All pages, in the order of the menu."""

from __future__ import annotations

from app.web import (
    api_docs,
    claims,
    compare,
    edition,
    edits,
    export,
    figures,
    gallery,
    labels,
    method,
    newspapers,
    page,
    photo,
    preferences,
    review,
    review_batch,
    runs,
    sample_planner,
    start,
    timeline,
    trash,
    upload,
)

PAGES = (
    start,
    timeline,
    gallery,
    edition,
    page,
    photo,
    compare,
    claims,
    figures,
    newspapers,
    labels,
    sample_planner,
    review,
    review_batch,
    upload,
    trash,
    edits,
    runs,
    export,
    method,
    api_docs,
    preferences,
)
"""The modules of the pages; each has a ``router``."""
