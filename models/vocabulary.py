"""The types that all rooms share: observations of pages and photos, and interpretations.

Observations come from pixels and are raw: scores, no thresholds. Interpretations come from
observations, enrolled figures and the recipe, and can be made again at will.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from presslens.models.geometry import Box

Image: TypeAlias = NDArray[np.uint8]
"""RGB pixels, shape (height, width, 3)."""

Vector: TypeAlias = NDArray[np.float32]
"""One feature vector or face embedding, shape (n,)."""


Maps: TypeAlias = NDArray[np.float32]
"""Where in a photo something seems to be: log odds, shape (things, rows, columns)."""


Attention: TypeAlias = NDArray[np.float32]
"""Where in a photo the eye is drawn, and where it is sharp: shares, shape (2, rows, columns)."""


class Subject(StrEnum):
    """A subject of the codebook."""

    PEOPLE = "people"
    CROWD = "crowd"
    CHILDREN = "children"
    FIREWORKS = "fireworks"
    BUILDINGS = "buildings"


class Focus(StrEnum):
    """The focus of a photo: the thing that it is composed around, by the machine or by a coder."""

    LEADER = "leader"
    FACILITY = "facility"
    NEITHER = "neither"
    UNSURE = "unsure"


class Answer(StrEnum):
    """Whether a figure is in a photo; a figure that is not has no sighting."""

    YES = "yes"
    UNSURE = "unsure"


class ToldBy(StrEnum):
    """The evidence of a sighting: the face, or the place of a face too poor to decide."""

    FACE = "face"
    CONTEXT = "context"


Corners: TypeAlias = tuple[
    tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]
]
"""Four corners (x, y) in pixels: a photo's, from its upper left one on."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A photo's box on its page.

    Attributes:
        box: The upright box around it, in page pixels.
        score: The finder's confidence, 0–1.
        corners: Its own corners where it lies askew on the page, as it is known while the page is
            looked at; None: those of its box. They are not stored.
    """

    box: Box
    score: float
    corners: Corners | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PageFrames:
    """The photos of a page in reading order.

    Attributes:
        frames: The photos.
        skew: How far the page is turned clockwise, in degrees.
        photographed: The page is a sheet that lies in the picture, with something around it.
    """

    frames: tuple[Frame, ...]
    skew: float = 0.0
    photographed: bool = False


@dataclass(frozen=True, slots=True)
class Detection:
    """A detector's box in a photo.

    Attributes:
        label: The class, "person" or "building".
        box: Where, in page pixels.
        score: The detector's own confidence, 0–1.
        child: Probability that a person looks under about 13, 0–1; None where not estimated.
    """

    label: str
    box: Box
    score: float
    child: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """The object network's output for a photo.

    Attributes:
        scores: The best score of each class anywhere in the photo, as log odds, shape (110,).
        aged: Anchors at a person: (x0, y0, x1, y1, score as a child, score as an adult) in photo
            pixels, shape (n, 6).
        buildings: Boxes of exterior architecture, best first.
        people: Boxes of persons of any age, best first: (x0, y0, x1, y1, score), shape (n, 5).
    """

    scores: Vector
    aged: NDArray[np.float32]
    buildings: tuple[Detection, ...]
    people: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 5), np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A detected face.

    Attributes:
        box: Where, in page pixels.
        score: The detector's own confidence, 0–1.
        landmarks: Eyes, nose and mouth corners as (x, y) in page pixels: five points, those on
            the left of the picture first.
        child: Probability that the face is a child's, 0–1.
        embedding: What identity is matched by, shape (640,); None for a face that is judged a
            child's or is too small to be embedded.
        sharpness: Share of its contrast that is fine detail, 0–1, as ``models.faces.sharpness``
            has it; None for a face that was not embedded.
    """

    box: Box
    score: float
    landmarks: tuple[tuple[float, float], ...]
    child: float
    embedding: Vector | None
    sharpness: float | None = None


class CaptionPlace(StrEnum):
    """Where a photo's caption stands; above only if it is nearer than to the photo over it."""

    BELOW = "below"
    ABOVE = "above"
    BESIDE = "beside"
    INSIDE = "inside"


