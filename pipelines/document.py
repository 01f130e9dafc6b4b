"""What a page and its photos are served as, by the command line and by the API."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from presslens.models.faces.explain import reasons_in_words as sighting_in_words
from presslens.models.focus.explain import reasons_in_words
from presslens.models.geometry import Box
from presslens.models.vocabulary import (
    Answer,
    Appearance,
    Caption,
    Detection,
    FocusReading,
    Folio,
    Headline,
    PhotoInterpretation,
    PhotoObservation,
    Sighting,
    SightingEvidence,
    SubjectReading,
)
from presslens.pipelines.result import OMITTED, Keys, Rounded, Served, digits
from presslens.pipelines.statistics.layout import PageLayout, Place
from presslens.pipelines.statistics.measure import FIGURE

ServedCaption = Annotated[Caption, Keys("text place box source confidence:3 not_read")]
ServedDetection = Annotated[Detection, Keys("label box score:4")]
ServedHeadline = Annotated[Headline, Keys("text box photos source confidence:3 not_read")]
ServedFolio = Annotated[
    Folio, Keys("text day day_confidence number number_confidence name name_confidence")
]
ServedPlace = Annotated[Place, Keys("above_fold quadrant lead width_share:4 columns")]
ServedSubject = Annotated[
    SubjectReading, Keys("probability:4 count? count_interval?=interval where?")
]
ServedAppearance = Annotated[
    Appearance,
    Keys("""
        body body_found area_share:4 face_share:4 centrality:4 size_rank people_beside row shot_size
        facing
    """),
]


@dataclass(frozen=True, slots=True)
class FocusDocument(Served):
    """What a photo is composed around."""

    SERVED: ClassVar[str] = """
        verdict=reading.verdict leader=reading.leader:4 facility=reading.facility:4
        reasons=reading.reasons:4 reasons_text
    """

    reading: FocusReading

    @property
    def reasons_text(self) -> tuple[str, ...]:
        """The reasons in words."""
        return tuple(reasons_in_words(self.reading))


@dataclass(frozen=True, slots=True)
class FigureDocument(Served):
    """An enrolled figure in a photo."""

    name: str
    # That it is the figure, calibrated, 0–1; None of one that people alone have seen.
    probability: Annotated[float | None, digits(4)]
    box: Box  # the face, in pixels of the page, at the place that people give, if they give one
    answer: Answer  # whether that is sure
    told_by: SightingEvidence | Literal["people"]  # the evidence that decides
    # (part of the evidence, contribution in log odds) pairs, strongest first.
    reasons: tuple[tuple[str, Rounded], ...] = ()
    reasons_text: tuple[str, ...] = ()  # the reasons in words
    # Where and how the figure is shown; None without that measurement.
    appearance: ServedAppearance | None = None
    lead: bool | None = None  # whether the photo is the lead of its page
    # Where the machine has found the face, where people give another place.
    box_by_machine: Annotated[Box | None, OMITTED] = None


@dataclass(frozen=True, slots=True)
class PhotoContents(Served):
    """What a photo shows by the machine; nothing until it is interpreted."""

    SERVED: ClassVar[str] = "subjects labels:4 figures focus"

    meaning: PhotoInterpretation | None
    lead: bool | None = None  # whether the photo is the lead of its page
    # Highest probability of a sighting by context alone, without a face, 0–1, in the recipe of the
    # interpretation; None if that recipe is not at hand.
    cap: float | None = None
    # Where people say that figures stand, by measure.
    figure_places: Mapping[str, Box] = field(default_factory=dict)

    @property
    def subjects(self) -> dict[str, ServedSubject]:
        """The subjects, by name."""
        return {one.subject.value: one for one in self.meaning.subjects} if self.meaning else {}

    @property
    def labels(self) -> dict[str, float]:
        """The probability of each label beyond the subjects, 0–1, by name."""
        return {one.name: one.probability for one in self.meaning.labels} if self.meaning else {}

    @property
    def figures(self) -> list[FigureDocument]:
        """The enrolled figures."""
        return [self._figure(one) for one in self.meaning.sightings] if self.meaning else []

    @property
    def focus(self) -> FocusDocument | None:
        """What it is composed around."""
        return FocusDocument(self.meaning.focus) if self.meaning else None

    def _figure(self, sighting: Sighting) -> FigureDocument:
        place = self.figure_places.get(f"{FIGURE}{sighting.figure}")
        return FigureDocument(
            sighting.figure,
            sighting.probability,
            place or sighting.box,
            sighting.answer,
            sighting.told_by,
            sighting.reasons,
            tuple(sighting_in_words(sighting, cap=self.cap)),
            sighting.appearance,
            self.lead,
            sighting.box if place else None,
        )


@dataclass(frozen=True, slots=True)
class PhotoDocument(Served):
    """A photo of a page; boxes are in pixels of the page."""

    SERVED: ClassVar[str] = """
        box=observation.frame.box score=observation.frame.score:4 area_share:5 place *contents
        detections faces caption
    """

    observation: PhotoObservation
    place: ServedPlace  # where it lies on its page
    page_area: float  # area of that page, in square pixels
    contents: PhotoContents

    @property
    def area_share(self) -> float:
        """Share of the page's area, 0–1."""
        return self.observation.frame.box.area / self.page_area if self.page_area else 0.0

    @property
    def detections(self) -> tuple[ServedDetection, ...]:
        """Persons and other boxes, best first."""
        return self.observation.detections

    @property
    def faces(self) -> int:
        """How many faces were detected."""
        return len(self.observation.faces)

    @property
    def caption(self) -> ServedCaption | None:
        """Its caption; the text is null until it is read."""
        return self.observation.caption


@dataclass(frozen=True, slots=True, kw_only=True)
class PageDocument(Served):
    """A page; boxes are in pixels of the page."""

    SERVED: ClassVar[str] = """
        number source width height outcome reason? *checked_layout? photos=shown headlines folio
    """

    number: int  # its number, from 1
    source: str  # name of the file that the page came from
    outcome: str  # done, empty, rejected or failed; queued until it is analysed
    reason: str | None = None  # why it was rejected or failed
    size: tuple[int, int] | None = None  # in pixels; None for a page that was not observed
    layout: PageLayout | None = None  # None for a page that was not observed
    shown: tuple[PhotoDocument, ...] = ()  # its photos that are interpreted, in reading order
    headlines: tuple[ServedHeadline, ...] = ()  # the headlines above its photos
    # What it says of itself; None for a page that was not observed.
    folio: ServedFolio | None = None
    # Where that is surely not what its uploader says, as sentences.
    mismatches: tuple[str, ...] = ()

    @property
    def width(self) -> int | None:
        """Width in pixels."""
        return self.size[0] if self.size else None

    @property
    def height(self) -> int | None:
        """Height in pixels."""
        return self.size[1] if self.size else None

    @property
    def checked_layout(self) -> PageLayout | None:
        """Its layout, with all reasons to doubt the page."""
        layout = self.layout
        return layout and replace(layout, warnings=(*layout.warnings, *self.mismatches))


def write_document(path: Path, document: Mapping[str, Any]) -> None:
    """Write a document as JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    part.replace(path)
