"""Charts of comparisons: the difference in each metric, with its interval."""

from __future__ import annotations

from collections.abc import Sequence

from presslens.app.charts.chart import DifferencesChart, Legend, PlottedDifference
from presslens.app.charts.naming import difference_words, metric_title
from presslens.app.charts.notes import citation, methods_note, wrapped
from presslens.app.charts.statistic import newspaper_name
from presslens.app.platform.language import Language
from presslens.app.services.shares.selection import EditionCriteria
from presslens.app.services.statistics.comparison import GroupComparison
from presslens.pipelines.statistics.comparison import CorrectedComparison, CorrectedComparisons
from presslens.pipelines.statistics.corrections import Correction
from presslens.pipelines.statistics.measure import Inference
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.written_numbers import written_level


def comparison_chart(
    compared: GroupComparison, language: Language, *, source: str | None = None
) -> DifferencesChart:
    """Return the chart of a comparison; metrics without a difference are named in its notes.

    Args:
        language: The reader's language.
        source: An address that gives the same numbers again, for the citation.
    """
    rows = compared.comparison.rows
    shown = [row for row in rows if row.compared.difference.value is not None]
    missing = [row.compared.metric for row in rows if row.compared.difference.value is None]
    title = language.text(
        "%(a)s minus %(b)s", a=scope_name(compared.a, language), b=scope_name(compared.b, language)
    )
    each = written_level(compared.comparison.interval_level)
    legend = Legend(
        title=wrapped([title], 90),
        notes=wrapped([*_notes(compared, missing, language),
                       citation(title, compared.recipe_id, source, language)]),
        summary=f"{title}. {verdict(compared, language)}",
        locale=language.code,
        axis=language.text("difference, in percentage points: %(each)s %% interval", each=each),
        machine="",
        empty=language.text("no differences are known"),
    )  # fmt: skip
    return DifferencesChart(
        legend=legend,
        differences=[_difference(row, language) for row in shown],
        differs=language.text("differs"),
        undecided=language.text("not decided"),
        axis_plain=language.text(
            "difference of the means, each on a scale of its own: %(each)s %% interval", each=each
        ),
    )


def scope_name(criteria: EditionCriteria, language: Language) -> str:
    """Return the editions of one side in words: "Rodong Sinmun, 1 May – 31 July 2025"."""
    name = newspaper_name(criteria.publication, language)
    first, last = criteria.first, criteria.last
    if first and last:
        return f"{name}, {language.days(first, last)}"
    if first:
        return language.text("%(name)s since %(day)s", name=name, day=language.day(first))
    if last:
        return language.text("%(name)s until %(day)s", name=name, day=language.day(last))
    return name


def verdict(compared: GroupComparison, language: Language) -> str:
    """Return in which metrics these editions, or the newspapers' practice, differ."""
    rows = compared.comparison.rows
    differ = [metric_title(row.compared.metric, language) for row in rows if row.differs]
    tested = sum(row.compared.difference.refused is None for row in rows)
    if not compared.comparison.compared or not tested:
        return language.text("No difference is known.")
    values = {
        "compared": language.number(min(tested, compared.comparison.compared)),
        "names": ", ".join(differ),
    }
    if compared.inference is Inference.PRACTICE:
        if not differ:
            return language.text(
                "The newspapers are not shown to work differently (numbers compared:"
                " %(compared)s).",
                **values,
            )
        return language.text(
            "The newspapers work differently in %(names)s (numbers compared: %(compared)s).",
            **values,
        )
    if not differ:
        return language.text(
            "No difference between these editions is shown (numbers compared: %(compared)s).",
            **values,
        )
    return language.text(
        "These editions differ in %(names)s (numbers compared: %(compared)s).", **values
    )


def family_words(compared: CorrectedComparisons, language: Language) -> str:
    """Return for how many metrics the intervals hold together, and how, in a sentence."""
    intervals = compared.family * compared.searched
    each, together = f"{written_level(compared.interval_level)} %", 1.0 - compared.level
    values = {"n": language.number(intervals), "each": each, "level": language.percent(together)}
    if intervals <= 1:
        return language.text("The interval is one of %(each)s.", **values)
    if compared.correction is Correction.BH:
        return language.text(
            "Each of the %(n)s intervals has %(each)s confidence (Benjamini-Hochberg): of those of "
            "metrics that differ, %(level)s are right on average.",
            **values,
        )
    return language.text(
        "With %(level)s confidence the %(n)s intervals are right at once, so each alone has "
        "%(each)s (Bonferroni).",
        **values,
    )


def side_words(metric: Metric, value: float | None, language: Language) -> str:
    """Return the value of a metric in words."""
    return language.percent(value) if metric.is_part else language.number(value, 2)


def _difference(row: CorrectedComparison, language: Language) -> PlottedDifference:
    pair, less = row.compared, row.compared.difference
    metric, value = pair.metric, less.value or 0.0
    low, high = less.interval or (None, None)
    a, b = (side_words(metric, side.estimate.value, language) for side in (pair.first, pair.second))
    name = metric_title(metric, language)
    words = difference_words(metric, value, less.interval, language)
    return PlottedDifference(
        metric=name,
        sides=f"{a} − {b}",
        value=value,
        low=low,
        high=high,
        differs=row.differs,
        percent=metric.is_part,
        words=f"{name}: {words}",
    )


def _notes(compared: GroupComparison, missing: Sequence[Metric], language: Language) -> list[str]:
    counts = [len(selection.editions) for selection in compared.selections]
    a, b = (language.plural("%(n)s edition", "%(n)s editions", count) for count in counts)
    comparison = compared.comparison
    notes = [
        language.text("%(a)s minus %(b)s.", a=a, b=b),
        family_words(comparison, language),
        methods_note((row.compared.difference.method for row in comparison.rows
                      if row.compared.difference.interval), language),
    ]  # fmt: skip
    if missing:
        names = ", ".join(metric_title(metric, language) for metric in missing)
        notes.append(language.text("Not known: %(names)s.", names=names))
    return notes
