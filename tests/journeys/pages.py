"""The names of all pages, as ``app.drill.site_map`` finds their addresses."""

PAGES = (
    "start", "timeline", "edition", "page", "correct", "photo", "gallery", "compare", "claims",
    "claim", "figures", "figure", "labels", "newspapers", "newspaper", "review", "planner",
    "upload", "trash", "edits", "runs", "night", "export", "method", "docs",
    "login", "account", "accounts", "audit", "share", "sheet", "similar", "rule", "privacy",
    "search", "ask", "asked", "unusual", "question", "claim_new", "mine", "talk",
)  # fmt: skip

PAGES_ON_COMMIT = (
    "start", "gallery", "photo", "upload", "review", "claim", "login", "compare", "correct",
    "edition", "newspapers", "page", "asked", "question", "claim_new",
)  # fmt: skip
"""A page of each kind: pictures, tables, forms, desks; at length all pages are looked at."""
