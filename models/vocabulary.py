"""The types that all rooms share: observations of pages and photos, and interpretations.

Observations come from pixels and are raw: scores, no thresholds. Interpretations come from
observations, enrolled figures and the recipe, and can be made again at will.
"""

from __future__ import annotations

from collections.abc import Sequence
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


class SightingEvidence(StrEnum):
    """The evidence of a sighting: the face, or the place of a face too poor to decide."""

    FACE = "face"
    CONTEXT = "context"


Corners: TypeAlias = tuple[
    tuple[float, float], tuple[float, float], tuple[float, float], tuple[float, float]
]
"""Four corners (x, y) in pixels: a photo's, from its upper left one on."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A photo's box on its page."""

    box: Box  # the upright box around it, in page pixels
    score: float  # the finder's confidence, 0–1
    # Its own corners where it lies askew on the page, as it is known while the page is looked at;
    # None: those of its box. They are not stored.
    corners: Corners | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PageFrames:
    """The photos of a page in reading order."""

    frames: tuple[Frame, ...]  # the photos
    skew: float = 0.0  # how far the page is turned clockwise, in degrees
    # The page is a sheet that lies in the picture, with something around it.
    photographed: bool = False


@dataclass(frozen=True, slots=True)
class Detection:
    """A detector's box in a photo."""

    label: str  # the class, "person" or "building"
    box: Box  # where, in page pixels
    score: float  # the detector's own confidence, 0–1
    # Probability that a person looks under about 13, 0–1; None where not estimated.
    child: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Objects:
    """The object network's output for a photo."""

    scores: Vector  # the best score of each class anywhere in the photo, as log odds, shape (110,)
    # Anchors at a person: (x0, y0, x1, y1, score as a child, score as an adult) in photo pixels,
    # shape (n, 6).
    aged: NDArray[np.float32]
    buildings: tuple[Detection, ...]  # boxes of exterior architecture, best first
    # Boxes of persons of any age, best first: (x0, y0, x1, y1, score), shape (n, 5).
    people: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 5), np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A detected face."""

    box: Box  # where, in page pixels
    score: float  # the detector's own confidence, 0–1
    # Eyes, nose and mouth corners as (x, y) in page pixels: five points, those on the left of the
    # picture first.
    landmarks: tuple[tuple[float, float], ...]
    child: float  # probability that the face is a child's, 0–1
    # What identity is matched by, shape (640,); None for a face that is judged a child's or is too
    # small to be embedded.
    embedding: Vector | None
    # Share of its contrast that is fine detail, 0–1, as ``models.faces.sharpness`` has it; None for
    # a face that was not embedded.
    sharpness: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Heads:
    """What a network answers to the heads of some faces: never stored."""

    likeness: NDArray[np.float32]  # of a person, before whitening, shape (n, 1024)
    ages: NDArray[np.float32]  # of an age, shape (n, 256)

    def chosen(self, rows: Sequence[int]) -> Heads:
        """Return some of the heads."""
        return Heads(self.likeness[list(rows)], self.ages[list(rows)])


class CaptionPlace(StrEnum):
    """Where a photo's caption stands; above only if it is nearer than to the photo over it."""

    BELOW = "below"
    ABOVE = "above"
    BESIDE = "beside"
    INSIDE = "inside"


class TextSource(StrEnum):
    """Who has read a printed text: Tesseract here, or a library, as its format has it."""

    TESSERACT = "tesseract"
    ALTO = "alto"
    PAGE = "page"
    HOCR = "hocr"
    IIIF = "iiif"  # annotations of a canvas


class NotRead(StrEnum):
    """Why a printed text is not read."""

    NO_LANGUAGE = "no language"  # nobody has said in which language the newspaper is printed
    NO_READER = "no reader"  # Tesseract, or its data for the language, was not there
    UNSURE = "unsure"  # Tesseract was not sure, or read letters of another script
    FAILED = "failed"  # reading took too long, or ended with an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """What a printed text says, and who has read it; or why it is not read."""

    # What it says, "" when nothing could be made out; None as long as it is not read.
    text: str | None = None
    source: TextSource | None = None  # who has read it; None where that is not known
    # How sure its reader is of it, 0–1; None where that is not said.
    confidence: float | None = None
    not_read: NotRead | None = None  # why it is not read; None for a text, or where nobody tried


@dataclass(frozen=True, slots=True)
class Caption(Transcript):
    """The caption of a photo."""

    box: Box  # the text, in page pixels
    place: CaptionPlace  # where it stands


@dataclass(frozen=True, slots=True)
class Headline(Transcript):
    """The headline above a group of photos."""

    box: Box  # the text, in page pixels
    photos: tuple[int, ...]  # indices of the page's photos that stand under it


@dataclass(frozen=True, slots=True)
class Folio:
    """What a page says of itself at its head and foot; read, and never corrected."""

    # All that was read there, its rows parted by "|", "" when nothing could be made out; None as
    # long as it is not read.
    text: str | None = None
    day: date | None = None  # the day that is printed; None where none was made out
    day_confidence: float | None = None  # how sure its reader is of it, 0–1; None without a day
    number: int | None = None  # the page number that is printed; None where none was made out
    # How sure its reader is of it, 0–1; None without a number.
    number_confidence: float | None = None
    # The words where newspapers have their name; None where none were made out.
    name: str | None = None
    name_confidence: float | None = None  # how sure its reader is of them, 0–1; None without words


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """What a user's image encoder makes of a photo."""

    encoder: str  # ``Recipe.encoding_id`` of the encoder
    vector: Vector  # shape (n,); empty where the encoder gave no finite numbers


