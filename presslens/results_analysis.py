"""Results of ``import presslens`` about analysis: the models of the API."""

# Written by `python -P -m presslens.lab.python_models`, from the description of the API.
from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from presslens.answers import ApiResult, Record
from presslens.results_compositions import AnalysedComposition, Focus, Role, ShotSize


class EditionGiven(Record):
    """What is said of an edition."""

    publication: str | None
    date: str | None
    """YYYY-MM-DD."""
    pages: int
    """Number of pages that were given."""
    as_photos: bool | None = None
    """Each image was itself one photo."""


class LeaderReference(Record):
    """A reference photo of a leader."""

    name: str
    weight: float | None
    """How much it counts, 0–1; 0: it is not used."""
    note: str | None
    """What is doubtful about it, or why it is not used."""


class EnrolledLeader(Record):
    """A leader, and the reference photos."""

    name: str
    role: Role
    references: list[LeaderReference]


PageType = Literal["blank", "text", "mixed", "photo page", "full-page photo"]
"""The kinds of pages, by the share of photos on them."""


class PageTraits(Record):
    """Measurements of a page as a whole."""

    skew: float
    """How far it is turned clockwise, in degrees."""
    dpi: int
    """Its resolution, dots per inch, estimated from the usual height of the printed page."""
    colour: bool
    """It is in colour, not in greys."""
    halftone: bool | None
    """Its photos are printed in visible dots; None without a photo of some size."""
    bitonal: bool | None
    """Its photos are in black and white alone, without greys; None as above."""
    photographed: bool | None
    """It is a sheet that lies in the picture, with something around it: all shares here are of
    the picture. None: it was observed before this was noticed.
    """
    brightness: float
    """Mean lightness, 0 (black) to 1 (white)."""
    ink_share: float
    """Share of the page that is printed, 0–1."""
    text_share: float
    """Share of the page that is printed outside of photos, 0–1."""
    column_width: float | None
    """Distance of one text column from the next in pixels; None without columns."""


Quadrant = Literal["top left", "top right", "bottom left", "bottom right"]
"""The quarter of the page that holds the middle of a photo."""


class Place(Record):
    """The place of a photo on its page."""

    above_fold: bool
    """Its middle lies in the upper half of the page."""
    quadrant: Quadrant
    """The quarter that its middle lies in."""
    lead: bool
    """It is the largest photo of the page, the first of equals."""
    width_share: float
    """Its width as a share of the page's, 0–1."""
    columns: float | None
    """Its width in text columns, to a tenth; None where the page shows no columns."""


class SubjectReading(Record):
    """The probability and count of a subject in a photo."""

    probability: float
    """Calibrated, 0–1."""
    count: int | None = None
    """How many, for people, crowd and children; None for the others."""
    count_interval: tuple[int, int] | None = None
    """Between what numbers the true count is nine times out of ten."""
    where: list[tuple[float, float, float, float]] | None = None
    """Boxes around it in page pixels, where the photo is taken to show it."""


Answer = Literal["yes", "unsure"]
"""Whether a figure is in a photo; a figure that is not has no sighting."""

SightingEvidence = Literal["face", "context"]
"""The evidence of a sighting: the face, or the place of a face too poor to decide."""

DepthRow = Literal["front", "middle", "back"]
"""The third of the people that a person stands in, from the nearest to the farthest."""

Facing = Literal["camera", "left", "right"]
"""Where a face is turned: to the camera, or to a side of the picture."""


class Appearance(Record):
    """The place of a figure in a photo, and how it is shown; None where it can't be measured."""

    body: tuple[float, float, float, float]
    """The visible part of the body, head included, in page pixels."""
    body_found: bool
    """Whether the body was detected; otherwise head and shoulders are put by the face."""
    area_share: float
    """The body's share of the photo's area, 0–1."""
    face_share: float | None
    """Height of the head over that of the visible body, 0–1."""
    centrality: float
    """1 with the body in the middle of the photo, 0 at its edge."""
    size_rank: int
    """1 if nobody in the photo is larger, 2 if one is, and so on."""
    people_beside: int
    """How many others the photo shows."""
    row: DepthRow | None
    """The third that the figure stands in, with enough people and depth."""
    shot_size: ShotSize | None
    """How much of the figure the picture is framed to show."""
    facing: Facing | None
    """Where the face is turned."""


class FigureDocument(Record):
    """An enrolled figure in a photo."""

    name: str
    probability: float | None
    """That it is the figure, calibrated, 0–1; None of one that people alone have seen."""
    box: tuple[float, float, float, float]
    """The face, in pixels of the page, at the place that people give, if they give one."""
    answer: Answer
    """Whether that is sure."""
    told_by: SightingEvidence | Literal["people"]
    """The evidence that decides."""
    reasons: list[tuple[str, float]]
    """(part of the evidence, contribution in log odds) pairs, strongest first."""
    reasons_text: list[str]
    """The reasons in words."""
    appearance: Appearance | None
    """Where and how the figure is shown; None without that measurement."""
    lead: bool | None
    """Whether the photo is the lead of its page."""
    box_by_machine: tuple[float, float, float, float] | None = None
    """Where the machine has found the face, where people give another place."""


class FocusDocument(Record):
    """What a photo is composed around."""

    verdict: Focus
    """The answer."""
    leader: float
    """Score that the leader is the focus, 0–1."""
    facility: float
    """Score that the facility is the focus, 0–1."""
    reasons: list[tuple[str, float]]
    """(feature, contribution) pairs for and against ``leaning``, strongest first."""
    reasons_text: list[str]
    """The reasons in words."""


