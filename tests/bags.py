"""Bags (RFC 8493), made for tests."""

from __future__ import annotations

import hashlib
from pathlib import Path


def put_in_bag(folder: Path, *algorithms: str) -> None:
    """Put what is in a folder into a bag (RFC 8493): move it to data, and list its checksums."""
    inside = list(folder.iterdir())
    (folder / "data").mkdir()
    for path in inside:
        path.rename(folder / "data" / path.name)
    (folder / "bagit.txt").write_text("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    (folder / "bag-info.txt").write_text("Source-Organization: A library\nBag-Size: 1 MB\n")
    for name in algorithms or ("md5",):
        lines = [
            f"{hashlib.new(name, path.read_bytes()).hexdigest()}  {path.relative_to(folder)}\n"
            for path in sorted((folder / "data").rglob("*"))
            if path.is_file()
        ]
        (folder / f"manifest-{name}.txt").write_text("".join(lines))