class TextSource(StrEnum):
    """Who has read a printed text: Tesseract here, or a library, as ALTO or PAGE-XML has it."""

    TESSERACT = "tesseract"
    ALTO = "alto"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Caption:
    """The caption of a photo.

    Attributes:
        box: The text, in page pixels.
        place: Where it stands.
        text: What it says, "" when nothing could be made out; None as long as it is not read.
        source: Who has read it; None where that is not known.
        confidence: How sure its reader is of it, 0–1; None where that is not said.
    """

    box: Box
    place: CaptionPlace
    text: str | None = None
    source: TextSource | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Headline:
    """The headline above a group of photos.

    Attributes:
        box: The text, in page pixels.
        photos: Indices of the page's photos that stand under it.
        text: What it says, "" when nothing could be made out; None as long as it is not read.
    """

    box: Box
    photos: tuple[int, ...]
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Folio:
    """What a page says of itself at its head and foot; read, and never corrected.

    Attributes:
        text: All that was read there, its rows parted by "|", "" when nothing could be made out;
            None as long as it is not read.
        day: The day that is printed; None where none was made out.
        day_confidence: How sure its reader is of it, 0–1; None without a day.
        number: The page number that is printed; None where none was made out.
        number_confidence: How sure its reader is of it, 0–1; None without a number.
        name: The words where newspapers have their name; None where none were made out.
        name_confidence: How sure its reader is of them, 0–1; None without words.
    """

    text: str | None = None
    day: date | None = None
    day_confidence: float | None = None
    number: int | None = None
    number_confidence: float | None = None
    name: str | None = None
    name_confidence: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class PhotoObservation:
    """The observation of one photo.

    Attributes:
        frame: The photo's box on the page, and how sure the finder is.
        detections: Persons and other boxes, best first.
        faces: Faces, largest first.
        features: Image features of the whole photo, shape (1280,).
        objects: The best score of each class of object, as log odds, shape (110,); empty for a
            photo without that measurement.
        maps: Where in the photo fireworks, buildings and crowds seem to be, as log odds in a
            grid, shape (3, rows, columns); empty like ``objects``.
        attention: Where the eye is drawn and where it is sharp, as shares of the photo in a grid,
            shape (2, rows, columns); empty for a photo without that measurement.
        caption: Its caption; None without one.
        fingerprint: What prints of its picture are told by, as ``models.reprints.stored`` has it;
            empty for a photo without that measurement, and where it is not read from the rows.
    """

    frame: Frame
    detections: tuple[Detection, ...]
    faces: tuple[Face, ...]
    features: Vector
    objects: Vector = field(default_factory=lambda: np.zeros(0, np.float32))
    maps: Maps = field(default_factory=lambda: np.zeros((3, 0, 0), np.float32))
    attention: Attention = field(default_factory=lambda: np.zeros((2, 0, 0), np.float32))
    caption: Caption | None = None
    fingerprint: bytes = b""


@dataclass(frozen=True, slots=True)
class PageTraits:
    """Measurements of a page as a whole.

    Attributes:
        skew: How far it is turned clockwise, in degrees.
        dpi: Its resolution, dots per inch, estimated from the usual height of the printed page.
        colour: It is in colour, not in greys.
        halftone: Its photos are printed in visible dots; None without a photo of some size.
        bitonal: Its photos are in black and white alone, without greys; None as above.
        photographed: It is a sheet that lies in the picture, with something around it: all shares
            here are of the picture. None: it was observed before this was noticed.
        brightness: Mean lightness, 0 (black) to 1 (white).
        ink_share: Share of the page that is printed, 0–1.
        text_share: Share of the page that is printed outside of photos, 0–1.
        column_width: Distance of one text column from the next in pixels; None without columns.
    """

    skew: float
    dpi: int
    colour: bool
    halftone: bool | None
    bitonal: bool | None
    photographed: bool | None
    brightness: float
    ink_share: float
    text_share: float
    column_width: float | None


@dataclass(frozen=True, slots=True, eq=False)
class PageObservation:
    """The observation of one page; ``photos`` in reading order.

    ``traits`` and ``folio`` are None for an image that is itself a photo.
    """

    width: int
    height: int
    photos: tuple[PhotoObservation, ...]
    traits: PageTraits | None = None
    headlines: tuple[Headline, ...] = ()
    folio: Folio | None = None


