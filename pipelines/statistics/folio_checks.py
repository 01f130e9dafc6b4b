"""Compares what a page says of itself with what its uploader says of it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import prod

from presslens.models.message import Message
from presslens.models.vocabulary import Folio
from presslens.pipelines.statistics.newspaper_names import edits_to_find, folded, name_parts

SURE = 0.85
"""Readings that are less sure, 0–1, say nothing against an uploader.

Fewer than one page in 200 may be doubted without a reason. At 0.8, chosen on 300 composed pages
without such a doubt, 4 of 640 further ones had one; ``presslens models evaluate folios`` measures
on others."""

AGREEING = 0.7
"""Pages of an edition that read their day less surely, 0–1, add nothing to what others read."""

NAMED = 0.5
"""A newspaper is not named on a page if more than this share of its name must change."""

CLEAR = 0.2
"""Another newspaper is named if at most this share of its name must change."""

SHORTEST = 4
"""Letters of the shortest name that is taken for another newspaper's."""


@dataclass(frozen=True, slots=True)
class UploadedPage:
    """What the uploader of a page says of it."""

    number: int  # its number in the edition
    day: date | None = None  # the day of the edition; None: not said
    newspaper: Sequence[str] = ()  # the name of its newspaper, and all its aliases; empty: not said
    # The same of other newspapers, by name.
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read_together(folios: Sequence[Folio | None]) -> list[Folio | None]:
    """Return the folios of an edition's pages, each day as sure as all pages that read it are.

    A page that was scanned with another edition is alone with its day. Where several pages read one
    day, each of them would have to be misread, and in the same way.

    Args:
        folios: Those of the pages of one edition; None for a page that was not observed.
    """
    return [
        folio and replace(folio, day_confidence=_joint(folio, [f for f in folios if f is not None]))
        for folio in folios
    ]


def _joint(folio: Folio, folios: Sequence[Folio]) -> float | None:
    own = folio.day_confidence
    if own is None or own < AGREEING:
        return own
    read = [f.day_confidence or 0.0 for f in folios if f.day == folio.day]
    return 1 - prod(1 - confidence for confidence in read if confidence >= AGREEING)


def mismatches(folio: Folio | None, page: UploadedPage) -> tuple[Message, ...]:
    """Return where a page surely says something else of itself than its uploader, as sentences."""
    if folio is None or not folio.text:
        return ()
    doubts = (_other_day(folio, page), _other_number(folio, page), _other_newspaper(folio, page))
    return tuple(message for message in doubts if message is not None)


def _other_day(folio: Folio, page: UploadedPage) -> Message | None:
    sure = folio.day is not None and (folio.day_confidence or 0) >= SURE
    if not sure or page.day is None or folio.day == page.day:
        return None
    return Message(
        "the page reads %(read)s, this edition is of %(day)s",
        read=folio.day.isoformat() if folio.day else "",
        day=page.day.isoformat(),
    )


def _other_number(folio: Folio, page: UploadedPage) -> Message | None:
    sure = folio.number is not None and (folio.number_confidence or 0) >= SURE
    if not sure or folio.number == page.number:
        return None
    return Message(
        "the page reads number %(read)s, it is page %(number)s of this edition",
        read=folio.number,
        number=page.number,
    )


def _other_newspaper(folio: Folio, page: UploadedPage) -> Message | None:
    name = folded(folio.name or "")
    if (folio.name_confidence or 0) < SURE or not page.newspaper:
        return None
    own = _folded_parts(page.newspaper)
    text = folded(folio.text or "")
    if any(edits_to_find(part, text) < NAMED * len(part) for part in own):
        return None
    for other, names in page.others.items():
        parts = [part for part in _folded_parts(names) if len(part) >= SHORTEST]
        if any(edits_to_find(part, name) <= CLEAR * len(part) for part in parts):
            return Message(
                "the page reads %(read)s, this edition is of %(newspaper)s",
                read=other,
                newspaper=page.newspaper[0],
            )
    return None


def _folded_parts(names: Sequence[str]) -> list[str]:
    return [folded(part) for name in names for part in name_parts(name)]
