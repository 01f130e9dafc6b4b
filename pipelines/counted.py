"""Numbers with their nouns, for sentences."""

from __future__ import annotations

from presslens.models.message import Message


def counted(n: float, one: str, many: str | None = None) -> Message:
    """Return a number with its noun, as a message that other languages can say.

    >>> counted(1, "photo"), counted(2300, "photo"), counted(0, "entry", "entries")
    ('1 photo', '2,300 photos', '0 entries')

    Args:
        one: The noun for one.
        many: The noun for several; None: with an s.
    """
    if n == 1:
        return Message(f"1 {one}")
    return Message(f"%(n)s {many or f'{one}s'}", n=f"{n:,}")
