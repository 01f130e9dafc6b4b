"""The page on the architecture names the rooms that there are, and places that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text()
PACKAGES = ("app", "models", "pipelines", "samples")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_rooms_are_those_of_the_tree() -> None:
    listed = re.findall(r"^\| `([\w/]+)` \| \S", section("The rooms"), re.MULTILINE)
    folders = {
        str(path.parent.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    }
    assert sorted(listed) == sorted(folders)


def test_every_place_that_is_named_exists() -> None:
    places = re.findall(r"`((?:app|docs|models|pipelines|samples|seeds|tests)/[\w/.]*)`", PAGE)
    assert len(places) > 40
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_the_glossary_is_made_of_words_that_the_program_uses() -> None:
    words = re.findall(r"\*\*([^*]+)\*\*", section("Glossary"))
    source = " ".join(p.read_text() for name in PACKAGES for p in (ROOT / name).rglob("*.py"))
    text = re.sub(r"[_\s]+", " ", source).casefold()
    assert [word for word in words if word.casefold() not in text] == []
