"""How many pages a worker may look at, and when so many fail that it should look at no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.db.columns import Status

MOST_FAILING = 0.05
"""The share of pages above which those that could not be analysed are more than bad luck."""

FEWEST_PAGES = 40
"""Pages below which no share is taken: of so many, three have failed where the share is above."""


@dataclass(slots=True)
class PageQuota:
    """Says whether a worker may begin another page.

    Attributes:
        most: Largest number of pages; None: any.
        stops: Begin no more once more than ``MOST_FAILING`` of the pages have failed.
        under_way: Number of pages that are begun and not done.
    """

    most: int | None = None
    stops: bool = False
    under_way: int = 0

    def admits(self, outcomes: Mapping[str, int]) -> bool:
        """Return whether another page may be begun.

        Args:
            outcomes: Number of pages that are done, by outcome.
        """
        if self.stops and is_failing(outcomes):
            return False
        return self.most is None or sum(outcomes.values()) + self.under_way < self.most


def is_failing(outcomes: Mapping[str, int], *, fewest: int = FEWEST_PAGES) -> bool:
    """Return whether more pages failed than bad luck explains.

    Args:
        outcomes: Number of pages by outcome.
        fewest: Number of pages below which nothing is said.
    """
    pages = sum(outcomes.values())
    failed = sum(outcomes.get(status, 0) for status in (Status.REJECTED, Status.FAILED))
    return pages >= max(1, fewest) and failed > MOST_FAILING * pages
