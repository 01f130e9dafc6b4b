"""What a timeline shows in sentences, and the metrics that are proposed first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from presslens.app.charts.naming import metric_title, quantity
from presslens.app.charts.statistic import OVER_TIME, group_label
from presslens.app.platform.language import Language
from presslens.app.services.statistics.by_group import Statistic
from presslens.app.services.statistics.changes import MetricChanges
from presslens.app.services.statistics.unusual import EditionFlags
from presslens.app.web.metric_words import metric_number
from presslens.pipelines.statistics.share_estimate import NOT_OFFERED
from presslens.pipelines.statistics.unusual import FRONT_LEAD

FIRST = ("photos", "pages", "leader", "children", "focus_facility")
"""The metrics that are asked for most."""

MOST_UNUSUAL = 3
"""Largest number of metrics that are proposed because editions were unusual in them."""

MOST_DAYS = 6
"""Largest number of days that a sentence names."""


def first_metrics(chosen: str, unusual: Sequence[EditionFlags]) -> list[str]:
    """Return the metrics that are proposed first: those asked for most, and what is unusual."""
    flagged = Counter(flag.metric for one in unusual for flag in one.flags)
    often = [name for name, _ in flagged.most_common() if name not in (*FIRST, FRONT_LEAD)]
    return list(dict.fromkeys((*FIRST, *often[:MOST_UNUSUAL], chosen)))


def timeline_sentences(
    name: str,
    statistic: Statistic,
    changes: MetricChanges | None,
    unusual: Sequence[EditionFlags],
    language: Language,
) -> Iterator[str]:
    """Yield what a metric of a newspaper did: its ends, its changes, its unusual days."""
    known = [one for one in statistic.groups if one.estimate.value is not None]
    title, paper = metric_title(statistic.metric, language), language.newspaper(name)
    if statistic.metric.is_share:
        of_what = quantity(statistic.metric, statistic.estimand, language)
        title = f"{title} ({of_what})"
    if not known:
        why = {one.estimate.method for one in statistic.groups}
        says = "not offered" if NOT_OFFERED in why else "not known"
        yield f"{paper}, {title}: {language.text(says)}."
        return
    metric = str(statistic.metric)
    ends = [end(known, key=lambda one: one.estimate.value or 0.0) for end in (min, max)]
    low, high = (metric_number(one.estimate.value, metric, language) for one in ends)
    if low == high:
        yield f"{paper}, {title}: {high}."
    else:
        first, last = (group_label(one.key, statistic.by, one, language) for one in ends)
        yield language.text(
            "%(name)s, %(metric)s: from %(low)s (%(lowest)s) to %(high)s (%(highest)s).",
            name=paper,
            metric=title,
            low=low,
            lowest=first,
            high=high,
            highest=last,
        )
    if changes is not None and statistic.by in OVER_TIME:
        yield from _changes(changes, language)
    days = [
        language.day(one.date)
        for one in reversed(unusual)
        if one.publication == name and any(flag.metric == metric for flag in one.flags)
    ]
    if days:
        shown = ", ".join(days[:MOST_DAYS])
        more = len(days) - MOST_DAYS
        if more > 0:
            shown += language.plural(" and %(n)s more day", " and %(n)s more days", more)
        yield language.text("Unusual: %(days)s.", days=shown)


def _changes(changes: MetricChanges, language: Language) -> Iterator[str]:
    metric = str(changes.metric)
    for one in changes.shown:
        before, after = (metric_number(level, metric, language) for level in one.levels)
        yield language.text(
            "It changed on %(day)s, from %(before)s to %(after)s.",
            day=language.day(one.date),
            before=before,
            after=after,
        )
    if not changes.shown and changes.changes.noise is not None:
        yield language.text("No lasting change is shown.")
