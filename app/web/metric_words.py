"""Names and values of metrics for readers, in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from presslens.app.installation import Installation
from presslens.app.platform.language import Language
from presslens.app.services.figures.gallery import named_figures
from presslens.app.services.labels.labels import label_names
from presslens.pipelines.statistics.explanations import name_metric
from presslens.pipelines.statistics.measure import BUILT_IN, FIGURE, LABEL
from presslens.pipelines.statistics.metrics import Metric
from presslens.pipelines.statistics.plain import PLAIN
from presslens.pipelines.statistics.unusual import FRONT_LEAD


def metric_name(text: str, spoken: Language) -> str:
    """Return the name of a metric, "children on the front page, by area" for instance.

    Args:
        text: The metric as in claims, ``children@front/area``, or ``front_lead_focus``.

    Raises:
        ValueError: There is no such metric.
    """
    if text == FRONT_LEAD:
        return spoken.text("focus of the front page's lead photo")
    return spoken.say(name_metric(Metric.parse(text)))


def is_share(text: str) -> bool:
    """Return whether a metric is a share of photos."""
    return Metric.parse(text).is_share


def in_percent(text: str) -> bool:
    """Return whether readers see a metric in percent."""
    return Metric.parse(text).is_part


def metric_number(value: float | None, text: str, spoken: Language) -> str:
    """Return a value of a metric: "113", "2.8" or "38%"; a dash for None."""
    return spoken.percent(value) if in_percent(text) else spoken.number(value, 2)


def metric_interval(bounds: Sequence[float] | None, text: str, spoken: Language) -> str:
    """Return an interval of a metric: "103–118" or "24–41%"; "" for None."""
    return spoken.interval(list(bounds) if bounds else None, share=in_percent(text))


def metric_choices(home: Installation) -> dict[str, list[str]]:
    """Return the names of metrics by kind: plain, shares, figures and labels."""
    with home.database.read() as session:
        figures = named_figures(session)
    return {
        "plain": list(PLAIN),
        "shares": list(BUILT_IN),
        "figures": _readable(f"{FIGURE}{figure.name}" for figure in figures),
        "labels": _readable(f"{LABEL}{name}" for name in label_names(home)),
    }


def _readable(names: Iterable[str]) -> list[str]:
    """Return the names that metrics can be written with: ``@`` and ``/`` begin zone and weight."""
    return [name for name in names if not {"@", "/"} & set(name)]
