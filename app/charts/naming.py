"""Names of metrics and of what their numbers are, in the language of the reader."""

from __future__ import annotations

from presslens.app.platform.language import Language
from presslens.pipelines.statistics.explanations import name_metric
from presslens.pipelines.statistics.measure import Estimand, Weight
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN


def metric_title(metric: Metric, language: Language) -> str:
    """Return the name of a metric: "children on the front page, by area" for instance."""
    return language.say(name_metric(metric))


def quantity(metric: Metric, estimand: Estimand, language: Language) -> str:
    """Return what the numbers of a metric are, for an axis."""
    if not metric.is_share:
        return language.text("mean of an edition")
    if estimand is Estimand.MEAN_EDITION_SHARE:
        return language.text("mean share of an edition's photos")
    if metric.weight is Weight.AREA:
        return language.text("share of the photos' printed area")
    return language.text("share of photos")


def shown_in_percent(metric: Metric) -> bool:
    """Return whether readers see the metric in percent."""
    return metric.is_share or PLAIN[metric.name].in_percent
