"""Texts that people write: their largest lengths, and the check of a single line."""

from __future__ import annotations

import unicodedata

from presslens.app.platform.errors import InvalidRequest

LONGEST_TEXT = 4000
"""Largest length of a statement, source or note, in characters."""

LONGEST_NAME = 255
"""Largest length of a name or title, in characters."""


def plain_name(name: str) -> str:
    """Return a name as it is stored: in Unicode's form NFC, without blanks around it."""
    return unicodedata.normalize("NFC", name).strip()


def fold_name(name: str) -> str:
    """Return what a name has in common with those that look like it: case and blanks are alike."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def one_line(text: str, what: str, longest: int, *, empty: bool = False) -> str:
    """Return a text in Unicode's form NFC, without the blanks around it.

    Args:
        what: The text's name in the error, "a title" for instance.
        longest: Largest length, in characters.
        empty: An empty text is valid.

    Raises:
        InvalidRequest: The text is too long, empty or not printable.
    """
    text = plain_name(text)
    if not (0 if empty else 1) <= len(text) <= longest or not text.isprintable():
        raise InvalidRequest(f"{what} is one line of up to {longest} printable characters")
    return text
