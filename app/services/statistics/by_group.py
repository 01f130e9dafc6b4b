"""A metric over many editions: by edition, week, month, weekday, newspaper, or all together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from presslens.app.db.claims import EventRow, event_concerns
from presslens.app.db.tables import PublicationRow
from presslens.app.installation import Installation
from presslens.app.platform.errors import InvalidRequest
from presslens.app.services.cached import cached
from presslens.app.services.recipes.recipes import Provenance, provenance
from presslens.app.services.shares.selection import (
    EditionCriteria,
    Selection,
    StatEdition,
    select_editions,
)
from presslens.app.services.shares.share_loading import load_shares
from presslens.app.services.shares.share_photos import SharePhotos
from presslens.app.services.statistics.availability import Availability, availability_of
from presslens.app.services.statistics.counts import LoadedCounts, load_counts
from presslens.app.services.statistics.estimate_source import EstimateSource, estimate_source
from presslens.app.services.statistics.estimates import machine_values, place_note, plain_values
from presslens.pipelines.result import Rounded, Served
from presslens.pipelines.statistics.archive_worlds import GroupCoverage, simulate_archive
from presslens.pipelines.statistics.count_estimates import COUNTED_METRICS
from presslens.pipelines.statistics.measure import Estimand, Inference, Weight
from presslens.pipelines.statistics.metrics import Estimate, Metric, ShareCount
from presslens.pipelines.statistics.plain_means import mean_of
from presslens.pipelines.statistics.share_estimate import UNSTATED
from presslens.pipelines.statistics.validity import Validity


class GroupBy(StrEnum):
    """The property by which editions are grouped."""

    NONE = "none"
    EDITION = "edition"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    WEEKDAY = "weekday"
    PUBLICATION = "publication"
    PAGES = "pages"


@dataclass(frozen=True, slots=True)
class TimelineEvent(Served):
    """An event on a timeline."""

    date: date  # its day
    title: str  # its name
    place: str | None  # where it was; None: not known


@dataclass(frozen=True, slots=True)
class Group(Served):
    """Some editions, and the metric estimated for them."""

    SERVED: ClassVar[str] = """
        group=key value=estimate.value interval=estimate.interval method=estimate.method
        refused=estimate.refused note=estimate.note provisional=estimate.provisional
        validity=estimate.validity
        n=estimate.n count numerator denominator
        decided decided_note machine settled drawn=estimate.drawn picked=estimate.picked
        editions=edition_count pages pages_seen coverage edition?=only.id
        publication?=only.publication date?=only.date
    """

    key: str  # the common property, the month "2025-12" for instance
    editions: Sequence[StatEdition]  # the editions by date
    estimate: Estimate  # the metric; for several editions the share of their photos, or their mean
    machine: Rounded | None  # the share by the machine alone, 0–1; the value of a plain metric
    # The numerator of the share, in photos or pages of area: with the denominator it makes the
    # share of photos; the sum of a plain metric.
    numerator: Rounded | None
    denominator: Rounded | None  # all photos, or their area; None for a plain metric
    # Photos, or their area, that are taken to show it, by people or else the machine; None for a
    # plain one.
    decided: Rounded | None
    settled: int  # photos with a consensus of the coders
    weight: Weight = Weight.COUNT  # how a photo counts in the share
    decided_note: str | None = None  # why more or fewer are taken to show it than the share says

    @property
    def pages(self) -> int:
        """All pages of the editions."""
        return sum(edition.pages for edition in self.editions)

    @property
    def pages_seen(self) -> int:
        """Pages that were analysed."""
        return sum(edition.pages_seen for edition in self.editions)

    @property
    def count(self) -> ShareCount | None:
        """The numerator of a share with its interval and unit; None for plain metrics."""
        return count_of(self.estimate, self.weight)

    @property
    def edition_count(self) -> int:
        """Number of editions."""
        return len(self.editions)

    @property
    def coverage(self) -> Rounded | None:
        """Share of the pages that were analysed, 0–1."""
        return self.pages_seen / self.pages if self.pages else None

    @property
    def only(self) -> StatEdition | None:
        """The edition of a group of a single one, which names it."""
        return self.editions[0] if len(self.editions) == 1 else None


@dataclass(frozen=True, slots=True, eq=False)
class Statistic(Served):
    """A metric of editions in groups, the request, and the recipe of the numbers."""

    SERVED: ClassVar[str] = """
        schema recipe=recipe_id source metric=metric.name zone=metric.zone weight=metric.weight
        estimand=estimated inference by editions pages_seen=selection.pages_seen
        pages_expected=selection.pages_expected coverage=selection.coverage validity groups
        left_out=selection.first_left_out left_out_count=selection.left_out_count events
    """

    metric: Metric
    criteria: EditionCriteria
    by: GroupBy  # the property of the groups
    estimand: Estimand  # the share that is estimated over several editions
    inference: Inference  # what intervals are about: these editions, or practice
    recipe_id: str  # the recipe's id
    source: EstimateSource  # what the estimates were made of
    groups: list[Group]  # in order of their keys; weekdays from Monday on
    selection: Selection  # the editions, and those that are in no group
    events: list[TimelineEvent]  # events of these days
    validity: dict[str, Validity]  # whether the machine is worth anything, by newspaper

    def params(self) -> dict[str, Any]:
        """Return the query parameters that ask for the result again, under its recipe."""
        share, criteria = self.metric.is_share, self.criteria
        return {
            "metric": self.metric.name,
            "page": self.metric.zone.value if share else None,
            "weight": self.metric.weight.value if share else None,
            "estimand": self.estimand.value if share else None,
            "inference": self.inference.value,
            "by": self.by.value,
            "publication": criteria.publication,
            "from": criteria.first,
            "to": criteria.last,
            "weekday": criteria.weekdays or None,
            "pages": criteria.pages,
            "recipe": self.recipe_id,
        }

    @property
    def editions(self) -> int:
        """Number of editions."""
        return sum(len(group.editions) for group in self.groups)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a flat row for each group, for tables."""
        return self.flat_rows(
            "groups", "metric", "zone", "weight", "estimand", "inference", "recipe"
        )

    @property
    def estimated(self) -> str:
        """The share that is estimated over several editions; of a plain metric their mean."""
        return self.estimand.value if self.metric.is_share else "mean"


