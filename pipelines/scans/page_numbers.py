"""The numbers of pages: given in a list, told by the names of their files, or in order."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from itertools import count
from pathlib import PurePosixPath

MOST_PAGES = 1000
"""Highest number of a page, and of pages that an edition may be said to have."""

_HIGHEST_NAMED = 300
"""A higher number in a file's name is taken for something else, a year for instance."""

_NAMED_PAGE = re.compile(r"(?:.*[^a-z])?(?:page|pg|p)[ _.-]*(\d{1,4})", re.IGNORECASE | re.DOTALL)
_HIGHEST_BEHIND_DAY = 64
"""The same behind a day, where issues are numbered, too, and resolutions stand."""

_MONTH, _OF_MONTH = r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_DAY = rf"(?<!\d)(?:\d{{4}}[-_.]?{_MONTH}[-_.]?{_OF_MONTH}|{_OF_MONTH}[-_.]{_MONTH}[-_.]\d{{4}})"
_LAST = r"(?<!\d)(\d{1,4})(?:[ _.-][a-z])?$"
_BEHIND_DAY = re.compile(rf"{_DAY}[ _.-]+{_LAST}", re.IGNORECASE)
_LAST_NUMBER = re.compile(_LAST, re.IGNORECASE)
_SPAN = re.compile(r"\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?")


def parse_page_numbers(text: str) -> list[int]:
    """Return the page numbers of a list such as "1,3,5-8", in its order.

    Raises:
        ValueError: It is no such list, or names a page twice; the message says what to write.
    """
    numbers: list[int] = []
    for part in text.split(","):
        span = _SPAN.fullmatch(part)
        if span is None:
            raise ValueError(f"{text!r} is no list of page numbers; write 1,3,5-8 for instance")
        first, last = int(span[1]), int(span[2] or span[1])
        if not 1 <= first <= last <= MOST_PAGES:
            raise ValueError(
                f"pages are numbered from 1 to {MOST_PAGES}, upwards: {part.strip()!r}"
            )
        numbers += range(first, last + 1)
    if len(set(numbers)) < len(numbers):
        raise ValueError(f"{text!r} names a page twice")
    return numbers


def number_pages(names: Sequence[str], given: Sequence[int] | None = None) -> list[int]:
    """Return the number of each page of an edition.

    Numbers that were given count first; pages beyond them follow the highest. Else the names of the
    files tell them, if each one does and no two are alike: "page_03.jpg" is page 3, though it be
    the only one, and so is "Courier 2019-12-16-0003-C.jpg", whose number stands behind a day.
    Numbers that begin with 1 and have more gaps than pages are no page numbers: they tell an order.
    Else pages are numbered from 1 in their order.

    Args:
        names: The name of each page, as ``PageSource.name``, in page order.
        given: Different numbers from 1, in page order.
    """
    if given:
        beyond = range(max(given) + 1, max(given) + 1 + max(0, len(names) - len(given)))
        return [*given[: len(names)], *beyond]
    return numbers_in_names(names) or list(range(1, len(names) + 1))


def numbers_in_names(names: Sequence[str]) -> list[int] | None:
    """Return the numbers that the names of pages tell; None if they tell none; see above."""
    parsed = [_number_in_name(name) for name in names]
    numbers = [number for number in parsed if number is not None]
    return numbers if len(set(numbers)) == len(names) and not _is_order(numbers) else None


def least_unread_number(names: Sequence[str]) -> int | None:
    """Return the least number that pages' names end in where these tell no page numbers.

    None where they tell them, or one ends in none that could be a page's.
    """
    ends = [_LAST_NUMBER.search(re.sub(_DAY, "", PurePosixPath(name).stem)) for name in names]
    numbers = [int(end[1]) for end in ends if end]
    fit = len(numbers) == len(names) and all(n <= _HIGHEST_NAMED for n in numbers)
    return min(numbers, default=None) if fit and numbers_in_names(names) is None else None


def number_added_pages(
    names: Sequence[str], taken: Collection[int], given: Sequence[int] | None = None
) -> list[int]:
    """Return the number of each page that is added to an edition.

    A number that was given or that a name tells counts if it is free; other pages get the lowest
    free ones, so that the page that was forgotten fills its gap.

    Args:
        names: The name of each added page, in page order.
        taken: The numbers of the pages that are there.
        given: Different numbers from 1, in page order.
    """
    preferred = number_pages(names, given) if given else numbers_in_names(names) or []
    used = {*taken}
    numbers: list[int] = []
    for place in range(len(names)):
        number = preferred[place] if place < len(preferred) else None
        if number is None or number in used:
            number = next(n for n in count(1) if n not in used and n not in preferred[place:])
        used.add(number)
        numbers.append(number)
    return numbers


def _is_order(numbers: Sequence[int]) -> bool:
    return 1 in numbers and max(numbers) > 2 * len(numbers)


def _number_in_name(name: str) -> int | None:
    stem = PurePosixPath(name).stem
    named = _NAMED_PAGE.fullmatch(stem)
    match, highest = named, _HIGHEST_NAMED
    if named is None:
        match, highest = _BEHIND_DAY.search(stem), _HIGHEST_BEHIND_DAY
    number = int(match[1]) if match and "#" not in name else 0
    return number if 1 <= number <= highest else None
