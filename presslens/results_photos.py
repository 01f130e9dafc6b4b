"""Results of ``import presslens`` about photos: the models of the API."""

# Written by `python -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt

from presslens.answers import ApiResult, Record
from presslens.results_analysis import (
    Caption,
    Detection,
    FigureDocument,
    FocusDocument,
    Place,
    Quadrant,
    SubjectReading,
)
from presslens.results_compositions import Focus


class Photo(Record):
    """A photo in a list, with the page and the edition that print it."""

    id: int
    """Its address, see ``PhotoRow.frame_id``."""
    publication: str
    """Name of the newspaper."""
    date: dt.date
    """Day of the edition."""
    edition: int
    page: int
    page_number: int
    """Number of the page, from 1."""
    box: tuple[float, float, float, float]
    """In pixels of the page."""
    score: float
    """The detector's confidence, 0–1."""
    area_share: float
    """Share of the page's area, 0–1."""
    above_fold: bool
    """Whether its middle lies in the upper half of the page."""
    quadrant: Quadrant
    """The quarter of the page that its middle lies in."""
    lead: bool
    """Whether it is the largest photo of its page."""
    by_hand: bool
    """Whether a person has drawn it."""
    subjects: dict[str, SubjectReading]
    """The subjects, by name."""
    labels: dict[str, float]
    """The probability of each label beyond the subjects, 0–1, by name."""
    figures: list[FigureDocument]
    """The enrolled figures."""
    focus: FocusDocument | None
    """What it is composed around."""
    label_set: str | None
    """Version of the set of the researcher's own labels, 64 hex digits."""
    settled: dict[str, bool]
    """What people have settled, by measure: it counts before what the machine says."""
    decided: dict[str, bool]
    """Whether it is taken to show each subject and label, as settled or else as calibrated."""
    focus_decided: Focus | None
    """What it is composed around, as people have settled or else as the machine decides."""
    caption: Caption | None
    """Its printed caption; None if none was read."""


class PhotoListing(Record):
    """One page of a list of photos."""

    recipe: str
    """The recipe that the photos were interpreted under."""
    label_set: str
    """Version of the labels that photos are read for now."""
    photos: list[Photo]
    """The photos, in the list's order."""
    next: str | None
    """The cursor of the next page of the list; None after the last."""


class MeasureConsensus(Record):
    """What people have settled about a measure, and whether the photo was drawn for it."""

    shows: bool
    drawn: bool


class Consensus(Record):
    """What people have settled of a photo."""

    settled: dict[str, MeasureConsensus]
    """The consensus of the coders by measure."""
    disagreements: list[str]
    """The measures that coders disagree on."""
    coders: list[str]
    """The coders who have reviewed the photo; adjudicators aside."""


class ReviewedPhoto(ApiResult):
    """A photo, the pages that print it, and what people have settled about it."""

    id: int
    recipe: str
    box: tuple[float, float, float, float] | None = None
    """The upright box around it, in page pixels."""
    score: float | None = None
    """The finder's confidence, 0–1."""
    area_share: float | None = None
    """Share of the page's area, 0–1."""
    place: Place | None = None
    """Where it lies on its page."""
    subjects: dict[str, SubjectReading] | None = None
    """The subjects, by name."""
    labels: dict[str, float] | None = None
    """The probability of each label beyond the subjects, 0–1, by name."""
    figures: list[FigureDocument] | None = None
    """The enrolled figures."""
    focus: FocusDocument | None = None
    """What it is composed around."""
    detections: list[Detection] | None = None
    """Persons and other boxes, best first."""
    faces: int | None = None
    """How many faces were detected."""
    caption: Caption | None = None
    """Its caption; the text is null until it is read."""
    by_hand: bool
    label_set: str | None
    """Version of the set of the researcher's own labels, 64 hex digits."""
    pages: list[dict[str, int]]
    """The id, number and edition of each page that prints it."""
    page_width: int | None
    """Width of its first page, in pixels."""
    page_height: int | None
    """Height of its first page, in pixels."""
    reprint_of: int | None
    """The earliest photo that it is a reprint of."""
    reviews: Consensus
