"""The metrics that forms offer."""

from __future__ import annotations

from collections.abc import Iterable

from presslens.app.installation import Installation
from presslens.app.services.figures.gallery import named_figures
from presslens.app.services.labels.labels import label_names
from presslens.pipelines.statistics.measure import BUILT_IN, FIGURE, LABEL
from presslens.pipelines.statistics.plain import PLAIN


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
