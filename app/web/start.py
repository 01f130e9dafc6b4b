"""The start page: newspapers with their editions, what is unusual, what waits and what failed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

from fastapi import Response

from presslens.app.api.access import needs
from presslens.app.api.params import Home
from presslens.app.db.queries import ANY_EDITION, EditionScope
from presslens.app.installation import Installation
from presslens.app.platform.permissions import Permission
from presslens.app.services.analysis.presence import count_workers
from presslens.app.services.analysis.readiness import Readiness, check_readiness
from presslens.app.services.analysis.workload import by_name
from presslens.app.services.catalogue.editions import COLUMNS, iterate_editions, list_editions
from presslens.app.services.catalogue.front_pages import front_pages
from presslens.app.services.catalogue.publications import publications_by_latest
from presslens.app.services.catalogue.refused_pages import count_accepted_gaps, refused_pages
from presslens.app.services.ingest.nights import NightlyRun, list_runs
from presslens.app.services.statistics.unusual import FlagState, UnusualEditions, unusual_editions
from presslens.app.web.edition_numbers import flags_in_order
from presslens.app.web.page_router import PageRouter, Render, Rows
from presslens.pipelines.statistics.flags import BaselineRules

router = PageRouter()

FRONTS = {1: 24, 2: 16}
"""Editions that are shown of each newspaper, by the number of newspapers."""

FEWEST_FRONTS = 8
"""Editions that are shown of each of more newspapers."""

MOST_NEWSPAPERS = 12
"""Newspapers that are shown with their editions; the others are named."""

MOST_UNUSUAL = 12
"""Unusual editions that are shown."""

MOST_METRICS = 4
"""Numbers that are told of unusual days."""

MOST_REFUSED = 5
"""Refused pages that are shown."""


@dataclass(frozen=True, slots=True)
class UnusualNumber:
    """A number that is unusual on several days."""

    metric: str
    values: tuple[float, float] | None  # the least and the greatest; None of what is no number
    usual: float | None  # on the latest of the days


@dataclass(frozen=True, slots=True)
class UnusualDays:
    """Days of a newspaper that are unusual in the same way first of all."""

    publication: str
    editions: list[dict[str, Any]]  # by day
    numbers: list[UnusualNumber]  # the one that is unusual on all days first

    @property
    def others(self) -> list[UnusualNumber]:
        """The numbers that are unusual beside the first one."""
        return self.numbers[1:]


@dataclass(frozen=True)
class StartView:
    """What the start page shows; each part is asked for when the template comes to it."""

    home: Installation
    own_worker: bool
    least: ClassVar[int] = BaselineRules().least
    """Earlier editions without which nothing is usual."""

    @cached_property
    def newspapers(self) -> list[dict[str, Any]]:
        """The newspapers that have editions, those with the latest first, with these."""
        return [one.to_json() for one in publications_by_latest(self.home)]

    def latest(self, publication: str) -> Sequence[dict[str, Any]]:
        """Return the latest editions of a newspaper, each with its front page."""
        scope, most = EditionScope(publication), FRONTS.get(len(self.newspapers), FEWEST_FRONTS)
        editions = list_editions(self.home, scope, limit=most).to_json()["editions"]
        fronts = front_pages(self.home, [one["id"] for one in editions])
        return [{**one, "front": fronts.get(one["id"])} for one in editions]

    @cached_property
    def _flags(self) -> UnusualEditions:
        return unusual_editions(self.home, ANY_EDITION)

    @cached_property
    def unusual(self) -> list[dict[str, Any]]:
        """The latest unusual editions, the latest first, with the important flags first."""
        latest = self._flags.unusual[: -MOST_UNUSUAL - 1 : -1]
        return [
            {**one.to_json(), "flags": flags_in_order([flag.to_json() for flag in one.flags])}
            for one in latest
        ]

    @cached_property
    def unusual_days(self) -> list[UnusualDays]:
        """The latest unusual editions, those together that are unusual in the same way first."""
        groups: defaultdict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        for one in self.unusual:
            groups[one["publication"], one["flags"][0]["metric"]].append(one)
        return [
            UnusualDays(publication, editions[::-1], _unusual_numbers(editions))
            for (publication, _), editions in groups.items()
        ]

    @property
    def uncompared(self) -> int:
        """The number of complete editions that are not compared with others yet."""
        return sum(one.state == "waiting" for one in self._flags.editions)

    @property
    def compared(self) -> int:
        """The number of editions that are compared with enough earlier ones of their newspaper."""
        seen: Counter[str] = Counter()
        compared = 0
        for one in self._flags.editions:
            compared += seen[one.publication] >= self.least and one.state is not FlagState.WAITING
            seen[one.publication] += 1
        return compared

    @cached_property
    def last_night(self) -> NightlyRun | None:
        """The latest night; None before the first."""
        return next(iter(list_runs(self.home, limit=1, imports=False)), None)

    @cached_property
    def accepted_gaps(self) -> int:
        """The number of refused pages that somebody has settled."""
        return count_accepted_gaps(self.home)

    def flags_of(self, edition_id: int) -> Sequence[Any]:
        """Return the flags of an edition; none where they are not known."""
        flags = self._flags.of(edition_id)
        return flags.flags if flags else ()

    @cached_property
    def waiting(self) -> dict[str, int]:
        """The numbers of what waits, by kind, without those of which nothing does."""
        work = self.readiness.work
        counts = by_name(work.waiting) if work else {}
        return {kind: n for kind, n in counts.items() if n}

    @cached_property
    def readiness(self) -> Readiness:
        """Whether the service does its work, and what keeps it from doing so."""
        return check_readiness(self.home, own_worker=self.own_worker)

    @cached_property
    def workers(self) -> int:
        """The number of workers that live."""
        return count_workers(self.home)

    @cached_property
    def refused(self) -> list[dict[str, Any]]:
        """The pages that could not be analysed and that nobody has settled, the latest first."""
        pages = refused_pages(self.home)
        return [one.to_json() for one in sorted(pages, key=lambda one: one.date, reverse=True)]

    def document(self) -> dict[str, Any]:
        """Return all of it as JSON."""
        editions = list_editions(self.home, ANY_EDITION, limit=30).to_json()
        return {
            "schema": 1,
            **editions,
            "newspapers": self.newspapers,
            "unusual": self.unusual,
            "waiting": self.waiting,
            "workers": self.workers,
            "problems": [one.to_json() for one in self.readiness.problems],
            "refused": self.refused,
        }


def _unusual_numbers(editions: Sequence[Mapping[str, Any]]) -> list[UnusualNumber]:
    """Return the numbers that are unusual in most of some editions, the latest one first."""
    flags: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for one in editions:
        for flag in one["flags"]:
            flags[flag["metric"]].append(flag)
    most = [(name, same) for name, same in flags.items() if 2 * len(same) > len(editions)]
    numbers = []
    for name, same in most[:MOST_METRICS]:
        values = [one["value"] for one in same if one["value"] is not None]
        ends = (min(values), max(values)) if values else None
        numbers.append(UnusualNumber(name, ends, same[0]["usual"]))
    return numbers


@router.page("/")
@needs(Permission.READ)
def show_start(home: Home, render: Render) -> Response:
    """Show what there is, what is unusual, what waits and what failed."""
    view = StartView(home, render.request.app.state.own_worker)
    return render(
        "start.html",
        document=view.document,
        table=lambda: Rows(COLUMNS, (one.row() for one in iterate_editions(home, ANY_EDITION))),
        section="start",
        view=view,
        most=MOST_NEWSPAPERS,
        most_refused=MOST_REFUSED,
        address=str(render.request.base_url),
    )
