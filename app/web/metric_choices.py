"""The metrics that forms offer."""

from __future__ import annotations

from app.installation import Installation
from app.services.figures.figures import list_figures
from app.services.labels.labels import label_names
from pipelines.statistics.measure import BUILT_IN, FIGURE, LABEL
from pipelines.statistics.plain import PLAIN


def metric_choices(home: Installation) -> dict[str, list[str]]:
    """Return the names of metrics by kind: plain, shares, figures and labels."""
    return {
        "plain": list(PLAIN),
        "shares": list(BUILT_IN),
        "figures": [f"{FIGURE}{figure.name}" for figure in list_figures(home)],
        "labels": [f"{LABEL}{name}" for name in label_names(home)],
    }
