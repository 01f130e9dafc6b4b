"""The checked rows of a plain table of photos: one measure, and those that limit it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from presslens.models.message import Message
from presslens.pipelines.statistics.frame import Framed, frame_by_status, frame_of
from presslens.pipelines.statistics.measure import BITS, Weight, Zone
from presslens.pipelines.statistics.misclassification import CoderAccuracy, Rate
from presslens.pipelines.statistics.photo_table import Mask, Numbers, PhotoStatus, PhotoTable
from presslens.pipelines.statistics.table_columns import EMPTY, WANTED, BadTable, as_text, is_empty

REQUIRED = ("edition", "probability")

APART = "\0"
"""What stands between the newspaper and the edition of a key."""

LEAST_DRAWN = 1e-9
"""Smallest inclusion probability: a photo that stands for a thousand million is a slip."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoRows:
    """The checked columns of a table, a photo a row."""

    columns: Mapping[str, NDArray[Any]]  # all columns as they came, by name
    source: str  # what the table is called in messages
    keys: list[str]  # the edition of each row, with its publication
    days: list[date | None]  # its date; None without one
    weight: Numbers  # 1, or the printed area, shape (n,)
    counted: Mask  # whether shares are of it, or it only informs, shape (n,)
    answers: MeasureColumns  # what is said of the measure

    @classmethod
    def of(cls, columns: Mapping[str, NDArray[Any]], source: str, *, weight: Weight) -> PhotoRows:
        """Check the columns of a table.

        Raises:
            BadTable: A column is missing, or a value is out of range.
        """
        for name in (*REQUIRED, *(["area_share"] if weight is Weight.AREA else [])):
            if name not in columns:
                raise BadTable(
                    f"{source}: the column {name!r} is missing; there are: {', '.join(columns)};"
                    f" {WANTED}"
                )
        n = len(columns["edition"])
        empty = np.array([None] * n, dtype=object)

        answers = MeasureColumns.of(columns, "", source)
        _check_filled(answers.probability, "probability", source)
        area = np.ones(n)
        if weight is Weight.AREA:
            area = _numbers(columns["area_share"], "area_share", source)
        _check_filled(area, "area_share", source)
        _check(area, (area > 0) & (area <= 1), "area_share", "is not above 0 and at most 1", source)
        days = [_day(value, i, source) for i, value in enumerate(columns.get("date", empty))]
        for i, edition in enumerate(columns["edition"]):
            if not as_text(edition):
                raise BadTable(f"{source}, row {i + 1}: edition is empty")
        publication = columns.get("publication", empty)
        for name, cells in (("edition", columns["edition"]), ("publication", publication)):
            for i, cell in enumerate(cells):
                if APART in as_text(cell):
                    raise BadTable(f"{source}, row {i + 1}: {name} has a NUL character")
        keys = [
            f"{as_text(paper)}{APART}{as_text(edition)}"
            for paper, edition in zip(publication, columns["edition"], strict=True)
        ]
        counted = _truths(columns["counted"]) if "counted" in columns else np.ones(n, bool)
        if not counted.any():
            raise BadTable(f"{source}: no row is counted")
        rows = cls(columns, source, keys, days, area, counted, answers)
        rows._check_photos()
        return rows

    def about(self, measure: str) -> PhotoRows | None:
        """Return the rows for another measure; None without a probability of that.

        Raises:
            BadTable: A value of its columns is out of range.
        """
        if f"{measure}_probability" not in self.columns:
            return None
        return replace(self, answers=MeasureColumns.of(self.columns, f"{measure}_", self.source))

    def at(self, mask: Mask) -> PhotoRows:
        """Return the rows of a mask."""
        columns = {name: column[mask] for name, column in self.columns.items()}
        at = np.flatnonzero(mask).tolist()
        keys, days = [self.keys[i] for i in at], [self.days[i] for i in at]
        return replace(self, columns=columns, keys=keys, days=days)

    def check_labels(self, other: PhotoRows, theirs: int) -> None:
        """Check that no photo shows the measure whose label of another one leaves no room for it.

        Args:
            other: The same rows for the other measure.
            theirs: Its label beside which the own one can't be 1.

        Raises:
            BadTable: A row has both.
        """
        wrong = np.flatnonzero((self.answers.label == 1) & (other.answers.label == theirs))
        if len(wrong):
            own, its = (f"{one.answers.prefix}label" for one in (self, other))
            raise BadTable(
                f"{self.source}, row {wrong[0] + 1}: {own} is 1 and {its} is {theirs}, which"
                " contradict each other"
            )

    def _check_photos(self) -> None:
        if "photo" not in self.columns:
            return
        pages = self.columns.get("page", [""] * len(self.keys))
        seen: set[tuple[str, str, str]] = set()
        for i, (key, page, photo) in enumerate(
            zip(self.keys, pages, self.columns["photo"], strict=True)
        ):
            place = key, as_text(page), as_text(photo)
            if place in seen:
                raise BadTable(f"{self.source}, row {i + 1}: photo {place[2]} is there twice")
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
        return [int(pages[key]) for key in order if all(map(str.isdecimal, pages.values()))]

    def _zones(self) -> NDArray[np.uint8] | None:
        """Return the zones of each photo, as bits, shape (n,); None where no column says any."""
        there = {zone: self.columns[zone.value] for zone in Zone if zone.value in self.columns}
        if not there:
            return None
        bits = [BITS[zone] * _truths(cells) for zone, cells in there.items()]
        return np.asarray(np.sum(bits, axis=0), np.uint8)

    def samples(self, framed: Mask) -> list[Sequence[str]]:
        """Return the samples that could have drawn each row; one without a name without a column.

        Args:
            framed: Which rows could have been drawn, shape (n,).
        """
        cells = self.columns.get(f"{self.answers.prefix}sample", [""] * len(self.keys))
        return [
            as_text(cell).split(SEPARATOR) if inside else ()
            for cell, inside in zip(cells, framed, strict=True)
        ]

    def framed(self) -> Framed:
        """Return the photos with the frame of their sample."""
        first: dict[str, date | None] = {}
        for key, day in zip(self.keys, self.days, strict=True):
            first.setdefault(key, day)
        order = sorted(first, key=lambda key: (first[key] or date.min, _edition_order(key)))
        place = {key: i for i, key in enumerate(order)}
        table = PhotoTable(
            edition=np.array([place[key] for key in self.keys], np.int64),
            probability=self.answers.probability,
            weight=self.weight,
            label=self.answers.label,
            inclusion=self.answers.inclusion,
            framed=np.zeros(len(self.keys), bool),
            editions=order,
            periods=[_periods(key, first[key]) for key in order],
            days=[day.toordinal() for key in order if (day := first[key]) and all(self.days)],
            pages=self._pages(order),
            zones=self._zones(),
        )
        if self.answers.status is not None:
            return frame_by_status(table, self.answers.status)
        others = [column for name, column in self.columns.items() if not name.endswith(NO_FRAME)]
        try:
            return frame_of(table, [_codes(column) for column in others])
        except ValueError as error:
            raise BadTable(f"{self.source}: {error}") from error


