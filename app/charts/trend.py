"""The trend of a metric on charts: its line, and sentences with the intervals."""

from __future__ import annotations

from collections.abc import Iterator

from presslens.app.charts.chart import Level
from presslens.app.charts.naming import difference_words
from presslens.app.platform.language import Language
from presslens.app.services.statistics.trend import MetricTrend
from presslens.models.message import Message
from presslens.pipelines.statistics.design_matrix import DAYS_A_YEAR, LEVEL, SLOPE, TREND
from presslens.pipelines.statistics.regression import Coefficient

MONTH = 1 / 12
"""Part of a year in which trends of less than a year are said."""


def trend_lines(name: str, trend: MetricTrend | None) -> Iterator[Level]:
    """Yield the line of a newspaper's trend, in two pieces where it breaks."""
    points, of = (trend.line, trend.changes) if trend else ([], {})
    pieces = zip(points[::2], points[1::2], ((TREND,), (LEVEL, SLOPE)), strict=False)
    for start, end, changes in pieces:
        days = start.day.isoformat(), end.day.isoformat()
        shown = any(_differs(of[one]) for one in changes)
        yield Level(name, *days, start.value, end.value, shown=shown)


def trend_sentences(name: str, trend: MetricTrend, language: Language) -> list[str]:
    """Return the trend of a newspaper, and its change on a day, in sentences with intervals."""
    of = trend.changes
    if not of:
        return []
    if (trend.last - trend.first).days < DAYS_A_YEAR:
        part, per = MONTH, Message("%(change)s a month")
    else:
        part, per = 1.0, Message("%(change)s a year")
    slope = language.text(per, change=_change(trend, of[TREND], part, language))
    shown = _shown(of[TREND], language)
    if trend.day is None:
        return [
            language.text(
                "%(name)s, trend: %(change)s, %(shown)s.", name=name, change=slope, shown=shown
            )
        ]
    day = language.day(trend.day)
    return [
        language.text(
            "%(name)s, trend before %(day)s: %(change)s, %(shown)s.",
            name=name, day=day, change=slope, shown=shown,
        ),
        language.text(
            "Change of level on %(day)s: %(change)s, %(shown)s.",
            day=day, change=_change(trend, of[LEVEL], 1.0, language),
            shown=_shown(of[LEVEL], language),
        ),
        language.text(
            "Change of trend from then on: %(change)s, %(shown)s.",
            change=language.text(per, change=_change(trend, of[SLOPE], part, language)),
            shown=_shown(of[SLOPE], language),
        ),
    ]  # fmt: skip


def _change(trend: MetricTrend, one: Coefficient, part: float, language: Language) -> str:
    return difference_words(
        trend.metric, part * one.value, (part * one.low, part * one.high), language
    )


def _differs(one: Coefficient) -> bool:
    return one.low > 0 or one.high < 0


def _shown(one: Coefficient, language: Language) -> str:
    return language.text("differs from zero") if _differs(one) else language.text("may be zero")
