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
    """An item of a sample."""

    id: int
    place: int  # its place in the random order, from 0
    stratum: int  # its stratum, from 0
    # Probability that it was drawn, 0–1; None as long as coders have not come to it.
    inclusion: float | None
    probability: float | None  # the machine's at the time of the draw, 0–1; None for a page
    scan_id: int
    scan: tuple[str, int]  # hash of the scan's bytes, and which image of that file
    box: Box  # its box, in shares of the page
    # Its photo under today's recipe; None if there is none, or if it is a page.
    photo_id: int | None
    # Newspaper, date, edition, page and number of the first page that prints it; None if none of
    # the editions at hand does.
    printed: tuple[str, date, int, int, int] | None
    coder: str | None  # the coder that it is assigned to; None: anybody
    second: bool  # a second coder is to code it as well
    second_coder: str | None  # the second coder; None: anybody else
    answers: dict[str, ItemAnswer]  # by measure

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
    """A stored sample."""

    SERVED: ClassVar[str] = """
        id name kind measures page=zone weight publication
        from=first_date to=last_date seed coders second_share wished_width recipe=recipe_id
        codebook created_at frame editions_since items strata progress=served_progress lost
        edit=edit_id
    """

    id: int
    name: str
    kind: SampleKind  # photos, or pages
    measures: tuple[str, ...]  # what coders are asked for
    zone: Zone  # the part of each edition
    weight: Weight  # the weight of each photo
    publication: str | None  # the newspaper that was asked for; None: all
    first_date: date | None  # the first day that was asked for
    last_date: date | None  # the last day that was asked for
    seed: int  # of the order
    coders: tuple[str, ...]  # the coders that items are assigned to in turn
    second_share: float  # share of the items that is for a second coder, 0–1
    wished_width: Rounded | None  # the width that the sample was planned for, 0–1; None: it was not
    recipe_id: str  # the recipe whose probabilities made the strata
    codebook: str  # the codebook of that time
    created_at: Moment  # when it was drawn
    editions: int  # number of editions of the closed frame
    # Number of the complete editions asked for that came in after the draw: the sample says nothing
    # of them.
    editions_since: int
    strata: tuple[StratumState, ...]
    progress: dict[str, dict[ItemStatus, int]]  # how many items have which status, by measure
    lost: int  # items that today's recipe finds no photo for
    edit_id: int | None = None  # the edit that drew it; None: none was logged

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
