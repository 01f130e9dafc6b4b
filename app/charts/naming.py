"""Names of metrics and of what their numbers are, and differences, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence

from presslens.app.platform.language import Language
from presslens.pipelines.statistics.explanations import name_metric
from presslens.pipelines.statistics.measure import Estimand, Weight
from presslens.pipelines.statistics.metrics import Metric


def metric_title(metric: Metric, language: Language) -> str:
    """Return the name of a metric: "children on the front page, by area" for instance."""
    return language.say(name_metric(metric))


def quantity(metric: Metric, estimand: Estimand, language: Language) -> str:
    """Return what the numbers of a metric are, for an axis."""
    if not metric.is_share:
        return language.text("per edition")
    if estimand is Estimand.MEAN_EDITION_SHARE:
        return language.text("mean share of an edition's photos")
    if metric.weight is Weight.AREA:
        return language.text("share of the photos' printed area")
    return language.text("share of photos")


def difference_words(
    metric: Metric, value: float | None, interval: Sequence[float] | None, language: Language
) -> str:
    """Return a difference with its sign, and its interval: "+4.2 points (1.1 to 7.3)"."""
    if value is None:
        return language.text("not known")
    share = metric.is_part
    scale, digits = (100.0, 1) if share else (1.0, 2)
    number = signed(scale * value, digits, language)
    if share:
        number = language.text("%(number)s points", number=number)
    if interval is None:
        return number
    return f"{number} ({difference_ends(metric, interval, language)})"


def difference_ends(metric: Metric, interval: Sequence[float], language: Language) -> str:
    """Return the interval of a difference: "+1.1 to +7.3"."""
    scale, digits = (100.0, 1) if metric.is_part else (1.0, 2)
    low, high = (signed(scale * end, digits, language) for end in interval)
    return language.text("%(low)s to %(high)s", low=low, high=high)


def signed(value: float, digits: int, language: Language) -> str:
    """Return a number with its sign, + or −."""
    text = language.number(abs(value), digits)
    if text == language.number(0.0, digits):
        return text
    return f"{'−' if value < 0 else '+'}{text}"