@dataclass(frozen=True, slots=True, eq=False)
class MeasureColumns:
    """What a table says of one measure, a photo a row; arrays of shape (n,)."""

    prefix: str  # what the names of its columns begin with: nothing, or ``people_``
    probability: Numbers  # the machine's, 0–1; NaN for a photo that was not read
    label: Numbers  # 1 or 0; NaN without one
    inclusion: Numbers  # the inclusion probability as given; NaN without one
    status: list[PhotoStatus] | None  # what the sample did with each; None: nobody says
    coders: CoderAccuracy  # how often labels are right, alike in all photos

    @classmethod
    def of(cls, columns: Mapping[str, NDArray[Any]], prefix: str, source: str) -> MeasureColumns:
        """Check the columns of a measure.

        Raises:
            BadTable: A value is out of range.
        """
        empty = np.full(len(columns["edition"]), None, dtype=object)
        names = [f"{prefix}{name}" for name in ("probability", "label", "inclusion_probability")]
        probability, label, chance = (
            _numbers(columns.get(name, empty), name, source) for name in names
        )
        inside = ((probability >= 0) & (probability <= 1)) | np.isnan(probability)
        _check(probability, inside, names[0], "is not between 0 and 1", source)
        _check(label, np.isin(label, (0, 1)) | np.isnan(label), names[1], "is not 0 or 1", source)
        inside = ((chance >= LEAST_DRAWN) & (chance <= 1)) | np.isnan(chance)
        _check(chance, inside, names[2], "is not above 0 and at most 1", source)
        status = _statuses(columns.get(f"{prefix}status"), label, chance, source)
        coders = _coders(columns, prefix, source)
        return cls(prefix, probability, label, chance, status, coders)