@dataclass(frozen=True, slots=True)
class SubjectReading:
    """The probability and count of a subject in a photo.

    Attributes:
        subject: Which one.
        probability: Calibrated, 0–1.
        count: How many, for people, crowd and children; None for the others.
        interval: Between what numbers the true count is nine times out of ten.
        where: Boxes around it in page pixels, where the photo is taken to show it.
    """

    subject: Subject
    probability: float
    count: int | None = None
    interval: tuple[int, int] | None = None
    where: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelReading:
    """The probability of a label, beyond the subjects, in a photo.

    Attributes:
        name: The label, built-in or a researcher's own.
        probability: Calibrated, 0–1.
    """

    name: str
    probability: float


class DepthRow(StrEnum):
    """The third of the people that a person stands in, from the nearest to the farthest."""

    FRONT = "front"
    MIDDLE = "middle"
    BACK = "back"


class ShotSize(StrEnum):
    """The shot size: how much of a person the picture is framed to show."""

    CLOSE = "close"
    MEDIUM = "medium"
    LONG = "long"


class Facing(StrEnum):
    """Where a face is turned: to the camera, or to a side of the picture."""

    CAMERA = "camera"
    LEFT = "left"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Appearance:
    """The place of a figure in a photo, and how it is shown; None where it can't be measured.

    Attributes:
        body: The visible part of the body, head included, in page pixels.
        body_found: Whether the body was detected; otherwise head and shoulders are put by the face.
        area_share: The body's share of the photo's area, 0–1.
        face_share: Height of the head over that of the visible body, 0–1.
        centrality: 1 with the body in the middle of the photo, 0 at its edge.
        size_rank: 1 if nobody in the photo is larger, 2 if one is, and so on.
        people_beside: How many others the photo shows.
        row: The third that the figure stands in, with enough people and depth.
        shot_size: How much of the figure the picture is framed to show.
        facing: Where the face is turned.
    """

    body: Box
    body_found: bool
    area_share: float
    face_share: float | None
    centrality: float
    size_rank: int
    people_beside: int
    row: DepthRow | None
    shot_size: ShotSize | None
    facing: Facing | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """An enrolled figure in a photo.

    Attributes:
        figure: The figure's name.
        probability: That this face is the figure's, calibrated, 0–1.
        box: The face, in page pixels.
        appearance: Where and how the figure is shown; None without that measurement.
        answer: Whether that is sure.
        told_by: The evidence that decides.
        reasons: (part of the evidence, contribution in log odds) pairs, strongest first.
    """

    figure: str
    probability: float
    box: Box
    appearance: Appearance | None = None
    answer: Answer = Answer.YES
    told_by: ToldBy = ToldBy.FACE
    reasons: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class FocusReading:
    """The focus of a photo: its scores for the leader and the facility.

    Attributes:
        verdict: The answer.
        leader: Score that the leader is the focus, 0–1.
        facility: Score that the facility is the focus, 0–1.
        reasons: (feature, contribution) pairs for and against ``leaning``, strongest first.
        levels: How far above the average training photo the feature of each reason lies, in
            standard deviations; empty where they are not stored.
    """

    verdict: Focus
    leader: float
    facility: float
    reasons: tuple[tuple[str, float], ...]
    levels: tuple[float, ...] = ()

    @property
    def leaning(self) -> Focus:
        """The answer with the highest score, whether it leads by enough or not."""
        if self.verdict is not Focus.UNSURE:
            return self.verdict
        scores = {
            Focus.FACILITY: self.facility,
            Focus.LEADER: self.leader,
            Focus.NEITHER: 1 - self.facility - self.leader,
        }
        return max(scores, key=lambda verdict: scores[verdict])


@dataclass(frozen=True, slots=True)
class PhotoInterpretation:
    """The interpretation of one photo.

    Attributes:
        subjects: Each of ``Subject``, in that order.
        sightings: The enrolled figures that it shows.
        focus: What it is composed around.
        labels: Labels beyond the subjects, built-in ones first.
        label_set: Version of the set of the researcher's own labels, 64 hex digits.
        doubts: (figure, probability 0–1) of enrolled figures without a sighting; they count
            in shares and are shown nowhere else.
    """

    subjects: tuple[SubjectReading, ...]
    sightings: tuple[Sighting, ...]
    focus: FocusReading
    labels: tuple[LabelReading, ...] = ()
    label_set: str | None = None
    doubts: tuple[tuple[str, float], ...] = ()

    @property
    def presences(self) -> dict[str, float]:
        """The probability that each figure is in the photo, 0–1; figures that are missing: 0."""
        return {**dict(self.doubts), **{s.figure: s.probability for s in self.sightings}}
