"""Charts of the change points of a metric: its periods, and the levels between its changes."""

from __future__ import annotations

from datetime import date

from presslens.app.charts.chart import Legend, PlottedValue, SeriesChart
from presslens.app.charts.naming import metric_title, quantity
from presslens.app.charts.notes import citation, dashed_note, wrapped
from presslens.app.charts.statistic import change_mark, levels, newspaper_name
from presslens.app.platform.language import Language
from presslens.app.services.statistics.changes import MetricChanges
from presslens.pipelines.statistics.timeline import PeriodUnit


def changes_chart(
    changes: MetricChanges, language: Language, *, source: str | None = None
) -> SeriesChart:
    """Return the chart of a metric and its changes.

    Args:
        changes: The periods and the changes.
        language: The reader's language.
        source: An address that gives the same numbers again, for the citation.
    """
    share = changes.metric.is_part
    name = newspaper_name(changes.criteria.publication, language)
    monthly = changes.by is PeriodUnit.MONTH
    values = []
    for period in changes.timeline.periods:
        label = language.day(period.first, "month" if monthly else "long")
        number = language.percent(period.value) if share else language.number(period.value, 2)
        place = _middle(period.first) if monthly else period.first
        values.append(
            PlottedValue(
                name, place.isoformat(), label, period.value, None, None, None,
                f"{label}: {number}", None,
            )
        )  # fmt: skip
    title = language.text(
        "Changes of %(metric)s: %(quantity)s, %(name)s",
        metric=metric_title(changes.metric, language),
        quantity=quantity(changes.metric, changes.estimand, language),
        name=name,
    )
    marks = [change_mark(name, changes, one, language) for one in changes.candidates]
    words = [mark.words for mark in marks]
    count = language.plural(
        "%(n)s change was found.", "%(n)s changes were found.", len(changes.shown)
    )
    editions = language.plural("%(n)s edition", "%(n)s editions", len(changes.selection.editions))
    notes = [
        f"{editions}; {language.say(changes.changes.method)}.",
        *(f"{line}." for line in words),
    ]
    notes += dashed_note(marks, [], language)
    notes.append(citation(title, changes.recipe_id, source, language))
    legend = Legend(
        title=wrapped([title], 90),
        notes=wrapped(notes),
        summary=". ".join([title, count.rstrip("."), *words]) + ".",
        locale=language.code,
        axis=quantity(changes.metric, changes.estimand, language),
        machine="",
        empty=language.text("no editions"),
    )
    span = (values[0].place, values[-1].place) if values else None
    return SeriesChart(legend, [name], values, span, share, marks, [*levels(name, changes)])


def _middle(month: date) -> date:
    return month.replace(day=15)
