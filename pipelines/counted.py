"""Numbers with their nouns, for sentences."""

from __future__ import annotations


def counted(n: int, one: str, many: str | None = None) -> str:
    """Return a number with its noun.

    >>> counted(1, "photo"), counted(2300, "photo"), counted(0, "entry", "entries")
    ('1 photo', '2,300 photos', '0 entries')

    Args:
        n: The number.
        one: The noun for one.
        many: The noun for several; None: with an s.
    """
    return f"{n:,} {one if n == 1 else many or f'{one}s'}"
