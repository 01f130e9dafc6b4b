"""Samples as results: what was drawn from what, and how far coders have come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from presslens.app.db.samples import SampleKind
from presslens.models.geometry import Box
from presslens.pipelines.result import Moment, Rounded, Served
from presslens.pipelines.statistics.measure import Weight, Zone
from presslens.pipelines.statistics.sample_item import ANSWERS, ItemStatus

ITEM_COLUMNS = (
    "sample", "place", "photo", "publication", "date", "edition", "page", "page_number",
    "scan_sha256", "scan_frame", "x0", "y0", "x1", "y1", "stratum", "inclusion_probability",
    "probability", "coder", "second", "second_coder", "measure", "status", "answer",
)  # fmt: skip
"""The columns of the table of a sample's items; a row is an item and a measure."""

WRITTEN = {True: "yes", False: "no", None: ""}
"""How the table writes a settled answer; an item without one has an empty cell."""


@dataclass(frozen=True, slots=True)
class ItemAnswer:
    """What coders made of an item for one measure; ``shows`` is None without a settled answer."""

    status: ItemStatus
    shows: bool | None


@dataclass(frozen=True, slots=True)
class SampleItem:
    """An item of a sample.

    Attributes:
        id: Id of the item.
        place: Its place in the random order, from 0.
        stratum: Its stratum, from 0.
        inclusion: Probability that it was drawn, 0–1; None as long as coders have not come to it.
        probability: The machine's at the time of the draw, 0–1; None for a page.
        scan_id: Id of the scan.
        scan: Hash of the scan's bytes, and which image of that file.
        box: Its box, in shares of the page.
        photo_id: Its photo under today's recipe; None if there is none, or if it is a page.
        printed: Newspaper, date, edition, page and number of the first page that prints it; None
            if none of the editions at hand does.
        coder: The coder that it is assigned to; None: anybody.
        second: A second coder is to code it as well.
        second_coder: The second coder; None: anybody else.
        answers: By measure.
    """

    id: int
    place: int
    stratum: int
    inclusion: float | None
    probability: float | None
    scan_id: int
    scan: tuple[str, int]
    box: Box
    photo_id: int | None
    printed: tuple[str, date, int, int, int] | None
    coder: str | None
    second: bool
    second_coder: str | None
    answers: dict[str, ItemAnswer]

    @property
    def answered(self) -> bool:
        """Whether all measures have a settled answer."""
        return all(answer.status in ANSWERS for answer in self.answers.values())

    def to_json(self) -> dict[str, Any]:
        """Return the item as it is served."""
        publication, day, edition, page, number = self.printed or (None,) * 5
        return {
            "item": self.id,
            "place": self.place,
            "photo": self.photo_id,
            "publication": publication,
            "date": day.isoformat() if day else None,
            "edition": edition,
            "page": page,
            "page_number": number,
            "scan_sha256": self.scan[0],
            "scan_frame": self.scan[1],
            **{name: round(getattr(self.box, name), 6) for name in ("x0", "y0", "x1", "y1")},
            "stratum": self.stratum,
            "inclusion_probability": self.inclusion,
            "probability": None if self.probability is None else round(self.probability, 6),
            "coder": self.coder,
            "second": self.second,
            "second_coder": self.second_coder,
            "answers": {
                measure: {"status": answer.status.value, "shows": answer.shows}
                for measure, answer in self.answers.items()
            },
        }

    def rows(self, sample: str) -> list[dict[str, Any]]:
        """Return a flat row for each measure; see ``ITEM_COLUMNS``."""
        document = {**self.to_json(), "sample": sample}
        return [
            {
                **document,
                "measure": measure,
                "status": answer.status.value,
                "answer": WRITTEN[answer.shows],
            }
            for measure, answer in self.answers.items()
        ]


@dataclass(frozen=True, slots=True)
class StratumState:
    """A stratum of a sample: photos or pages in the frame, drawn, come to, and answered.

    ``answered`` counts those with a settled answer to the first measure.
    """

    stratum: int
    definition: str
    size: int
    drawn: int
    reached: int
    answered: int


@dataclass(frozen=True, slots=True)
class SampleState(Served):
    """A stored sample.

    Attributes:
        id: Id of the sample.
        name: Its name.
        kind: Photos, or pages.
        measures: What coders are asked for.
        zone: The part of each edition.
        weight: The weight of each photo.
        publication: The newspaper that was asked for; None: all.
        first_date: The first day that was asked for.
        last_date: The last day that was asked for.
        seed: Of the order.
        coders: The coders that items are assigned to in turn.
        second_share: Share of the items that is for a second coder, 0–1.
        wished_width: The width that the sample was planned for, 0–1; None: it was not.
        recipe_id: The recipe whose probabilities made the strata.
        codebook: The codebook of that time.
        created_at: When it was drawn.
        editions: Number of editions of the closed frame.
        editions_since: Number of the complete editions asked for that came in after the draw: the
            sample says nothing of them.
        strata: The strata.
        progress: How many items have which status, by measure.
        lost: Items that today's recipe finds no photo for.
        edit_id: The edit that drew it; None: none was logged.
    """

    SERVED: ClassVar[str] = """
        id name kind measures page=zone weight publication
        from=first_date to=last_date seed coders second_share wished_width recipe=recipe_id
        codebook created_at frame editions_since items strata progress=served_progress lost
        edit=edit_id
    """

    id: int
    name: str
    kind: SampleKind
    measures: tuple[str, ...]
    zone: Zone
    weight: Weight
    publication: str | None
    first_date: date | None
    last_date: date | None
    seed: int
    coders: tuple[str, ...]
    second_share: float
    wished_width: Rounded | None
    recipe_id: str
    codebook: str
    created_at: Moment
    editions: int
    editions_since: int
    strata: tuple[StratumState, ...]
    progress: dict[str, dict[ItemStatus, int]]
    lost: int
    edit_id: int | None = None

    @property
    def items(self) -> int:
        """Number of items."""
        return sum(row.drawn for row in self.strata)

    @property
    def size(self) -> int:
        """Number of photos or pages of the frame."""
        return sum(row.size for row in self.strata)

    @property
    def frame(self) -> dict[str, int]:
        """Numbers of editions and items that were drawn from."""
        return {"editions": self.editions, self.kind.value: self.size}

    @property
    def served_progress(self) -> dict[str, dict[str, int]]:
        """Number of items of each status, by measure."""
        return {
            measure: {status.value: counts.get(status, 0) for status in ItemStatus}
            for measure, counts in self.progress.items()
        }
