"""How many pages a worker may look at, and when so many fail that it should look at no more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from presslens.app.db.columns import Status

MOST_FAILING = 0.05
"""The share of pages above which those that could not be analysed are more than bad luck."""

FEWEST_PAGES = 40
"""Pages below which no share is taken: of so many, three have failed where the share is above."""

COUNTED_EACH = 8
"""After so many pages of a worker, or one that failed, those of the whole night are counted."""


@dataclass(slots=True)
class PageQuota:
    """Says whether a worker may begin another page."""

    most: int | None = None  # largest number of pages; None: any
    # Counts the pages of a night by outcome, whoever analyses them: once more than ``MOST_FAILING``
    # of them have failed, no more are begun. None: that stops nothing.
    count: Callable[[], Mapping[str, int]] | None = None
    under_way: int = 0  # number of pages that are begun and not done
    stopped: bool = False  # too many have failed
    # The turn of the worker's pages, and those that had failed, at the last count.
    counted_at: tuple[int, int] | None = None

    def admits(self, outcomes: Mapping[str, int]) -> bool:
        """Return whether another page may be begun.

        Args:
            outcomes: Number of pages that the worker has done, by outcome.
        """
        done = sum(outcomes.values())
        turn = done // COUNTED_EACH, _failed(outcomes)
        if self.count is not None and turn != self.counted_at and not self.stopped:
            self.stopped = is_failing(self.count())
            self.counted_at = turn
        return not self.stopped and not self.is_used_up(done)

    def is_used_up(self, done: int) -> bool:
        """Return whether as many pages are begun as may be.

        Args:
            done: Number of pages that the worker has done.
        """
        return self.most is not None and done + self.under_way >= self.most


def is_failing(outcomes: Mapping[str, int], *, fewest: int = FEWEST_PAGES) -> bool:
    """Return whether more pages failed than bad luck explains.

    Args:
        outcomes: Number of pages by outcome.
        fewest: Number of pages below which nothing is said.
    """
    pages = sum(outcomes.values())
    return pages >= max(1, fewest) and _failed(outcomes) > MOST_FAILING * pages


def _failed(outcomes: Mapping[str, int]) -> int:
    return sum(outcomes.get(status, 0) for status in (Status.REJECTED, Status.FAILED))
