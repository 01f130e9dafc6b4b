"""Results of ``import presslens`` about photos: the models of the API."""

# Written by `python -P -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt

from presslens.answers import PhotoResult, Record
from presslens.results_analysis import (
    Caption,
    Detection,
    FigureDocument,
    FocusDocument,
    PhotoReadings,
    Place,
    Quadrant,
    SubjectReading,
)
from presslens.results_compositions import Focus, Role


class Photo(PhotoReadings):
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


class ReviewedPhoto(PhotoResult):
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


class StatedRole(Record):
    """The role of a figure in a newspaper."""

    publication: str
    role: Role


class Origin(Record):
    """The page of a confirmed face: a frame of a scan, and the face's box in shares of the
    page.
    """

    scan: str
    frame: int
    box: tuple[float, float, float, float]


class ServedReference(Record):
    """A reference with the address of its face; None for one not shown."""

    id: int
    name: str
    """The name of its file, or of the page that its face stands on."""
    status: str
    """Done, rejected or failed; queued until it is analysed."""
    reason: str | None
    """Why it is not used; None if it is."""
    doubt: str | None
    """What is doubtful about a reference that is used."""
    quality: float | None
    """Weight in the matching, 0–1; None, as the next ones, where it is not measured."""
    size: float | None
    """Side of a square as large as the face, in pixels."""
    sharpness: float | None
    """Share of the face's contrast that is fine detail, 0–1."""
    facing: float | None
    """1 for a face that looks straight out of the photo, 0 for one turned aside fully."""
    agreement: float | None
    """Share of the figure's other references that are near it, 0–1."""
    origin: Origin | None
    """The page that it was confirmed on; None for a photo that was given."""
    child: float | None
    """How likely the face is a child's by its look, 0–1."""
    vouched_by: str | None
    """Who has said that it is an adult's; None: nobody."""
    can_vouch: bool
    """Whether vouching for the age would help: it was refused for it, and is a photo."""
    resembles: str | None
    """The other figure that its face is like; None: there is none."""
    pictured: bool
    """Whether its face may be shown."""
    image: str | None


class ServedFigure(Record):
    """A figure with its references."""

    id: int
    name: str
    role: Role
    """The first of its roles, in the order of roles; other without any."""
    roles: list[StatedRole]
    """Its role in each newspaper in which it has one."""
    references: list[ServedReference]
    warnings: list[str]
    """What is doubtful: too few portraits, or like those of another figure."""


class FigureList(Record):
    """The enrolled figures."""

    figures: list[ServedFigure]
