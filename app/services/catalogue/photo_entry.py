"""A photo in a list: its document, and its row of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar

from presslens.models.geometry import Box
from presslens.models.recipe import Recipe
from presslens.models.subjects.codebook import CODEBOOK
from presslens.models.vocabulary import Focus, PhotoInterpretation, Subject
from presslens.pipelines.document import PhotoContents, ServedCaption
from presslens.pipelines.result import Served
from presslens.pipelines.statistics.decision import Decisions, by_calibration
from presslens.pipelines.statistics.layout import Quadrant
from presslens.pipelines.statistics.measure import FIGURE, LABEL

APPEARANCE = ("area_share", "face_share", "centrality", "size_rank", "people_beside", "row",
    "shot_size", "facing")  # fmt: skip
SIGHTING = ("probability", "answer", "told_by")
COUNTED = tuple(subject for subject, entry in CODEBOOK.items() if entry.counted)
COLUMNS = (
    "id", "publication", "date", "edition", "page", "page_number", "x0", "y0", "x1", "y1",
    "score", "area_share", "above_fold", "quadrant", "lead", "by_hand",
    *(s.value for s in Subject), *(f"{s.value}_count" for s in COUNTED),
    "figures", *(f"figures_{name}" for name in (*SIGHTING, *APPEARANCE)),
    "focus", "focus_leader", "focus_facility", "labels",
    *(f"{s.value}_settled" for s in Subject), *(f"{s.value}_decided" for s in Subject),
    "focus_decided", "caption", "recipe", "label_set",
)  # fmt: skip
"""The columns of a list of photos as a table."""


@dataclass(frozen=True, slots=True, eq=False)
class PhotoEntry(Served):
    """A photo in a list, with the page and the edition that print it."""

    SERVED: ClassVar[str] = """
        id publication date=edition_date edition=edition_id page=page_id page_number box score:4
        area_share:5 above_fold quadrant lead by_hand *contents label_set=meaning.label_set
        settled decided focus_decided caption
    """

    id: int  # its address, see ``PhotoRow.frame_id``
    row_id: int  # the id of this observation of it
    box: Box  # in pixels of the page
    score: float  # the detector's confidence, 0–1
    area_share: float  # share of the page's area, 0–1
    above_fold: bool  # whether its middle lies in the upper half of the page
    quadrant: Quadrant  # the quarter of the page that its middle lies in
    lead: bool  # whether it is the largest photo of its page
    page_id: int
    page_number: int  # number of the page, from 1
    edition_id: int
    publication: str  # name of the newspaper
    edition_date: date  # day of the edition
    # Its interpretation under ``recipe``; None of a drawn one that is not read yet.
    meaning: PhotoInterpretation | None
    caption: ServedCaption | None  # its printed caption; None if none was read
    recipe: Recipe  # the recipe that it was observed and interpreted under
    # From where on photos of its newspaper are decided to show subjects and labels.
    decisions: Decisions
    # What people have settled, by measure: it counts before what the machine says.
    settled: Mapping[str, bool] = field(default_factory=dict)
    by_hand: bool = False  # whether a person has drawn it

    @property
    def contents(self) -> PhotoContents:
        """What it shows by the machine."""
        return PhotoContents(self.meaning, self.lead, self.recipe.interpret.context)

    @property
    def decided(self) -> dict[str, bool]:
        """Whether it is taken to show each subject and label, as settled or else as calibrated."""
        contents = self.contents
        read: dict[str, float] = {
            **{name: one.probability for name, one in contents.subjects.items()},
            **{f"{LABEL}{name}": p for name, p in contents.labels.items()},
        }
        machine = {name: self.decisions.shows(name, p) for name, p in read.items()}
        return machine | {name: one for name, one in self.settled.items() if by_calibration(name)}

    @property
    def focus_decided(self) -> Focus | None:
        """What it is composed around, as people have settled or else as the machine decides."""
        verdict = self.meaning.focus.verdict if self.meaning else None
        return self.decisions.focus(self.settled, verdict)

    def row(self) -> dict[str, Any]:
        """Return the photo as a flat row of ``COLUMNS``; None in each that is not known."""
        document = self.to_json()
        subjects, focus = document["subjects"], document["focus"]
        settled, decided = self.settled, document["decided"]
        figures = [
            one for one in document["figures"] if settled.get(f"{FIGURE}{one['name']}") is not False
        ]
        labels = (name for name, shown in decided.items() if shown and name.startswith(LABEL))
        row = {
            **dict.fromkeys(COLUMNS),
            **{name: value for name, value in document.items() if name in COLUMNS},
            **dict(zip(("x0", "y0", "x1", "y1"), document["box"], strict=True)),
            "figures": None,
            "labels": _joined(name.removeprefix(LABEL) for name in labels) or None,
            **{f"{one.value}_settled": settled.get(one.value) for one in Subject},
            **{f"{one.value}_decided": decided.get(one.value) for one in Subject},
            "caption": self.caption.text if self.caption else None,
            "recipe": self.recipe.id,
        }
        if self.meaning is None:
            return row
        return {
            **row,
            **{name: subject["probability"] for name, subject in subjects.items()},
            **{f"{name}_count": subject.get("count") for name, subject in subjects.items()},
            "figures": _joined(figure["name"] for figure in figures),
            **_figure_cells(figures),
            "labels": row["labels"] or "",
            "focus": None if self.decisions.undecided.get(focus["verdict"]) else focus["verdict"],
            "focus_leader": focus and focus["leader"],
            "focus_facility": focus and focus["facility"],
        }


def _figure_cells(figures: Sequence[dict[str, Any]]) -> dict[str, str]:
    """Return a cell for each property of the figures, in their order; "" for an unknown value."""
    appearances = [figure["appearance"] or {} for figure in figures]
    return {
        **{f"figures_{name}": _joined(figure[name] for figure in figures) for name in SIGHTING},
        **{f"figures_{name}": _joined(a.get(name) for a in appearances) for name in APPEARANCE},
    }


def _joined(values: Iterable[Any]) -> str:
    return "; ".join("" if value is None else str(value) for value in values)
