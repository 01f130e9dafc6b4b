"""The names of all pages, as ``app.bench.site_map`` finds their addresses."""

PAGES = (
    "start", "timeline", "edition", "page", "correct", "photo", "gallery", "compare", "claims",
    "claim", "figures", "figure", "labels", "newspapers", "newspaper", "review", "planner",
    "upload", "trash", "edits", "runs", "export", "method", "docs",
    "login", "account", "accounts", "audit", "share",
)  # fmt: skip
