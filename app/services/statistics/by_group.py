"""A metric over many editions: by edition, month, weekday or publication, or all together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.claims import EventRow
from app.installation import Installation
from app.services.recipes.made_by import MadeBy, made_by
from app.services.statistics.estimates import COUNTED, PLAIN_COLUMNS, plain_values, share_estimates
from app.services.statistics.group import Group, GroupBy, Happened, Statistic
from app.services.statistics.selection import Selection, StatEdition, Wanted, select_editions
from app.services.statistics.share_series import DECIDED, PHOTOS, load_series
from pipelines.statistics.across import estimates, means_of
from pipelines.statistics.measure import Estimand
from pipelines.statistics.metrics import Estimate, Metric

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


_KEYS: Mapping[GroupBy, Callable[[StatEdition], str]] = {
    GroupBy.NONE: lambda _: "all",
    GroupBy.EDITION: lambda edition: str(edition.id),
    GroupBy.MONTH: lambda edition: f"{edition.date:%Y-%m}",
    GroupBy.YEAR: lambda edition: f"{edition.date:%Y}",
    GroupBy.WEEKDAY: lambda edition: WEEKDAYS[edition.date.weekday()],
    GroupBy.PUBLICATION: lambda edition: edition.publication,
    GroupBy.PAGES: lambda edition: str(edition.pages),
}


def statistic(
    home: Installation,
    metric: Metric,
    wanted: Wanted,
    *,
    by: GroupBy = GroupBy.NONE,
    estimand: Estimand = Estimand.SHARE_OF_PHOTOS,
    recipe: str | None = None,
) -> Statistic:
    """Return a metric of editions.

    Args:
        home: The installation.
        metric: Which one.
        wanted: Of which editions.
        by: How they are put together.
        estimand: Which share of several editions is meant; plain metrics are always means.
        recipe: Id of a recipe, or how it begins; None: today's.

    Raises:
        NotFound: There is no such recipe.
    """
    rules = made_by(home, recipe)
    with home.database.read() as session:
        selection = select_editions(
            session,
            wanted,
            rules.id,
            min_coverage=rules.aggregate.min_coverage,
            columns=() if metric.is_share else PLAIN_COLUMNS,
        )
        make = _shares if metric.is_share else _plain
        groups = make(session, metric, selection.editions, rules, by, estimand)
        events = _events(session, selection) if by in (GroupBy.EDITION, GroupBy.MONTH) else []
    return Statistic(
        metric=metric,
        wanted=wanted,
        by=by,
        estimand=estimand,
        recipe_id=rules.id,
        groups=groups,
        pages_expected=selection.pages_expected,
        pages_seen=selection.pages_seen,
        left_out=selection.left_out,
        events=events,
    )


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
    session: Session,
    metric: Metric,
    editions: Sequence[StatEdition],
    recipe: MadeBy,
    by: GroupBy,
    estimand: Estimand,
) -> list[Group]:
    loaded = load_series(session, [metric], editions, recipe)[0]
    groups = _grouped(editions, by)
    alone = (
        share_estimates(session, metric, editions, recipe, loaded=loaded)
        if any(len(members) == 1 for _, members in groups)
        else []
    )
    confidence = recipe.aggregate.confidence
    every, made = loaded.every, []
    several = [loaded.part(members) for _, members in groups if len(members) > 1]
    across = iter(estimates(several, estimand=estimand, confidence=confidence))
    for key, members in groups:
        photos = int(loaded.table[members, PHOTOS].sum())
        weight = float(every.weight[members].sum())
        machine = float(every.machine[members].sum()) / weight if weight else None
        if len(members) == 1:
            result = alone[members[0]]
        else:
            found = next(across)
            result = Estimate(found.value, found.interval, photos, found.method)
            machine = found.machine
        # Reviewed photos of one edition tell of its other photos: the numerator is the share's.
        numerator = float(every.settled[members].sum())
        if len(members) == 1 and result.value is not None:
            numerator = result.value * weight
        group = Group(
            key=key,
            editions=[editions[i] for i in members],
            estimate=result,
            machine=machine,
            numerator=numerator,
            denominator=weight,
            decided=float(loaded.table[members, DECIDED].sum()),
            settled=int(loaded.reviewed[members].sum()),
        )
        made.append(group)
    return made


def _plain(
    _session: Session,
    metric: Metric,
    editions: Sequence[StatEdition],
    recipe: MadeBy,
    by: GroupBy,
    _estimand: Estimand,
) -> list[Group]:
    values = plain_values(editions)[metric.name]
    grouped = _grouped(editions, by)
    several = [values[members] for _, members in grouped if len(members) > 1]
    means = iter(means_of(several, confidence=recipe.aggregate.confidence))
    groups = []
    for key, members in grouped:
        known = values[members][~np.isnan(values[members])]
        total = float(known.sum())
        if len(members) == 1:
            result = Estimate(total if len(known) else None, None, None, COUNTED)
        else:
            mean = next(means)
            result = Estimate(mean.value, mean.interval, len(known), mean.method)
        those = [editions[i] for i in members]
        groups.append(Group(key, those, result, result.value, total, None, None, 0))
    return groups


def _events(session: Session, selection: Selection) -> list[Happened]:
    """Return what happened from the first of the editions to the last, at most 500."""
    if not selection.editions:
        return []
    days = [edition.date for edition in selection.editions]
    query = select(EventRow).where(EventRow.event_date.between(min(days), max(days)))
    query = query.order_by(EventRow.event_date, EventRow.title).limit(500)
    return [Happened(e.event_date, e.title, e.place) for e in session.scalars(query)]
