"""Scans: the files that are given, and the pages that they hold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PageSource:
    """One page of a file that was given.

    Attributes:
        path: The file that holds the page: an image, a TIFF or a PDF, never an archive.
        frame: Which page of that file, from 0.
        name: What the page is called for people, "edition.pdf#2" or "page_01.jpg" for instance.
    """

    path: Path
    frame: int
    name: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What is refused. A 600-dpi broadsheet page has 120 megapixels."""

    pixels: int = 150_000_000
    side: int = 20_000
    pages: int = 64
    file_bytes: int = 200 * 2**20
    request_bytes: int = 512 * 2**20
    seconds: float = 45.0
    memory_bytes: int = 2 * 2**30
