"""Measures how well captions are read."""

from __future__ import annotations


def character_errors(read: str, printed: str) -> int:
    """Return how many letters must be put in, taken out or changed; spaces don't count."""
    read, printed = ("".join(text.split()) for text in (read, printed))
    row = list(range(len(printed) + 1))
    for i, mine in enumerate(read, start=1):
        diagonal, row[0] = row[0], i
        for j, theirs in enumerate(printed, start=1):
            changed = diagonal + (mine != theirs)
            diagonal, row[j] = row[j], min(changed, row[j] + 1, row[j - 1] + 1)
    return row[-1]