class Detection(Record):
    """A detector's box in a photo."""

    label: str
    """The class, "person" or "building"."""
    box: tuple[float, float, float, float]
    """Where, in page pixels."""
    score: float
    """The detector's own confidence, 0–1."""


CaptionPlace = Literal["below", "above", "beside", "inside"]
"""Where a photo's caption stands; above only if it is nearer than to the photo over it."""

TextSource = Literal["tesseract", "alto", "page", "hocr", "iiif"]
"""Who has read a printed text: Tesseract here, or a library, as its format has it."""

NotRead = Literal["no language", "no reader", "unsure", "failed"]
"""Why a printed text is not read."""


class PrintedText(Record):
    """A printed text of a page."""

    text: str | None
    """What it says, "" when nothing could be made out; None as long as it is not read."""
    box: tuple[float, float, float, float]
    """The text, in page pixels."""
    source: TextSource | None
    """Who has read it; None where that is not known."""
    confidence: float | None
    """How sure its reader is of it, 0–1; None where that is not said."""
    not_read: NotRead | None
    """Why it is not read; None for a text, or where nobody tried."""


class Caption(PrintedText):
    """The caption of a photo."""

    place: CaptionPlace
    """Where it stands."""


class PhotoReadings(Record):
    """The readings of a photo."""

    area_share: float
    """Share of the page's area, 0–1."""
    subjects: dict[str, SubjectReading]
    """The subjects, by name."""
    labels: dict[str, float]
    """The probability of each label beyond the subjects, 0–1, by name."""
    figures: list[FigureDocument]
    """The enrolled figures."""
    focus: FocusDocument | None
    """What it is composed around."""


class PhotoDocument(PhotoReadings):
    """A photo of a page; boxes are in pixels of the page."""

    box: tuple[float, float, float, float]
    """The upright box around it, in page pixels."""
    score: float
    """The finder's confidence, 0–1."""
    place: Place
    """Where it lies on its page."""
    detections: list[Detection]
    """Persons and other boxes, best first."""
    faces: int
    """How many faces were detected."""
    caption: Caption | None
    """Its caption; the text is null until it is read."""


class Headline(PrintedText):
    """The headline above a group of photos."""

    photos: list[int]
    """Indices of the page's photos that stand under it."""


class Folio(Record):
    """What a page says of itself at its head and foot; read, and never corrected."""

    text: str | None
    """All that was read there, its rows parted by "|", "" when nothing could be made out; None
    as long as it is not read.
    """
    day: dt.date | None
    """The day that is printed; None where none was made out."""
    day_confidence: float | None
    """How sure its reader is of it, 0–1; None without a day."""
    number: int | None
    """The page number that is printed; None where none was made out."""
    number_confidence: float | None
    """How sure its reader is of it, 0–1; None without a number."""
    name: str | None
    """The words where newspapers have their name; None where none were made out."""
    name_confidence: float | None
    """How sure its reader is of them, 0–1; None without words."""


class PageDocument(Record):
    """A page; boxes are in pixels of the page."""

    number: int
    """Its number, from 1."""
    source: str
    """Name of the file that the page came from."""
    width: int | None
    """Width in pixels."""
    height: int | None
    """Height in pixels."""
    outcome: str
    """Done, empty, rejected or failed; queued until it is analysed."""
    reason: str | None = None
    """Why it was rejected or failed."""
    type: PageType | None = None
    """The kind of page."""
    traits: PageTraits | None = None
    """Its measured properties; None for an image that is itself a photo."""
    warnings: list[str] | None = None
    """The reasons to doubt its numbers, as sentences."""
    photos: list[PhotoDocument]
    """Its photos that are interpreted, in reading order."""
    headlines: list[Headline]
    """The headlines above its photos."""
    folio: Folio | None
    """What it says of itself; None for a page that was not observed."""


class RankedPlace(Record):
    """The place of a photo, and its rank from most leader-centred, from 1."""

    rank: int
    page_number: int
    """Number of its page, from 1."""
    photo: int
    """Its index in the reading order of the page, from 0."""
    position: float
    """Facility's score less the leader's: -1 wholly the leader, 1 wholly the facility."""
    strength: float
    """Sum of both scores, 0–1, never less than the distance of the position from 0. In the
    middle of the ruler it tells a photo that is about neither (near 0) from one that is
    about both alike (near 1).
    """
    leader: float
    """Score that the leader is the focus, 0–1."""
    facility: float
    """Score that the facility is the focus, 0–1."""
    verdict: Focus | None
    """By people or else the machine; None: that decides nothing there."""
    unsure: bool
    """Whether the best score leads by less than the recipe's margin."""
    front_lead: bool
    """It is the lead photo of the front page, its largest."""


class Ruler(Record):
    """The photos of an edition from most leader-centred to most facility-centred."""

    pages: int
    """All pages of the edition."""
    pages_seen: int
    """Pages that were analysed."""
    leaders: list[str]
    """Names of the enrolled leaders; without one no photo can lie on the leader's side."""
    n: int
    """Number of its photos."""
    places: list[RankedPlace]
    """The photos in order, each with its rank."""


class AnalysedEdition(ApiResult):
    """An edition, analysed without an archive: its pages, their photos, and their statistics."""

    schema_: int = Field(alias="schema")
    """The version of the JSON contract."""
    recipe: str
    """Id of the recipe."""
    label_set: str
    """Version of the labels that photos are read for."""
    edition: EditionGiven
    figures: list[EnrolledLeader] | None = None
    pages: list[PageDocument]
    """In the order given."""
    composition: AnalysedComposition
    ruler: Ruler