@dataclass(frozen=True, slots=True, eq=False)
class PhotoObservation:
    """The observation of one photo."""

    frame: Frame  # the photo's box on the page, and how sure the finder is
    detections: tuple[Detection, ...]  # persons and other boxes, best first
    faces: tuple[Face, ...]  # faces, largest first
    features: Vector  # image features of the whole photo, shape (1280,)
    # The best score of each class of object, as log odds, shape (110,); empty for a photo without
    # that measurement.
    objects: Vector = field(default_factory=lambda: np.zeros(0, np.float32))
    # Where in the photo fireworks, buildings and crowds seem to be, as log odds in a grid, shape
    # (3, rows, columns); empty like ``objects``.
    maps: Maps = field(default_factory=lambda: np.zeros((3, 0, 0), np.float32))
    # Where the eye is drawn and where it is sharp, as shares of the photo in a grid, shape (2,
    # rows, columns); empty for a photo without that measurement.
    attention: Attention = field(default_factory=lambda: np.zeros((2, 0, 0), np.float32))
    caption: Caption | None = None  # its caption; None without one
    # What prints of its picture are told by, as ``models.reprints.stored`` has it; empty for a
    # photo without that measurement, and where it is not read from the rows.
    fingerprint: bytes = b""
    encoding: Encoding | None = None  # of the user's image encoder; None without one


@dataclass(frozen=True, slots=True)
class PageTraits:
    """Measurements of a page as a whole."""

    skew: float  # how far it is turned clockwise, in degrees
    dpi: int  # its resolution, dots per inch, estimated from the usual height of the printed page
    colour: bool  # it is in colour, not in greys
    # Its photos are printed in visible dots; None without a photo of some size.
    halftone: bool | None
    bitonal: bool | None  # its photos are in black and white alone, without greys; None as above
    # It is a sheet that lies in the picture, with something around it: all shares here are of the
    # picture. None: it was observed before this was noticed.
    photographed: bool | None
    brightness: float  # mean lightness, 0 (black) to 1 (white)
    ink_share: float  # share of the page that is printed, 0–1
    text_share: float  # share of the page that is printed outside of photos, 0–1
    # Distance of one text column from the next in pixels; None without columns.
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
    """The probability and count of a subject in a photo."""

    subject: Subject  # which one
    probability: float  # calibrated, 0–1
    count: int | None = None  # how many, for people, crowd and children; None for the others
    # Between what numbers the true count is nine times out of ten.
    interval: tuple[int, int] | None = None
    # Boxes around it in page pixels, where the photo is taken to show it.
    where: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelReading:
    """The probability of a label, beyond the subjects, in a photo."""

    name: str  # the label, built-in or a researcher's own
    probability: float  # calibrated, 0–1


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
    """The place of a figure in a photo, and how it is shown; None where it can't be measured."""

    body: Box  # the visible part of the body, head included, in page pixels
    # Whether the body was detected; otherwise head and shoulders are put by the face.
    body_found: bool
    area_share: float  # the body's share of the photo's area, 0–1
    face_share: float | None  # height of the head over that of the visible body, 0–1
    centrality: float  # 1 with the body in the middle of the photo, 0 at its edge
    size_rank: int  # 1 if nobody in the photo is larger, 2 if one is, and so on
    people_beside: int  # how many others the photo shows
    row: DepthRow | None  # the third that the figure stands in, with enough people and depth
    shot_size: ShotSize | None  # how much of the figure the picture is framed to show
    facing: Facing | None  # where the face is turned


@dataclass(frozen=True, slots=True)
class Sighting:
    """An enrolled figure in a photo."""

    figure: str  # the figure's name
    probability: float  # that this face is the figure's, calibrated, 0–1
    box: Box  # the face, in page pixels
    # Where and how the figure is shown; None without that measurement.
    appearance: Appearance | None = None
    answer: Answer = Answer.YES  # whether that is sure
    told_by: SightingEvidence = SightingEvidence.FACE  # the evidence that decides
    # (part of the evidence, contribution in log odds) pairs, strongest first.
    reasons: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class FocusReading:
    """The focus of a photo: its scores for the leader and the facility."""

    verdict: Focus  # the answer
    leader: float  # score that the leader is the focus, 0–1
    facility: float  # score that the facility is the focus, 0–1
    # (feature, contribution) pairs for and against ``leaning``, strongest first.
    reasons: tuple[tuple[str, float], ...]
    # How far above the average training photo the feature of each reason lies, in standard
    # deviations; empty where they are not stored.
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
    """The interpretation of one photo."""

    subjects: tuple[SubjectReading, ...]  # each of ``Subject``, in that order
    sightings: tuple[Sighting, ...]  # the enrolled figures that it shows
    focus: FocusReading  # what it is composed around
    labels: tuple[LabelReading, ...] = ()  # labels beyond the subjects, built-in ones first
    label_set: str | None = None  # version of the set of the researcher's own labels, 64 hex digits
    # (figure, probability 0–1) of enrolled figures without a sighting; they count in shares and are
    # shown nowhere else.
    doubts: tuple[tuple[str, float], ...] = ()

    @property
    def presences(self) -> dict[str, float]:
        """The probability that each figure is in the photo, 0–1; figures that are missing: 0."""
        return {**dict(self.doubts), **{s.figure: s.probability for s in self.sightings}}