RATES = ("sensitivity", "specificity")
"""The columns that say how often labels are right: the same cell in each row, as 46/50 or 0.92."""

SEPARATOR = " + "
"""What stands between the samples of a cell."""

TRUE = ("true", "1", "yes")
"""Cells that say yes."""

NO_FRAME = (
    "edition", "date", "photo", "area_share", "probability", "label", "sample", "counted", *RATES,
)  # fmt: skip
"""Ends of columns that say nothing of the pages or zones that a sample was drawn from."""

UNSTATED = Message("no column says how often they are")
"""Why labels of a table count as right."""

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
    undrawn = np.array([status is PhotoStatus.NOT_DRAWN for status in found])
    without = np.flatnonzero(undrawn & np.isnan(inclusion))
    if 0 < len(without) < undrawn.sum():
        raise BadTable(
            f"{source}, row {without[0] + 1}: status is {PhotoStatus.NOT_DRAWN}, and there is no"
            " inclusion_probability, which other photos have that were not drawn: give it to each"
            " or to none of them, or say outside"
        )
    return found


def _coders(columns: Mapping[str, NDArray[Any]], prefix: str, source: str) -> CoderAccuracy:
    """Return how often labels are right, as the columns of a measure say."""
    try:
        sensitivity, specificity = (_one_text(columns.get(f"{prefix}{name}", [])) for name in RATES)
        stated = CoderAccuracy.of_cells(sensitivity, specificity)
    except ValueError as error:
        raise BadTable(f"{source}, {' or '.join(RATES)}: {error}") from error
    return stated or CoderAccuracy.without_error(UNSTATED)


def _one_text(column: Iterable[Any]) -> str:
    """Return the text of the rate in all cells that are not empty; nothing without any.

    Raises:
        ValueError: There are several rates, or a cell is none.
    """
    cells = sorted({as_text(cell) for cell in column} - {*EMPTY})
    texts = {Rate.parse(text): text for text in cells}
    if len(texts) > 1:
        first, *_, last = texts.values()
        raise ValueError(f"{first} in one row, and {last} in another")
    return next(iter(texts.values()), "")


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


def _truths(values: NDArray[Any]) -> Mask:
    return np.array([as_text(value).lower() in TRUE for value in values])


def _edition_order(key: str) -> tuple[tuple[int, float, str], str]:
    paper, edition = key.split(APART)
    return natural(edition), paper


def natural(text: str) -> tuple[int, float, str]:
    """Return what orders numbers by their size, before words."""
    try:
        return 0, float(text), text
    except ValueError:
        return 1, 0.0, text


def _codes(values: NDArray[Any]) -> NDArray[np.int64]:
    return np.unique([as_text(value) for value in values], return_inverse=True)[1]


def _periods(key: str, day: date | None) -> tuple[str, ...]:
    publication = key.split(APART)[0]
    return (publication, *((f"{day:%Y}", f"{day:%Y-%m}") if day else ()))


CELLS = {
    "inclusion_probability": "the chance with which it was drawn, as 0.05, or nothing",
    "probability": "a number from 0 to 1, as 0.93",
    "label": "1 if people see it, 0 if they do not, or nothing",
    "area_share": "the share of the page that it takes, as 0.12",
}
"""What is to be written into the cells of a column, by the end of its name."""


def _wanted(name: str) -> str:
    """Return what is to be written into a column."""
    return f"write {next(text for end, text in CELLS.items() if name.endswith(end))}"


def _numbers(values: NDArray[Any], name: str, source: str) -> Numbers:
    numbers = np.full(len(values), np.nan)
    for i, value in enumerate(values):
        if is_empty(value) or (isinstance(value, str) and value.strip() in EMPTY):
            continue
        try:
            numbers[i] = float(value)
        except (TypeError, ValueError) as error:
            raise BadTable(
                f"{source}, row {i + 1}: {name} {value!r} is no number: {_wanted(name)}"
            ) from error
    return numbers


def _check_filled(values: Numbers, name: str, source: str) -> None:
    if np.isnan(values).any():
        row = int(np.flatnonzero(np.isnan(values))[0]) + 1
        raise BadTable(f"{source}, row {row}: {name} is empty: {_wanted(name)}")


def _check(values: Numbers, right: NDArray[np.bool_], name: str, why: str, source: str) -> None:
    if not right.all():
        i = int(np.flatnonzero(~right)[0])
        raise BadTable(f"{source}, row {i + 1}: {name} {values[i]:g} {why}: {_wanted(name)}")


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
