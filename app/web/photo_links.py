"""The photos behind a number: the filter of the gallery that finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from presslens.app.installation import Installation
from presslens.app.services.figures.gallery import named_figures
from presslens.models.faces.gallery import LEADER
from presslens.models.vocabulary import Subject
from presslens.pipelines.statistics.measure import FIGURE, LABEL, Zone
from presslens.pipelines.statistics.metrics import Metric

_OF_PHOTOS = {"photos", "photos_per_page", "photo_area_share", "full_page_photo_pages",
              "photo_pages", "largest_photo"}  # fmt: skip
"""Plain metrics of all photos of an edition."""


def leader_names(home: Installation) -> list[str]:
    """Return the names of the enrolled leaders."""
    with home.database.read() as session:
        return [figure.name for figure in named_figures(session) if figure.role == LEADER]


def photos_behind(metric: Metric, leaders: Sequence[str]) -> dict[str, Any] | None:
    """Return the filter of the photos that a number counts; None if no filter finds them.

    Args:
        leaders: Names of the enrolled leaders.
    """
    name = metric.name
    place = {} if metric.zone is Zone.ALL else {"zone": metric.zone.value}
    if name in _OF_PHOTOS:
        return {"sort": "-size"} if name == "largest_photo" else {}
    if name in set(Subject):
        return {"subject": name, **place}
    if name.startswith("focus_"):
        return {"focus": name.removeprefix("focus_"), **place}
    if name.startswith(LABEL):
        return {"label": name.removeprefix(LABEL), **place}
    if name.startswith(FIGURE):
        return {"figure": name.removeprefix(FIGURE), **place}
    if name.startswith("leader") and name != "leader_and_facility" and len(leaders) == 1:
        return {"figure": leaders[0], **place}
    return None