def count_of(estimate: Estimate, weight: Weight) -> ShareCount | None:
    """Return the numerator of a share with its interval and unit; None for plain metrics."""
    if estimate.count is None:
        return None
    return ShareCount.of(estimate.count, weight)


def count_document(estimate: Estimate, weight: Weight) -> dict[str, Any] | None:
    """Return the numerator of a share as it is served; None for plain metrics."""
    count = count_of(estimate, weight)
    return None if count is None else count.to_json()


BY_EDITION = Inference.THESE, Estimand.SHARE_OF_PHOTOS
"""What the estimates of single editions are about, which everybody asks for."""

WITH_EVENTS = (GroupBy.EDITION, GroupBy.WEEK, GroupBy.MONTH)
"""The groups that are short enough for the events of days to be shown among them."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def iso_week(day: date) -> str:
    """Return the week of a day by ISO 8601: the days around New Year are of one week.

    >>> iso_week(date(2024, 12, 30)), iso_week(date(2027, 1, 3))
    ('2025-W01', '2026-W53')
    """
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


_KEYS: Mapping[GroupBy, Callable[[StatEdition], str]] = {
    GroupBy.NONE: lambda _: "all",
    GroupBy.EDITION: lambda edition: str(edition.id),
    GroupBy.WEEK: lambda edition: iso_week(edition.date),
    GroupBy.MONTH: lambda edition: f"{edition.date:%Y-%m}",
    GroupBy.YEAR: lambda edition: f"{edition.date:%Y}",
    GroupBy.WEEKDAY: lambda edition: WEEKDAYS[edition.date.weekday()],
    GroupBy.PUBLICATION: lambda edition: edition.publication,
    GroupBy.PAGES: lambda edition: str(edition.pages),
}


@cached
def statistic(
    home: Installation,
    metric: Metric,
    criteria: EditionCriteria,
    *,
    by: GroupBy = GroupBy.NONE,
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    inference: Inference = Inference.THESE,
    recipe: str | None = None,
) -> Statistic:
    """Return a metric of editions in groups.

    Args:
        by: The property of the groups.
        estimand: The share that is estimated over several editions; plain metrics are means.
        recipe: Id of a recipe, or its beginning; None: today's.

    Raises:
        NotFound: There is no such recipe.
    """
    rules = provenance(home, recipe)
    with home.database.read() as session:
        selection = select_editions(
            session,
            criteria,
            rules,
            numbers=not metric.is_share,
        )
        shares = [metric] if metric.is_share else []
        photos = load_shares(session, shares, selection.editions, rules)
        counted = metric.name in COUNTED_METRICS and bool(selection.editions)
        counts = load_counts(session, selection.editions, rules) if counted else None
        source = estimate_source(session, photos)
        usable = availability_of(session, home.recipe, [metric], selection.editions, rules)[metric]
        events = _events(session, selection) if by in WITH_EVENTS else []
    # Computed in no transaction: nobody who writes waits for it.
    groups = (
        _shares(photos[0], by, estimand, inference)
        if photos
        else _plain(counts, metric, selection.editions, rules, by, inference)
    )
    return Statistic(
        metric=metric,
        criteria=criteria,
        by=by,
        estimand=estimand,
        inference=inference,
        recipe_id=rules.id,
        source=source,
        groups=_with_availability(groups, usable, selection.editions),
        selection=selection,
        events=events,
        validity=usable.by_newspaper(selection.editions),
    )


def simulated_statistic(
    home: Installation,
    metric: Metric,
    criteria: EditionCriteria,
    *,
    by: GroupBy,
    estimand: Estimand,
    trials: int,
    progress: Callable[[int], None],
    recipe: str | None = None,
) -> list[GroupCoverage]:
    """Return how often the intervals of a share would hold in worlds like the archive.

    Args:
        metric: A share.
        by: The property of the groups.
        estimand: The share that is estimated over several editions.
        trials: Worlds.
        progress: Is called with the number of worlds that are done.
        recipe: Id of a recipe, or its beginning; None: today's.

    Raises:
        InvalidRequest: The metric is no share, or no edition fits.
        NotFound: There is no such recipe.
    """
    if not metric.is_share:
        raise InvalidRequest(f"{metric} is no share: worlds are drawn for shares")
    rules = provenance(home, recipe)
    with home.database.read() as session:
        selection = select_editions(session, criteria, rules)
        (photos,) = load_shares(session, [metric], selection.editions, rules)
    if not photos.counted.any():
        raise InvalidRequest("no edition that fits has a photo")
    groups = _grouped(photos.selected, by)
    estimator = photos.estimator(
        [members for _, members in groups],
        [key for key, _ in groups],
        inference=Inference.THESE,
        estimand=estimand,
    )
    return simulate_archive(estimator, trials, progress=progress)


def _with_availability(
    groups: list[Group], available: Availability, editions: Sequence[StatEdition]
) -> list[Group]:
    """Return groups without numbers about what is not known."""
    if available.known:
        return groups
    place = {edition.id: i for i, edition in enumerate(editions)}
    masked = []
    for one in groups:
        rows = [place[edition.id] for edition in one.editions]
        group = replace(one, estimate=available.masked(one.estimate, rows))
        if group.estimate.method in UNSTATED:
            group = replace(group, machine=None, numerator=None, decided=None, decided_note=None)
        masked.append(group)
    return masked


def _grouped(editions: Sequence[StatEdition], by: GroupBy) -> list[tuple[str, list[int]]]:
    """Return the indices of the editions of each group, in order."""
    members: dict[str, list[int]] = defaultdict(list)
    for i, edition in enumerate(editions):
        members[_KEYS[by](edition)].append(i)
    groups = list(members.items())
    if by is GroupBy.WEEKDAY:
        return sorted(groups, key=lambda group: WEEKDAYS.index(group[0]))
    if by is GroupBy.PAGES:
        return sorted(groups, key=lambda group: int(group[0]))
    return groups if by is GroupBy.EDITION else sorted(groups)


def _shares(
    photos: SharePhotos, by: GroupBy, estimand: Estimand, inference: Inference
) -> list[Group]:
    editions = photos.selected
    groups = _grouped(editions, by)
    estimates = (
        photos.by_edition()
        if by is GroupBy.EDITION and (inference, estimand) == BY_EDITION
        else photos.estimates(
            [members for _, members in groups],
            [key for key, _ in groups],
            inference=inference,
            estimand=estimand,
        )
    )
    machine = photos.machine
    pooled = estimand is Estimand.SHARE_OF_PHOTOS
    return [
        Group(
            key=key,
            editions=[editions[i] for i in members],
            estimate=Estimate.of_group(estimated),
            machine=machine.share(members, estimand),
            numerator=estimated.size * estimated.value if estimated.value is not None else 0.0,
            denominator=float(machine.whole[members].sum()),
            decided=float(machine.decided[members].sum()),
            settled=int(machine.answered[members].sum()),
            weight=photos.metric.weight,
            decided_note=photos.why_apart(members, estimated.value) if pooled else None,
        )
        for (key, members), estimated in zip(groups, estimates, strict=True)
    ]


def _plain(
    counts: LoadedCounts | None,
    metric: Metric,
    editions: Sequence[StatEdition],
    recipe: Provenance,
    by: GroupBy,
    inference: Inference,
) -> list[Group]:
    values = plain_values(editions, counts, [metric.name])[metric.name]
    machine = machine_values(editions, [metric.name])
    grouped = _grouped(editions, by)
    members_of = [members for _, members in grouped]
    errors = counts.errors(metric.name, members_of, values) if counts else [None] * len(grouped)
    groups = []
    for (key, members), error in zip(grouped, errors, strict=True):
        mean = mean_of(
            values[members],
            inference=inference,
            confidence=recipe.aggregate.confidence,
            errors=error,
        )
        of_group = [editions[i] for i in members]
        result = Estimate(
            mean.value, mean.interval, mean.editions, mean.method, mean.refused,
            note=place_note(metric.name, of_group),
        )  # fmt: skip
        total = float(np.nansum(values[members])) if mean.editions else None
        alone = result.value
        if metric.name in machine:
            of_machine = machine[metric.name][members]
            alone = mean_of(
                of_machine, inference=inference, confidence=recipe.aggregate.confidence
            ).value
        groups.append(Group(key, of_group, result, alone, total, None, None, 0))
    return groups


def _events(session: Session, selection: Selection) -> list[TimelineEvent]:
    """Return the events of their newspapers from the first day of editions to the last.

    Those of no newspaper are of each; there are 500 at most.
    """
    if not selection.editions:
        return []
    days = [edition.date for edition in selection.editions]
    query = (
        select(EventRow)
        .outerjoin(PublicationRow, PublicationRow.id == EventRow.publication_id)
        .where(
            EventRow.event_date.between(min(days), max(days)),
            event_concerns(*{edition.publication for edition in selection.editions}),
        )
        .order_by(EventRow.event_date, EventRow.title)
        .limit(500)
    )
    return [TimelineEvent(e.event_date, e.title, e.place) for e in session.scalars(query)]
