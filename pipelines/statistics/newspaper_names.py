"""Compares names of newspapers, as people write them and as they are read in print."""

from __future__ import annotations

import re
import unicodedata

_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")


def folded(name: str) -> str:
    """Return what is left of a name without letter case, width, blanks and punctuation.

    Names that are equal by it are spellings of one name: "rodong sinmun" and "Rodong-Sinmun".
    """
    letters = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum()) or letters


def name_parts(name: str) -> list[str]:
    """Return a name, and what it has outside and inside of brackets: "견본일보 (Sample Daily)"."""
    wide = unicodedata.normalize("NFKC", name)
    inside = _BRACKETS.findall(wide)
    parts = [name, *inside, _BRACKETS.sub(" ", wide)] if inside else [name]
    return [part for part in parts if part.strip()]


def edits_to_find(name: str, text: str) -> int:
    """Return how many letters must change, come or go so that a text holds a name somewhere.

    It is at most the length of the name.

    Args:
        name: What is looked for.
        text: What is searched.
    """
    row = list(range(len(name) + 1))
    best = len(name)
    for letter in text:
        diagonal, row[0] = row[0], 0
        for i, sought in enumerate(name, start=1):
            changed = diagonal + (letter != sought)
            diagonal, row[i] = row[i], min(changed, row[i] + 1, row[i - 1] + 1)
        best = min(best, row[-1])
    return best
