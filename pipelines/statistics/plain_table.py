"""Estimates of a plain table of photos, from any detector: no database, and no network.

from presslens.pipelines.statistics.plain_table import estimate

for group in estimate("photos.csv", "children", by="month").groups:
    print(group.group, group.value, group.interval, group.refused or group.method)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.models.recipe import NONRESPONSE, Calibration, Recipe
from presslens.pipelines.result import rounded
from presslens.pipelines.statistics.frame import Framed, frame_by_status, frame_of
from presslens.pipelines.statistics.measure import BITS, Estimand, Inference, Weight, Zone
from presslens.pipelines.statistics.misclassification import CoderAccuracy
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoStatus, PhotoTable
from presslens.pipelines.statistics.pools import PooledShares, connected_pools
from presslens.pipelines.statistics.share_estimate import GroupEstimate, ShareDifference
from presslens.pipelines.statistics.table_columns import (
    EMPTY,
    BadTable,
    Table,
    as_text,
    is_empty,
    read_columns,
)

REQUIRED = ("edition", "probability")
MOST_GROUPS = 5000

LEAST_DRAWN = 1e-9
"""Smallest inclusion probability: a photo that stands for a thousand million is a slip."""


@dataclass(frozen=True, slots=True)
class TableEstimate:
    """Estimates of a table."""

    measure: str  # what ``probability`` and ``label`` are about
    inference: Inference  # about these editions, or about practice
    # The estimate of each group, or one difference.
    groups: tuple[GroupEstimate, ...] | tuple[ShareDifference]
    weight: Weight = Weight.COUNT  # how a photo counts

    def to_json(self) -> dict[str, Any]:
        """Return the estimates as the command line prints them."""
        return {
            "measure": self.measure,
            "estimand": self.inference.value,
            "groups": [_document(group, self.weight) for group in self.groups],
        }


def estimate(
    table: Table,
    measure: str,
    *,
    by: str | None = None,
    compare: tuple[str, str] | None = None,
    inference: Inference | str = Inference.THESE,
    estimand: Estimand | str = Estimand.SHARE_OF_PHOTOS,
    weight: Weight | str = Weight.COUNT,
    confidence: float = 0.95,
    calibration: Calibration | None = None,
    nonresponse: float = NONRESPONSE,
    coders: CoderAccuracy | None = None,
) -> TableEstimate:
    """Estimate the share of photos that show a measure.

    A row is a photo. ``probability`` is the machine's, 0–1. ``label`` is 1, 0 or empty. ``status``
    is what a sample did with the photo, one of ``PhotoStatus``; without that column it is found
    from the others: a row with ``label`` and ``inclusion_probability`` was drawn by chance, one
    with ``label`` alone picked, and one with ``inclusion_probability`` alone was drawn and not
    answered, or not drawn, whichever fits all rows (``frame``). Newspapers of one ``sample`` are
    estimated together, others each by itself.

    Args:
        table: A CSV or Parquet file, or columns by name.
        measure: What the probabilities and labels are about: ``children``, for instance.
        by: Column whose values are the groups, or ``month`` or ``year`` of the ``date``.
        compare: Two values of ``by``: the first less the second.
        inference: ``these`` editions, or ``practice``.
        estimand: ``share_of_photos``, or ``mean_edition_share``.
        weight: ``count``, or ``area``: the column ``area_share``.
        confidence: Level of the intervals, above 0 and below 1.
        calibration: How far probabilities may be off; None: as learned for the measure.
        nonresponse: Factor of the odds by which photos without an answer may differ from answered
            ones, at least 1.
        coders: How often labels are right, alike in all photos; None: labels are taken as right.

    Raises:
        BadTable: A column is missing, or a value is out of range.
        ValueError: The confidence is.
    """
    if not 0.0 < confidence < 1.0:
        raise ValueError(f"confidence {confidence:g} is not above 0 and below 1")
    columns, source = read_columns(table)
    rows = PhotoRows.of(columns, source, weight=Weight(weight))
    keys = rows.groups(by)
    if compare is not None:
        if by is None or compare[0] == compare[1]:
            raise BadTable(f"{source}: to compare takes a column and two different values of it")
        missing = [key for key in compare if key not in keys]
        if missing:
            there = ", ".join(list(dict.fromkeys(keys))[:20])
            raise BadTable(
                f"{source}: there is no group {missing[0]!r} of {by}; there are: {there}"
            )
        names = list(compare)  # the order says which one is subtracted
    else:
        names = sorted(dict.fromkeys(keys), key=_natural)
    if len(names) > MOST_GROUPS:
        raise BadTable(
            f"{source}: {by} has {len(names)} values; at most {MOST_GROUPS} are estimated"
        )
    index = {name: i for i, name in enumerate(names)}
    framed = rows.framed(source)
    estimator = PooledShares.of_table(
        framed.table,
        connected_pools(framed.table, rows.samples(framed.table.framed)),
        np.array([index.get(key, -1) for key in keys], np.int64),
        names,
        asked=None if by is None else np.unique(keys, return_inverse=True)[1],
        inference=Inference(inference),
        estimand=Estimand(estimand),
        components=calibration or Recipe.load().aggregate.calibration_of(measure),
        confidence=confidence,
        by_area=Weight(weight) is Weight.AREA,
        nonresponse=nonresponse,
        coders=coders,
    )
    if compare is not None:
        less = framed.noted(estimator.difference(0, 1))
        return TableEstimate(measure, Inference(inference), (less,), Weight(weight))
    found = tuple(framed.noted(one) for one in estimator.estimates())
    return TableEstimate(measure, Inference(inference), found, Weight(weight))


@dataclass(frozen=True, slots=True, eq=False)
class PhotoRows:
    """The checked columns of a table, a photo a row."""

    columns: Mapping[str, NDArray[Any]]  # all columns as they came, by name
    keys: list[str]  # the edition of each row, with its publication
    days: list[date | None]  # its date; None without one
    probability: Numbers  # the machine's, 0–1, shape (n,)
    label: Numbers  # 1 or 0; NaN without one, shape (n,)
    inclusion: Numbers  # the inclusion probability as given; NaN without one, shape (n,)
    weight: Numbers  # 1, or the printed area, shape (n,)
    status: list[PhotoStatus] | None = None  # what the sample did with each; None: nobody says

    @classmethod
    def of(cls, columns: Mapping[str, NDArray[Any]], source: str, *, weight: Weight) -> PhotoRows:
        """Check the columns of a table.

        Raises:
            BadTable: A column is missing, or a value is out of range.
        """
        for name in (*REQUIRED, *(["area_share"] if weight is Weight.AREA else [])):
            if name not in columns:
                raise BadTable(
                    f"{source}: the column {name!r} is missing; there are: {', '.join(columns)}"
                )
        n = len(columns["edition"])
        empty = np.array([None] * n, dtype=object)

        def numbers(name: str) -> Numbers:
            return _numbers(columns.get(name, empty), name, source)

        probability, label = numbers("probability"), numbers("label")
        inclusion = numbers("inclusion_probability")
        _check_filled(probability, "probability", source)
        _check(probability, (probability >= 0) & (probability <= 1), "probability", RANGE, source)
        _check(label, np.isin(label, (0, 1)) | np.isnan(label), "label", "is not 0 or 1", source)
        inside = ((inclusion >= LEAST_DRAWN) & (inclusion <= 1)) | np.isnan(inclusion)
        _check(inclusion, inside, "inclusion_probability", "is not above 0 and at most 1", source)
        area = numbers("area_share") if weight is Weight.AREA else np.ones(n)
        _check_filled(area, "area_share", source)
        _check(area, (area > 0) & (area <= 1), "area_share", "is not above 0 and at most 1", source)
        days = [_day(value, i, source) for i, value in enumerate(columns.get("date", empty))]
        for i, edition in enumerate(columns["edition"]):
            if not as_text(edition):
                raise BadTable(f"{source}, row {i + 1}: edition is empty")
        publication = columns.get("publication", empty)
        keys = [
            f"{as_text(paper)}\0{as_text(edition)}"
            for paper, edition in zip(publication, columns["edition"], strict=True)
        ]
        status = _statuses(columns.get("status"), label, inclusion, source)
        rows = cls(columns, keys, days, probability, label, inclusion, area, status)
        rows._check_photos(source)
        return rows

    def _check_photos(self, source: str) -> None:
        if "photo" not in self.columns:
            return
        pages = self.columns.get("page", [""] * len(self.keys))
        seen: set[tuple[str, str, str]] = set()
        for i, (key, page, photo) in enumerate(
            zip(self.keys, pages, self.columns["photo"], strict=True)
        ):
            place = key, as_text(page), as_text(photo)
            if place in seen:
                raise BadTable(f"{source}, row {i + 1}: photo {place[2]} is there twice")
            seen.add(place)

    def groups(self, by: str | None) -> list[str]:
        """Return the group of each row."""
        if by is None:
            return ["all"] * len(self.keys)
        if by in self.columns:
            return [as_text(value) for value in self.columns[by]]
        if by in ("month", "year") and any(self.days):
            form = "%Y-%m" if by == "month" else "%Y"
            return [day.strftime(form) if day else "no date" for day in self.days]
        if by in ("month", "year") and "date" in self.columns:
            raise BadTable(f"no row has a date, so that there is no {by}")
        raise BadTable(f"there is no column {by!r}; there are: {', '.join(self.columns)}")

    def _pages(self, order: Sequence[str]) -> list[int]:
        """Return the number of pages of each edition; none where not each has one."""
        cells = self.columns.get("pages", [""] * len(self.keys))
        pages = {key: as_text(cell) for key, cell in zip(self.keys, cells, strict=True)}
        return [int(pages[key]) for key in order if all(map(str.isdigit, pages.values()))]

    def _zones(self) -> NDArray[np.uint8] | None:
        """Return the zones of each photo, as bits, shape (n,); None where no column says any."""
        there = {zone: self.columns[zone.value] for zone in Zone if zone.value in self.columns}
        if not there:
            return None
        bits = [
            BITS[zone] * np.array([as_text(cell).lower() in TRUE for cell in cells])
            for zone, cells in there.items()
        ]
        return np.asarray(np.sum(bits, axis=0), np.uint8)

    def samples(self, framed: Mask) -> list[Sequence[str]]:
        """Return the samples that could have drawn each row; one without a name without a column.

        Args:
            framed: Which rows could have been drawn, shape (n,).
        """
        cells = self.columns.get("sample", [""] * len(self.keys))
        return [
            as_text(cell).split(SEPARATOR) if inside else ()
            for cell, inside in zip(cells, framed, strict=True)
        ]

    def framed(self, source: str) -> Framed:
        """Return the photos with the frame of their sample."""
        first: dict[str, date | None] = {}
        for key, day in zip(self.keys, self.days, strict=True):
            first.setdefault(key, day)
        order = sorted(first, key=lambda key: (first[key] or date.min, key))
        place = {key: i for i, key in enumerate(order)}
        table = PhotoTable(
            edition=np.array([place[key] for key in self.keys], np.int64),
            probability=self.probability,
            weight=self.weight,
            label=self.label,
            inclusion=self.inclusion,
            framed=np.zeros(len(self.keys), bool),
            editions=order,
            periods=[_periods(key, first[key]) for key in order],
            days=[day.toordinal() for key in order if (day := first[key]) and all(self.days)],
            pages=self._pages(order),
            zones=self._zones(),
        )
        if self.status is not None:
            return frame_by_status(table, self.status)
        others = [column for name, column in self.columns.items() if name not in NO_FRAME]
        try:
            return frame_of(table, [_codes(column) for column in others])
        except ValueError as error:
            raise BadTable(f"{source}: {error}") from error


SEPARATOR = " + "
"""What stands between the samples of a cell."""

TRUE = ("true", "1", "yes")
"""Cells that say that a photo lies in a zone."""

RANGE = "is not between 0 and 1"

NO_FRAME = frozenset(
    [
        "edition",
        "date",
        "photo",
        "area_share",
        "probability",
        "label",
        "inclusion_probability",
        "sample",
    ]
)
"""Columns that say nothing of the pages or zones that a sample was drawn from."""

OTHER_WORDS = {"refused": PhotoStatus.NO_ANSWER, "skipped": PhotoStatus.NO_ANSWER}


def _statuses(
    values: NDArray[Any] | None, label: Numbers, inclusion: Numbers, source: str
) -> list[PhotoStatus] | None:
    """Return the column ``status``, checked against the others; None where there is none."""
    if values is None:
        return None
    found = []
    for i, value in enumerate(values):
        answered, chance = not np.isnan(label[i]), not np.isnan(inclusion[i])
        try:
            status = _status(as_text(value), answered=answered)
        except ValueError as error:
            words = ", ".join(PhotoStatus)
            raise BadTable(
                f"{source}, row {i + 1}: status {as_text(value)!r} is none of {words}"
            ) from error
        if why := _contradiction(status, answered=answered, chance=chance):
            raise BadTable(f"{source}, row {i + 1}: status is {status}, {why}")
        found.append(status)
    return found


def _status(text: str, *, answered: bool) -> PhotoStatus:
    """Return the status that a cell states: ``drawn`` leaves it to the label.

    Raises:
        ValueError: It states none.
    """
    word = text.strip().lower().replace(" ", "_").replace("-", "_")
    if word == "drawn":
        return PhotoStatus.ANSWERED if answered else PhotoStatus.NO_ANSWER
    return OTHER_WORDS.get(word) or PhotoStatus(word)


def _contradiction(status: PhotoStatus, *, answered: bool, chance: bool) -> str | None:
    """Return what contradicts a status in a row; None for nothing."""
    if status.drawn and not chance:
        return "and there is no inclusion_probability"
    if status is PhotoStatus.OUTSIDE and chance:
        return "and there is an inclusion_probability, which is of photos of the frame"
    if status in (PhotoStatus.ANSWERED, PhotoStatus.PICKED) and not answered:
        return "and there is no label"
    if status in (PhotoStatus.NO_ANSWER, PhotoStatus.NOT_DRAWN) and answered:
        return "and there is a label: say answered or picked"
    return None


def _codes(values: NDArray[Any]) -> NDArray[np.int64]:
    return np.unique([as_text(value) for value in values], return_inverse=True)[1]


def _periods(key: str, day: date | None) -> tuple[str, ...]:
    publication = key.split("\0")[0]
    return (publication, *((f"{day:%Y}", f"{day:%Y-%m}") if day else ()))


def _numbers(values: NDArray[Any], name: str, source: str) -> Numbers:
    numbers = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if is_empty(value) or (isinstance(value, str) and value.strip() in EMPTY):
            continue
        try:
            numbers[i] = float(value)
        except (TypeError, ValueError) as error:
            raise BadTable(f"{source}, row {i + 1}: {name} {value!r} is no number") from error
    return numbers


def _check_filled(values: Numbers, name: str, source: str) -> None:
    if np.isnan(values).any():
        row = int(np.flatnonzero(np.isnan(values))[0]) + 1
        raise BadTable(f"{source}, row {row}: {name} is empty")


def _check(values: Numbers, right: NDArray[np.bool_], name: str, why: str, source: str) -> None:
    if not right.all():
        i = int(np.flatnonzero(~right)[0])
        raise BadTable(f"{source}, row {i + 1}: {name} {values[i]:g} {why}")


def _day(value: Any, i: int, source: str) -> date | None:
    text = as_text(value)
    if not text:
        return None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise BadTable(f"{source}, row {i + 1}: date {text!r} is not YYYY-MM-DD") from error


def _natural(text: str) -> tuple[int, float, str]:
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text


def _document(estimate: GroupEstimate | ShareDifference, weight: Weight) -> dict[str, Any]:
    document: dict[str, Any] = {
        "group": estimate.group,
        "value": rounded(estimate.value),
        "low": rounded(estimate.low),
        "high": rounded(estimate.high),
        "n": estimate.n,
        "editions": estimate.editions,
        "drawn": estimate.drawn,
        "picked": estimate.picked,
        "method": estimate.method,
        "refused": estimate.refused,
        "note": estimate.note,
        "provisional": estimate.provisional,
    }
    if isinstance(estimate, GroupEstimate):
        value, low, high = estimate.count or (None, None, None)
        document["count"] = {
            "value": rounded(value),
            "low": rounded(low),
            "high": rounded(high),
            "unit": "photos" if weight is Weight.COUNT else "area_share",
        }
    else:
        document["p_value"] = rounded(estimate.p_value)
    return document
