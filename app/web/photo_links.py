"""The photos behind a number: the filter of the gallery that finds them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from presslens.app.services.catalogue.photo_filter import SizeClass
from presslens.models.vocabulary import Answer, Subject
from presslens.pipelines.statistics.measure import FIGURE, LABEL, Zone
from presslens.pipelines.statistics.metrics import Metric

_OF_PHOTOS = {"photos", "photos_per_page", "photo_area_share", "largest_photo"}
"""Plain metrics of all photos of an edition."""


def photos_behind(metric: Metric, leaders: Collection[str]) -> dict[str, Any] | None:
    """Return the filter of the photos that a number counts; None if no filter finds them.

    Args:
        leaders: Names of the enrolled leaders.
    """
    name = metric.name
    place = {} if metric.zone is Zone.ALL else {"zone": metric.zone.value}
    if name in _OF_PHOTOS:
        return {"sort": "-size"} if name == "largest_photo" else {}
    if name == "full_page_photo_pages":
        return {"size": SizeClass.FULL_PAGE.value}
    if name in set(Subject):
        return {"subject": name, **place}
    if name.startswith("focus_"):
        return {"focus": name.removeprefix("focus_"), **place}
    if name.startswith(LABEL):
        return {"label": name.removeprefix(LABEL), **place}
    if name.startswith(FIGURE):
        return {"figure": name.removeprefix(FIGURE), **place}
    if name.startswith("leader") and name != "leader_and_facility" and len(leaders) == 1:
        surely = {} if metric.is_share else {"answer": Answer.YES.value}
        return {"figure": next(iter(leaders)), **surely, **place}
    return None
